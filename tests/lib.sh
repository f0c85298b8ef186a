# The parts of tests/run: reading cases, running them, judging what they did.
# A job is a number; "$T/N" with a suffix names its files, $box is that prefix.
# shellcheck shell=sh disable=SC2154 # the options are set in run

nl='
'
tab=$(printf '\t')

# Reading: one .t file into N.job (what to run) and N.want (expected output).
# shellcheck disable=SC2016 # an awk program
parser='
function clear() {
    sentence = needs = command = want = status = ""; limit = 30; from = blank = marks = 0; is_long = all_long + 0
}
function job(kind, text) {
    if (kind == "case" && (FILENAME ": " text) !~ pattern) return
    if (kind == "case" && part != "" && part != (is_long ? "long" : "quick")) return
    name = dir "/" ++total
    print kind, line, from, to, limit, !marks >(name ".job")
    print FILENAME "\n" text "\n" all_need needs "\n" status "\n" command >(name ".job")
    printf "%s", want >(name ".want")
    close(name ".job"); close(name ".want")
}
function finish() {
    if (want != "" && last ~ /^\[([0-9]+|killed [A-Z0-9]+)\]$/) {
        status = last
        want = substr(want, 1, length(want) - length(last) - 1)
    }
    if (from) job("case", sentence)
    else if (sentence != "") broken("a sentence without a command")
    clear()
}
function broken(text) { line = FNR; job("broken", text); clear() }
BEGIN { pattern = ENVIRON["pattern"]; dir = ENVIRON["dir"]; total = ENVIRON["total"]; part = ENVIRON["part"]; clear() }
/^#:/ {
    if (from) finish()
    if ($2 == "needs" && NF == 3) needs = needs " " $3
    else if ($2 == "all" && $3 == "needs" && NF == 4) all_need = all_need " " $4
    else if ($2 == "limit" && $3 ~ /^[0-9]+$/) limit = $3
    else if ($2 == "long" && NF == 2) is_long = 1
    else if ($2 == "all" && $3 == "long" && NF == 3) is_long = all_long = 1
    else broken("an unknown directive")
    next
}
/^#/ { next }
/^[ \t]*$/ { blank++; next }
/^  \$ / {
    if (from) broken("a second command for one sentence")
    else if (sentence == "") broken("a command without a sentence")
    else { command = substr($0, 5); to = FNR; from = FNR + 1; blank = 0 }
    next
}
/^  >/ && FNR == from { command = command "\n" substr($0, 5); to = from++; next }
/^  / {
    if (!from) { broken("output without a command"); next }
    for (; blank; blank--) want = want "\n"
    last = substr($0, 3); to = FNR
    want = want last "\n"
    if (last ~ / \((re|esc|no-eol)\)$/ || last == "(*)") marks = 1
    next
}
{
    if (from) finish()
    if (sentence == "") line = FNR
    sentence = sentence (sentence == "" ? "" : " ") $0
}
END { finish(); print total }'

add_jobs() { # FILE: adds its cases, or the one unit test or file of scenes it is
    case $1 in
    *'*' | *"*.t") [ -e "$1" ] || return 0 ;;
    esac
    case $1 in
    *.t)
        [ -r "$1" ] || { echo "tests/run: cannot read $1" >&2; exit 2; }
        total=$(dir=$T pattern=$pattern total=$total part=$part awk "$parser" "$1") ;;
    *.scene)
        [ -r "$1" ] || { echo "tests/run: cannot read $1" >&2; exit 2; }
        add_program "$1" "'$SRC/tests/scene' ${accept:+--accept} " ;;
    *)
        [ -x "$1" ] || { echo "tests/run: not a .t file nor a program: $1" >&2; exit 2; }
        add_program "$1" '' ;;
    esac
}

add_program() { # FILE COMMAND: one that prints TAP, given to the command if there is one
    printf '%s\n' "$1" | grep -Eqe "$pattern" || return 0
    rounds=- is_long='' limit=120
    look_up "$1"
    case $part,$is_long,$rounds in
    quick,1,- | long,,*) return 0 ;;
    esac
    case $part$short,$is_long,$rounds in
    quick*,1,[0-9]* | *1,1,[0-9]*) set -- "$1" "env DUALPIPE_TIMES=$rounds $2" ;;
    esac
    total=$((total + 1))
    case $1 in /*) ;; *) set -- "$PWD/$1" "$2" ;; esac
    printf 'unit 0 0 0 %d 0\n%s\n\n\n\n%s\n' "$limit" "$1" "exec $2'$1'" >"$T/$total.job"
}

look_up() { # FILE: sets $is_long, $limit and $rounds to what tests/long says of it
    [ -e "$SRC/tests/long" ] || return 0
    while read -r name seconds cut _; do
        case /$1 in */"$name") is_long=1 limit=$seconds rounds=$cut ;; esac
    done <"$SRC/tests/long"
}

# The one place that limits of time follow: $slow is how many times longer than on a quiet machine
# something takes here and now. It is measured by starting a program ten times and waiting for its
# end, less than 10 ms each, again every 15 s, and is shared by the workers in $T/slow. Every limit of the
# harness is multiplied by it; what a case starts finds it as SLOW.
reckon() {
    read_clock
    slow='' reckoned=0
    [ ! -e "$T/slow" ] || read -r slow reckoned <"$T/slow" || slow=''
    [ -z "$slow" ] || [ $((ms - reckoned)) -gt 15000 ] || return 0
    from_ms=$ms
    for _ in 1 2 3 4 5 6 7 8 9 10; do env true; done
    read_clock
    slow=$((1 + (ms - from_ms) / 100))
    [ "$slow" -le 20 ] || slow=20
    echo "$slow $ms" >"$T/slow"
}

# Running: every worker takes the next job that no other has claimed, and
# writes its number when its N.res is there.
workers() {
    w=0
    while [ $((w += 1)) -le "$jobs" ]; do work & done
    wait
}

work() {
    n=0 used=''
    while [ -e "$T/$((n += 1)).job" ]; do
        box=$T/$n
        [ ! -e "$box.claim" ] || continue
        (set -C; : >"$box.claim") 2>/dev/null || continue
        reckon
        read_clock; began=$ms cpu_began=$cpu
        run_job >"$box.res"
        read_clock
        echo "$((ms - began)) $((cpu - cpu_began)) $label" >"$box.time"
        : >"$box.done"
        echo "$n"
        # A program is dear to start where many are: four boxes are emptied by one.
        used="$used $box $box.tmp"
        case $used in *' '*' '*' '*' '*' '*' '*' '*' '*) clear_boxes ;; esac
    done
    clear_boxes
}

# shellcheck disable=SC2086 # words
clear_boxes() { [ -z "$used" ] || rm -rf $used; used=''; }

# The directories of all jobs, by one program.
make_boxes() {
    awk -v n="$total" 'BEGIN { for (i = 1; i <= n; i++) print i "\n" i ".tmp" }' |
        (cd "$T" && xargs mkdir)
}

# Sets $ms, the time since the machine's start, and $cpu, what this shell and the children it has
# waited for have taken of the processor, both in milliseconds; the kernel counts hundredths.
read_clock() {
    read -r up _ </proc/uptime
    ms=${up%.*}${up#*.}0
    read -r cpu </proc/self/stat
    # shellcheck disable=SC2086 # words
    set -- ${cpu##*") "}
    shift 11
    cpu=$((($1 + $2 + $3 + $4) * 10))
}

run_job() { # prints "ok", "fail" or "skip", a label, and details indented by two
    command='' bad=''
    {
        read -r kind line from to limit plain
        read -r file
        read -r sentence
        read -r needs
        read -r expected
        while IFS= read -r text; do command=$command$text$nl; done
    } <"$box.job"
    label="${file#"$SRC"/}:$line: $sentence"
    [ "$kind" != broken ] || { printf 'fail %s\n' "$label"; return; }
    as=
    for need in $needs; do
        why="needs $need"
        unmet "$need" && { printf 'skip %s\t%s\n' "$label" "$why"; return; }
    done
    : >"$box.status"
    [ -z "$as" ] || chown 65534:65534 "$box" "$box.tmp" "$box.status"
    run_command
    check_hygiene
    judge_"$kind"
}

unmet() { # NEED: true when it is missing; sets $as for an ordinary user, and may say more in $why
    case $1 in
    root) [ "$(id -u)" -ne 0 ] ;;
    sandbox)
        why='needs a strict sandbox, which this place has not'
        ! dualpipe --sandbox=check >/dev/null 2>&1 ;;
    session-place) # where sessions are without a home; what is there already may be another's
        place=/tmp/dualpipe-$(id -u) why="needs /tmp/dualpipe-$(id -u) to be a directory of ours, or free"
        [ -e "$place" ] && { [ ! -d "$place" ] || [ ! -O "$place" ]; } ;;
    user)
        [ "$(id -u)" -eq 0 ] || return 1
        as='setpriv --reuid=65534 --regid=65534 --clear-groups'
        ! unmet setpriv || return 0
        # A clone below a home of mode 0700 is out of its reach.
        why='needs an ordinary user who can read what is built'
        [ -e "$BUILD" ] && ! $as test -x "$BUILD/." ;;
    *) ! command -v "$1" >/dev/null ;;
    esac
}

run_command() { # sets $status to "" for 0, or to "[3]" or "[killed TERM]", and $late
    {
        list_flags; flags_before=$flags
        # shellcheck disable=SC2086 # $as and $shell are words
        env -i -C "$box" --default-signal PATH="$PATH" HOME="$box" TMPDIR="$box.tmp" \
            XDG_RUNTIME_DIR="$box" LC_ALL=C TZ=UTC TERM=dumb SRC="$SRC" BUILD="$BUILD" DUALPIPE_CASE="$box/" \
            PART="$part" SLOW="$slow" TAP_ALARM=$((${TAP_ALARM:-60} * slow)) \
            ${ASAN_OPTIONS+"ASAN_OPTIONS=$ASAN_OPTIONS"} ${UBSAN_OPTIONS+"UBSAN_OPTIONS=$UBSAN_OPTIONS"} \
            ${TSAN_OPTIONS+"TSAN_OPTIONS=$TSAN_OPTIONS"} ${LSAN_OPTIONS+"LSAN_OPTIONS=$LSAN_OPTIONS"} \
            ${DUALPIPE_WRAP+"DUALPIPE_WRAP=$DUALPIPE_WRAP"} \
            setsid -w timeout -v -k $((5 * slow)) $((limit * slow)) $as $shell -c "exec 2>&1; ${command}echo \$? >'$box.status'"
        status=$?
        list_flags
    } </dev/null >>"$box.out" 2>"$box.err"
    late=
    [ ! -s "$box.err" ] || ! grep -q '^timeout: sending signal' "$box.err" || late=1
    read -r number <"$box.status" || number=
    status=${number:-$status}
    [ "$status" -le 256 ] || status=$((status - 128)) # ksh adds 256 to a signal
    if [ "$status" -eq 0 ]; then status=
    elif [ -z "$number" ] && [ "$status" -gt 128 ]; then status="[killed $(kill -l $((status - 128)))]"
    else status="[$status]"; fi
}

# Hygiene: what a case must leave as it found it.
# It has a HOME, a TMPDIR and an
# XDG_RUNTIME_DIR of its own: what is elsewhere may be another's.
check_hygiene() { # adds lines to $bad
    [ -z "$late" ] || blame "took longer than its limit of $limit s, $slow times"
    tries=0
    while strays "$box/" >"$box.strays"; [ -s "$box.strays" ] && [ $((tries += 1)) -lt $((40 * slow)) ]; do
        sleep 0.05
    done
    [ ! -s "$box.strays" ] || kill_strays "$box/"
    for left in "$box.tmp"/dualpipe* "$box"/dualpipe[!a-z]*; do
        [ ! -e "$left" ] || blame "left a file: $left"
    done
    [ "$flags" = "$flags_before" ] ||
        blame "changed descriptor flags 0 1 2 from$flags_before to$flags (04000 is O_NONBLOCK)"
    [ -z "$tty" ] || [ "$tty" = "$(tty_settings)" ] ||
        { blame "changed the settings of the terminal"; stty "$tty" </dev/tty; }
}

blame() { bad="$bad  $1$nl"; }

# MARK: the processes started by the cases whose mark begins so. The status says nothing: it is that
# of an error as soon as one of all processes ends meanwhile.
strays() {
    grep -lasF "DUALPIPE_CASE=$1" /proc/[0-9]*/environ
}

kill_strays() { # MARK: adds lines to $bad
    for left in $(strays "$1"); do
        left=${left%/environ}
        blame "left a process: $({ tr '\0\n' '  ' <"$left/cmdline"; } 2>/dev/null)"
        kill -9 "${left#/proc/}" 2>/dev/null
    done
}

list_flags() { # sets $flags to those of descriptors 0, 1 and 2
    flags=
    for fd in 0 1 2; do
        while read -r key value <&3; do
            [ "$key" != flags: ] || flags="$flags $value"
        done 3<"/proc/self/fdinfo/$fd"
    done
}

tty_settings() { { stty -g </dev/tty; } 2>/dev/null; }

# Judging: the output line by line against N.want, with its marks; prints what
# was written as an expectation, with the lines of N.want that still hold.
# shellcheck disable=SC2016 # an awk program
matcher='
function escape(s, out) { # s has its backslashes doubled and \x00 for NUL
    for (; match(s, /[^ -~]/); s = substr(s, RSTART + 1))
        out = out substr(s, 1, RSTART - 1) form[substr(s, RSTART, 1)]
    return out s
}
function change(s, old, new, out, i) {
    for (; i = index(s, old); s = substr(s, i + length(old))) out = out substr(s, 1, i - 1) new
    return out s
}
function normal(s, out, i, h) { # an (esc) line as escape() would write it
    for (; i = index(s, "\\"); s = substr(s, i + 2 + 2 * (h != ""))) {
        h = substr(s, i + 1, 1) == "x" ? tolower(substr(s, i + 2, 2)) : ""
        out = out substr(s, 1, i - 1) (h == "" ? substr(s, i, 2) : form[byte[h]] == "" ? "\\x" h : form[byte[h]])
    }
    return escape(out s)
}
function written(j, s, t) { # line j of the output as an expectation
    s = got[j]
    t = change(s, "\\\\", "")
    mark = index(t, "\\") || s ~ / (\((re|esc|no-eol)\))?$/ || (s == "" && j == n && !status)
    if (s ~ /^([$>] .*|\[.*\]|\(\*\))$/) { mark = 1; s = hex[substr(s, 1, 1)] substr(s, 2) }
    sub(/ $/, "\\x20", s)
    return (mark ? s " (esc)" : change(s, "\\\\", "\\")) (cut && j == n ? " (no-eol)" : "")
}
function same(i, j) {
    if (star[i] || noeol[i] != (cut && j == n)) return 0
    if (!(i in re)) return want[i] == got[j]
    if (!ran[i]++) {
        print re[i] >(box ".re"); close(box ".re")
        find = "grep -anxE -f \"" box ".re\" \"" box ".out\""
        while ((find | getline line) > 0) hit[i, line + 0] = 1
        close(find)
    }
    return (i, j) in hit
}
function matches(i, j, back, from) {
    for (i = j = 1; j <= n;) {
        if (star[i]) { back = ++i; from = j }
        else if (i <= m && same(i, j)) { i++; j++ }
        else if (back) { i = back; j = ++from }
        else return 0
    }
    while (star[i]) i++
    return i > m
}
function merge(i, j, k, b) { # agreeing head and tail, then in the middle the next that agrees
    for (i = 1; i <= m && i <= n && same(i, i); i++) print src[i]
    for (b = 0; i <= m - b && i <= n - b && same(m - b, n - b); b++) ;
    for (j = i; j <= n - b || (star[i] && i <= m - b);) {
        if (star[i] && i <= m - b) {
            print src[i++]
            while (j <= n - b && !(i <= m - b && same(i, j))) j++
            continue
        }
        for (k = i; k <= m - b && k < i + 99 && !same(k, j); k++) ;
        if (k <= m - b && k < i + 99) { print src[k]; i = k + 1 } else print written(j)
        j++
    }
    for (; b; b--) print src[m - b + 1]
}
BEGIN {
    box = ENVIRON["box"]; status = ENVIRON["status"] != ""
    for (i = 1; i < 256; i++) {
        c = sprintf("%c", i); h = sprintf("%02x", i)
        byte[h] = c; hex[c] = "\\x" h; form[c] = c ~ /[ -~]/ ? c : "\\x" h
    }
    form["\t"] = "\\t"; form["\r"] = "\\r"; form["\\"] = "\\\\"
    while ((getline s <(box ".want")) > 0) {
        src[++m] = s
        star[m] = s == "(*)"
        noeol[m] = sub(/ \(no-eol\)$/, "", s)
        if (sub(/ \(re\)$/, "", s)) re[m] = s
        want[m] = sub(/ \(esc\)$/, "", s) ? normal(s) : escape(change(s, "\\", "\\\\"))
    }
}
{ got[++n] = escape($0) }
END {
    if (got[n] == "$") n--
    else { cut = 1; got[n] = substr(got[n], 1, length(got[n]) - 1) }
    if (matches()) exit 0
    merge(); exit 1
}'

match_output() { # true when it matches, else N.new is the new expectation
    [ -s "$box.want" ] || [ -s "$box.out" ] || return 0
    [ "$plain" = 1 ] && cmp -s "$box.want" "$box.out" && return
    { cat "$box.out"; echo '$'; } | sed 's/\\/\\\\/g; s/\x00/\\x00/g' |
        box=$box status=$status awk "$matcher" >"$box.new"
}

judge_case() {
    if match_output; then
        [ "$status$bad" = "$expected" ] && { printf 'ok %s\n' "$label"; return; }
        cat "$box.want" >"$box.new"
    fi
    printf 'fail %s\n%s' "$label" "$bad"
    for part in "want $expected" "new $status"; do
        [ -z "${part#* }" ] || printf '%s\n' "${part#* }" >>"$box.${part%% *}"
    done
    diff -u --label expected --label got "$box.want" "$box.new" | sed 's/^/  /'
    [ "$status" = "$expected" ] || sed 's/^/  /' "$box.err"
    [ -n "$late" ] || cmp -s "$box.want" "$box.new" || printf '%s\n%s %s\n' "$file" "$from" "$to" >"$box.accept"
}

judge_unit() { # its TAP, and one failure more when it did not end as TAP should
    label=${file#"$SRC"/} status=$status bad=$bad awk '
    function fail(text) { print "fail " label ": " text; failed++ }
    BEGIN { label = ENVIRON["label"]; status = ENVIRON["status"]; bad = ENVIRON["bad"]; plan = -1 }
    /^1\.\.[0-9]+/ { plan = substr($1, 4) + 0; if (/# [Ss][Kk][Ii][Pp]/) skip(label) }
    function skip(name, i) { match($0, /# *[Ss][Kk][Ii][Pp][^ ]* */); print "skip " name "\t" substr($0, RSTART + RLENGTH) }
    /^(not )?ok/ {
        ran++; text = $0
        sub(/^(not )?ok *[0-9]* *(- *)?/, "", text)
        if (/^not/) fail(text)
        else if (match(text, / *# *[Ss][Kk][Ii][Pp]/)) skip(label ": " substr(text, 1, RSTART - 1))
        else print "ok " label ": " text
        next
    }
    /^#/ && failed { print "  " $0 }
    END {
        if (plan < 0) fail("no plan")
        else if (ran != plan) fail("planned " plan " tests and ran " ran + 0)
        if (status ~ /killed/ || (status != "" && !failed)) fail("ended with " status)
        if (bad != "") { fail("hygiene"); printf "%s", bad }
    }' "$box.out"
}

# Showing: the results in the order of the jobs, then the counts.
report() { # reads the numbers of finished jobs; fails unless all passed
    next=1 passed=0 failed=0 skipped=0 count=0
    [ -z "$tap" ] || echo 'TAP version 13'
    while read -r _; do
        while [ -e "$T/$next.done" ]; do
            while IFS= read -r entry; do show "$entry"; done <"$T/$next.res"
            next=$((next + 1))
        done
    done
    for lost in "$T"/*.job; do
        [ ! -e "$lost" ] || [ -e "${lost%job}done" ] || show "fail job ${lost##*/} has no result"
    done
    [ -z "$tap" ] || printf '1..%d\n# ' "$count"
    [ "$skipped" -eq 0 ] && skips='' || skips=", $skipped skipped"
    echo "$passed passed, $failed failed$skips"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}

show() { # a line of a result
    label=${1#* } reason=
    case $1 in
    'ok '*) passed=$((passed + 1)) word='ok  ' ;;
    'fail '*) failed=$((failed + 1)) word=FAIL ;;
    'skip '*) skipped=$((skipped + 1)) word=skip reason=${label#*"$tab"} label=${label%%"$tab"*} ;;
    *) printf '%s%s\n' "${tap:+#}" "$1"; return ;;
    esac
    count=$((count + 1))
    if [ "$tap" ]; then
        case $word in FAIL) word='not ok' ;; *) word=ok ;; esac
        printf '%s %d - %s\n' "$word" "$count" "$label${reason:+ # SKIP $reason}"
    elif [ "$verbose" ] || [ "$word" != 'ok  ' ]; then
        printf '%s %s\n' "$word" "$label${reason:+ ($reason)}"
    fi
}

show_times() { # what each job took, the longest first
    echo 'seconds processor job'
    cat "$T"/*.time | sort -rn |
        awk '{ printf "%7.2f %9.2f", $1 / 1000, $2 / 1000; $1 = $2 = ""; print }'
}

accept_all() { # from the last case to the first, so that line numbers stay true
    while [ "$total" -gt 0 ]; do
        box=$T/$total total=$((total - 1))
        [ -e "$box.accept" ] || continue
        { read -r file; read -r from to; } <"$box.accept"
        awk -v from="$from" -v to="$to" '
        FILENAME == ARGV[1] { new = new ($0 == "" ? "" : "  " $0) "\n"; next }
        FNR < from || FNR > to
        FNR == from - 1 { printf "%s", new }' "$box.new" "$file" >"$box.file" &&
            cat "$box.file" >"$file"
    done
}
