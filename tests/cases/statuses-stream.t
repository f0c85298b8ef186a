# Stream mode's exit statuses, each with the command that brings it.

0: the child ended with 0.
  $ echo a | dualpipe cat
  a

#: long
The child's: all 256 pass, with no word of dualpipe's.
  $ for i in $(seq 0 255); do
  >     dualpipe sh -c "exit $i" </dev/null
  >     [ $? -eq $i ] || echo "$i: $?"
  > done

120: our output could not be written whole.
  $ dualpipe echo a >/dev/full
  dualpipe: writing: standard output: No space left on device
  [120]

120 comes before the child's own status.
  $ dualpipe sh -c 'echo a; exit 3' >/dev/full
  dualpipe: writing: standard output: No space left on device
  [120]

120: our stdout is closed.
  $ dualpipe echo a >&-
  dualpipe: writing: standard output: Bad file descriptor
  [120]

124: the deadline passed.
  $ dualpipe --deadline 0.1 sleep 100
  dualpipe: deadline: sleep: 0.1s have passed
  [124]

124 stays when the child catches SIGTERM and ends with another status.
  $ dualpipe --deadline 0.2 sh -c 'exec 2>/dev/null; trap "exit 7" TERM; while :; do sleep 0.01; done'
  dualpipe: deadline: sh: 0.2s have passed
  [124]

124: what had come before the deadline is out.
  $ dualpipe --deadline 0.3 sh -c 'printf "one\ntw"; sleep 100'
  one
  twdualpipe: deadline: sh: 0.3s have passed
  [124]

125: usage.
  $ dualpipe --no-such-option cat
  (dualpipe: .*) (re)
  [125]

125: our stdin can't be read.
  $ dualpipe cat <.
  dualpipe: reading: standard input: Is a directory
  [125]

126: the command is a directory.
  $ mkdir dir; dualpipe ./dir
  dualpipe: running: ./dir: Is a directory
  [126]

127: the command is not found.
  $ dualpipe no-such-command
  dualpipe: finding the command: no-such-command: No such file or directory
  [127]

127: a path that leads nowhere.
  $ dualpipe ./no/such/command
  dualpipe: finding the command: ./no/such/command: No such file or directory
  [127]

The child's own 120 to 127 pass without a word.
  $ for i in 120 121 122 123 124 125 126 127; do
  >     dualpipe sh -c "exit $i" </dev/null; echo $?
  > done
  120
  121
  122
  123
  124
  125
  126
  127

128+N: the child was ended by a signal that we did not send.
  $ for s in USR1 KILL SEGV ABRT ALRM XCPU; do
  >     ending dualpipe sh -c "kill -$s \$\$"
  > done
  exited 138
  exited 137
  exited 139
  exited 134
  exited 142
  exited 152

Ended by INT, TERM, HUP, QUIT or PIPE itself, dualpipe dies by it.
  $ for s in INT TERM HUP QUIT PIPE; do
  >     ending dualpipe sh -c "kill -$s \$\$"
  > done
  killed INT
  killed TERM
  killed HUP
  killed QUIT
  killed PIPE

The output of a child that a signal ends is out.
  $ ending dualpipe sh -c 'printf "a\nb"; kill -KILL $$'
  a
  bexited 137

A status of a builtin passes as a command's does.
  $ echo x | dualpipe -b crash 42
  [42]

A builtin that aborts.
  $ echo x | ending dualpipe -b crash
  exited 134

Our stdin needs not end.
  $ mkfifo never; exec 3<>never; timeout 20 dualpipe sh -c 'echo a; exit 5' <never
  a
  [5]

Our stdin is closed: end of file.
  $ dualpipe sh -c 'cat; echo end' <&-
  end
