# Presets against the larger programs: replies of any length, empty ones, errors.

psql: rows, none, an error, a statement without its semicolon, two in one, a command of psql's own.
#: needs psql
#: needs pg_ctlcluster
#: limit 120
  $ with-postgres dualpipe -t 30 -a psql -e 'select 6*7, 1' -e 'create table t(a int);' -e 'insert into t values (1), (2);' \
  >     -e 'select * from t' -e 'bogus;' -e 'select * from t where a > 9;' -e '\d t' -e 'select 3; select 4' -e "select ''" -e 'select 5;' 2>err
  > echo "status $?"; head -n 1 err; grep 'program says' err
  42|1
  1
  2
  a|integer|||
  3
  4
  
  5
  status 123
  ERROR:  syntax error at or near "bogus"
  dualpipe: request 5: the program says: ERROR:  syntax error at or near "bogus"

#: long
psql: 100,000 rows, and a window of requests.
#: needs psql
#: needs pg_ctlcluster
#: limit 120
  $ with-postgres dualpipe -t 30 -a psql -e 'select generate_series(1, 100000);' -e 'select 1;' >out; seq 100000 >want; echo 1 >>want; cmp out want
  > seq 200 | sed 's/.*/select &*&/' | with-postgres dualpipe -t 30 -a psql -w 8 >out; seq 200 | awk '{ print $1 * $1 }' | cmp - out

psql: no server.
#: needs psql
  $ dualpipe -t 30 -a psql -e 'select 1' -- psql -X -A -t -q -h /nowhere 2>err; echo "status $?"; grep -c 'connection to server on socket' err
  status 2
  1

redis: a status, a value, none, an error, a list, an empty request, a transaction as one request.
#: needs redis-cli
#: needs redis-server
#: limit 60
  $ with-redis dualpipe -t 20 -a redis -e 'SET x 42' -e 'GET x' -e 'GET nosuch' -e BOGUS -e 'RPUSH l a "b c"' -e 'LRANGE l 0 -1' -e '' -e 'MULTI
  > INCR x
  > EXEC' -e 'GET "x' -e 'GET x' -- redis-cli -s ./redis.sock; echo "status $?"
  OK
  42
  
  ERR unknown command 'BOGUS', with args beginning with:\x20 (esc)
  
  dualpipe: request 4: the program says: ERR unknown command 'BOGUS', with args beginning with:\x20 (esc)
  2
  a
  b c
  OK
  QUEUED
  43
  Invalid argument(s)
  dualpipe: request 9: the program says: Invalid argument(s)
  43
  dualpipe: requests: in 10, answered 8, failed 2
  status 123

redis: no server: the set-up fails in time.
#: needs redis-cli
#: limit 60
  $ dualpipe -a redis --start-timeout 0.5 -e 'GET x' -- redis-cli -s ./nowhere 2>err; echo "status $?"; grep -o 'Could not connect' err | uniq; grep -o 'set-up: PING: no whole reply in time' err
  status 124
  Could not connect
  set-up: PING: no whole reply in time

node: values, undefined, errors, a function over lines and one left open, what is awaited, an unfinished line.
#: needs node
#: limit 60
  $ dualpipe -t 20 -a node -e 'const x = 6' -e 'x * 7' -e nosuch -e 'function f(y) {
  >     return y
  > }' -e 'f(3)' -e 'await new Promise(r => setTimeout(() => r(9), 300))' -e 'if (x) {' -e '[1, 2]' -e '`a' -e '"b' -e 'process.stdout.write("c"), 1' -e x; echo "status $?"
  42
  Uncaught ReferenceError: nosuch is not defined
  dualpipe: request 3: the program says: Uncaught ReferenceError: nosuch is not defined
  3
  9
  [ 1, 2 ]
  "b
  ^^
  
  Uncaught SyntaxError: Invalid or unexpected token
  dualpipe: request 10: the program says: Uncaught SyntaxError: Invalid or unexpected token
  c1
  6
  dualpipe: requests: in 12, answered 10, failed 2
  status 123

node: its status; a thousand requests, eight under way.
#: needs node
#: limit 60
  $ dualpipe -t 20 -a node -e '6*7' -n 0 -e 'process.exit(3)'; echo "status $?"
  > seq 1000 | sed 's/$/*2/' | dualpipe -t 20 -a node -w 8 >out; seq 2 2 2000 | cmp - out
  42
  status 3

octave: a value, none, an error, one of syntax, a loop over lines, an unfinished line.
#: needs octave-cli
#: limit 60
  $ dualpipe -t 30 -a octave -e 'x = 6;' -e 'x * 7' -e 'error("no")' -e '1 +' -e 'for i = 1:2
  >     i
  > end' -e 'printf("a")' -e '[1 2; 3 4]' -e 'nosuch' -e 'x' 2>err; echo "status $?"; grep -c '^error' err; grep 'program says' err
  ans = 42
  i = 1
  i = 2
  aans =
  
     1   2
     3   4
  
  x = 6
  status 123
  3
  dualpipe: request 3: the program says: error: no
  dualpipe: request 4: the program says: error: parse error:
  dualpipe: request 8: the program says: error: 'nosuch' undefined.* (re)

r: a value, none, an error, one of syntax, a function over lines, a matrix, an unfinished line, a status.
#: needs R
#: limit 60
  $ dualpipe -t 30 -a r -e 'x <- 6' -e 'x * 7' -e 'stop("no")' -e '1)' -e 'f <- function(y) {
  >     y
  > }' -e 'f(3)' -e 'matrix(1:4, 2)' -e 'cat("a")' -e 'nosuch' -e 'invisible(1)' -e x -n 0 -e 'q(status = 4)' 2>err; echo "status $?"; cat err
  [1] 42
  [1] 3
       [,1] [,2]
  [1,]    1    3
  [2,]    2    4
  a[1] 6
  status 123
  Error: no
  dualpipe: request 3: the program says: Error: no
  Error: unexpected ')' in "1)"
  dualpipe: request 4: the program says: Error: unexpected ')' in "1)"
  Error: object 'nosuch' not found
  dualpipe: request 9: the program says: Error: object 'nosuch' not found
  dualpipe: requests: in 12, answered 9, failed 3

gdb: a value, none, an error, a program that runs and stops, replies of many lines.
#: needs gdb
#: needs cc
#: limit 120
  $ printf '#include <stdio.h>\nint main(void) {\n    int i = 41;\n    printf("hi\\n");\n    i++;\n    return i;\n}\n' >t.c; cc -g t.c -o t
  > DEBUGINFOD_URLS='' dualpipe -t 60 -a gdb -e 'print 6*7' -e 'set $x = 5' -e bogus -e 'file ./t' -e 'break 6' -e 'run' -e 'print i' -e 'print $x' -e 'list 2,3' -e 'continue' -e 'info frame' -e 'print $_exitcode' 2>err
  > echo "status $?"; cat err
  $1 = 42
  (*)
  Breakpoint 1 at .*: file t.c, line 6. (re)
  (*)
  Breakpoint 1, main () at t.c:6
  6\t    return i; (esc)
  $2 = 42
  $3 = 5
  2\tint main(void) { (esc)
  3\t    int i = 41; (esc)
  (*)
  $4 = 42
  status 123
  Undefined command: "bogus".  Try "help".
  (*)

smt: what answers and what doesn't, an error, a request of several lines.
#: needs z3
#: limit 60
  $ dualpipe -t 30 -a smt -e '(declare-const x Int)' -e '(assert (= x (* 6 7)))' -e '(check-sat)' -e '(get-value (x))' -e '(get-value (y))' -e '(push)
  > (assert (> x 50))
  > (check-sat)
  > (pop)' -e '(check-sat)'; echo "status $?"
  sat
  ((x 42))
  \(error "line [0-9]+ column [0-9]+: unknown constant y"\) (re)
  dualpipe: request 5: the program says: (error "line 9 column 12: unknown constant y")
  unsat
  sat
  dualpipe: requests: in 7, answered 6, failed 1
  status 123

gtp: every reply ends with an empty line; an empty request and a comment draw none.
#: needs /usr/games/gnugo
#: limit 60
  $ PATH=$PATH:/usr/games dualpipe -t 30 -a gtp -e name -e '' -e ' # a comment' -e bogus -e 'boardsize 5' -e '7 known_command name' -e 'list_commands' | sed '9q'
  dualpipe: request 4: the program says: ? unknown command
  = GNU Go
  
  ? unknown command
  
  =\x20 (esc)
  
  =7 true
  
  = .* (re)
  dualpipe: requests: in 7, answered 6, failed 1

uci: marks for each command; those that draw no reply; a command that is none; the handshake is made.
#: needs /usr/games/stockfish
#: limit 60
  $ PATH=$PATH:/usr/games dualpipe -t 30 -a uci -e isready -e 'setoption name Hash value 8' -e ucinewgame -e 'position startpos moves e2e4' -e 'go depth 6' \
  >     -e bogus -e 'position fen 7k/8/8/8/8/8/8/KR6 w - - 0 1' -e 'go movetime 100' -e uci -e isready >out; echo "status $?"; grep -v '^\(info\|option\|id\) \|^$' out
  dualpipe: request 6: the program says: Unknown command: 'bogus'. Type help for more information.
  dualpipe: requests: in 10, answered 9, failed 1
  status 123
  readyok
  bestmove [a-h][1-8][a-h][1-8].* (re)
  Unknown command: .* (re)
  bestmove [a-h][1-8][a-h][1-8].* (re)
  uciok
  readyok

ispell: aspell; lines that draw no reply, an empty one among them; a reply ends with an empty line.
#: needs aspell
  $ dualpipe -t 20 -a ispell -e hello -e helllo -e '' -e '!' -e 'fine helllo' -e '   ' -e '%' -e '^*hello' -e '@frobnix' -e frobnix -- aspell -a -d en_US | cut -c 1-20
  *
  
  & helllo [0-9]+ 0: he.* (re)
  
  & helllo [0-9]+ 5: he.* (re)
  
  
  *
  
  *
   (esc)

hunspell: the same, but that an empty line is answered.
#: needs hunspell
  $ dualpipe -t 20 -a hunspell -e hello -e '' -e helllo -e '!' -e 'fine helllo' -e fine -e '%' -e '^hello' -- hunspell -a -d en_US | cut -c 1-20
  *
  
  
  & helllo 5 0: hello,
  
  & helllo 5 5: hello,
  
  
  *
   (esc)

Words of a file, four spellers, in the order of the words.
#: needs aspell
#: limit 60
  $ for i in 1 2 3 4 5; do echo hello; echo helllo; done | dualpipe -t 20 -a ispell -j 4 -w 2 -- aspell -a -d en_US | cut -c1 | tr -d '\n'
  *&*&*&*&*& (no-eol)

python: 2.5 MB, and a thousand requests, eight under way.
#: needs python3
#: limit 60
  $ dualpipe -t 30 -a python -e "print('x' * 2500000)" -e '6*7' | wc -c
  > seq 1000 | sed 's/$/*2/' | dualpipe -t 20 -a python -w 8 >out; seq 2 2 2000 | cmp - out
  2500004

What each program calls an error, and what it prints besides, which is none.
#: needs psql
#: needs pg_ctlcluster
#: needs redis-cli
#: needs redis-server
#: needs node
#: needs octave-cli
#: needs R
#: needs gdb
#: limit 240
  $ dualpipe -t 60 -a octave -e "warning('error: w')" -e "fprintf(stderr, 'hi\n')" -e 'disp("error: x")' 2>/dev/null >&2; echo "octave $?"
  > dualpipe -t 60 -a r -e 'warning("Error")' -e 'as.integer("x")' -e 'cat("Error: no\n")' -e 'try(stop("x"), silent = TRUE)' 2>/dev/null >&2; echo "r $?"
  > dualpipe -t 60 -a node -e 'console.error("Uncaught")' -e '"Uncaught x"' -e 'try { x } catch (e) { 1 }' 2>/dev/null >&2; echo "node $?"
  > DEBUGINFOD_URLS='' dualpipe -t 60 -a gdb -e 'file /bin/true' -e 'info threads' -e 'print $x' -e 'show version' -e run 2>/dev/null >&2; echo "gdb $?"
  > with-postgres dualpipe -t 60 -a psql -e 'drop table if exists nosuch' -e "do \$\$ begin raise warning 'ERROR: x'; end \$\$" -e "select 'ERROR: x'" 2>/dev/null >&2; echo "psql $?"
  > with-redis dualpipe -t 60 -a redis -e 'SET s "ERR data"' -e 'GET s' -e 'GET nosuch' -e 'RPUSH l "ERR x" y' -e 'LRANGE l 0 -1' -- redis-cli -s ./redis.sock 2>/dev/null >&2; echo "redis $?"
  > DEBUGINFOD_URLS='' dualpipe -t 60 -a gdb -e 'print nosuch' -e 'file /nosuch' -e 'print 1 +' -e frame -e 'print 1/0' -e if -e 'print *0' 2>&1 >/dev/null | sed -n 's/^dualpipe: //p'
  octave 0
  r 0
  node 0
  gdb 0
  psql 0
  redis 0
  request 1: the program says: No symbol table is loaded.  Use the "file" command.
  request 2: the program says: /nosuch: No such file or directory.
  request 3: the program says: A syntax error in expression, near `'.
  request 4: the program says: No stack.
  request 5: the program says: Division by zero
  request 6: the program says: if command requires an argument.
  request 7: the program says: Cannot access memory at address 0x0
  requests: in 7, answered 0, failed 7
