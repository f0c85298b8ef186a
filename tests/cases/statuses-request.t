# Request mode's exit statuses, each with the command that brings it.

0: all answered, and the child ended with 0.
  $ dualpipe -e a -e b cat
  a
  b

0: no request at all.
  $ dualpipe -l cat </dev/null

0: the child was stopped after its last reply, since it does not end at end of file.
  $ dualpipe -e a --status-fd 3 --grace 100ms sh -c 'read a; echo "$a"; exec sleep 100' 3>status
  > status=$?
  > sed 's/[0-9][0-9]*/N/g' status
  > exit $status
  a
  dualpipe: ending: sh: it goes on after the end of its input: tell it to end by --quit=TEXT
  {"event":"ready","pid":N}
  {"event":"end","outcome":"ok","signal":"TERM","stopped":true,"in":N,"answered":N,"failed":N,"ms":N,"maxrss_kb":N}

0: there were several children, though each ended with 3.
  $ : >status; (n=0; for word in one two three; do
  >     echo $word; n=$((n + 1))
  >     while [ "$(grep -c pid status)" -lt $n ]; do :; done
  >     pid=$(sed -n 's/.*"pid":\([0-9]*\).*/\1/p' status | tail -n 1)
  >     while [ -e /proc/$pid ]; do :; done
  > done) 2>/dev/null | dualpipe -k -l --status-fd 3 sh -c 'read a; echo "$a"; exit 3' 3>status
  one
  two
  three

#: long
The child's: all 256, after all was answered.
  $ for i in $(seq 0 255); do
  >     dualpipe -e a sh -c "cat; exit $i" >out
  >     s=$?
  >     [ $s -eq $i ] && [ "$(cat out)" = a ] || echo "$i: $s"
  > done

The child's: before a reply was whole.
  $ dualpipe -e a -e b sh -c 'read a; exit 3'
  dualpipe: request 1: sh: ended with status 3 before its reply was whole
  dualpipe: requests: in 1, answered 0, failed 1, not begun 1
  [3]

The child's: between two replies; the request left is not begun, or failed if it was sent in time.
  $ dualpipe -e a -e b sh -c 'read a; echo "$a"; exit 3' 2>err
  > status=$?
  > grep -cE '^dualpipe: requests: in (1, answered 1, failed 0, not begun 1|2, answered 1, failed 1)$' err
  > exit $status
  a
  1
  [3]

120: our output could not be written.
  $ dualpipe -e a cat >/dev/full
  dualpipe: writing: standard output: No space left on device
  [120]

120: our stdout is closed.
  $ dualpipe -e a cat >&-
  dualpipe: writing: standard output: Bad file descriptor
  [120]

120 comes before the child's own status.
  $ dualpipe -e a sh -c 'cat; exit 3' >/dev/full
  dualpipe: writing: standard output: No space left on device
  [120]

122: a reply passes --max-message.
  $ dualpipe --max-message 10 -e a sh -c 'read a; echo 0123456789abc; cat'
  dualpipe: request 1: its reply passes --max-message at byte 10: "0123456789a.*" (re)
  dualpipe: requests: in 1, answered 0, failed 1
  [122]

122: a request on stdin passes --max-message.
  $ printf 'abc\n0123456789abc\nabc\n' | dualpipe --max-message 10 -l cat
  abc
  dualpipe: request 2: passes --max-message at byte 10: "0123456789a.*" (re)
  dualpipe: requests: in 1, answered 1, failed 0, the rest of stdin not begun
  [122]

122: a request of -e passes --max-message.
  $ dualpipe --max-message 10 -e 0123456789abc cat
  dualpipe: request 1: passes --max-message at byte 10: "0123456789abc\n"
  dualpipe: requests: in 0, answered 0, failed 0, not begun 1
  [122]

122: a request of -f passes --max-message.
  $ echo 0123456789abc >big; dualpipe --max-message 10 -f big cat
  dualpipe: request 1: passes --max-message at byte 10: "0123456789abc\n"
  dualpipe: requests: in 0, answered 0, failed 0, not begun 1
  [122]

As many bytes as --max-message says are taken, both ways.
  $ dualpipe --max-message 10 -e 0123456789 cat
  0123456789

123: the child ended with 0 before its reply was whole.
  $ dualpipe -e a -e b sh -c 'read a; exit 0'
  dualpipe: request 1: sh: ended with status 0 before its reply was whole: --fresh starts one for each request, if it answers once and ends
  dualpipe: requests: in 1, answered 0, failed 1, not begun 1
  [123]

123: the child closed its output and lives.
  $ dualpipe -e a sh -c 'read a; exec >&-; exec sleep 100'
  dualpipe: request 1: sh: closed its output before its reply was whole
  dualpipe: requests: in 1, answered 0, failed 1
  [123]

123: with -k, any failed request.
  $ dualpipe -k -e a -e b sh -c 'read a; [ "$a" = b ] || exit 3; echo "$a"; cat'

  dualpipe: request 1: sh: ended with status 3 before its reply was whole
  b
  dualpipe: requests: in 2, answered 1, failed 1
  [123]

123: with -k, a timeout.
  $ dualpipe -k -t 0.2 -e a -e b sh -c 'while read a; do [ "$a" = a ] && sleep 0.3; echo "$a"; done' 2>err
  > status=$?; grep -c 'request 1: no whole reply in 0.2s: ' err; tail -n 1 err
  > exit $status

  b
  1
  dualpipe: requests: in 2, answered 1, failed 1
  [123]

123: with --fresh, a child that ends non-zero; its reply is written all the same.
  $ dualpipe --fresh -e a sh -c 'cat; echo more; exit 3'
  a
  more
  dualpipe: request 1: sh: ended with status 3
  dualpipe: requests: in 1, answered 0, failed 1
  [123]

123: with --fresh, a child that a signal ends.
  $ dualpipe --fresh -e a sh -c 'cat; kill -KILL $$'
  a
  dualpipe: request 1: sh: ended by signal 9 (Killed)
  dualpipe: requests: in 1, answered 0, failed 1
  [123]

124: a reply was not whole in time.
  $ dualpipe -t 0.2 -e a -e b sh -c 'read a; printf part; exec sleep 100' 2>err
  > status=$?; echo; grep -c 'request 1: no whole reply in 0.2s: ' err; tail -n 1 err
  > exit $status
  part
  1
  dualpipe: requests: in 1, answered 0, failed 1, not begun 1
  [124]

124: the deadline passed.
  $ dualpipe --deadline 0.3 -e a -e b sh -c 'read a; echo "$a"; exec sleep 100'
  a
  dualpipe: deadline: sh: 0.3s have passed
  dualpipe: requests: in 2, answered 1, failed 1
  [124]

124: the set-up took too long.
  $ dualpipe --start-timeout 0.2 --setup x -e a sleep 100 2>err
  > status=$?; cut -d: -f1-4 err; exit $status
  dualpipe: set-up: x: no whole reply in time
  dualpipe: requests: in 0, answered 0, failed 0, not begun 1
  [124]

123: the child ended in its set-up.
  $ dualpipe --setup x -e a true
  dualpipe: set-up: x: the child ended before its reply was whole
  dualpipe: requests: in 0, answered 0, failed 0, not begun 1
  [123]

125: a request file that can't be read.
  $ dualpipe -f no-such-file cat
  dualpipe: reading: no-such-file: No such file or directory
  dualpipe: requests: in 0, answered 0, failed 0, not begun 1
  [125]

125: our stdin can't be read.
  $ dualpipe -l cat <.
  dualpipe: reading: standard input: Is a directory
  [125]

126: the command can't be run.
  $ mkdir dir; dualpipe -e a ./dir
  dualpipe: running: ./dir: Is a directory
  [126]

127: the command is not found.
  $ dualpipe -e a no-such-command
  dualpipe: finding the command: no-such-command: No such file or directory
  [127]

127: the command is not found for requests from stdin: none of them is read.
  $ printf 'a\nb\n' >in
  > { dualpipe -l no-such-command; status=$?; cat; exit $status; } <in
  dualpipe: finding the command: no-such-command: No such file or directory
  a
  b
  [127]

128+N: the child was ended by a signal before its reply was whole.
  $ ending dualpipe -e a sh -c 'read a; printf par; kill -KILL $$'
  pardualpipe: request 1: sh: ended by signal 9 (Killed)
  dualpipe: requests: in 1, answered 0, failed 1
  exited 137

128+N: and after all was answered.
  $ ending dualpipe -e a sh -c 'cat; kill -USR1 $$'
  a
  exited 138

Ended by TERM itself, dualpipe dies by it, the books shown.
  $ ending dualpipe -e a sh -c 'read a; kill -TERM $$'
  dualpipe: request 1: sh: ended by signal 15 (Terminated)
  dualpipe: requests: in 1, answered 0, failed 1
  killed TERM

The first cause decides: a timeout, then the child's own status.
  $ dualpipe -t 0.2 -e a sh -c 'trap "exit 7" TERM; while :; do sleep 0.01; done' 2>/dev/null
  [124]

A last line without its end is a reply if the child ended with 0.
  $ dualpipe -e a sh -c 'read a; printf "$a"'
  a (no-eol)

A last line without its end is a part if it ended otherwise.
  $ dualpipe -e a sh -c 'read a; printf "$a"; exit 3'
  adualpipe: request 1: sh: ended with status 3 before its reply was whole
  dualpipe: requests: in 1, answered 0, failed 1
  [3]
