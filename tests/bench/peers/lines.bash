# Each line of stdin asked of a coprocess of bash, in lockstep.
# bash lines.bash COMMAND...
# shellcheck shell=bash
coproc "$@"
pid=$COPROC_PID
exec 3<&"${COPROC[0]}" 4>&"${COPROC[1]}"
eval "exec ${COPROC[0]}<&- ${COPROC[1]}>&-"
while IFS= read -r line; do
    printf '%s\n' "$line" >&4
    IFS= read -r reply <&3
    printf '%s\n' "$reply"
done
exec 4>&-
wait "$pid"
