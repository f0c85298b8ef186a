# Cases that fail: harness/run says what each of them must be told.

Another line.
  $ echo b
  a

A missing line.
  $ echo a
  a
  b

A line too many.
  $ printf 'a\nb\n'
  a

Another status.
  $ (exit 3)
  [4]

A status not expected.
  $ (exit 139)

A status that did not come.
  $ true
  [1]

A death by signal.
  $ kill -SEGV $$

A death by signal is not a number.
  $ kill -TERM $$
  [143]

A regular expression that holds for a part.
  $ echo abc
  ab (re)

A newline that is missing.
  $ printf a
  a

A newline that is there.
  $ echo a
  a (no-eol)

Another escape.
  $ printf 'a\tb\n'
  a\x08b (esc)

Lines left out before one that is missing.
  $ printf 'a\nb\n'
  (*)
  c

#: limit 1
A time-out.
  $ echo before; sleep 60

A stray process.
  $ sleep 6100 >/dev/null 2>&1 &

A stray file.
  $ touch "$XDG_RUNTIME_DIR/dualpipe.left"

A stray file of its own.
  $ touch "$TMPDIR/dualpipe.own"

A changed descriptor.
  $ perl -MFcntl -e 'fcntl(STDOUT, F_SETFL, O_APPEND | O_NONBLOCK)'

#: needs
A directive cut short.
  $ true

Two commands.
  $ true
  $ true

No command.
