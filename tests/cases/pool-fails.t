# Children that fail, one or many: retries, replacements, the books, statuses, signals.

--retries N: a child that ends without an answer, and a fresh one that answers.
  $ dualpipe --retries 1 -e a sh -c 'read -r a; [ -e once ] || { : >once; exit 3; }; echo $a; cat'
  a

--retries: each try is counted.
  $ dualpipe --retries 5 --json -e a sh -c 'read -r a; echo x >>tries; [ $(wc -l <tries) -ge 4 ] || exit 3; echo $a; cat' | sed 's/.*\("attempt":.*\)}/\1/'; wc -l <tries
  "attempt":4
  4

--retries: all fail: the last failure is told, and it was asked N + 1 times.
  $ dualpipe --retries 2 -e a sh -c 'read -r a; echo x >>tries; exit 3'; echo $?; wc -l <tries
  dualpipe: request 1: sh: ended with status 3 before its reply was whole
  dualpipe: requests: in 1, answered 0, failed 1
  3
  3

--retries: if something of the reply had come, it is not asked again.
  $ dualpipe --retries 2 -e a sh -c 'read -r a; echo x >>tries; printf par; exit 3' 2>/dev/null; echo; wc -l <tries
  par
  1

--retries=N,partial: even then; what had come is dropped.
  $ dualpipe --retries 2,partial -e a sh -c 'read -r a; echo x >>tries; printf par; [ $(wc -l <tries) -ge 3 ] || exit 3; echo "$a"; cat'; wc -l <tries
  para
  3

--retries=N,partial of a reply of several lines: none of it twice.
  $ dualpipe --retries 2,partial -n 3 -e a sh -c 'read -r a; echo 1; echo 2; [ -e once ] || { : >once; exit 3; }; echo 3; cat'
  1
  2
  3

--retries after a timeout, if nothing had come.
  $ dualpipe -t 1 --retries 1 -e a sh -c 'read -r a; [ -e once ] || { : >once; exec sleep 100; }; echo $a; cat' 2>err; cut -d: -f1-3 err
  a
  dualpipe: replaced: sh

--retries: the fresh child is set up, and the run goes on with it.
  $ dualpipe --retries 1 -n 0 --setup 'x=1' -n 1 -e '[ -e once ] || { : >once; exit; }; echo $x' -e 'x=$((x+1)); echo $x' sh
  1
  2

--retries with -j: every request exactly once answered.
  $ seq 200 >in; dualpipe -q -j 3 --retries 20 -l sh -c 'while read -r a; do [ $(($$ % 3 + a % 5)) != 0 ] || exit 1; [ ! -e no$a ] || exit 9; echo $a; [ $((a % 4)) != 0 ] || exit 0; done' <in 2>err | cmp - in; cat err

--retries 0 and a number that is none.
  $ dualpipe --retries 0 -e a sh -c 'read -r a; exit 3' 2>&1 | tail -n 1; dualpipe --retries 1,2 cat
  dualpipe: requests: in 1, answered 0, failed 1
  dualpipe: option --retries: 1,2: a number, or one and ",partial", is meant
  [125]

A request of which nothing was sent goes to another child, and that is no try.
  $ mkfifo in; dualpipe -k -l --json --status-fd 4 sh -c '[ -e second ] && exec cat; : >second; read -r a; echo $a; exit 3' <in 4>status >out & exec 3>in
  > echo a >&3; until grep -qs a out; do :; done; pid=$(sed -n 's/.*"pid":\([0-9]*\).*/\1/p' status | head -n 1); while [ -e /proc/$pid ]; do :; done
  > echo b >&3; exec 3>&-; wait $!; sed 's/.*\("reply":.*\),"ms.*\("attempt":.*\)/\1 \2/' out
  "reply":["a"],"outcome":"ok","sent":true "attempt":1}
  "reply":["b"],"outcome":"ok","sent":true "attempt":1}

-k with -j: an empty message in the place of a failed one, its part on stderr.
  $ dualpipe -k -j 2 -e a -e b -e c sh -c 'while read -r a; do [ $a != b ] || { printf par; exit 3; }; echo $a; done' 2>err; echo $?; cat err
  a

  c
  123
  dualpipe: part of a reply: 3 bytes: "par"
  dualpipe: request 2 .worker [12].: sh: ended with status 3 before its reply was whole (re)
  dualpipe: requests: in 3, answered 2, failed 1

-k with -j: as many messages as requests, each in its place.
  $ for i in $(seq 300); do [ $((i % 10)) = 0 ] && echo || echo $i; done >want; seq 300 | dualpipe -k -j 3 -l sh -c 'while read -r a; do [ $((a % 10)) != 0 ] || exit 1; echo $a; done' 2>err >out
  > echo $?; cmp out want; tail -n 1 err; grep -c 'ended with status 1' err
  123
  dualpipe: requests: in 300, answered 270, failed 30
  30

-k, a window, no retries: those sent to a child that ends fail with it; the books add up.
  $ seq 200 | dualpipe -k -j 2 -w 5 -l sh -c 'while read -r a; do [ $((a % 20)) != 0 ] || exit 1; echo $a; done' >out 2>err
  > echo $?; wc -l <out; tail -n 1 err | tr -dc '0-9 ' | { read in answered failed; echo $in $((answered + failed)); [ $answered = $(grep -c . out) ] && [ $failed = $(grep -c '^$' out) ]; }
  123
  200
  200 200

-j without -k: a failed request ends the run; the books add up, the rest is not begun.
  $ seq inf | dualpipe -j 2 -l sh -c 'while read -r a; do [ $a != 5 ] || exit 3; echo $a; done' >out 2>err; echo $?; head -n 4 out; sed -n 1p err
  > tail -n 1 err | grep -cE 'in [0-9]+, answered [0-9]+, failed [0-9]+, the rest of stdin not begun$'; tail -n 1 err | tr -dc '0-9 ' | { read in answered failed; [ $in = $((answered + failed)) ] && [ $answered = $(wc -l <out) ]; }
  123
  1
  2
  3
  4
  dualpipe: request 5 .worker [12].: sh: ended with status 3 before its reply was whole (re)
  1

-j without -k: what others have answered is given, and nothing is sent any more.
  $ seq 1000 >in; dualpipe -j 4 -l -- sh -c 'while read -r a; do [ $a != 50 ] || exit 3; echo $a; done' <in >out 2>err; echo $?; grep -cx 50 out; sort -cn out; cat err | sed 's/in [0-9]*, answered [0-9]*, failed 1, the rest.*/in N, answered N - 1, failed 1/'
  > tail -n 1 err | tr -dc '0-9 ' | { read in answered failed; [ $in -lt 1000 ] && [ $in = $((answered + 1)) ] && [ $answered = $(wc -l <out) ]; }
  123
  0
  dualpipe: request 50 .worker [1-4].: sh: ended with status 3 before its reply was whole (re)
  dualpipe: requests: in N, answered N - 1, failed 1

-j without -k: what is under way elsewhere when one fails may be answered.
  $ dualpipe -j 3 -e a -e b -e c -e d sh -c 'read -r a; : >$a; until [ -e a ] && [ -e b ] && [ -e c ]; do sleep 0.02; done; [ $a != a ] || exit 3; until grep -qs "request 1" err; do sleep 0.02; done; echo $a' 2>err; echo $?; cat err; ls d 2>&1 | cut -c 1-3
  b
  c
  123
  dualpipe: request 1 .worker [1-4].: sh: ended with status 3 before its reply was whole (re)
  dualpipe: requests: in 3, answered 2, failed 1, not begun 1
  ls:

-j without -k: a reply that came before an earlier request failed is given.
  $ dualpipe -j 2 -e a -e b sh -c 'while read -r a; do [ $a != a ] || { until [ -e b ]; do sleep 0.02; done; exit 3; }; echo $a; : >b; done' >out 2>err; echo $?; wc -l <out; tail -n 1 err
  123
  1
  dualpipe: requests: in 2, answered 1, failed 1

A worker that can't start ends the run.
  $ dualpipe -j 2 -e a -e b no-such-command; dualpipe -k -j 2 -e a -e b no-such-command; echo $?
  dualpipe: finding the command: no-such-command: No such file or directory
  dualpipe: finding the command: no-such-command: No such file or directory
  127

A replacement that can't start ends the run, with -k too: what is left is not begun.
  $ cat >once <<'.'
  > #!/bin/sh
  > rm -f once; read -r a; exit 1
  > .
  > chmod +x once; dualpipe -k -j 2 -e a -e b -e c ./once 2>err >out; echo $?; grep -q ': ./once: No such file' err && tail -n 1 err | tr -dc '0-9 ' | { read in answered failed rest; [ $answered = 0 ] && [ $((failed + rest)) = 3 ] && [ $in = $failed ] && [ $failed = $(wc -l <out) ]; } || cat err
  (123|126|127) (re)

A set-up that fails ends the run: nothing is begun.
  $ dualpipe -j 2 -k --setup x -e 1 -e 2 -e 3 sh -c 'read -r a; exit 3' 2>err; echo $?; sort -u err
  123
  dualpipe: requests: in 0, answered 0, failed 0, not begun 3
  dualpipe: set-up: x: the child ended before its reply was whole

The same with --json, and no request is called failed.
  $ dualpipe -j 2 --json --setup x -e 1 -e 2 -e 3 sh -c 'read -r a; exit 3' 2>err | grep -cv '"outcome":"not-started"'; sort -u err
  0
  dualpipe: requests: in 0, answered 0, failed 0, not begun 3
  dualpipe: set-up: x: the child ended before its reply was whole

A child that always ends at once: the run ends in failures, not in a loop, and backs off.
  $ for i in 1 2 3 4; do echo $i; done | timeout 20 dualpipe -k -j 2 -l --status-fd 4 sh -c 'exit 3' 2>err 4>status | wc -l; tail -n 1 err; [ $(grep -c ready status) -le 14 ] || grep -c ready status
  4
  dualpipe: requests: in 4, answered 0, failed 4

Inputs that each kill the child that has read them are not waited for.
  $ seq 100 | timeout $((20 * SLOW)) dualpipe -k -l sh -c 'read -r a; exit 3' 2>err | wc -l; tail -n 1 err
  100
  dualpipe: requests: in 100, answered 0, failed 100

Nor is one that was set up.
  $ seq 40 | timeout $((20 * SLOW)) dualpipe -k -l --ready '^up$' sh -c 'echo up; exec <&-; sleep 0.01; exit 3' 2>err | wc -l; tail -n 1 err
  40
  dualpipe: requests: in 40, answered 0, failed 40

-t with -j, without -k: 124.
  $ dualpipe -t 0.3 -j 2 -e a -e b -e c sh -c 'read -r a; exec sleep 100' 2>err; echo $?; cut -d: -f1-3 err
  124
  dualpipe: request 1 .worker [12].: no whole reply in 0.3s (re)
  dualpipe: request 2 .worker [12].: no whole reply in 0.3s (re)
  dualpipe: requests: in 2, answered 0, failed 2, not begun 1

-t with -j and -k: 123; a child of each is replaced.
  $ dualpipe -t 0.5 -k -j 2 -e a -e b -e c sh -c 'while read -r a; do [ $a = c ] || exec sleep 100; echo $a; done' 2>err; echo $?; grep -c replaced err; tail -n 1 err


  c
  123
  (1|2) (re)
  dualpipe: requests: in 3, answered 1, failed 2

--deadline with -j: 124; what was whole is out, in order.
  $ dualpipe --deadline 1 -j 2 -e a -e b -e c -e d sh -c 'while read -r a; do [ $a != b ] || exec sleep 100; echo $a; done' 2>err; echo $?; cat err
  a
  c
  d
  124
  dualpipe: deadline: sh: 1s have passed
  dualpipe: requests: in 4, answered 3, failed 1

--deadline with -j, -k and --json: an object for each, in order.
  $ dualpipe --deadline 1 -k -j 2 --json -e a -e b -e c sh -c 'while read -r a; do [ $a != b ] || exec sleep 100; echo $a; done' 2>err | sed 's/"request.*"outcome/"outcome/; s/,"sent.*//'; tail -n 1 err
  {"n":1,"outcome":"ok"
  {"n":2,"outcome":"timeout"
  {"n":3,"outcome":"ok"
  dualpipe: requests: in 3, answered 2, failed 1

--fresh -j: a child that ends non-zero is a failed request, its reply is written all the same; 123.
  $ dualpipe --fresh -k -j 2 -e a -e b -e c sh -c 'read -r a; echo $a; [ $a != b ] || exit 3'
  a
  b
  dualpipe: request 2 .worker [12].: sh: ended with status 3 (re)
  c
  dualpipe: requests: in 3, answered 2, failed 1
  [123]

Statuses: any failed request is 123 with -k, -j, --fresh, whatever the child's.
  $ for o in -k '-j 2' --fresh '-k -j 2' '-k --fresh' '-j 2 --fresh'; do dualpipe $o -e a sh -c 'read -r a; exit 3' >/dev/null 2>&1; echo $?; done | uniq -c
        6 123

A signal in a child is 123 there, and not our death.
  $ for o in -k '-j 2' --fresh; do ending dualpipe $o -e a sh -c 'read -r a; kill -TERM $$' 2>&1 | grep exited; done
  exited 123
  exited 123
  exited 123

INT, TERM, HUP, QUIT: passed on to every child; we die of the signal, the books shown.
  $ for s in INT TERM HUP QUIT; do
  >     rm -f up* got
  >     env --default-signal dualpipe -j 3 -l sh -c "trap 'echo x >>got; exit 3' $s; read -r a; : >up\$a; while :; do sleep 0.01; done 2>/dev/null" <<. &
  > $(seq 5)
  > .
  >     until [ -e up1 ] && [ -e up2 ] && [ -e up3 ]; do :; done
  >     kill -$s $!; wait $! 2>/dev/null; kill -l $?; wc -l <got
  > done
  dualpipe: requests: in 3, answered 0, failed 3, the rest of stdin not begun
  INT
  3
  dualpipe: requests: in 3, answered 0, failed 3, the rest of stdin not begun
  TERM
  3
  dualpipe: requests: in 3, answered 0, failed 3, the rest of stdin not begun
  HUP
  3
  dualpipe: requests: in 3, answered 0, failed 3, the rest of stdin not begun
  QUIT
  3

A signal: what was answered is written, and with --json or -k each request under way has its place.
  $ for o in '' -k --json; do rm -f up; dualpipe $o -j 2 -e a -e b -e c sh -c 'while read -r a; do [ $a != a ] || exec sleep 100; [ $a != c ] || { : >up; exec sleep 100; }; echo $a; done' >out 2>/dev/null & until [ -e up ]; do :; done
  > kill -TERM $!; wait $! 2>/dev/null; echo $?; sed 's/^$/empty/; s/"request"[^}]*"outcome"/"outcome"/; s/,"ms.*//' out; done
  143
  b
  143
  empty
  b
  empty
  143
  {"n":1,"outcome":"ended","sent":true
  {"n":2,"outcome":"ok","sent":true
  {"n":3,"outcome":"ended","sent":true

The same on hosts, of which none has said a word.
  $ dualpipe --hosts a,b --json --via 'env HOST={host}' -e 1 -e 2 sh -c 'read -r a; : >up$a; exec sleep 100' >out 2>err & until [ -e up1 ] && [ -e up2 ]; do :; done
  > kill -TERM $!; wait $! 2>/dev/null; echo $?; sed 's/"request"[^}]*"outcome"/"outcome"/; s/,"ms.*//' out; cat err
  143
  {"n":1,"outcome":"ended","sent":true
  {"n":2,"outcome":"ended","sent":true
  dualpipe: requests: in 2, answered 0, failed 2

With -j children that ignore it are killed after --grace; by a second signal at once.
  $ for grace in 0.2 100; do rm -f up*
  > dualpipe --grace $grace -j 2 -e 1 -e 2 sh -c 'trap "" TERM; read -r a; : >up$a; while :; do sleep 0.01; done' 2>/dev/null & until [ -e up1 ] && [ -e up2 ]; do :; done
  > kill -TERM $!; [ $grace = 0.2 ] || { until grep -qs '^SigIgn' /proc/$!/status; do :; done; sleep 0.1; kill -TERM $!; }; wait $! 2>/dev/null; echo $?; done
  143
  143

A signal ends the run though nobody reads its stderr any more, or what --status-fd tells; so does
--deadline.
  $ mkfifo full; exec 5<>full; dd if=/dev/zero of=full bs=4096 oflag=nonblock 2>/dev/null
  > for s in INT TERM; do for o in '-j 2' '-j 2 --status-fd 5'; do rm -f up
  > env --default-signal dualpipe $o -e a -e b sh -c ': >up; read -r a; echo x >&2; exec sleep 100' 2>&5 & until [ -e up ]; do :; done
  > kill -$s $!; wait $! 2>/dev/null; kill -l $?; done; done
  > for o in '-j 2' '-j 2 --status-fd 5'; do ending -t 20 sh -c 'exec "$@" 2>&5' sh dualpipe --deadline 1 $o -e a -e b sh -c 'read -r a; echo x >&2; exec sleep 100'; done
  INT
  INT
  TERM
  TERM
  exited 124
  exited 124

TSTP stops all of them, CONT goes on.
  $ dualpipe -t 5 -j 2 --status-fd 4 -e 1 -e 2 sh -c 'read -r a; : >up$a; until [ -e go ]; do :; done; echo "$a"' 4>status & until [ -e up1 ] && [ -e up2 ]; do :; done
  > kill -TSTP $!; until grep -qs '^State:.T' /proc/$!/status; do :; done
  > for pid in $(sed -n 's/.*"pid":\([0-9]*\).*/\1/p' status); do until grep -qs '^State:.T' /proc/$pid/status; do :; done; done
  > : >go; kill -CONT $!; wait $!
  1
  2

Our reader goes: we die of SIGPIPE, and no child is left.
  $ { seq 100000 | ending dualpipe -j 3 -w 3 -l cat; } 2>how | head -n 1; cat how
  1
  killed PIPE

Our reader goes while replies are awaited.
  $ { timeout 20 ending dualpipe -j 2 -e a -e b sleep 100; } 2>how | true; cat how
  killed PIPE

Our output is full: 120.
  $ seq 1000 | ending dualpipe -j 2 -l cat >/dev/full 2>err; grep -v '^dualpipe: requests' err
  dualpipe: writing: standard output: No space left on device
  exited 120

The same with --json and -k.
  $ for o in --json '-k --json' '-k --fresh'; do seq 10 | dualpipe $o -l cat >/dev/full 2>/dev/null; echo $?; done
  120
  120
  120

A worker killed now and then: answered, failed and not begun add up, no reply is another's.
  $ seq 3000 | dualpipe -k -j 3 -w 4 --unordered --json -l sh -c 'while read -r a; do echo $a; [ $((a % 97)) != 0 ] || kill -9 $$; done' 2>err >out; tail -n 1 err | tr -dc '0-9 ' | { read in answered failed; [ $in = 3000 ] && [ $((answered + failed)) = 3000 ] && [ $answered = $(grep -c '"outcome":"ok"' out) ]; } || tail -n 1 err
  > wc -l <out; sed -n 's/.*"request":"\([0-9]*\)","reply":\["\([0-9]*\)"\].*/\1 \2/p' out | awk '$1 != $2'
  3000

The books with --fresh and -j.
  $ seq 60 | dualpipe --fresh -k -j 3 -l sh -c 'read -r a; [ $((a % 3)) != 0 ] || exit 1; echo $a' 2>err | wc -l; tail -n 1 err
  40
  dualpipe: requests: in 60, answered 40, failed 20

-q keeps notes back, not the errors nor the books.
  $ dualpipe -q -k -t 0.3 -e a -e b sh -c '[ ! -e once ] || exec cat; : >once; exec sleep 100' 2>&1 | cut -d: -f1-3

  dualpipe: request 1: no whole reply in 0.3s
  b
  dualpipe: requests: in 2, answered 1, failed 1

--status-fd of many: a line for each child, and one end that adds up.
  $ dualpipe -k -j 2 --status-fd 4 -e a -e b -e c sh -c 'while read -r a; do [ $a != b ] || exit 3; echo $a; done' 4>status >/dev/null 2>&1; grep -c '"event":"ready"' status; tail -n 1 status | sed 's/"ms.*//'
  (2|3) (re)
  {"event":"end","outcome":"failed",("(code|signal)":[^,]*,)?("stopped":true,)?"in":3,"answered":2,"failed":1, (re)
