# Presets against the larger programs: replies of any length, empty ones, errors.

#: all long
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
  > }' -e 'f(3)' -e 'await new Promise(r => setTimeout(() => r(9), 300))' -e 'if (x) {' -e '[1, 2]' -e '`a' -e '"b' -e 'process.stdout.write("c"), 1' -e x 2>err; echo "status $?"; grep -E '^Uncaught|^dualpipe' err
  42
  3
  9
  [ 1, 2 ]
  c1
  6
  status 123
  Uncaught ReferenceError: nosuch is not defined
  dualpipe: request 3: it failed with status 1
  Uncaught SyntaxError: .* (re)
  dualpipe: request 7: it failed with status 1
  Uncaught SyntaxError: .* (re)
  dualpipe: request 9: it failed with status 1
  Uncaught SyntaxError: .* (re)
  dualpipe: request 10: it failed with status 1
  dualpipe: requests: in 12, answered 8, failed 4

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
  a
  ans =
  
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
  a
  [1] 6
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
  $ PATH=$PATH:/usr/games dualpipe -t 30 -a gtp -e name -e '' -e ' # a comment' -e bogus -e 'boardsize 5' -e '7 known_command name' -e 'list_commands' 2>err | sed -n 1,9p; cat err
  = GNU Go
  
  ? unknown command
  
  =\x20 (esc)
  
  =7 true
  
  = .* (re)
  dualpipe: request 4: the program says: ? unknown command
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

What is left open is told at once: R, octave, gdb.
#: needs R
#: needs octave-cli
#: needs gdb
#: limit 60
  $ open() { dualpipe -t 50 -k "$@" 2>&1 | grep -e 'request 1' -e '2$'; }
  > open -a r -e 'f <- function() {' -e 1+1; open -a octave -e 'for i=1:2' -e 1+1; open -a octave -e 'x = [1, 2' -e 1+1; ls
  > open -a gdb -e 'define foo' -e 'print 2'
  dualpipe: request 1: R: left open, it waits for more: a bracket, a quote or a block isn't closed
  [1] 2
  dualpipe: request 1: octave-cli: left open, it waits for more: a bracket, a quote or a block isn't closed
  ans = 2
  dualpipe: request 1: octave-cli: left open, it waits for more: a bracket, a quote or a block isn't closed
  ans = 2
  dualpipe: request 1: gdb: left open, it waits for more, at last ">>": a bracket, a quote or a block isn't closed
  $1 = 2

psql: a quote that is left open, a query that sleeps, a statement over lines.
#: needs psql
#: limit 60
  $ with-postgres dualpipe -t 50 -k -a psql -e "select 'abc" -e 'select 1 from pg_sleep(.4)' -e 'select 2,
  >   3;' 2>err; grep 'request 1' err
   (esc)
  1
  2|3
  dualpipe: request 1: psql: left open, it waits for more: a bracket, a quote or a block isn't closed

Requests of several lines: R, octave, gdb, which prints a > for each line of a block.
#: needs R
#: needs octave-cli
#: needs gdb
#: limit 60
  $ dualpipe -t 50 -a r -e 'f <- function(x) {
  >   x * 2
  > }' -e 'f(21)'
  > dualpipe -t 50 -a octave -e 'function y = f(x)
  >   y = 2 * x;
  > endfunction' -e 'f(21)' -e 'x = [1 2
  > 3 4];
  > x(2, 2)'
  > dualpipe -t 50 -a gdb -e 'define foo
  > print 1
  > end' -e foo -e 'if 1
  >   print 2
  > end' -e 'print 3'
  [1] 42
  ans = 42
  ans = 4
  >>
  $1 = 1
   > >$2 = 2
  $3 = 3

smt: cvc5, whose token comes back in quotes.
#: needs cvc5
#: limit 60
  $ dualpipe -t 30 -a smt -e '(set-logic QF_LIA) (declare-const x Int)' -e '(assert (> x 3))' -e '(check-sat)' -e '(echo "a")' -e '' -e '(echo "b")' cvc5; echo "status $?"
  sat
  "a"
  "b"
  status 0

cvc5: what answers and what doesn't, an error, one of syntax, which ends it; a session.
#: needs cvc5
#: limit 60
  $ dualpipe -t 30 -a cvc5 -e '(set-logic QF_LIA) (declare-const x Int) (push)' -e '(get-value (x))' -e '(assert (> x x)) (check-sat) (pop)' -e '' -e '(check-sat)' -e ')' 2>err; echo "status $?"
  > dualpipe @s -a cvc5 -t 20 -e '(echo "a")'; dualpipe @s -e '(echo "b")'; dualpipe --stop @s
  \(error "Cannot get value unless .*"\) (re)
  unsat
  sat
  (*)
  status 1
  "a"
  "b"

gp: a value, none, errors, a string left open, a loop, a function over lines, an unfinished line, many lines, its status.
#: needs gp
#: limit 60
  $ dualpipe -t 30 -a gp -e 'x = 6;' -e 'x * 7' -e 1/0 -e '' -e 'nosuch(' -e '"a' -e 'print1(1)' -e 'for(i = 1, 2, print(i))' -e '{f(y) =
  > y + 1}' -e 'f(2)' -e 'factor(12)' -e x -n 0 -e 'quit(3)' 2>err; echo "status $?"; grep -c '^  \*\*\* ' err
  > dualpipe -t 30 -a gp -e 'for(i = 1, 50000, print(i))' >out; seq 50000 | cmp - out
  > dualpipe @s -a gp -t 20 -e 'y = 1'; dualpipe @s -e 'y + 1'; dualpipe --stop @s
  42
  1
  1
  2
  (y)->y+1
  3

  [2 2]

  [3 1]

  6
  status 123
  [0-9]+ (re)
  1
  2

gnuplot: a value, none, errors, a loop over lines, a plot in text, many lines, its status.
#: needs gnuplot
#: limit 60
  $ dualpipe -t 30 -a gnuplot -e 'x = 6' -e 'print x * 7' -e 'print nosuch' -e '' -e 'bogus bogus' -e 'do for [i = 1:2] {
  > print i
  > }' -e 'print "a"; print "b"' -e 'set terminal dumb 20 6' -e 'unset tics; plot x notitle' -e 'print "c' -n 0 -e 'exit status 3' 2>err; echo "status $?"; grep -c 'undefined variable: nosuch' err
  > dualpipe -t 30 -a gnuplot -e 'do for [i = 1:50000] { print i }' >out; seq 50000 | cmp - out
  > dualpipe @s -a gnuplot -t 20 -e 'y = 1; print y'; dualpipe @s -e 'print y + 1'; dualpipe --stop @s
  42
  1
  2
  a
  b
  (*)
  c
  status 123
  2
  1
  2

gs: a value, none, errors, an unfinished line, many lines.
#: needs gs
#: limit 60
  $ dualpipe -t 30 -a gs -e '6 7 mul =' -e '1 0 div' -e '' -e nosuch -e '(a) print' -e 'clear 8
  > 1 add =' -e 9 -e '='; echo "status $?"
  > dualpipe -t 30 -a gs -e '1 1 50000 { = } for' >out; seq 50000 | cmp - out
  > dualpipe @s -a gs -t 20 -e '/y 1 def y ='; dualpipe @s -e 'y 1 add ='; dualpipe --stop @s
  42
  Error: /undefinedresult in --div--
  (*)
  Error: /undefined in nosuch
  (*)
  a
  9
  9
  dualpipe: requests: in 8, answered 6, failed 2
  status 123
  1
  2

tcl: values, none, errors, a loop over lines, an unfinished line, many lines, its status.
#: needs tclsh
#: limit 60
  $ dualpipe -t 30 -a tcl -e 'set x 6' -e 'expr {$x * 7}' -e nosuch_command -e '' -e 'expr {1 / 0}' -e 'puts -nonewline a' -e 'foreach i {1 2} {
  > puts $i
  > }' -e 'set y "b c"; set z' -e 'set x' -n 0 -e 'exit 3' 2>err; echo "status $?"; cat err
  > dualpipe -t 30 -a tcl -e 'for {set i 1} {$i <= 50000} {incr i} { puts $i }' >out; seq 50000 | cmp - out
  > dualpipe @s -a tcl -t 20 -e 'set y 1'; dualpipe @s -e 'incr y'; dualpipe --stop @s
  6
  42
  a
  1
  2
  6
  status 123
  invalid command name "nosuch_command"
  dualpipe: request 3: the program says: invalid command name "nosuch_command"
  divide by zero
  dualpipe: request 5: the program says: divide by zero
  can't read "z": no such variable
  dualpipe: request 8: the program says: can't read "z": no such variable
  dualpipe: requests: in 10, answered 7, failed 3
  1
  2

guile: values, none, errors, one of syntax, several expressions, an unfinished line, many lines, its status.
#: needs guile
#: limit 60
  $ dualpipe -t 30 -a guile -e '(define x 6)' -e '(* x 7)' -e '(car 1)' -e '' -e nosuch -e '(display "a")' -e '(+ 1
  > 2)' -e '1 (values 2 "b")' -e ')' -e '#<' -e '(throw (quote no))' -e '; none' -e x -n 0 -e '(exit 3)' 2>err; echo "status $?"; wc -l <err
  > dualpipe -t 30 -a guile -e '(let loop ((i 1)) (if (<= i 50000) (begin (display i) (newline) (loop (+ i 1)))))' >out; seq 50000 | cmp - out
  > dualpipe @s -a guile -t 20 -e '(define y 1) y'; dualpipe @s -e '(+ y 1)'; dualpipe --stop @s
  42
  a
  3
  1
  2
  "b"
  6
  status 123
  11
  1
  2

sbcl: values, none, errors, one of syntax, several expressions, output, many lines, its status.
#: needs sbcl
#: limit 60
  $ dualpipe -t 30 -a sbcl -e '(defvar x 6)' -e '(* x 7)' -e '(car 1)' -e '' -e nosuch -e '(format t "a~%b")' -e '(+ 1
  > 2)' -e '(values 1 2) 3' -e ')' -e '(values)' -e '(error "no")' -e x -n 0 -e '(exit :code 3)' 2>err; echo "status $?"; grep -o '^[A-Z-]*: ' err
  > dualpipe -t 30 -a sbcl -e '(loop for i from 1 to 50000 do (format t "~a~%" i))' >out; { seq 50000; echo NIL; } | cmp - out
  > dualpipe @s -a sbcl -t 20 -e '(defvar y 1) y'; dualpipe @s -e '(+ y 1)'; dualpipe --stop @s
  X
  42
  a
  b
  NIL
  3
  1
  2
  3
  6
  status 123
  TYPE-ERROR:\x20 (esc)
  UNBOUND-VARIABLE:\x20 (esc)
  SIMPLE-READER-ERROR:\x20 (esc)
  SIMPLE-ERROR:\x20 (esc)
  Y
  1
  2

erl: values, errors, one of syntax, a dot left out, several expressions, output, many lines, its status.
#: needs erl
#: limit 120
  $ dualpipe -t 60 -a erl -e 'X = 6.' -e 'X * 7.' -e '1 / 0.' -e '' -e 'foo bar.' -e 'X = 5' -e '1 +
  > 2. "b".' -e 'io:format("a~n").' -e 'nosuch:f().' -e 'X.' -n 0 -e 'halt(3).' 2>err; echo "status $?"
  > dualpipe -t 60 -a erl -e '[io:format("~b~n", [I]) || I <- lists:seq(1, 5000)], done.' >out; { seq 5000; echo done; } | cmp - out
  > dualpipe @s -a erl -t 60 -e 'Y = 1.'; dualpipe @s -e 'Y + 1.'; dualpipe --stop @s
  6
  42
  ** exception error: an error occurred when evaluating an arithmetic expression
       in operator  '/'/2
          called as 1 / 0
  .* syntax error before: bar (re)
  .* syntax error before:  (re)
  3
  "b"
  a
  ok
  ** exception error: undefined function nosuch:f/0
  6
  status 123
  1
  2

hugs: values, none, errors, what looks like its prompt, many lines.
#: needs hugs
#: limit 60
  $ dualpipe -t 30 -a hugs -e '6*7' -e 'div 1 0' -e '' -e nosuch -e 'putStr "a\nHugs> "' -e '(1' -e ':type True' -e '[1 .. 3]'; echo "status $?"
  > dualpipe -t 30 -a hugs -e 'mapM_ print [1 .. 5000]' | grep . >out; seq 5000 | cmp - out
  > dualpipe @s -a hugs -t 20 -e 1+0; dualpipe @s -e 1+1; dualpipe --stop @s
  42

  Program error: divide by zero

  dualpipe: request 2: the program says: Program error: divide by zero
  ERROR - Undefined variable "nosuch"
  dualpipe: request 4: the program says: ERROR - Undefined variable "nosuch"
  a
  Hugs>\x20 (esc)
  ERROR - Syntax error in expression (unexpected end of input)
  dualpipe: request 6: the program says: ERROR - Syntax error in expression (unexpected end of input)
  True :: Bool
  [1,2,3]
  dualpipe: requests: in 8, answered 5, failed 3
  status 123
  1
  2

ledger: reports, none, an error; no file.
#: needs ledger
#: limit 60
  $ for i in $(seq 2000); do printf '2026/01/01 Shop%d\n  Food  $10\n  Cash\n' $i; done >a.ledger
  > dualpipe -t 30 -a ledger -e 'balance Food' -e bogus -e '' -e 'balance nosuch' -e 'balance Cash' -- ledger -f a.ledger 2>err; echo "status $?"; cat err
  > dualpipe -t 30 -a ledger -e payees -- ledger -f a.ledger >out; wc -l <out; dualpipe -t 30 -a ledger -e balance -- ledger -f nosuch 2>err; echo "status $?"
  > dualpipe @s -a ledger -t 20 -e 'balance Food' -- ledger -f a.ledger; dualpipe @s -e 'balance Cash'; dualpipe --stop @s
                $20000  Food
               $-20000  Cash
  status 123
  Error: Unrecognized command 'bogus'
  dualpipe: request 2: the program says: Error: Unrecognized command 'bogus'
  dualpipe: requests: in 5, answered 4, failed 1
  2000
  status 123
                $20000  Food
               $-20000  Cash

rrdtool: OK, values, errors, an empty request, many lines.
#: needs rrdtool
#: limit 60
  $ dualpipe -t 30 -a rrdtool -e 'create a.rrd --start 1000000000 --step 1 DS:a:GAUGE:2:0:10 RRA:LAST:0.5:1:5000' -e 'update a.rrd 1000000001:1 1000000002:2' -e 'last a.rrd' -e bogus -e 'last b.rrd' -e '' -e 'last a.rrd' | grep -v '^[RUV	 ]\|^$\|^Public\|^For'; echo "status $?"
  > dualpipe -t 30 -a rrdtool -e 'fetch a.rrd LAST -s 1000000000 -e 1000004000' -e 'last a.rrd' | wc -l
  > dualpipe @s -a rrdtool -t 20 -e 'last a.rrd' | sed 1q; dualpipe @s -e 'last a.rrd' | sed 1q; dualpipe --stop @s
  dualpipe: request 5: the program says: ERROR: opening 'b.rrd': No such file or directory
  dualpipe: requests: in 7, answered 6, failed 1
  OK u:.* (re)
  OK u:.* (re)
  1000000002
  OK u:.* (re)
  OK u:.* (re)
  -1
  ERROR: opening 'b.rrd': No such file or directory
  OK u:.* (re)
  1000000002
  OK u:.* (re)
  status 0
  400[0-9] (re)
  1000000002
  1000000002

exiftool: a value, none, an error, an empty request, a request that says -execute, its status, no wait at the end.
#: needs exiftool
#: limit 60
  $ printf 'P1 2 3\n0 0 0 0 0 0\n' >a.pbm; printf '%s\n' -s3 -ImageSize a.pbm >arguments
  > dualpipe -t 30 -a exiftool -f arguments -e nosuch.pbm -e '' -e -ver -f arguments 2>err; echo "status $?"; cat err
  > dualpipe @s -a exiftool -t 20 -f arguments; dualpipe @s -f arguments; dualpipe --stop @s
  2x3
  [0-9]+[.][0-9]+ (re)
  2x3
  status 123
  Error: File not found - nosuch.pbm
  dualpipe: request 2: the program says: Error: File not found - nosuch.pbm
  dualpipe: requests: in 5, answered 4, failed 1
  2x3
  2x3

assuan: data, none, an error, requests that draw none, an agent that ends.
#: needs gpg-agent
#: limit 60
  $ mkdir -m 700 home && export GNUPGHOME=$PWD/home; dualpipe -t 30 -a assuan -e 'GETINFO pid' -e BOGUS -e '' -e '# none' -e NOP 2>/dev/null | sed 's/^D [0-9]*/D pid/'; dualpipe -t 30 -a assuan -e 'a
  > b'; echo "status $?"; dualpipe @s -a assuan -t 20 -e NOP; dualpipe @s -e NOP; dualpipe --stop @s
  D pid
  OK
  ERR [0-9]+ Unknown IPC command .* (re)
  OK
  dualpipe: option -a: assuan: a request is one line: this one holds a line end
  status 125
  OK
  OK

tmux: replies, an error, what it notifies of meanwhile, a session that ends alone.
#: needs tmux
#: limit 60
  $ export TMUX_TMPDIR=$PWD; unset TMUX; tmux -f /dev/null new-session -d -s other cat
  > dualpipe -t 30 -a tmux -e 'display-message -p hi' -e bogus -e 'new-window cat' -e 'list-windows -F "#I"' -e 'rename-window x' -e 'display-message -p "#W"' -e kill-window -e 'list-keys' 2>err >out; echo "status $?"
  > grep -v '^%begin\|^bind-key' out | sed 's/ .* 1$//'; grep -c '^\* %window-renamed .* x$' err; tmux list-sessions -F '#S'; tmux kill-server
  status 123
  hi
  %end
  parse error: unknown command: bogus
  %error
  %end
  0
  1
  %end
  %end
  x
  %end
  %end
  %end
  1
  other

ed: lines, none, errors, text of several lines, what looks like its prompt; changes are given up.
#: needs ed
  $ printf 'one\n*> \n' >f; dualpipe -t 20 -a ed -e ,p -e bogus -e '$a
  > two
  > .' -e ,n -e 1d -e 9p -e ,p f; echo "status $?"; cat f; seq 5000 >g; dualpipe -t 20 -a ed -e ,p g | cmp - g
  > dualpipe @s -a ed -t 20 -e 1p f; dualpipe @s -e 2p; dualpipe --stop @s
  one
  *>\x20 (esc)
  ?
  Unknown command
  dualpipe: request 2: the program says: ?
  1\tone (esc)
  2\t*>\x20 (esc)
  3\ttwo (esc)
  ?
  Invalid address
  dualpipe: request 6: the program says: ?
  *>\x20 (esc)
  two
  dualpipe: requests: in 7, answered 5, failed 2
  status 123
  one
  *>\x20 (esc)
  one
  *>\x20 (esc)

ispell: enchant-2.
#: needs enchant-2
#: needs /usr/lib/aspell/en_US.multi
  $ dualpipe -t 20 -a ispell -e hello -e zzxq -e '@frob' -e 'fine hello' -- enchant-2 -a -d en_US 2>err | cut -c 1-6
  *
  
  & zzxq
  
  *
  *
   (esc)

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
