# --max-reply=SIZE[,DIR]: a longer reply is cut, and a file has all of it; or its request fails.

A reply of as many bytes is not cut, one of a byte more is: exactly there.
  $ mkdir d; for n in 4 5 6; do dualpipe -q --max-reply=5,d --fence 'echo {}' -e "printf %.${n}s abcdefgh" sh; echo; done; ls d | wc -l
  abcd
  abcde
  abcde
  1

A note names the file, which has all of the reply, for its user alone, whatever the umask.
  $ mkdir d; umask 0; dualpipe --max-reply=100,d --fence 'echo {}' -e 'seq 3' -e 'seq 10000' sh >out 2>err; echo $?; cat err
  > { seq 3; seq 10000 | head -c 100; } | cmp - out; seq 10000 | cmp - d/*; stat -c %a d/*
  0
  dualpipe: request 2: d/reply-[0-9]+-2: it has all 48894 bytes of the reply, which is cut after 100 (re)
  600

--json: cut and reply_file; bytes counts all that came. Other replies have neither.
  $ mkdir d; dualpipe --json --max-reply=4,d --fence 'echo {}' -e 'seq 5' -e 'seq 2' sh >out; sed 's/"outcome.*"bytes/"bytes/; s/,"worker.*//; s/-[0-9]*-/-PID-/' out
  > f=$(sed -n 's/.*"reply_file":"\([^"]*\).*/\1/p' out); cat "$f"
  {"n":1,"request":"seq 5","reply":["1","2"],"cut":true,"reply_file":"d/reply-PID-1","bytes":10
  {"n":2,"request":"seq 2","reply":["1","2"],"bytes":4
  1
  2
  3
  4
  5

Never within a character of UTF-8, of 2, 3 or 4 bytes; what is no UTF-8 is cut at SIZE.
  $ mkdir d; for n in 1 2 3 4 5 6 7 8 9 10; do dualpipe --json --max-reply=$n,d --fence 'echo {}' -e "printf '\303\251\342\202\254\360\237\230\200xyz'" sh; done | sed 's/.*"reply":\[\(.*\)\],"unf.*/\1/; s/.*"reply":\[\],.*/none/'
  > for b in 200 377 303; do dualpipe --json --max-reply=3,d --fence 'echo {}' -e "printf 'ab\\${b}cd'" sh; done | grep -o '"reply[_a-z0-9]*":[^,]*'
  none
  "\xc3\xa9" (esc)
  "\xc3\xa9" (esc)
  "\xc3\xa9" (esc)
  "\xc3\xa9\xe2\x82\xac" (esc)
  "\xc3\xa9\xe2\x82\xac" (esc)
  "\xc3\xa9\xe2\x82\xac" (esc)
  "\xc3\xa9\xe2\x82\xac" (esc)
  "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80" (esc)
  "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80x" (esc)
  "reply_base64":"YWKA"
  "reply_file":"d/.* (re)
  "reply_base64":"YWL/"
  "reply_file":"d/.* (re)
  "reply":["ab"]
  "reply_file":"d/.* (re)

Behind a cut reply the next one begins on a new line, by any rule.
  $ mkdir d; dualpipe -q --max-reply=3,d -e abcdef -e xy cat
  abc
  xy

Without DIR its request fails, all of its reply is read, and the next one is right.
  $ dualpipe --max-reply=5 --fence 'echo {}' -e 'echo a' -e 'seq 100000' -e 'echo b' sh 2>err; echo $?; cat err; dualpipe -k --max-reply=5 --fence 'echo {}' -e 'x=7' -e 'seq 100000' -e 'echo $x' sh 2>err2
  > echo $?; sed 1,2d err2
  a
  122
  dualpipe: part of a reply: 5 bytes: "1\n2\n3"
  dualpipe: request 2: its reply of 588895 bytes passes --max-reply: --max-reply=SIZE,DIR keeps it whole in a file
  dualpipe: requests: in 2, answered 1, failed 1, not begun 1
  
  7
  123
  dualpipe: requests: in 3, answered 2, failed 1

Without DIR, --json: outcome frame, with the part that was kept.
  $ dualpipe -k --json --max-reply=4 --fence 'echo {}' -e 'seq 1000' -e 'echo b' sh 2>/dev/null | sed 's/,"sent.*"bytes/,"bytes/; s/,"worker.*//'
  {"n":1,"request":"seq 1000","partial":"1\n2\n","cut":true,"outcome":"frame","bytes":3893
  {"n":2,"request":"echo b","reply":["b"],"outcome":"ok","bytes":2

Of a session: the file is of the call that asked, and the session goes on with its state.
  $ mkdir d; dualpipe --fence 'echo {}' -e 'x=5' @s sh; (cd d && dualpipe --max-reply=100,. -e 'seq 100000' -e 'echo $x' @s 2>../err | tail -n 1); sed 's/reply-[0-9]*/reply-PID/' err; seq 100000 | cmp - d/reply-*
  > dualpipe --max-reply=100 -e 'seq 100000' @s >out 2>/dev/null; echo $?; cat out; dualpipe -e 'echo $x' @s; dualpipe --stop @s
  5
  dualpipe: request 1: ./reply-PID-1: it has all 588895 bytes of the reply, which is cut after 100
  122
  5

By lines of stdin, by -f, with a window, from several children, from a fresh one.
  $ mkdir d; seq 100 104 >in; for o in '-l' '-l -w 3' '-l -w auto' '-l -j 2' '-l -k'; do dualpipe -q --max-reply=2,d $o cat <in | tr '\n' ' '; ls d | wc -l; rm d/*; done; dualpipe -q --max-reply=2,d --fresh -f in cat; echo; cat d/*; rm d/*; echo seq 99 102 >in; dualpipe -q --max-reply=4,d --fence 'echo {}' -f in sh; echo; cat d/*
  10 10 10 10 105
  10 10 10 10 105
  10 10 10 10 105
  10 10 10 10 105
  10 10 10 10 105
  10
  100
  101
  102
  103
  104
  99
  1
  99
  100
  101
  102

A failed request keeps its outcome; the part that came is cut and kept in the same way.
  $ mkdir d; dualpipe --json -t 0.5 --max-reply=4,d --fence 'echo {}' -e 'seq 1000; exec sleep 100' sh 2>/dev/null >out; echo $?; grep -o '"partial.*"outcome":"[a-z]*"' out; seq 1000 | cmp - d/*
  124
  "partial":"1\\n2\\n","cut":true,"reply_file":"d/reply-[0-9]+-1","outcome":"timeout" (re)

By --error it has failed too, cut or not.
  $ mkdir d; dualpipe --json --max-reply=4,d --error '^999$' --fence 'echo {}' -e 'seq 1000' -e 'seq 2' sh 2>/dev/null >out; echo $?; sed 's/.*"\(partial\|reply\)":\(.*\)"sent.*/\2/; s/-[0-9]*-/-PID-/' out
  123
  ["1","2"],"cut":true,"reply_file":"d/reply-PID-1","outcome":"error",
  ["1","2"],"outcome":"ok",

A name that is taken is left alone, a link too.
  $ mkdir d; : >else; dualpipe -q --max-reply=1,d --fence 'echo {}' -e 'for i in "" .2; do ln -s ../else d/reply-$PPID-2$i; done' -e 'seq 2' -e 'seq 3' sh >/dev/null; for f in d/*; do [ -h $f ] || { echo "${f##*-}"; cat $f; }; done; wc -c <else
  2.3
  1
  2
  3
  1
  2
  3
  0

# A limit of the file's size stands for a small disk: mounting one is not allowed everywhere.
No room for the file: 120, no death by a signal; with -k the next reply is right. What fits stays.
  $ mkdir d; (ulimit -f 16; dualpipe -k --json --max-reply=4,d --fence 'echo {}' -e 'seq 10000' -e 'echo b' sh >out 2>err; echo $?); sed 's/reply-[0-9]*/reply-PID/; /requests:/d' err; seq 10000 | cmp -n 8192 - d/*; wc -c <"$(echo d/*)"; sed 's/,"sent.*"bytes/,"bytes/; s/,"worker.*//; s/reply-[0-9]*/reply-PID/' out
  120
  dualpipe: request 1: d/reply-PID-1: File too large: it has 8192 of the reply's 48894 bytes
  8192
  {"n":1,"request":"seq 10000","partial":"1\n2\n","cut":true,"reply_file":"d/reply-PID-1","outcome":"frame","bytes":48894
  {"n":2,"request":"echo b","reply":["b"],"outcome":"ok","bytes":2

No room for a byte: the file is removed. A session goes on in step.
  $ mkdir d; dualpipe --fence 'echo {}' -e 'x=5' @s sh; { (ulimit -f 0; dualpipe --max-reply=4,d -e 'seq 1000' @s; echo $?) 2>&1; } | sed '/part of/d; s/reply-[0-9]*/reply-PID/'; ls d; dualpipe -e 'echo $x' @s; dualpipe --stop @s
  dualpipe: request 1: d/reply-PID-1: File too large: it has 0 of the reply's 3893 bytes
  dualpipe: requests: in 1, answered 0, failed 1
  120
  5

The child's own limit of files is as it was: it dies of the signal.
  $ (ulimit -f 16; dualpipe --max-reply=1M --fence 'echo {}' -e 'trap "" PIPE; sh -c "yes >f"; kill -l $?' sh 2>/dev/null)
  XFSZ

DIR must be there, be a directory and be writable: told at the start, nothing is asked.
  $ : >file; for d in no/such file file/x; do dualpipe --max-reply=5,$d -e 'touch asked' sh; echo $?; done; ls
  dualpipe: option --max-reply: no/such: No such file or directory
  125
  dualpipe: option --max-reply: file: Not a directory
  125
  dualpipe: option --max-reply: file/x: Not a directory
  125
  file

#: needs user
DIR that is not writable.
  $ mkdir d; chmod 555 d; dualpipe --max-reply=5,d -e a cat
  dualpipe: option --max-reply: d: Permission denied
  [125]

Sizes as in other options; 0 and an empty DIR are none. Replies in frames with a length can't be cut.
  $ for v in 0 x -1 2G ,. 5,; do dualpipe --max-reply="$v" -e a cat; done 2>&1 | cut -c 1-60; dualpipe --max-reply=1k --frame=netstring -e a cat
  dualpipe: option --max-reply: 0: a size is from 1 to what me
  dualpipe: option --max-reply: x: not a .* (re)
  dualpipe: option --max-reply: -1: not a .* (re)
  dualpipe: option --max-reply: 2G: 1G is the most
  dualpipe: option --max-reply: ,.: not a .* (re)
  dualpipe: option --max-reply: 5,: it names no directory: SIZ
  dualpipe: option --max-reply: replies in frames of this kind can't be cut: use --max-message
  [125]

Memory does not grow with the reply: 70 MB of it, by a child of its own and by a session, plain and --json.
  $ mkdir d; dualpipe --fence 'echo {}' -e x=1 @s sh; for o in '--json' ''; do ending -m 16384 dualpipe -q $o --max-reply=1k,d --fence 'echo {}' -e 'seq 9000000' sh | wc -l; ending -m 16384 dualpipe -q $o --max-reply=1k,d -e 'seq 9000000' @s | wc -l; done; dualpipe --stop @s; seq 9000000 >all; for f in d/*; do cmp all $f; done; ls d | wc -l
  exited 0
  1
  exited 0
  1
  exited 0
  283
  exited 0
  283
  4
