# The presets of shells: what each answers, with its status, and what ends it. The same is expected
# of each shell; what differs has a case of its own.

A value stays; several lines; blank lines within; a here-document; no line end; stderr.
#: needs bash
#: needs zsh
#: needs ksh
  $ for sh in sh dash bash zsh ksh; do
  >     dualpipe -t 60 -a $sh -e 'x=5' -e 'echo $x
  > echo "a
  > 
  > b"
  > 
  > echo c # end' -e '' -e '# only' -e "cat <<'E'
  > \$x 'q'
  > 
  > E" -e 'echo e >&2' -e "printf '%s' it\\'s" 2>err >out; echo "$sh $?"; cat err out; echo
  > done >all; sed -n 2,10p all; grep -c "it's" all; grep -c '^e$' all; grep '^[a-z]* 0$' all
  e
  5
  a
  
  b
  c
  $x 'q'
  
  it's
  5
  5
  sh 0
  dash 0
  bash 0
  zsh 0
  ksh 0

A status for each; $? is that of the last request; that of the run; 10 MB.
#: needs bash
#: needs zsh
#: needs ksh
  $ for sh in sh dash bash zsh ksh; do
  >     dualpipe -t 60 -a $sh -e '(exit 7)' -e 'echo $sh$?' -e 'false' --json | grep -o '"reply":[^]]*.\|"status":[0-9]*' | tr '\n' ' '
  >     dualpipe -t 60 -a $sh -e 'head -c 10000000 /dev/zero' -e '(exit 3)' | wc -c
  >     dualpipe -t 60 -a $sh -e true -e '(exit 3)'; echo $?
  > done | sort | uniq -c | sed 's/^ *//'
  5 "reply":[] "status":7 "reply":["7"] "status":0 "reply":[] "status":1 10000000
  5 3

A request that reads standard input meets its end; a file on a descriptor stays; stdout, replaced, is no loss.
#: needs bash
#: needs zsh
#: needs ksh
  $ printf 'l1\nl2\n' >file; for sh in sh dash bash zsh ksh; do
  >     dualpipe -t 60 -a $sh -e cat -e 'read -r x; echo "r$?"; sh; python3 -' -e 'exec 3<file' -e 'read -r x <&3; echo $x' -e 'read -r x <&3; echo $x' \
  >         -e 'exec >out' -e 'echo away' -e 'x=4' -e '(exit 6)' -e 'exec >&2' -e 'echo "$x$?"' 2>&1
  >     cat out
  > done | sort | uniq -c | sed 's/^ *//'
  5 40
  5 away
  5 l1
  5 l2
  5 r1

So if a function does that later, or a sourced file, or a text that is evaluated.
  $ echo 'exec >out' >away; for sh in sh dash; do
  >     dualpipe -t 60 -a $sh -e 'f() { exec >out; }' -e f -e 'echo 1' -e 'echo 2 >&2' 2>&1
  >     dualpipe -t 60 -a $sh -e '. ./away' -e 'echo 1' -e 'echo 3 >&2' 2>&1
  >     dualpipe -t 60 -a $sh -e 'eval "$(cat away)"' -e 'echo 1' -e 'echo 4 >&2' 2>&1
  > done | paste -s -d ' '
  2 3 4 2 3 4

Errors of syntax and others end no shell.
#: needs bash
#: needs zsh
#: needs ksh
  $ for sh in sh dash bash zsh ksh; do
  >     dualpipe -t 60 -a $sh -e 'echo "u' -e ')' -e 'if true' -e '{' -e '}' -e 'done' -e ';;' -e 'nosuch' -e 'readonly r=1' -e 'r=2' -e 'shift 9' -e '. /nosuch' \
  >         -e 'break' -e 'continue' -e 'echo $((1/0))' -e 'echo a \' -e 'echo still' 2>/dev/null | tail -n 1; echo $?
  > done | sort | uniq -c | sed 's/^ *//'
  5 0
  5 still

A background process that holds stdout; arguments; redefined echo, printf and eval.
#: needs bash
#: needs zsh
#: needs ksh
  $ for sh in sh dash bash zsh ksh; do
  >     dualpipe -t 60 -a $sh -e 'sleep 60 & p=$!; echo bg' -e 'echo next; kill $p' -e 'set -- a b' -e 'echo "$# $2"' -e 'shift' -e 'echo $1' -e 'echo() { :; }; printf() { :; }' -e 'echo no' \
  >         -e '(exit 4)' -e 'unset -f echo printf' -e 'echo $#' 2>/dev/null
  > done | sort | uniq -c | sed 's/^ *//'
  5 1
  5 2 b
  5 b
  5 bg
  5 next

set -x doesn't show a token, nor does anything that lists.
#: needs bash
#: needs zsh
#: needs ksh
  $ for sh in sh dash bash zsh ksh; do
  >     dualpipe -t 60 -a $sh -e 'set -x' -e 'echo a' -e '(exit 3)' -e 'echo $?' -e 'set +x' -e 'set; export -p; alias; trap; env' -e 'typeset -f; declare -p' >out 2>&1
  >     grep -c '[d]p[0-9a-f]\{16\}n[0-9]' out; grep '^[a3]$' out
  > done | sort | uniq -c | sed 's/^ *//'
  5 0
  5 3
  5 a

What ends it: exit, exec CMD, set -e and a failure.
#: needs bash
#: needs zsh
#: needs ksh
  $ for sh in sh dash bash zsh ksh; do
  >     for r in 'exit 3' 'exec sh -c "exit 4"' 'set -e; (exit 5)'; do dualpipe -t 60 -a $sh -e "$r" 2>/dev/null; echo $?; done
  >     dualpipe -t 60 -a $sh -e 'trap "echo bye" EXIT' -e 'echo a'
  > done | sort | uniq -c | sed 's/^ *//'
  5 3
  5 4
  5 5
  5 a

return ends all but bash; set -u and a name that isn't set ends bash.
#: needs bash
#: needs zsh
#: needs ksh
  $ for sh in sh dash zsh ksh bash; do dualpipe -t 60 -a $sh -e 'return 3' -e 'echo lives' 2>/dev/null; echo $?; done | paste -s -d ' '
  > for sh in sh dash zsh ksh bash; do dualpipe -t 60 -a $sh -e 'set -u' -e 'echo $nosuch' -e 'echo lives' 2>/dev/null; done | paste -s -d ' '
  3 3 3 3 lives 0
  lives lives lives lives

Behind other programs, and where stdin can't be opened again.
#: needs bash
  $ dualpipe -t 60 -a sh -e 'cat; (exit 7)' -e 'echo $?' -- env sh; dualpipe -t 60 -a bash -e 'cat; (exit 7)' -e 'echo $?' -- sh -c 'exec "$@"' x bash
  > dualpipe -t 60 -a dash --via 'sh -c {q}' -e 'cat; (exit 7)' -e 'echo $?'
  > dualpipe -t 60 -a sh -e 'cat; (exit 7)' -e 'echo $?' -- sh -c 'cat | dash'
  7
  7
  7
  7

A /bin/sh that is bash or ksh; bash in its posix mode.
#: needs bash
#: needs ksh
  $ mkdir b k; ln -s "$(command -v bash)" b/sh; ln -s "$(command -v ksh)" k/sh; for d in b k; do
  >     dualpipe -t 60 -a sh -e cat -e 'exec >&2; echo x' -e 'echo "u' -e '(exit 7)' -e 'echo $?' -e 'set -x' -e 'echo a' -- ./$d/sh 2>&1 | grep -v '^+\|[:;]'
  > done
  x
  7
  a
  x
  7
  a
