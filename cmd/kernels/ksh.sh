# The kernel of ksh: sent once to a ksh that reads its script from stdin.
#
# Each request is then sent as the wrap of the preset:
#
#     \command \eval {q} <$_dpi 9>&-
#     { _dp {};} >/dev/null 2>&1
#
# "command eval" makes an error of a request no end of the shell. 9 is a copy of stdout, closed
# while a request runs. "_dp" prints the token and the status there, so a request may replace
# stdout. It hands the status on as $?. A status above 256 is a signal, told as other shells do.
# Without stderr set -x traces no token. By "eval" a function called "command" is seen: no token
# comes then.
#
# "_dpi" is the stdin of a request: /dev/null, or the terminal.
#
# SIGINT ends ksh: what a trap can do gives pipelines up only in part.
_dp() {
    set -- $? "$1"
    eval "command printf \"%s %d\\n\" $2 $(($1 > 256 ? $1 - 128 : $1)) >&9"
    return "$1"
}
_dpi=/dev/null
if [ -t 0 ]; then _dpi=/dev/tty; fi
exec 9>&1
echo {}
