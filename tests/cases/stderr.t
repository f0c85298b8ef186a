# --stderr=relay: what a child says on stderr, in order with its replies.

With a fence, a request's stderr is delivered before the next is sent, and in its place.
  $ for i in $(seq 30); do dualpipe --stderr=relay --fence 'echo {}' -e 'echo 1; echo e1 >&2' -e 'echo e2 >&2; echo 2' -e 'echo 3' sh 2>&1; done | uniq -c | sort | uniq -c
       30       1 1
       30       1 2
       30       1 3
       30       1 e1
       30       1 e2

The order with a fence: 1 and e1 before 2 and e2, in every run.
  $ for i in $(seq 50); do dualpipe --stderr=relay --fence 'echo {}' -e 'echo 1; echo e1 >&2' -e 'echo 2; echo e2 >&2' -e 'echo 3; echo e3 >&2' sh 2>&1 | tr -dc '0-9\n' | tr '\n' ' '; echo; done | sort | uniq -c
       50 1 1 2 2 3 3\x20 (esc)

The order with a prompt.
  $ for i in $(seq 50); do dualpipe --stderr=relay -p '> $' -e 1 -e 2 -e 3 sh -c 'printf "> "; while read -r a; do echo $a; echo e$a >&2; printf "> "; done' 2>&1 | tr -dc '0-9\n' | tr '\n' ' '; echo; done | sort | uniq -c
       50 1 1 2 2 3 3\x20 (esc)

stderr that comes before the fence is answered is out before the next request is sent.
  $ dualpipe --stderr=relay --fence 'echo {}' -e 'echo e1 >&2' -e 'grep -c e1 err' sh 2>err
  1

The same with a prompt.
  $ dualpipe --stderr=relay -p '> $' -e a -e b sh -c 'printf "> "; read -r a; echo e1 >&2; printf "> "; read -r b; grep -c e1 err; printf "> "; cat' 2>err
  1

And 2 MB of it.
  $ dualpipe --stderr=relay --fence 'echo {}' -e 'seq 300000 >&2' -e 'tail -n 1 err' sh 2>err; seq 300000 | cmp - err
  300000

stderr of a child that ends without an answer is out before the message.
  $ for i in $(seq 20); do dualpipe --stderr=relay -e a sh -c 'read -r a; echo why >&2; exit 3' 2>&1 | head -n 1; done | uniq -c
       20 why

A child that says much on stderr and nobody asked.
  $ dualpipe --stderr=relay -e a sh -c 'seq 300000 >&2; cat' 2>err; seq 300000 | cmp - err
  a

stderr is relayed while a reply is awaited.
  $ mkfifo err; dualpipe --stderr=relay -e a sh -c 'read -r a; echo e >&2; until [ -e go ]; do sleep 0.02; done; echo $a; cat' 2>err & read -r line <err; echo "$line"; : >go; wait $!
  e
  a

stderr that comes while stdin is waited for is relayed.
  $ mkfifo in err; dualpipe --stderr=relay -l sh -c 'echo up >&2; cat' <in 2>err & exec 3>in 4<err; read -r line <&4; echo "$line"; exec 3>&-; wait $!
  up

-j relays by default; --stderr=inherit gives it directly.
  $ dualpipe -j 2 -e a sh -c 'read -r a; [ "$(readlink /proc/$$/fd/2)" = "$(readlink /proc/$PPID/fd/2)" ] && echo same || echo other; cat' 2>err; dualpipe -j 2 --stderr=inherit -e a sh -c 'read -r a; [ "$(readlink /proc/$$/fd/2)" = "$(readlink /proc/$PPID/fd/2)" ] && echo same || echo other; cat' 2>err
  other
  same

Our stderr's reader is gone: the child and the replies go on.
  $ { dualpipe --stderr=relay -e a sh -c 'seq 100000 >&2; cat' 2>&1 >&3 | true; } 3>&1
  a

Our stderr is closed: the same.
  $ dualpipe --stderr=relay -e a sh -c 'seq 100000 >&2; cat' 2>&-
  a

--stderr=stdout: its bytes are part of replies.
  $ dualpipe --stderr=stdout --fence 'echo {}' -e 'echo e >&2; echo 1' -e nosuch sh 2>/dev/null
  e
  1
  sh: [0-9]: nosuch: not found (re)
