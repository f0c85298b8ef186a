# --limit: what a child may use, and how it is told that a limit has ended it. greedy is of the
# tests: it uses what there is.

Each part is read or refused by one line, before anything runs.
  $ for l in cpus=1 cpu cpu=0 cpu=1e9 cpu=99999d memory=0 memory=1Q files=0 files=-1 files=99999999999 output= cpu=1,cpu=2 cpu=1,,files=9 ''; do
  >     dualpipe --limit="$l" touch canary; [ $? = 125 ] || echo "$l: $?"
  > done; ls
  dualpipe: option --limit: cpus: no such limit: did you mean cpu?
  dualpipe: option --limit: cpu: a value is meant, as in cpu=1s,memory=256M
  dualpipe: option --limit: cpu=0: 0 leaves no time: inf sets no limit
  dualpipe: option --limit: cpu=1e9: not a time: a number with ms, s, m, h or d, or inf
  dualpipe: option --limit: cpu=99999d: too long: inf sets no limit
  dualpipe: option --limit: memory=0: a size is from 1 to what memory can hold
  dualpipe: option --limit: memory=1Q: not a size: a number with k, M or G
  dualpipe: option --limit: files=0: 0 leaves none: leave it out for no limit
  dualpipe: option --limit: files=-1: out of range
  dualpipe: option --limit: files=99999999999: out of range
  dualpipe: option --limit: output=: not a size: a number with k, M or G
  dualpipe: option --limit: cpu: it is given twice
  dualpipe: option --limit: : no such limit: cpu, memory, files, processes, filesize and output are meant
  dualpipe: option --limit: : no such limit: cpu, memory, files, processes, filesize and output are meant

Given again a limit is replaced, and others are added; inf takes it away.
  $ dualpipe --limit=files=20,cpu=9 --limit=files=30 --limit=cpu=inf sh -c 'ulimit -n -t | sed "s/.* //"; ulimit -n; ulimit -t'
  (*)
  30
  unlimited

A child has them, and what it starts; no core is dumped; a builtin has them too.
  $ dualpipe --limit=cpu=2500ms,files=20,filesize=1M sh -c 'sh -c "ulimit -St; ulimit -Ht; ulimit -n; ulimit -f; ulimit -c"'
  > dualpipe --limit=output=4 -b flood xyz; echo " $?"
  3
  4
  20
  2048
  0
  xyz
  dualpipe: limit: flood: more than 4 bytes of output
   121

A limit that the child has is not raised.
  $ ulimit -n 40; dualpipe --limit=files=1000000 sh -c 'ulimit -Hn'
  40

With nothing passed all is as without limits.
  $ printf '1+1\n6*7\n' | dualpipe --limit=cpu=9,memory=1G,files=99,filesize=1G,output=1M -l bc; dualpipe --limit=cpu=9 sh -c 'exit 3'
  2
  42
  [3]

It can't be given where a launcher would be limited.
  $ dualpipe --limit=cpu=1 --hosts=a --via='env A={host}' -e 1 cat
  dualpipe: option --limit: it would hold what launches the command, not the command: give it there, as in --via='... dualpipe --limit=...'
  [125]

# --- time of the processor ------------------------------------------------------------------

Processor time: of a shell, of python, of a program that minds no signal; whole seconds and less.
  $ ending -t 20 dualpipe --limit=cpu=0.2s --status-fd=3 sh -c 'while :; do :; done' 3>status; sed -n 's/,"m.*//;2p' status
  > ending -t 20 dualpipe --limit=cpu=1s python3 -c 'while True: pass'
  > ending -t 20 dualpipe --limit=cpu=300ms --grace=0 greedy time
  dualpipe: limit: sh: more than 0.2s of processor time
  exited 121
  {"event":"end","outcome":"limit","limit":"cpu","signal":"XCPU","stopped":true
  dualpipe: limit: python3: more than 1s of processor time
  exited 121
  dualpipe: limit: greedy: more than 0.3s of processor time
  exited 121

That of many counts together: those that it has waited for, and those that run; none is left.
  $ ending -t 20 dualpipe --limit=cpu=400ms sh -c 'while :; do timeout 0.05 sh -c "while :; do :; done"; done'
  > ending -t 20 dualpipe --limit=cpu=400ms sh -c '(while :; do :; done) & (while :; do :; done) & wait'
  > ending -t 20 dualpipe --limit=cpu=400ms sh -c '(sh -c "while :; do :; done"; :) & wait'
  dualpipe: limit: sh: more than 0.4s of processor time
  exited 121
  dualpipe: limit: sh: more than 0.4s of processor time
  exited 121
  dualpipe: limit: sh: more than 0.4s of processor time
  exited 121

Time asleep counts for nothing: that is --deadline's. The first cause decides.
  $ ending -t 20 dualpipe --limit=cpu=50ms --deadline=0.5 sleep 100
  > ending -t 20 dualpipe --limit=cpu=9 --deadline=0.3 sh -c 'while :; do :; done'
  dualpipe: deadline: sleep: 0.5s have passed
  exited 124
  dualpipe: deadline: sh: 0.3s have passed
  exited 124

#: needs strace
While a child is idle nobody looks at it ever again: a few times, ever more rarely.
  $ mkfifo in; (sleep 3; echo end) >in & ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 strace -o calls -e trace=openat dualpipe --limit=cpu=100ms cat <in; wait
  > n=$(grep -c '/proc/[0-9]*/stat"' calls); [ "$n" -ge 2 ] && [ "$n" -le 12 ] || echo "looked $n times"
  end

#: needs strace
A message costs no system call more.
  $ export ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0"; seq 2000 >in; for l in '' --limit=cpu=60s,files=99,output=1G; do
  >     strace -o calls dualpipe $l -l -b lower <in | cmp in -
  >     n=$(grep -cvE '^(read|poll|sched_yield|write)[(]' calls); [ "$n" -lt 1000 ] || echo "$n others"
  > done

# --- memory ----------------------------------------------------------------------------------

#: needs strace
Memory, where no cgroup can be made: the child's own failure, and the limit was near.
  $ for c in "python3 -c 'a=[bytearray(1<<20) for i in range(999)]'" 'greedy memory'; do
  >     eval ending -t 20 faulty "'?mkdir,mkdirat:error=EACCES'" dualpipe --limit=memory=64M --stderr=null --status-fd=3 $c 3>status
  >     grep -o '"outcome.*"code":[0-9]*' status
  > done
  exited 1
  "outcome":"ended","near":["memory"],"code":1
  [4-6]. MiB (re)
  exited 7
  "outcome":"ended","near":["memory"],"code":7

#: needs user
#: needs strace
The same as an ordinary user, in --json; the next child has its own.
  $ printf '1\n999\n2\n' | faulty '?mkdir,mkdirat:error=EACCES' dualpipe -k -l --fresh --json --limit=memory=64M -- python3 -c 'n = int(input()); a = [bytearray(1 << 20) for i in range(n)]; print(n)' 2>err |
  >     sed 's/,"stderr.*"outcome/,"outcome/; s/,"sent.*//'; grep -v "^Trace\|^ " err
  (*)
  {"n":1,"request":"1","reply":["1"],"outcome":"ok"
  {"n":2,"request":"999","reply":[],"outcome":"ended","near":["memory"]
  {"n":3,"request":"2","reply":["2"],"outcome":"ok"
  dualpipe: request 2: python3: ended with status 1
  dualpipe: requests: in 3, answered 2, failed 1

What is not near is not said to be.
  $ dualpipe --limit=memory=1G,cpu=60s,output=1M --status-fd=3 false 3>&1 | grep -o '"outcome.*"code":[0-9]*'
  "outcome":"ended","code":1

#: needs root
Where a cgroup can be made it is that of all together, and the kernel tells; else of each process.
  $ dualpipe --limit=memory=100M cat /proc/self/cgroup | grep -q /dualpipe- || each=yes
  > ending -t 20 dualpipe --limit=memory=100M greedy memory >out 2>&1; [ "$each" ] || ! grep -v 'more than 100M\|exited 121' out
  > ending -t 20 dualpipe --limit=memory=100M greedy many 4 >out 2>&1; [ "$each" ] || grep -v '^[0-3] proc' out
  > [ -z "$each" ] || { grep '^4 proc' out; echo exited 121; }
  dualpipe: limit: greedy: more than 100M of memory
  exited 121

#: needs root
Of a cgroup nothing is left, nor of what was in it: a child that ends, is stopped, was never there.
  $ dualpipe --limit=memory=99M,processes=9 sh -c 'sleep 100 >&- 2>&- & cat /proc/self/cgroup' | grep -o '/dualpipe-.*' >names
  > dualpipe --limit=memory=99M,processes=9 -t 0.1 -e x sh -c 'cat /proc/self/cgroup >&2; sleep 100' 2>&1 | grep -o '/dualpipe-.*' >>names
  > dualpipe --limit=memory=99M,processes=9 ./none 2>&1; while read -r n; do find /sys/fs/cgroup -name "${n#/}"; done <names; pgrep -fx 'sleep 100' | while read -r p; do grep -s dualpipe- "/proc/$p/cgroup"; done; :
  dualpipe: finding the command: ./none: No such file or directory

#: needs root
One that was left by a run that was killed is removed by a later one, unless its maker lives.
  $ at=$(dualpipe --limit=processes=9 cat /proc/self/cgroup | sed -n 's,/dualpipe-[^/]*$,,p'); case $at in
  >     0::*) at=/sys/fs/cgroup${at#0::} ;; *:pids:*) at=/sys/fs/cgroup/pids${at##*:} ;; *) exit 0 ;;
  > esac; [ -w "$at" ] || exit 0
  > (exec sh -c 'echo $$') >gone; mkdir "$at/dualpipe-$(cat gone)-7" "$at/dualpipe-$$-7"
  > dualpipe --limit=processes=9 true; [ -d "$at/dualpipe-$(cat gone)-7" ] || echo 'removed though it is new'
  > touch -d '2 minutes ago' "$at"/dualpipe-*-7 && dualpipe --limit=processes=9 true
  > [ ! -d "$at/dualpipe-$(cat gone)-7" ] || echo 'not removed'; rmdir "$at/dualpipe-$$-7"

#: needs root
Of version 2: one beside ours, of no more processes; not where memory would be freer than in ours.
  $ at=/sys/fs/cgroup; grep -q 'memory.*pids' $at/cgroup.subtree_control 2>/dev/null || exit 0
  > at=$at/dp-test-$$; mkdir $at $at/leaf; echo '+memory +pids' >$at/cgroup.subtree_control; echo 60 >$at/leaf/pids.max
  > inside() { sh -c 'echo $$ >'$at'/leaf/cgroup.procs; exec "$@"' sh "$@"; }
  > most() { inside dualpipe --limit="$1" sh -c 'cat "/sys/fs/cgroup$(cut -d: -f3 /proc/self/cgroup)/pids.max"'; }
  > inside dualpipe --limit=memory=99M cat /proc/self/cgroup | grep -q "dp-test-$$/dualpipe-" || echo none
  > [ "$(echo $(most memory=99M; most processes=99; most processes=9))" = '60 60 9' ] || echo 'more processes'
  > echo 80M >$at/leaf/memory.max; inside dualpipe --limit=memory=99M cat /proc/self/cgroup 2>/dev/null | grep dualpipe-
  > inside dualpipe --sandbox --limit=memory=99M cat /proc/self/cgroup 2>/dev/null | grep dualpipe-
  > rmdir $at/leaf $at

# --- the rest --------------------------------------------------------------------------------

Descriptors.
  $ ending -t 20 dualpipe --limit=files=10 greedy files; dualpipe --limit=files=12 python3 -c '
  > try: [open("/dev/null") for i in range(99)]
  > except OSError as e: print(e.strerror)'
  7 more descriptors
  exited 7
  Too many open files

#: needs user
Processes, of an ordinary user: all that the user has are counted.
  $ ending -t 20 dualpipe --limit=processes=1 greedy processes; ending -t 20 dualpipe --limit=processes=1 sh -c 'ls | cat; echo on'
  (*)
  exited 7
  sh: 0: Cannot fork
  exited 2

#: needs root
Processes, of root: in a cgroup, and the limit was near; without one they can't be limited.
  $ dualpipe --limit=processes=5 cat /proc/self/cgroup | grep -q /dualpipe- || none=yes
  > if [ "$none" ]; then echo '"outcome":"ended","near":["processes"],"code":7'; else
  >     dualpipe --limit=processes=5 --status-fd=3 --stderr=null greedy processes 3>&1 >out | grep -o '"outcome.*"code":[0-9]*'; [ "$(cat out)" = '4 more processes' ] || cat out
  > fi; ending faulty '?mkdir,mkdirat:error=EACCES' dualpipe --limit=processes=5 touch canary; ls canary
  "outcome":"ended","near":["processes"],"code":7
  dualpipe: limiting the processes of: touch: root is not bound by it: ask as another user, or where a cgroup can be made
  exited 125
  ls: cannot access 'canary': No such file or directory
  [2]

The size of a file: of a program, of a shell's child, of one that ignores the signal.
  $ ending -t 20 dualpipe --limit=filesize=100k greedy file; wc -c <greedy
  > ending -t 20 dualpipe --limit=filesize=100k sh -c 'greedy file; exit $?'
  > ending -t 20 dualpipe --limit=filesize=100k python3 -c '
  > try: open("f", "wb").write(bytes(200000))
  > except OSError as e: print(e.strerror)'; wc -c <f
  dualpipe: limit: greedy: a file of more than 100k
  exited 121
  102400
  (*)
  dualpipe: limit: sh: a file of more than 100k
  exited 121
  File too large
  exited 0
  102400

Output: exactly so many bytes, from one that never ends, in one long line, and to standard error.
  $ for c in yes 'greedy line 1024'; do dualpipe --limit=output=100k -- $c 2>err | wc -c; cat err; done
  > dualpipe --limit=output=10 --stderr=relay sh -c 'echo 1234 >&2; until [ -s err ]; do :; done; yes' 2>err </dev/null | wc -c; cat err
  > for n in '' 1; do dualpipe --limit=output=10 printf 1234567890$n; echo " $?"; done
  > for o in '' --fresh; do dualpipe --limit=output=10 $o -n 9 -e x sh -c 'read x; printf 12345678901' 2>err; echo " $?"; grep -o 'more.*' err; done
  102400
  dualpipe: limit: yes: more than 100k of output
  102400
  dualpipe: limit: greedy: more than 100k of output
  5
  1234
  dualpipe: limit: sh: more than 10 bytes of output
  1234567890 0
  1234567890dualpipe: limit: printf: more than 10 bytes of output
   121
  1234567890 121
  more than 10 bytes of output
  1234567890 121
  more than 10 bytes of output

Output on a terminal of the child's own, and when the traffic is shown.
  $ dualpipe --limit=output=8 --pty=cooked -- yes 2>/dev/null | wc -c; dualpipe --limit=output=8 -v yes 2>&1 >/dev/null | tail -n 2
  8
  < y\ny\ny\ny
  dualpipe: limit: yes: more than 8 bytes of output

# --- each way to ask -------------------------------------------------------------------------

Requests of one child: what came of the reply is given, then the reason.
  $ dualpipe --limit=output=10 -n 9 -e x -e y -- yes; echo $?
  > dualpipe --limit=cpu=0.1s --json -e 1 -e 2 -- sh -c 'while read n; do echo $n; [ $n = 1 ] || while :; do :; done; done' 2>err | sed 's/,"ms.*//'
  > dualpipe --limit=cpu=0.1s --status-fd=1 -n1 -e 2 -- sh -c 'while :; do :; done' 2>>err | sed -n 's/,"ms.*//;2p'; cat err
  (*)
  dualpipe: request 1: yes: more than 10 bytes of output
  dualpipe: requests: .* (re)
  121
  (*)
  {"event":"end","outcome":"limit","limit":"cpu","signal":"XCPU","stopped":true,"in":1,"answered":0,"failed":1
  (*)
  dualpipe: request 1: sh: more than 0.1s of processor time
  dualpipe: requests: in 1, answered 0, failed 1

Many children: one that passes a limit is replaced under the same, its request has failed.
  $ seq 8 | dualpipe --limit=cpu=0.2s --json -j2 -k -l -- sh -c 'while read n; do [ $((n % 4)) != 2 ] || while :; do :; done; echo $n; done' 2>err | sed 's/,"sent.*//'; echo; grep -c 'more than 0.2s' err
  > seq 4 | dualpipe --limit=cpu=0.2s -j2 -l -- sh -c 'while read n; do [ $n != 2 ] || while :; do :; done; echo $n; done' >out 2>&1; echo $?
  {"n":1,"request":"1","reply":["1"],"outcome":"ok"
  {"n":2,"request":"2","outcome":"limit","limit":"cpu"
  {"n":3,"request":"3","reply":["3"],"outcome":"ok"
  {"n":4,"request":"4","reply":["4"],"outcome":"ok"
  {"n":5,"request":"5","reply":["5"],"outcome":"ok"
  {"n":6,"request":"6","outcome":"limit","limit":"cpu"
  {"n":7,"request":"7","reply":["7"],"outcome":"ok"
  {"n":8,"request":"8","reply":["8"],"outcome":"ok"
  
  2
  121

A child for each request: each has its own limits; a cut reply is no whole one.
  $ printf '1\n2\n3\n' | dualpipe --limit=output=10 --json --fresh -k -l -- sh -c 'read x; echo 12345; [ $x != 2 ] || yes' 2>err | sed 's/,"ms.*//'; cat err
  > dualpipe --limit=output=10 --fresh -e 2 -- yes; echo $?
  > printf '1\n2\n' | dualpipe --limit=cpu=0.1s --retries=1 --json --fresh -k -l -- sh -c 'read x; [ $x != 2 ] || while :; do :; done' 2>&1 | sed 's/,"ms.*a/,"a/'
  {"n":1,"request":"1","reply":["12345"],"outcome":"ok","sent":true
  {"n":2,"request":"2","partial":"12345\ny\ny\n","outcome":"limit","limit":"output","sent":true
  {"n":3,"request":"3","reply":["12345"],"outcome":"ok","sent":true
  dualpipe: request 2: sh: more than 10 bytes of output
  dualpipe: requests: in 3, answered 2, failed 1
  (*)
  dualpipe: request 1: yes: more than 10 bytes of output
  dualpipe: requests: in 1, answered 0, failed 1
  121
  {"n":1,"request":"1","reply":[],"outcome":"ok","sent":true,"attempt":1}
  {"n":2,"request":"2","outcome":"limit","limit":"cpu","sent":true,"attempt":2}
  dualpipe: request 2: sh: more than 0.1s of processor time
  dualpipe: requests: in 2, answered 1, failed 1

Set-up.
  $ dualpipe --limit=output=10 -n 9 --setup=x -n 9 -e y -- yes; echo $?; dualpipe --limit=cpu=0.1s --ready=never -e y sh -c 'while :; do :; done'
  dualpipe: set-up: yes: more than 10 bytes of output
  dualpipe: requests: in 0, answered 0, failed 0, not begun 1
  121
  dualpipe: getting ready: sh: more than 0.1s of processor time
  dualpipe: requests: in 0, answered 0, failed 0, not begun 1
  [121]

A session has the limits of its start: the same may be named again in other words, others may not.
  $ dualpipe --limit=cpu=250ms,files=50 -e 1 @s -- sh -c 'while read n; do [ $n != 9 ] || while :; do :; done; ulimit -n; done'
  > dualpipe --limit=files=50 --limit=cpu=0.25s -e 2 @s; for l in cpu=1 files=50 memory=1G; do dualpipe --limit=$l -e 3 @s; echo $?; done
  > dualpipe --json -e 9 @s | sed 's/,"sent.*//'; dualpipe -e 1 @s; echo $?
  50
  50
  dualpipe: option --limit: @s: the session was started with another: cpu=0.25s,files=50
  125
  dualpipe: option --limit: @s: the session was started with another: cpu=0.25s,files=50
  125
  dualpipe: option --limit: @s: the session was started with another: cpu=0.25s,files=50
  125
  (*)
  dualpipe: session: @s: there is none: give a command to start it
  125

A session whose child was ended by a limit while nobody asked says so once.
  $ dualpipe --limit=cpu=250ms -e 1 @t -- sh -c 'read n; echo $n; while :; do :; done'
  > until dualpipe --sessions | grep -q limit; do :; done; dualpipe -e 2 @t; echo $?; dualpipe --sessions
  1
  dualpipe: session: @t: sh has ended by its limit of cpu: its state is lost
  125

# --- the kernel refuses ----------------------------------------------------------------------

Each limit that can't be set is named, for a command and for a builtin, and nothing has run.
  $ try() { REFUSE=$1 ending -t 20 shimmed dualpipe --limit=$2 $3 2>&1 </dev/null; }
  > for c in 'touch canary' '-b echo'; do
  >     try cpu cpu=1 "$c"; try files files=20 "$c"; try filesize filesize=1M "$c"; try core output=9 "$c"
  > done; ls canary 2>&1; try core output=9,cpu=9 'touch canary'; try cpu files=99 'touch canary'; ls
  dualpipe: limiting the processor time of: touch: Operation not permitted
  exited 125
  dualpipe: limiting the descriptors of: touch: Operation not permitted
  exited 125
  dualpipe: limiting the file size of: touch: Operation not permitted
  exited 125
  dualpipe: forbidding core dumps to: touch: Operation not permitted
  exited 125
  dualpipe: limiting the processor time of: echo: Operation not permitted
  exited 125
  dualpipe: limiting the descriptors of: echo: Operation not permitted
  exited 125
  dualpipe: limiting the file size of: echo: Operation not permitted
  exited 125
  dualpipe: forbidding core dumps to: echo: Operation not permitted
  exited 125
  ls: cannot access 'canary': No such file or directory
  dualpipe: forbidding core dumps to: touch: Operation not permitted
  exited 125
  exited 0
  canary

#: needs user
#: needs strace
The same of memory and processes, of an ordinary user; and in a pool, where nobody is asked.
  $ alone() { ending -t 20 faulty '?mkdir,mkdirat:error=EACCES' shimmed dualpipe "$@" 2>&1; }
  > try() { REFUSE=$1 alone --limit=$2 touch canary; }
  > try memory memory=64M; try processes processes=99; REFUSE=memory alone --limit=memory=64M -j2 -e 1 -e 2 touch canary; ls
  dualpipe: limiting the memory of: touch: Operation not permitted
  exited 125
  dualpipe: limiting the processes of: touch: Operation not permitted
  exited 125
  dualpipe: limiting the memory of: touch: Operation not permitted
  exited 125

#: needs strace
Without /proc the time of the child itself is known all the same.
  $ ending -t 20 faulty open,openat:error=ENOENT:when=20+ dualpipe --limit=cpu=0.2s sh -c 'while :; do :; done'
  dualpipe: limit: sh: more than 0.2s of processor time
  exited 121
