# -j, -w, --unordered, --max-requests: many requests under way, each answered once, in order.

-j N: replies in the order of the requests.
  $ seq 500 >in; dualpipe -j 4 -l -b sleep 1ms <in | cmp - in

-j N: so many children, and no more than there are requests.
  $ for j in 1 3; do dualpipe -j $j -e a -e b -e c -e d sh -c 'echo $$ >>pids; while read -r a; do echo "$a"; until [ $(wc -l <pids) -ge '$j' ]; do sleep 0.02; done; done'; sort -u pids | wc -l; rm pids; done
  a
  b
  c
  d
  1
  a
  b
  c
  d
  3

#: limit 60
Children are started when they are needed: one request after another needs one.
  $ mkfifo in; dualpipe -j 5 -l --status-fd 4 cat <in >out 4>status & exec 3>in
  > for i in 1 2 3; do echo $i >&3; until [ "$(tail -n 1 out)" = $i ]; do :; done; done; exec 3>&-; wait $!; cat out; grep -c '"ready"' status
  1
  2
  3
  1

-j 0: one for each processor that we may use.
  $ dualpipe -j 0 --status-fd 4 -l sh -c 'while read -r a; do : >at$a; until [ -e at'$(nproc)' ]; do sleep 0.02; done; echo $a; done' 4>status <<.
  > $(seq $(nproc))
  > .
  > [ $(grep -c '"ready"' status) = $(nproc) ]
  (*)

A reply waits for those before it.
  $ dualpipe -j 2 -e a -e b sh -c 'read -r a; [ $a = b ] || until [ -e b ]; do sleep 0.02; done; echo $a; : >$a; cat'
  a
  b

--unordered: as they come.
  $ dualpipe -j 2 --unordered -e a -e b -e c sh -c 'while read -r a; do [ $a != a ] || until grep -q c out; do sleep 0.02; done; echo $a; done' >out; cat out
  b
  c
  a

--unordered: each once.
  $ seq 2000 >in; dualpipe -j 4 -w 5 --unordered -l cat <in | sort -n | cmp - in

Replies of many lines are never mixed.
  $ for i in $(seq 100); do for j in 1 2 3; do echo $i.$j; done; done >want
  > seq 100 | dualpipe -j 4 -n 3 -l sh -c 'while read -r a; do for j in 1 2 3; do echo $a.$j; done; done' | cmp - want

-w N: so many requests are sent before a reply is awaited.
  $ seq 7 | dualpipe -w 3 -l sh -c 'read -r a; read -r b; read -r c; timeout 0.2 head -c 1 | wc -c >&2; printf "%s\n" $a $b $c; cat' 2>&1
  0
  1
  2
  3
  4
  5
  6
  7

-w N: two replies in one chunk are two.
  $ dualpipe -w 2 --json -n 2 -e a -e b sh -c 'read -r a; read -r b; printf "1\n2\n3\n4\n"; cat' | sed 's/.*"reply":\(\[[^]]*\]\).*/\1/'
  ["1","2"]
  ["3","4"]

#: long
-w N with -u: replies of different lengths in one chunk.
  $ for i in $(seq 200); do seq $((i % 7)); echo end; done >want
  > seq 200 | dualpipe -w 20 -u '^end$' -l sh -c 'while read -r i; do seq $((i % 7)); echo end; done' | cmp - want

-w N and requests that draw no reply.
  $ dualpipe -w 4 --no-reply '^x' -e x=1 -e 'echo $x' -e x=2 -e 'echo $x' sh
  1
  2

-w N: a limit is counted from when its request is the oldest.
  $ dualpipe -w 4 -t 2 -e 1 -e 2 -e 3 -e 4 sh -c 'while read -r a; do sleep 0.7; echo $a; done'
  1
  2
  3
  4

-w N: what comes after more replies than requests is stray.
  $ dualpipe -w 2 -e a -e b sh -c 'read -r a; read -r b; printf "1\n2\n3\n"; cat'
  1
  2
  dualpipe: unexpected output: 2 bytes after request 2: "3": a reply may be longer than its rule says: try --fence or -u
  [123]

-w N and -j N together.
  $ seq 3000 >in; dualpipe -j 3 -w 50 -l cat <in | cmp - in

A window of big requests: both pipes full.
  $ for i in $(seq 40); do head -c 60000 /dev/zero | tr '\0' a; echo; done >in; dualpipe -w 40 -l cat <in | cmp - in

A window of big requests, and a child that writes much before it reads the next.
  $ for i in $(seq 30); do head -c 9000 /dev/zero | tr '\0' a; echo; done >in; for i in $(seq 30); do seq 20000; done >want
  > dualpipe -w 30 -n 20000 -l sh -c 'while read -r a; do seq 20000; done' <in | cmp - want

-w and input that comes slowly: nobody waits for the window to be full.
  $ mkfifo in; dualpipe -w 10 -j 2 -l cat <in >out & exec 3>in
  > for i in 1 2 3; do echo $i >&3; until [ "$(tail -n 1 out)" = $i ]; do :; done; done; exec 3>&-; wait $!; cat out
  1
  2
  3

Input is read no further ahead than the windows need.
  $ mkfifo in; dualpipe -j 2 -w 2 -l sh -c 'read -r a; until [ -e go ]; do sleep 0.02; done; echo $a; cat' <in >out &
  > { seq 4; : >four; yes; } >in & until [ -e four ]; do :; done; : >go; until grep -qs y out; do :; done; kill -TERM $! 2>/dev/null; kill -TERM %1; wait
  > head -n 5 out 2>/dev/null
  (*)
  1
  2
  3
  4
  y

--max-requests N: then a fresh child; its state is lost.
  $ seq 6 | dualpipe --max-requests 2 -l sh -c 'n=0; while read -r a; do n=$((n+1)); echo $a $n; done'
  1 1
  2 2
  3 1
  4 2
  5 1
  6 2

--max-requests: the pids change, and the old child may end by itself.
  $ seq 4 | dualpipe --max-requests 1 -l sh -c 'read -r a; echo $$; cat; echo ended >>ends' | sort -u | wc -l; wc -l <ends
  4
  4

--max-requests with --setup and --quit: each child has its own.
  $ dualpipe --max-requests 2 -n 0 --setup 'echo s >>log' --quit 'echo q >>log' -n 1 -e 'echo 1' -e 'echo 2' -e 'echo 3' sh; cat log
  1
  2
  3
  s
  q
  s
  q

--max-requests with -j and -w.
  $ seq 300 >in; dualpipe -j 3 -w 4 --max-requests 7 --status-fd 4 -l sh -c 'n=0; while read -r a; do n=$((n+1)); [ $n -le 7 ] || echo too many; echo "$a"; done' <in 4>status | cmp - in
  > [ $(grep -c '"ready"' status) -ge 43 ] || cat status

--max-requests inf.
  $ seq 3 | dualpipe --max-requests inf -l sh -c 'n=0; while read -r a; do n=$((n+1)); echo $n; done'
  1
  2
  3

--fresh -j: children side by side.
  $ dualpipe --fresh -j 3 -e a -e b -e c sh -c 'read -r a; : >at$a; until [ -e ata ] && [ -e atb ] && [ -e atc ]; do sleep 0.02; done; echo $a; cat; echo end'
  a
  end
  b
  end
  c
  end

--fresh -j, in order, however long each takes.
  $ seq 100 >in; dualpipe --fresh -j 4 -l sh -c 'read -r a; [ $((a % 3)) != 0 ] || sleep 0.01; echo $a' <in | cmp - in

Every worker is set up first, and has its --quit.
  $ dualpipe -j 2 -n 0 --setup 'echo s >>log' --quit 'echo q >>log; exit' -n 1 -e ': >at1; until [ -e at2 ]; do sleep 0.02; done; echo 1' -e ': >at2; until [ -e at1 ]; do sleep 0.02; done; echo 2' sh; sort log
  1
  2
  q
  q
  s
  s

--ready is of every worker.
  $ seq 50 >in; dualpipe -j 3 --ready '^ok$' -l sh -c 'echo hello; echo ok; cat' <in | cmp - in

Requests of several kinds, on several children.
  $ dualpipe -j 3 -n 2 -e 'seq 2' -u '^e' -e 'echo 1; echo e' -n 0 -e : -n 1 -e 'echo 3' --fence 'echo {}' -e 'seq 3' sh
  1
  2
  1
  e
  3
  1
  2
  3

-j: what the children say on stderr comes through, whole lines of it.
  $ seq 200 | dualpipe -j 4 -l sh -c 'while read -r a; do echo "e $a" >&2; echo $a; done' 2>err | wc -l; sort -u err | wc -l; grep -cxE 'e [0-9]+' err
  200
  200
  200

-j 1 is as no -j at all: pieces as they come, the child's own status.
  $ dualpipe -j 1 -e a sh -c 'cat; exit 3'
  a
  [3]

With -j the status is no child's.
  $ dualpipe -j 2 -e a sh -c 'read -r a; echo $a; exit 3'
  a

A last line without its end is a reply: the next child's begins anew.
  $ seq 5 | dualpipe -j 2 -l sh -c 'read -r a; printf "$a:x"'
  1:x
  2:x
  3:x
  4:x
  5:x

A message that ends with a 0 likewise.
  $ printf 'a\0b\0' | dualpipe -k --frame=nul sh -c 'head -c 1 >/dev/null; printf x' | od -An -c | tr -d ' '
  x\0x\0

A file is left behind the last request of which something was sent.
  $ seq 10 >ten; (dualpipe -w 3 -l sh -c 'read -r a; echo $a; read -r b; echo $b' 2>err; echo "status $?"; cat >rest) <ten
  > in=$(sed -n 's/.* in \([0-9]*\), answered 2, .*, the rest of stdin not begun$/\1/p' err); [ $((in + $(wc -l <rest))) = 10 ] && tail -n 1 rest
  1
  2
  status 123
  10

So too if the child takes no more.
  $ seq 10 >ten; (dualpipe -l sh -c 'read -r a; exec <&-; echo $a' 2>/dev/null; echo "status $?"; head -n 1) <ten
  1
  status 123
  2

A worker that is silent keeps no other from what is at hand: that goes on, though its replies wait for their turn.
  $ cat >one-mute <<'END'
  > mkdir first 2>/dev/null && exec tee got
  > until [ -e go ]; do sleep 0.02; done; exec cat
  > END
  > for w in 1 4 auto; do rm -rf first got go; seq 1000 >in; dualpipe -j2 -w $w -l sh ./one-mute <in >out & until [ "$(grep -c . got 2>/dev/null)" -ge 900 ] 2>/dev/null; do sleep 0.02; done; : >go; wait $!; cmp in out && echo same; done
  same
  same
  same

More children than descriptors: those that fit go on, and it is told once.
  $ seq 300 >in; (ulimit -n 64; dualpipe -j 200 -l cat <in 2>err) | cmp - in; cat err
  dualpipe: making (a pipe|pipes) for: cat: Too many open files: the run goes on with fewer children: see ulimit -a, or lower -j (re)

The soft limit is raised for them, but not for the children.
  $ (ulimit -Sn 64; seq 30 | sed 's/.*/ulimit -Sn/' | dualpipe -j 30 -l --status-fd 4 -- sh 4>status | sort | uniq -c); [ "$(grep -c '"ready"' status)" -gt 1 ]
       30 64
