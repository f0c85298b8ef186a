# Children that misbehave. The numbers are those of the project's list of faults.

#: long
Fault 1: all exit codes, by a child that ends by itself.
  $ for i in $(seq 0 255); do
  >     dualpipe -b crash $i <<.
  > x
  > .
  >     [ $? -eq $i ] || echo "$i: $?"
  > done

Fault 2: all fatal signals are told apart, in the status and in --status-fd.
  $ for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 24 25 26 27 29 30 31; do
  >     ending dualpipe --status-fd 4 sh -c "kill -$n \$\$" 4>status 2>how
  >     s=$(kill -l $n)
  >     case $n in 1 | 2 | 3 | 13 | 15) want="killed $s" ;; *) want="exited $((128 + n))" ;; esac
  >     [ "$(cat how)" = "$want" ] || echo "$s: $(cat how)"
  >     case $n in 16) s=STKFLT ;; 29) s='(IO|POLL)' ;; esac
  >     grep -Eq '"outcome":"ended","signal":"'$s'"' status || cat status
  > done

Fault 3: a child that dies before it reads: no word, no SIGPIPE.
  $ head -c 100000000 /dev/zero >big; ending dualpipe true <big
  exited 0

Fault 3: the same from a pipe that never ends.
  $ yes | ending dualpipe sh -c 'exit 0'
  exited 0

Fault 3: in request mode.
  $ head -c 1000000 /dev/zero | tr '\0' x >big; ending dualpipe -f big true
  (*)
  dualpipe: requests: .* (re)
  exited 123

Fault 4: a child that dies amid its answer.
  $ ending dualpipe sh -c 'printf par; kill -9 $$' </dev/null 2>how; echo; cat how
  par
  exited 137

Fault 4: in request mode the books tell.
  $ ending dualpipe -n 2 -e a sh -c 'read a; echo one; printf par; kill -9 $$' 2>how; echo; cat how
  one
  par
  dualpipe: request 1: sh: ended by signal 9 (Killed)
  dualpipe: requests: in 1, answered 0, failed 1
  exited 137

Fault 4: with -k no part of it is on stdout.
  $ dualpipe -k -n 2 -e a sh -c 'read a; echo one; printf par; kill -9 $$' 2>err; grep -v request err

  dualpipe: part of a reply: 7 bytes: "one\npar"

Fault 5: a child that never reads: the deadline ends it, and memory is bounded.
  $ timeout 20 ending -m 16384 dualpipe --deadline 1 sleep 100 </dev/zero
  dualpipe: deadline: sleep: 1s have passed
  exited 124

Fault 5: the same by -t.
  $ timeout 20 ending -m 16384 dualpipe --max-message 1M -l -t 0.5 sleep 100 </dev/zero
  dualpipe: request 1: passes --max-message at byte 1048576: "\\x00\\x00.*" (re)
  dualpipe: requests: in 0, answered 0, failed 0, the rest of stdin not begun
  exited 122

Fault 5: the same by -t, with lines.
  $ yes | timeout 20 ending -m 16384 dualpipe -l -t 0.5 sleep 100 2>err; sed 's/: sleep sleeps.*//' err
  dualpipe: request 1: no whole reply in 0.5s
  dualpipe: requests: in 1, answered 0, failed 1, the rest of stdin not begun
  exited 124

Fault 6: a child that never writes.
  $ timeout 20 dualpipe --deadline 0.5 sleep 100
  dualpipe: deadline: sleep: 0.5s have passed
  [124]

Fault 6: by -t.
  $ timeout 20 dualpipe -t 0.5 -e a -b mute 2>&1 | sed 's/: mute sleeps.*//'
  dualpipe: request 1: no whole reply in 0.5s
  dualpipe: requests: in 1, answered 0, failed 1

# Above 256 MiB it would show nothing new: the bounds of memory are far below.
#: long
Fault 7: a child that floods: every byte arrives, and memory is bounded.
  $ ending -m 16384 dualpipe yes </dev/null 2>how | head -c 268435456 | sha256sum >got
  > yes | head -c 268435456 | sha256sum | cmp - got; cat how
  killed PIPE

Fault 7: in request mode a flood that answers nothing fails the request; memory is bounded.
  $ mkfifo in; timeout 20 ending -m 16384 dualpipe --max-message 1M -l sh -c 'yes | head -c 300000000' <in 2>how & exec 3>in
  > echo a >&3; exec 3>&-; wait $!; sed 's/[0-9]* bytes/N bytes/' how | grep -v before
  dualpipe: unexpected output: 2 times, N bytes in all
  dualpipe: requests: in 1, answered 0, failed 1
  exited 123

Fault 8: a flood that nobody reads: both sleep and nothing wakes them; it goes on when reading does.
  $ mkfifo out; dualpipe --status-fd 4 yes </dev/null >out 4>status & exec 5<out
  > until grep -qs pid status; do :; done; child=$(sed -n 's/.*"pid":\([0-9]*\).*/\1/p' status)
  > same=0 last=
  > while [ $same -lt 20 ]; do
  >     now=$(cat /proc/$!/status /proc/$child/status | grep -E '^State|ctxt')
  >     [ "$now" = "$last" ] && same=$((same + 1)) || same=0
  >     last=$now; sleep 0.02
  > done
  > echo "$now" | grep -c 'State:.S'
  > head -c 8000000 <&5 >got; yes | head -c 8000000 | cmp - got; exec 5<&-; wait $! 2>/dev/null
  2
  [141]

Fault 9: 100 MB both ways at once arrive unchanged.
  $ dd if=/dev/urandom of=f bs=1000000 count=100 2>/dev/null
  > ending -m 16384 dualpipe cat <f 2>how | cmp - f; cat how
  exited 0

Fault 9: into a file.
  $ dd if=/dev/urandom of=f bs=1000000 count=100 2>/dev/null
  > dualpipe cat <f >g; cmp f g

Fault 9: appended to a file, as splice refuses to.
  $ dd if=/dev/urandom of=f bs=1000000 count=20 2>/dev/null
  > echo first >g; dualpipe cat <f >>g; { echo first; cat f; } | cmp - g

Fault 9: with pipes of 4 KiB on both sides.
  $ dd if=/dev/urandom of=f bs=1000000 count=20 2>/dev/null
  > startas -p 1 cat f | startas -p 1 dualpipe cat | cmp - f

Fault 9: a request of 20 MB whose reply comes while it is sent.
  $ tr -dc a-z </dev/urandom | head -c 20000000 >f; echo >>f
  > dualpipe -f f cat | cmp - f

Fault 10: a child that closes its stdin only.
  $ head -c 1000000 /dev/zero | dualpipe sh -c 'exec <&-; sleep 0.3; echo ok'
  ok

Fault 11: a child that closes its stdout only.
  $ dd if=/dev/urandom of=f bs=1000000 count=10 2>/dev/null
  > dualpipe sh -c 'exec >&-; cat >g' <f; echo $?; cmp f g
  0

Fault 12: our stdin ends, the child answers later.
  $ seq 300000 | dualpipe sh -c 'cat >all; sleep 0.3; sort -rn all' | sha256sum >got
  > seq 300000 | sort -rn | sha256sum | cmp - got

# In stream mode it is as with a shell's pipe: events-stream.t. The grandchild is not ours to end.
Fault 13: a grandchild holds the pipe: request mode returns at once.
  $ ending -t 20 dualpipe -e x sh -c 'read -r a; setsid sleep 60 & echo $! >pid; echo hi' 2>how &
  > until grep -qs exited how; do :; done; cat how; kill "$(cat pid)" 2>/dev/null; wait $!
  hi
  exited 0

Fault 13: the same at end of file, which is the reply's end: that of the child counts.
  $ ending -t 20 dualpipe --fresh -e x -e y sh -c 'read -r a; setsid sleep 60 & echo $! >>pid; echo hi $a' 2>how &
  > until grep -qs exited how; do :; done; cat how; kill $(cat pid) 2>/dev/null; wait $!
  hi x
  hi y
  exited 0

Fault 15: a child that ignores SIGTERM is killed after --grace.
  $ timeout 20 dualpipe --deadline 0.5 --grace 0.5 --status-fd 4 sh -c 'trap "" TERM; while :; do sleep 100; done' 4>status
  > echo $?; grep -o '"signal.*stopped":true' status
  dualpipe: deadline: sh: 0.5s have passed
  124
  "signal":"KILL","stopped":true

Fault 15: by -t.
  $ timeout 20 dualpipe -t 0.5 --grace 0.5 -e a --status-fd 4 sh -c 'trap "" TERM; while :; do sleep 100; done' 4>status 2>/dev/null
  > echo $?; grep -o '"outcome.*stopped":true' status
  124
  "outcome":"timeout","signal":"KILL","stopped":true

Fault 15: --grace 0 kills at once.
  $ timeout 20 dualpipe --deadline 0.3 --grace 0 sh -c 'trap "" TERM; while :; do sleep 100; done'
  dualpipe: deadline: sh: 0.3s have passed
  [124]

Fault 16: a child that is stopped ends all the same, by SIGTERM.
  $ timeout 20 dualpipe --deadline 0.5 --grace 1h --status-fd 4 sh -c 'kill -STOP $$' 4>status
  > echo $?; grep -o '"signal.*stopped":true' status
  dualpipe: deadline: sh: 0.5s have passed
  124
  "signal":"TERM","stopped":true

Fault 16: by -t.
  $ timeout 20 dualpipe -t 0.5 --grace 1h -e a sh -c 'kill -STOP $$' 2>/dev/null
  [124]

#: long
Fault 18: a child that starts 1000 short ones leaves none.
  $ ending dualpipe sh -c 'i=0; while [ $((i += 1)) -le 1000 ]; do (exit 3) & done; wait; echo $((i - 1))' </dev/null
  1000
  exited 0

Fault 18: dualpipe has no zombie while it runs on.
  $ mkfifo in; dualpipe --fresh -l cat <in >out & exec 3>in
  > for i in $(seq 50); do echo $i; done >&3
  > until [ "$(wc -l <out)" = 50 ] && grep -qs '^State:.S' /proc/$!/status; do :; done
  > grep -ls "^PPid:.$!\$" /proc/[0-9]*/status | xargs -r grep -ls '^State:.Z'
  > exec 3>&-; wait $!; tail -n 1 out
  50

Fault 19: a child that makes a session of its own, with --foreground, is reached all the same.
  $ timeout 20 ending dualpipe --foreground --deadline 0.4 setsid sleep 100
  dualpipe: deadline: setsid: 0.4s have passed
  exited 124

#: needs prlimit
Fault 19: a child that has lowered its limits.
  $ timeout 20 ending dualpipe --deadline 0.4 prlimit --nofile=4 --nproc=1 sleep 100
  dualpipe: deadline: prlimit: 0.4s have passed
  exited 124

Fault 20: a script without #! runs by sh.
  $ echo 'echo "$0 $1"; exit 3' >script; chmod +x script; dualpipe ./script word
  ./script word
  [3]

Fault 20: the same found in PATH.
  $ mkdir bin; echo 'echo "$1"' >bin/script; chmod +x bin/script; PATH=$PWD/bin:$PATH dualpipe script word
  word

Fault 20: an empty file is an empty script.
  $ : >empty; chmod +x empty; dualpipe ./empty

Fault 20: an interpreter that is missing.
  $ echo '#!/no/such/interpreter' >script; chmod +x script; dualpipe ./script
  dualpipe: running: ./script: the interpreter it names is missing
  [126]

Fault 20: a directory, by path and in PATH.
  $ mkdir -p bin/nodir; dualpipe ./bin/nodir; echo $?; PATH=$PWD/bin:$PATH dualpipe nodir
  dualpipe: running: ./bin/nodir: Is a directory
  126
  dualpipe: finding the command: nodir: No such file or directory
  [127]

Fault 20: a link to itself.
  $ ln -s loop loop; dualpipe ./loop
  dualpipe: running: ./loop: Too many levels of symbolic links
  [126]

Fault 20: a program that is open for writing.
  $ cp /bin/true prog; exec 5>>prog; dualpipe ./prog 5>&-
  dualpipe: running: ./prog: Text file busy
  [126]

Fault 20: a directory of the path that is a file.
  $ : >file; dualpipe ./file/x
  dualpipe: (running|finding the command): ./file/x: Not a directory (re)
  [126]

Fault 20: the empty name.
  $ dualpipe ''
  dualpipe: finding the command: : No such file or directory
  [127]
