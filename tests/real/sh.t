# Shells. sh(1), here dash: echo makes the fence. bash on a terminal: its prompt.

A shell is asked: lines, a wait, an error, 2 MB, a line begun by one command and ended by another.
#: limit 60
  $ dualpipe -t 20 -e 'echo hi' -e 'false; echo $?' -e 'sleep 1.5; echo z' -e 'ls /nonexistent; echo rc=$?' \
  >     --fence='echo {}' -e 'seq 1 300000' -e "printf 'no newline'; echo" -n 0 -e 'exit 3' -- sh >out 2>err; echo "status $?"
  > { printf '%s\n' hi 1 z rc=2; seq 1 300000; echo 'no newline'; } >want; cmp out want && wc -c <out; cat err
  status 3
  1988918
  ls: cannot access '/nonexistent': No such file or directory

An unfinished line before the fence has its end put behind it as another reply follows; a line that only looks like the fence is a line.
  $ dualpipe -t 5 --fence='echo {}' -e "printf 'no newline'" -e "echo; echo '{}'; echo 'echo {}'" -e : -e 'echo end' sh
  no newline
  
  {}
  echo {}
  end

A shell that echoes what it reads echoes the fence too, which is passed over.
  $ dualpipe -t 5 --stderr=stdout --fence='echo {}' -e 'echo one' -e : -- sh -v
  echo one
  one
  :

The stderr of each request comes before the next is asked.
  $ for i in 1 2 3 4; do echo "echo out$i; echo err$i >&2"; done | dualpipe -t 5 --stderr=relay --fence='echo {}' -l sh >all 2>&1
  > sed 's/^...//' all | uniq -c | tr -d ' '
  21
  22
  23
  24

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
  $ dualpipe -k -t 1 --fence='echo {}' -e 'sleep 1.4; echo late' -t 5 -e 'echo second' sh 2>err; echo "status $?"; cat err
  
  second
  status 123
  dualpipe: request 1: no whole reply in 1s: .* (re)
  dualpipe: dropped: the late reply to request 1
  dualpipe: requests: in 2, answered 1, failed 1

bash on a terminal of its own: the prompt ends a reply; the terminal has the size that was asked for.
  $ PS1='@@> ' dualpipe -t 10 --pty=24x200 -p '^@@> $' -e 'echo $((6*7))' -e 'ls /nonexistent' -e "PS2='~ '; echo ok" \
  >     -e 'tty | cut -c1-8' -e 'stty size' --quit='exit 4' -- bash --norc --noprofile --noediting -i; echo "status $?"
  42
  ls: cannot access '/nonexistent': No such file or directory
  ok
  /dev/pts
  24 200
  status 4

It is its controlling terminal: jobs run, stop and end there. A second prompt asks for more.
  $ PS1='@@> ' PS2='~ ' dualpipe -t 10 --pty -p '^(@@>|~) $' -e 'sleep 100 &' -e jobs -e 'kill %1; wait' \
  >     -e 'if true; then' -e 'echo yes' -e fi -e '(kill -STOP $BASHPID; echo on)' -e fg --quit=exit -- bash --norc --noprofile --noediting -i
  \[1\] [0-9]+ (re)
  \[1\]\+  Running                 sleep 100 & (re)
  \[1\]\+  Terminated              sleep 100 (re)
  yes
   (esc)
  \[1\]\+  Stopped                 \( kill -STOP \$BASHPID; echo on \) (re)
  \( kill -STOP \$BASHPID; echo on \) (re)
  on
