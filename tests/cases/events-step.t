# In step: a reply is never taken for that of another request.

Output that came before a request is stray: reported, never taken for its reply.
  $ dualpipe -e a -e b sh -c 'while read a; do printf "%s\nextra\n" "$a"; done' 2>err; cat err
  a
  b
  dualpipe: unexpected output: 6 bytes after request 1: "extra": a reply may be longer than its rule says: try --fence or -u
  dualpipe: unexpected output: 2 times, 12 bytes in all

Output that came before the first request.
  $ mkfifo in; dualpipe -l sh -c 'printf "Welcome\nto\tthis\n"; : >up; cat' <in & exec 3>in
  > until [ -e up ]; do :; done; echo a >&3; exec 3>&-; wait $!
  dualpipe: unexpected output: 16 bytes before request 1: "Welcome": not taken for a reply: try --ready with how its greeting ends
  a
  [123]

Only the first line's beginning is shown, with its bytes escaped.
  $ mkfifo in; dualpipe -l sh -c 'printf "\033]0;x\007%060d" 0; : >up; read a; echo "$a"' <in & exec 3>in
  > until [ -e up ]; do :; done; echo a >&3; exec 3>&-; wait $!
  dualpipe: unexpected output: 66 bytes before request 1: "\x1b]0;x\x0700000000000000000000000000": not taken for a reply: try --ready with how its greeting ends
  a
  [123]

--quiet keeps that note back.
  $ dualpipe -q -e a -e b sh -c 'while read a; do printf "%s\nextra\n" "$a"; done'
  a
  dualpipe: unexpected output: 6 bytes after request 1: "extra": a reply may be longer than its rule says: try --fence or -u
  b
  dualpipe: unexpected output: 2 times, 12 bytes in all
  [123]

With -k a late reply is awaited as long again, dropped and counted.
  $ dualpipe -k -t 0.3 -e a -e b -e c sh -c 'while read a; do [ "$a" = a ] && sleep 0.4; echo "$a"; done' 2>err
  > status=$?; cut -d: -f1-3 err; exit $status

  b
  c
  dualpipe: request 1: no whole reply in 0.3s
  dualpipe: dropped: the late reply to request 1
  dualpipe: requests: in 3, answered 2, failed 1
  [123]

The late reply of several lines is dropped whole.
  $ dualpipe -k -t 0.3 -n 3 -e a -e b sh -c 'while read a; do echo 1$a; [ "$a" = a ] && sleep 0.4; echo 2$a; echo 3$a; done' 2>err
  > status=$?; cut -d: -f1-3 err; exit $status

  1b
  2b
  3b
  dualpipe: part of a reply: 3 bytes
  dualpipe: request 1: no whole reply in 0.3s
  dualpipe: dropped: the late reply to request 1
  dualpipe: requests: in 2, answered 1, failed 1
  [123]

What had come of a failed reply goes to stderr.
  $ dualpipe -k -t 0.3 -n 3 -e a sh -c 'read a; echo 1; printf 2; exec sleep 100' 2>err >out
  > grep -v 'no whole reply' err; od -An -c out
  dualpipe: part of a reply: 3 bytes: "1\n2"
  dualpipe: requests: in 1, answered 0, failed 1
    \n

A late reply that does not come: the child is replaced, and its state is lost.
  $ dualpipe -k -t 0.3 -e 'x=1; echo set' -e hang -e 'echo "<$x>"' sh -c 'while read -r a; do [ "$a" = hang ] && exec sleep 100; eval "$a"; done' 2>err
  > status=$?; sed 's/s: sh sleeps.*/s/' err; exit $status
  set

  <>
  dualpipe: request 2: no whole reply in 0.3s
  dualpipe: replaced: sh: its late reply did not come: its state is lost
  dualpipe: requests: in 3, answered 2, failed 1
  [123]

The fresh child is set up again.
  $ dualpipe -k -t 0.3 --setup 'x=1' -e hang -e 'x=$x$x' sh -c 'while read a; do [ "$a" = hang ] && exec sleep 100; eval "$a"; echo "<$x>"; done' 2>err
  > status=$?; sed 's/s: sh sleeps.*/s/' err; exit $status

  <11>
  dualpipe: request 1: no whole reply in 0.3s
  dualpipe: replaced: sh: its late reply did not come: its state is lost
  dualpipe: requests: in 2, answered 1, failed 1
  [123]

A request that the child has not read whole: its late reply's end can't be known, the child is replaced.
  $ head -c 3000000 /dev/zero | tr '\0' x >big
  > dualpipe -k -t 0.3 -f big -e b sh -c '[ -e second ] && exec cat; : >second; exec sleep 100' 2>err
  > status=$?; sed 's/s: sh sleeps.*/s/' err; exit $status

  b
  dualpipe: request 1: no whole reply in 0.3s
  dualpipe: replaced: sh: where its late reply ends can't be known: its state is lost
  dualpipe: requests: in 2, answered 1, failed 1
  [123]

Without -k nothing is asked after a timeout.
  $ dualpipe -t 0.2 -e a -e b sh -c 'while read a; do echo "$a" >>read; done; exec sleep 100' 2>/dev/null
  > status=$?; cat read; exit $status
  a
  [124]

A request is not sent before the reply to the one before it is whole.
  $ dualpipe -n 2 -e a -e b sh -c 'while read a; do echo "$a"; sleep 0.2; timeout 0.1 head -c 1 | wc -c; done'
  a
  0
  b
  0

-k and a child that ends without an answer: each request has a child of its own.
  $ dualpipe -k -e a -e b -e c sh -c 'while read a; do [ "$a" = b ] && exit 1; echo "$a"; done' 2>err; cat err
  a

  c
  dualpipe: request 2: sh: ended with status 1 before its reply was whole
  dualpipe: requests: in 3, answered 2, failed 1

A request that failed is not asked again.
  $ dualpipe -k -e a -e b sh -c 'read a; echo "$a" >>asked; exit 1' 2>/dev/null
  > status=$?; cat asked; exit $status


  a
  b
  [123]

The books add up, whatever happens to the children.
  $ for i in $(seq 200); do echo $i; done | dualpipe -k -t 20 -l sh -c 'while read a; do [ $((a % 20)) = 0 ] && exit 1; echo "$a"; done' >out 2>err
  > echo $?; tail -n 1 err; grep -c . out; grep -c '^$' out
  123
  dualpipe: requests: in 200, answered 190, failed 10
  190
  10

A seekable stdin is left right behind the last request that was read.
  $ seq 100000 >in
  > { dualpipe -l -t 0.3 sh -c 'read a; echo "$a"; read a; exec sleep 100' 2>/dev/null; head -n 1; } <in
  1
  3

What stdin holds beyond --deadline is left too.
  $ printf 'a\nb\nc\n' >in
  > { dualpipe --deadline 0.3 -l sh -c 'read a; echo "$a"; exec sleep 100' 2>/dev/null; echo rest; cat; } <in
  a
  rest
  c

The stall line comes after 5 s, once in a run, and says who waits.
  $ dualpipe -e a -e b sh -c 'while read a; do sleep 5.3; echo "$a"; done'
  dualpipe: request 1: no whole reply yet: sh sleeps, 0 bytes not read by it, 0 bytes received: try .* (re)
  a
  b

It is a note: --quiet keeps it back.
  $ dualpipe -q -e a sh -c 'read a; sleep 5.3; echo "$a"'
  a

The stall line of a child that does not read.
  $ dualpipe -t 6 -e a sleep 100
  dualpipe: request 1: no whole reply yet: sleep sleeps, 2 bytes not read by it, 0 bytes received: it doesn't read what is sent to it
  dualpipe: request 1: no whole reply in 6s: sleep sleeps, 2 bytes not read by it, 0 bytes received
  dualpipe: requests: in 1, answered 0, failed 1
  [124]

Every timeout's message has it: a child that buffers its output.
  $ dualpipe -t 0.5 -n 1 -e a tr a b 2>err; status=$?; head -n 1 err; exit $status
  dualpipe: request 1: no whole reply in 0.5s: tr sleeps, 0 bytes not read by it, 0 bytes received: .*(--unbuffer|stdbuf).* (re)
  [124]

A child that does not read.
  $ dualpipe -t 0.3 -e a sleep 100 2>err; status=$?; head -n 1 err; exit $status
  dualpipe: request 1: no whole reply in 0.3s: sleep sleeps, 2 bytes not read by it, 0 bytes received: it doesn't read what is sent to it
  [124]

A child that is stopped.
  $ dualpipe -t 0.3 -e a sh -c 'kill -STOP $$' 2>err; status=$?; head -n 1 err; exit $status
  dualpipe: request 1: no whole reply in 0.3s: sh is stopped, 2 bytes not read by it, 0 bytes received: .*SIGCONT.* (re)
  [124]

A child that answers too little.
  $ dualpipe -t 0.3 -n 2 -e a cat 2>err; status=$?; head -n 1 err; exit $status
  a
  dualpipe: request 1: no whole reply in 0.3s: cat sleeps, 0 bytes not read by it, 2 bytes received, at last "a\n": try a longer -t, or -n, -u or --idle as its replies end, or -n 0 or --no-reply for a request that draws none
  [124]

A child that is busy.
  $ dualpipe -t 0.3 -e a sh -c 'read a; while :; do :; done' 2>err; status=$?; head -n 1 err; exit $status
  dualpipe: request 1: no whole reply in 0.3s: sh is busy, 0 bytes not read by it, 0 bytes received: .* (re)
  [124]
