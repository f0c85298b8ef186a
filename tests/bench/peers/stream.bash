# Bytes both ways through a coprocess of bash: a cat in the background writes, one reads.
# bash stream.bash COMMAND...
# shellcheck shell=bash
exec 5<&0
coproc "$@"
pid=$COPROC_PID
exec 3<&"${COPROC[0]}" 4>&"${COPROC[1]}"
eval "exec ${COPROC[0]}<&- ${COPROC[1]}>&-"
cat <&5 >&4 3<&- &
exec 4>&- 5<&-
cat <&3
wait "$pid"
