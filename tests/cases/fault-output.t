# What happens on our side of the pipes. The numbers are those of the project's list of faults.

Fault 17: Ctrl-Z and fg in a shell: the same output, and the terminal as it was.
  $ echo "PS1='ready> '" >rc
  > pty -w 'ready> ' -s 'dualpipe sh -c "echo \$((40+2)); cat; exit 7" | cat^J' -w 42 -s 'typed^J' -w typed -w typed \
  >     -s '^Z' -w 'ready> ' -s 'stty -a >state; fg^J' -w fg -w '| cat' -s 'more^J^D' -w 'ready> ' -s 'exit 3^J' -- env ENV=rc sh -i |
  >     grep -v '> '
  > grep -o ' echo ' state
  42
  typed
  typed
  (.*Stopped.*) (re)
  dualpipe sh -c "echo $((40+2)); cat; exit 7" | cat
  more
  more
  [exited 3]
   echo\x20 (esc)

Fault 17: the pieces, without a shell: stopped amid a transfer and continued.
  $ dd if=/dev/urandom of=f bs=1000000 count=50 2>/dev/null
  > dualpipe cat <f >g &
  > for i in $(seq 20); do
  >     kill -TSTP $! 2>/dev/null || break
  >     until grep -qs '^State:.T' /proc/$!/status || ! grep -q . /proc/$!/cmdline; do :; done 2>/dev/null
  >     kill -CONT $! 2>/dev/null
  > done
  > wait $!; echo $?; cmp f g
  0

# A limit of the file's size stands for a small disk: mounting one is not allowed everywhere.
Fault 39: our output may grow no longer: 120, the child is stopped, and what fits is there.
  $ env --ignore-signal=XFSZ sh -c 'ulimit -f 16; ending dualpipe seq 100000 >out'
  > seq 100000 | cmp -n 8192 - out; wc -c <out
  dualpipe: writing: standard output: File too large
  exited 120
  8192

Fault 39: in request mode.
  $ yes | env --ignore-signal=XFSZ sh -c 'ulimit -f 16; ending dualpipe -l cat >out 2>how'
  > sed /requests/d how; yes | cmp -n 8192 - out; wc -c <out
  dualpipe: writing: standard output: File too large
  exited 120
  8192

Fault 39: a child that would never end.
  $ timeout 20 ending dualpipe -b flood >/dev/full
  dualpipe: writing: standard output: No space left on device
  exited 120

Fault 40: our reader goes: dualpipe dies by SIGPIPE, and no word.
  $ { ending dualpipe yes; } 2>how | head -n 1; cat how
  y
  killed PIPE

Fault 40: the child that ignores the end of its input.
  $ { ending dualpipe --grace 0.2 sh -c 'trap "" TERM; while :; do echo y; done'; } 2>how | head -n 1; grep -v Broken how
  y
  killed PIPE

Fault 41: the same with SIGPIPE ignored: 120 and one line.
  $ { ending env --ignore-signal=PIPE dualpipe yes; } 2>how | head -n 1; cat how
  y
  dualpipe: writing: standard output: Broken pipe
  exited 120

Fault 41: in request mode.
  $ { yes | ending env --ignore-signal=PIPE dualpipe -l cat; } 2>how | head -n 1; sed '/requests/d' how
  y
  dualpipe: writing: standard output: Broken pipe
  exited 120

Fault 42: a reader that is slow.
  $ seq 40000 >f; dualpipe cat <f | (while read -r line; do echo "$line"; done) | cmp - f

Fault 42: -t: replies that have come whole are in time.
  $ for o in '' '-j 2' '-w 4' '-k -j 2'; do seq 20 | sed 's/.*/printf "%0300000d\\n" &/' | dualpipe -t $SLOW $o -l sh | (sleep $((3 * SLOW)); wc -c); done
  6000020
  6000020
  6000020
  6000020

Fault 42: -t: one that isn't whole runs out though nothing is read.
  $ { dualpipe -t 1 -u END -e x sh -c 'read -r a; exec yes' 2>err; echo $? >over; } | { until [ -e over ]; do sleep 0.02; done; cat over; grep -c 'no whole reply in 1s' err; }
  124
  1

Fault 42: -t: what was whole before it is written all the same, and nothing else.
  $ { dualpipe -w 2 -t 1 -e a -u END -e b sh -c 'read -r a; printf "%0100000d\n" 1; read -r b; exec yes' 2>err; echo $? >status; } | { until grep -qs 'request 2: no whole reply in 1s' err; do sleep 0.02; done; wc -c; }; cat status
  100001
  124

#: long
Fault 42: the same in request mode.
  $ seq 40000 >f; dualpipe -l cat <f | (while read -r line; do echo "$line"; done) | cmp - f

Fault 43: our stdout does not block already: nothing is lost, the flag stays.
  $ seq 300000 >f
  > dualpipe cat <f 2>err | cat >/dev/null
  > startas -n 1 ending dualpipe cat <f 2>how | (sleep 0.3; cat) | cmp - f; cat how
  exited 0

#: long
Fault 43: in request mode.
  $ seq 30000 >f; startas -n 1 ending dualpipe -l cat <f 2>how | (sleep 0.3; cat) | cmp - f; cat how
  exited 0

Fault 43: our stdin does not block.
  $ (sleep 0.2; seq 30000) | startas -n 0 ending dualpipe cat | (sleep 0.2; cat) >got; seq 30000 | cmp - got
  exited 0

#: needs socat
Fault 43: all three are one socket that does not block.
  $ seq 50000 >f; socat SYSTEM:"startas -n 1 dualpipe cat" OPEN:f,rdonly!!OPEN:g,wronly,creat,trunc; cmp f g

Fault 44: a terminal shared with us stays blocking, while we run and after.
  $ pty -w up -s 'one^Mtwo^M^D' -- sh -c 'stty -echo; echo up; dualpipe -l sh -c "cat; sleep 0.3" | cat'
  > pty -w up -s 'one^Mtwo^M^D' -- sh -c 'stty -echo; echo up; dualpipe sh -c "cat; sleep 0.3" | cat'
  > pty -- sh -c 'seq 3 | dualpipe -l sh -c "cat; sleep 0.3"; seq 3 | dualpipe sh -c "cat; sleep 0.3"; stty -echo'
  up
  one
  two
  [exited 0]
  [terminal changed]
  up
  one
  two
  [exited 0]
  [terminal changed]
  1
  2
  3
  1
  2
  3
  [exited 0]
  [terminal changed]

#: long
#: limit 150
Fault 45: a storm of signals: nothing is lost.
  $ seq 200000 >f
  > for o in '' -l; do STORM=200 shimmed dualpipe $o cat <f | cmp - f; done

Fault 45: every third call is interrupted.
  $ seq 20000 >f
  > for o in '' -l; do EVERY=3 shimmed dualpipe $o cat <f | cmp - f; done

Fault 45: a limit holds in the storm.
  $ timeout 20 env STORM=200 shimmed dualpipe --deadline 0.5 sleep 100
  dualpipe: deadline: sleep: 0.5s have passed
  [124]

Fault 45: one of -t too.
  $ timeout 20 env STORM=200 shimmed dualpipe -t 0.5 -e a sleep 100 2>&1 | cut -d: -f1-3
  dualpipe: request 1: no whole reply in 0.5s
  dualpipe: requests: in 1, answered 0, failed 1

Fault 46: reads and writes of one byte: nothing is lost.
  $ seq 5000 >f
  > for o in '' -l; do SHORT=1 shimmed dualpipe $o cat <f | cmp - f; done

Fault 46: of three, with interruptions.
  $ seq 5000 >f
  > for o in '' -l; do SHORT=3 EVERY=2 shimmed dualpipe $o cat <f | cmp - f; done

# A thousand kills take a minute: DUALPIPE_TIMES raises their number.
#: limit 300
#: long
Fault 48: TERM, INT, HUP and QUIT at any moment: dualpipe dies by it, and its child is gone.
  $ for s in TERM INT HUP QUIT; do
  >     strike $s ${DUALPIPE_TIMES:-25} 6000 dualpipe sleep 100
  >     strike $s ${DUALPIPE_TIMES:-25} 6000 dualpipe -e a sleep 100 2>/dev/null
  > done
  of it all, otherwise 0, hung 0, left a process 0
  of it all, otherwise 0, hung 0, left a process 0
  of it all, otherwise 0, hung 0, left a process 0
  of it all, otherwise 0, hung 0, left a process 0
  of it all, otherwise 0, hung 0, left a process 0
  of it all, otherwise 0, hung 0, left a process 0
  of it all, otherwise 0, hung 0, left a process 0
  of it all, otherwise 0, hung 0, left a process 0

#: limit 300
#: long
Fault 49: SIGKILL at any moment: the child is gone.
  $ strike KILL ${DUALPIPE_TIMES:-100} 6000 dualpipe sleep 100
  > strike KILL ${DUALPIPE_TIMES:-100} 6000 dualpipe -e a -b mute
  of it all, otherwise 0, hung 0, left a process 0
  of it all, otherwise 0, hung 0, left a process 0

#: limit 300
#: long
Fault 49: amid a stream, by SIGKILL and by SIGTERM.
  $ for s in KILL TERM; do
  >     strike $s ${DUALPIPE_TIMES:-50} 20000 sh -c 'exec dualpipe sh -c "cat; exec sleep 100" </dev/zero >/dev/null'
  >     yes | strike $s ${DUALPIPE_TIMES:-50} 20000 sh -c 'exec dualpipe -l cat >/dev/null 2>&1'
  > done
  of it all, otherwise 0, hung 0, left a process 0
  of it all, otherwise 0, hung 0, left a process 0
  of it all, otherwise 0, hung 0, left a process 0
  of it all, otherwise 0, hung 0, left a process 0

Fault 50: SIGSTOP and SIGCONT amid a stream: nothing is lost.
  $ dd if=/dev/urandom of=f bs=1000000 count=100 2>/dev/null
  > dualpipe cat <f >g & i=0
  > while kill -STOP $! 2>/dev/null && [ $((i += 1)) -lt 50 ]; do kill -CONT $!; done; kill -CONT $!
  > wait $!; echo $?; cmp f g
  0

Fault 50: amid requests.
  $ seq 20000 >f; dualpipe -l cat <f >g & i=0
  > while kill -STOP $! 2>/dev/null && [ $((i += 1)) -lt 50 ]; do kill -CONT $!; done; kill -CONT $!
  > wait $!; echo $?; cmp f g
  0

#: needs pgrep
Fault 50: a limit goes on while we are stopped by SIGSTOP, which nobody can see.
  $ timeout 20 dualpipe --deadline 0.5 sleep 100 2>err & until pid=$(pgrep -P $! dualpipe); do :; done
  > kill -STOP $pid; sleep 0.7; kill -CONT $pid; wait $!; echo $?; cat err
  124
  dualpipe: deadline: sleep: 0.5s have passed
