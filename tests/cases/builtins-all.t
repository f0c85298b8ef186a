# The builtins, and functions of a module.

upper, lower, echo, rev.
  $ for b in upper lower echo rev; do dualpipe -e 'aBc 1' -b $b; done
  ABC 1
  abc 1
  aBc 1
  1 cBa

nl, sum.
  $ dualpipe -e a -e b -b nl; dualpipe -e 1 -e 2.5 -e x -e 1 -b sum
       1\ta (esc)
       2\tb (esc)
  1
  3.5
  not a number
  4.5

hash: the same for the same line and rounds, another for another.
  $ dualpipe -e a -e b -e a -b hash >h; dualpipe -e a -b hash 1000 >>h; dualpipe -e a -b hash 1 >>h; sort h | uniq -c | sort -n | awk '{print $1, length($2)}'
  1 16
  1 16
  3 16

sleep: answers after its time.
  $ dualpipe -t 20 -e a -b sleep 0.1; dualpipe -t 0.1 -e a -b sleep 10 2>&1 | cut -d: -f1-3
  a
  dualpipe: request 1: no whole reply in 0.1s
  dualpipe: requests: in 1, answered 0, failed 1

half: the first half, and no line end.
  $ dualpipe --fresh -e abcd -b half
  ab (no-eol)

mute: reads, and never answers.
  $ dualpipe -n 0 -e a -b mute; dualpipe -t 0.2 -e a -b mute 2>&1 | cut -d: -f1-3
  dualpipe: request 1: no whole reply in 0.2s
  dualpipe: requests: in 1, answered 0, failed 1

crash: aborts, or ends with a status.
  $ dualpipe -e a -b crash; echo $?; dualpipe -e a -b crash 3 2>/dev/null; echo $?; dualpipe -e a -b crash 0 2>/dev/null
  dualpipe: request 1: crash: ended by signal 6 (Aborted)
  dualpipe: requests: in 1, answered 0, failed 1
  134
  3
  [123]

flood: prints for ever.
  $ dualpipe -b flood | head -n 2; dualpipe -b flood abc | head -n 1
  y
  y
  abc

#: long
Builtins in a stream, large.
  $ seq 300000 >f; dualpipe -b echo <f | cmp - f; dualpipe -b rev <f | dualpipe -b rev | cmp - f

Bytes that are no text pass through.
  $ printf '\000\377\n' | dualpipe -l -b rev | od -An -tx1
   ff 00 0a

Bad arguments of builtins: 125.
  $ for b in 'hash x' 'hash 0' 'sleep x' 'crash 256' 'crash x'; do dualpipe -b $b </dev/null; echo $?; done
  dualpipe: hash: x: not a whole number
  125
  dualpipe: hash: 0: out of range
  125
  dualpipe: sleep: x: not a time: a number with ms, s, m, h or d, or inf
  125
  dualpipe: crash: 256: out of range
  125
  dualpipe: crash: x: not a whole number
  125

--help=all lists each of them.
  $ for b in $(dualpipe --help=all | sed '1,/^Builtins:/d' | awk '{print $1}'); do dualpipe --help=$b | cut -d: -f1; done
  upper
  lower
  echo
  rev
  nl
  sum
  hash
  sleep
  half
  mute
  crash
  flood

A function of a module.
  $ dualpipe -e 'one two  three' -e '' -e x -b $BUILD/example.so:words
  3
  0
  1

Its arguments, and what it prints without flushing.
  $ dualpipe -b $BUILD/example.so:arguments a 'b c' </dev/null
  1 of 3: a
  2 of 3: b c
  argv ends: 1, data is NULL: 1

What it returns is the child's status.
  $ for i in 0 1 42 255 256; do dualpipe -b $BUILD/example.so:leave $i </dev/null; echo $?; done
  0
  1
  42
  255
  0

A file that is missing, and a function that is not in it.
  $ dualpipe -b ./nonesuch.so:f </dev/null; echo $?; dualpipe -b $BUILD/example.so:nonesuch </dev/null
  dualpipe: loading: ./nonesuch.so: .*No such file.* (re)
  127
  dualpipe: loading: .*example.so: .*undefined symbol: nonesuch (re)
  [127]

A file that is no module.
  $ echo text >no.so; dualpipe -b ./no.so:f </dev/null
  dualpipe: loading: ./no.so: .* (re)
  [127]

A module is loaded in the child: it can't change dualpipe.
  $ dualpipe -e a -b $BUILD/shim.so:read 2>&1 | grep -c .
  [0-9] (re)

--fresh with a builtin.
  $ printf 'a\nb\n' | dualpipe --fresh -l -b nl
       1\ta (esc)
       1\tb (esc)
