# sh(1), here dash: echo makes the mark; the status is the shell's own.

A shell is asked: lines, a wait, an error, 2 MB, a line begun without an end.
#: limit 60
  $ dualpipe -e 'echo hi' -e 'false; echo $?' -e 'sleep 1.5; echo z' -e 'ls /nonexistent; echo rc=$?' \
  >     -u '^<END>$' -e "seq 1 300000; echo '<END>'" -e "printf 'no newline'; echo; echo '<END>'" \
  >     -n 0 -e 'exit 3' -- sh >out 2>err; echo "status $?"
  > { printf '%s\n' hi 1 z rc=2; seq 1 300000; printf '%s\n' '<END>' 'no newline' '<END>'; } >want
  > cmp out want && wc -c <out; grep -o 'No such file' err
  status 3
  1988930
  No such file

The same end by a quit text.
  $ dualpipe -e 'echo hi' --quit='exit 3' sh; echo "status $?"
  hi
  status 3

A shell that ends itself by a signal is told apart.
  $ dualpipe --status-fd=3 -e 'echo hi' -n 0 -e 'kill -KILL $$' sh 3>status; echo "status $?"
  > grep -o '"signal":"[A-Z]*"' status
  hi
  status 137
  "signal":"KILL"

State is kept from one request to the next: directory, variables, functions.
  $ mkdir d; dualpipe -n 0 -e 'cd d; x=1; f() { echo "f $1 $x"; }' -n 1 -e 'f a' -e 'basename "$PWD"' sh
  f a 1
  d

With -k a late reply is dropped, never taken for the next one's.
  $ dualpipe -k -t 1 -e 'sleep 1.4; echo late' -t 5 -e 'echo second' sh 2>err; echo "status $?"; cat err
  
  second
  status 123
  dualpipe: request 1: no whole reply in 1s: .* (re)
  dualpipe: dropped: the late reply to request 1
  dualpipe: requests: in 2, answered 1, failed 1
