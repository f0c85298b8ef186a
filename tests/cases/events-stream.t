# What happens in stream mode, event by event: the table of dualpipe(1).

Our stdin ends: what is queued is written, the child's stdin closed, and it goes on until its end.
  $ head -c 3000000 /dev/zero | dualpipe sh -c 'sleep 0.2; wc -c; sleep 0.2; echo end'
  3000000
  end

Our stdin ends at once: the child may take its time.
  $ dualpipe sh -c 'sleep 0.3; echo late' </dev/null
  late

The child closes its stdin: no more of our input is read, and it goes on until its end.
  $ head -c 50000000 /dev/zero >in
  > { dualpipe sh -c 'exec <&-; sleep 0.3; echo ok; exit 3'; echo $?; wc -c | grep -c '^[45][0-9]\{7\}$'; } <in
  ok
  3
  1

The child closes its stdout and lives: input goes on.
  $ head -c 3000000 /dev/zero | dualpipe sh -c 'exec >&-; sleep 0.2; wc -c >count'; cat count
  3000000

The child closes stdin and stdout and lives: its end is waited for.
  $ yes | dualpipe sh -c 'exec <&- >&-; sleep 0.3; exit 4'
  [4]

The child ends: all its output is read, by a reader that is slow.
  $ { dualpipe sh -c 'head -c 200000 /dev/zero; exit 4' </dev/null; echo $? >status; } |
  > (until [ -e status ] || [ $((i += 1)) -gt 200 ]; do dd bs=1024 count=1 2>/dev/null; done; cat) | wc -c
  > cat status
  200000
  4

The child ends while our stdin goes on: its status, and no wait for our input.
  $ yes | dualpipe sh -c 'exit 6'
  [6]

The child ended, a grandchild holds the pipe: its end of file is waited for.
  $ dualpipe sh -c '(sleep 0.4; echo late) & echo early; exit 3' </dev/null
  early
  late
  [3]

After 5 s one line names who holds it.
  $ dualpipe sh -c '{ sleep 5.6; echo late; } & echo early' </dev/null
  early
  dualpipe: waiting: sh: has ended, but process [0-9]+ \((sh|sleep)\) holds its output open (re)
  late

With --quiet it does not.
  $ dualpipe -q sh -c 'sleep 5.6 & echo early' </dev/null
  early

A deadline ends that wait.
  $ dualpipe --deadline 0.4 sh -c 'sleep 100 & echo early' </dev/null
  early
  dualpipe: deadline: sh: 0.4s have passed
  [124]

The deadline passes while bytes flow both ways.
  $ yes | timeout 20 dualpipe --deadline 0.3 cat >/dev/null
  dualpipe: deadline: cat: 0.3s have passed
  [124]

The deadline of a child that has not begun to read.
  $ timeout 20 dualpipe --deadline 0.3 sleep 100 </dev/zero
  dualpipe: deadline: sleep: 0.3s have passed
  [124]

Our stdout's reader goes: dualpipe dies of SIGPIPE, and the child is stopped.
  $ { ending dualpipe yes; } 2>how | head -n 1; cat how
  y
  killed PIPE

The reader goes while nothing moves: the same.
  $ mkfifo never; exec 3<>never
  > { timeout 20 ending dualpipe cat <never 3>&-; } 2>how | true; cat how
  killed PIPE

The reader goes and the child does not take SIGTERM for an answer: SIGKILL after --grace.
  $ { timeout 20 ending dualpipe --grace 0.1 sh -c 'trap "" TERM PIPE; while :; do echo y; done 2>/dev/null'; } 2>how | head -n 1; cat how
  y
  killed PIPE

Our stdout is full: 120, and the child is stopped.
  $ ending dualpipe yes >/dev/full
  dualpipe: writing: standard output: No space left on device
  exited 120

#: needs prlimit
Our stdout meets a limit of size: what fits is there, whole.
  $ prlimit --fsize=5000 env --ignore-signal=XFSZ sh -c 'dualpipe seq 100000 >out; echo $?'
  > seq 100000 | head -c 5000 | cmp - out
  dualpipe: writing: standard output: File too large
  120

INT, TERM, HUP, QUIT: passed on to the child; dualpipe dies of the signal.
  $ for s in INT TERM HUP QUIT; do
  >     rm -f up
  >     env --default-signal dualpipe sh -c "trap 'echo got $s; exit 3' $s; : >up; while :; do sleep 0.01; done 2>/dev/null" </dev/null &
  >     until [ -e up ]; do :; done
  >     kill -$s $!
  >     wait $! 2>/dev/null
  >     kill -l $?
  > done 2>&1 | grep -v '^$'
  got INT
  INT
  got TERM
  TERM
  got HUP
  HUP
  got QUIT
  QUIT

A signal goes to the child's whole group.
  $ dualpipe sh -c 'sleep 100 & sleep 100 & : >up; wait' </dev/null &
  > until [ -e up ]; do :; done
  > kill -TERM $!; wait $! 2>/dev/null
  [143]

A child that ignores it: SIGKILL after --grace.
  $ dualpipe --grace 0.2 sh -c 'trap "" TERM; : >up; while :; do sleep 0.01; done' </dev/null &
  > until [ -e up ]; do :; done
  > kill -TERM $!; wait $! 2>/dev/null
  [143]

A second signal: SIGKILL at once.
  $ env --default-signal dualpipe --grace 1h sh -c 'trap "echo first" TERM; : >up; while :; do sleep 0.01; done 2>/dev/null' </dev/null >out &
  > until [ -e up ]; do :; done
  > kill -TERM $!; until [ -s out ]; do :; done
  > kill -INT $!; wait $! 2>/dev/null
  > echo $?; cat out
  143
  first

A stopped child is made to end too.
  $ timeout 20 dualpipe --deadline 0.3 sh -c 'kill -STOP $$; echo never'
  dualpipe: deadline: sh: 0.3s have passed
  [124]

TSTP stops the child's group and dualpipe; CONT goes on with both; no byte is lost.
  $ mkfifo in
  > dualpipe --status-fd 4 cat <in 4>status >out &
  > exec 3>in; echo one >&3
  > until grep -qs one out; do :; done
  > child=$(sed -n 's/.*"pid":\([0-9]*\).*/\1/p' status)
  > kill -TSTP $!
  > until grep -qs '^State:.T' /proc/$!/status && grep -qs '^State:.T' /proc/$child/status; do :; done
  > echo two >&3
  > kill -CONT $!
  > until grep -qs two out; do :; done
  > exec 3>&-; wait $!; cat out
  one
  two

Time spent stopped counts for no limit.
  $ dualpipe --deadline 1 --status-fd 4 sh -c 'sleep 0.2; echo done' 4>status &
  > until grep -qs pid status; do :; done
  > kill -TSTP $!
  > until grep -qs '^State:.T' /proc/$!/status; do :; done
  > sleep 1.5; kill -CONT $!; wait $!
  done

SIGCONT alone changes nothing.
  $ mkfifo in; dualpipe cat <in & exec 3>in
  > kill -CONT $!; kill -CONT $!; echo a >&3; exec 3>&-; wait $!
  a

The child is killed when dualpipe is killed.
  $ ending sh -c 'exec 2>/dev/null; dualpipe --status-fd 4 sleep 100 4>status & until grep -qs pid status; do :; done; kill -KILL $!; wait $!'
  exited 137

stdin, stdout and stderr keep their flags.
  $ echo a | ending dualpipe cat 2>how | cat; cat how
  a
  exited 0
