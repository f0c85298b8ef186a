# Sessions among others: who is told what, once; whose the directory is; what a umask takes away.

The replies behind a failed request are not given to a plain client, who would take them for others.
#: needs socat
  $ dualpipe -j3 -e 0 @s -- sh -c 'while read -r a; do [ "$a" != die ] || { sleep 0.1; exit 7; }; echo "$a"; done'; printf 'one\ndie\ntwo\nthree\nfour\n' | socat -t9 - UNIX:dualpipe/s; dualpipe -e 5 @s; dualpipe --stop @s
  0
  one
  5

A client that is closed while others of its replies wait for the first: the session goes on.
#: needs python3
  $ dualpipe -j2 -e 0 @s -- sh -c 'while read -r a; do until [ ! -e wait$a ]; do sleep 0.01; done; echo "$a"; done'; : >wait1; cat >ask.py <<'X'
  > import socket
  > s = socket.socket(socket.AF_UNIX)
  > s.connect("dualpipe/s")
  > s.sendall(b"DUALPIPE/1\nask n=1 size=2\n1\nask n=2 size=2\n2\n")
  > f = s.makefile("rb")
  > for i in range(1000):
  >     t = socket.socket(socket.AF_UNIX)
  >     t.connect("dualpipe/s")
  >     t.sendall(b"DUALPIPE/1\n")
  >     if b" in=3 answered=2 " in t.makefile("rb").readline():
  >         break
  > s.sendall(b"nonsense\n")
  > print(f.read().split(b"\n")[-1].decode())
  > X
  > python3 ask.py; rm wait1; dualpipe -e 3 @s; dualpipe --stop @s
  0
  what it sends is no message of a session
  3

Of many calls at once that come when the child has ended, one is told so.
  $ tell() { dualpipe -e a @s -- sh -c 'read -r a; echo "$a"; until [ -e go ]; do sleep 0.01; done; exit 7'; : >go; until dualpipe --sessions | grep -q 'ended with'; do :; done; for i in 1 2 3 4 5 6 7 8; do dualpipe -e b @s & done 2>>err; wait; rm go; }
  > for i in 1 2 3 4 5; do tell; done; sort err | uniq -c | sed 's/^ *//'
  a
  a
  a
  a
  a
  5 dualpipe: session: @s: sh has ended with status 7: its state is lost
  35 dualpipe: session: @s: there is none: give a command to start it

What is told of a session's command and options is one line, and drives no terminal.
  $ nl='
  > '; esc=$(printf '\033'); printf '#!/bin/sh\nread -r a; echo "$a"; until [ -e go ]; do sleep 0.01; done; exit 4\n' >"x$nl$esc[31m"; chmod +x "x$nl$esc[31m"; dualpipe -u "^a|$esc${nl}b" -e a @s -- "./x$nl$esc[31m"
  > dualpipe -u x -e a @s; dualpipe -e a @s cat; : >go; until dualpipe --sessions | grep -q 'ended with'; do :; done; dualpipe -e a @s; echo $?
  a
  dualpipe: option -u: @s: the session was started with another: ^a|\x1b\nb
  dualpipe: session: @s: it runs another command: ./x\n\x1b[31m
  dualpipe: session: @s: ./x\n\x1b[31m has ended with status 4: its state is lost
  125

With any umask of the call that starts it others of ours can ask it, and start it again.
#: needs root
  $ chmod 755 . ..; mkdir u; chown 65534 u; export XDG_RUNTIME_DIR=$PWD/u; as="setpriv --reuid=65534 --clear-groups"
  > (umask 0777; $as dualpipe -e a @s cat); $as dualpipe -e b @s; stat -c '%a %n' u/dualpipe u/dualpipe/s u/dualpipe/*lock u/dualpipe/*log; $as dualpipe --stop @s; $as dualpipe -e c @s cat; $as dualpipe --stop @s
  a
  b
  700 u/dualpipe
  600 u/dualpipe/s
  600 u/dualpipe/s.dualpipe-lock
  600 u/dualpipe/s.dualpipe-log
  c

A directory of another user's, as sudo may pass it on, is left as it is.
#: needs root
  $ mkdir u; chown 65534 u; XDG_RUNTIME_DIR=$PWD/u dualpipe -e a @s cat 2>&1 | sed "s,$PWD/,,"; ls u
  dualpipe: making a directory: u/dualpipe: it would be in another user's

A descriptor that is passed to listen at, and is no socket that listens, is refused.
  $ timeout 20 sh -c 'LISTEN_PID=$$ LISTEN_FDS=1 exec dualpipe --listen @s cat' 3</dev/null; echo $?; ls dualpipe
  dualpipe: listening: what was passed is no Unix socket that listens
  125
