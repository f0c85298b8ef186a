# Engines: GTP replies end with an empty line, UCI has a mark for every command, MI and UCI
# speak unasked.

gnugo: every reply ends with an empty line, whatever it holds.
#: needs /usr/games/gnugo
#: limit 60
  $ dualpipe -t 20 -u '^$' -e 'boardsize 5' -e 'play black C3' -e bogus -e '5 name' -e showboard --quit=quit -- /usr/games/gnugo --mode gtp
  > echo "status $?"
  =\x20 (esc)
  
  =\x20 (esc)
  
  ? unknown command
  
  =5 GNU Go
  
  =\x20 (esc)
     A B C D E
   5 . . . . . 5
   4 . + . + . 4
   3 . . X . . 3
   2 . + . + . 2     WHITE (O) has captured 0 stones
   1 . . . . . 1     BLACK (X) has captured 0 stones
     A B C D E
  
  status 0

It plays against itself; the empty line, cut off as a prompt would be, leaves one line a move.
#: needs /usr/games/gnugo
#: limit 60
  $ printf 'genmove %s\n' black white black white | dualpipe -t 20 -p '^\n' --ready=none --setup='boardsize 5' --quit=quit -l \
  >     -- /usr/games/gnugo --mode gtp --level 1
  = [A-E][1-5] (re)
  = [A-E][1-5] (re)
  = [A-E][1-5] (re)
  = [A-E][1-5] (re)

Numbered commands may be under way together.
#: needs /usr/games/gnugo
#: limit 60
  $ seq 20 | sed 's/.*/& protocol_version/' | dualpipe -t 20 -w 20 -u '^$' --quit=quit -l -- /usr/games/gnugo --mode gtp >out; echo "status $?"
  > seq 20 | sed 's/.*/=& 2\n/' | cmp - out
  status 0

stockfish: a banner, a mark for every command, a command that draws no reply.
#: needs /usr/games/stockfish
#: limit 60
  $ dualpipe -t 20 --await -u '^uciok$' -e uci -n 1 -e isready -n 0 -e 'position startpos moves e2e4' \
  >     -u '^bestmove' -e 'go depth 6' -e 'go movetime 1500' --quit=quit -- /usr/games/stockfish; echo "status $?"
  Stockfish [0-9].* (re)
  id name Stockfish .* (re)
  (*)
  uciok
  readyok
  info .* (re)
  (*)
  bestmove [a-h][1-8][a-h][1-8].* (re)
  info .* (re)
  (*)
  bestmove [a-h][1-8][a-h][1-8].* (re)
  status 0

What it says while it thinks answers nothing: it goes to stderr; the banner is what it says when it is ready.
#: needs /usr/games/stockfish
#: limit 60
  $ dualpipe -t 20 --ready='^Stockfish' --async='^info ' -u '^(readyok|bestmove.*)$' --no-reply='^position' -e isready \
  >     -e 'position startpos moves e2e4' -e 'go depth 6' -e isready --quit=quit -- /usr/games/stockfish 2>err; echo "status $?"; grep -c 'info depth 6' err
  readyok
  bestmove [a-h][1-8][a-h][1-8].* (re)
  readyok
  status 0
  [1-9][0-9]* (re)

gdb over its machine interface: a banner, a mark that stands alone, one command whose reply has two.
#: needs gdb
#: needs cc
#: limit 120
  $ printf '#include <stdio.h>\nint main(){int i=41; printf("hi\\n"); i++; return i;}\n' >t.c; cc -g t.c -o t
  > DEBUGINFOD_URLS='' dualpipe -t 40 -u '^\(gdb\) $' --await -e '1-break-insert main' -u '^\*stopped.*\n\(gdb\) $' -e 2-exec-run \
  >     -u '^\(gdb\) $' -e '3-data-evaluate-expression sizeof(int)' -e 4-nonsense -u '^\*stopped.*\n\(gdb\) $' -e 5-exec-next \
  >     --quit=-gdb-exit -- gdb -q -nx --interpreter=mi ./t; echo "status $?"
  =thread-group-added,id="i1"
  ~"Reading symbols from ./t...\n"
  (gdb)\x20 (esc)
  1\^done,bkpt=\{number="1",type="breakpoint",disp="keep",enabled="y",.*,func="main",file="t.c",.*\} (re)
  (gdb)\x20 (esc)
  (*)
  2^running
  (*)
  \*stopped,reason="breakpoint-hit",.* (re)
  (gdb)\x20 (esc)
  3^done,value="4"
  (gdb)\x20 (esc)
  4^error,msg="Undefined MI command: nonsense",code="undefined-command"
  (gdb)\x20 (esc)
  (*)
  5^running
  (*)
  \*stopped,.* (re)
  (gdb)\x20 (esc)
  status 0

By the numbers of its commands: the results alone are replies, all else is unasked.
#: needs gdb
#: limit 120
  $ DEBUGINFOD_URLS='' dualpipe -t 40 --id='^([0-9]+)[-^]' --ready='^\(gdb\) $' -w 4 -e '1-data-evaluate-expression 6*7' \
  >     -e '2-nonsense' -e '3-gdb-set var $x=5' -e '4-data-evaluate-expression $x' --quit=-gdb-exit -- gdb -q -nx --interpreter=mi 2>err
  > echo "status $?"; grep -c '(gdb)' err
  1^done,value="42"
  2^error,msg="Undefined MI command: nonsense",code="undefined-command"
  3^done
  4^done,value="5"
  status 0
  [0-9]+ (re)
