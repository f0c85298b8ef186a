# The kernel of bash: sent once to a bash that reads its script from stdin.
#
# Each request is then sent as the wrap of the preset:
#
#     command eval {q} <$_dpi 9>&-
#
#     { _dp {}&&:;} 2>&-
#
# bash reads such a script with a system call a byte, so the wrap is short. The empty line is
# needed: after a syntax error in eval bash takes the next "{" for a word.
#
# 9 is a copy of stdout, closed while a request runs. "_dp" prints the token and the status there,
# so a request may replace stdout. It hands the status on as $?; "&&:" keeps an ERR trap quiet.
# Without stderr set -x traces no token.
#
# "_dpi" is the stdin of a request: /dev/null, or the terminal.
#
# SIGINT gives a request up: bash_trap.sh, which is sent in front of this.
_dp() {
    command set -- $? "$1"
    command printf "%s %d\n" "$2" "$1" >&9
    command return "$1"
}
_dpi=/dev/null
if [ -t 0 ]; then _dpi=/dev/tty PS1= PS2=; fi
exec 9>&1
echo {}
