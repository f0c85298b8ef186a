# Filters: those that answer at the end, those that must be told to answer at once, any bytes.

sort answers when its input ends: --fresh gives every request a sort of its own.
  $ dualpipe --fresh -e '3
  > 1
  > 2' -e '20
  > 10' -- sort -n
  1
  2
  3
  10
  20

The same from a file and from stdin.
  $ printf '3\n1\n2\n' >numbers; printf 'b\na\n' | dualpipe --fresh -f numbers -f - -- sort -n
  1
  2
  3
  a
  b

On a cooked terminal the end of its input is a character.
  $ printf '3\n1\n2' | dualpipe -t 10 --pty=cooked --fresh -f - -- sort -n; printf 'b\na\n' | dualpipe --pty=cooked -- sort
  1
  2
  3
  a
  b

tr holds its output back on a pipe; under stdbuf -oL it answers every line.
  $ dualpipe -t 5 -e hello -e world -- stdbuf -oL tr a-z A-Z
  HELLO
  WORLD

With --unbuffer so do tr, sed, grep, gawk, perl, factor and jq: each takes its stdout for a terminal.
  $ ask() { dualpipe -t 10 --unbuffer "$@" || echo "status $?"; }
  > ask -e hello -e world -- tr a-z A-Z; ask -e banana -e '' -- sed s/a/X/g; ask -e line -- grep -n l
  > ask -e '1 2' -e '3 4' -- gawk '{ print $1 * $2 }'; ask -e abc -e de -- perl -ne 'print length, "\n"'
  > printf '%s\n' 12 97 | ask -l factor; ask -e '{"a":{"b":1}}' -- jq -Mc .a
  HELLO
  WORLD
  bXnXnX
  
  1:line
  2
  12
  4
  3
  12: 2 2 3
  97: 97
  {"b":1}

Its error goes to stderr, which stays as it was.
  $ dualpipe -t 10 --unbuffer -e 6 -n 0 -e foo -n 1 -e 10 -- factor 2>err; echo "status $?"; cat err
  6: 2 3
  10: 2 5
  status 1
  factor: 'foo' is not a valid positive integer

perl prints 1.2 MB in one line and all 256 bytes: the terminal changes none.
  $ dualpipe -t 10 --unbuffer -e 1200000 -e 3 -- perl -ne 'print "x" x $_, "\n"' >out; wc -c <out; tail -n 1 out
  > dualpipe -t 10 --unbuffer --bytes=257 -e all -- perl -ne 'print map(chr, 0..255), "\n"' >out
  > { for i in $(seq 0 255); do printf "\\$(printf %o "$i")"; done; echo; } | cmp - out && wc -c <out
  1200005
  xxx
  257

Without either the limit of time passes, and the message says what to try.
  $ dualpipe -t 0.3 -n 1 -e hello -- tr a-z A-Z
  dualpipe: request 1: no whole reply in 0.3s: tr .*, 0 bytes received: try .*--unbuffer.* (re)
  dualpipe: requests: in 1, answered 0, failed 1
  [124]

sed -u answers a line, an empty line, and a line of 200,000 bytes with as many.
  $ dualpipe -e banana -e '' -- sed -u s/a/X/g
  > head -c 200000 /dev/zero | tr '\0' a >line; echo >>line; tr a X <line >want
  > dualpipe -t 20 -f line -- sed -u s/a/X/g >got; cmp got want && wc -c <got
  > cat line line | dualpipe -t 20 --line -- sed -u s/a/X/g | cat - want | uniq -c | cut -c1-10
  bXnXnX
  
  200001
        3 XX

jq --unbuffered answers every value, though one spans two lines.
  $ dualpipe -t 5 -e '{"a":1}' -e '{"a":[1,2]}' -e '{"a":
  > "x"}' -- jq --unbuffered -c .a
  1
  [1,2]
  "x"

Lines of JSON are asked through jq one by one, or many at once and told apart by their ids.
  $ for i in 1 2 3; do echo "{\"id\":$i,\"n\":$i}"; done >lines; dualpipe -t 5 -l -- jq --unbuffered -c .n <lines
  > dualpipe -t 5 -w 3 --id='"id":([0-9]+)' -l -- jq --unbuffered -c '{id, sq: (.n * .n)}' <lines
  > sed 's/"n"/"method":"square","n"/' lines | dualpipe -t 5 -w 3 -j 2 --id=json -l -- jq --unbuffered -c '{result: (.n * .n), id}'
  1
  2
  3
  {"id":1,"sq":1}
  {"id":2,"sq":4}
  {"id":3,"sq":9}
  {"result":1,"id":1}
  {"result":4,"id":2}
  {"result":9,"id":3}

perl and awk that flush answer line by line; an END comes after the last request.
  $ printf 'abc\ndef\n' | dualpipe -t 5 -l -- perl -pe 'BEGIN { $| = 1 } $_ = reverse(substr($_, 0, 3)) . "\n"'
  > printf '1\n2\n3\n' | dualpipe -t 5 -l -- gawk '{ s += $1; print s; fflush() }'
  cba
  fed
  1
  3
  6

cat answers eight bytes, NULs and a line end among them, and 2 MiB, by their number.
#: limit 60
  $ printf '\000\001\002\003\377\376\n\000' >eight
  > for i in $(seq 0 255); do printf "\\$(printf %o "$i")"; done >bytes
  > for i in 1 2 3 4 5 6 7 8 9 10 11 12 13; do cat bytes bytes >more; mv more bytes; done
  > dualpipe -t 20 --bytes=8 -f eight --bytes=2097152 -f bytes -- cat >out; echo "status $?"
  > cat eight bytes | cmp - out && wc -c <out
  status 0
  2097160

It carries every byte both ways, as they come and as one request.
#: limit 60
  $ for i in $(seq 0 255); do printf "\\$(printf %o "$i")"; done >bytes
  > for i in 1 2 3 4 5 6 7 8 9 10 11 12 13; do cat bytes bytes >more; mv more bytes; done; wc -c <bytes
  > dualpipe -- cat <bytes | cmp - bytes && dualpipe --fresh -f bytes -- cat | cmp - bytes && echo same
  2097152
  same

A request that is all output and no input, 5 MB of it, and a child that reads none.
  $ dualpipe --fresh -e nothing -- sh -c 'seq 700000' >out; echo "status $?"; seq 700000 | cmp - out
  status 0

Pipelines keep their bytes and statuses: dualpipe stands where a pipe stood.
  $ seq 100000 | dualpipe -- sort -rn | head -n 2; printf 'x\n' | dualpipe -- grep y; echo "status $?"
  100000
  99999
  status 1
