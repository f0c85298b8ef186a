# Frames that are malformed, too long or cut short, on stdin and from the child: 122, and where.

Malformed on stdin: what was asked before is answered.
  $ printf '5:hello,05:world,' | dualpipe --frame=netstring cat >out; echo "status $?"; cat out
  dualpipe: reading: standard input: malformed netstring at byte 9: "05:world,"
  dualpipe: requests: in 1, answered 1, failed 0, the rest of stdin not begun
  status 122
  5:hello, (no-eol)

What stands for a netstring's comma is shown itself.
  $ printf '5:hello\n5:world\n' | dualpipe --frame=line --io=netstring cat; echo "status $?"
  dualpipe: reading: standard input: malformed netstring at byte 8: "\\n5:world\\n" (esc)
  dualpipe: requests: in 0, answered 0, failed 0, the rest of stdin not begun
  status 122

Malformed from the child: what it had answered is out.
  $ dualpipe --frame=netstring --await --await -e x sh -c 'printf "1:a,1:bc"; cat >/dev/null' >out; echo "status $?"; cat out
  dualpipe: request 2: malformed netstring at byte 8 of its output: "c"
  dualpipe: requests: in 2, answered 1, failed 1, not begun 1
  status 122
  1:a,1:b (no-eol)

Each kind that can be malformed.
  $ for text in 'netstring hello' 'header hello\n\n' 'header Content-Length: x' 'header \n' 'header {"a":1}' 'pktline 0003' \
  >     'pktline hello' 'pktline fff1' 'pktline 00080001' 'varint \377\377\377\377\377\377\377\377\377\377'; do
  >     printf "${text#* }" | dualpipe --max-message=1G --frame="${text%% *}" --io="${text%% *}" cat 2>&1 | sed -n 1p
  > done
  dualpipe: reading: standard input: malformed netstring at byte 1: "hello"
  dualpipe: reading: standard input: malformed header at byte 1: "hello\n\n"
  dualpipe: reading: standard input: malformed header at byte 1: "Content-Length: x"
  dualpipe: reading: standard input: malformed header at byte 1: "\n"
  dualpipe: reading: standard input: malformed header at byte 1: "{"a":1}"
  dualpipe: reading: standard input: malformed pktline at byte 1: "0003"
  dualpipe: reading: standard input: malformed pktline at byte 1: "hello"
  dualpipe: reading: standard input: malformed pktline at byte 1: "fff1"
  dualpipe: reading: standard input: malformed pktline at byte 1: "00080001"
  dualpipe: request 1: passes --max-message with the frame at byte 1 of stdin: "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"

Fault 58: the most, and one more.
  $ for n in 100 101; do
  >     for k in line crlf nul netstring u8 u16 u32 u32le varint header pktline; do
  >         dualpipe --frame=$k -n 0 -e "$(printf "%0${n}d" 0)" sh -c 'cat >sent'
  >         dualpipe --max-message=100 --frame=$k --io=$k cat <sent >out 2>/dev/null; a=$?
  >         dualpipe --max-message=100 --frame=$k --io=$k --await sh -c 'cat sent; cat >/dev/null' >out2 2>/dev/null; b=$?
  >         cmp out out2; cmp -s out sent && c=same || c=other
  >         echo "$n $a $b $c"
  >     done
  > done | sort | uniq -c | sed 's/^ *//'
  11 100 0 0 same
  11 101 122 122 other

Fault 58: lengths of 2^31 and 2^32-1 take no memory.
  $ for head in 'u32 \200\0\0\0' 'u32 \377\377\377\377' 'u32le \377\377\377\377' 'netstring 4294967295:' 'varint \377\377\377\377\017' \
  >     'header Content-Length: 2147483648\r\n\r\n' 'header Content-Length: 18446744073709551616\r\n\r\n' \
  >     'netstring 99999999999999999999999:' 'u32 \77\377\377\377'; do
  >     printf "${head#* }hello" >in
  >     ending -m 4608 dualpipe --max-message=1G --frame="${head%% *}" --io="${head%% *}" cat <in 2>&1 >/dev/null | tail -n 1
  >     ending -m 4608 dualpipe --max-message=1G --frame="${head%% *}" --await sh -c 'cat in' 2>&1 >/dev/null | tail -n 1
  > done | sort | uniq -c | sed 's/^ *//'
  18 exited 122

#: long
Fault 58: cut short at every byte on stdin: 122, or a clean end.
#: limit 60
  $ for k in netstring u8 u16 u32 u32le varint header pktline; do
  >     dualpipe --frame=$k -n 0 -e hello sh -c 'cat >sent'; n=$(wc -c <sent)
  >     for i in $(seq 0 $n); do
  >         head -c $i sent | dualpipe --frame=$k --io=$k cat >out 2>err; s=$?
  >         [ $i -eq 0 ] || [ $i -eq $n ] || grep -q "cut short at byte $i$" err || cat err
  >         printf '%s ' $s
  >     done; echo $k
  > done
  0 122 122 122 122 122 122 122 0 netstring
  0 122 122 122 122 122 0 u8
  0 122 122 122 122 122 122 0 u16
  0 122 122 122 122 122 122 122 122 0 u32
  0 122 122 122 122 122 122 122 122 0 u32le
  0 122 122 122 122 122 0 varint
  0 122 122 122 122 122 122 122 122 122 122 122 122 122 122 122 122 122 122 122 122 122 122 122 122 122 0 header
  0 122 122 122 122 122 122 122 122 0 pktline

#: long
Fault 58: and from the child; one that writes nothing has ended before its reply was whole.
#: limit 60
  $ for k in netstring u8 u16 u32 u32le varint header pktline; do
  >     dualpipe --frame=$k -n 0 -e hello sh -c 'cat >sent'; n=$(wc -c <sent)
  >     for i in $(seq 0 $n); do
  >         dualpipe --frame=$k --await head -c $i sent >out 2>err; s=$?
  >         dualpipe --frame=$k -u nothing --await head -c $i sent >out 2>err2; t=$?
  >         [ $i -eq 0 ] || [ $i -eq $n ] || grep -q "cut short at byte $i of its output$" err || cat err
  >         [ $i -eq 0 ] || [ $i -eq $n ] || grep -q "cut short at byte $i of its output$" err2 || cat err2
  >         printf '%s ' $s $t
  >     done; echo $k
  > done
  (*)

One that ended badly amid a frame has its own status.
  $ dualpipe --frame=netstring --await sh -c 'printf 5:hel; exit 7' >out; echo "status $?"
  dualpipe: request 1: sh: ended with status 7 before its reply was whole
  dualpipe: requests: in 1, answered 0, failed 1
  status 7

A last line, crlf or nul without its end is one all the same.
  $ for k in line crlf nul; do printf 'a' | dualpipe --frame=$k --io=$k cat | od -An -c | tr -s ' '; dualpipe --frame=$k --await printf b; echo; done
   a \n
  b
   a \r \n
  b

   a \0
  b

Fault 58: a byte at a time, both ways: the same.
#: needs python3
  $ for k in crlf nul netstring u16 u32 varint header pktline; do
  >     dualpipe --frame=$k -n 0 -e hello -e '' -e "$(seq 100)" sh -c 'cat >sent' 2>err || dualpipe --frame=$k -n 0 -e hello -e '' sh -c 'cat >sent'
  >     python3 -c 'import os
  > for b in open("sent", "rb").read(): os.write(1, bytes([b]))' | dualpipe --frame=$k --io=$k python3 -c 'import os
  > while True:
  >     b = os.read(0, 1)
  >     if not b: break
  >     os.write(1, b)' | cmp - sent || echo $k
  > done

#: long
Fault 58: bytes at random: 122, or a clean end, never anything else, and no more memory than they take.
#: needs python3
#: limit 60
  $ python3 -c 'import random
  > random.seed(4)
  > for i in range(30): open("r%d" % i, "wb").write(bytes(random.choice(b"0123:,\0\1\n\rC5f") for _ in range(random.randrange(60))))'
  > for k in netstring u8 u16 u32 u32le varint header pktline; do
  >     for i in $(seq 0 29); do
  >         ending -m 8192 dualpipe --frame=$k --io=$k -n 0 cat <r$i 2>&1 >/dev/null | tail -n 1
  >         ending -m 8192 dualpipe --frame=$k -t 5 -n 2 --await cat r$i 2>&1 >/dev/null | tail -n 1
  >     done
  > done | sort -u
  exited 0
  exited 122
  exited 123

#: needs python3
With -k a malformed reply has its place, an empty message, and a fresh child goes on.
  $ cat >peer.py <<'.'
  > import sys
  > while True:
  >     n = sys.stdin.read(2)
  >     if not n: break
  >     body = sys.stdin.read(int(n[0])); sys.stdin.read(1)
  >     sys.stdout.write("x" if body == "bad" else "9:" if body == "cut" else "1:%s," % body[0])
  >     sys.stdout.flush()
  >     if body == "cut": sys.exit(0)
  > .
  > for o in -k --json '-j 2'; do
  >     printf 'a\nbad\nc\ncut\ne\n' | dualpipe --io=line -k -t 5 $o --frame=netstring python3 peer.py >out 2>err; s=$?
  >     sed 's/,"sent.*//' out; grep -v replaced err | sed 's/at byte .* of/at byte N of/'; echo "status $s"
  > done; printf '1:a,3:bad,1:c,' | dualpipe -k -t 5 --frame=netstring python3 peer.py 2>err; echo " $?"
  a

  c

  e
  dualpipe: request 2: malformed netstring at byte N of its output: "x"
  dualpipe: request 4: malformed netstring: cut short at byte N of its output
  dualpipe: requests: in 5, answered 3, failed 2
  status 123
  {"n":1,"request":"a","reply":["a"],"outcome":"ok"
  {"n":2,"request":"bad","partial":"x","outcome":"frame"
  {"n":3,"request":"c","reply":["c"],"outcome":"ok"
  {"n":4,"request":"cut","outcome":"frame"
  {"n":5,"request":"e","reply":["e"],"outcome":"ok"
  dualpipe: request 2: malformed netstring at byte N of its output: "x"
  dualpipe: request 4: malformed netstring: cut short at byte N of its output
  dualpipe: requests: in 5, answered 3, failed 2
  status 123
  a

  c

  e
  dualpipe: request 2 .worker [12].: malformed netstring at byte N of its output: "x" (re)
  dualpipe: request 4 .worker [12].: malformed netstring: cut short at byte N of its output (re)
  dualpipe: requests: in 5, answered 3, failed 2
  status 123
  1:a,0:,1:c, 123
