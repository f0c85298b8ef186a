# Known programs need no option: what a command gets by itself, and what leaves it as it is.

sqlite3: each statement has its rows.
#: needs sqlite3
  $ dualpipe -e 'select 1;' -e 'select 2 union select 3;' -e 'select 4;' sqlite3
  1
  2
  3
  4

python3: expressions and statements.
#: needs python3
  $ dualpipe -e 'print(1)' -e 'x = 6' -e 'x * 7' python3; dualpipe -e 6*7 python3 -q -X utf8 -O
  1
  42
  42

bc: an assignment draws nothing; a library and a file are harmless.
#: needs bc
  $ echo 'define f(x) { return x*x; }' >f.bc; dualpipe -e x=5 -e x bc; dualpipe -e 'c(0)' bc -l; dualpipe -e 'f(7)' -e 's(0)' bc -ql f.bc
  5
  1.00000000000000000000
  49
  0

A shell, lua, dc.
#: needs lua5.4
#: needs dc
  $ dualpipe -e x=5 -e 'echo $x; echo 2' sh; dualpipe -e 'x = 3' -e 'x + 1' lua5.4; dualpipe -e '2 3+' -e p dc
  5
  2
  4
  5

A file for sqlite3; -readonly is harmless.
#: needs sqlite3
  $ dualpipe -e 'create table t(a)' -e 'insert into t values(7)' sqlite3 x.db; dualpipe -e 'select * from t' sqlite3 -readonly -batch x.db
  7

Several children, --json, a limit, --max-requests: the preset holds with each.
#: needs bc
  $ dualpipe -j 2 -e 1 -e x=2 -e 3 bc; dualpipe --json -t 20 -e x=1 -e x bc | cut -c 1-37; dualpipe --max-requests 1 -e x=1 -e x bc
  1
  3
  {"n":1,"request":"x=1","reply":[],"ou
  {"n":2,"request":"x","reply":["1"],"o
  0

By lines: each has a line, an empty reply an empty one, the last an end.
#: needs bc
  $ printf 'x=1\nx\nprint 5\n' | dualpipe -l bc
  
  1
  5

By lines: a reply of several fails, and the way out is named; with -k the lines stay in step.
#: needs bc
  $ printf '1\n2;3\n4\n' | dualpipe -l bc; echo $?; printf '1\n2;3\n4\n' | dualpipe -k -l bc 2>/dev/null
  1
  dualpipe: request 2: its reply can't be written as one line: it has 2, and with -l each line of input has one: use --json, or give the requests by -e
  dualpipe: requests: in 2, answered 1, failed 1, the rest of stdin not begun
  122
  1
  
  4
  [123]

By lines with --json, or with the preset named: replies are of any length.
#: needs bc
  $ printf '2;3\nx=1\n' | dualpipe --json -l bc | cut -c 1-39; printf '2;3\nx=1\n' | dualpipe -a bc -l
  {"n":1,"request":"2;3","reply":["2","3"
  {"n":2,"request":"x=1","reply":[],"outc
  2
  3

git cat-file --batch is catfile.
#: needs git
  $ git init -q && printf 'one\ntwo\n' >f && git add f; dualpipe -e :f -e :g git -C . cat-file --batch; dualpipe -t 9 -e 1 git cat-file --batch-check >/dev/null; echo $?
  814f4a422927b82f5f8a43f8fab6d3839e3983f2 blob 8
  one
  two
  
  :g missing
  0

A late reply: nothing is sent before it has come, or its child was replaced.
#: needs bc
  $ dualpipe -k -t 0.3 -e 'while (1) x=1' -t 20 -e 1+1 bc 2>/dev/null; dualpipe -k -a bc -t 0.3 -e 'while (1) x=1' -t 20 -e 1+1 2>/dev/null
  
  2
  
  2
  [123]

-v tells; --as=none turns it off.
#: needs bc
  $ dualpipe -v -e 1+1 bc 2>&1 | head -n 1; dualpipe --as=none -t 0.3 -e x=1 bc 2>&1 | grep -o 'try -a bc'; dualpipe -a none -e 1+1 bc
  dualpipe: preset: bc: -a bc applies by itself: --as=none turns it off
  try -a bc
  2

Options that say how the program talks turn it off.
#: needs bc
  $ for option in -n1 '-u .' '-p ^$' --bytes=2 '--length=(x)|' --idle=9 --fresh --no-reply=y --async=y --ready=none --setup=1 --frame=line --io=line --unbuffer -w2 --via=env; do
  >     dualpipe -v --start-timeout 0.3 -t 0.1 $option -e x=1 bc 2>&1 | grep -c 'applies by itself'
  > done | uniq -c | sed 's/ *//'; dualpipe -v -w 1 -e 1+1 bc 2>&1 | grep -c 'applies by itself'
  16 0
  1

What must not be taken for a known program: scripts, -c, wrappers, operands, options that are not in the table.
#: limit 60
  $ cat >want <<'END'
  > bc -i
  > bc -s
  > bc --standard
  > bc -x
  > dc -e 1p
  > dc f.dc
  > sqlite3 my.db .tables
  > sqlite3 -cmd .tables my.db
  > sqlite3 -init f my.db
  > sqlite3 -interactive my.db
  > sqlite3 -stats
  > python3 script.py
  > python3 -c 1
  > python3 -m json.tool
  > python3 -
  > python3 -u script.py
  > python3 -q -x
  > python3.11 -ic 1
  > node app.js
  > node -e 1
  > node -i
  > node -p 1
  > lua5.4 script.lua
  > lua5.4 -i
  > lua5.4 -e 1
  > lua5.4 -v
  > sh script
  > sh -c x
  > bash -i
  > bash -x
  > bash -o posix
  > psql -c x
  > psql -f x
  > psql a b c
  > psql -W
  > redis-cli GET x
  > redis-cli -x SET a
  > gdb --args prog a
  > gdb -ex run prog
  > gdb -i=mi
  > octave-cli --eval x
  > octave-cli f.m
  > R --interactive
  > R -f x
  > R CMD BATCH
  > z3 f.smt2
  > gnugo file.sgf
  > stockfish bench
  > aspell list
  > aspell -a extra
  > hunspell -l
  > git log
  > git cat-file -p HEAD
  > git cat-file --batch-check
  > git status
  > env bc
  > nice bc -l
  > nohup bc
  > stdbuf -oL bc
  > timeout 9 bc
  > ssh host bc
  > docker exec -i c bc
  > unbuffer bc
  > xargs bc
  > mybc -l
  > bc2x
  > python-config --cflags
  > pythonx
  > END
  > for name in $(cut -d ' ' -f 1 want | sort -u); do printf '#!/bin/sh\nread -r x\necho "${0##*/} $*"\n' >$name; chmod +x $name; done
  > while read -r command; do dualpipe -q -t 20 -e x -- ./$command </dev/null; done <want | sed 's/ $//' | diff want - && wc -l <want
  68

Stream mode never.
#: needs bc
  $ echo 1+1 | dualpipe -v bc 2>&1 | grep -v '^[<>]'
  2

A session is started with it; who names no command, or the same, or another rule at the start, is served.
#: needs bc
  $ dualpipe -e x=5 @s bc; dualpipe -e x @s; dualpipe -e 'x*2' @s bc; printf 'x=7\nx\n' | dualpipe -l @s; dualpipe --stop @s
  > dualpipe -n 1 -e 1+1 @t bc; dualpipe -e 2+2 @t bc; dualpipe --stop @t; dualpipe -a bc -e x=1 @u; dualpipe -e x @u bc; dualpipe --stop @u
  5
  10
  
  7
  2
  4
  1

A session started with it runs no other command.
#: needs bc
  $ dualpipe -e x=5 @s bc; dualpipe -e x @s bc -l; echo $?; dualpipe -e x @s dc; echo $?; dualpipe --stop @s
  dualpipe: session: @s: it runs another command: bc
  125
  dualpipe: session: @s: it runs another command: bc
  125

Filters that hold their output back: a terminal by itself.
  $ printf 'a\nbc\n' | dualpipe -t 20 -l rev; printf 'a,b\nc\n' | dualpipe -t 20 -l cut -d, -f1; echo 1000 | dualpipe -t 20 -l numfmt --to=si; dualpipe -t 20 -e 'aXbX' -- sed s/X/-/g
  > dualpipe -t 20 -e abc -- sed -E 'y/abc/xyz/'; printf 'a\n\n' | dualpipe -t 20 -l nl; dualpipe -t 20 -e hello -e there tr a-z A-Z; dualpipe -t 20 -e aabb -- tr -s 'a-y'
  a
  cb
  a
  c
  1.0K
  a-b-
  xyz
       1\ta (esc)
        \x20 (esc)
  HELLO
  THERE
  ab

Filters that don't keep a line a line, have an operand, or hold nothing back are as they were.
  $ for p in tr cut sed awk grep sort uniq nl rev; do printf '#!/bin/sh\nread -r x\n[ -t 1 ] && echo terminal || echo pipe\n' >$p; chmod +x $p; done; PATH=$PWD:$PATH; set -f
  > for command in 'tr -d [:space:]' 'tr -cd a-z' 'tr a \n' 'tr a \012' 'tr \001-z a' 'cut -s -f2' 'cut -f1 f' 'sed -n p' 'sed -u s/a/b/' 'sed s/a/x/p' 'sed s/a/\n/' 'sed p' 'sed 1d' \
  >     'sed s/a/b' 'sed -e s/a/b/ -e p' 'sed s/a/b/ f' 'awk 1' 'grep a' sort uniq 'nl f' 'nl -' 'rev f'; do dualpipe -t 20 -e a -- $command; done | /usr/bin/sort | /usr/bin/uniq -c | /usr/bin/sed 's/ *//'
  > for command in 'tr a b' 'tr a \\n' 'cut -c1' 'sed s/a/b/' rev nl; do dualpipe -t 20 -e a -- $command; done | /usr/bin/sort | /usr/bin/uniq -c | /usr/bin/sed 's/ *//'
  23 pipe
  6 terminal

-a: the operands are arguments of the preset's command, unless they are one; the preset's program gets its arguments.
#: needs bc
#: needs sqlite3
  $ dualpipe -a bc -e 's(0)' -- -l; dualpipe -a bc -e x=1 -e x bc -l; dualpipe -a bc -e x=1 -e x $(command -v bc); dualpipe -a bc -e 1+1 env bc -q; dualpipe -a bc -e 'x=2' -e x nice bc -q
  > dualpipe -a sqlite3 -e 'create table t(a)' my.db; dualpipe -a sqlite3 -e .tables my.db; dualpipe -a sqlite3 -e 'select 1' -- -readonly my.db; dualpipe -a sqlite3 -e .tables sqlite3 my.db
  0
  1
  1
  2
  2
  t
  1
  t

-a with what is no command, and of no use to the program, is refused.
#: needs python3
  $ dualpipe -a python -e 1 nosuch.py; echo $?; dualpipe -a sh -e 1 ./nosuch; echo $?; dualpipe -a uci -e isready nosuch 2>&1 | head -n 1
  dualpipe: command: nosuch.py: no such command, and -a python takes no operand: it runs python3
  127
  dualpipe: command: ./nosuch: no such command, and -a sh takes no operand: it runs sh
  127
  dualpipe: finding the command: nosuch: No such file or directory

A preset of one's own builds on another, on the built-in one of its own name too; never on itself.
#: needs bc
  $ mkdir -p .config/dualpipe; printf 'calc\n-a bc --setup=scale=3\n\nmore\n-a calc -t 9 --setup=x=5\n\nbc\n-a bc --setup=scale=1\n\nlib\n-a bc bc -l\n\nself\n-a self\n\none\n-a two\n\ntwo\n-a one\n' >.config/dualpipe/presets
  > dualpipe -a calc -e 1/3; dualpipe -a more -e x/3; dualpipe -a bc -e 1/3; dualpipe -e 1/3 bc; dualpipe -a lib -e 's(0)'; dualpipe -a calc -e 1/3 bc -l; dualpipe -a self -e 1; dualpipe -a one -e 1
  .333
  1.666
  .3
  0
  0
  .333
  dualpipe: no such preset: self: --help=presets lists them
  dualpipe: no such preset: one: --help=presets lists them
  [125]

Colours in replies are told, with the switch.
#: needs jq
  $ dualpipe -t 20 --unbuffer -e '"a"' -- jq -C . 2>&1 >/dev/null; dualpipe -t 20 --unbuffer -e '"a"' -- jq -M .
  dualpipe: colours: jq: its replies have some, as on a terminal: try jq -M
  "a"

A reply of jq that was cut: -c.
#: needs jq
  $ printf '{"a":1}\n' | dualpipe -t 20 -l -- jq --unbuffered . 2>&1 | grep -o 'try jq -c, .*'
  try jq -c, which writes it in one
