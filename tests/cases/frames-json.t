# Frames with --json, --id=json, -v, -j and the rest of the options.

#: needs python3
A server of JSON in frames with headers: notes and requests of its own, replies in any order.
  $ cat >server.py <<'.'
  > import sys, json
  > i, o = sys.stdin.buffer, sys.stdout.buffer
  > def put(m):
  >     b = json.dumps(m).encode()
  >     o.write(b"Content-Length: %d\r\nContent-Type: x\r\n\r\n" % len(b) + b); o.flush()
  > def get():
  >     n = 0
  >     while True:
  >         l = i.readline()
  >         if not l: sys.exit(0)
  >         if l == b"\r\n": return json.loads(i.read(n))
  >         n = int(l.split(b":")[1])
  > while True:
  >     m = get()
  >     if "id" not in m: continue
  >     put({"method": "note", "params": m["method"]})
  >     put({"id": "s1", "method": "ask"})
  >     r = get()
  >     put({"id": m["id"], "result": [m["method"], r["id"], r["error"]["code"]]})
  > .
  > dualpipe -t 5 --frame=header --id=json -e '{"id":1,"method":"init"}' -e '{"method":"ready"}' -e '{"id":2,"method":"hover"}' \
  >     -e '{"id":3,"method":"exit"}' python3 server.py 2>err; echo "status $?"; sort -u err
  {"id": 1, "result": ["init", "s1", -32601]}
  {"id": 2, "result": ["hover", "s1", -32601]}
  {"id": 3, "result": ["exit", "s1", -32601]}
  status 0
  * Content-Length: 29\r\nContent-Type: x\r\n\r\n{"id": "s1", "method": "ask"}
  * Content-Length: 36\r\nContent-Type: x\r\n\r\n{"method": "note", "params": "exit"}
  * Content-Length: 36\r\nContent-Type: x\r\n\r\n{"method": "note", "params": "init"}
  * Content-Length: 37\r\nContent-Type: x\r\n\r\n{"method": "note", "params": "hover"}

Each member of --json: the bodies of requests and replies; base64 where one is no UTF-8.
  $ printf '1:a,3:b\nc,0:,' | dualpipe --json --frame=netstring cat | sed 's/,"sent.*//'
  > dualpipe --json --frame=u8 -n 2 --await sh -c 'printf "\1a\2\377b"' | sed 's/,"sent.*//'
  > dualpipe --json --frame=nul -n 2 --await printf 'a\0b' | sed 's/,"sent.*//'
  > dualpipe --json --frame=raw --bytes=3 -e abc cat | sed 's/,"sent.*//'
  > dualpipe --json --frame=crlf -n 2 -e 'a
  > b' cat | sed 's/,"sent.*//'
  {"n":1,"request":"a","reply":["a"],"outcome":"ok"
  {"n":2,"request":"b\nc","reply":["b\nc"],"outcome":"ok"
  {"n":3,"request":"","reply":[""],"outcome":"ok"
  {"n":1,"request":"","reply_base64":["YQ==","/2I="],"outcome":"ok"
  {"n":1,"request":"","reply":["a","b"],"unfinished":true,"outcome":"ok"
  {"n":1,"request":"abc","reply":["abc"],"outcome":"ok"
  {"n":1,"request":"a\nb","reply":["a","b"],"outcome":"ok"

-v shows what goes over, heads and all.
  $ dualpipe -v --frame=netstring --io=line -e hi cat
  \x3e 2:hi, (esc)
  < 2:hi,
  hi

Many children, many at once: in order.
  $ seq 500 | dualpipe -j 4 -w 5 --frame=u16 --io=line cat | cmp - - && seq 500 >in; seq 500 | dualpipe -j 4 -w 5 --frame=u16 --io=line cat | cmp - in
  > dualpipe --frame=netstring --io=line -n 0 -l sh -c 'cat >sent' <in; dualpipe -j 3 -w 7 --frame=header --io=netstring cat <sent | cmp - sent
  > dualpipe -j 3 --unordered --frame=nul --io=line cat <in | sort -n | cmp - in

Large messages with a window: none is touched before all of it has gone.
  $ (printf '300000:'; head -c 300000 /dev/zero; printf ,10:0123456789,80000:; head -c 80000 /dev/zero; printf ,) >one
  > cat one one one one one one >many
  > for o in '-w 8' '-k -w 8' '-j 2 -w 4' --retries=1; do for k in netstring u32 header; do
  >     dualpipe $o --frame=$k --io=netstring -- sh -c 'sleep 0.1; exec cat' <many | cmp - many || echo "$o $k"
  > done; done
  > dualpipe -w 8 --frame=u32 --io=raw -f many -f many -f many -- sh -c 'sleep 0.1; exec cat' >/dev/null; echo $?
  0

--fresh: all frames up to the end of the output.
  $ printf 'a\nb\n' | dualpipe --fresh --frame=netstring --io=line sh -c 'cat; printf "2:zz,"'
  azz
  bzz

--setup, --quit and --ready are in frames too.
  $ dualpipe --frame=netstring --io=line --ready=^up --setup=first -n 0 --quit=last -n 1 -e mid sh -c 'printf "4:boot,2:up,"; tee got' ; cat got; echo
  mid
  5:first,3:mid,4:last,

-f: the whole file is one message.
  $ printf 'a\nb\n' >f; dualpipe --frame=netstring -f f -f f cat; echo; dualpipe --frame=netstring --io=raw -f - cat <f
  4:a
  b
  ,4:a
  b
  ,
  a
  b

What a kind can't hold: of a request, of a reply.
  $ printf '3:a\nb,' | dualpipe --frame=line --io=netstring cat; echo "status $?"
  > dualpipe --frame=u8 -e "$(seq 100)" cat; echo "status $?"
  > printf '1:a,3:b\nc,1:d,' >f; dualpipe --frame=netstring --io=line --await --await --await sh -c 'cat f; cat'; echo "status $?"
  > dualpipe -k --frame=netstring --io=line --await --await --await sh -c 'cat f; cat'; echo "status $?"
  dualpipe: request 1: it can't be written as line: it holds a line end
  dualpipe: requests: in 0, answered 0, failed 0, the rest of stdin not begun
  status 122
  dualpipe: request 1: it can't be written as u8: it is too long for that
  dualpipe: requests: in 0, answered 0, failed 0, not begun 1
  status 122
  a
  dualpipe: request 2: its reply can't be written as line: it holds a line end
  dualpipe: requests: in 2, answered 1, failed 1, not begun 1
  status 122
  a
  dualpipe: request 2: its reply can't be written as line: it holds a line end

  d
  dualpipe: requests: in 3, answered 2, failed 1
  status 123

Options that exclude a kind of frame say so before anything starts.
  $ for o in '-p x' '--fence={}' '--length=(1)' '--bytes=2'; do dualpipe --frame=nul $o -e a echo started; echo $?; done
  > for o in '-n 1' '-u x' '--id=json' ''; do dualpipe --frame=raw $o -e a echo started; echo $?; done
  > dualpipe --frame=lines -e a echo started; dualpipe --io=netstrings -e a echo started; echo $?
  dualpipe: option --frame: nul: a prompt stands behind lines: leave out the frame
  125
  dualpipe: option --frame: nul: a fence is a line: leave out the frame
  125
  dualpipe: option --frame: nul: the length is the frame's own: leave out the pattern
  125
  dualpipe: option --frame: nul: a frame says itself how many bytes it has: leave out their number
  125
  dualpipe: option --frame: raw: raw bytes have no frames: give their number, a silence, a prompt or their end
  125
  dualpipe: option --frame: raw: raw bytes have no frames: give their number, a silence, a prompt or their end
  125
  dualpipe: option --frame: raw: raw bytes have no frames: give their number, a silence, a prompt or their end
  125
  dualpipe: option --frame: raw: raw bytes have no frames: give their number, a silence, a prompt or their end
  125
  dualpipe: option --frame: lines: the kinds are line, crlf, nul, netstring, u8, u16, u32, u32le, varint, header, pktline and raw
  dualpipe: option --io: netstrings: the kinds are line, crlf, nul, netstring, u8, u16, u32, u32le, varint, header, pktline and raw
  125

--frame stands for all sets of rules, wherever it is given.
  $ dualpipe -n 1 -e a --frame=netstring --io=line -e b cat
  a
  b

--frame alone chooses request mode.
  $ printf '1:a,' | dualpipe --frame=netstring cat; echo; printf '1:a,' | dualpipe --io=netstring cat
  1:a,
  1:a, (no-eol)

A big message goes through in parts while it arrives, and needs no memory for all of it.
  $ head -c 30000000 /dev/zero >zeros; (printf '30000000:'; cat zeros; printf ,) >big
  > ending -m 8192 dualpipe --frame=netstring --await sh -c 'cat big' 2>how | cmp - big; cat how
  exited 0

--idle cuts no frame.
  $ dualpipe -q --frame=netstring --idle=0.1 --await sh -c 'printf 5:he; sleep 0.5; printf llo,1:x,; sleep 5'; echo
  5:hello,1:x,
