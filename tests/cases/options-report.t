# --stderr, -v, -q, --status-fd, --foreground: what is told, and to whom.

--stderr=inherit, the default: the child's stderr is ours.
  $ dualpipe -e a sh -c 'echo e >&2; cat' 2>err; cat err
  a
  e

--stderr=relay: through us.
  $ dualpipe --stderr=relay -e a sh -c 'echo e >&2; cat' 2>err; cat err
  a
  e

--stderr=relay in a stream, 2 MB on both.
  $ seq 300000 >f; dualpipe --stderr=relay sh -c 'tee /dev/stderr' <f 2>err | cmp - f; cmp err f

--stderr=relay: what a child said before it ended is out.
  $ dualpipe --stderr=relay -e a sh -c 'read a; echo why >&2; exit 3' 2>err; echo $?; grep -c why err
  3
  1

--stderr=stdout: one stream with its stdout.
  $ dualpipe --stderr=stdout -e a sh -c 'read a; echo "e$a" >&2; cat' 2>/dev/null
  ea

--stderr=null.
  $ dualpipe --stderr=null -e a sh -c 'echo e >&2; cat'
  a

--stderr=FILE: appended to.
  $ echo first >err; dualpipe --stderr=err -e a sh -c 'echo e >&2; cat'; cat err
  a
  first
  e

-v shows the traffic.
  $ dualpipe -v -e a -e b -b upper 2>err; cat err
  A
  B
  > a
  < A
  > b
  < B

-v escapes what could drive a terminal.
  $ dualpipe -v -e "$(printf 'a\033[31m\t')" cat 2>&1 >/dev/null
  \x3e a\\x1b[31m\\t (esc)
  < a\x1b[31m\t

-v in a stream.
  $ echo a | dualpipe -v -b upper 2>&1 >/dev/null | sort
  < A
  > a

-v does not change what is passed on.
  $ seq 100000 >f; dualpipe -v cat <f 2>/dev/null | cmp - f

-q: no notes, but errors.
  $ dualpipe -q -e a -e b sh -c 'read a; printf "1\n2\n"; read a; exit 3'
  1
  dualpipe: unexpected output: 2 bytes after request 1: "2": a reply may be longer than its rule says: try --fence or -u
  dualpipe: request 2: sh: ended with status 3 before its reply was whole
  dualpipe: requests: in 2, answered 1, failed 1
  [3]

--status-fd: ready, and the end, as JSON.
  $ dualpipe --status-fd 4 -e a cat 4>status; sed 's/"\(pid\|ms\|maxrss_kb\)":[0-9][0-9]*/"\1":N/g' status
  a
  {"event":"ready","pid":N}
  {"event":"end","outcome":"ok","code":0,"in":1,"answered":1,"failed":0,"ms":N,"maxrss_kb":N}

--status-fd in a stream, and the child's own end.
  $ dualpipe --status-fd 4 sh -c 'exit 7' 4>status; sed 's/"\(pid\|ms\|maxrss_kb\)":[0-9][0-9]*/"\1":N/g' status
  {"event":"ready","pid":N}
  {"event":"end","outcome":"ended","code":7,"ms":N,"maxrss_kb":N}

--status-fd: a command that could not be started has no code.
  $ dualpipe --status-fd 4 no-such 4>status; sed 's/"\(pid\|ms\|maxrss_kb\)":[0-9][0-9]*/"\1":N/g' status
  dualpipe: finding the command: no-such: No such file or directory
  {"event":"end","outcome":"not-started","ms":N,"maxrss_kb":N}

#: needs perl
--status-fd: every line is JSON, whatever the end.
  $ for c in 'exit 3' 'kill -9 $$' 'sleep 100' 'echo 1234567'; do
  >     dualpipe --max-message 5 -t 0.3 --status-fd 4 -e a sh -c "read a; $c" 4>status 2>/dev/null
  >     perl -MJSON::PP -ne '$o = decode_json($_)->{outcome}; print "$o\n" if $o' status
  > done
  ended
  ended
  timeout
  frame

--status-fd 1 and 2.
  $ dualpipe --status-fd 1 -e a cat | sed 's/[0-9][0-9]*/N/g'
  {"event":"ready","pid":N}
  a
  {"event":"end","outcome":"ok","code":N,"in":N,"answered":N,"failed":N,"ms":N,"maxrss_kb":N}

--status-fd that can't be written: 120, said once; so with stdout.
  $ dualpipe --status-fd=3 -e x -- cat 3>/dev/full; echo $?; dualpipe --status-fd=3 sh -c 'exit 7' </dev/null 3>/dev/full; echo $?; dualpipe --json -e x cat >/dev/full
  > echo $?; dualpipe --status-fd 1 -e x cat >/dev/full
  dualpipe: writing to --status-fd: 3: No space left on device
  x
  120
  dualpipe: writing to --status-fd: 3: No space left on device
  120
  dualpipe: writing: standard output: No space left on device
  120
  dualpipe: writing to --status-fd: 1: No space left on device
  dualpipe: writing: standard output: No space left on device
  [120]

The child doesn't have the descriptor of --status-fd, but any other of ours.
  $ dualpipe --status-fd 4 -e a sh -c 'read a; if { echo >&4; } 2>/dev/null; then echo 4; else echo none; fi; cat' 4>status
  > dualpipe -e a sh -c 'read a; cat <&5' 5<<.
  > passed on
  > .
  none
  passed on

The child has no descriptor of dualpipe's own.
  $ dualpipe sh -c 'ls /proc/$$/fd; :' >with; sh -c 'ls /proc/$$/fd; :' </dev/null | diff - with

Nor has a builtin.
  $ mkfifo never; exec 5<>never; dualpipe --status-fd 4 -b mute <never 4>status 5>&- & until grep -qs pid status; do :; done
  > child=$(sed -n 's/.*"pid":\([0-9]*\).*/\1/p' status)
  > until grep -qs '^State:.S' /proc/$child/status; do :; done; ls /proc/$child/fd >with
  > sh -c 'ls /proc/$$/fd; :' </dev/null 5>&- | diff - with; kill -TERM $!; wait $! 2>/dev/null
  [143]

The child leads a session of its own; --foreground leaves it in ours.
  $ for o in '' --foreground; do
  >     dualpipe $o sh -c 'read -r a b c d e session rest </proc/self/stat; [ $session = $$ ] && echo own || echo ours'
  > done
  own
  ours

--foreground: signals go to the child alone.
  $ : >hold; dualpipe --foreground sh -c 'sh -c "while [ -e hold ]; do sleep 0.02; done; echo outlived" & : >up; wait' & until [ -e up ]; do :; done
  > kill -TERM $!; wait $! 2>/dev/null; echo $?; rm hold
  143
