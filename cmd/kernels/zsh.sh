# The kernel of zsh: sent once to a zsh that reads its script from stdin.
#
# Each request is then sent as the wrap of the preset:
#
#     { \builtin eval {q} } always { { _dp {} $? } 2>/dev/null }
#
# zsh reads a dotted file as it comes: the requests are one, on a descriptor that no program
# inherits, and stdin is /dev/null. The second set-up text, "_dpn", puts it there, when the dot has
# opened the file. A stdin that can't be opened again (a socket, a pipe of another user) goes
# through a pipe of our own. A terminal stays as it is.
#
# "_dp" prints the token and the status to a copy of stdout that no program inherits. Without stderr
# set -x traces no token. There is no printf in it: zsh may run a trap within a builtin, which would
# print what is in the buffer of the request.
#
# SIGINT gives a request up: the trap makes an interrupt of it while eval runs, and nothing else at
# any other time.
zmodload -F zsh/system b:syswrite b:sysopen
if [[ -w /dev/fd/1 ]] && sysopen -w -o cloexec -u _dpo /dev/fd/1 2>/dev/null; then
    :
else
    exec {_dpo}>&1
fi
if [[ ! -t 0 && ! ( -p /dev/fd/0 && -r /dev/fd/0 ) ]]; then
    exec < <(trap "" INT; exec cat)
fi
eval "_dp() {
    TRY_BLOCK_ERROR=0 TRY_BLOCK_INTERRUPT=0
    builtin syswrite -o $_dpo \"\$1 \$2
\"
    return \$2
}"
unset _dpo
trap "[[ \$ZSH_EVAL_CONTEXT = *:eval* ]] && { } always { TRY_BLOCK_INTERRUPT=1 }" INT
_dpn() {
    unfunction _dpn
    [[ -t 0 ]] || exec </dev/null
    setopt functionargzero
}
setopt nofunctionargzero # $0 stays, but for "_dpn" and the dot
{
    echo {}
    if [[ ! -t 0 ]]; then
        . /dev/fd/0
    fi
}
