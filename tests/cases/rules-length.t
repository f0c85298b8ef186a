# --length, --bytes, --await: replies that are counted, and replies to nothing.

--length: the first line's group 1 counts the bytes that follow, then one line end.
  $ dualpipe --length '^len ([0-9]+)$' -e a -e b sh -c 'read -r a; printf "len 3\nabc\n"; read -r a; printf "len 5\nde\nfg\n"; cat'
  len 3
  abc
  len 5
  de
  fg

--length: a first line that doesn't match is the whole reply.
  $ dualpipe --length '^len ([0-9]+)$' -e a -e b -e c sh -c 'read -r a; echo none; read -r a; printf "len 1\nx\n"; read -r a; echo "len 3 x"; cat'
  none
  len 1
  x
  len 3 x

--length: a body of any bytes.
  $ dualpipe --length '^([0-9]+)' -e a -e b sh -c 'read -r a; printf "6 bytes\n\0\n\n\377\r\n\n"; read -r a; echo 0ver; printf "\n"; cat' | od -An -c
     6       b   y   t   e   s  \n  \0  \n  \n 377  \r  \n  \n   0
     v   e   r  \n  \n

--length: no byte but the line end.
  $ dualpipe --length '^([0-9]+)$' -e a -e b sh -c 'read -r a; printf "0\n\n"; read -r a; printf "2\nab\n"; cat'
  0

  2
  ab

--length: a body that looks like a reply itself.
  $ dualpipe --length '^([0-9]+)$' -e a -e b sh -c 'read -r a; printf "7\n3\nabc\n3\n"; read -r a; printf "1\nx\n"; cat'
  7
  3
  abc
  3
  1
  x

--length: 3 MB, in whatever pieces.
  $ head -c 3000000 /dev/urandom >want; dualpipe --length '^([0-9]+)$' -e a -e b sh -c 'read -r a; echo 3000000; cat want; echo; read -r a; printf "1\nx\n"; cat' >got
  > { echo 3000000; cat want; printf "\n1\nx\n"; } | cmp - got

--length and replies in one chunk.
  $ dualpipe -w 3 --length '^([0-9]+)$' -e a -e b -e c sh -c 'read -r a; read -r a; read -r a; printf "1\na\nnone\n2\nbc\n"; cat'
  1
  a
  none
  2
  bc

--length: a count that passes --max-message is refused before it is waited for.
  $ for n in 2000000 99999999999999999999; do dualpipe --max-message 1M --length '^([0-9]+)$' -e a sh -c "read -r a; echo $n; sleep 5" 2>err; echo $?; grep -c 'passes --max-message' err; done
  122
  1
  122
  1

--length: the child ends within the body.
  $ dualpipe --length '^([0-9]+)$' -e a sh -c 'read -r a; printf "5\nab\n"'
  5
  ab
  dualpipe: request 1: sh: ended with status 0 before its reply was whole: --fresh starts one for each request, if it answers once and ends
  dualpipe: requests: in 1, answered 0, failed 1
  [123]

--length needs a group.
  $ dualpipe --length '^[0-9]+$' -e a touch started; echo $?; ls
  dualpipe: pattern: ^[0-9]+$: at byte 1: put ( ) around the part that is meant
  125

--bytes: after N bytes, wherever lines end.
  $ dualpipe --bytes 5 -e a -e b sh -c 'read -r a; printf "ab\nde"; read -r b; printf "\n1\n2\n"; cat'
  ab
  de
  1
  2

--bytes: with a size's letter.
  $ dualpipe --bytes 2k -e a sh -c 'read -r a; head -c 2048 /dev/zero; cat' | wc -c
  2048

--bytes: what is more than N bytes is not its reply's.
  $ dualpipe --bytes 2 -e a -e b sh -c 'read -r a; echo "12345"; : >out; read -r b; printf 67; cat' 2>err; echo; cat err
  1267
  dualpipe: unexpected output: 4 bytes after request 1: "345": a reply may be longer than its rule says: try --fence or -u

--bytes with a window: two replies in one chunk.
  $ dualpipe -w 2 --json --bytes 3 -e a -e b sh -c 'read -r a; read -r b; printf 123456; cat' | sed 's/.*"reply":\(.*\),"unf.*/\1/'
  ["123"]
  ["456"]

--bytes 0 and other nonsense.
  $ for v in 0 x -1; do dualpipe --bytes $v -e a cat 2>&1 | cut -c 1-30; done
  dualpipe: option --bytes: 0: .* (re)
  dualpipe: option --bytes: x: n (re)
  dualpipe: option --bytes: -1:.* (re)

--bytes or a line: the first of the set.
  $ dualpipe --bytes 4 -n 1 -e a -e b sh -c 'read -r a; printf "1\n"; read -r b; printf 12345; cat' 2>/dev/null
  1
  1234 (no-eol)
  [123]

--await: nothing is sent, a reply is awaited.
  $ dualpipe --await -e a sh -c 'echo banner; cat'
  banner
  a

--await with rules of its own.
  $ dualpipe -u '^---$' --await -n 1 -e a sh -c 'seq 3; echo ---; cat'
  1
  2
  3
  ---
  a

--await for what has come already.
  $ dualpipe -e 'printf "1\n2\n3\n"' --await --await sh
  1
  2
  3

--await sends no byte.
  $ dualpipe --await -e a sh -c 'timeout 0.2 head -c 1 | wc -c; cat'
  0
  a

--await has its time.
  $ dualpipe -t 0.2 --await sleep 100 2>err; status=$?; cut -d: -f1-3 err; exit $status
  dualpipe: request 1: no whole reply in 0.2s
  dualpipe: requests: in 1, answered 0, failed 1
  [124]

--await alone: the child's stdin is not ours.
  $ echo left | { dualpipe --await sh -c 'echo up; cat'; cat; }
  up
  left

--await --fresh: all that a child says.
  $ dualpipe --fresh --await --await sh -c 'seq 2'
  1
  2
  1
  2

--length: the CR LF behind the counted bytes is the reply's, whenever it comes.
  $ for f in line crlf; do dualpipe --json --frame=$f --length='^([0-9]+)$' -t 5 -e a -e b sh -c 'while read -r a; do printf "5\r\nhello"; sleep 0.1; printf "\r"; sleep 0.1; printf "\n"; done' | sed 's/.*"reply":\(.*\),"outcome.*/\1/'; done
  ["5\\r","hello\\r"] (esc)
  ["5\\r","hello\\r"] (esc)
  ["5","hello"]
  ["5","hello"]

--length: a CR that no LF follows is the next reply's.
  $ dualpipe -w 2 --length '^.?([0-9]+)$' -e a -e b sh -c 'read -r a; read -r a; printf "1\nx\r1\ny\n"; cat' | od -An -c | tr -s ' '
   1 \n x \r 1 \n y \n
