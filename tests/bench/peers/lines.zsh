# Each line of stdin asked of a coprocess of zsh, in lockstep.
# zsh -f lines.zsh COMMAND...
coproc command "$@"
while IFS= read -r line; do
    print -rp -- "$line"
    IFS= read -rp reply
    print -r -- "$reply"
done
