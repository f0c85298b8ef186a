# bc(1): a line answers a line; an assignment has no reply, an error goes to stderr only.

bc answers lines; what prints nothing has -n 0; a fence ends what prints any number of lines, or an error.
  $ dualpipe --stderr=relay -e '1+1' -e '2^100' -e 'scale=20;4*a(1)' -n 0 -e x=5 -n 1 -e 'x*x' \
  >     --fence='print "{}\n"' -e 1/0 -e 'for(i=0;i<3;i++) i' -n 0 -e quit -- bc -lq; echo "status $?"
  2
  1267650600228229401496703205376
  3.14159265358979323844
  25
  Runtime error (func=(main), adr=3): Divide by zero
  0
  1
  2
  status 0

With the fence for all, nothing need be known of what a request prints.
  $ printf '%s\n' x=5 'x*x' 1/0 'for(i=0;i<3;i++) i' 'print 1,2' 'x' | dualpipe --stderr=relay --fence='print "{}\n"' -l -- bc -lq
  25
  Runtime error (func=(main), adr=3): Divide by zero
  0
  1
  2
  12
  5

An object for each reply says which error was whose.
  $ dualpipe --json --fence='print "{}\n"' -e x=6 -e 1/0 -e x*7 bc | grep -o '"request":.*"outcome":"[a-z]*"'
  "request":"x=6","reply":[],"outcome":"ok"
  "request":"1/0","reply":[],"stderr":"Runtime error (func=(main), adr=3): Divide by zero\n","outcome":"ok"
  "request":"x*7","reply":["42"],"outcome":"ok"

Its end by a quit text is a normal end.
  $ dualpipe --status-fd=3 -e 6*7 --quit=quit bc 3>status; sed 's/,"ms".*//' status
  42
  {"event":"ready","pid":[0-9]+} (re)
  {"event":"end","outcome":"ok","code":0,"in":1,"answered":1,"failed":0

Lines of a file are asked one after another; --no-reply knows which draw none.
  $ printf 'a=6\nb=7\na*b\nb=70\na*b\n' | dualpipe --no-reply='^[a-z]=' --line bc
  42
  420

Five hundred questions to one bc, sixteen under way, or to four, are those of one batch.
  $ seq 500 | sed 's/$/^3/' >sums; bc <sums >want
  > for many in '-w 1' '-w 16' '-j 4' '-j 4 -w 4'; do dualpipe -t 5 $many -l bc <sums | cmp - want && echo "$many"; done
  -w 1
  -w 16
  -j 4
  -j 4 -w 4

Four answer in whatever order: all answers are there, each once.
  $ seq 500 | sed 's/$/^3/' >sums; bc <sums | sort >want; dualpipe -t 5 -j 4 --unordered -l bc <sums | sort | cmp - want

A bc replaced after two requests has forgotten what the first two made of x.
  $ dualpipe --max-requests=2 -e 'x=x+1;x' -e 'x=x+1;x' -e 'x=x+1;x' -e 'x=x+1;x' bc
  1
  2
  1
  2

A result of 30 KB, long lines broken by bc, is one reply.
  $ dualpipe --fence='print "{}\n"' -e '2^100000' bc >got; echo '2^100000' | bc >want; cmp got want && wc -l <got
  443

A loop whose end nothing tells ends by a silence.
  $ dualpipe --idle=1 -e 'for(i=0;i<3;i++) i' -n 1 -e 9 bc
  0
  1
  2
  9

By a rule of one's own an error on stderr leaves the request without a reply: the limit of time tells.
  $ dualpipe -t 0.2 -n 1 -e 1/0 bc 2>err; echo "status $?"; grep -o 'Divide by zero\|request 1: no whole reply in 0.2s' err
  status 124
  Divide by zero
  request 1: no whole reply in 0.2s

With -k a child that never answers is replaced, and the next question gets its own answer.
  $ dualpipe -k -t 0.3 -n 1 -e 1/0 -t 5 -e 1+1 bc 2>err; echo "status $?"; grep -v Divide err
  
  2
  status 123
  dualpipe: request 1: no whole reply in 0.3s: .* (re)
  dualpipe: replaced: bc: its late reply did not come: its state is lost
  dualpipe: requests: in 2, answered 1, failed 1
