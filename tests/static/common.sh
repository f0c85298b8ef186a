# common.sh: what the static checks share. Each sources it first, from the top of the tree.
# TREE: another tree, for the tests of the checks in tests/harness. BUILD: where it was built.
# shellcheck shell=sh
cd "${TREE:-$(dirname "$0")/../..}" || exit 2
: "${BUILD:=build}"
export LC_ALL=C
lists=tests/static

verdict() { # TEXT: passes if standard input is empty, which else says what is wrong
    wrong=$(cat)
    [ -z "$wrong" ] || printf 'not '
    echo "ok - $1"
    [ -z "$wrong" ] || printf '%s\n' "$wrong" | sed 's/^/# /'
}

number() { # gives the results of standard input their numbers and the plan
    awk '/^(not )?ok/ { sub(/ok -/, "ok " ++n " -") } { print } END { print "1.." n + 0 }'
}

# The lines of C sources, each after FILE:LINE:, either without comments and with empty strings, or
# the text of the comments alone.
code() { split_c code "$@"; }
comments() { split_c note "$@"; }
split_c() { # code|note FILE...
    part=$1
    shift
    [ $# -gt 0 ] || return 0
    awk -v part="$part" '
    FNR == 1 { inside = 0 }
    {
        line = $0; code = note = ""
        while (line != "") {
            if (inside) {
                end = index(line, "*/")
                note = note (end ? substr(line, 1, end - 1) " " : line)
                line = end ? substr(line, end + 2) : ""
                inside = !end
                continue
            }
            if (!match(line, /["\047]|\/\*|\/\//)) { code = code line; break }
            code = code substr(line, 1, RSTART - 1)
            line = substr(line, RSTART)
            first = substr(line, 1, 1)
            if (substr(line, 1, 2) == "/*") { inside = 1; code = code " "; line = substr(line, 3) }
            else if (first == "/") { note = note substr(line, 3); line = "" }
            else if (match(line, /^"([^"\\]|\\.)*"/) || match(line, /^\047([^\047\\]|\\.)*\047/)) {
                code = code first first
                line = substr(line, RLENGTH + 1)
            } else { code = code first; line = substr(line, 2) }
        }
        print FILENAME ":" FNR ": " (part == "code" ? code : note)
    }' "$@"
}

rows() { # LIST: its lines without comments and blank ones
    [ ! -e "$lists/$1" ] || sed 's/[ 	]*#.*//; /^[ 	]*$/d' "$lists/$1"
}

# Files that exist of those given: a pattern that matches none stands for itself.
existing() {
    for file; do [ ! -f "$file" ] || printf '%s\n' "$file"; done
}
sources() { existing lib/*/*.c cmd/*.c cmd/*/*.c; }
headers() { existing lib/*/*.h cmd/*.h cmd/*/*.h lib/include/dualpipe/*.h | sort -u; }

# The objects of the sources that are: those of a file that has gone may still lie there.
objects() {
    for file in $(sources); do
        [ ! -e "$BUILD/${file%.c}.o" ] || printf '%s\n' "$BUILD/${file%.c}.o"
    done
}
check_built() {
    for file in $(sources); do [ -e "$BUILD/${file%.c}.o" ] || echo "$file"; done |
        verdict "every source has been built in $BUILD"
}
