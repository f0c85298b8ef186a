# How bash gives a request up at SIGINT: sent in front of bash.sh, and of sh.sh where sh is bash.
#
# While 9 is closed, as it is while a request runs, each further command is skipped by a DEBUG trap,
# and loops are left. The first command that finds 9 open takes that trap away. At any other time 9
# is open, and the signal does nothing.
trap "{ true >&9 || {
    shopt -s extdebug
    trap \"{ true >&9 && { trap - DEBUG; shopt -u extdebug; } || { break 999; false; }; } \
        2>/dev/null\" DEBUG
    break 999
    exec </dev/null
}; } 2>/dev/null" INT
