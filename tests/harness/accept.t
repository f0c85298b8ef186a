# Before --accept; accept.want is what it must become.

Right.
  $ echo a
  a

# a comment
#: limit 20
Changed in the middle.
  $ printf 'a\n10\n\nb\nc\td\n$ e\n'
  a
  [0-9]+ (re)
  x

  y
  c\td (esc)

With its status.
  $ echo a; (exit 3)


Right as well.
  $ printf 'a1\n'
  a. (re)

Without its output.
  $ true
  a
  (*)
  [1]

With lines left out.
  $ printf 'a\nb\nc\nd'
  (*)
  b
  (*)
  e
