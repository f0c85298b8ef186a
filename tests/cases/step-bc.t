# bc says nothing to x=5: whatever the rule (the preset that applies by itself is off here), its silence is never filled with another's reply.

With -k and a limit a request without a reply costs that limit; the next gets its own, of a fresh bc.
#: needs bc
  $ for i in 1 2 3; do echo "$i*100"; echo "x=$i"; done | dualpipe --as=none -k -l -t 0.5 bc 2>err; status=$?
  > grep -c 'no whole reply in' err; grep -c replaced err; tail -n 1 err; exit $status
  100

  200

  300

  3
  2
  dualpipe: requests: in 6, answered 3, failed 3
  [123]

One that knows who is silent asks on at once, of the same bc.
#: needs bc
  $ for i in 1 2 3; do echo "x=$i"; echo 'x*100'; done | dualpipe -l --no-reply '=' bc
  100
  200
  300

A fence tells where an empty reply ends.
#: needs bc
  $ for i in 1 2 3; do echo "x=$i"; echo 'x*100'; done | dualpipe --json -l --fence 'print "{}\n"' bc | sed 's/.*"reply":\([^]]*\]\).*/\1/'
  []
  ["100"]
  []
  ["200"]
  []
  ["300"]

And with a fence a window does no harm.
#: needs bc
  $ for i in $(seq 500); do echo "x=$i"; echo 'x*100'; done | dualpipe -w 8 -l --fence 'print "{}\n"' bc >out; echo $?
  > seq 100 100 50000 | cmp - out
  0

Without -k the run ends at the limit: what comes after is not asked.
#: needs bc
  $ printf '1+1\nx=5\nx\n' | dualpipe --as=none -l -t 0.3 bc 2>/dev/null
  2
  [124]

Several bc under limits, many requests, some without a reply: all that is answered is right.
#: needs bc
#: limit 60
  $ for i in $(seq 400); do [ $((i % 40)) = 0 ] && echo "x=$i" || echo "$i*7"; done | dualpipe --as=none -k -j3 -l -t 0.5 bc 2>err >out; echo $?
  > awk '($0 == "") != (NR % 40 == 0) || ($0 != "" && $0 != NR * 7) { print NR ": " $0 }' out; wc -l <out; tail -n 1 err
  123
  400
  dualpipe: requests: in 400, answered 390, failed 10
