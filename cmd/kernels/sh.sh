# The kernel of sh, dash and busybox: sent once to a shell that reads its script from stdin.
#
# Each request is then sent as the wrap of the preset:
#
#     _dp= \command \eval {q} <&${_dpi-0} 8<&${_dpc-8} 9>&${_dpc-9}
#
#     case $-${_dpm-} in *x*){ _dpx {} $?;} 2>/dev/null;;*)_dp {} $? {q};;esac
#
# "command eval" makes an error of a request no end of the shell. The empty line is for bash, which
# takes "case" for a word after a syntax error in eval. "_dp" prints the token and the status behind
# the reply, and hands the status on as $?.
#
# Two ways to read the requests:
# - Where "." reads a file as it comes (dash, busybox, ash), the requests are a dotted file. The
#   shell has it on a descriptor above 9 that no program inherits. stdin is /dev/null, and stays
#   what a request makes of it. In the wrap 0 is copied to 0, and so on, which costs nothing. The
#   second set-up text, "_dpn", puts /dev/null there, when the dot has opened the file.
# - Else (bash reads such a file whole; a terminal; a socket, or a pipe of another user, can't be
#   opened again) 8 is /dev/null and 9 a copy of stdout. Both are closed while a request runs.
#
# A request may have replaced stdout. That is looked for only behind a request with "exec", "eval"
# (one pattern for both costs less) or a dot in its text, and from then on: "_dpx" prints to the
# first stdout. With a dotted file that is what the shell has saved on a descriptor above 9 while
# stdout is redirected, which it is for good. "_dpx" is also the way with set -x: stderr is
# /dev/null meanwhile, so that no token is traced.
#
# SIGINT gives a request up: the trap makes an error of it, which "command" catches. "_dp" is set
# only in front of it, so the trap does nothing at any other time. In bash an error in a trap gives
# nothing up: there the trap is that of bash_trap.sh, which is sent in front of this.
_dp() {
    case $3 in
    *e[xv][ea][cl]* | *.\ *) _dpx "$1" "$2" ;;
    *) command printf "%s %d\n" "$1" "$2" ;;
    esac
    return "$2"
}
case ${BASH_VERSION-}${KSH_VERSION-}${ZSH_VERSION-}${YASH_VERSION-} in
"")
    trap "{ : \${_dp+\${_dpx?}};} 2>/dev/null" INT
    [ -p /dev/fd/0 ] && [ -r /dev/fd/0 ] && [ -w /dev/fd/1 ] || _dpi=8
    ;;
*)
    _dpi=8
    ;;
esac
if [ "${_dpi-}" ]; then
    exec 8</dev/null 9>&1
    if [ -t 0 ]; then _dpi=0 PS1= PS2=; fi
    _dpc=- _dpm=x
    _dpn() { unset -f _dpn; }
    _dpx() {
        command printf "%s %d\n" "$1" "$2" >&9
        return "$2"
    }
else
    _dpn() { unset -f _dpn; exec </dev/null; }
    _dpx() {
        command printf "%s %d\n" "$1" "$2" >"$_dpo"
        _dpm=x
        return "$2"
    }
fi
{
    echo {}
    if [ ! "${_dpi-}" ]; then
        {
            for _dpo in 10 11 12 13 14 15 16 17 18 19; do
                _dpo=/dev/fd/$_dpo
                [ /dev/fd/1 -ef "$_dpo" ] && break
            done
            . /dev/fd/0
        } >/dev/fd/1
    fi
}
