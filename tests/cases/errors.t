# --error: the program says itself that a request failed.

A line of the reply that matches: the text is given, the run goes on, the status is 123.
  $ dualpipe --error='^no ' -e a -e b -e c -- awk '{ print $0 == "b" ? "no " $0 : "yes " $0; fflush() }' 2>err; echo "status $?"; cat err
  yes a
  no b
  yes c
  status 123
  dualpipe: request 2: the program says: no b
  dualpipe: requests: in 3, answered 2, failed 1

No line matches: the status is 0.
  $ dualpipe --error='^no ' --error='stderr:^no ' -e a -e b -- awk '{ print "no" $0; print "nono" >"/dev/stderr"; fflush() }' 2>/dev/null
  noa
  nob

A line on stderr that came before the reply's end; stderr goes where it went.
  $ dualpipe --error='stderr:^E: ' -e a -e b -- sh -c 'while read -r a; do echo "$a"; done' 2>err; echo "status $?"; cat err
  > dualpipe --error='stderr:^E: ' -n 2 -e a -e b -- sh -c 'read -r a; echo 1; echo note >&2; echo "E: bad" >&2; echo 2; read -r a; echo 3; echo 4' 2>err; echo "status $?"; cat err
  a
  b
  status 0
  1
  2
  3
  4
  status 123
  note
  E: bad
  dualpipe: request 1: the program says: E: bad
  dualpipe: requests: in 2, answered 1, failed 1

stderr just before the end of the reply is that request's, in every run.
  $ for i in $(seq 30); do dualpipe --error='stderr:^E' --fence 'echo {}' -e 'echo 1' -e 'echo 2; echo E2 >&2' -e 'echo 3' sh 2>&1; done | grep 'program says' | sort | uniq -c
       30 dualpipe: request 2: the program says: E2

A pattern that comes in pieces, byte by byte.
  $ dualpipe --error='^not found: x$' -n 2 -e a -- sh -c 'read -r a; for c in n o t " " f o u n d : " " x; do printf %s "$c"; sleep 0.01; done; echo; echo 2' 2>err; echo "status $?"; head -n 1 err
  not found: x
  2
  status 123
  dualpipe: request 1: the program says: not found: x

The same on stderr.
  $ dualpipe --error='stderr:^not found: x$' -e a -- sh -c 'read -r a; for c in n o t " " f o u n d : " " x; do printf %s "$c" >&2; sleep 0.01; done; echo >&2; echo 2' 2>err; echo "status $?"; cat err
  2
  status 123
  not found: x
  dualpipe: request 1: the program says: not found: x
  dualpipe: requests: in 1, answered 0, failed 1

Several patterns; a pattern over two lines; a line that ends in a CR.
  $ dualpipe --error=one --error='^two\n$' --error='three$' -n 2 -l -- awk '{ print; print $0 == "crlf" ? "three\r" : $0 == "two" ? "" : "-"; fflush() }' 2>&1 >/dev/null <<X
  > one
  > two
  > two and more
  > crlf
  > X
  dualpipe: request 1: the program says: one
  dualpipe: request 2: the program says: two
  dualpipe: request 4: the program says: three
  dualpipe: requests: in 4, answered 1, failed 3
  [123]

A heading is passed over for the line that says what is wrong.
  $ dualpipe --error='^Trace:$' --error='^  File' -u '^$' -e a -e b -e c -- sh -c 'read -r a; printf "Trace:\n  at x\nBad: y\nmore\n\n"; read -r a; printf "  File 3\n  ^^\nBad syntax\n\n"; read -r a; printf "Trace:\n  only this\n\n"' 2>&1 >/dev/null
  dualpipe: request 1: the program says: Bad: y
  dualpipe: request 2: the program says: Bad syntax
  dualpipe: request 3: the program says: Trace:
  dualpipe: requests: in 3, answered 0, failed 3
  [123]

A long line is cut in the message and escaped; without its end it counts too.
  $ dualpipe --error='^no' --fresh -e a -- sh -c 'printf "no\033[31m%0300d" 0' 2>err | wc -c; head -n 1 err | cut -c 1-60; head -n 1 err | wc -c
  307
  dualpipe: request 1: the program says: no\x1b[31m00000000000
  202

--json: the outcome, the reply and stderr; --status-fd and the counts.
  $ dualpipe --json --status-fd 3 --error='stderr:^E' --error='^no' -e a -e b -e c -- sh -c 'read -r a; echo no 1; read -r a; echo E2 >&2; echo 2; read -r a; echo 3' 3>&1 2>/dev/null | sed 's/,"ms":.*//; /ready/d'
  {"n":1,"request":"a","reply":["no 1"],"outcome":"error","sent":true
  {"n":2,"request":"b","reply":["2"],"stderr":"E2\n","outcome":"error","sent":true
  {"n":3,"request":"c","reply":["3"],"outcome":"ok","sent":true
  {"event":"end","outcome":"error","code":0,"in":3,"answered":1,"failed":2

-k changes nothing; --progress counts them.
  $ dualpipe -k --progress --error='^no' -e a -e b -- awk '{ print "no " $0; fflush() }' 2>err; echo "status $?"; grep -o 'in 2, answered 0, failed 2' err | uniq
  no a
  no b
  status 123
  in 2, answered 0, failed 2

-j: each in its place, and the message names the worker.
  $ seq 60 | dualpipe -j 4 -l --error='^no' -- awk '{ print $0 % 20 ? $0 : "no " $0; fflush() }' 2>err >out; echo "status $?"; seq 60 | awk '{ print $0 % 20 ? $0 : "no " $0 }' | cmp - out; sed 's/worker [1-4]/worker N/' err | sort
  status 123
  dualpipe: request 20 (worker N): the program says: no 20
  dualpipe: request 40 (worker N): the program says: no 40
  dualpipe: request 60 (worker N): the program says: no 60
  dualpipe: requests: in 60, answered 57, failed 3

-w: the requests behind it are answered.
  $ seq 3000 | dualpipe -w auto -l --error='^no' -- awk '{ print $0 % 1000 ? $0 : "no " $0; fflush() }' 2>err >out; echo "status $?"; seq 3000 | awk '{ print $0 % 1000 ? $0 : "no " $0 }' | cmp - out; cat err
  status 123
  dualpipe: request 1000: the program says: no 1000
  dualpipe: request 2000: the program says: no 2000
  dualpipe: request 3000: the program says: no 3000
  dualpipe: requests: in 3000, answered 2997, failed 3

A worse cause decides: a timeout after it, a child that crashes.
  $ dualpipe --error='^no' -t 0.3 -e a -e b -- sh -c 'read -r a; echo no; read -r b; sleep 100' 2>/dev/null; echo "status $?"
  > dualpipe --error='^no' -e a -e b -- sh -c 'read -r a; echo no; read -r b; echo 2; kill -SEGV $$' 2>/dev/null; echo "status $?"
  no
  status 124
  no
  2
  status 139

The child's own status, which some programs have after errors, does not.
  $ dualpipe --status-fd 1 --error='^no' -e a -- sh -c 'read -r a; echo no; exit 3' 2>/dev/null | grep -o 'outcome.*code":3'
  outcome":"error","code":3

--fresh: what comes on stderr until the child has ended; a status that isn't 0 counts more.
  $ dualpipe --error='stderr:^E' --fresh -e a -e b -- sh -c 'read -r a; echo "$a"; exec >&-; sleep 0.1; [ "$a" = b ] || echo E >&2' 2>err; echo "status $?"; cat err
  > dualpipe --error='stderr:^E' --fresh -e a -- sh -c 'echo 1; echo E >&2; exit 2' 2>err; echo "status $?"; grep -c 'program says' err
  a
  b
  status 123
  E
  dualpipe: request 1: the program says: E
  dualpipe: requests: in 2, answered 1, failed 1
  1
  status 123
  0
  [1]

--idle, -p, --bytes and --length.
  $ dualpipe --error=no --idle 0.2 -e a -- sh -c 'read -r a; printf "no"; cat' 2>&1 | head -n 2
  > echo; dualpipe --error=no -p '> $' -e a -- sh -c 'printf "> "; read -r a; printf "o\nno\n> "; cat' 2>&1 | head -n 3
  > dualpipe --error='^no$' --bytes 4 -e a -- sh -c 'read -r a; printf "1\nno"; cat' 2>&1 | head -n 3
  > echo; dualpipe --error='^no$' --length '^([0-9]+)$' -e a -- sh -c 'read -r a; printf "4\n1\nno\n"; cat' 2>&1 | head -n 4
  nodualpipe: request 1: the program says: no
  dualpipe: requests: in 1, answered 0, failed 1
  
  o
  no
  dualpipe: request 1: the program says: no
  1
  nodualpipe: request 1: the program says: no
  dualpipe: requests: in 1, answered 0, failed 1
  
  4
  1
  no
  dualpipe: request 1: the program says: no

A huge reply in pieces: nothing is held back, and memory stays flat.
#: limit 60
  $ dualpipe --status-fd 3 --error='^no$' --error='stderr:^E' -u '^end' -e a -- sh -c 'read -r a; yes 0123456789012345678901234567890123456789 | head -n 2000000; echo no; echo end' 3>status 2>err | wc -c; head -n 1 err
  > sed -n 's/.*maxrss.*/&/; s/.*outcome":"\([a-z]*\).*/\1/p' status
  82000007
  dualpipe: request 1: the program says: no
  error

One line of 20 MB is looked at as far as its first 64 KiB.
  $ dualpipe --error='^no' --error='late' -e a -- sh -c 'read -r a; printf no; head -c 20000000 /dev/zero | tr "\0" x; echo late' 2>err | wc -c; grep -c 'program says: nox*$' err
  > dualpipe --error='late' -e a -- sh -c 'read -r a; head -c 2000000 /dev/zero | tr "\0" x; echo late' | wc -c
  20000007
  1
  2000005

Frames of another kind: their bodies.
  $ dualpipe --frame nul --io line --error='^no' -e a -e b -- sh -c 'head -c 2 >/dev/null; printf "yes\0"; head -c 2 >/dev/null; printf "no\0"' 2>&1
  yes
  no
  dualpipe: request 2: the program says: no
  dualpipe: requests: in 2, answered 1, failed 1
  [123]

json: a member error that isn't null; a cancelled request is no error; a batch.
  $ dualpipe --error=json -l -- cat 2>err <<'X'; echo "status $?"; cat err
  > {"id":1,"result":{"error":"x"}}
  > {"id":1,"error":{"code":-32601,"message":"no such method"}}
  > {"id":1,"error":null,"result":3}
  > {"id":1,"error":{"code":-32800,"message":"cancelled"}}
  > {"id":1,"error":{"data":[1, {}], "code" : -32801}}
  > [{"id":1,"result":1},{"id":2,"error":"bad"}]
  > "error"
  > error
  > X
  {"id":1,"result":{"error":"x"}}
  {"id":1,"error":{"code":-32601,"message":"no such method"}}
  {"id":1,"error":null,"result":3}
  {"id":1,"error":{"code":-32800,"message":"cancelled"}}
  {"id":1,"error":{"data":[1, {}], "code" : -32801}}
  [{"id":1,"result":1},{"id":2,"error":"bad"}]
  "error"
  error
  status 123
  dualpipe: request 2: the program says: {"code":-32601,"message":"no such method"}
  dualpipe: request 6: the program says: "bad"
  dualpipe: requests: in 8, answered 6, failed 2

By id, out of order: the request that the reply belongs to.
  $ dualpipe -a jsonrpc -w 2 -e '{"id":1,"method":"a"}' -e '{"id":2,"method":"b"}' -- sh -c 'read -r a; read -r b; echo "{\"id\":2,\"error\":{\"code\":1}}"; echo "{\"id\":1,\"result\":0}"' 2>&1
  {"id":1,"result":0}
  {"id":2,"error":{"code":1}}
  dualpipe: request 2: the program says: {"code":1}
  dualpipe: requests: in 2, answered 1, failed 1
  [123]

--error=none empties the list, a preset's too; the list goes on over sets of rules.
  $ dualpipe --error=no --error=none --error=x -n 1 -e a -n 2 -e b -- sh -c 'read -r a; echo no; read -r a; echo x; echo 2' 2>&1
  > dualpipe -a jsonrpc --error=none -e '{"id":1,"method":"a"}' -- sh -c 'read -r a; echo "{\"id\":1,\"error\":{\"code\":1}}"'
  no
  x
  2
  dualpipe: request 2: the program says: x
  dualpipe: requests: in 2, answered 1, failed 1
  {"id":1,"error":{"code":1}}

An --error of one's own adds to a preset's.
#: needs bc
  $ dualpipe -a bc --error='^4$' --error='stderr:^Runtime warning' -e 2+2 -e 1/0 -e 5 -e '2^0.5' 2>&1 | grep -o 'request.*says'
  request 1: the program says
  request 2: the program says
  request 4: the program says

--error=none behind a request leaves those before it as they are.
  $ dualpipe --error=stderr:E -e a --error=none -e b -- sh -c 'read -r a; echo E1 >&2; echo a; read -r b; echo E2 >&2; echo b' 2>&1 | grep says
  dualpipe: request 1: the program says: E1

An --error behind a request begins a new list.
  $ dualpipe --error=one -e a --error=two -e b -e c -- sh -c 'read -r a; echo two; read -r a; echo one; read -r a; echo two' 2>&1
  two
  one
  two
  dualpipe: request 3: the program says: two
  dualpipe: requests: in 3, answered 2, failed 1
  [123]

A pattern that can't be understood; stderr that can't be seen.
  $ dualpipe --error='stderr:a(' -e a cat
  > dualpipe --error='stderr:a' --stderr=null -e a cat
  > dualpipe --error='stderr:a' --pty=cooked -e a cat
  dualpipe: pattern: a(: at byte 1: a ( or ) is alone: a plain one is written \(
  dualpipe: option --error: stderr: needs a stderr that is relayed: leave out --stderr
  dualpipe: option --error: with --pty stderr is part of the replies: leave out stderr:
  [125]

Without --error stderr is inherited as before; with a preset and --stderr=null it is not looked at.
#: needs bc
  $ dualpipe -a bc --stderr=null -e 1/0 -e 2 && dualpipe -e a -- sh -c 'read -r a; [ "$(readlink /proc/$$/fd/2)" = "$(readlink /proc/$PPID/fd/2)" ] && echo same' 2>err
  2
  same

A request that draws no reply has no errors of its own.
  $ dualpipe --error='^no' -n 0 -e a -n 1 -e b -- sh -c 'read -r a; read -r b; echo no' 2>&1
  no
  dualpipe: request 2: the program says: no
  dualpipe: requests: in 2, answered 1, failed 1
  [123]

A session: each client is told of its own; the session goes on.
  $ dualpipe --error='^no' --error='stderr:^E' -e a -e b @s -- sh -c 'while read -r a; do case $a in a) echo no a ;; e) echo E >&2; echo e ;; *) echo "$a" ;; esac; done' 2>&1; echo "status $?"
  > dualpipe -e c @s; echo "status $?"
  > dualpipe --json -e e -e d @s 2>/dev/null | sed 's/,"ms":.*//'
  > dualpipe --error=other -e f @s; echo "status $?"
  > dualpipe --stop @s
  no a
  dualpipe: request 1: the program says: no a
  b
  dualpipe: requests: in 2, answered 1, failed 1
  status 123
  c
  status 0
  {"n":1,"request":"e","reply":["e"],"stderr":"E\n","outcome":"error","sent":true
  {"n":2,"request":"d","reply":["d"],"outcome":"ok","sent":true
  dualpipe: option --error: @s: the session was started with another: ^no
  status 125

A session with several children, and a long reply.
  $ dualpipe -j 2 --error='^no' -u '^no' -e 50000 -e 1 @s -- sh -c 'while read -r a; do seq $a; echo no $a; done' 2>err | tail -n 3; sed 's/worker [12]/worker N/' err; dualpipe --stop @s
  no 50000
  1
  no 1
  dualpipe: request 1 (worker N): the program says: no 50000
  dualpipe: request 2 (worker N): the program says: no 1
  dualpipe: requests: in 2, answered 0, failed 2

A known program says no: sqlite3, python, bc, in a session too.
#: needs bc
#: needs sqlite3
#: needs python3
  $ dualpipe -a sqlite3 -e 'select * from nosuch;' -e 'select 2;' @db 2>/dev/null; echo "status $?"; dualpipe --stop @db
  > dualpipe -a sqlite3 -e 'select * from nosuch;' -e 'select 2;' 2>err; echo "status $?"; grep 'program says' err
  > dualpipe -a python -e 1/0 -e 1+1 2>err; echo "status $?"; grep 'it failed' err
  > dualpipe -a bc -e 1/0 -e 1+1 2>err; echo "status $?"; grep 'program says' err
  2
  status 123
  2
  status 123
  dualpipe: request 1: the program says: .*no such table: nosuch (re)
  2
  status 123
  dualpipe: request 1: it failed with status 1
  2
  status 123
  dualpipe: request 1: the program says: Runtime error .*Divide by zero (re)
