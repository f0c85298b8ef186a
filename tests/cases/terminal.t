# --unbuffer and --pty: a child whose streams are a terminal.

--unbuffer: a program that holds its output back in a pipe answers at once.
  $ dualpipe --unbuffer -e a -e b tr a-z A-Z; dualpipe --unbuffer -e a -e b sed s/a/c/
  A
  B
  c
  b

#: needs python3
--unbuffer: python3 as well.
  $ dualpipe --unbuffer -e a -e b python3 -c 'import sys
  > for line in sys.stdin: print(line.strip() * 2)'
  aa
  bb

--unbuffer: stdout alone is a terminal.
  $ dualpipe --unbuffer -n 3 -e x sh -c 'read x; for fd in 0 1 2; do [ -t $fd ] && echo $fd is one || echo $fd is none; done' 2>err
  0 is none
  1 is one
  2 is none

--unbuffer: it is raw: no byte is changed, either way.
  $ dualpipe --unbuffer --fence 'echo {}' -e 'printf "a\r\n\tb\003\004\021\023\032\177\377\0\n"' sh | od -An -tx1
   61 0d 0a 09 62 03 04 11 13 1a 7f ff 00 0a

--unbuffer: nothing is echoed.
  $ dualpipe --unbuffer -e a -b upper
  A

--unbuffer: it is no controlling terminal.
  $ dualpipe --unbuffer -e x sh -c 'read x; if (: </dev/tty) 2>/dev/null; then echo one; else echo none; fi; cat'; dualpipe --unbuffer -e x sh -c 'read -r x; read -r a b c d e f tty rest </proc/self/stat; echo $tty; cat'
  none
  0

--unbuffer: TERM, NO_COLOR, PAGER, PYTHONUNBUFFERED for a program that looks at them.
  $ TERM=xterm PAGER=less dualpipe --unbuffer -e x sh -c 'read x; echo $TERM $NO_COLOR $PAGER $PYTHONUNBUFFERED; cat'; TERM=xterm dualpipe -e x sh -c 'read x; echo $TERM $NO_COLOR $PAGER $PYTHONUNBUFFERED; cat'
  dumb 1 cat 1
  xterm

--unbuffer: each of them once, and the rest of the environment as it was.
  $ A=1 TERM=xterm NO_COLOR=0 dualpipe --unbuffer --fresh --await env | grep -E '^(TERM|NO_COLOR|PAGER|PYTHONUNBUFFERED|A)=' | sort
  A=1
  NO_COLOR=1
  PAGER=cat
  PYTHONUNBUFFERED=1
  TERM=dumb

--unbuffer: ls is in columns no more than it must, grep has no colour.
  $ touch a b; dualpipe --unbuffer --fresh --await ls --color=auto | tr -s ' \n' '\n'; echo xay | dualpipe --unbuffer grep --color=auto a | od -An -c
  a
  b
     x   a   y  \n

--unbuffer in a stream, with the child's status.
  $ seq 100000 >f; dualpipe --unbuffer sh -c 'cat; exit 3' <f | cmp - f; dualpipe --unbuffer sh -c 'exit 3'
  [3]

--unbuffer: 64 KiB that nobody has read yet when the child ends are read.
  $ dualpipe --unbuffer --fresh --await sh -c 'seq 20000; exit 0' | tail -n 1; dualpipe --unbuffer seq 200000 | tail -n 1
  20000
  200000

--unbuffer: many children.
  $ seq 100 >in; dualpipe --unbuffer -j 3 -l sed 's/$//' <in | cmp - in

--pty: stdin, stdout and stderr are a terminal of the child's own, its controlling one.
  $ dualpipe --pty -n 4 -e x sh -c 'read x; for fd in 0 1 2; do [ -t $fd ] && echo $fd is one || echo $fd is none; done; : </dev/tty && echo tty' 2>err; cat err
  0 is one
  1 is one
  2 is one
  tty

--pty: raw: no byte is changed, nothing is echoed.
  $ dualpipe --pty -n 1 -e "$(printf 'a\r\tb\003\004\021\023\032\177\377')" cat | od -An -tx1
   61 0d 09 62 03 04 11 13 1a 7f ff 0a

--pty: and what the child writes.
  $ dualpipe --pty -n 2 -e x sh -c 'read x; printf "a\r\n\tb\003\004\021\023\032\177\377\0\n"; cat' | od -An -tx1
   61 0d 0a 09 62 03 04 11 13 1a 7f ff 00 0a

--pty: raw is its default; raw may be said.
  $ dualpipe --pty=raw -e a cat
  a

--pty: 24 rows of 80 columns, or as said.
  $ for o in --pty --pty=33x99 --pty=raw,10x20 --pty=cooked --pty=cooked,5x132 --pty=5x132,cooked; do dualpipe $o -e x sh -c 'read x; stty size; cat'; done
  24 80
  33 99
  10 20
  24 80
  5 132
  5 132

--pty with words that are none, and sizes.
  $ for v in x 24 24x 24x0 0x80 24x80x2 24x99999 cookd; do dualpipe --pty=$v -e a touch started 2>&1 | sed 's/: [^:]*$//'; done; ls
  dualpipe: option --pty: x
  dualpipe: option --pty: 24
  dualpipe: option --pty: 24x
  dualpipe: option --pty: 24x0
  dualpipe: option --pty: 0x80
  dualpipe: option --pty: 24x80x2
  dualpipe: option --pty: 24x99999
  dualpipe: option --pty: cookd

--pty: a line of 5000 bytes arrives whole.
  $ head -c 5000 /dev/zero | tr '\0' x >big; echo >>big; dualpipe --pty -f big sh -c 'read -r x; echo ${#x}; cat'
  5000

--pty: a message of 1 MB there and back.
  $ head -c 700000 /dev/urandom | base64 -w 0 >big; echo >>big; dualpipe --pty -f big cat | cmp - big

--pty=cooked: a line of 5000 bytes is refused before it is sent.
  $ head -c 5000 /dev/zero | tr '\0' x >big; echo >>big; dualpipe --pty=cooked -f big sh -c 'while read -r x; do echo ${#x}; done'
  dualpipe: request 1: a line of it is longer than the 4095 bytes of a cooked terminal
  dualpipe: requests: in 1, answered 0, failed 1
  [122]

--pty=cooked: it ends the run, as any failed request does; with -k the next is asked, and none of it was sent.
  $ head -c 5000 /dev/zero | tr '\0' x >big; echo >>big; for o in '' -k; do dualpipe $o --pty=cooked -f big -e abc sh -c 'while read -r x; do echo ${#x}; done'; echo $?; done
  dualpipe: request 1: a line of it is longer than the 4095 bytes of a cooked terminal
  dualpipe: requests: in 1, answered 0, failed 1, not begun 1
  122

  dualpipe: request 1: a line of it is longer than the 4095 bytes of a cooked terminal
  3
  dualpipe: requests: in 2, answered 1, failed 1
  123

--pty=cooked: 4095 bytes are taken.
  $ head -c 4094 /dev/zero | tr '\0' x >big; echo >>big; dualpipe --pty=cooked -f big sh -c 'read -r x; echo ${#x}; cat'
  4094

--pty=cooked: many lines of one request.
  $ seq 20000 >f; dualpipe --pty=cooked -f f sh -c 'n=0; while read -r x; do n=$((n+1)); [ $x = 20000 ] && break; done; echo $n; cat'
  20000

--pty=cooked: no echo; line ends are as the child wrote them.
  $ dualpipe --pty=cooked -n 2 -e abc sh -c 'read -r a; echo $a; printf "x\r\n"; cat' | od -An -c
     a   b   c  \n   x  \r  \n

--pty=cooked: control bytes are no keys: they arrive, but end of file's.
  $ dualpipe --pty=cooked -e "$(printf 'a\003\032\034\025\027b')" cat | od -An -tx1
   61 03 1a 1c 15 17 62 0a

--pty=cooked --fresh: the end of file is a character.
  $ dualpipe --pty=cooked --fresh -e 'b
  > a' -e c sort
  a
  b
  c

--pty=cooked --fresh: twice behind an unfinished line.
  $ printf 'b\na' >f; dualpipe --pty=cooked --fresh -f f cat
  b
  a (no-eol)

--pty=cooked --fresh: a request without a byte.
  $ : >f; dualpipe --pty=cooked --fresh -f f wc -c
  0

Stream mode on a cooked terminal, from a file and from a pipe.
  $ printf 'b\na\n' >f; dualpipe --pty=cooked sort <f; printf 'd\nc' | dualpipe --pty=cooked sort; dualpipe --pty=cooked cat </dev/null
  a
  b
  c
  d

Stream mode on a cooked terminal: 1 MB of lines.
  $ seq 150000 >f; dualpipe --pty=cooked cat <f | cmp - f

Stream mode on a cooked terminal: a line that is too long is 122, and no part of it arrives as a line.
  $ { echo a; until [ -s got ]; do sleep 0.02; done; head -c 5000 /dev/zero | tr '\0' x; echo; echo b; } | dualpipe --pty=cooked sh -c 'while read -r x; do echo ${#x} >>got; done' 2>err; echo $?; cat got; grep -c 'cooked' err
  122
  1
  1

Stream mode on a raw terminal: our stdin has an end, which it can't be told.
  $ printf 'b\na\n' >f; timeout -s KILL 20 dualpipe --pty sort <f 2>&1 | grep -cE 'pty=cooked|cooked'
  1

Stream mode on a raw terminal from a stdin that doesn't end: until the child has ended.
  $ mkfifo never; exec 3<>never; echo a >&3; timeout 20 dualpipe --pty sh -c 'read -r x; echo "<$x>"; exit 4' <never
  <a>
  [4]

End of its terminal with 64 KiB unread: all is read.
  $ { dualpipe --pty=cooked --fresh --await sh -c 'seq 20000' | cksum; dualpipe --pty -n 20000 -e x sh -c 'read -r x; seq 20000; exit 0' | cksum; seq 20000 | cksum; } | uniq | wc -l
  1

Its status, and a signal's.
  $ dualpipe --pty -e a sh -c 'read -r x; echo $x; exit 7'; echo $?; dualpipe --pty -e a sh -c 'read -r x; exit 8' 2>/dev/null; echo $?; dualpipe --pty -e a sh -c 'read -r x; kill -9 $$' 2>/dev/null; echo $?
  a
  7
  8
  137

--pty --fresh is refused: a raw terminal has no end of file.
  $ dualpipe --pty --fresh -e x touch started; echo $?; ls
  dualpipe: option --fresh: a raw terminal has no end of file: --pty=cooked has
  125

--pty --foreground is refused; --unbuffer --foreground is not.
  $ dualpipe --pty --foreground touch started; echo $?; ls; dualpipe --unbuffer --foreground -e a tr a b
  dualpipe: option --pty: a terminal of its own needs a session of its own: leave out --foreground
  125
  b

--pty: a prompt that the child shows on a terminal alone.
  $ dualpipe --pty -p '(#|\$) $' -e 'echo a' -e 'x=3' -e 'echo $x' --quit exit sh
  a
  3

--pty: with requests its environment is that of --unbuffer, and turns line editing off; in a stream it is as it was.
  $ TERM=xterm INPUTRC=/etc/inputrc dualpipe --pty -n 6 -e x sh -c 'read -r x; env | grep -E "^(TERM|NO_COLOR|PAGER|PYTHONUNBUFFERED|INPUTRC|NODE_NO_READLINE)=" | sort; cat'; echo | TERM=xterm INPUTRC=/etc/inputrc dualpipe --pty=cooked sh -c 'read -r x; echo $TERM $INPUTRC $NODE_NO_READLINE; exit'
  INPUTRC=/dev/null
  NODE_NO_READLINE=1
  NO_COLOR=1
  PAGER=cat
  PYTHONUNBUFFERED=1
  TERM=dumb
  xterm /etc/inputrc

#: needs bc
--pty: a banner that is printed on a terminal alone is told, and taken for no answer; line editing leaves no bytes in one.
  $ printf 'set enable-bracketed-paste on\nset editing-mode vi\nset show-mode-in-prompt on\n' >.inputrc
  > for o in '--pty -e 1+1' '--pty -a bc -e 1+1' '--pty=cooked -a bc -e 1+1'; do dualpipe $o -e 2+2 bc 2>err; echo $?; sed '/^dualpipe: ending: /d; s/: [0-9]* bytes.*"bc .*"//; s/: try.*//' err; done
  2
  4
  123
  dualpipe: unexpected output: not taken for a reply
  2
  4
  0
  2
  4
  0

--pty: what comes late in front of the first request is waited for, as on a pipe.
  $ dualpipe --pty -e a -- sh -c 'printf "\033[?2004h"; sleep .2; echo hello; read -r l; echo "$l"; cat' 2>&1
  dualpipe: unexpected output: 14 bytes before request 1: "\\x1b[?2004hhello": not taken for a reply: try --ready with how its greeting ends (esc)
  a
  [123]

--pty: what it writes to /dev/tty is part of its replies.
  $ dualpipe --pty -n 2 -e x sh -c 'read -r x; echo 1 >/dev/tty; echo 2; cat'
  1
  2

--pty: a password that is asked for on /dev/tty.
  $ dualpipe --pty=cooked -p ': $' -e secret -n 1 -e again sh -c 'printf "Password: " >/dev/tty; stty -echo </dev/tty; read -r p </dev/tty; printf "Again: "; read -r q; echo "$p $q"; cat' | tr '\n' ' '
  Againsecret again\x20 (esc) (no-eol)

--pty --stderr=relay: stderr is a pipe, and not part of replies.
  $ dualpipe --pty --stderr=relay -e a sh -c 'read -r a; [ -t 2 ] && echo e tty >&2 || echo e >&2; echo $a; cat' 2>err; cat err
  a
  e

--pty with -j and -k: each child has a terminal of its own.
  $ dualpipe --pty -j 2 -e 1 -e 2 sh -c 'read -r a; tty >>ttys; : >at$a; until [ -e at1 ] && [ -e at2 ]; do sleep 0.02; done; echo $a; exit' ; sort -u ttys | wc -l
  1
  2
  2

A child that dies of its terminal's hang-up, and one that ignores it.
  $ dualpipe --pty --grace 0.2 -t 0.3 -e a sh -c 'read -r a; exec sleep 100' 2>/dev/null; echo $?; dualpipe --pty --grace 0.2 -t 0.3 -e a sh -c 'trap "" HUP TERM; read -r a; while :; do sleep 0.02; done' 2>/dev/null; echo $?
  124
  124

The terminal's end does no harm to what a child still has to do.
  $ dualpipe --pty -e a sh -c 'read -r a; echo $a; sleep 0.3; echo done >file'; cat file
  a
  done

--fence on a terminal: line ends with a carriage return in front of them.
  $ dualpipe --pty --fence 'echo {}' -e 'stty onlcr opost; echo a' -e 'echo b' --quit exit sh -c 'while read -r a; do eval "$a"; done' | od -An -c
     a  \r  \n   b  \r  \n

--setup, --ready and -t with a terminal.
  $ dualpipe --pty=cooked --ready '^login: $' -n 0 --setup me -n 1 -t 20 -e a sh -c 'printf "login: "; read -r u; while read -r a; do echo "$u $a"; done'
  me a

No terminal of ours is touched: the child's own has no part in it.
  $ pty -- dualpipe --pty -e 'stty size' sh -c 'while read -r a; do eval "$a"; done'
  24 80
  [exited 0]

A child under --pty can't stop nor read ours.
  $ pty -- dualpipe --pty=cooked -n 1 -e abc sh -c 'read -r a </dev/tty; echo "<$a>"; cat'
  <abc>
  [exited 0]
