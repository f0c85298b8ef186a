# --fence: a text of ours behind each request, whose token ends the reply.

--fence: the reply is what comes before the line that ends in the token.
  $ dualpipe --fence 'echo {}' -e 'seq 3' -e 'echo a' sh
  1
  2
  3
  a

A reply without any line is empty.
  $ dualpipe --fence 'echo {}' -e ':' -e 'x=3' -e 'echo $x' sh
  3

What stands before the token in its line is kept: no line end is put behind the last reply.
  $ dualpipe --fence 'echo {}' -e 'printf a' -e 'printf "b\nc"' sh
  a
  b
  c (no-eol)

Replies apart: one without a last line end gets it when bytes of another follow; an empty one is no such.
  $ dualpipe --fence 'echo {}' -e 'printf hello' -e : -e 'echo next' -e 'printf last' -e : sh
  hello
  next
  last (no-eol)

Replies apart: one that comes in pieces is one.
  $ dualpipe --fence 'echo {}' -e 'printf "a\nb"; until [ -e go ]; do :; done; printf "c\nd"' -e 'printf e' sh >out & until grep -qs a out; do :; done; : >go; wait; cat out
  a
  bc
  d
  e (no-eol)

Replies apart: in order from several children, by lines of stdin, with -k, and as they come.
  $ for o in '-j 3' '-w 2' -k '-j 2 --unordered'; do printf 'printf a\nprintf b\nprintf c\n' | dualpipe $o -l --fence 'echo {}' sh | sort; done
  a
  b
  c
  a
  b
  c
  a
  b
  c
  a
  b
  c

Replies apart: with -k a failed one is an empty line of its own, one that is refused too.
  $ dualpipe -k --fence 'echo {}' -e 'printf a' -e 'printf part; exit' -e 'printf b' -e 'printf c' sh 2>/dev/null
  > echo; dualpipe -k --max-reply=2 --fence 'echo {}' -e 'printf a' -e 'printf abc' -e 'printf b' sh 2>/dev/null
  a
  
  b
  c
  a
  
  b (no-eol)
  [123]

Replies apart: the part that came of a failed one begins on a new line.
  $ dualpipe --fence 'echo {}' -e 'printf a' -e 'echo part; exit 3' sh 2>/dev/null
  a
  part
  [3]

Replies apart: a request that draws none, or fails without a byte, ends no line.
  $ dualpipe --fence 'echo {}' -e 'printf a' -n 0 -e x=1 sh; echo; dualpipe --fence 'echo {}' -e 'printf a' -e 'exit 3' sh 2>/dev/null
  a
  a (no-eol)
  [3]

Replies apart: of a session, whose rule this call does not name.
  $ dualpipe --fence 'echo {}' -e 'printf a' -e 'printf b' @s sh; echo; dualpipe -e 'printf a' -e 'printf b' @s; echo; dualpipe -j 1 -e 'printf a' -e 'echo b' @s; dualpipe --stop @s
  a
  b
  a
  b
  a
  b

Replies apart: with --json each stands for itself, and a missing end is told.
  $ dualpipe --json --fence 'echo {}' -e 'printf a' -e 'echo b' -e 'printf "c\nd"' -e : sh | sed 's/.*\("reply.*\),"outcome.*/\1/'
  "reply":["a"],"unfinished":true
  "reply":["b"]
  "reply":["c","d"],"unfinished":true
  "reply":[]

Replies apart: by other rules they stay as they are.
  $ dualpipe -p '> $' -e a -e b sh -c 'printf "> "; while read -r a; do printf "$a> "; done'; echo; dualpipe --bytes 1 -e 'printf a' -e 'printf b' sh; echo; dualpipe --io=nul --fence 'echo {}' -e 'printf a' -e 'printf b' sh | tr '\0' .
  ab
  ab
  a.b. (no-eol)

The token is a new one each time, of characters that any program can print.
  $ dualpipe --fence 'F {}' -e a -e b -e c sh -c 'while read -r a b; do case $a in F) echo "$b" >>tokens; echo "$b" ;; *) echo "$a" ;; esac; done'
  > sort -u tokens | wc -l; grep -cE '^[A-Za-z0-9]{8,40}$' tokens
  a
  b
  c
  3
  3

It is another one in each run.
  $ for i in 1 2 3; do dualpipe --fence '{}' -e a sh -c 'read a; read t; echo "$t" >>tokens; echo "$t"'; done; sort -u tokens | wc -l
  3

A line that ends in all of TEXT is an echo: passed over.
  $ dualpipe --fence 'echo {}' -e 'echo a' -e 'echo b' sh -c 'while read -r a; do printf "\$ %s\n" "$a"; eval "$a"; done'
  \x24 echo a (esc)
  a
  \x24 echo b (esc)
  b

An echo with a prompt in front.
  $ dualpipe --fence 'echo {}' -e 'echo a' sh -c 'while read -r a; do case $a in *dp*) echo ">>> $a" ;; esac; eval "$a"; done'
  a

An echo and what stands before it in its line: only the echo's line is left out.
  $ dualpipe --fence 'say {}' -e x sh -c 'read -r a; read -r b; printf "1\n? %s\n2\n%s\n" "$b" "${b#say }"; cat'
  1
  2

{} may stand anywhere, and more than once.
  $ dualpipe --fence 'printf "%s\n" {} # {}' -e 'echo a' -e 'echo b' sh
  a
  b

{} alone: a child that answers each line with itself.
  $ dualpipe --fence '{}' -e a -e b cat
  a
  b

A prompt look-alike, another token and a piece of ours do no harm.
  $ dualpipe --fence 'echo {}' -e 'printf "> \n\$ \ndp0123456789abcdefn1\n"' -e 'echo dp' sh
  \x3e\x20 (esc)
  \x24\x20 (esc)
  dp0123456789abcdefn1
  dp

A token within a line does not end the reply: it must end the line.
  $ dualpipe --fence '{}' -e a sh -c 'read -r a; read -r t; printf "%s \n-%s-\n%s\n" "$t" "$t" "$t"; cat' | sed 's/dp[0-9a-z]*/T/'
  T\x20 (esc)
  -T-

A token with a carriage return behind it, as a terminal gives.
  $ dualpipe --pty=cooked --fence 'echo {}' -e 'echo a' -e 'printf b' -e 'echo c' sh -c 'while read -r a; do eval "$a"; done'
  a
  b
  c

-n 0 sends no fence.
  $ dualpipe --fence 'echo {}' -n 0 -e 'x=3' --fence 'echo {}' -e 'echo $x' sh -c 'while read -r a; do echo "$a" >>got; eval "$a"; done'
  > wc -l <got
  3
  3

--no-reply sends no fence for the requests that match.
  $ dualpipe --fence 'echo {}' --no-reply '^[a-z]=' -e 'x=3' -e 'echo $x' sh -c 'while read -r a; do echo "$a" >>got; eval "$a"; done'
  > wc -l <got
  3
  3

A request without its line end: the fence begins a line of its own all the same.
  $ printf 'echo a' >f; dualpipe --fence 'echo {}' -f f -e 'echo b' sh
  a
  b

A request of several lines, one fence.
  $ dualpipe --fence 'echo {}' -e 'for i in 1 2; do
  > echo $i
  > done' sh
  1
  2

Requests from stdin.
  $ printf 'echo 1\n:\nseq 2\n' | dualpipe --fence 'echo {}' -l sh
  1
  1
  2

--fence in --setup and --quit.
  $ dualpipe --fence 'echo {}' --setup 'seq 5; x=3' --quit 'echo bye' -e 'echo $x' sh
  3

-n or the fence: the first of the set to hold ends the reply; the fence's own line is not taken for the next.
  $ dualpipe -k -t 5 -n 1 --fence 'echo {}' -e ':' -e 'echo b' sh
  b

With python3.
  $ dualpipe --fence 'print("{}")' -e 'x = 6' -e 'print(x)' -e 'print(x * 7, end="")' python3 -i -u -q 2>/dev/null
  6
  42 (no-eol)

With bc, whose print puts no line end.
  $ dualpipe --fence 'print "{}\n"' -e 'x=3' -e 'x' -e '2^100' bc
  3
  1267650600228229401496703205376

A reply of 10 MB.
  $ head -c 10000000 /dev/urandom | od -An -tx1 >want; dualpipe --fence 'echo {}' -e 'cat want' -e 'echo b' sh >got; tail -n 1 got; sed '$d' got | cmp - want
  b

Late replies under -k -t are dropped by their token, while others go on.
  $ dualpipe -k -t 1 --fence 'echo {}' -e 'until grep -qs "request 1: no whole" err; do sleep 0.02; done; echo late; echo 2' -e 'echo b' -e 'echo c' sh 2>err
  > status=$?; cut -d: -f1-3 err; exit $status

  b
  c
  dualpipe: request 1: no whole reply in 1s
  dualpipe: dropped: the late reply to request 1
  dualpipe: requests: in 3, answered 2, failed 1
  [123]

With a window the requests go out together, each with its fence.
  $ seq 50 | sed 's/.*/seq &/' | dualpipe -w 10 --fence 'echo {}' -l sh >got; for i in $(seq 50); do seq $i; done | cmp - got

A child that ends within a fenced reply.
  $ dualpipe --fence 'echo {}' -e 'echo a' -e 'echo b; exit 3' sh
  a
  b
  dualpipe: request 2: sh: ended with status 3 before its reply was whole
  dualpipe: requests: in 2, answered 1, failed 1
  [3]

Its last line without an end is given out as it came.
  $ dualpipe --fence 'echo {}' -e 'printf b; exit 3' sh 2>/dev/null
  b (no-eol)
  [3]

A fence needs its {}.
  $ dualpipe --fence 'echo' -e a touch started; echo $?; ls
  dualpipe: fence: echo: at byte 1: write {} where the token is to stand
  125

A fence that the child never answers is told at once, without a limit.
  $ dualpipe --fence '# {}' -e 'echo a' sh
  a
  dualpipe: request 1: sh: left open, it waits for more: a bracket, a quote or a block isn't closed, or --fence's text prints no token, or it holds its output back: try --unbuffer
  dualpipe: requests: in 1, answered 0, failed 1
  [123]

A prompt without a line end stands before each reply and before its token, in every run.
  $ for i in 1 2 3 4 5 6; do
  >     dualpipe -q --fence='echo {}' -e 'echo a' -e : -e 'echo c' -- sh -c 'printf "> "; while read -r l; do eval "$l"; printf "> "; done' >out.$i
  >     cmp out.1 out.$i
  > done; tr '>' '#' <out.1
  # a
  #\x20 (esc)
  # #\x20 (esc)
  # c
  #  (no-eol)

In a session too, whichever call asks.
  $ dualpipe @s --persist=10s --fence='echo {}' -e 'echo a' -- sh -c 'printf "> "; while read -r l; do eval "$l"; printf "> "; done' >out
  > dualpipe @s -e 'echo b' >>out; dualpipe @s --stop; tr '>' '#' <out
  # a
  # # b
  #  (no-eol)

So does a greeting, whether it comes before the first request is sent or behind.
  $ for when in before behind; do
  >     dualpipe --fence='echo {}' --setup : -e 'until [ -e go ]; do sleep 0.01; done; echo a' -- sh -c '[ $0 = behind ] || { echo hello; : >go; }; read -r l; read -r f; [ $0 = before ] || echo hello; : >go; eval "$f"; exec sh' $when
  >     rm go; done
  a
  a

What another rule's reply is followed by does not stand before a later reply.
  $ dualpipe -n 1 -e 'echo a; echo b; : >go' --fence='echo {}' -e 'until [ -e go ]; do sleep 0.01; done' -e 'echo c' -- sh 2>/dev/null | tail -n 1
  c

A token that the program prints in quotes.
  $ dualpipe -t 5 -a smt -e '(check-sat)' -e '(get-model)' -- sh -c 'while read -r a b; do case $a in "(echo") echo "${b%?}" ;; *) echo "$a" ;; esac; done'
  (check-sat)
  (get-model)

In single quotes, behind a reply without a line end, and with CR LF; the fence's own echo is none of these.
  $ dualpipe -t 5 --fence='say "{}"' -e a -e b -- sh -c 'while read -r a; do read -r f t; t=${t#?}; t=${t%?}; printf "%s\r\n%s" "$f \"$t\"" "$a"; printf "%s\r\n" "'"'"'$t'"'"'"; done'
  a
  b (no-eol)
