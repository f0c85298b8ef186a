# --hosts and --via: workers launched by something else, on other hosts. The host of like-ssh is
# this machine; what it does with words is what ssh does. Real ssh is in tests/system/hosts.

--via: each worker is started through it, the command's words behind its own.
  $ seq 40 >in; dualpipe -j 3 --via 'env -u NONE' -l sh -c 'while read -r a; do echo "$a"; done' <in | cmp - in

--via: {n} is the worker's number, within a word too.
  $ dualpipe -j 3 --via 'env X=w{n}{n}' -e 1 -e 2 -e 3 sh -c 'read -r a; : >at$a; until [ -e at1 ] && [ -e at2 ] && [ -e at3 ]; do sleep 0.02; done; echo $X; cat' | sort
  w11
  w22
  w33

--via chooses request mode: stdin's lines are requests.
  $ printf '1\n2\n' | dualpipe --via 'nice -n 1' cat
  1
  2

--via: its quotes are a shell's, nothing is expanded.
  $ dualpipe --via 'sh -c '\''read -r a; printf "%s|" "$@"; echo'\'' x "a  b" $HOME \" "" ~ *' -e 1 cmd 'c d'
  a  b|$HOME|"||~|*|cmd|c d|

--via: the command's words pass a launcher of docker's or srun's kind as they are.
  $ for via in 'env -i PATH=/usr/bin:/bin' 'nice -n 1' 'env -i PATH=/usr/bin:/bin {}' 'like-ssh h {q}' 'like-ssh h -- {q}' 'like-ssh h exec {q}' 'like-ssh h "cd / && exec {q}"' 'sh -c {q}'; do
  > dualpipe --via "$via" -n 11 -e x sh -c 'read -r a; printf "<%s>\n" "$@"' 'a b' "it's" '"q"' '$HOME `x` \n \\' '' '*' '~' 'two
  > lines' ';&|<>(){}!#' 'grüße' '{host} {n} {q}' 2>&1 | od -An -c | sum; done | uniq -c | sed 's/ *\([0-9]*\) .*/\1/'
  8

The same, written out.
  $ dualpipe --via 'like-ssh h {q}' -n 6 -e x sh -c 'read -r a; printf "<%s>\n" "$@"' - 'a  b' "it's" '"$HOME`\' '' '
  > grüße'
  <a  b>
  <it's>
  <"$HOME`\\> (esc)
  <>
  <
  grüße>

Words that are joined are a shell's on the host, as with ssh: what is to be expanded there.
  $ dualpipe --hosts=h --via 'like-ssh {host} --' -e x 'read -r a; echo' '$HOST' '"a   b";' cat
  h a   b

--hosts: ssh by default, which is never to ask for a password.
  $ printf '#!/bin/sh\nread -r a; for a; do printf "%%s|" "$a"; done; echo; cat\n' >ssh; chmod +x ssh; PATH=$PWD:$PATH dualpipe --hosts=u@h -e x ./filter "it's"
  -o|BatchMode=yes|-o|ConnectTimeout=10|-o|ServerAliveInterval=15|u@h|--|'./filter' 'it'\\''s'| (esc)

--hosts: workers of each in turn; N of them; -j N where no number stands.
  $ for o in --hosts=a,b:2,c '-j 2 --hosts=a,b:1' '-j 1 --hosts=a'; do dualpipe $o --via 'like-ssh {host} -- N={n} {q}' -e 1 -e 2 -e 3 -e 4 sh -c 'read -r a; echo $a at $HOST $N; until [ -e end ]; do [ $(cat pid.* | wc -l) -lt $(($1)) ] || : >end; sleep 0.02; done; cat' x $(echo $o | sed 's/.*c$/4/; s/.*1$/3/; s/.*a$/1/') | sort; rm -f end pid.*; done
  1 at a 1
  2 at b 2
  3 at c 3
  4 at b 4
  1 at a 1
  2 at b 2
  3 at a 3
  4
  1 at a 1
  2
  3
  4

--hosts from a file: one a line; comments and empty lines are left out.
  $ printf '# mine\n\nalpha:2 # fast\n  me@beta\r\n' >hosts; dualpipe --hosts=./hosts --via 'like-ssh {host} -- {q}' -e 1 -e 2 -e 3 sh -c 'read -r a; : >at$a; until [ -e at1 ] && [ -e at2 ] && [ -e at3 ]; do sleep 0.02; done; echo $HOST; cat'
  alpha
  me@beta
  alpha

Addresses in brackets.
  $ dualpipe --hosts='[::1]:2,me@[fe80::1]' --via 'like-ssh {host} {q}' -e 1 -e 2 -e 3 sh -c 'read -r a; : >at$a; until [ -e at1 ] && [ -e at2 ] && [ -e at3 ]; do sleep 0.02; done; echo $HOST; cat'
  ::1
  me@fe80::1
  ::1

--json names the host.
  $ dualpipe --hosts=a:1 --via 'like-ssh {host} {q}' --json -e 1 cat | sed 's/"ms":.*,"bytes"/"ms":,"bytes"/'
  {"n":1,"request":"1","reply":["1"],"outcome":"ok","sent":true,"ms":,"bytes":2,"worker":0,"host":"a","attempt":1}

What the launcher says on stderr comes through.
  $ dualpipe --hosts=a,b --via 'like-ssh {host} {q}' -e 1 sh -c 'read -r a; echo "$HOST: hello" >&2; echo $a; cat'; dualpipe --hosts=a,b --stderr=null --via 'like-ssh {host} {q}' -e 1 sh -c 'read -r a; echo "$HOST: hello" >&2; echo $a; cat'
  a: hello
  1
  1

Wrong lists: one line and 125.
  $ for h in '' a, -oProxyCommand=x u@-x a:0 a:x a:5000 ::1 '[::1' 'a b' ./nosuch / a:4096,b; do dualpipe --hosts="$h" -e x cat; echo $?; done 2>&1 | uniq
  dualpipe: option --hosts: : a host has no name
  125
  dualpipe: option --hosts: a,: a host has no name
  125
  dualpipe: option --hosts: -oProxyCommand=x: a host does not begin with -: it would be taken for an option
  125
  dualpipe: option --hosts: u@-x: a host does not begin with -: it would be taken for an option
  125
  dualpipe: option --hosts: a:0: behind the host's : a number of workers from 1 to 4096 is meant
  125
  dualpipe: option --hosts: a:x: behind the host's : a number of workers from 1 to 4096 is meant
  125
  dualpipe: option --hosts: a:5000: behind the host's : a number of workers from 1 to 4096 is meant
  125
  dualpipe: option --hosts: ::1: an address with colons goes in brackets: [::1]:4
  125
  dualpipe: option --hosts: [::1: [ADDRESS] or [ADDRESS]:N is meant
  125
  dualpipe: option --hosts: a b: a host's name holds no blank, comma or control character
  125
  dualpipe: option --hosts: ./nosuch: No such file or directory
  125
  dualpipe: option --hosts: /: Is a directory
  125
  dualpipe: option --hosts: a:4096,b: 4096 workers in all are the most
  125

A file that is wrong, with the line.
  $ printf 'a\n\nb:x\n' >hosts; dualpipe --hosts=./hosts cat; printf '#\n' >hosts; dualpipe --hosts=./hosts cat
  dualpipe: option --hosts: ./hosts:3: behind the host's : a number of workers from 1 to 4096 is meant
  dualpipe: option --hosts: ./hosts: it names no host
  [125]

Wrong launchers, and what does not go with one.
  $ d() { dualpipe "$@" -e x cat; echo $?; }; d --via '' 2>&1; d --via 'ssh {host}' 2>&1; d --hosts a --via 'nice' 2>&1; d --via "x 'y" 2>&1; d --hosts=a -j 0 2>&1; dualpipe --hosts=a -e x -b echo; dualpipe --via env -e x -b echo
  dualpipe: option --via: : it names no launcher
  125
  dualpipe: option --via: ssh {host}: {host} has no meaning without --hosts
  125
  dualpipe: option --via: nice: {host} stands nowhere in it: all workers would be on one host
  125
  dualpipe: option --via: x 'y: a ' is not closed
  125
  dualpipe: option -j: 0: how many processors a host has is not known here: give a number
  125
  dualpipe: option --hosts: a builtin runs in dualpipe itself and can't be launched: leave out -b
  dualpipe: option --via: a builtin runs in dualpipe itself and can't be launched: leave out -b
  [125]

A launcher that is not there: 127; one that can't be run: 126.
  $ dualpipe --via 'no-such-launcher -x' -e x cat; echo $?; dualpipe --hosts=a,b --via 'no-such-launcher {host}' -e x cat; echo $?; dualpipe --hosts=a,b --via '/ {host}' -e x cat
  dualpipe: finding the command: no-such-launcher: No such file or directory
  127
  dualpipe: finding the command: no-such-launcher: No such file or directory
  127
  dualpipe: running: /: Is a directory
  [126]

--via without --hosts: a launcher that ends is a child that ends.
  $ dualpipe --via 'like-ssh h {q}' -e x -e y sh -c 'read -r a; exit 1'; echo $?; dualpipe -k -j 2 --via 'like-ssh h {q}' -e x -e y sh -c 'read -r a; [ $a = x ] || echo $a'
  dualpipe: request 1: like-ssh: ended with status 1 before its reply was whole
  dualpipe: requests: in 1, answered 0, failed 1, not begun 1
  1

  dualpipe: request 1 (worker 1): like-ssh: ended with status 0 before its reply was whole: --fresh starts one for each request, if it answers once and ends
  y
  dualpipe: requests: in 2, answered 1, failed 1
  [123]

A host that is down at the start: its requests go to others, in order.
  $ : >down.b; seq 200 >in; dualpipe --hosts=a,b,c --via 'like-ssh {host} {q}' -l sh -c 'while read -r a; do echo "$a"; done' <in 2>err | cmp - in; grep -c . pid.a pid.c; grep ^dualpipe err
  pid.a:1
  pid.c:1
  dualpipe: worker 2 (host b): like-ssh: ended with status 255; it is tried again

The same with a window, and with retries, with --json: no request is tried twice.
  $ : >down.a; seq 300 >in; dualpipe --hosts=a:2,b:2 --retries 2 -w 8 --json --via 'like-ssh {host} {q}' -l sh -c 'while read -r a; do echo "$a"; done' <in 2>err >out; sed -n 's/.*"request":"\([0-9]*\)","reply":\["\1"\].*"host":"b","attempt":1}/\1/p' out | cmp - in

All hosts are down: each is given up, nothing is begun.
  $ : >down.a; : >down.b; dualpipe --hosts=a,b --via 'like-ssh {host} {q}' -e 1 -e 2 -e 3 cat 2>err; echo $?; grep -c ^like-ssh err; grep ^dualpipe err | sort
  123
  20
  dualpipe: giving up host: a: like-ssh ended 10 times in a row without an answer, at last with status 255
  dualpipe: giving up host: b: like-ssh ended 10 times in a row without an answer, at last with status 255
  dualpipe: requests: in 0, answered 0, failed 0, not begun 3
  dualpipe: worker 1 (host a): like-ssh: ended with status 255; it is tried again
  dualpipe: worker 2 (host b): like-ssh: ended with status 255; it is tried again

A command that the hosts don't have: the same.
  $ dualpipe -q --hosts=a:2 --via 'like-ssh {host} {q}' -e 1 no-such-command 2>err; echo $?; grep ^dualpipe err
  123
  dualpipe: giving up host: a: like-ssh ended 10 times in a row without an answer, at last with status 127
  dualpipe: requests: in 0, answered 0, failed 0, not begun 1

A request that ends the command at once, on one host: with -k the others are answered.
  $ seq 5 | dualpipe -q -k --hosts=a --via 'like-ssh {host} {q}' -l sh -c 'while read -r a; do [ $a != 1 ] && [ $a != 4 ] || exit 3; echo $a; done'

  dualpipe: request 1 (host a): like-ssh: ended with status 3 before its reply was whole
  2
  3

  dualpipe: request 4 (host a): like-ssh: ended with status 3 before its reply was whole
  5
  dualpipe: requests: in 5, answered 3, failed 2
  [123]

A host that comes up later is asked.
  $ : >down.a; : >err; dualpipe --hosts=a --via 'like-ssh {host} {q}' -e 1 -e 2 cat 2>>err & until [ "$(grep -c ^like-ssh err)" -ge 2 ]; do sleep 0.02; done; rm down.a; wait $!
  1
  2

A host that dies amid the run, with --retries: all are answered, in order, nothing twice.
  $ seq 3000 >in; mkfifo up; (until [ "$(tail -n 1 out 2>/dev/null)" -ge 100 ] 2>/dev/null; do sleep 0.01; done; : >down.b; kill -9 $(cat pid.b)) &
  > dualpipe --retries 1 --hosts=a,b,c -w 4 --via 'like-ssh {host} {q}' -l sh -c 'while read -r a; do echo "$a"; [ $((a % 100)) != 0 ] || sleep 0.1; done' <in 2>err >out; cmp out in; wait; grep -c 'ended by signal 9 (Killed); it is tried again' err
  1

Without --retries what it had been sent fails, each named with its host; the books add up.
  $ seq 600 >in; (until [ "$(tail -n 1 out 2>/dev/null)" -ge 50 ] 2>/dev/null; do sleep 0.01; done; : >down.b; kill -9 $(cat pid.b)) &
  > dualpipe -k --hosts=a,b --via 'like-ssh {host} {q}' -w 3 -l sh -c 'while read -r a; do echo "$a"; [ $((a % 20)) != 0 ] || sleep 0.1; done' <in 2>err >out; echo $?; wait; wc -l <out
  > n=$(grep -c 'request [0-9]* (worker 2, host b): like-ssh: ended by signal 9' err); [ "$n" -le 3 ] && [ $n = $(grep -c '^$' out) ]; echo $?; grep -cx "dualpipe: requests: in 600, answered $((600 - n)), failed $n" err
  123
  600
  0
  1

--ready proves a host before anything is sent.
  $ : >down.a; dualpipe --hosts=a,b --ready '^up$' --json --via 'like-ssh {host} "echo up; exec {q}"' -e 1 -e 2 -e 3 cat 2>err | grep -c '"host":"b","attempt":1'
  3

--start-timeout: a host that does not answer in time is one that is down.
  $ dualpipe --hosts=a,b --ready '^up$' --start-timeout 0.3 --via 'like-ssh {host} "[ {host} = b ] || exec sleep 100; echo up; exec {q}"' -e 1 -e 2 cat
  dualpipe: worker 1 (host a): not ready in time
  1
  2

-t: a launcher that takes longer than it: the limit of the first reply begins when the child is
there.
  $ seq 6 | dualpipe -q -k -t $SLOW -j 2 --via="sh -c 'sleep $((2 * SLOW)); exec \"\$@\"' x" -l cat
  1
  2
  3
  4
  5
  6

-t: a launched child that has answered before has that limit and no more, and so has one that
--ready has proved.
  $ d() { dualpipe -t 0.3 --start-timeout 1h --via env "$@" 2>err; echo $?; sed -n 's/\(no whole reply in 0.3s\).*/\1/p' err; }
  > d --ready '^up$' -e a sh -c 'echo up; read -r a; exec sleep 100'; d -e a -e b sh -c 'read -r a; echo $a; exec sleep 100'
  124
  dualpipe: request 1: no whole reply in 0.3s
  a
  124
  dualpipe: request 2: no whole reply in 0.3s

--fresh on hosts: a child of its own for each request; a silent one has answered.
  $ : >down.a; dualpipe -k --fresh --hosts=a,b --via 'like-ssh {host} {q}' -e 1 -e 2 -e 3 grep -v 2 2>err; echo $?; grep -v ^like-ssh err
  1
  3
  123
  dualpipe: worker 1 (host a): like-ssh: ended with status 255; it is tried again
  dualpipe: request 2 (worker 2, host b): like-ssh: ended with status 1
  dualpipe: requests: in 3, answered 2, failed 1

One worker on one host is as several: its status is not ours.
  $ dualpipe --hosts=a --via 'like-ssh {host} {q}' -e 1 sh -c 'read -r a; echo $a; exit 3'
  1

A preset's command, launched.
#: needs bc
  $ dualpipe -a bc --hosts=a,b --via 'like-ssh {host} {q}' -e 2^70 -e 6*7
  1180591620717411303424
  42

A tree: dualpipe on each host, asked by one here; in order.
  $ seq 2000 >in; dualpipe --hosts=a,b --via 'like-ssh {host} -- {q}' -w 16 -l -- dualpipe -w 4 -j 2 -l -- cat <in | cmp - in

A tree, by words that are joined.
  $ seq 100 >in; dualpipe --hosts=a,b --via 'like-ssh {host} --' -w 16 -l -- dualpipe -j 2 -l cat <in | cmp - in

A tree whose filter fails on some: with -k inside each has its place, an empty line.
  $ for i in $(seq 300); do [ $((i % 50)) = 0 ] && echo || echo $i; done >want
  > seq 300 | dualpipe --hosts=a,b --via 'like-ssh {host} -- {q}' -w 16 -l -- dualpipe -k -j 2 -l -- sh -c 'while read -r a; do [ $((a % 50)) != 0 ] || exit 3; echo $a; done' >out 2>err; echo $?; cmp out want; grep -c 'ended with status 3' err
  > grep -h 'requests: in' err | tr -dc '0-9 \n' | { i=0 f=0; while read -r in answered failed; do i=$((i + in)) f=$((f + failed)); done; echo $i $f; }
  0
  6
  300 6

A tree with --json inside: what failed is told at the root, each once.
  $ seq 100 | dualpipe --hosts=a,b --via 'like-ssh {host} -- {q}' -w 8 -l -- dualpipe -k --json -j 2 -l -- sh -c 'while read -r a; do [ $((a % 25)) != 0 ] || exit 3; echo $a; done' >out 2>err; echo $?; wc -l <out; grep -c '"outcome":"ok"' out; sed -n 's/.*"request":"\([0-9]*\)".*"outcome":"ended".*/\1/p' out
  0
  100
  96
  25
  50
  75
  100

A tree without -k inside: a dualpipe that ends fails what it was sent, and is started again; the books of the root add up.
  $ seq 200 | dualpipe -k --hosts=a,b --via 'like-ssh {host} -- {q}' -w 4 -l -- dualpipe -q -l -- sh -c 'while read -r a; do [ $((a % 50)) != 0 ] || exit 3; echo $a; done' >out 2>err; echo $?; wc -l <out; f=$(grep -c '^$' out); grep -cx "dualpipe: requests: in 200, answered $((200 - f)), failed $f" err
  > awk '$0 != "" && $0 != NR' out
  123
  200
  1

At the end no launcher is left, also after a signal.
  $ ending dualpipe --hosts=a:2,b --via 'like-ssh {host} {q}' -e 1 -e 2 -e 3 sh -c 'read -r a; : >at$a; exec sleep 100' 2>how & until [ -e at1 ] && [ -e at2 ] && [ -e at3 ]; do sleep 0.02; done; pkill -TERM -P $! dualpipe; wait $!; cat how
  dualpipe: requests: in 3, answered 0, failed 3
  killed TERM
