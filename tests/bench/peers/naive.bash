# All input written to a coprocess of bash before its output is read: as one writes it first,
# and it deadlocks as soon as both pipes are full. bash naive.bash COMMAND...
# shellcheck shell=bash
coproc "$@"
exec 3<&"${COPROC[0]}" 4>&"${COPROC[1]}"
eval "exec ${COPROC[0]}<&- ${COPROC[1]}>&-"
cat >&4
exec 4>&-
cat <&3
