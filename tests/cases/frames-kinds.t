# --frame and --io: messages in every kind of frame, there and back, and from one kind to another.

Each kind towards the child: what it is sent.
  $ for k in line crlf nul netstring u8 u16 u32 u32le varint header pktline; do
  >     dualpipe --frame=$k -n 0 -e hello -e '' sh -c 'cat >sent'; printf '%s ' $k; od -An -c sent | tr -s ' \n' ' '; echo
  > done; dualpipe --frame=raw -n 0 -e hello -e '' -e x sh -c 'cat >sent'; cat sent
  line  h e l l o \\n \\n\x20 (esc)
  crlf  h e l l o \\r \\n \\r \\n  (esc)
  nul  h e l l o \\0 \\0  (esc)
  netstring  5 : h e l l o , 0 : , 
  u8  005 h e l l o \\0  (esc)
  u16  \\0 005 h e l l o \\0 \\0  (esc)
  u32  \\0 \\0 \\0 005 h e l l o \\0 \\0 \\0 \\0  (esc)
  u32le  005 \\0 \\0 \\0 h e l l o \\0 \\0 \\0 \\0  (esc)
  varint  005 h e l l o \\0  (esc)
  header  C o n t e n t - L e n g t h : 5 \\r \\n \\r \\n h e l l o C o n t e n t - L e n g t h : 0 \\r \\n \\r \\n  (esc)
  pktline  0 0 0 9 h e l l o 0 0 0 4 
  hellox (no-eol)

Lines in, lines out, whatever the child speaks.
  $ for k in line crlf nul netstring u8 u16 u32 u32le varint header pktline; do
  >     printf 'one\n\nthree' | dualpipe --frame=$k --io=line -l cat | tr '\n' /; echo " $k"; done
  one//three/ line
  one//three/ crlf
  one//three/ nul
  one//three/ netstring
  one//three/ u8
  one//three/ u16
  one//three/ u32
  one//three/ u32le
  one//three/ varint
  one//three/ header
  one//three/ pktline

#: long
Every kind to every other and back: nothing is changed.
#: limit 60
  $ all='line crlf nul netstring u8 u16 u32 u32le varint header pktline'
  > printf 'one\n\nthree, and more\n' >in
  > for a in $all; do
  >     dualpipe --frame=line --io=line -l cat <in | dualpipe --frame=$a --io=line -l cat >/dev/null
  >     for b in $all; do
  >         printf 'one\n\nthree, and more\n' | dualpipe --frame=$a --io=line -l tee sent.$a >/dev/null
  >         dualpipe --frame=$b --io=$a cat <sent.$a | cmp - sent.$a || echo "$a $b"
  >     done
  > done

Any bytes, where the kind has a length: a megabyte, and none.
  $ seq 200000 | tr 1-7 '\000-\006' >big
  > for k in netstring u32 u32le varint header; do
  >     dualpipe --frame=$k --io=raw -f big cat | cmp - big || echo $k; done
  > dualpipe --frame=u16 --io=raw -f big cat; echo "status $?"
  dualpipe: request 1: it can't be written as u16: it is too long for that
  dualpipe: requests: in 0, answered 0, failed 0, not begun 1
  status 122

raw on stdin: all of it is one message.
  $ printf 'one\ntwo\0\n' | dualpipe --frame=netstring --io=raw cat | od -An -c
     o   n   e  \\n   t   w   o  \\0  \\n (esc)

raw towards the child: bytes, idle, at end of file.
  $ printf 'ab\ncd\n' | dualpipe --frame=raw --io=line --bytes=2 -l cat; printf x | dualpipe --frame=raw --fresh sh -c 'cat; echo y'
  ab
  cd
  xy

With --fresh and messages that may hold line ends it is raw by itself: a program each.
  $ printf 'a\nb\0c' | dualpipe --fresh --io=nul -- sh -c 'cat; echo .' | tr '\0' '|'; echo
  > printf '3:a\nb,1:c,' | dualpipe --fresh -j2 --io=netstring -- sh -c 'cat; echo .'; echo
  > printf 'a\nb\n' | dualpipe --fresh --io=crlf -- sh -c 'cat; echo .' | od -An -c
  > printf 'a\nb\0' | dualpipe --fresh --frame=line --io=nul -- sh -c 'cat; echo .'
  a
  b.
  |c.
  |
  5:a
  b.
  ,3:c.
  ,
     a  \r  \n   .  \r  \n   b  \r  \n   .  \r  \n
  dualpipe: request 1: it can't be written as line: it holds a line end
  [122]

header: other lines are passed over, names are of either case, a bare LF ends a line.
  $ dualpipe --frame=header -n 2 --await sh -c 'printf "content-length:3\nX-Other: 9\n\nabcCONTENT-LENGTH: 2\r\n\r\nde"; cat >/dev/null' | od -An -c | tr -s ' \n' ' '; echo
   a b c d e \\n  (esc)

header to lines: line ends become spaces; to others they stay.
  $ printf 'Content-Length: 9\r\n\r\n{"a":\r\n1}Content-Length: 4\n\na\nb\n' >in
  > dualpipe --frame=header --io=header cat <in | cat -v; echo; dualpipe --frame=header --io=line -n 2 --await sh -c 'cat in; cat >/dev/null'
  > dualpipe --frame=header --io=nul --await sh -c 'cat in; cat >/dev/null' 2>&1 | cat -v
  Content-Length: 9^M
  ^M
  {"a":^M
  1}Content-Length: 4

  a
  b

  {"a": 1}a b 
  {"a":^M
  1}^@dualpipe: unexpected output: 23 bytes after request 1: "Content-Length: 4": a reply may be longer than its rule says: try --fence or -u

crlf: patterns do not see the CR; what is written is lines.
  $ dualpipe --frame=crlf -u '^250 ok$' -e 'EHLO x' -n 1 -e 'NOOP' sh -c 'read -r a; printf "250-%s\r\n250 ok\r\n" "$a"; read -r b; printf "250 %s\n" "$b"' | cat -v
  250-EHLO x^M
  250 ok
  250 NOOP

crlf: a fence ends as its lines do.
  $ dualpipe --frame=crlf --fence='e {}' -e a -e b sh -c 'while read -r l; do printf "%s\n" "${l#e }"; done' | cat -v
  a
  b

#: needs python3
Rules are held against bodies: until, async, no-reply, id, count.
  $ cat >peer.py <<'.'
  > import sys
  > def out(b): sys.stdout.write("%d:%s," % (len(b), b)); sys.stdout.flush()
  > data = sys.stdin
  > while True:
  >     n = ""
  >     while True:
  >         c = data.read(1)
  >         if not c: sys.exit()
  >         if c == ":": break
  >         n += c
  >     body = data.read(int(n)); data.read(1)
  >     if body.startswith("quiet"): continue
  >     out("#note\n" + body)
  >     for line in body.split("\n"): out("re " + line)
  >     out("end")
  > .
  > dualpipe --frame=netstring --io=line --async='^#note' --no-reply=^quiet -u '^end$' -e 'a' -e 'quiet
  > now' -n 3 -e 'b
  > b' -u '^en' -u 'c$' -e 'c' -u 'd$' --await python3 peer.py 2>err; echo "status $?"; cat err
  re aend
  re bre bend
  re c
  end
  status 0
  * 7:#note\na,
  * 9:#note\nb\nb,
  * 7:#note\nc,

crlf: a line of CR LF gets no second CR, on the way in or out.
  $ printf 'a\r\nb\nc\r\n' | dualpipe --frame=crlf -l -n 0 sh -c 'cat >sent'; od -An -c sent | tr -s ' '
  > dualpipe --frame=crlf -n 0 -e "$(printf 'x\r')" -e "$(printf 'y\r')" sh -c 'cat >sent'; od -An -c sent | tr -s ' '
  > printf 'a\r\n' | dualpipe --frame=line --io=crlf -l cat | od -An -c | tr -s ' '
   a \r \n b \r \n c \r \n
   x \r \n y \r \n
   a \r \n

header: empty lines are skipped before, between and behind frames; log lines are shown, as by --async.
  $ dualpipe -t 5 --frame=header --io=line -e '{}' -e '[]' -- sh -c 'n=0; while read -r a; do read -r b; head -c 2 >/dev/null; n=$((n+1)); printf "\r\n\n[log] got it\n\nINFO: hello\n[x] y\nContent-Length: 3\r\n\r\n{%d}\r\n" $n; done' 2>err; sort -u err
  {1}
  {2}
  * INFO: hello
  * [log] got it
  * [x] y

header: with --id too, while nothing is awaited.
  $ dualpipe -t 5 --frame=header --io=line --id=json -e '{"id":1,"method":"a"}' -e '{"id":2,"method":"a"}' -- sh -c 'for i in 1 2; do read -r a; read -r b; head -c 21 >/dev/null; printf "\nready now\nContent-Length: 8\r\n\r\n{\"id\":$i}\n\nthat is it\n"; done; cat' 2>err; sort -u err
  {"id":1}
  {"id":2}
  * ready now
  * that is it

header: what shows another protocol is malformed at once: a message without one, a header without its length, bytes, an endless text.
  $ for text in '{"id":1}\n' 'A: b\n\n{}' 'log\nContent-Length: x' 'log\n\1\2\n'; do
  >     dualpipe -t 5 --frame=header --await sh -c 'printf "$0"; cat' "$text" 2>&1 | sed -n '/request 1/p'
  > done; dualpipe -t 30 --frame=header --await yes 2>&1 | sed -n '/request 1/p'
  dualpipe: request 1: malformed header at byte 1 of its output: "{"id":1}\n"
  dualpipe: request 1: malformed header at byte 1 of its output: "A: b\n\n{}"
  dualpipe: request 1: malformed header at byte 5 of its output: "Content-Length: x"
  dualpipe: request 1: malformed header at byte 5 of its output: "\x01\x02\n"
  dualpipe: request 1: malformed header at byte [0-9]* of its output: .* (re)
