# Cases that pass: the runner's own test runs them under every shell.

The output of a command is compared with the lines below it.
  $ printf 'a\n$5 [x] \\ > b\n'
  a
  $5 [x] \ > b

A command may go on over several lines.
  $ for word in one two; do
  >     echo "$word"
  > done
  one
  two

Standard error is merged in the order written.
  $ echo 1; echo 2 >&2; echo 3
  1
  2
  3

A status that is not 0 comes last.
  $ echo out; (exit 3)
  out
  [3]

An early exit counts as well.
  $ exit 4
  [4]

A command that another one killed is a number.
  $ { sh -c 'kill -TERM $$'; } 2>/dev/null
  [143]

The command's shell itself killed is named.
  $ kill -KILL $$
  [killed KILL]

A blank line between lines of output is an empty line.
  $ printf 'a\n\n\nb\n'
  a


  b

An empty last line is marked.
  $ printf 'a\n\n'
  a
   (esc)

A regular expression stands for a whole line.
  $ printf 'abc 12345\nab\n'
  a.c [0-9]{5} (re)
  (x|ab) (re)

A last line may lack its newline.
  $ printf 'a\nb'
  a
  b (no-eol)

Unprintable bytes are escaped.
  $ printf 'a\tb\r\n\000\001\\\303\251 \nend\033'
  a\tb\r (esc)
  \x00\x01\\\xC3\xa9\x20 (esc)
  end\x1b (esc) (no-eol)

Bytes above 127 may also stand as they are.
  $ printf '\303\251\n'
  é

Any number of lines may be left out, also none.
  $ printf 'a\nb\na\nc\nd\n'
  (*)
  a
  c
  (*)
  d
  (*)

Lines that look like marks are escaped.
  $ printf '(*)\nx (re)\n$ x\n[3]\n'
  \x28*) (esc)
  x (re) (esc)
  \x24 x (esc)
  \x5b3] (esc)

The surroundings are pinned.
  $ cat; pwd | grep -cxF "$HOME"; ls -A . "$TMPDIR"; echo "$LC_ALL $TZ $TERM ${DISPLAY-none}"; touch "$TMPDIR/x" y
  1
  .:
  (*)
  C UTC dumb none

Limits of time are so many times longer as a step takes here.
  $ test "$SLOW" -ge 1 && test "$TAP_ALARM" -ge 60

A file that is not in its own places may be another's.
  $ touch "${TMPDIR%/dp-tests.*}/dualpipe-0"

Signals are at their defaults, and ignored ones do not leak in.
  $ sed -n 's/^SigIgn:.*\(....\)$/\1/p' /proc/self/status
  0000

#: needs user
An ordinary user runs what needs one.
  $ test "$(id -u)" -ne 0 && touch x "$TMPDIR/x"
