# What each client of a session asks is kept apart from what others ask: one ask is one message, or
# it is refused, unless the session's rule proves where the reply ends. And how a session ends.

By count: several lines, half a line and nothing are refused; the next calls have their own replies.
  $ dualpipe -e x @s -- sh -c 'while read -r a; do echo "r$a"; done'; for r in 'a\nb\n' 'a\nb' a '\n\n' ''; do printf "$r" | dualpipe -f - @s 2>&1 | sed -n 1p; done
  > dualpipe -e 'a
  > b' @s; echo $?; dualpipe --await @s; echo $?; dualpipe -e c @s; dualpipe -e d @s; dualpipe --stop @s
  rx
  dualpipe: request 1: @s: it is more than one line: ask each by itself, or start the session with --fence
  dualpipe: request 1: @s: its last line has no end, as this session needs: start it with --fence
  dualpipe: request 1: @s: its last line has no end, as this session needs: start it with --fence
  dualpipe: request 1: @s: it is more than one line: ask each by itself, or start the session with --fence
  dualpipe: request 1: @s: nothing is sent, so what comes could be another's reply: use --ready at its start
  dualpipe: request 1: @s: it is more than one line: ask each by itself, or start the session with --fence
  dualpipe: requests: in 1, answered 0, failed 1
  125
  dualpipe: request 1: @s: nothing is sent, so what comes could be another's reply: use --ready at its start
  dualpipe: requests: in 1, answered 0, failed 1
  125
  rc
  rd

Half a line is refused at once, though the session is busy: it is nobody's beginning.
  $ dualpipe -e x @s -- sh -c 'while read -r a; do [ "$a" != slow ] || until [ -e go ]; do sleep 0.01; done; echo "r$a"; done'; dualpipe -e slow @s & until dualpipe --sessions --json | grep -q '"in":2'; do :; done
  > printf 'a\nb' | dualpipe -f - @s 2>/dev/null; echo $?; : >go; wait; dualpipe -e c @s; dualpipe -e d @s; dualpipe --stop @s
  rx
  125
  rslow
  rc
  rd

By count: a request that expects no reply is refused, unless the session was started to know it.
  $ dualpipe --no-reply=^quiet -e x @s -- sh -c 'while read -r a; do [ "$a" = quiet ] || echo "r$a"; done'; dualpipe -n 0 -e a @s; echo $?; dualpipe --no-reply=^b -e b @s; echo $?
  > dualpipe -n 0 -e quiet @s; echo $?; dualpipe -e quiet -e c @s; dualpipe -n 0 -e quiet -n 1 -e d @s; dualpipe --stop @s
  rx
  dualpipe: request 1: @s: this session awaits a reply to it: start it with --no-reply, --fence or --id
  dualpipe: requests: in 1, answered 0, failed 1
  125
  dualpipe: request 1: @s: this session awaits a reply to it: start it with --no-reply, --fence or --id
  dualpipe: requests: in 1, answered 0, failed 1
  125
  0
  rc
  rd

The same by pattern, by prompt, and of several children with several requests under way.
  $ for o in '-u ^end' '--ready=none -p ^end$' '-j 2 -w 2'; do dualpipe $o -e x @s -- sh -c 'while read -r a; do echo "r$a"; [ "$0" = -j ] || echo end; done' $o; dualpipe -e 'a
  > b' @s; echo $?; dualpipe -n 0 -e a @s 2>/dev/null; echo $?; dualpipe -e c @s; dualpipe --stop @s; done 2>&1 | grep -v ^dualpipe:
  rx
  end
  125
  125
  rc
  end
  rx
  125
  125
  rc
  rx
  125
  125
  rc

-k: such a request fails as others do, and the run goes on; --json says that it was refused.
  $ dualpipe -e x @s cat; dualpipe -k -e 'a
  > b' -e c @s 2>/dev/null; echo $?; dualpipe -k --json -e 'a
  > b' -e c @s 2>/dev/null | sed 's/"ms.*//'; dualpipe --stop @s
  x
  
  c
  123
  {"n":1,"request":"a\\nb","outcome":"refused","sent":false, (esc)
  {"n":2,"request":"c","reply":["c"],"outcome":"ok","sent":true, (esc)

By fence: requests of several lines, without an end, and ones that expect no reply though they draw one.
  $ dualpipe -a bc -e 'x=1
  > y=2
  > x+y' @s; printf '1+1\n2+2' | dualpipe -f - @s; dualpipe -n 0 -e 'x+5' @s; dualpipe -n 0 -e x+6 -e x+7 @s; dualpipe -e 8 @s; dualpipe --await @s 2>/dev/null; echo $?; dualpipe --stop @s
  3
  2
  4
  8
  125

By id: one message; what a request that expects no reply draws is not the next one's.
  $ dualpipe --id='^([0-9]+)' -e 1x @s cat; dualpipe -e '1a
  > 2b' @s; echo $?; dualpipe -n 0 -e 1lost @s; dualpipe -e 1mine @s; dualpipe --stop @s
  1x
  dualpipe: request 1: @s: it is more than one line: ask each by itself
  dualpipe: requests: in 1, answered 0, failed 1
  125
  1mine

By id: two requests with one id are not under way at once, be the first given up; others pass.
#: needs python3
  $ cat >late.py <<'X'
  > import sys
  > held = []
  > for line in sys.stdin:
  >     word = line.split()[1]
  >     if word == "late":
  >         held.append(line)
  >     else:
  >         sys.stdout.write(line + ("".join(held) if word == "go" else ""))
  >         sys.stdout.flush()
  > X
  > dualpipe -w 4 --id='^([0-9]+)' -e '1 x' @s -- python3 late.py; dualpipe -t 0.2 -e '1 late' @s 2>/dev/null; echo $?
  > dualpipe -e '1 mine' @s >mine & until dualpipe --sessions | grep -q '1 client'; do :; done; dualpipe -e '2 go' @s; wait; cat mine; dualpipe --stop @s
  1 x
  124
  2 go
  1 mine

A child for each request: nothing can be confused, and anything may be asked.
  $ dualpipe --fresh -e '2
  > 1' @s sort; printf 'b\na' | dualpipe -f - @s; dualpipe --await @s; dualpipe -n 0 -e a @s; echo $?; dualpipe --stop @s
  1
  2
  a
  b
  0

Raw bytes have no end that could be checked: no session is started with them, but a child for each.
  $ dualpipe --frame=raw --bytes=1 -e a @s cat; echo $?; printf ab | dualpipe --frame=raw --fresh @s cat; printf cd | dualpipe @s; dualpipe --stop @s; ls dualpipe
  dualpipe: opening a session: raw bytes don't tell requests apart: use another --frame, or --fresh
  125
  abcd (no-eol)

Other frames: one is taken; half a one, and two at once, are not, in any spelling.
#: needs python3
  $ for f in crlf nul netstring u8 u16 u32 u32le varint header pktline; do printf one | dualpipe --frame=$f --io=raw @s cat >/dev/null; timeout 60 python3 "$SRC/tests/tools/session.py" frames dualpipe/s $f; dualpipe --stop @s; done
  crlf: refused 4 of 4, answered
  nul: refused 4 of 4, answered
  netstring: refused 4 of 4, answered
  u8: refused 4 of 4, answered
  u16: refused 4 of 4, answered
  u32: refused 4 of 4, answered
  u32le: refused 4 of 4, answered
  varint: refused 4 of 4, answered
  header: refused 4 of 4, answered
  pktline: refused 4 of 4, answered

A session whose child has ended answers at once, and lets those go who leave: no descriptor stays.
#: needs python3
#: limit 60
  $ dualpipe -e a @s -- sh -c 'read -r a; echo "$a"; until [ -e go ]; do sleep 0.01; done; exit 7'; : >go; until dualpipe --sessions | grep -q 'ended with'; do :; done
  > timeout 60 python3 "$SRC/tests/tools/session.py" ended dualpipe/s 1000; dualpipe -e b @s; echo $?; ls dualpipe
  a
  dualpipe: session: @s: sh has ended with status 7: its state is lost
  125

A service ends with its child, with its status, though nobody calls; who is there is told.
  $ dualpipe --listen @s -- sh -c 'exit 3'; echo $?; dualpipe --listen @s -- true; echo $?; dualpipe --listen @s -- sh -c 'read -r a; exit 4' 2>/dev/null & until dualpipe --sessions | grep -q @s; do :; done
  > dualpipe -e a @s; echo $?; wait $!; echo $?; ls dualpipe
  3
  0
  dualpipe: request 1: sh: ended with status 4 before its reply was whole
  dualpipe: requests: in 1, answered 0, failed 1
  4
  4

#: long
A service whose child had to be stopped, as a reply hung, ends at once, and not with 0.
#: limit 60
  $ dualpipe -q --listen @s -a bc 2>/dev/null & until dualpipe --sessions | grep -q @s; do :; done; dualpipe -t 0.5 -e 'while (1) x=1' @s 2>/dev/null; echo $?; dualpipe -t 60 -e 1+1 @s 2>/dev/null; echo $?; wait $!; echo $?; ls dualpipe
  124
  125
  125

#: long
A line longer than 64 MiB passes, both ways, where the session was started with --max-message.
#: limit 120
  $ head -c 70000000 /dev/zero | tr '\0' x >big; echo >>big; dualpipe -q --max-message=400M @s cat <big | cmp - big; dualpipe -q -f big @s | cmp - big; dualpipe --stop @s

--sessions: one that lets nobody in is named; one where calls are is not idle.
#: needs python3
  $ cat >full.py <<'X'
  > import os, socket
  > s = socket.socket(socket.AF_UNIX)
  > s.bind("dualpipe/full")
  > s.listen(0)
  > more = []
  > while True:
  >     c = socket.socket(socket.AF_UNIX)
  >     c.setblocking(False)
  >     more.append(c)
  >     try:
  >         c.connect("dualpipe/full")
  >     except BlockingIOError:
  >         break
  > open("ready", "w")
  > open("go").read()
  > os.unlink("dualpipe/full")
  > X
  > mkfifo go; dualpipe -e x @s -- sh -c 'while read -r a; do [ "$a" != slow ] || until [ -e go2 ]; do sleep 0.01; done; echo "$a"; done'; dualpipe -e slow @s & until dualpipe --sessions --json | grep -q '"in":2'; do :; done
  > python3 full.py & p=$!; until [ -e ready ]; do :; done; dualpipe --sessions --json 2>err | grep -o '"idle_ms":[0-9]*'; sed 's,: /.*/dualpipe/,: ,' err; : >go2; : >go; wait $p; wait; dualpipe --stop @s
  x
  "idle_ms":0
  dualpipe: session: full: it does not answer
  slow
