# Output that no request asked for: it fails the run, unless the reply before it is known to be
# whole, or stdin was closed before it came.

A reply of several lines: the lines behind the first are told, and the run fails.
  $ printf '{"a":1}\n{"b":2}\n' | dualpipe -l -- jq --unbuffered .
  {
  dualpipe: unexpected output: 11 bytes after request 1: "  "a": 1": a reply is longer than a line: try jq -c, which writes it in one
  {
  dualpipe: unexpected output: 2 times, 22 bytes in all
  [123]

#: needs sqlite3
Two rows for one request: later replies stay in step; the preset that would do is named.
  $ dualpipe -n 1 -e 'select 1;' -e 'select 2 union select 3;' -e 'select 4;' sqlite3
  1
  2
  dualpipe: unexpected output: 2 bytes after request 2: "3": a reply may be longer than its rule says: try -a sqlite3, --fence or -u
  4
  [123]

#: needs sqlite3
It is an error, so --quiet shows it too.
  $ dualpipe -q -n 1 -e 'select 2 union select 3;' sqlite3
  2
  dualpipe: unexpected output: 2 bytes after request 1: "3": a reply may be longer than its rule says: try -a sqlite3, --fence or -u
  [123]

#: needs sqlite3
The preset gives both rows.
  $ dualpipe -a sqlite3 -e 'select 2 union select 3;'
  2
  3

A second line that comes late, but before the child waits for input again.
  $ dualpipe -e a -- sh -c 'read -r l; echo 1; sleep 0.2; echo 2; read -r l'
  1
  dualpipe: unexpected output: 2 bytes after request 1: "2": a reply may be longer than its rule says: try --fence or -u
  [123]

A second line, and the end of the child.
  $ dualpipe -e a -- sh -c 'read -r l; echo 1; echo 2'
  1
  dualpipe: unexpected output: 2 bytes after request 1: "2": a reply may be longer than its rule says: try --fence or -u
  [123]

A banner is never a reply, however late it comes.
  $ dualpipe -e a -- sh -c 'sleep 0.2; echo hello; read -r l; echo "$l"'
  dualpipe: unexpected output: 6 bytes before request 1: "hello": not taken for a reply: try --ready with how its greeting ends
  a
  [123]

--ready takes it.
  $ dualpipe --ready='^hello' -e a -- sh -c 'sleep 0.2; echo hello; read -r l; echo "$l"'
  a

--await reads it.
  $ dualpipe --await -e a -- sh -c 'sleep 0.2; echo hello; read -r l; echo "$l"'
  hello
  a

A banner before a text of the set-up is not the reply to that.
  $ dualpipe --setup s -e a -- sh -c 'echo hello; while read -r l; do echo "$l"; done' 2>&1 | sed 's/: not taken.*//'
  dualpipe: unexpected output: 6 bytes before request 1: "hello"
  a

A child that is a pipeline, whose last part prints late.
  $ dualpipe -e a -- sh -c 'cat | sed -u "s/a/1\n2/"' 2>&1 | sed 's/: a reply.*//'
  1
  dualpipe: unexpected output: 2 bytes after request 1: "2"

A sum at the end of the input is a goodbye: a note.
  $ seq 3 | dualpipe -l -- awk '{ print; fflush() } END { print NR }'
  1
  2
  3
  dualpipe: unexpected output: 2 bytes after stdin was closed

What comes behind the first text of --quit is none of it.
  $ dualpipe --quit=bye -e a -- sh -c 'while read -r l; do echo "$l"; done; echo end'
  a

What --async takes is expected.
  $ dualpipe --async='^#' -e a -e b -- sh -c 'echo "# 0"; while read -r l; do echo "$l"; echo "# 1"; done' 2>/dev/null
  a
  b

With a rule that proves nothing: -n, --bytes, -u, --length, -p.
  $ for rule in -n1 --bytes=2 '-u.' '--length=^x([0-9])'; do
  >     dualpipe "$rule" -e a -- sh -c 'read -r l; printf "x0\n2\n"; cat' >out 2>err; echo "$? $(cut -c1-58 err)"
  > done
  123 dualpipe: unexpected output: 2 bytes after request 1: "2":
  123 dualpipe: unexpected output: 3 bytes after request 1: "":\x20 (esc)
  123 dualpipe: unexpected output: 2 bytes after request 1: "2":
  123 dualpipe: unexpected output: 2 bytes after request 1: "2":

With an id it is shown as a line without one; behind the last token of a fence it is dropped.
  $ dualpipe --id='^([0-9]+)' -e '1 a' -- sh -c 'read -r l; echo "$l"; echo late; read -r l' 2>err; cat err
  > dualpipe --fence='echo {}' -e 'echo a' -- sh -c 'while read -r l; do eval "$l"; case $l in *a) ;; *) echo late; esac; done'
  1 a
  * late
  a

--unexpected=note: for those who know better.
  $ dualpipe --unexpected=note -e a -- sh -c 'read -r l; echo 1; echo 2'; dualpipe --unexpected=error -e a cat
  1
  dualpipe: unexpected output: 2 bytes after request 1: "2"
  dualpipe: option --unexpected: error: note is the only word
  [125]

--json: an object of its own; bytes that are no UTF-8 as base64.
  $ dualpipe --json -e a -- sh -c 'echo hi; read -r l; echo 1; printf "\377\n"' 2>/dev/null | sed 's/"ms.*//'
  {"unexpected":"hi\n","after":0}
  {"n":1,"request":"a","reply":["1"],"outcome":"ok","sent":true,
  {"unexpected_base64":"/wo=","after":1}

--status-fd counts the bytes.
  $ dualpipe --status-fd=3 -e a -- sh -c 'echo hi; read -r l; echo 1; echo 2' 3>status >out 2>err; echo $?; grep -o '"outcome.*"unexpected":[0-9]*' status
  123
  "outcome":"unexpected","code":0,"in":1,"answered":1,"failed":0,"unexpected":5

Several workers, each with its own; where lines shift, the run has failed all the same.
  $ seq 4 | dualpipe -j2 -w1 -l -- sh -c 'while read -r l; do echo "$l"; echo x; done' >out 2>err; echo $?; grep -om1 'unexpected output' err
  123
  unexpected output

A window: the lines shift, which the last one shows.
  $ seq 3 | dualpipe -w 3 -l -- sh -c 'while read -r l; do echo "$l"; done; echo x' 2>&1; seq 3 | dualpipe -w 3 -l -- sh -c 'read -r l; echo 0; echo $l; exec cat' >out 2>err; echo $?
  1
  2
  3
  dualpipe: unexpected output: 2 bytes after stdin was closed
  123

A launcher hides what the child waits for: all that comes until its end counts.
  $ seq 2 | dualpipe --via='env' -l -- awk '{ print; fflush() } END { print NR }' 2>&1 | sed 's/: a reply.*//'
  1
  2
  dualpipe: unexpected output: 2 bytes after stdin was closed

A child that is set up by a terminal is looked at too.
  $ dualpipe --pty -e a -- sh -c 'stty -echo; echo hello; read -r l; echo "$l"' 2>&1 | sed 's/: not taken.*//'
  dualpipe: unexpected output: [0-9]* bytes before request 1: "hello.*" (re)
  a

#: needs sqlite3
In a session what comes behind a reply fails that ask, as long as its client is there; the next is in step.
  $ dualpipe -n 1 -e 'select 1;' @s sqlite3; dualpipe -e 'select 2 union select 3;' @s; echo $?; dualpipe -e 'select 4;' @s; echo $?; dualpipe --stop @s
  1
  2
  dualpipe: unexpected output: 2 bytes after request 1: "3": a reply may be longer than its rule says: try -a sqlite3, --fence or -u
  123
  4
  0

What comes between asks is given to --follow, told to the next who asks, logged, and fails none.
  $ dualpipe -e a @s -- sh -c 'while read -r l; do echo "$l"; [ "$l" = b ] || { until [ -e go ]; do :; done; echo late; } & done'
  > dualpipe --follow @s >follow & until dualpipe --sessions | grep -q ' 1 client'; do :; done; dualpipe --sessions >x; dualpipe --sessions >x; : >go; until [ -s follow ]; do :; done
  > dualpipe -e b @s 2>err; echo $?; sed 's/late.*/late/' err; dualpipe --stop @s; wait $!; sort -u follow
  a
  b
  0
  dualpipe: unexpected output: 5 bytes before request 1: "late
  late
