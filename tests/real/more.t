# Programs that not every machine has.

git cat-file: an object of 3 lines, one that is missing, and 2 MiB of bytes up to a mark.
#: needs git
#: limit 60
  $ git init -q -b main g && cd g && git config user.email a@b && git config user.name n && printf 'hello\n' >a
  > for i in $(seq 0 255); do printf "\\$(printf %o "$i")"; done >big
  > for i in 1 2 3 4 5 6 7 8 9 10 11 12 13; do cat big big >more; mv more big; done
  > git add a big && git commit -qm one
  > dualpipe -t 20 -n 3 -e HEAD:a -n 1 -e HEAD:nope -u ' missing$' -e 'HEAD:big
  > -' -n 3 -e HEAD:a -- git cat-file --batch >../out; echo "status $?"; cd ..
  > { printf 'ce013625030ba8dba906f756967f9e9ca394464a blob 6\nhello\n\nHEAD:nope missing\n'
  >   printf '%s blob 2097152\n' "$(git -C g rev-parse HEAD:big)"; cat g/big; printf '\n- missing\n'
  >   printf 'ce013625030ba8dba906f756967f9e9ca394464a blob 6\nhello\n\n'; } >want
  > cmp out want && wc -c <out
  status 0
  2097345

gdb over its machine interface: the set-up's reply takes the banner with it.
#: needs gdb
#: needs cc
#: limit 120
  $ printf '#include <stdio.h>\nint main(void) {\n    int i = 41;\n    printf("hi\\n");\n    i++;\n    return i;\n}\n' >t.c
  > cc -g t.c -o t && DEBUGINFOD_URLS='' dualpipe -t 40 -u '^0\^done\n\(gdb\) $' --setup='0-gdb-set confirm off' \
  >     -u '^1\^done.*\n\(gdb\) $' -e '1-break-insert main' -u '^\*stopped.*\n\(gdb\) $' -e 2-exec-run \
  >     -u '^3\^done.*\n\(gdb\) $' -e '3-data-evaluate-expression sizeof(int)' \
  >     -u '^4\^error.*\n\(gdb\) $' -e 4-nonsense --quit=-gdb-exit -- gdb -q -nx --interpreter=mi ./t >out
  > echo "status $?"; sed 's/bkpt=.*/bkpt=.../' out | grep -o '^1^.*\|^\*stopped,reason="[a-z-]*"\|^3^.*\|^4^error,msg="Undefined MI command'
  status 0
  1^done,bkpt=...
  *stopped,reason="breakpoint-hit"
  3^done,value="4"
  4^error,msg="Undefined MI command

A chess engine: a mark for every command, notes while it thinks, a banner that the set-up takes.
#: needs /usr/games/stockfish
#: limit 60
  $ dualpipe -t 20 -u '^readyok$' --setup=isready -u '^uciok$' -e uci -n 1 -e isready -n 0 -e 'position startpos moves e2e4' \
  >     -u '^bestmove' -e 'go depth 6' -e 'go movetime 1500' --quit=quit -- /usr/games/stockfish >out; echo "status $?"
  > grep -c '^id name Stockfish' out; grep -c '^readyok$' out; grep -cE '^bestmove [a-h][1-8][a-h][1-8]' out; grep -c '^Stockfish' out
  status 0
  1
  1
  2
  0
  [1]

aspell: a reply ends with an empty line; terse mode is set by a line that draws none.
#: needs aspell
  $ dualpipe -t 5 -u '^$' --setup='^hello' -e hello -e helllo -e 'good wrld' -e '^!test' -n 0 -e '!' -u '^$' -e 'helllo fine' -e xyzzyq \
  >     -- aspell -a -d en_US | cut -d: -f1 | sed 's/ [0-9]* \([0-9]*\)$/ N \1/'
  *
  
  & helllo N 0
  
  *
  & wrld N 5
  
  *
  
  & helllo N 0
  
  & xyzzyq N 0
   (esc)

dc answers p; a macro draws none.
#: needs dc
  $ dualpipe -n 0 -e '[d * p]sx' -n 1 -e '12 lxx' -n 0 -e c -n 1 -e '20 k 2 v p' dc
  144
  1.41421356237309504880

perl with its output unbuffered answers line by line.
#: needs perl
  $ printf 'abc\ndef\n' | dualpipe -t 5 -l -- perl -pe 'BEGIN { $| = 1 } $_ = reverse(substr($_, 0, 3)) . "\n"'
  cba
  fed

awk that flushes answers line by line; its END comes after the last request.
#: needs gawk
  $ printf '1\n2\n3\n' | dualpipe -t 5 -l -- gawk '{ s += $1; print s; fflush() }'
  1
  3
  6

node evaluates what it is asked.
#: needs node
  $ dualpipe --stderr=null -t 10 -e '6*7' -e '[1,2].map(x => x * 2).join()' \
  >     -- node -e 'require("readline").createInterface({input: process.stdin}).on("line", l => console.log(eval(l)))'
  42
  2,4
