# The fate of a request is known: what the child can't have read is answered by nothing.

The child closes its stdin behind its first reply, and prints something else.
  $ dualpipe --json -e a -e b -- sh -c 'read a; exec <&-; echo "re $a"; sleep .5; echo unrelated; sleep .5' 2>/dev/null | sed 's/,"ms.*//'; dualpipe -e a -e b -- sh -c 'read a; exec <&-; echo "re $a"; echo unrelated' >out 2>/dev/null; echo $?; cat out
  {"n":1,"request":"a","reply":["re a"],"outcome":"ok","sent":true
  {"unexpected":"unrelated\n","after":1}
  {"n":2,"request":"b","outcome":"not-started","sent":false
  123
  re a

It lies in the pipe when the child closes its stdin.
  $ dualpipe --json -n1 -e a -e b -e c -- sh -c 'read a; echo "re $a"; sleep .3; exec <&-; echo 1; echo 2; sleep .3' 2>err | sed 's/,"ms.*//; /unexpected/d'; grep -v unexpected err
  {"n":1,"request":"a","reply":["re a"],"outcome":"ok","sent":true
  {"n":2,"request":"b","outcome":"ended","sent":true
  dualpipe: request 2: sh: ended with status 0 before its reply was whole: --fresh starts one for each request, if it answers once and ends
  dualpipe: requests: in 2, answered 1, failed 1, not begun 1

A child that prints and reads nothing answers nothing.
  $ dualpipe -n1 -e a -e b -- sh -c 'echo 1; echo 2; echo 3; sleep 0.2' 2>/dev/null; echo $?
  > dualpipe -n1 -e a -- sh -c 'while :; do echo 1; sleep .05; done' 2>err; echo $?; grep -v unexpected err
  123
  123
  dualpipe: request 1: sh: was replaced before its reply was whole: it printed something before it had read the request
  dualpipe: requests: in 1, answered 0, failed 1

It reads ten bytes of a longer request, then prints.
  $ dualpipe -e abcdefghijklmnopqrst -- sh -c 'head -c 10 >/dev/null; exec <&-; echo 1; sleep 0.2' >part 2>/dev/null
  [123]

The line end may be left over.
  $ dualpipe -e a -- sh -c 'head -c 1; echo'
  a

A part was delivered: a megabyte, of which it reads a little.
  $ head -c 1000000 /dev/zero | tr '\0' x >in; dualpipe -f in -- sh -c 'head -c 100 >/dev/null; exec <&-; echo 1; sleep 0.2' >part 2>/dev/null
  [123]

A window: none of the requests behind gets what is printed. One by one it may, before we can know, but the run fails.
  $ for o in -w4 '-w4 -j2' -j3 -w1; do
  >     seq 8 | dualpipe -k $o -n1 -l -- sh -c 'read a; echo "$a"; exec <&-; echo x; echo x; echo x; sleep .1' >out 2>/dev/null
  >     echo "$? $(case $o in -w4*) grep -c x out; esac)"
  > done
  123 0
  123 0
  123\x20 (esc)
  123\x20 (esc)

--fresh: all that the child prints is the reply to its only request, read or not.
  $ printf 'a\nb\n' | dualpipe --fresh -l -- sh -c 'echo x'
  x
  x

A request without a reply that can't have been read has failed.
  $ dualpipe -n1 -e a -n0 -e b -- sh -c 'read a; exec <&-; echo "$a"; sleep .3' 2>/dev/null
  a
  [123]

Lines that came behind a reply, while a request waited unread that another child then answered.
  $ for end in exit 'exec <&-; exit' 'exec <&-; sleep 0.1; echo more'; do rm -rf first; dualpipe -n 1 -w 2 --retries=1,partial -e a -e b sh -c 'if mkdir first 2>&-; then read -r a; echo $a; echo more; '"$end"'; else cat; fi' >out 2>err; echo $?; cat out; grep -c 'bytes after request 1: "more"' err; done
  123
  a
  b
  1
  123
  a
  b
  1
  123
  a
  b
  1

Of a batch one was answered, but not read, and the next was answered by another child.
  $ printf 'a\nb\nc\n' | dualpipe -n1 -w 3 -k --retries=1 -l sh -c 'if mkdir first 2>&-; then read -r a; echo $a; sleep .2; echo x; exit; else cat; fi' 2>&1 | sort | head -n 1
  a

A part of a batch is answered, then lines come that answer more than was read: the books add up.
  $ printf 'a\nb\nc\n' | dualpipe -n 1 -w 3 -k -l sh -c 'read -r a; echo $a; sleep 0.2; echo x; echo y; sleep 1' 2>&1 | sed -n '$s/[12]/N/gp'
  dualpipe: requests: in 3, answered N, failed N

A request of several under way draws no reply: that isn't hidden by asking another child.
#: needs bc
  $ printf 'x=1\nx\nx+1\n' | dualpipe -l -w 3 -t 1 --retries=1 -- bc 2>/dev/null
  1
  2
  [124]

A child that answers before it has read the last line of a request, but reads it then, is right; one that never does isn't.
  $ dualpipe -n 1 -e 'a
  > b' -- sh -c 'read -r a; echo $a; sleep 0.2; read -r b'; echo $?; dualpipe -q -n 1 -e 'a
  > b' -- sh -c 'read -r a; echo $a; sleep 2'; echo $?
  a
  0
  a
  dualpipe: request 1: sh: what was taken for its reply is none: it had not read the whole request
  123
