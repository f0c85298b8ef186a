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
# SIGINT gives a request up: while 9 is closed, each further command is skipped by a DEBUG trap, and
# loops are left. The first command that finds 9 open takes the trap away.
_dp() {
    command set -- $? "$1"
    command printf "%s %d\n" "$2" "$1" >&9
    command return "$1"
}
trap "{ true >&9 || {
    shopt -s extdebug
    trap \"{ true >&9 && { trap - DEBUG; shopt -u extdebug; } || { break 999; false; }; } \
        2>/dev/null\" DEBUG
    break 999
    exec </dev/null
}; } 2>/dev/null" INT
_dpi=/dev/null
if [ -t 0 ]; then _dpi=/dev/tty PS1= PS2=; fi
exec 9>&1
echo {}
