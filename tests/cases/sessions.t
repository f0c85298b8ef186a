# Sessions: a child that outlives the call. Their sockets are in $XDG_RUNTIME_DIR, the case's own.

State is kept from one call to the next, and --stop ends it: nothing is left behind.
  $ dualpipe -a bc -e 'x=6*7' @calc; dualpipe -e x @calc; dualpipe --stop @calc; ls dualpipe
  42

Without a session, and without a command to start it.
  $ dualpipe -e x @calc; echo $?; dualpipe --stop @calc; echo $?; dualpipe --sessions; ls
  dualpipe: session: @calc: there is none: give a command to start it
  125
  dualpipe: session: @calc: there is none
  1

Options may stand on either side of @session; -- ends them there too; its own are the command's.
  $ dualpipe -t 9 @s -e a -n 2 -e b -- sh -c 'while read -r a; do echo "$a$0"; echo .; done' -e; echo $?
  > dualpipe @s -n 2 -e a -e b -- sh -c 'while read -r a; do echo "$a$0"; echo .; done' -e; dualpipe --stop @s
  dualpipe: option --until: a session has one rule by which replies end; only -n 0 may stand beside it
  125
  a-e
  .
  b-e
  .

A word behind -- that begins with @ is a command.
  $ dualpipe -- @calc; echo $?
  dualpipe: finding the command: @calc: No such file or directory
  127

100 calls, one after another, count on.
  $ for i in $(seq 100); do dualpipe --no-reply== -e "x=x+$i" -e x @c -- bc || break; done | tail -n 1; dualpipe --stop @c
  5050

From the lines of a makefile.
  $ printf 'all:\n\t@dualpipe --no-reply== -e x=5 @m -- bc\n\t@dualpipe -e x*x @m\n' >Makefile; make; dualpipe --stop @m
  25

Options that the start has fixed: the same ones go, others are refused, naming them.
  $ dualpipe --fence='print "{}\n"' --grace=1s -e 1 @s -- bc; dualpipe --fence='print "{}\n"' -e 2 @s; dualpipe --grace=1s -e 3 @s bc
  > for o in -n5 --fence={} --frame=nul -j2 --grace=2s --pty --setup=x --persist=2h -uX; do dualpipe $o -e 4 @s; echo $?; done
  > dualpipe -e 5 @s dc; dualpipe --stop @s
  1
  2
  3
  dualpipe: option -n: @s: the session was started without it
  125
  dualpipe: option --fence: @s: the session was started with another: print "{}\\n"
  125
  dualpipe: option --frame: @s: the session was started without it
  125
  dualpipe: option -j: @s: the session was started without it
  125
  dualpipe: option --grace: @s: the session was started with another: 1s
  125
  dualpipe: option --pty: @s: the session was started without it
  125
  dualpipe: option --setup: @s: the session was started without it
  125
  dualpipe: option --persist: @s: the session was started without it
  125
  dualpipe: option -u: @s: the session was started without it
  125
  dualpipe: session: @s: it runs another command: bc

Options that have no effect on a session, or without one.
  $ for o in --foreground --retries=1 --unordered; do dualpipe $o -e 1 @s bc; done; for o in --listen --stop --follow --persist=1; do dualpipe $o -e 1 bc; done
  > dualpipe --listen @s; dualpipe --listen -e 1 @s bc; ls
  dualpipe: option --foreground: a session outlives the call: it has a session of its own
  dualpipe: option --retries: a session's child is not replaced
  dualpipe: option --unordered: a session answers each call in order
  dualpipe: option --listen: it needs @session, the name of one
  dualpipe: option --stop: it needs @session, the name of one
  dualpipe: option --follow: it needs @session, the name of one
  dualpipe: option --persist: it needs @session, the name of one
  dualpipe: option --listen: @s: no command is given
  dualpipe: option --listen: it asks nothing itself: leave out -e, -f and --await

Names and paths that are none.
  $ for n in a/b .. '' -x a.dualpipe-lock a.dualpipe-log 'a b'; do dualpipe -e 1 "@$n" cat; done; dualpipe -e 1 @/$(printf %0120d 0) cat; ls
  dualpipe: session: @a/b: a name is meant, of letters, digits and . _ - +, or a path from / on
  dualpipe: session: @..: a name is meant, of letters, digits and . _ - +, or a path from / on
  dualpipe: session: @: a name is meant, of letters, digits and . _ - +, or a path from / on
  dualpipe: session: @-x: a name is meant, of letters, digits and . _ - +, or a path from / on
  dualpipe: session: @a.dualpipe-lock: a name is meant, of letters, digits and . _ - +, or a path from / on
  dualpipe: session: @a.dualpipe-log: a name is meant, of letters, digits and . _ - +, or a path from / on
  dualpipe: session: @a b: a name is meant, of letters, digits and . _ - +, or a path from / on
  dualpipe: session: @/0*: its socket's path is longer than 107 bytes (re)

@/PATH: the socket is where it is said.
  $ dualpipe --no-reply== -e x=3 "@$PWD/here" bc; ls; dualpipe -e x "@$PWD/here"; printf 'x+1\nx+2' | dualpipe "@$PWD/here"; dualpipe --stop "@$PWD/here"; ls
  here
  here.dualpipe-lock
  here.dualpipe-log
  3
  4
  5

The socket is 0600, its directory 0700, whatever the umask.
  $ (umask 0; dualpipe -e 1 @s bc); stat -c '%a %F' dualpipe dualpipe/s; dualpipe --stop @s
  1
  700 directory
  600 socket

A directory that is a link, or that others have a right to, is not used.
  $ mkdir -m 700 other; ln -s other dualpipe; dualpipe -e 1 @s bc; rm dualpipe; mkdir -m 755 dualpipe; dualpipe -e 1 @s bc; dualpipe --sessions; ls -A dualpipe other
  dualpipe: sessions: .*/dualpipe: it is no directory (re)
  dualpipe: sessions: .*/dualpipe: others have a right to it: its mode must be 0700 (re)
  dualpipe: sessions: .*/dualpipe: others have a right to it: its mode must be 0700 (re)
  dualpipe:

  other:

What is no socket stays where it is.
  $ echo precious >f; dualpipe -e 1 "@$PWD/f" bc; echo $?; cat f; mkdir d; dualpipe -e 1 "@$PWD/d" bc; ln -s nowhere l; dualpipe -e 1 "@$PWD/l" bc; ls
  dualpipe: listening at: .*/f: something that is no socket is there (re)
  125
  precious
  dualpipe: listening at: .*/d: something that is no socket is there (re)
  dualpipe: listening at: .*/l: something that is no socket is there (re)
  d
  f
  l

A session that was killed leaves a stale socket: the next start takes it over, and says so.
  $ dualpipe --no-reply== -e x=1 @s bc; kill -9 $(cat dualpipe/s.dualpipe-lock); while kill -0 $(cat dualpipe/s.dualpipe-lock) 2>/dev/null; do :; done; dualpipe -e x @s; dualpipe -e x @s bc; cat dualpipe/s.dualpipe-log
  > kill -9 $(cat dualpipe/s.dualpipe-lock); while kill -0 $(cat dualpipe/s.dualpipe-lock) 2>/dev/null; do :; done; dualpipe -q -e 1 @s bc; dualpipe --stop @s; ls dualpipe
  dualpipe: session: @s: there is none: give a command to start it
  dualpipe: session: @s: the one before was killed: its socket is taken over
  0
  dualpipe: session: @s: the one before was killed: its socket is taken over
  1

A start that fails says why, with its status, and leaves nothing.
  $ dualpipe -e 1 @s no-such; echo $?; : >f; dualpipe -e 1 @s ./f; echo $?; dualpipe --setup x -e 1 @s sh -c 'read a; exit 3'; echo $?
  > dualpipe --start-timeout=0.2 --setup x -e 1 @s sh -c 'read a; exec sleep 100' 2>&1 | cut -c 1-40; ls dualpipe
  dualpipe: finding the command: no-such: No such file or directory
  127
  dualpipe: running: ./f: Permission denied
  126
  dualpipe: set-up: x: the child ended before its reply was whole
  123
  dualpipe: set-up: x: no whole reply in t

The child ends before its reply is whole: its status, once; the session ends with it.
  $ dualpipe -e a @s sh -c 'read a; exit 7'; echo $?; dualpipe -e a @s; echo $?
  dualpipe: request 1: sh: ended with status 7 before its reply was whole
  dualpipe: requests: in 1, answered 0, failed 1
  7
  dualpipe: session: @s: there is none: give a command to start it
  125

It ends while nobody asks: the next call is told, once, with its last output.
  $ dualpipe -e go @s sh -c 'read a; echo a; until [ -e now ]; do sleep 0.01; done; echo last words; exit 7'; : >now; until dualpipe --sessions | grep ended; do :; done
  > dualpipe -e x @s; echo $?; dualpipe -e x @s; echo $?; ls dualpipe
  a
  @s: pid [0-9]+, ended with status 7: sh -c .* (re)
  dualpipe: last output: @s: "last words"
  dualpipe: session: @s: sh has ended with status 7: its state is lost
  125
  dualpipe: session: @s: there is none: give a command to start it
  125

Whether the call that ends it can know that or not: of each two calls one is told.
  $ for i in $(seq 20); do dualpipe -n 1 -e 'echo bye; exit 3' @s sh >>out; echo $? >>got; dualpipe -e x @s 2>>err; echo $? >>got; done; uniq -c out
  > echo $(($(grep -cx 3 got) + $(grep -c 'sh has ended with status 3' err))); ls dualpipe
       20 bye
  20

The same of a call with a command: it starts the child anew.
  $ dualpipe --no-reply=^until -e 'until [ -e now ]; do sleep 0.01; done; exit' @s sh; : >now; until dualpipe --sessions | grep -q ended; do :; done; dualpipe -e 'echo new' @s sh; dualpipe --stop @s
  dualpipe: session: @s: sh had ended with status 0: it is started anew
  new

stderr goes to who asks; --json has it in its object.
  $ dualpipe -e a @s sh -c 'while read -r a; do echo "no $a" >&2; echo $a; done'; dualpipe --json -e b @s | sed 's/"ms.*//'; dualpipe -e c @s 2>err; cat err; dualpipe --stop @s
  no a
  a
  {"n":1,"request":"b","reply":["b"],"stderr":"no b\\n","outcome":"ok","sent":true, (esc)
  c
  no c

--json: what a session's child has used, how it ended, and whose stderr is not known.
  $ dualpipe -e 'echo a' @s sh >started; burn='i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done'
  > for c in 'echo 1' "$burn; echo 2" 'exit 3'; do dualpipe --json -e "$c" @s 2>/dev/null; done >out; sed 's/.*"start":"20[^"]*Z"\(.*\),"cpu_ms":\([0-9]*\),"maxrss_kb":[1-9].*/[\1] \2/' out | awk '{ print $1, ($NF >= last + (NR == 2 ? 20 : 0)); last = $NF }'
  > for o in -w1 -w3 -j2 --fresh; do dualpipe $o --no-reply=^# -e '#' @t -- sh -c 'while read -r a; do [ "$a" = "#" ] || { echo "e$a" >&2; echo $a; }; done'; dualpipe --json -e a @t | grep -oE '"(stderr|meanwhile)":"[^"]*"'; dualpipe --stop @t; done
  [] 1
  [] 1
  [,"code":3] 1
  "stderr":"ea\\n" (esc)
  "meanwhile":"ea\\n" (esc)
  "stderr":"ea\\n" (esc)
  "stderr":"ea\\n" (esc)

A reply that nobody waits for is awaited for 10 s while others wait; then the child is stopped, and they are told.
  $ dualpipe -e 1 @s -- bc; dualpipe -e 'while (1) x=1' @s & until dualpipe --sessions --json | grep -q '"in":2'; do :; done; kill -9 $!
  > dualpipe -t 0.1 -e 2 @s; echo $?; dualpipe -e 3 @s 2>&1 | grep -v 'no whole reply yet'; dualpipe -e 4 @s; echo $?; ls dualpipe
  1
  dualpipe: request 1: not begun in 0.1s: the session is busy with another's request
  dualpipe: requests: in 1, answered 0, failed 1
  124
  dualpipe: session: @s: bc was stopped: a reply that no client waited for did not end: its state is lost
  dualpipe: requests: in 0, answered 0, failed 0, not begun 1
  dualpipe: session: @s: there is none: give a command to start it
  125

--stop waits for no such reply, nor do those that wait behind it.
  $ dualpipe -e 1 @s -- bc; dualpipe -t 0.1 -e 'while (1) x=1' @s 2>/dev/null; dualpipe -e 2 @s 2>err & until dualpipe --sessions | grep -q '1 client'; do :; done; timeout 5 dualpipe --stop @s; echo $?; wait; cat err; ls dualpipe
  1
  0
  dualpipe: session: @s: it has gone
  dualpipe: requests: in 0, answered 0, failed 0, not begun 1

-t and --deadline count while a session is sought, greeted, started and ended.
  $ dualpipe -e 1 @s -- cat; kill -STOP $(cat dualpipe/s.dualpipe-lock)
  > for o in -t0.1 --deadline=0.1 '-t5 --deadline=0.2' '-t0.1 --stop' '--deadline=0.1 --stop'; do dualpipe $o @s </dev/null; echo $?; done; kill -CONT $(cat dualpipe/s.dualpipe-lock); dualpipe --stop @s
  > dualpipe --deadline=0.1 --ready=never -e 1 @s sleep 100; echo $?; while [ -e dualpipe/s.dualpipe-lock ]; do :; done; ls dualpipe
  1
  dualpipe: session: @s: no answer within 0.1s
  124
  dualpipe: session: @s: no answer within 0.1s
  124
  dualpipe: session: @s: no answer within 0.2s
  124
  dualpipe: session: @s: no answer within 0.1s
  124
  dualpipe: session: @s: no answer within 0.1s
  124
  dualpipe: session: @s: not ready within 0.1s
  124

So they do while another call has the turn to start it, or one that ends still has its lock. Signals end the wait at once.
#: needs python3
  $ mkdir -m 700 dualpipe; mkfifo go; cat >hold <<.
  > import fcntl, struct, sys
  > f = open("dualpipe/s.dualpipe-lock", "w")
  > if sys.argv[1] == "turn":
  >     fcntl.fcntl(f, fcntl.F_OFD_SETLK, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 1, 0))
  > else:
  >     fcntl.flock(f, fcntl.LOCK_EX)
  > open("held", "w")
  > open("go")
  > .
  > python3 hold turn & until [ -e held ]; do :; done
  > dualpipe -t 0.1 -e 1 @s cat; echo $?; dualpipe -e 1 @s cat & kill $!; wait $! 2>err; echo $?; : >go; wait; rm held
  > python3 hold lock & until [ -e held ]; do :; done; dualpipe --deadline=0.1 -e 1 @s cat; echo $?; : >go; wait; dualpipe -e 1 @s cat; dualpipe --stop @s
  dualpipe: session: @s: its start by another call not over within 0.1s
  124
  143
  dualpipe: session: @s: the one before not ended within 0.1s
  124
  1

-t: the late reply is dropped, and the child goes on; -k goes on with it.
  $ dualpipe -t 0.2 -e 0.3 @s sh -c 'while read -r a; do sleep $a; echo $a; done' 2>&1 | cut -c 1-41; dualpipe -k -t 0.3 -e 0.5 -e 0.01 @s 2>&1 | cut -c 1-41; dualpipe -t 9 -e 0.02 @s; dualpipe --stop @s
  dualpipe: request 1: no whole reply in 0.
  dualpipe: requests: in 1, answered 0, fai
  
  dualpipe: request 1: no whole reply in 0.
  dualpipe: dropped: the late reply to requ
  0.01
  dualpipe: requests: in 2, answered 1, fai
  0.02

One that has not waited for its reply is in the log.
  $ : >go; dualpipe -q -e 0 @s -- sh -c 'while read -r a; do until [ -e go ]; do sleep 0.01; done; echo $a; done'; rm go
  > dualpipe -e lost @s & until dualpipe --sessions --json | grep -q '"in":2'; do :; done; kill -9 $!; wait $! 2>/dev/null; : >go; until grep -qs 'not waited for' dualpipe/s.dualpipe-log; do :; done; sed 's/[0-9]//g' dualpipe/s.dualpipe-log; dualpipe --stop @s
  0
  dualpipe: client: --T::Z: uid , pid : left,  asked,  not waited for

The log begins anew when it has 1 MiB.
  $ dualpipe --no-reply=^ -e 1 @s -- sh -c 'read -r a; until [ -e go ]; do :; done; yes 0123456789 | head -n 200000 >&2; echo last >&2; read -r a'; : >go
  > until grep -qx last dualpipe/s.dualpipe-log; do :; done; head -n 1 dualpipe/s.dualpipe-log; [ $(wc -c <dualpipe/s.dualpipe-log) -lt 1200000 ] && echo short; dualpipe --stop @s
  dualpipe: log: @s: it begins anew: it had 1[0-9]{6} bytes (re)
  short

A call that is killed leaves the session in step.
  $ dualpipe --no-reply== -e x=0 @s -- sh -c 'while read -r a; do [ $a = x=0 ] || { sleep 0.3; echo $a; }; done'
  > dualpipe -e lost @s & until dualpipe --sessions | grep -q '1 client'; do :; done; kill -9 $!; dualpipe -e mine @s; dualpipe --stop @s
  mine

A child that has closed its output and goes on is stopped when somebody asks it; who asks is told.
  $ dualpipe -e a @s -- sh -c 'read -r a; echo $a; exec >&-; exec sleep 100'; dualpipe -e b @s; echo $?; dualpipe -e b @s
  a
  dualpipe: session: @s: sh was stopped: it has closed its output: its state is lost
  dualpipe: requests: in 0, answered 0, failed 0, not begun 1
  125
  dualpipe: session: @s: there is none: give a command to start it
  [125]

--sessions: a line each, with --json an object each.
  $ dualpipe --no-reply=^ -e 1 @one -- sh -c 'cat >/dev/null'; dualpipe -e 2 @two cat; dualpipe --sessions; dualpipe --sessions --json; dualpipe --stop @one; dualpipe --stop @two; dualpipe --sessions
  2
  @one: pid [0-9]+, child [0-9]+, 0 clients, answered 1, idle 0s: sh -c cat >/dev/null (re)
  @two: pid [0-9]+, child [0-9]+, 0 clients, answered 1, idle 0s: cat (re)
  {"session":"@one","pid":[0-9]+,"command":"sh -c cat >/dev/null","child":[0-9]+,"workers":1,"clients":0,"in":1,"answered":1,"failed":0,"idle_ms":[0-9]+,"age_ms":[0-9]+} (re)
  {"session":"@two","pid":[0-9]+,"command":"cat","child":[0-9]+,"workers":1,"clients":0,"in":1,"answered":1,"failed":0,"idle_ms":[0-9]+,"age_ms":[0-9]+} (re)

Of a command that is no UTF-8 the object has the bytes.
  $ dualpipe -e 1 @s -- sh -c 'cat "$@"' "$(printf '\377')" -; dualpipe --sessions --json | grep -o '"command[^,]*'; dualpipe --stop @s
  1
  "command_base64":"c2ggLWMgY2F0ICIkQCIg/yAt"

--persist: it ends when no call has been there for so long.
  $ dualpipe --persist=0.2 -e 1 @s cat; while [ -e dualpipe/s.dualpipe-lock ]; do :; done; ls dualpipe
  1

--follow: what comes unasked, as it comes, until the session ends.
  $ dualpipe --async='^!' --no-reply=^ -e 0 @s -- sh -c 'read -r a; while read -r a; do echo "!$a"; done'; dualpipe --follow @s >got & until dualpipe --sessions | grep -q '1 client'; do :; done
  > dualpipe -q -n 0 -e 1 -e 2 @s 2>err; until grep -q 2 got; do :; done; dualpipe --stop @s; wait; cat got
  !1
  !2

-j: several children behind one socket; each call is answered in order.
  $ dualpipe -j 3 @s -l -- sh -c 'while read -r a; do echo $a; done' <<. ; seq 300 | dualpipe @s >got; seq 300 | cmp - got; dualpipe --stop @s
  > 7
  > .
  7

--fresh: a child for each request.
  $ dualpipe --fresh @s -e '2
  > 1' -e 3 -- sort; dualpipe -e '9
  > 8' @s; dualpipe --stop @s
  1
  2
  3
  8
  9

--listen: in the foreground, until SIGTERM; readiness by --status-fd.
  $ mkfifo ready; dualpipe --listen --status-fd=4 @s cat 4>ready 2>log & read -r line <ready; echo "$line" | tr -d 0-9; dualpipe -e hello @s; kill $!; wait $!; echo $?; ls dualpipe; sed 's/[0-9]//g' log
  {"event":"ready","pid":}
  hello
  0
  dualpipe: client: --T::Z: uid , pid : left,  asked

A path in use is refused, and the one that is there goes on.
  $ dualpipe -e 1 @s cat; dualpipe --listen @s cat; echo $?; dualpipe -e 2 @s; dualpipe --stop @s
  1
  dualpipe: listening at: .*/dualpipe/s: a session is served there already (re)
  125
  2


Two first calls at once: one session, both answered.
  $ for i in $(seq 20); do dualpipe -e a @s cat >1 & dualpipe -e b @s cat >2; wait; cat 1 2; dualpipe --sessions | wc -l; dualpipe --stop @s; done | sort | uniq -c; ls dualpipe
       20 1
       20 a
       20 b

At a prompt a session is asked as a child is; it is not replaced, and goes on.
  $ dualpipe -a bc -e x=20 @calc; TERM=dumb HOME=$PWD dualpipe --pty --stderr=stdout -t 9 -p 'bc> $' -e 'x+1' -e '~r' -e 'x=5' --quit '~.' -- dualpipe @calc; dualpipe -e x @calc; dualpipe --stop @calc
  21
  dualpipe: @calc: a session's child is not replaced: dualpipe --stop ends it
  5

SIGTERM while it is asked: what was asked is answered, then it ends, and its socket is gone.
  $ dualpipe -q --listen @s -- sh -c 'while read -r a; do until [ -e go ]; do sleep 0.01; done; echo $a; done' & until [ -S dualpipe/s ]; do :; done
  > dualpipe -e a @s & until dualpipe --sessions --json | grep -q '"in":1'; do :; done; kill $(cat dualpipe/s.dualpipe-lock); while [ -S dualpipe/s ]; do :; done; : >go; wait; ls dualpipe
  a

The session is killed while it is asked: 125, and the reason.
  $ dualpipe --no-reply=0 -e 0 @s -- sleep 100; (until dualpipe --sessions --json | grep -q '"in":2'; do :; done; kill -9 $(cat dualpipe/s.dualpipe-lock)) & dualpipe -e a @s; echo $?; wait
  dualpipe: asking: session: it has gone
  dualpipe: request 1: sleep: closed its output before its reply was whole
  dualpipe: requests: in 1, answered 0, failed 1
  125

A request that waits for its turn has its own limit for that, and nothing of it is sent.
  $ : >go0; dualpipe -e 0 @s -- sh -c 'while read -r a; do until [ -e go$a ]; do sleep 0.01; done; echo $a; done'; dualpipe -e 1 @s & until dualpipe --sessions --json | grep -q '"in":2'; do :; done
  > dualpipe -t 0.1 -e 2 @s; echo $?; : >go1; wait; : >go3; dualpipe -e 3 @s; dualpipe --stop @s
  0
  dualpipe: request 1: not begun in 0.1s: the session is busy with another's request
  dualpipe: requests: in 1, answered 0, failed 1
  124
  1
  3

A reply of many lines, and one of many bytes, come whole; what is piped on is not held back.
  $ dualpipe -u '^end$' -e 200000 @s -- sh -c 'while read -r n; do seq $n; echo end; done' | cksum; { seq 200000; echo end; } | cksum; dualpipe -e 3 @s | head -n 1; dualpipe -e 2 @s; dualpipe --stop @s
  [0-9]+ 1288899 (re)
  [0-9]+ 1288899 (re)
  1
  1
  2
  end

A client that has gone amid its reply costs nobody theirs.
  $ dualpipe -u '^end$' -e 1 @s -- sh -c 'while read -r n; do seq $n; echo end; done'; for i in 1 2 3; do dualpipe -e 300000 @s | head -n 1; done; dualpipe -e 2 @s; dualpipe --stop @s
  1
  end
  1
  1
  1
  1
  2
  end

Files that lie beside a path are let alone, whatever their names; so is what lies at the path.
  $ mkdir d; echo x >d/Cargo.lock; echo y >d/Cargo.log; dualpipe -e 1 @$PWD/d/Cargo cat >out; dualpipe --stop @$PWD/d/Cargo; ls d
  > echo z >d/reg; dualpipe -e 1 @$PWD/d/reg cat 2>/dev/null; echo $?; cat d/reg; chmod 0777 d; dualpipe -e 1 @$PWD/d/s cat 2>&1 | sed 's/@.*:/@:/'; ls d
  Cargo.lock
  Cargo.log
  125
  z
  dualpipe: session: @: everybody can write to its directory
  Cargo.lock
  Cargo.log
  reg

A session that others can reach turns them away, and they are told why.
#: needs root
  $ chmod 711 . ..; dualpipe -e 1 @$PWD/s cat; chmod 666 s; setpriv --reuid=65534 --clear-groups dualpipe -e 2 @$PWD/s; echo $?
  > sed 's/^.*Z: uid/uid/; s/pid [0-9]*/pid/' s.dualpipe-log; dualpipe --stop @$PWD/s
  1
  dualpipe: session: @.*/s: it is another user's (re)
  125
  uid 65534, pid: refused: another user's, 0 asked

--sessions says whose request is under way, since when, and what has come of it; @NAME: of that session alone.
  $ dualpipe -q -e 'x=5' @work sh; dualpipe -q -e x @other cat >x; (dualpipe -q -e 'echo part; until [ -e go ]; do sleep 0.02; done' @work >out &)
  > until dualpipe --sessions @work | grep 'at last'; do sleep 0.02; done; dualpipe --sessions --json @work | grep -o '"running_pid":.*'
  > >go; until dualpipe --sessions | grep 'work.*idle'; do sleep 0.02; done; dualpipe --stop @work; dualpipe --stop @other; dualpipe --sessions @work
  @work: pid [0-9]*, child [0-9]*, 1 client, answered 1, at work for pid [0-9]* since [0-9]*s, at last "part\\n": sh (re)
  "running_pid":[0-9]*,"running_ms":[0-9]*,"part":"part\\n"} (re)
  @work: pid [0-9]*, child [0-9]*, . clients*, answered 2, idle 0s: sh (re)
  dualpipe: session: @work: there is none
  [1]
