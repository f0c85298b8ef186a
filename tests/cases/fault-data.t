# Data that is hard on a relay. The numbers are those of the project's list of faults.

# 256 MiB, not 1 GiB: memory that grew with the line would be far above the bound.
#: long
Fault 51: a line of 256 MiB streams through, and memory is bounded.
  $ head -c 268435456 /dev/zero | tr '\0' a | ending -m 16384 dualpipe cat 2>how | sha256sum >got
  > head -c 268435456 /dev/zero | tr '\0' a | sha256sum | cmp - got; cat how
  exited 0

Fault 52: a line of 1 GiB is refused as a request, and memory is bounded.
  $ head -c 1073741824 /dev/zero | tr '\0' a | ending -m 4608 dualpipe --max-message 1M -l cat
  dualpipe: request 1: passes --max-message at byte 1048576: "a*" (re)
  dualpipe: requests: in 0, answered 0, failed 0, the rest of stdin not begun
  exited 122

Fault 52: the lines before it are answered.
  $ { echo one; head -c 1073741824 /dev/zero | tr '\0' a; } | ending -m 4608 dualpipe --max-message 1M -l cat 2>how; tail -n 1 how
  one
  exited 122

Fault 52: so is a whole file as long, by what has come of it.
  $ head -c 1073741824 /dev/zero | ending -m 4608 dualpipe --max-message 1M -f - cat
  dualpipe: request 1: passes --max-message at byte 1048576: .* (re)
  dualpipe: requests: in 0, answered 0, failed 0, not begun 1
  exited 122

Fault 52: so is one that the child sends; no part of it is given out as a whole.
  $ ending -m 4608 dualpipe --max-message 1M -e x sh -c 'read a; head -c 1073741824 /dev/zero | tr "\0" a; echo' 2>how | wc -c; cat how
  0
  dualpipe: request 1: its reply passes --max-message at byte 1048576: "a*" (re)
  dualpipe: requests: in 1, answered 0, failed 1
  exited 122

Fault 52: what the child says before it is given out, line by line, and no more.
  $ ending -m 4608 dualpipe --max-message 1M -n 3 -e x sh -c 'read a; echo one; echo two; head -c 1073741824 /dev/zero | tr "\0" a; echo' 2>how; tail -n 1 how
  one
  two
  exited 122

Fault 52: many lines that are not too long may be any number.
  $ dualpipe -q --max-message 10k -u '^end$' -e x sh -c 'read a; seq 1000000; echo end' | sha256sum >got
  > { seq 1000000; echo end; } | sha256sum | cmp - got

Fault 52: with -k a reply counts as a whole, since it is held.
  $ dualpipe -k --max-message 10k -u '^end$' -e x -e y sh -c 'read a; [ "$a" = y ] || seq 10000; echo end; cat >/dev/null' 2>err >out
  > echo $?; grep -o '^dualpipe: request 1: .*10240' err; tail -n 1 err; cat out
  123
  dualpipe: request 1: its reply passes --max-message at byte 10240
  dualpipe: requests: in 2, answered 1, failed 1

  end

Fault 53: all 256 bytes, both ways.
  $ for i in $(seq 0 255); do printf "\\$(printf %o $i)"; done >f; dualpipe cat <f | cmp - f
  > dualpipe --fresh -f f cat | cmp - f; printf '\012' >>f; dualpipe -n 2 -f f cat | cmp - f

Fault 53: NUL bytes in lines.
  $ printf 'a\0b\n\0\0\n\0' | dualpipe -l cat | od -An -c
     a  \\0   b  \\n  \\0  \\0  \\n  \\0  \\n (re)

Fault 53: a pattern matches behind a NUL byte.
  $ printf 'x\n' | dualpipe -l -u 'end$' sh -c 'read a; printf "a\0b\n\0end\n"; cat' | od -An -c
     a  \\0   b  \\n  \\0   e   n   d  \\n (re)

Fault 53: random bytes, 100 MB.
  $ dd if=/dev/urandom of=f bs=1000000 count=100 2>/dev/null; dualpipe cat <f | cmp - f

Fault 54: no final newline, in a stream.
  $ printf a | dualpipe cat
  a (no-eol)

Fault 54: in the last line of stdin.
  $ printf 'a\nb' | dualpipe -l cat
  a
  b

Fault 54: in a file of -f, that is sent as it is.
  $ printf a >f; dualpipe -f f sh -c 'head -c 1; echo .'
  a.

Fault 54: an empty last line is none; an empty line is a request.
  $ printf '\na\n' | dualpipe -l sh -c 'while read a; do echo "<$a>"; done'
  <>
  <a>

Fault 55: CR LF, a lone CR, and CR at the end pass unchanged.
  $ printf 'a\r\nb\rc\r\n\r' >f; dualpipe cat <f | cmp - f; dualpipe -l cat <f | od -An -c
     a  \\r  \\n   b  \\r   c  \\r  \\n  \\r  \\n (re)

Fault 56: what is no UTF-8 passes unchanged, however it is cut.
  $ printf '\303\n\300\200\n\355\240\200\n\364\220\200\200\n\370\210\200\200\200\n\376\377\n\342\202\n\303\251\n' >f
  > for l in C C.UTF-8; do
  >     LC_ALL=$l SHORT=1 shimmed dualpipe cat <f | cmp - f
  >     LC_ALL=$l SHORT=1 shimmed dualpipe -l cat <f | cmp - f
  >     LC_ALL=$l SHORT=1 shimmed dualpipe -u '^..$' -e "$(printf '\303\251')" cat | od -An -c
  > done
   303 251  \\n (re)
   303 251  \\n (re)

Fault 56: two frames that come byte by byte are two.
  $ printf 'one\ntwo\n' | SHORT=1 shimmed dualpipe -l -b upper
  ONE
  TWO
