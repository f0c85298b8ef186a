# --progress: one line that tells how far a run is.

On no terminal: a line at the end.
  $ seq 5 | dualpipe --progress -l cat 2>err; sed 's/[0-9]*\/s/N\/s/' err
  1
  2
  3
  4
  5
  dualpipe: in 5, answered 5, failed 0, N/s

It tells the failures.
  $ seq 5 | dualpipe -k --progress -l sh -c 'while read -r a; do [ $a != 3 ] || exit 1; echo $a; done' 2>err >out; grep -E '/s$' err | sed 's/[0-9]*\/s/N\/s/'
  dualpipe: in 5, answered 4, failed 1, N/s

With -j and with --fresh as well.
  $ for o in '-j 2' --fresh '-w 3'; do seq 5 | dualpipe $o --progress -l cat 2>&1 >out | sed 's/[0-9]*\/s/N\/s/'; done
  dualpipe: in 5, answered 5, failed 0, N/s
  dualpipe: in 5, answered 5, failed 0, N/s
  dualpipe: in 5, answered 5, failed 0, N/s

Without --progress there is none on no terminal, however long it takes.
  $ dualpipe -e a -b sleep 2.5s
  a

No request at all.
  $ dualpipe --progress -l cat </dev/null 2>&1 | sed 's/[0-9]*\/s/N\/s/'
  dualpipe: in 0, answered 0, failed 0, N/s

It makes request mode.
  $ echo a | dualpipe --progress -b upper 2>/dev/null
  A

On a terminal it is drawn over, and erased before other output; a line at the end.
  $ mkfifo in; exec 3<>in; (until grep -qs '/s' shown; do sleep 0.02; done; echo a >&3; until grep -qs A shown; do sleep 0.02; done; echo end >&3) &
  > pty -- sh -c 'dualpipe --progress -l sh -c "while read -r a && [ \$a != end ]; do echo \$a | tr a-z A-Z; done" <in' >shown; wait; sed 's/\x1b\[K/\n^K/g; s/[0-9]*\/s/N\/s/g' shown | uniq | grep -vE '^(\^K)?dualpipe: in 1, answered 1, failed 0, N/s$'
  dualpipe: in 0, answered 0, failed 0, N/s
  (*)
  ^KA
  (*)
  dualpipe: in 2, answered 1, failed 1, N/s
  (*)
  [exited 123]

On a terminal after 2 s though nobody asked; it is erased at the end.
  $ pty -- dualpipe -e a -b sleep 3s | sed 's/\x1b\[K/\n^K/g' | sed 's/[0-9]*\/s/N\/s/' | uniq
  dualpipe: in 1, answered 0, failed 0, N/s
  (*)
  ^Ka
  [exited 0]

-q keeps it back on a terminal, -v too.
  $ pty -- dualpipe -q -e a -b sleep 3s; pty -- dualpipe -v -e a -b sleep 3s
  a
  [exited 0]
  \x3e a (esc)
  < a
  a
  [exited 0]

Nothing is drawn in a short run.
  $ pty -- dualpipe -e a cat
  a
  [exited 0]

Erased before what the child says on stderr, and before a message of ours.
  $ pty -- dualpipe --stderr=relay -t 3 -e a sh -c 'read -r a; sleep 2.6; echo e >&2; exec sleep 100' | sed 's/\x1b\[K/\n^K/g' | sed 's/[0-9]*\/s/N\/s/; s/: sh sleeps.*//' | uniq
  dualpipe: in 1, answered 0, failed 0, N/s
  (*)
  ^Ke
  (*)
  ^Kdualpipe: request 1: no whole reply in 3s
  dualpipe: requests: in 1, answered 0, failed 1
  [exited 124]

stderr on a terminal, stdout not: the line is drawn, stdout has no byte of it.
  $ pty -- sh -c 'dualpipe -e a -b sleep 2.6s >out; cat out' | sed 's/\x1b\[K/\n^K/g' | tail -n 2; od -An -c out
  ^Ka
  [exited 0]
     a  \n
