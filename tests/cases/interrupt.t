# --interrupt: a request that is given up is interrupted, and its child goes on. Sessions: the same
# for all their clients; cancelled by Ctrl-C, by --stop=request, by the message `cancel`.

#: needs python3
A request whose limit passes ends, with what had come; the child and what it keeps go on.
  $ dualpipe -q -k -t $((2 * SLOW)) --as=none --fence="print('{}')" --interrupt --stderr=null -e 'x = 5' -e 'print("part", flush=True); import time; time.sleep(600)' -e 'print(x)' -- python3 -q -i 2>err; echo $?; sed 's/in [0-9.]*s/in Ns/' err

  5
  123
  dualpipe: part of a reply: 5 bytes: "part\n"
  dualpipe: request 2: python3: no whole reply in Ns: interrupted, it goes on
  dualpipe: requests: in 3, answered 2, failed 1

#: needs python3
As JSON.
  $ dualpipe -k --json -t $((2 * SLOW)) --as=none --fence="print('{}')" --interrupt=INT --stderr=null -e 'x = 5' -e 'print("part", flush=True); import time; time.sleep(600)' -e 'print(x)' -- python3 -q -i 2>err | grep -o '"partial".*"interrupted":true,\|"reply":.*"outcome":"[a-z]*"'
  "reply":[],"outcome":"ok"
  "partial":"part\n","outcome":"timeout","interrupted":true,
  "reply":["5"],"outcome":"ok"

#: needs bash
A shell that catches the signal goes on too; one that dies of it is lost, which is told.
  $ for o in --setup='trap : INT' --setup=:; do dualpipe -q -k -t $((2 * SLOW)) --as=none --fence='echo {}' --interrupt "$o" -e 'x=5' -e 'sleep 600' -e 'echo "x=$x"' -- bash 2>err; sed 's/in [0-9.]*s/in Ns/' err; done

  x=5
  dualpipe: request 2: bash: no whole reply in Ns: interrupted, it goes on
  dualpipe: requests: in 3, answered 2, failed 1

  x=
  dualpipe: request 2: bash: no whole reply in Ns: it ended by signal 2 (Interrupt), its state is lost
  dualpipe: requests: in 3, answered 2, failed 1

One that ignores it is given up as without it.
  $ dualpipe -q -k -t $SLOW --grace=0.1 --as=none --fence='echo {}' --interrupt --setup='trap "" INT' -e 'x=5' -e 'sleep 600' -e 'echo "x=$x"' -- sh 2>err; sed 's/in [0-9.]*s.*/in Ns/' err

  x=
  dualpipe: request 2: no whole reply in Ns
  dualpipe: requests: in 3, answered 2, failed 1

#: needs python3
A session: what one client's limit ends costs no other the state.
  $ dualpipe --as=none --fence="print('{}')" --interrupt --stderr=null -e 'x = 5; import time' @py -- python3 -q -i; dualpipe -t $SLOW -e 'time.sleep(600)' @py 2>/dev/null; echo $?; dualpipe -e 'print(x)' @py; dualpipe --stop @py
  124
  5

#: needs python3
--stop=request: who asked what runs is told; who waits is answered.
  $ dualpipe --as=none --fence="print('{}')" --interrupt --stderr=null -e 'x = 5; import time' @py -- python3 -q -i
  > dualpipe -e 'print("part", flush=True); f = open("on", "w"); time.sleep(600)' @py >out 2>&1 & runs=$!; until [ -e on ]; do sleep 0.01; done
  > dualpipe -e 'print("second")' @py >second & waits=$!
  > dualpipe --stop=request @py; echo $?; wait $runs; echo $?; wait $waits; echo $?; cat second out; dualpipe --stop=request @py; echo $?; dualpipe -e 'print(x)' @py; dualpipe --stop @py; dualpipe --stop=request @py
  0
  123
  0
  second
  part
  dualpipe: request 1: python3: cancelled: it goes on
  dualpipe: requests: in 1, answered 0, failed 1
  dualpipe: session: @py: no request is under way
  1
  5
  dualpipe: session: @py: there is none
  [1]

#: needs python3
Ctrl-C in front of a session: the request ends, or is never begun; another signal leaves it running.
  $ dualpipe --as=none --fence="print('{}')" --interrupt --stderr=null -e 'x = 5; import time, os' @py -- python3 -q -i
  > ask() { rm -f on; env --default-signal dualpipe -q -e "f = open('on', 'w'); $1" @py 2>/dev/null & p=$!; until [ -e on ]; do sleep 0.01; done; }
  > ask 'time.sleep(600); x = 6'; kill -INT $p; wait $p; echo $?; dualpipe -e 'print(x)' @py
  > ask 'time.sleep(600); x = 7'; env --default-signal dualpipe -q -e 'x = 8' @py 2>/dev/null & q=$!; until dualpipe --sessions --json | grep -q '"clients":2'; do sleep 0.01; done; kill -INT $q; wait $q; echo $?; kill -INT $p; wait $p; dualpipe -e 'print(x)' @py
  > ask 'exec("while not os.path.exists(\"go\"): time.sleep(0.01)"); x = 9'; kill -TERM $p; wait $p 2>/dev/null; echo $?; : >go; dualpipe -e 'print(x)' @py; dualpipe --stop @py
  130
  5
  130
  5
  143
  9

#: needs python3
The message `cancel`, by number, of a request that waits and of one that runs.
  $ dualpipe --as=none --fence="print('{}')" --interrupt --stderr=null -e 'import time' @$PWD/s -- python3 -q -i; timeout 60 python3 "$SRC/tests/tools/session.py" cancelling s; dualpipe --stop @$PWD/s
  7 cancelled interrupted
  8 cancelled
  9 ok 9

Its value is fixed by a session's start.
  $ dualpipe --fence='echo {}' --interrupt=SIGINT -e : @s sh; dualpipe --interrupt -e 'echo 1' @s; dualpipe --interrupt=none -e : @s; dualpipe --interrupt=USR1 -e : @s; dualpipe --stop @s
  1
  dualpipe: option --interrupt: @s: the session was started with another: INT
  dualpipe: option --interrupt: @s: the session was started with another: INT

#: needs python3
The child is interrupted though SIGINT was ignored where dualpipe was started, as in the background of a script.
  $ trap '' INT; dualpipe -q -k -t $((2 * SLOW)) --as=none --fence="print('{}')" --interrupt --stderr=null -e 'x = 5' -e 'import time; time.sleep(600)' -e 'print(x)' -- python3 -q -i 2>&1 | sed 's/in [0-9.]*s/in Ns/'
  
  dualpipe: request 2: python3: no whole reply in Ns: interrupted, it goes on
  5
  dualpipe: requests: in 3, answered 2, failed 1

Words that are none.
  $ dualpipe --interrupt=BOGUS -e 1 cat; dualpipe --stop=all @s
  dualpipe: option --interrupt: BOGUS: no such signal: use a name like INT, or none
  dualpipe: option --stop: all: request is the only word
  [125]
