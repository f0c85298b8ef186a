# bc(1): a line answers a line; an assignment draws no reply, an error goes to stderr only.

bc answers lines; what prints nothing has -n 0, what prints an unknown number of lines a mark behind it.
  $ dualpipe -e '1+1' -e '2^100' -e 'scale=20;4*a(1)' -n 0 -e x=5 -n 1 -e 'x*x' -u '^<END>$' -e '1/0
  > print "<END>\n"' -e 'for(i=0;i<3;i++) i
  > print "<END>\n"' -n 0 -e quit -- bc -lq 2>err; echo "status $?"; cat err
  2
  1267650600228229401496703205376
  3.14159265358979323844
  25
  <END>
  0
  1
  2
  <END>
  status 0
  .*Divide by zero (re)

Its end by a quit text is a normal end.
  $ dualpipe --status-fd=3 -e 6*7 --quit=quit bc 3>status; sed 's/,"ms".*//' status
  42
  {"event":"ready","pid":[0-9]+} (re)
  {"event":"end","outcome":"ok","code":0,"in":1,"answered":1,"failed":0

Lines of a file are asked one after another; --no-reply knows which draw none.
  $ printf 'a=6\nb=7\na*b\nb=70\na*b\n' | dualpipe --no-reply='^[a-z]=' --line bc
  42
  420

Five hundred questions to one bc are those of one batch.
  $ seq 500 | sed 's/$/^3/' >sums; dualpipe -t 5 -l -- bc <sums >got; bc <sums >want
  > cmp got want && wc -l <got
  500

A result of 30 KB, long lines broken by bc, is one reply.
  $ dualpipe -u '^<END>$' -e '2^100000
  > print "<END>\n"' bc >got; echo '2^100000' | bc >want; echo '<END>' >>want; cmp got want && wc -l <got
  444

A loop whose end nothing tells ends by a silence.
  $ dualpipe --idle=1 -e 'for(i=0;i<3;i++) i' -n 1 -e 9 bc
  0
  1
  2
  9

An error on stderr leaves the request without a reply: the limit of time tells.
  $ dualpipe -t 0.2 -e 1/0 bc 2>err; echo "status $?"; grep -o 'Divide by zero\|request 1: no whole reply in 0.2s' err
  status 124
  Divide by zero
  request 1: no whole reply in 0.2s

With -k a child that never answers is replaced, and the next question gets its own answer.
  $ dualpipe -k -t 0.3 -e 1/0 -t 5 -e 1+1 bc 2>err; echo "status $?"; grep -v Divide err
  
  2
  status 123
  dualpipe: request 1: no whole reply in 0.3s: .* (re)
  dualpipe: replaced: bc: its late reply did not come: its state is lost
  dualpipe: requests: in 2, answered 1, failed 1
