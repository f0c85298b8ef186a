# --sandbox: what a child that is shut in can do, and how it ends. What it can't do is attacked by
# tests/system/attacks, and what happens where a layer can't be had is in sandbox-refuse.t.
#: all needs sandbox

A program is asked as without it.
  $ printf '2+3\n6*7\n' | dualpipe --sandbox -l bc; dualpipe --sandbox -e abc cat
  > echo abc | dualpipe --sandbox cat
  5
  42
  abc
  abc

#: needs user
An ordinary user's too.
  $ printf '2+3\n6*7\n' | dualpipe --sandbox -l bc; dualpipe --sandbox=no-ns -e abc cat
  5
  42
  abc

#: needs root
#: limit 120
#: long
The status is the child's: all codes, as root, whose child is nobody.
  $ for i in $(seq 0 255); do
  >     dualpipe --sandbox -- sh -c "exit $i" 2>err; [ $? -eq "$i" ] || case $(cat err) in *limit:*) ;; *) echo "$i" ;; esac
  > done
  > dualpipe --sandbox -- id -u
  65534

#: needs user
#: limit 120
#: long
All codes, as an ordinary user.
  $ for i in $(seq 0 255); do
  >     dualpipe --sandbox -- sh -c "exit $i" 2>err; [ $? -eq "$i" ] || case $(cat err) in *limit:*) ;; *) echo "$i" ;; esac
  > done
  > dualpipe --sandbox -- sh -c 'kill -9 $$; :'
  [137]

Signals that end it are told as they were.
  $ for s in HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM VTALRM PROF SYS; do
  >     dualpipe --sandbox --status-fd=3 -- sh -c "kill -$s \$\$" 3>status >/dev/null 2>&1
  >     sed -n 's/.*"signal":"\([A-Z0-9]*\)".*/\1/p' status
  > done | paste -sd' '
  HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM VTALRM PROF SYS

It sees the system, a directory of its own to write in, and nothing else.
  $ dualpipe --sandbox -- sh -c 'exec 2>&1; echo /*; echo /tmp/*; pwd; echo a >b; cat b; ls /proc; cat /etc/passwd; echo no >/c' | sed 's, /lib[^ ]*,,g'
  /bin /dev /etc /proc /sbin /tmp /usr
  /tmp/*
  /tmp
  a
  [0-9]+ (re)
  [0-9]+ (re)
  self
  thread-self
  cat: /etc/passwd: No such file or directory
  .*sh: [0-9]+: cannot create /c: .* (re)

Of the environment it has PATH, LANG and TERM, and where its own directory is.
  $ SECRET=1 LANG=C dualpipe --sandbox -- env | sed 's/PATH=.*/PATH/' | sort
  HOME=/tmp
  LANG=C
  PATH
  TERM=dumb

No descriptor of ours is passed.
  $ echo secret >f
  > exec 5<f
  > dualpipe --sandbox -- sh -c 'cat <&5' 2>&1 | sed 's/.*: //'
  Bad file descriptor

What is named can be read; what is to be written is named so.
  $ mkdir -m 777 in out
  > echo hello >in/a
  > dualpipe --sandbox=read=in,write=out -- sh -c "exec 2>&1; cat $PWD/in/a; echo there >$PWD/out/b; echo no >$PWD/in/c" | sed 's/.*: //'
  > cat out/b; ls in
  hello
  Read-only file system
  there
  a

It starts where we are if that can be seen.
  $ mkdir -m 755 here; cd here
  > printf '#!/bin/sh\npwd\n' >prog; chmod 755 prog
  > [ "$(dualpipe --sandbox=read=. -- ./prog)" = "$PWD" ] && echo here
  > dualpipe --sandbox -- pwd
  here
  /tmp

What is written below something readable stays apart, and the reverse.
  $ mkdir -m 777 -p a/b/c; chmod 777 a a/b a/b/c
  > dualpipe --sandbox=write=a/b,read=a,read=a/b/c -- sh -c "cd $PWD/a; for d in . b b/c; do (: >\$d/f) 2>/dev/null && echo \$d; done; :"
  b

A command that can't be seen is not run.
  $ printf '#!/bin/sh\n' >prog; chmod 755 prog
  > dualpipe --sandbox -- ./prog
  dualpipe: running: ./prog: it, or the interpreter that it names, can't be seen in the sandbox
  [126]

There is no network, and no way to become another.
  $ dualpipe --sandbox -- python3 -c 'import socket; socket.socket()' 2>&1 | tail -n 1
  > dualpipe --sandbox -- sh -c 'grep -E "NoNewPrivs|Seccomp:|CapBnd|CapEff" /proc/self/status'
  PermissionError: [Errno 1] Operation not permitted
  CapEff:\t0000000000000000 (esc)
  CapBnd:\t0000000000000000 (esc)
  NoNewPrivs:\t1 (esc)
  Seccomp:\t2 (esc)

All that it has started ends with it.
  $ mkdir -m 777 out
  > dualpipe --sandbox=write=out -- sh -c "setsid sh -c ': >$PWD/out/begun; sleep 100; : >$PWD/out/late' >/dev/null 2>&1 & until [ -e $PWD/out/begun ]; do sleep 0.01; done; echo ended"
  > ls out
  ended
  begun

It is stopped with all that it has started, whatever they ignore.
  $ dualpipe --sandbox --deadline 0.5 --grace 100ms -- sh -c 'trap "" TERM; setsid sh -c "trap \"\" TERM; echo up; sleep 100" & wait'
  up
  dualpipe: deadline: sh: 0.5s have passed
  [124]

Killed, dualpipe takes it along.
  $ mkdir -m 777 out
  > dualpipe --sandbox=write=out -- sh -c ": >$PWD/out/up; sleep 100" & until [ -e out/up ]; do sleep 0.01; done
  > kill -9 $!; wait $! 2>/dev/null
  > until [ "$(pgrep -fc "$PWD/out/up")" = 0 ]; do sleep 0.01; done; echo gone
  gone


In a pool, fresh for each request, in a session, on a terminal.
  $ printf '1\n2\n3\n' | dualpipe --sandbox -j2 -l -- sh -c 'while read -r a; do echo $((a * 2)); done'
  > printf '1\n2\n3\n' | dualpipe --sandbox --fresh -j2 -- sh -c 'read -r a; echo $((a * 3))'
  > dualpipe --sandbox --no-reply== -e x=7 -e x @t -- bc; dualpipe -e x*x @t; dualpipe --stop @t
  > dualpipe --sandbox --pty -e 'test -t 0 && test -t 1 && test -t 2 && echo all' -- sh 2>/dev/null | tr -d '$ '
  2
  4
  6
  3
  6
  9
  7
  49
  all

#: needs node
Programs in many languages are run, and C is compiled.
  $ printf 'print(6 * 7)\n' | dualpipe --sandbox -- python3 -
  > printf 'console.log(6 * 7)\n' | dualpipe --sandbox -- node -
  > printf '#include <stdio.h>\nint main(void) { return puts("42") < 0; }\n' | dualpipe --sandbox -- sh -c 'cc -x c -o prog - && ./prog'
  > dualpipe --sandbox -- awk 'BEGIN { print 6 * 7 }'
  > dualpipe --sandbox -- perl -e 'print 6 * 7, "\n"'
  42
  42
  42
  42
  42

C is compiled into a directory of ours, and nothing there becomes setuid.
  $ mkdir -m 777 out; cd out
  > printf 'int main(void) { return 3; }\n' | dualpipe --sandbox=write=. -- sh -c 'cc -x c -o prog -; ./prog; echo $?; chmod 4755 prog'
  > stat -c %a prog
  3
  chmod: changing permissions of 'prog': Operation not permitted
  755

A builtin may read and write, and nothing else.
  $ echo abc | dualpipe --sandbox -b upper; dualpipe --sandbox -b -e '1 2' rev
  > dualpipe --sandbox -b "$BUILD/example.so:example" </dev/null
  ABC
  2 1
  dualpipe: option --sandbox: .*example.so:example: a function is loaded in the child, which may open nothing: make a command of it (re)
  [125]

Its limits are set unless others are.
  $ dualpipe --sandbox -- sh -c 'ulimit -t -n -f -c -l; ulimit -n' | tail -n 1
  > dualpipe --sandbox --limit=files=100 -- sh -c 'ulimit -n'
  > dualpipe --sandbox -- yes | tail -c 2 | od -An -c
  64
  100
  dualpipe: limit: yes: more than 64M of output
     y  \n

#: needs root
Root chooses who it is.
  $ dualpipe --sandbox=user=daemon -- sh -c 'id -u; id -g'; dualpipe --sandbox=user=1234:567 -- sh -c 'id -u; id -g'
  > dualpipe --sandbox=user=nobody-there -- id; dualpipe --sandbox=user=root -- id
  > for u in 1000: 1000:0 1000:5:6 1000:99999999999 1000:4294967295; do dualpipe --sandbox=user=$u -- id; done
  1
  1
  1234
  567
  dualpipe: option --sandbox: nobody-there: there is no such user
  dualpipe: sandbox: 0:0: UID or UID:GID is meant, not root's
  dualpipe: sandbox: 1000:: UID or UID:GID is meant, not root's
  dualpipe: sandbox: 1000:0: UID or UID:GID is meant, not root's
  dualpipe: sandbox: 1000:5:6: UID or UID:GID is meant, not root's
  dualpipe: sandbox: 1000:99999999999: UID or UID:GID is meant, not root's
  dualpipe: sandbox: 1000:4294967295: UID or UID:GID is meant, not root's
  [125]

#: limit 60
The time of those whose parents have ended counts too; what never used it can't say that it did.
  $ dualpipe --sandbox --limit=cpu=1 --deadline=50 -- sh -c '(while :; do timeout 0.2 sh -c "while :; do :; done"; done &); sleep 40'; echo $?
  > dualpipe --sandbox -- sh -c 'exit 152'; echo $?; dualpipe --sandbox -- sh -c 'kill -XCPU $$'; echo $?
  dualpipe: limit: sh: more than 1s of processor time
  121
  152
  152

What is to be had with namespaces is tried, whichever sandbox is asked about.
  $ as_user() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; else "$@"; fi; }
  > cp "$(command -v dualpipe)" d; chmod 755 d .; as_user unshare -U "$PWD/d" --sandbox=no-ns,check | sed -n '1s/:.*//p;s/ .*//;7p'
  user namespace     missing  Operation not permitted
  Landlock

Words that mean nothing, and options that don't go together with it.
  $ dualpipe --sandbox=tight true; dualpipe --sandbox=read= true; dualpipe --sandbox=read=/none/there true
  > dualpipe --sandbox=read=/ true; dualpipe --sandbox --stderr=inherit true; dualpipe --sandbox --stderr=err true
  > dualpipe --sandbox --foreground true
  dualpipe: option --sandbox: tight: strict, no-ns, best-effort, read=PATH, write=PATH, user=NAME or check is meant
  dualpipe: option --sandbox: read=: strict, no-ns, best-effort, read=PATH, write=PATH, user=NAME or check is meant
  dualpipe: sandbox: /none/there: No such file or directory
  dualpipe: sandbox: /: neither all that there is nor the host's /proc can be given: name what is needed
  dualpipe: option --stderr: inherit: no descriptor of ours is given to a sandbox: relay it, and redirect our own
  dualpipe: option --stderr: err: no descriptor of ours is given to a sandbox: relay it, and redirect our own
  dualpipe: option --foreground: a sandbox has a session of its own
  [125]

A session's is fixed when it starts.
  $ dualpipe --sandbox -e 1 @s -- cat; dualpipe -e 2 @s; dualpipe --sandbox=no-ns -e 3 @s; dualpipe --stop @s
  1
  2
  dualpipe: option --sandbox: @s: the session was started with another: strict

What it writes drives no terminal, in whichever mode, and is not changed elsewhere; --raw lets it.
  $ printf 'printf "\\033]0;t\\007 \\033[31mred\\033[m a\\rb\\r\\n"; printf "\\033c" >&2; cat\n' >evil; chmod 644 evil
  > pty -- sh -c 'echo in | dualpipe --sandbox=read=evil --stderr=stdout -- sh $PWD/evil; echo in | dualpipe --sandbox=read=evil --fresh -l -- sh $PWD/evil 2>&-; echo in | dualpipe --raw --sandbox=read=evil --stderr=null -- sh $PWD/evil; seq 200000 | dualpipe --sandbox -- cat | tail -n 1'
  > echo in | dualpipe --sandbox=read=evil --stderr=null -- sh $PWD/evil
  \\e]0;t\\x07 \x1b[31mred\x1b[m a\\rb (esc)
  \ecin
  \\e]0;t\\x07 \x1b[31mred\x1b[m a\\rb (esc)
  in
  \x1b]0;t\x07 \x1b[31mred\x1b[m ab (esc)
  in
  200000
  \x5bexited 0] (esc)
  \x1b]0;t\x07 \x1b[31mred\x1b[m a\rb\r (esc)
  in
