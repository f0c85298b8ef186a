# Filters: those that must be told to answer at once, and those that answer at the end.

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

tr holds its output back on a pipe; under stdbuf -oL it answers every line.
  $ dualpipe -t 5 -e hello -e world -- stdbuf -oL tr a-z A-Z
  HELLO
  WORLD

Without stdbuf the limit of time passes, and the message says what to try.
  $ dualpipe -t 0.3 -e hello -- tr a-z A-Z
  dualpipe: request 1: no whole reply in 0.3s: tr .*, 0 bytes received: try --unbuffer .* (re)
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

Lines of JSON are asked through jq one by one.
  $ for i in 1 2 3; do echo "{\"a\":{\"n\":$i}}"; done | dualpipe -t 5 -l -- jq --unbuffered -c .a.n
  1
  2
  3

cat carries every byte: 2 MiB of all 256 values, both ways as they come and as one request.
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
