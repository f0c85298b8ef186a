# --wrap: a text of ours around each request, whose token, and a status behind it, end the reply.

--wrap: the request stands in TEXT, and the reply is what comes before the token.
  $ dualpipe --wrap='eval {q}; echo {} $?' -e 'seq 3' -e 'echo a' sh
  1
  2
  3
  a

A request of several lines, with quotes and without a line end behind it.
  $ printf 'echo "it'\''s"\nprintf %%s "a b"' >in; dualpipe --wrap='eval {q}; echo {} $?' -f in -e 'echo c' sh
  it's
  a b
  c

What is filled in: the text itself, its size, and the token; other braces stay.
  $ dualpipe --wrap='{size}:{text}:{x}{
  > {}' -e 'a{}b' -e '' sh -c 'while read -r a; do read -r t; echo "$a"; echo "$t"; done'
  4:a{}b:{x}{
  0::{x}{

The status of the last request is that of the run.
  $ dualpipe --wrap='eval {q}; echo {} $?' -e '(exit 7)' -e '(exit 3)' sh; echo status $?
  status 3

It is 0 if the last one's is.
  $ dualpipe --wrap='eval {q}; echo {} $?' -e '(exit 7)' -e 'exec <&-' sh; echo status $?
  status 0

Not with -k or -j.
  $ for o in -k -j2; do dualpipe $o --wrap='eval {q}; echo {} $?' -e '(exit 3)' -e 'exec <&-' -e '(exit 3)' sh -c 'while read -r a; do eval "$a"; done'; echo status $?; done
  status 0
  status 0

Nor with -l.
  $ echo '(exit 3)' | dualpipe -l --wrap='eval {q}; echo {} $?' sh -c 'while read -r a; do eval "$a"; done'; echo status $?
  status 0

--json tells each status.
  $ dualpipe --json --wrap='eval {q}; echo {} $?' -e '(exit 7)' -e ':' -e 'printf x' sh | grep -oE '"(n|status|unfinished)":[a-z0-9]+'
  "n":1
  "status":7
  "n":2
  "status":0
  "n":3
  "unfinished":true
  "status":0

The token alone tells none.
  $ dualpipe --json --wrap='{text}
  > {}' -e a sh -c 'read a; read t; echo "$a"; echo "$t"' | grep -c '"status"'
  0
  [1]

--error=status: one that is not 0 is an error.
  $ dualpipe --error=status --wrap='eval {q}; echo {} $?' -e 'echo a; (exit 7)' -e 'echo b' sh; echo status $?
  a
  dualpipe: request 1: it failed with status 7
  b
  dualpipe: requests: in 2, answered 1, failed 1
  status 123

A set-up text is wrapped; one with {} prints the token itself.
  $ dualpipe --wrap='eval {q}; echo {} $?' --setup='x=5' --setup='y=6; echo {}' -e 'echo $x $y' sh
  5 6

A session: the status comes to each caller.
  $ dualpipe --wrap='eval {q}; echo {} $?' -e : @w -- sh; dualpipe -e '(exit 4)' @w; echo status $?
  > dualpipe -e 'x=1' @w; echo status $?; dualpipe --json -e '(exit 5)' @w | grep -o '"status":5'; dualpipe --stop @w
  status 4
  status 0
  "status":5

A NUL byte doesn't go through a shell's quotes.
  $ printf 'a\0b' >nul; dualpipe --wrap='eval {q}; echo {} $?' -f nul -- sh
  dualpipe: request 1: it has a NUL byte, which no shell takes
  dualpipe: requests: in 0, answered 0, failed 0, not begun 1
  [123]

By its size it does.
  $ printf 'a\0b' >nul; dualpipe --wrap='{size} {}
  > {text}' -f nul sh -c 'read -r n t; head -c 3 | od -An -c; echo $t'
     a  \0   b

A wrap that can't be one is refused.
  $ dualpipe --wrap=x -e a sh
  dualpipe: wrap: x: at byte 1: write {} where the token is to stand, and {text} or {q} for the request
  [125]

Nor with a fence beside it.
  $ dualpipe --wrap='{q}{}' --fence='{}' -e a sh
  dualpipe: wrap: {q}{}: at byte 1: it is a fence too: leave one of them out
  [125]

Nor if no reply is awaited.
  $ dualpipe --wrap='{q}{}' -n 0 -e a sh
  dualpipe: wrap: {q}{}: at byte 1: each request in it is answered: leave out what says that it isn't
  [125]
