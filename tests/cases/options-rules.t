# The options that say where a reply ends, and what stands for which request.

-n N: a reply is N lines.
  $ dualpipe -n 3 -e a sh -c 'read a; seq 3; cat'
  1
  2
  3

-n 0: no reply is awaited.
  $ dualpipe -n 0 -e x=1 -n 1 -e 'echo $x' sh
  1

Rule sets: each stands for the requests that follow it.
  $ dualpipe -n 3 -e 'seq 3' -n 0 -e x=5 -n 1 -e 'echo $x' -e 'echo $x$x' -u '^end$' -e 'seq 2; echo end' sh
  1
  2
  3
  5
  55
  1
  2
  end

Rules given one after another form a set: the first to hold ends the reply.
  $ dualpipe -n 3 -u '^end' -e 'seq 3' -e 'echo 1; echo end' sh
  1
  2
  3
  1
  end

A set begun anew has none of the old rules.
  $ dualpipe -u '^end' -e 'echo end' -n 2 -e 'echo end; echo 2' sh
  end
  end
  2

A rule that no request follows is an error that says to put it before.
  $ for o in '-n 3' '-u x' '--idle 1' '--no-reply x' '-t 3'; do dualpipe -e x $o cat; echo $?; done
  dualpipe: option -n: no request follows it: put it before its request
  125
  dualpipe: option -u: no request follows it: put it before its request
  125
  dualpipe: option --idle: no request follows it: put it before its request
  125
  dualpipe: option --no-reply: no request follows it: put it before its request
  125
  dualpipe: option -t: no request follows it: put it before its request
  125

For requests from stdin the last ones stand.
  $ printf 'a\nb\n' | dualpipe -n 2 -n 1 -l cat
  a
  b

-u: the first line that matches is part of the reply.
  $ dualpipe -u '^2' -e x sh -c 'read a; seq 20; cat' 2>/dev/null
  1
  2
  [123]

-u more than once: any of them.
  $ dualpipe -u '^end$' -u '^error' -e 'echo 1; echo end' -e 'echo 2; echo error 3' sh
  1
  end
  2
  error 3

-u with a line end is held against the last two lines.
  $ dualpipe -u '^a\nb$' -e x sh -c 'read x; printf "b\na\nc\na\nb\n"; cat'
  b
  a
  c
  a
  b

-u with two line ends, and no match before three lines have come.
  $ dualpipe -u '^.\n.\n.$' -e x sh -c 'read x; printf "aa\na\nb\nc\n"; cat'
  aa
  a
  b
  c

-u with line ends does not match across two replies.
  $ dualpipe -u '^a\nb$' -e 1 -e 2 sh -c 'read x; printf "a\nb\n"; read x; printf "b\na\nb\n"; cat'
  a
  b
  b
  a
  b

-u: ^ and $ stand at the ends of lines, a . for any byte, \t for a tab.
  $ dualpipe -u '^x\ty$' -e x sh -c 'read x; printf "x\ty \n x\ty\nx\ty\n"; cat' | od -An -c
     x  \\t   y      \\n       x  \\t   y  \\n   x  \\t   y  \\n (re)

A backslash before another letter is refused, with the bracket to use.
  $ dualpipe -u 'a\d' -e x cat; dualpipe -u '\w' -e x cat
  dualpipe: pattern: a\\d: at byte 2: write [0-9]
  dualpipe: pattern: \\w: at byte 1: write [[:alnum:]_]
  [125]

A pattern that can't be read is refused before anything starts.
  $ for p in '(' '[' 'a{2,1}' '*'; do dualpipe -u "$p" -e x touch started; echo $?; done 2>&1 | grep -v '^dualpipe: pattern: '; ls
  125
  125
  125
  (125|127|0|123) (re)

--idle: a silence ends the reply, with what has come of its last line.
  $ dualpipe -q --idle 0.4 -e x sh -c 'read x; echo 1; sleep 0.1; echo 2; printf 3; sleep 100'
  1
  2
  3 (no-eol)

--idle: the next request waits for that silence.
  $ dualpipe --idle 0.3 -e a -e b sh -c 'while read x; do echo $x; sleep 0.1; echo $x$x; done'
  a
  aa
  b
  bb

--idle: a silence before the reply's first byte ends nothing.
  $ dualpipe --idle=0.2 -e a -e b sh -c 'while read a; do sleep 0.5; echo $a; done'
  a
  b

--idle: a request, or a set-up text, that draws no byte is not answered; a limit passes.
  $ dualpipe --idle=0.1 -t 0.3 -e a sh -c 'read a; read b' 2>err; echo $?; cut -d: -f1-3 err; dualpipe --idle=0.1 --start-timeout=0.3 --setup a -e b sh -c 'read a; read b' 2>err; echo $?; cut -d: -f1-3 err
  124
  dualpipe: request 1: no whole reply in 0.3s
  dualpipe: requests: in 1, answered 0, failed 1
  124
  dualpipe: set-up: a
  dualpipe: requests: in 0, answered 0, failed 0, not begun 1

--idle with -n: the first that holds.
  $ timeout 20 dualpipe --idle 1h -n 1 -e a cat; dualpipe --idle 0.2 -n 5 -e a cat
  a
  a

--fresh: a child for each request, whose reply ends with the file.
  $ dualpipe --fresh -e 3+4 -e 'x=1
  > x' sh -c 'echo "$$" >>pids; cat; echo .'
  > sort -u pids | wc -l
  3+4
  .
  x=1
  x
  .
  2

--fresh: its reply may lack its last line end.
  $ printf 'a\nb\n' | dualpipe --fresh -l sh -c 'printf "<%s>" "$(cat)"'
  <a><b> (no-eol)

--fresh: a reply may be empty.
  $ dualpipe --fresh -e a -e b sh -c 'cat >/dev/null'

--fresh stands for all requests, wherever it is given.
  $ dualpipe -e a --fresh -e b sh -c 'cat; echo .'
  a
  .
  b
  .

--no-reply: requests that match draw none.
  $ printf 'x=1\necho $x\nx=2\necho $x\n' | dualpipe --no-reply '^[a-z]=' -l sh
  1
  2

--no-reply more than once.
  $ printf 'x=1\n#\necho $x\n' | dualpipe --no-reply '^[a-z]=' --no-reply '^#' -l sh
  1

--setup goes to each child first; its reply is dropped.
  $ dualpipe --setup 'echo hello' --setup 'x=1; echo' -e 'echo $x' sh
  1

--setup with its own rule.
  $ dualpipe -n 0 --setup 'x=3' -n 1 -e 'echo $x' sh
  3

--setup goes to each child of --fresh.
  $ dualpipe --fresh -n 0 --setup 'x=3' -n 1 -e 'echo $x' -e 'echo $x$x' sh
  3
  33

--quit is sent after the last request, its reply dropped.
  $ dualpipe --quit 'echo bye; exit 3' -e 'echo a' sh; echo $?
  a
  3

--quit more than once.
  $ dualpipe --quit 'x=4' --quit 'exit $x' -e 'echo a' sh
  a
  [4]

--quit is sent when stdin has ended.
  $ echo 'echo a' | dualpipe -l --quit 'echo bye >said' sh; cat said
  a
  bye

-e with line ends is one request of several lines.
  $ dualpipe -n 2 -e 'a
  > b' cat
  a
  b

-e with an empty text is an empty line.
  $ dualpipe -e '' cat | od -An -c
    \\n (re)

-f sends the whole of a file, -f - the whole of stdin.
  $ printf 'a\nb\n' >f; printf 'c\nd\n' | dualpipe -n 2 -f f -f - cat
  a
  b
  c
  d

-e, and stdin is not read.
  $ echo left | { dualpipe -e a cat; cat; }
  a
  left

-l: each line is a request; without it nothing ends at a line.
  $ printf 'a\nb' | dualpipe -l sh -c 'while read x; do echo "<$x>"; done'
  <a>
  <b>

-t stands for the requests that follow it.
  $ dualpipe -t 20 -e 'sleep 0.4; echo a' -t 0.2 -e 'sleep 5; echo b' sh 2>&1 | cut -d: -f1-4
  a
  dualpipe: request 2: sh: no whole reply in 0.2s
  dualpipe: requests: in 2, answered 1, failed 1

Patterns don't see the CR of CR LF, whichever option has them; replies keep it.
  $ for f in line crlf; do printf 'a\r\nq\r\n' | dualpipe -t 5 --frame=$f --io=$f --ready='^hi$' --async='^#$' --no-reply='^q$' -u '^END$' -l -- sh -c 'printf "hi\r\n"; while read -r a; do [ "${a#q}" ] && [ "${a#a}" != "$a" ] && printf "#\r\n1\r\nEND\r\n"; done' 2>err | od -An -c | tr -s ' '; cat err; done
   1 \r \n E N D \r \n
  * #\r
   1 \r \n E N D \r \n
  * #\r

So with --id, and where a pattern asks for the CR before its $, or a line end.
  $ dualpipe -t 5 --id '^(.*)$' -e x sh -c 'read -r a; printf "y\r\nx\r\n"; cat' 2>/dev/null | od -An -c | tr -s ' '
  > for u in '^b\r$' '^b\r?$' '^a\nb$' '^a\r\nb$'; do dualpipe -t 5 -u "$u" -e x sh -c 'read -r a; printf "a\r\nb\r\n"; cat' | tr -d '\r'; done
   x \r \n
  a
  b
  a
  b
  a
  b
  a
  b

--ready with raw bytes looks at lines, and at an unfinished last one.
  $ dualpipe -t 5 --frame=raw --ready='x$' -p 'y$' -e a -- sh -c 'printf "hi\nx"; head -c 1; printf "bcy"; cat' 2>&1; echo .
  > dualpipe --frame=raw --async=x -p y -e a echo started
  abc.
  dualpipe: option --frame: raw: raw bytes have no frames: leave out what looks at them or counts them
  [125]
