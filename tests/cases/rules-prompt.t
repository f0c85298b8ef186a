# --prompt and --ready: a reply ends where REGEX matches what has come last.

-p: the reply is what stands before the prompt, which is cut off.
  $ dualpipe -p '> $' -e a -e b sh -c 'printf "> "; while read a; do printf "<%s>\n> " "$a"; done'
  <a>
  <b>

What came before the first prompt is dropped: --ready is the -p REGEX by default.
  $ dualpipe -p '> $' -e a sh -c 'printf "Welcome\nto this\n> "; while read a; do printf "%s\n> " "$a"; done'
  a

No request is sent before the first prompt.
  $ dualpipe -p '> $' -e a sh -c 'timeout 0.2 head -c 1 | wc -c >before; printf "> "; read a; printf "%s\n> " "$a"; cat'; cat before
  a
  0

A prompt that comes in pieces.
  $ dualpipe -p 'ok> $' -e a -e b sh -c 'while :; do for p in o k ">" " "; do printf "$p"; sleep 0.02; done; read a || exit 0; echo "$a"; done'
  a
  b

A reply that comes in pieces, the prompt in the last.
  $ dualpipe -p '> $' -e a sh -c 'printf "> "; read a; for p in 1 "\n" 2 "\n>" " "; do printf "$p"; sleep 0.02; done; cat'
  1
  2

A reply without any line is empty.
  $ dualpipe -p '> $' -e a -e b sh -c 'printf "> "; while read a; do printf "> "; done'

A reply need not end in a line end: it is written as it is.
  $ dualpipe -p '> $' -e a -e b sh -c 'printf "> "; while read a; do printf "%s> " "$a"; done'
  ab (no-eol)

-p may match a finished line: the line and its end are cut off.
  $ dualpipe --ready none -p '^ok$' -e a -e b sh -c 'while read a; do printf "%s\nok\n" "$a"; done'
  a
  b

A finished line with the line end written out: the same.
  $ dualpipe --ready none -p '^ok\n$' -e a -e b sh -c 'while read a; do printf "%s\nok\n" "$a"; done'
  a
  b

-p with a line end in it is held against the last two lines, and cut off whole.
  $ dualpipe --ready none -p '^--\n> $' -e a -e b sh -c 'while read a; do printf "%s\n--\n> " "$a"; done'
  a
  b

The lines before the last N+1 are not looked at, and belong to the reply.
  $ dualpipe --ready none -p '^1\n2\n> $' -e a sh -c 'read a; printf "1\n2\n1\n2\n> "; cat'
  1
  2

A line that looks like the prompt in the middle of a reply does no harm.
  $ dualpipe -p '^> $' -e a sh -c 'printf "> "; read a; printf "1\n> \n> no\nx> \n2\n> "; cat'
  1
  \x3e\x20 (esc)
  \x3e no (esc)
  x>\x20 (esc)
  2

-p: what matches within a line is no prompt; only the very end counts.
  $ dualpipe -p '> ' -e a sh -c 'printf "> "; read a; printf "a> b\n"; sleep 0.05; printf "c\n> "; cat'
  a> b
  c

One of several prompts: an alternative.
  $ dualpipe -p '^(>>>|\.\.\.) $' -e '{' -e 'echo 1' -e '}' sh -c 'p=">>> "; while printf "$p"; read -r a; do case $a in "{") p="... " ;; "}") p=">>> "; eval "$b" ;; *) b=$a ;; esac; done'
  1

The prompts of python3, which go to its stderr: one stream with its stdout.
  $ dualpipe --stderr=stdout -p '^>>> $' -e '1+1' -e 'x = 3' -e 'print("a\nb")' -e 'x' --quit 'exit()' python3 -i -u -q
  2
  a
  b
  3

A child that prints its prompt once more for each empty line.
  $ dualpipe -p '% $' -e '' -e a sh -c 'while printf "%% "; read a; do [ -z "$a" ] || echo "$a"; done'
  a

A long reply, its prompt at the end.
  $ seq 200000 >want; dualpipe -p '> $' -e a sh -c 'printf "> "; read a; seq 200000; printf "> "; cat' | cmp - want

Bytes that are no text.
  $ dualpipe -p '> $' -e a sh -c 'printf "> "; read a; printf "\0\377\n> "; cat' | od -An -tx1
   00 ff 0a

--prompt ends the reply or -n does: the first of the set.
  $ dualpipe --ready none -p '> $' -n 2 -e a -e b sh -c 'read a; printf "1\n> "; read a; printf "1\n2\n"; cat'
  1
  1
  2

The child ends with 0 in place of a prompt: its reply isn't whole.
  $ dualpipe --ready none -p '> $' -e a sh -c 'read a; echo 1'
  1
  dualpipe: request 1: sh: ended with status 0 before its reply was whole: --fresh starts one for each request, if it answers once and ends
  dualpipe: requests: in 1, answered 0, failed 1
  [123]

What may be the prompt's beginning is held; what can't be is out at once.
  $ mkfifo out; dualpipe --ready none -p '^done> $' -e a sh -c 'read a; printf "1\n2\ndone"; until [ -e go ]; do sleep 0.02; done; printf "> "; cat' >out &
  > { read -r a; read -r b; echo "$a$b"; : >go; cat; } <out; wait $!
  12

-p: a request that draws no reply, with --no-reply.
  $ dualpipe --ready none -p '> $' --no-reply '^set' -e 'set 1' -e get sh -c 'while read a b; do case $a in set) v=$b ;; *) printf "%s\n> " "$v" ;; esac; done'
  1

With a late prompt nothing tells replies apart: the owed reply is awaited and dropped.
  $ dualpipe -k -t 1 -p '> $' -e a -e b sh -c 'printf "> "; while read a; do [ $a = a ] && until grep -qs "request 1: no whole" err; do sleep 0.02; done; printf "<%s>\n> " $a; done' 2>err
  > status=$?; cut -d: -f1-3 err; exit $status

  <b>
  dualpipe: request 1: no whole reply in 1s
  dualpipe: dropped: the late reply to request 1
  dualpipe: requests: in 2, answered 1, failed 1
  [123]

--ready: a finished line; what came until then, and the line, is dropped.
  $ dualpipe --ready '^ready' -e a sh -c 'printf "Welcome\nready to go\n"; cat'
  a

--ready: the unfinished last line.
  $ dualpipe --ready '^login: $' -e a sh -c 'printf "Welcome\nlogin: "; cat'
  a

--ready: an unfinished line that is finished later is not what is awaited.
  $ dualpipe --ready '^ready$' -e a sh -c 'printf "not "; sleep 0.05; printf "ready\n"; timeout 0.2 head -c 1 | wc -c >before; printf "ready\n"; cat'; cat before
  a
  0

--ready none: the first request is sent at once.
  $ dualpipe --ready none -p '> $' -e a sh -c 'read a; printf "%s\n> " "$a"; cat'
  a

--ready REGEX in place of the -p REGEX.
  $ dualpipe --ready '^go$' -p '> $' -e a sh -c 'printf "> \n> \ngo\n"; while read a; do printf "%s\n> " "$a"; done'
  a

--ready stands for each fresh child.
  $ dualpipe --ready '^ready$' --max-requests 1 -e a -e b sh -c 'printf "banner\nready\n"; cat'
  a
  b

--ready comes before the texts of --setup.
  $ dualpipe --ready '^ready$' -n 0 --setup x -n 1 -e a sh -c 'echo ready; while read a; do echo $a >>got; [ $a = x ] || echo $a; done'; cat got
  a
  x
  a

A -p that is given after a request is not the default of --ready.
  $ dualpipe -e a -p '> $' -e b sh -c 'read a; echo $a; read a; printf "%s\n> " $a; cat'
  a
  b

The child ends before it is ready.
  $ dualpipe --ready '^ready$' -e a sh -c 'echo no; exit 3'
  dualpipe: getting ready: sh: it ended before what --ready awaits had come
  dualpipe: requests: in 0, answered 0, failed 0, not begun 1
  [123]

It is not ready in --start-timeout.
  $ dualpipe --start-timeout 0.2 --ready '^ready$' -e a sh -c 'echo no; exec sleep 100' 2>err
  > status=$?; cut -d: -f 1-4 err; exit $status
  dualpipe: getting ready: sh: not in time
  dualpipe: requests: in 0, answered 0, failed 0, not begun 1
  [124]

-t is not the limit of getting ready.
  $ dualpipe -t 0.1 --ready '^ready$' -e a -t inf sh -c 'sleep 0.3; echo ready; cat' 2>&1 | head -n 1
  dualpipe: option -t: no request follows it: put it before its request

--start-timeout is not the limit of a reply.
  $ dualpipe --start-timeout 2 --ready '^ready$' -e a sh -c 'echo ready; read a; sleep 2.2; echo $a'
  a

White space in the pattern takes in any number of line ends, in one piece or in many.
  $ for end in '\n' '\n\n' '\n \n\n  \n'; do dualpipe -t 5 --ready=none -p '\?[[:space:]]*$' -e a -- sh -c 'read x; printf "1\nIs a?'"$end"'"; cat'; echo .; done
  1
  Is a.
  1
  Is a.
  1
  Is a.

So within it.
  $ dualpipe -t 5 --ready=none -p '=+[[:space:]]+> $' -e a -- sh -c 'read x; printf "1\n===\n\n\n\n> "; cat'
  1

With CR LF in a pattern of several lines, and before a line that the prompt begins with.
  $ dualpipe -t 5 --ready=none -p '=+\n> $' -e a -p '\n> $' -e b -- sh -c 'read x; printf "1\r\n===\r\n> "; read x; printf "2\r\n> "; cat' | od -An -c | tr -s ' '
   1 \r \n 2
