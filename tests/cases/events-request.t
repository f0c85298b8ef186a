# What happens in request mode, event by event: the table of dualpipe(1).

Our stdin ends: the reply outstanding is awaited.
  $ printf 'a\nb' | dualpipe -l sh -c 'while read a; do sleep 0.1; echo "<$a>"; done'
  <a>
  <b>

Then end of file is given, and the child may end by itself.
  $ dualpipe -e a sh -c 'read a; echo "$a"; cat; sleep 0.3; echo ended >file; exit 3'
  > echo $?; cat file
  a
  3
  ended

A child that does not end is stopped after 10 s, and the status is 0.
  $ dualpipe -e a sh -c 'trap "echo stopped >file; exit 3" TERM; read a; echo "$a"; while :; do sleep 0.02; done 2>/dev/null'
  > echo $?; cat file
  a
  dualpipe: ending: sh: it goes on after the end of its input: tell it to end by --quit=TEXT
  0
  stopped

The child closes its stdin: the request fails when it ends.
  $ head -c 300000 /dev/zero | tr '\0' x >big
  > dualpipe -f big -e b sh -c 'head -c 1 >/dev/null; exec <&-; sleep 0.2; exit 4'
  dualpipe: request 1: sh: ended with status 4 before its reply was whole
  dualpipe: requests: in 1, answered 0, failed 1, not begun 1
  [4]

The child closes its stdin: the request fails when the limit passes.
  $ head -c 300000 /dev/zero | tr '\0' x >big
  > dualpipe -t 0.3 -f big sh -c 'exec <&-; exec sleep 100' 2>err
  > status=$?; cut -d: -f1-3 err; exit $status
  dualpipe: request 1: no whole reply in 0.3s
  dualpipe: requests: in 1, answered 0, failed 1
  [124]

The child closes its stdin and answers all the same.
  $ head -c 300000 /dev/zero | tr '\0' x >big
  > dualpipe -f big sh -c 'head -c 5 >/dev/null; exec <&-; sleep 0.2; echo ok'
  dualpipe: unexpected output: 3 bytes before request 1: "ok": not taken for a reply: try --ready with how its greeting ends
  dualpipe: request 1: sh: ended with status 0 before its reply was whole: --fresh starts one for each request, if it answers once and ends
  dualpipe: requests: in 1, answered 0, failed 1
  [123]

The child closes its stdout and lives: what is outstanding fails, and it is stopped.
  $ dualpipe -e a -e b sh -c 'read a; exec >&-; exec sleep 100'
  dualpipe: request 1: sh: closed its output before its reply was whole
  dualpipe: requests: in 1, answered 0, failed 1, not begun 1
  [123]

With -k a fresh child takes the next.
  $ dualpipe -k --grace 0.1 -e a -e b sh -c 'read a; [ "$a" = b ] || { exec >&-; exec sleep 100; }; echo "$a"; cat'

  dualpipe: request 1: sh: closed its output before its reply was whole
  b
  dualpipe: requests: in 2, answered 1, failed 1
  [123]

The child ends with nothing outstanding: its status; a request left is not begun.
  $ mkfifo in
  > dualpipe -l --status-fd 4 sh -c 'read a; echo "$a"; exit 3' <in 4>status >out & exec 3>in
  > echo a >&3; until grep -qs a out; do :; done
  > wait $!; echo $?; cat out
  3
  a

The child ends by 0 with nothing outstanding: what is not begun is said, and is no success.
  $ printf 'a\nb\nc\n' | dualpipe -l sh -c 'read a; echo "$a"' 2>err
  > status=$?; tail -n 1 err; exit $status
  a
  dualpipe: requests: in [12], answered 1, failed [01], the rest of stdin not begun (re)
  [123]

The child ends before its first request is sent.
  $ mkfifo in; dualpipe -l sh -c 'exit 3' <in & exec 3>in
  > wait $!
  [3]

With -k each child that ends is replaced, and its requests fail one by one.
  $ dualpipe -k -e a -e b -e c sh -c 'read a; exit 3' 2>err; status=$?; cat err; exit $status



  dualpipe: request 1: sh: ended with status 3 before its reply was whole
  dualpipe: request 2: sh: ended with status 3 before its reply was whole
  dualpipe: request 3: sh: ended with status 3 before its reply was whole
  dualpipe: requests: in 3, answered 0, failed 3
  [123]

With -k a child that can't start ends the run.
  $ printf '#!/bin/sh\nrm once; read a; exit 1\n' >once; chmod +x once
  > dualpipe -k -e a -e b -e c ./once 2>err; status=$?; cat err; exit $status

  dualpipe: request 1: ./once: ended with status 1 before its reply was whole
  dualpipe: finding the command: ./once: No such file or directory
  dualpipe: requests: in 1, answered 0, failed 1, not begun 2
  [123]

The child ended, a grandchild holds the pipe: what is there is read without waiting.
  $ : >hold
  > timeout 20 dualpipe -e a sh -c 'read a; while [ -e hold ]; do sleep 0.02; done & echo "$a"; exit 3'
  > status=$?; rm hold; exit $status
  a
  [3]

The same before a reply is whole.
  $ : >hold
  > timeout 20 dualpipe -n 2 -e a sh -c 'read a; while [ -e hold ]; do sleep 0.02; done & echo "$a"; exit 3'
  > status=$?; rm hold; exit $status
  a
  dualpipe: request 1: sh: ended with status 3 before its reply was whole
  dualpipe: requests: in 1, answered 0, failed 1
  [3]

The same with --fresh: the reply is what is there.
  $ : >hold
  > timeout 20 dualpipe --fresh -e a sh -c 'cat; while [ -e hold ]; do sleep 0.02; done & exit 0'
  > status=$?; rm hold; exit $status
  a

One that is told late, for others came before it, of a child that is gone by then.
  $ timeout 30 dualpipe --fresh -j2 -k -t 20 -e a -t 0.5 -e b -t 20 -e c sh -c 'read -r a; case $a in
  >     a) until [ -s p ] && ! kill -0 "$(cat p)" 2>/dev/null; do sleep 0.02; done; echo a ;;
  >     b) echo $$ >q; mv q p; exec sleep 100 ;;
  >     c) echo c ;; esac' 2>err; status=$?; grep -h 'whole reply' err; exit $status
  a

  c
  dualpipe: request 2 .worker [12].: sh: no whole reply in 0.5s (re)
  [123]

With --fresh the limit of a reply lasts until its child's end, though it has closed its output.
  $ timeout 30 dualpipe --fresh -t 0.5 -e a -- sh -c 'cat; exec >&-; exec sleep 100' 2>err; status=$?; cut -d: -f1-3 err; exit $status
  a
  dualpipe: request 1: no whole reply in 0.5s
  dualpipe: requests: in 1, answered 0, failed 1
  [124]

The time of a reply passes: its part is out.
  $ dualpipe -t 0.3 -n 3 -e a sh -c 'read a; echo 1; printf 2; exec sleep 100' 2>err; status=$?
  > echo; cut -d: -f1-3 err; exit $status
  1
  2
  dualpipe: request 1: no whole reply in 0.3s
  dualpipe: requests: in 1, answered 0, failed 1
  [124]

The deadline passes: what was whole is out.
  $ dualpipe --deadline 0.4 -l sh -c 'while read a; do echo "$a"; [ "$a" = b ] && exec sleep 100; done' <<.
  > a
  > b
  > c
  > d
  > .
  a
  b
  dualpipe: deadline: sh: 0.4s have passed
  dualpipe: requests: in 3, answered 2, failed 1, the rest of stdin not begun
  [124]

The deadline passes while stdin is waited for.
  $ mkfifo never; exec 3<>never; timeout 20 dualpipe --deadline 0.3 -l cat <never
  dualpipe: deadline: cat: 0.3s have passed
  [124]

Our stdout's reader goes: dualpipe dies of SIGPIPE, and the child is stopped.
  $ { yes | ending dualpipe -l cat; } 2>how | head -n 1; cat how
  y
  killed PIPE

The reader goes while a reply is awaited: the same.
  $ { timeout 20 ending dualpipe -e a sleep 100; } 2>how | true; cat how
  killed PIPE

The reader goes while stdin is waited for: the same.
  $ mkfifo never; exec 3<>never
  > { timeout 20 ending dualpipe -l cat <never 3>&-; } 2>how | true; cat how
  killed PIPE

Our stdout is full: 120, and the child is stopped.
  $ yes | ending dualpipe -l cat >/dev/full
  dualpipe: writing: standard output: No space left on device
  (dualpipe: requests: .*)? (re)
  exited 120

INT, TERM, HUP, QUIT: passed on to the child; dualpipe dies of the signal, its books shown.
  $ for s in INT TERM HUP QUIT; do
  >     rm -f up
  >     env --default-signal dualpipe -e a sh -c "trap 'echo got $s >file; exit 3' $s; : >up; while :; do sleep 0.01; done 2>/dev/null" &
  >     until [ -e up ]; do :; done
  >     kill -$s $!
  >     wait $! 2>/dev/null
  >     kill -l $?
  >     cat file
  > done
  dualpipe: requests: in 0, answered 0, failed 0, not begun 1
  INT
  got INT
  dualpipe: requests: in 0, answered 0, failed 0, not begun 1
  TERM
  got TERM
  dualpipe: requests: in 0, answered 0, failed 0, not begun 1
  HUP
  got HUP
  dualpipe: requests: in 0, answered 0, failed 0, not begun 1
  QUIT
  got QUIT

A signal while stdin is waited for.
  $ mkfifo never; exec 3<>never
  > dualpipe -l --status-fd 4 cat <never 4>status & until grep -qs pid status; do :; done
  > kill -TERM $!; wait $! 2>/dev/null
  [143]

A signal while the end of the child is waited for.
  $ dualpipe -e a sh -c 'read a; echo "$a"; exec sleep 100' >out & until grep -qs a out; do :; done
  > kill -TERM $!; wait $! 2>/dev/null
  [143]

With -k a signal ends the run too.
  $ dualpipe -k -e a -e b sh -c 'read a; : >up; exec sleep 100' & until [ -e up ]; do :; done
  > kill -TERM $!; wait $! 2>/dev/null

  dualpipe: requests: in 1, answered 0, failed 1, not begun 1
  [143]

A child that ignores the signal: SIGKILL after --grace.
  $ dualpipe --grace 0.2 -e a sh -c 'trap "" TERM; : >up; while :; do sleep 0.01; done' &
  > until [ -e up ]; do :; done
  > kill -TERM $!; wait $! 2>/dev/null
  dualpipe: requests: in 0, answered 0, failed 0, not begun 1
  [143]

TSTP stops both, CONT goes on; time so spent counts for no limit.
  $ dualpipe -t 4 --status-fd 4 -e a sh -c 'read a; : >up; until [ -e go ]; do :; done; echo "$a"' 4>status &
  > until [ -e up ] && grep -qs pid status; do :; done
  > kill -TSTP $!; child=$(sed -n 's/.*"pid":\([0-9]*\).*/\1/p' status)
  > until grep -qs '^State:.T' /proc/$!/status && grep -qs '^State:.T' /proc/$child/status; do :; done
  > sleep 4.5; : >go; kill -CONT $!; wait $!
  a
