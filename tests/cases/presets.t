# Presets for the small programs: replies of any length, empty ones, errors; what the user's own
# options change; the command that is run when none is given.

bc: an empty reply, a number, an error, a loop, an unfinished line.
#: needs bc
  $ dualpipe -a bc -e 1+1 -e x=5 -e x -e 1/0 -e 'for (i = 0; i < 3; i++) i' -e 'print 7' 2>err; echo "[$?]"; cat err
  2
  5
  0
  1
  2
  7[123]
  Runtime error (func=(main), adr=3): Divide by zero
  dualpipe: request 4: the program says: Runtime error (func=(main), adr=3): Divide by zero
  dualpipe: requests: in 6, answered 5, failed 1

Each has its own reply.
#: needs bc
  $ dualpipe -a bc --json -e x=5 -e x -e 1/0 -e 6*7 | sed 's/.*"request":\([^,]*\),"reply":\([^]]*.\).*/\1 \2/'
  dualpipe: request 3: the program says: Runtime error (func=(main), adr=3): Divide by zero
  dualpipe: requests: in 4, answered 3, failed 1
  "x=5" []
  "x" ["5"]
  "1/0" []
  "6*7" ["42"]

dc: numbers, a macro, nothing, an error; the stack and the radix are the user's.
#: needs dc
  $ dualpipe -a dc -e '6 7 * p' -e '[d * p]sx' -e '12 lxx' -e c -e '0 0 /' -e '16 i A' -e f 2>err; echo "[$?]"; wc -l <err
  42
  144
  10
  0
  0
  \x5b123] (esc)
  3

sqlite3: rows, none, an error, a statement without its semicolon, a dot command.
#: needs sqlite3
  $ dualpipe -a sqlite3 -e 'create table t(a, b);' -e "insert into t values(1, 'x'), (2, 'y')" -e 'select * from t' -e 'bogus;' -e 'select * from t where a > 9;' -e .tables -e 'select 3; select 4' 2>err; echo "[$?]"; head -n 1 err
  1|x
  2|y
  t
  3
  4
  \x5b123] (esc)
  Parse error near line [0-9]*: near "bogus": syntax error (re)

sqlite3: a file is opened by a command of one's own.
#: needs sqlite3
  $ sqlite3 f.db 'create table t(a); insert into t values(42);'; dualpipe -a sqlite3 -e 'select a from t;' -- sqlite3 -batch f.db
  42

python: no prompts; an assignment, a value, an error, a block that is left open, an unfinished line.
#: needs python3
  $ dualpipe -a python -e 'x = 6' -e 'x * 7' -e '1/0' -e 'for i in range(2):
  >     print(i)' -e 'def f():
  >     return 3
  > ' -e 'f()' -e 'print("a", end="")' -e None -e '"b"' 2>err; echo "[$?]"; grep -v '~' err
  42
  0
  1
  3
  a
  'b'
  \x5b123] (esc)
  Traceback (most recent call last):
    File "<request 3>", line 1, in <module>
      1/0
  ZeroDivisionError: division by zero
  dualpipe: request 3: it failed with status 1
  dualpipe: requests: in 9, answered 8, failed 1

python: a block that has no body is an error, not the next request's.
#: needs python3
  $ dualpipe -a python -e 'if True:' -e '6 * 7' 2>err; echo "[$?]"; grep -o '^[A-Z][A-Za-z]*Error' err
  42
  \x5b123] (esc)
  IndentationError

python: it ends as the program does.
#: needs python3
  $ dualpipe -a python -e 'print(42)' -n 0 -e 'import sys; sys.exit(9)' 2>/dev/null
  42
  [9]

lua: expressions, nothing, nil, several values, blocks over lines and requests, errors.
#: needs lua5.4
  $ dualpipe -a lua -e 'x = 6' -e 'x * 7' -e 'nil' -e '1, "a"' -e 'for i = 1, 2 do
  > print(i)
  > end' -e 'do io.write("abc") end
  > x = 7' -e 'error("no")' -e 'f(' -e ') +' -e 'x' 2>err; echo "[$?]"; grep -v '^	\|^stack' err
  42
  nil
  1\ta (esc)
  1
  2
  abc
  7
  \x5b123] (esc)
  stdin:1: no
  dualpipe: request 7: it failed with status 1
  stdin:1: unexpected symbol near <eof>
  dualpipe: request 8: it failed with status 1
  stdin:1: unexpected symbol near ')'
  dualpipe: request 9: it failed with status 1
  dualpipe: requests: in 10, answered 7, failed 3

python and lua: rules of one's own, without the fence.
#: needs python3
#: needs lua5.4
  $ dualpipe -t 10 -a python -n 0 -e 'x = 6' -n 1 -e 'x * 7' -n 2 -e 'x; x'; dualpipe -t 10 -a lua -n 0 -e 'x = 6' -n 1 -e 'x * 7' -n 2 -e 'print(x) print(x)'
  42
  6
  6
  42
  6
  6

lua: its os.exit is its status.
#: needs lua5.4
  $ dualpipe -a lua -e 'print(6*7)' -n 0 -e 'os.exit(5)'
  42
  [5]

python, node, lua: what is left open is an error; a command that reads input is at its end at once.
#: needs python3
#: needs node
#: needs lua5.4
  $ try() { dualpipe -t 60 -a "$@" -e 'f((1,' -e '1 + 1' 2>/dev/null; echo "[$?]"; }
  > try python -e 'len(__import__("sys").stdin.read())'; try node -e 'process.stdin.read()'; try lua -e 'io.read()'
  0
  2
  \x5b123] (esc)
  null
  2
  \x5b123] (esc)
  nil
  2
  \x5b123] (esc)

python, node, lua: nothing that a request can list has a token; one that is forked reads no request.
#: needs python3
#: needs node
#: needs lua5.4
  $ dualpipe -t 60 -a python -e 'import gc, inspect, os, re, sys, time, traceback' -e 'def seen():
  >     yield repr(globals()), "".join(traceback.format_stack())
  >     for frame in inspect.stack():
  >         yield repr(frame.frame.f_locals), repr(frame.frame.f_globals.keys())' -e 'any(re.search("dp[0-9a-f]{16}n[0-9]", text) for texts in seen() for text in texts)' \
  >     -e 'if os.fork() == 0: time.sleep(0.1)' -e 'os.wait()[1]' -e '6 * 7'
  > dualpipe -t 60 -a node -e '/dp[0-9a-f]{16}n/.test(Object.getOwnPropertyNames(globalThis).join() + new Error().stack + process.argv.slice(1).join())'
  > dualpipe -t 60 -a lua -e 'names = debug.traceback() for k, v in pairs(_G) do names = names .. tostring(k) .. tostring(v) end' -e 'names:match("dp%x%x%x%x%x%x%x%x%x%x%x%x%x%x%x%xn")'
  False
  0
  42
  false
  nil

python, node, lua: the command of one's own, by its fence, told by -v; python -i behind another gets the loop.
#: needs python3
  $ dualpipe -v -a python -e 1 -- env python3 -q -i 2>&1 | grep -c 'its loop'; dualpipe -v -a python -e 1 -- env python3 -i -c 1 2>&1 | grep 'its loop'
  > dualpipe -t 60 -a python -e 'x = 6' -e 'x * 7' -- env python3 -q -i -c 'import sys; sys.ps1 = sys.ps2 = ""'
  > dualpipe -t 60 -a python -e 'def f():
  > 
  >   return 42
  > f()' -e 'input()' -- env python3 -q -i 2>err; echo "[$?]"; grep -o '^[A-Z][A-Za-z]*Error' err
  0
  dualpipe: preset: python: with a command of your own, by a fence, without its loop
  42
  42
  \x5b123] (esc)
  EOFError

sh: output, none, a status that stays for the next request, an unfinished line, an error.
  $ dualpipe -a sh -e 'x=42' -e 'echo $x' -e false -e 'echo $?' -e 'printf a' -e 'echo b' -e 'ls /nonexistent' -e '[ $? -gt 0 ] && echo failed' -e 'echo "$#"' -e 'seq 3' 2>err; echo "[$?]"; wc -l <err
  42
  1
  a
  b
  failed
  0
  1
  2
  3
  [0]
  1

sh: the last command's status is its own, as of any script.
  $ dualpipe -a sh -e 'echo a' -e false; echo "[$?]"; dualpipe -a sh -e 'exit 3'
  a
  [1]
  dualpipe: request 1: sh: ended with status 3 before its reply was whole
  dualpipe: requests: in 1, answered 0, failed 1
  [3]

sh: another shell by a command of one's own.
#: needs bash
  $ dualpipe -a sh -e 'a=(1 2 3); echo ${#a[@]}' -- bash
  3

catfile: an object by its length, one that isn't there, an empty line.
#: needs git
  $ git init -q g && cd g && git config user.email a@b && git config user.name n && printf 'one\ntwo' >f && git add f
  > dualpipe -a catfile -e :f -e :nosuch -e '' -e :f
  9ed40b44250875c2c4532588b014ab45a1799a0f blob 7
  one
  two
  :nosuch missing
   missing
  9ed40b44250875c2c4532588b014ab45a1799a0f blob 7
  one
  two

jsonrpc: a message a line, told apart by their ids, whatever the order; the server's own are shown.
  $ cat >server <<'END'
  > read a; read b; echo '{"method":"news"}'; echo '{"id":2,"result":"b"}'; echo '{"id":1,"result":"a"}'; cat >/dev/null
  > END
  > dualpipe -a jsonrpc -w 2 -e '{"id":1,"method":"x"}' -e '{"id":2,"method":"y"}' -- sh ./server
  \* \{"method":"news"} (re)
  {"id":1,"result":"a"}
  {"id":2,"result":"b"}

jsonrpc with jq as the server.
#: needs jq
  $ dualpipe -a jsonrpc -e '{"id":1,"method":"square","n":3}' -e '{"id":"b","method":"square","n":4}' -- jq --unbuffered -c '{id, result: (.n * .n)}'
  {"id":1,"result":9}
  {"id":"b","result":16}

mcp: the handshake is made, its answer is not shown; a notification draws none.
  $ cat >server <<'END'
  > while read -r line; do
  >     echo "$line" >>asked
  >     case $line in *'"id"'*) echo "$line" | sed 's/.*"id":\("[^"]*"\|[0-9]*\).*/{"id":\1,"result":"ok"}/' ;; esac
  > done
  > END
  > dualpipe -a mcp -e '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' -e '{"jsonrpc":"2.0","method":"notifications/x"}' -- sh ./server
  > cut -c 1-80 asked
  {"id":1,"result":"ok"}
  {"jsonrpc":"2.0","id":"dualpipe","method":"initialize","params":{"protocolVersio
  {"jsonrpc":"2.0","method":"notifications/initialized"}
  {"jsonrpc":"2.0","id":1,"method":"tools/list"}
  {"jsonrpc":"2.0","method":"notifications/x"}

A preset's requests may come from stdin, in windows, of several children, each in its place.
#: needs bc
  $ seq 200 | sed 's/$/^2/' | dualpipe -a bc -w 8 -j 2 >out; seq 200 | awk '{ print $1 * $1 }' | cmp - out && wc -l <out
  200

-a may stand anywhere among the options; the preset's come first all the same.
#: needs bc
  $ dualpipe -e x=5 -e x -a bc; dualpipe --as bc -e 1+1; dualpipe --as=bc -e 1+1
  5
  2
  2

A rule of the user's replaces the preset's, from its request on; -t, --no-reply and the rest are added.
#: needs bc
  $ dualpipe -a bc -e x=5 -n 2 -e '1;2' -u '^9' -e '7;8;9' --no-reply '=' -e x=6 -e 'x+3' --json | sed 's/.*"request":\([^,]*\),"reply":\([^]]*.\).*/\1 \2/'
  "x=5" []
  "1;2" ["1","2"]
  "7;8;9" ["7","8","9"]
  "x=6" []
  "x+3" ["9"]

A limit that passes is the preset's as well as the user's.
#: needs bc
  $ dualpipe -t 0.2 -a bc -e 'while (1) x = 1'
  dualpipe: request 1: no whole reply in 0.2s: .*: try a longer -t, or a request that is whole: .* (re)
  dualpipe: requests: in 1, answered 0, failed 1
  [124]

No such preset: the nearest, and where they are listed. One a call. One that has no command.
  $ dualpipe -a sqlite -e a; dualpipe -a nosuch -e a; dualpipe -a bc -a dc -e a; dualpipe -a mcp -e a; dualpipe -a; dualpipe --as=
  dualpipe: no such preset: sqlite: did you mean sqlite3? --help=presets lists them
  dualpipe: no such preset: nosuch: --help=presets lists them
  dualpipe: option -a: dc: one preset a call: another is given before
  dualpipe: no command is given: mcp: this preset has none: give one behind it
  dualpipe: option -a: a value is missing
  dualpipe: no such preset: : --help=presets lists them
  [125]

Behind -a may stand the preset's program alone, by another path, version or name: it gets the preset's arguments.
  $ for name in lua5.4 python3 python3.11 pypy; do printf '#!/bin/sh\necho "$0: $# $1"\n' >$name; chmod +x $name; done
  > try() { dualpipe -t 10 -n 1 --await -a "$@" 2>&1 | head -n 1; }
  > try lua ./lua5.4; PATH=$PWD:$PATH try lua lua5.4; try python "$PWD/python3.11" | sed 's|.*/||'; try python ./pypy
  > try lua ./lua5.4 own; try lua -- ./lua5.4 -; try lua ./python3 | tr ' ' '_'
  ./lua5.4: 2 -e
  .*/lua5.4: 2 -e (re)
  python3.11: 4 -q
  ./pypy: 4 -q
  ./lua5.4: 1 own
  ./lua5.4: 1 -
  ./python3:_0_

The programs themselves.
#: needs lua5.4
#: needs python3
  $ dualpipe -t 10 -a lua -e 1 lua5.4; dualpipe -t 10 -a python -e 6*7 "$(command -v python3)"
  1
  42

A preset of one's own is completed so too, by its program's name.
  $ mkdir -p .config/dualpipe; printf '#!/bin/sh\necho "$0 $*"\n' >tool; chmod +x tool; ln -s tool tool2.1; ln -s tool other
  > printf 'mine\n-n 1 -- tool -x "a b"\n' >.config/dualpipe/presets; for t in tool tool2.1 other; do dualpipe --await -a mine ./$t; done
  ./tool -x a b
  ./tool2.1 -x a b
  ./other\x20 (esc)

An operand of sqlite3 that is no command is the file it works on.
#: needs sqlite3
  $ dualpipe -t 10 -a sqlite3 -e 'create table t(a);' my.db; dualpipe -t 10 -a sqlite3 -e .tables ./my.db; dualpipe -t 10 -a sqlite3 -e .tables sqlite3 -batch my.db
  > printf '#!/bin/sh\nexec sqlite3 "$@" my.db\n' >own; chmod +x own; dualpipe -t 10 -a sqlite3 -e .tables ./own; dualpipe -t 10 -a sqlite3 -e 'select 1' sqlite3
  t
  t
  t
  1

--help=presets lists them, --help=NAME shows one whole: what it says can be typed.
#: needs bc
  $ dualpipe --help=presets | sed -n 's/^  \([a-z0-9]*\)  .*/\1/p' | while read -r name; do
  >     dualpipe --help=$name >shown || echo "no help: $name"
  >     sed 1q shown | grep -q "^$name: ." && grep -q "^  . dualpipe -a $name" shown || echo "not shown: $name"
  >     [ $(sed 's/ -- .*//' shown | wc -L) -le 500 ] || echo "long: $name"
  > done; dualpipe --help=bc; echo '6*7' | eval "dualpipe $(dualpipe --help=bc | sed -n 2p)"
  bc: GNU bc, arithmetic of any precision
  --error='stderr:^Runtime error ' --error='stderr:^[^ ]+ [0-9]+: [^(]' --error='stderr:^(Math|Execution|Parse) error: ' --fence='print "{}\n"' --setup= -- bc -q
  By itself: bc [-l] [-q] [-w] [--mathlib] [--quiet] [FILE ...]
  
    $ dualpipe -a bc -e 'x=6*7' -e x
    42
  42

The examples of --help=NAME are what happens, for the programs at hand.
#: needs bc
#: needs dc
#: needs sqlite3
#: needs python3
#: needs lua5.4
  $ for name in bc dc sqlite3 python lua sh; do
  >     dualpipe --help=$name >shown; sed -n 's/^  \$ //p' shown | sh 2>/dev/null >got
  >     sed -n '/^  \$/{n;:a;s/^  //p;n;ba}' shown | cmp - got && echo $name
  > done
  bc
  dc
  sqlite3
  python
  lua
  sh

gtp, uci and ispell: a program that ends its lines in CR LF.
  $ dualpipe -a gtp -t 5 -e name -e '# none' -e b -- sh -c 'while read -r a; do case $a in \#*) ;; *) printf "= %s\r\n\r\n" "$a" ;; esac; done' | tr -d '\r'
  > dualpipe -a uci -t 5 -e isready -- sh -c 'while read -r a; do printf "%sok\r\n" "${a#is}"; done'
  > dualpipe -a ispell -t 5 -e hello -- sh -c 'printf "@(#) Ispell\r\n"; while read -r a; do printf "*\r\n\r\n"; done' | tr -d '\r'
  = name
  
  = b
  
  readyok\r (esc)
  *
   (esc)

catfile: a request that holds a line end is refused: each line would draw a reply.
#: needs git
  $ git init -q g && cd g && printf 'a\nb\n' >f
  > dualpipe -a catfile -w 4 -e 'a
  > b' -e c; echo "[$?]"; dualpipe -a catfile -w 4 -e x -f f -e c 2>err; s=$?; cat err; echo "[$s]"; printf 'a\n' >f; dualpipe -a catfile -f f
  > for p in gtp uci ispell hunspell; do dualpipe -a $p -e 'a
  > b' echo started; echo $?; done; dualpipe -a catfile -n 2 -e 'a
  > b'
  dualpipe: option -a: catfile: a request is one line: this one holds a line end
  [125]
  x missing
  dualpipe: request: f: -a catfile takes one line a request: give these lines to -l
  dualpipe: requests: in 1, answered 1, failed 0, not begun 2
  [125]
  a missing
  dualpipe: option -a: gtp: a request is one line: this one holds a line end
  125
  dualpipe: option -a: uci: a request is one line: this one holds a line end
  125
  dualpipe: option -a: ispell: a request is one line: this one holds a line end
  125
  dualpipe: option -a: hunspell: a request is one line: this one holds a line end
  125
  a missing
  b missing

What is left open is told at once: a block, a string, a bracket.
#: needs bc
#: needs dc
#: needs sqlite3
  $ open() { dualpipe -t 60 -k "$@" 2>&1 | grep -e 'request 1' -e '^[0-9a-z]$'; }
  > open -a bc -e 'define f(x) {' -e 1+1; open -a dc -e '[abc' -e '2 p'; open -a sqlite3 -e "select 'abc" -e 'select 2'
  > dualpipe -t 60 -a bc -e 'define f(x) {' -e 1+1 2>err; echo "[$?]"; grep -v standard_in err
  dualpipe: request 1: bc: left open, it waits for more: a bracket, a quote or a block isn't closed
  2
  dualpipe: request 1: dc: left open, it waits for more: a bracket, a quote or a block isn't closed
  2
  dualpipe: request 1: sqlite3: left open, it waits for more: a bracket, a quote or a block isn't closed
  2
  [123]
  dualpipe: request 1: bc: left open, it waits for more: a bracket, a quote or a block isn't closed
  dualpipe: requests: in 1, answered 0, failed 1, not begun 1

The outcome is "open", also of the run; it is not asked again; a file is one request.
#: needs bc
  $ printf 'define f(x) {\n  return x * 2\n}\nf(4)\n' >whole.bc; printf 'define f(x) {\n' >part.bc
  > dualpipe -t 60 -a bc -f whole.bc -e 'f(21)'
  > dualpipe -t 60 -a bc --retries=2 --json -f part.bc 2>err | grep -o '"outcome.*attempt":.'; grep -v standard_in err
  > dualpipe -t 60 -a bc --status-fd=3 -e 'define f(x) {' 3>&1 2>err | grep -o '"end","outcome":"[a-z]*"'
  8
  42
  "outcome":"open","sent":true,"ms":[0-9.]*,.*,"worker":0,"attempt":1 (re)
  dualpipe: request 1: bc: left open, it waits for more: a bracket, a quote or a block isn't closed
  dualpipe: requests: in 1, answered 0, failed 1
  "end","outcome":"open"

In a session too: its child is stopped, as what is sent behind would be swallowed as well.
#: needs bc
  $ dualpipe -a bc -e x=6 -e x @s; dualpipe -t 60 -e 'if (1) {
  >   x
  > }' @s; dualpipe -t 60 -e 'define f(x) {' @s 2>err; echo "status $?"; dualpipe -t 60 -e x @s bc 2>>err; dualpipe --stop @s
  > grep 'request 1' err; grep -c 'bc was stopped: it waits for the rest' err
  6
  6
  status 123
  0
  dualpipe: request 1: bc: left open, it waits for more: a bracket, a quote or a block isn't closed
  1

Who sleeps, waits for a child, for a socket or for another program is not taken for one that waits for more.
#: needs python3
  $ dualpipe -t 60 -a sh -e 'sleep .4; echo 1' -e 'sleep .4 | cat; echo 2' -e '(sleep .4; echo 3) & wait'
  > dualpipe -t 60 -a python -e 'import time; time.sleep(.4)' -e 'import socket, subprocess; a, b = socket.socketpair(); a.settimeout(.4)' -e 'try: a.recv(1)
  > except Exception as e: print(e)' -e 'subprocess.run(["sleep", ".4"]).returncode'
  > dualpipe -t 60 --fence='{}' -e a -- sh -c 'cat | while read -r l; do sleep .4; echo "$l"; done'
  > mkfifo f; dualpipe -t 60 --fence='{}' -e b -- sh -c '(while read -r l; do sleep .4; echo "$l"; done <f &); exec cat >f'
  1
  2
  3
  timed out
  0
  a
  b

A program that holds its output back is told to, and how it can be helped.
  $ dualpipe -t 60 --fence='{}' -e a -- sed 's/x/y/'; echo "status $?"
  dualpipe: request 1: sed: left open, it waits for more: a bracket, a quote or a block isn't closed, or --fence's text prints no token, or it holds its output back: try --unbuffer
  dualpipe: requests: in 1, answered 0, failed 1
  status 123

Requests of several lines: definitions, statements, loops, a here-document.
#: needs bc
#: needs sqlite3
#: needs python3
#: needs lua5.4
  $ dualpipe -t 60 -a bc -e 'define f(x) {
  >   return x * 2
  > }
  > f(4)' -e 'f(21)'
  > dualpipe -t 60 -a sqlite3 -e 'select 1,
  >  2
  > union all select 3, 4;' -e "select 'a
  > b'"
  > dualpipe -t 60 -a sh -e 'for i in 1 2
  > do
  >   echo $i
  > done' -e 'cat <<X
  > a
  > 
  > b
  > X' -e 'f() {
  >   echo f$1
  > }
  > f 2'
  > dualpipe -t 60 -a python -e 'def f(x):
  >     return 2*x' -e 'f(4)' -e 'x = [1,
  >   2]
  > x'
  > dualpipe -t 60 -a lua -e 'for i = 1, 2 do
  >   print(i)
  > end' -e 'function f(x)
  >   return 2*x
  > end' -e 'f(4)'
  8
  42
  1|2
  3|4
  a
  b
  1
  2
  a
  
  b
  f2
  8
  [1, 2]
  1
  2
  8
