# Options on sessions: those that are a call's own do what they do with a child, and those of the
# start make a pool, a terminal, a window of it.

Statuses, of a child and of a session: the same.
#: limit 60
  $ child='while read -r a; do case $a in slow) until [ -e go ]; do sleep 0.01; done ;; die) exit 7 ;; kill) kill -9 $$ ;; esac; echo "$a"; done'
  > for o in '-e a -e b' '-t 0.1 -e slow' '-k -t 0.1 -e slow' '--deadline=0.1 -e slow' '-e a -e die' '-k -e a -e die' '--json -e die' '-e kill' '-q -e die' '-v -e a' '--io=nul -e a' '--io=u8 -e a' '--progress -e a' '--status-fd=1 -e a' '-t 0 -e a' '-e a -t 1'; do
  >     rm -f go; dualpipe $o -- sh -c "$child" >/dev/null 2>&1; status=$?; dualpipe -e a @s -- sh -c "$child" >/dev/null; dualpipe $o @s >/dev/null 2>&1; echo "$status $? $o"; : >go; dualpipe --stop @s 2>/dev/null; done
  0 0 -e a -e b
  124 124 -t 0.1 -e slow
  123 123 -k -t 0.1 -e slow
  124 124 --deadline=0.1 -e slow
  7 7 -e a -e die
  123 123 -k -e a -e die
  7 7 --json -e die
  137 137 -e kill
  7 7 -q -e die
  0 0 -v -e a
  0 0 --io=nul -e a
  0 0 --io=u8 -e a
  0 0 --progress -e a
  0 0 --status-fd=1 -e a
  125 125 -t 0 -e a
  125 125 -e a -t 1

What they write is the same, too.
  $ child='while read -r a; do [ "$a" != noise ] || echo "no $a" >&2; echo "$a"; done'; ask() { for o in '-e a -e noise' '--json -e a -e noise' '-v -e a -e noise' '--io=nul -e a' '--io=netstring -e a' '-f in' '-k --no-reply=^x -e a'; do dualpipe $o "$@"; done 2>&1 | sed 's/"ms":.*,"bytes"/"ms":N,"bytes"/' | sort; printf 'a\nb' | dualpipe -l "$@"; }
  > echo in >in; ask --stderr=relay -- sh -c "$child" >want; dualpipe -q -e a @s -- sh -c "$child"; ask @s >got; diff want got && wc -l <got; dualpipe --stop @s
  a
  16

--status-fd: the child's process, which is the same for each call, and no status of it, for it goes on.
  $ dualpipe --no-reply='^a$' -e a @s -- sh -c 'while read -r a; do [ "$a" = a ] || echo $$; done'; for i in 1 2; do dualpipe --status-fd=1 -n 1 -e b @s; done | sed 's/"ms":[0-9]*/"ms":N/' | sort | uniq -c | sed "s/$(dualpipe -n 1 -e b @s)/PID/"; dualpipe --stop @s
        2 PID
        2 {"event":"end","outcome":"ok","in":1,"answered":1,"failed":0,"ms":N,"maxrss_kb":0}
        2 {"event":"ready","pid":PID}

-j: calls that come together are asked together, and so are the requests of one call.
  $ dualpipe -j 2 --no-reply=0 -e 0 @j -- sh -c 'while read -r a; do [ "$a" != 0 ] || continue; : >at$a; until [ -e at1 ] && [ -e at2 ]; do sleep 0.01; done; echo "$a"; done'
  > dualpipe -n 1 -e 1 @j & dualpipe -n 1 -e 2 @j >two; wait; cat two; rm at?; printf '1\n2\n' | dualpipe @j; dualpipe --stop @j
  1
  2
  1
  2

-j, -k: a child that ends is replaced, and only its own request fails.
  $ dualpipe -j 2 -e a @j -- sh -c 'while read -r a; do [ "$a" != die ] || exit 7; echo "$a"; done'; dualpipe -k -e a -e die -e b @j 2>err; echo $?; cat err; dualpipe -e die @j; echo $?; dualpipe -e c @j; dualpipe --stop @j
  a
  a

  b
  123
  dualpipe: request 2 .worker [12].: sh: ended with status 7 before its reply was whole (re)
  dualpipe: requests: in 3, answered 2, failed 1
  dualpipe: request 1 .worker [12].: sh: ended with status 7 before its reply was whole (re)
  dualpipe: requests: in 1, answered 0, failed 1
  123
  c

--hosts, --via: workers elsewhere behind one socket; later calls need not say so, and must not contradict.
  $ dualpipe --hosts=a,b:2 --via='env AT={host}{n}' --no-reply=0 -e 0 @h -- sh -c 'while read -r a; do [ "$a" != 0 ] || continue; : >at$a; until [ -e at1 ] && [ -e at2 ] && [ -e at3 ]; do sleep 0.01; done; echo "$a on $AT"; done'
  > printf '1\n2\n3\n' | dualpipe @h | sed 's/. on //' | sort; dualpipe --hosts=a -e 1 @h; echo $?; dualpipe --via=ssh -e 1 @h; echo $?; dualpipe --sessions --json | grep -o '"workers":3'; dualpipe --stop @h
  a1
  b2
  b3
  dualpipe: option --hosts: @h: the session was started with another: a,b:2
  125
  dualpipe: option --via: @h: the session was started with another: env AT={host}{n}
  125
  "workers":3

--pty: the session's child has a terminal, of the size that was given.
  $ dualpipe --pty=30x99 -e a @t -- sh -c 'while read -r a; do stty size; done'; dualpipe -e b @t; dualpipe --pty -e c @t; echo $?; dualpipe --stop @t
  30 99
  30 99
  dualpipe: option --pty: @t: the session was started with another: 30x99
  125

-w: many under way, of several calls at once; to each its own, in order.
  $ seq 1000 >1; seq 1001 2000 >2; seq 2001 3000 >3; dualpipe -w 64 -e 0 @w cat; for i in 1 2 3; do dualpipe @w <$i >got$i & done; wait; for i in 1 2 3; do cmp $i got$i; done; dualpipe -w 8 -e 1 @w; echo $?; dualpipe --stop @w
  0
  dualpipe: option -w: @w: the session was started with another: 64
  125
