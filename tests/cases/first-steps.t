# What someone new to it types, and the one line that helps.

python3 with a rule of one's own reads its program up to the end of file; without, its preset applies.
#: needs python3
  $ dualpipe -t 1 -n 1 -e 'print(1)' python3; dualpipe -t 10 -e 'print(1)' python3
  dualpipe: request 1: no whole reply in 1s: python3 sleeps, 0 bytes not read by it, 0 bytes received: try -a python, or .* (re)
  dualpipe: requests: in 1, answered 0, failed 1
  1

Without a limit the same is said after five seconds, once.
#: needs python3
#: limit 20
  $ dualpipe --deadline 5.5 -n 1 -e 'print(1)' /usr/bin/python3 2>&1 | grep -o 'no whole reply yet: .*try -a python,'
  no whole reply yet: /usr/bin/python3 .*try -a python, (re)

bc says nothing to an assignment: a rule by count waits for more.
#: needs bc
  $ dualpipe --as=none -t 0.3 -e 'x=5' bc; dualpipe -n 1 -t 0.3 -e 1+1 -e 'x=5' bc; dualpipe -e x=5 -e x bc
  dualpipe: request 1: no whole reply in 0.3s: .*: try -a bc, or .*-n 0 or --no-reply for a request that draws no reply (re)
  dualpipe: requests: in 1, answered 0, failed 1
  2
  dualpipe: request 2: no whole reply in 0.3s: .*: try -a bc, or a longer -t, .* (re)
  dualpipe: requests: in 2, answered 1, failed 1
  5

Other programs that have a preset, by whatever path and version; those that have none; none is named twice.
#: needs bash
  $ for name in lua5.4 python3.11 psql node gdb z3 redis-cli R octave-cli aspell hunspell stockfish gnugo bash other lu; do
  >     printf '#!/bin/sh\ncat >/dev/null\n' >$name; chmod +x $name; dualpipe -t 0.2 -n 1 -e a ./$name 2>&1 | sed -n "s/.*try \(-a [a-z0-9]*\).*/$name \1/p"
  > done; dualpipe -t 0.2 -a bc -e a ./other 2>&1 | grep -c 'try -a'
  lua5.4 -a lua
  python3.11 -a python
  psql -a psql
  node -a node
  gdb -a gdb
  z3 -a smt
  redis-cli -a redis
  R -a r
  octave-cli -a octave
  aspell -a ispell
  hunspell -a hunspell
  stockfish -a uci
  gnugo -a gtp
  bash -a bash
  0
  [1]

A filter holds its output back: --unbuffer, or its own option.
  $ printf 'foo\n' | dualpipe -t 0.3 -l grep foo; printf 'foo\n' | dualpipe -t 10 -l --unbuffer grep foo
  > printf 'foo\n' | dualpipe -t 10 -l -- grep --line-buffered foo; dualpipe -t 0.3 -n 1 -e hello tr a-z A-Z; dualpipe -t 0.3 -e a -- sed 's/a/b/;' 2>&1 | grep -o 'try .*back'
  dualpipe: request 1: no whole reply in 0.3s: .*: try --unbuffer or grep --line-buffered if it holds its output back, .* (re)
  dualpipe: requests: in 1, answered 0, failed 1
  foo
  foo
  dualpipe: request 1: no whole reply in 0.3s: .*: try --unbuffer if it holds its output back, .* (re)
  dualpipe: requests: in 1, answered 0, failed 1
  try --unbuffer or sed -u if it holds its output back

A digit's class as perl writes it.
  $ dualpipe -u '\d+' -e 1 cat
  dualpipe: pattern: \\d+: at byte 1: write [0-9]
  [125]

A command and its words as one.
  $ dualpipe 'bc -l'
  dualpipe: finding the command: bc -l: No such file or directory: give its words apart: bc -l
  [127]

-t for what timeout(1) does: no request comes, so none is late.
  $ dualpipe -t 5 -- sh -c 'echo made; exit 3' </dev/null; echo "[$?]"; dualpipe --deadline 5 -- sh -c 'echo made; exit 3' </dev/null; echo "[$?]"
  > dualpipe --deadline 0.3 sleep 20 </dev/null
  dualpipe: requests: none came on standard input; to limit a whole run, as timeout(1) does, use --deadline instead of -t
  (*)
  [3]
  made
  [3]
  dualpipe: deadline: sleep: 0.3s have passed
  [124]

No note where -t limits requests: those of a file that is empty, or with an option that asks for requests.
#: needs bc
  $ dualpipe -l -t 5 bc </dev/null; dualpipe -t 5 -n 1 bc </dev/null; echo 1+1 | dualpipe -t 5 bc
  2

An editor draws on a whole terminal.
  $ mkdir bin; printf '#!/bin/sh\nexit 0\n' >bin/vim; chmod +x bin/vim; PATH=$PWD/bin:$PATH dualpipe vim </dev/null
  dualpipe: running: vim: it draws on a whole terminal, and has none here: --pty gives it one

One that an option makes a filter of doesn't, nor does one with a terminal.
  $ mkdir bin; printf '#!/bin/sh\nexit 0\n' >bin/vim; chmod +x bin/vim; cp bin/vim bin/tmux; PATH=$PWD/bin:$PATH
  > dualpipe vim -es </dev/null; dualpipe tmux -C </dev/null; dualpipe --pty=cooked vim </dev/null

#: needs bc
Options behind the command are the command's: it says so, and we do.
  $ dualpipe bc -e 1+1 >err 2>&1 </dev/null; echo $?; grep ^dualpipe err; dualpipe -q -e 1+1 bc -t 5 2>/dev/null | tail -n 1; dualpipe -l -- sh -c 'exit 2' x --timeout=5 </dev/null
  > dualpipe sh -c 'exit 1' -- -e </dev/null; printf 'a\n' | dualpipe grep -e b; dualpipe -n 1 -e a sh -c 'cat; exit 3' x -e 2>&1
  1
  dualpipe: child: bc: ended with status 1: if its argument -e is meant for dualpipe, put it before the command
  dualpipe: child: sh: ended with status 2: if its argument --timeout=5 is meant for dualpipe, put it before the command
  a
  [3]

#: needs bc
The name of a session without its @.
  $ dualpipe -a bc -e x=5 @calc; dualpipe -e x calc; echo $?; dualpipe calc </dev/null; dualpipe --stop @calc; dualpipe -e x calc
  dualpipe: finding the command: calc: No such file or directory: a session has that name: write @calc
  127
  dualpipe: finding the command: calc: No such file or directory: a session has that name: write @calc
  dualpipe: finding the command: calc: No such file or directory
  [127]

A filter that answers once and ends.
  $ dualpipe -e a -e b -- head -n 1; echo $?; dualpipe --fresh -e a -e b -- head -n 1; dualpipe -e a -- sh -c 'read -r a'
  > until dualpipe -w 2 -e a -e b -- sh -c 'read -r a; echo $a; read -r a' 2>err; grep -o 'request 2.*' err; do :; done
  a
  dualpipe: child: head: ended with status 0 before all was asked: --fresh starts one for each request
  dualpipe: requests: in 1, answered 1, failed 0, not begun 1
  123
  a
  b
  dualpipe: request 1: sh: ended with status 0 before its reply was whole: --fresh starts one for each request, if it answers once and ends
  dualpipe: requests: in 1, answered 0, failed 1
  a
  request 2: sh: ended with status 0 before its reply was whole: --fresh starts one for each request, if it answers once and ends

A child that ignores the end of its input and has answered all: --quit.
  $ mkfifo go; dualpipe -e a -- sh -c 'trap "" TERM; read -r a; echo $a; read -r a; read -r b <go' 2>err & until grep -s quit err; do :; done; echo >go; wait $!; echo $?
  > dualpipe -e a --quit=b -- sh -c 'read -r a; echo $a; read -r a; read -r b; read -r b <go' 2>err2 & until grep -s quit err2; do :; done; echo >go; wait $!
  a
  dualpipe: ending: sh: it goes on after the end of its input: tell it to end by --quit=TEXT
  0
  a
  dualpipe: ending: sh: it goes on after --quit and the end of its input: try another --quit

A command behind a launcher is asked as any other.
#: needs bc
  $ dualpipe -t 10 -e 1+1 env bc; echo 1+1 | dualpipe env bc; dualpipe -t 10 -a bc -e x=5 -e x -- env bc
  2
  2
  5
