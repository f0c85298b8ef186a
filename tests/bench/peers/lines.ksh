# Each line of stdin asked of a coprocess of a Korn shell (ksh93, mksh), in lockstep.
# ksh93 lines.ksh COMMAND...
"$@" |&
while IFS= read -r line; do
    print -rp -- "$line"
    IFS= read -rp reply
    print -r -- "$reply"
done
