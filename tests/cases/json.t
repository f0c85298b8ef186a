# --json: an object for each reply, in the order of the requests, one a line.

All members of a reply.
  $ dualpipe --json -e 'seq 1' sh | sed 's/"\(ms\|cpu_ms\|maxrss_kb\)":[0-9.]*/"\1":N/g; s/"start":"[^"]*"/"start":T/'
  {"n":1,"request":"seq 1","reply":["1"],"outcome":"ok","status":0,"sent":true,"ms":N,"start":T,"cpu_ms":N,"maxrss_kb":N,"bytes":2,"worker":0,"attempt":1}

start: when it was sent, in UTC.
  $ date -u +%FT%T.%3NZ >1; dualpipe --json -e a cat | tee out | sed 's/.*"start":"\([^"]*\)".*/\1/' >2; date -u +%FT%T.%3NZ >3; sort -C 1 && cat 1 2 3 | sort -c && sed 's/.*\("start":"[^"]*"\).*/\1/' out
  "start":"20[0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]\.[0-9][0-9][0-9]Z" (re)

start: with --fresh when its child was started, which is before it has anything to say.
  $ dualpipe --json --fresh -e a sh -c 'date -u +%FT%T.%3NZ; cat' | sed 's/.*"reply":\["\([^"]*\)".*"start":"\([^"]*\)".*/\2\n\1/' | sort -c; dualpipe --json --fresh -k -e a -e b sh -c 'cat' | grep -c '"start":"20'
  2

code, signal: how the child ended, if it did so with the request; its child goes on: neither.
  $ for c in 'exit 3' 'exit 0' 'kill -SEGV $$' 'kill -9 $$' 'echo'; do dualpipe --json -e "$c" sh 2>/dev/null; dualpipe --json --fresh -e "$c" sh 2>/dev/null; done | sed 's/.*"outcome":\("[a-z]*"\).*"start":"[^"]*"\(.*\),"cpu_ms.*/\1 \2/'
  "ended" ,"code":3
  "ended" ,"code":3
  "ended" ,"code":0
  "ok" ,"code":0
  "ended" ,"signal":"SEGV"
  "ended" ,"signal":"SEGV"
  "ended" ,"signal":"KILL"
  "ended" ,"signal":"KILL"
  "ok"\x20 (esc)
  "ok" ,"code":0

code: also of the others that were under way on that child, but of none that was not begun.
  $ dualpipe --json -w 3 -e a -e b -e c sh -c 'read -r a; read -r b; read -r c; echo 1; exit 3' 2>/dev/null | sed 's/.*"n":\(.\).*"outcome":"\([^"]*\)".*"code":\(.\).*/\1 \2 \3/; s/,"ms".*//'; dualpipe --json -j 2 --setup x -e a sh -c 'read -r a; exit 3' 2>/dev/null | sed 's/"ms":[0-9.]*/"ms":N/'
  {"n":1,"request":"a","reply":["1"],"outcome":"ok","sent":true
  2 ended 3
  3 ended 3
  {"n":1,"request":"a","outcome":"not-started","sent":false,"ms":N,"bytes":0,"worker":0,"attempt":0}

cpu_ms: what the child has used so far; it only grows, and its children that it has waited for count.
  $ burn='i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done'; dualpipe --json -e 'echo 1' -e "$burn; echo 2" -e 'echo 3' -e "($burn); echo 4" -n 0 -e "$burn; exit" sh >out 2>/dev/null
  > sed 's/.*"cpu_ms":\([0-9]*\).*/\1/' out | { read -r a; read -r b; read -r c; read -r d; [ $b -ge $((a + 20)) ] && [ $c -ge $b ] && [ $d -ge $((c + 20)) ] && echo grows; }
  > dualpipe --json --fresh -e "$burn" sh | sed 's/.*"cpu_ms":\([0-9]*\).*/\1/' | { read -r a; [ $a -ge 20 ] && echo fresh; }
  grows
  fresh

#: needs python3
maxrss_kb: the most memory that it has held, so far.
  $ dualpipe --json -e 1 -e 'len(bytearray(b"x") * 90000000)' -e 2 python3 -c 'import sys
  > for line in sys.stdin: print(eval(line), flush=True)' | sed 's/.*"maxrss_kb":\([0-9]*\).*/\1/' | { read -r a; read -r b; read -r c; [ $a -gt 1000 ] && [ $a -lt 80000 ] && [ $b -gt 87000 ] && [ $c -ge $b ] && echo so far; }
  so far

bytes: of the reply as it came, with line ends and what a frame has around its body; of a part too.
  $ dualpipe --json -n 2 -e 'printf "a\r\n\n"' -n 0 -e x= -n 1 -e 'printf par; exit' sh 2>/dev/null | sed 's/.*\("bytes":[0-9]*\).*/\1/'; printf '3:abc,' | dualpipe --json --frame=netstring cat | grep -o '"bytes":[0-9]*'
  "bytes":4
  "bytes":0
  "bytes":3
  "bytes":6

#: needs strace
Without --json nothing is measured: the child's files in /proc are not read.
  $ for o in --json -v; do strace -qqf -o calls -e trace=openat dualpipe $o -e a cat >/dev/null 2>&1; grep -cE '/proc/[0-9]+/(stat|status)"' calls; done; :
  2
  0

reply: an array, a member for each line.
  $ dualpipe --json -n 3 -e 'printf "1\n\n 3\n"' -n 1 -e 'echo' sh | sed 's/.*\("reply":\[.*\]\).*/\1/'
  "reply":["1",""," 3"]
  "reply":[""]

A request that draws no reply has an empty one.
  $ dualpipe --json -n 0 -e 'x=1' -n 1 -e 'echo $x' sh | sed 's/,"sent.*//'
  {"n":1,"request":"x=1","reply":[],"outcome":"ok"
  {"n":2,"request":"echo $x","reply":["1"],"outcome":"ok"

A reply that does not end in a line end says so.
  $ dualpipe --json --fence 'echo {}' -e 'printf "a\nb"' -e 'printf b' -e 'echo c' sh | sed 's/,"outcome.*//'
  {"n":1,"request":"printf \\"a\\\\nb\\"","reply":["a","b"],"unfinished":true (esc)
  {"n":2,"request":"printf b","reply":["b"],"unfinished":true
  {"n":3,"request":"echo c","reply":["c"]

request: without the frame's end; line ends within it are kept.
  $ dualpipe --json -n 2 -e 'a
  > b' -f - cat <<. | sed 's/.*\("request":"[^"]*"\).*/\1/'
  > c
  > 
  > .
  "request":"a\\nb" (esc)
  "request":"c\\n" (esc)

Quotes, backslashes and control bytes are escaped.
  $ dualpipe --json -e 'a"b\c/	d' -b echo | sed 's/,"outcome.*//'; dualpipe --json -n 1 -e x sh -c 'read -r x; printf "\001\010\t\014\r\033\037\177\n"; cat' | sed 's/.*\("reply":.*\],\).*/\1/'
  {"n":1,"request":"a\\"b\\\\c/\\td","reply":["a\\"b\\\\c/\\td"] (esc)
  "reply":["\\u0001\\u0008\\t\\u000c\\r\\u001b\\u001f\x7f"], (esc)

#: needs python3
Every byte there and back, by python3.
  $ dualpipe -q --json --fence 'echo {}' -e 'i=0; while [ $i -lt 256 ]; do printf "\\$(printf %o $i)"; i=$((i+1)); done' -e 'printf "\303\244\342\202\254\360\237\230\200\n"' -e 'printf "\355\240\200"' -e 'printf "\300\200"' -e 'printf "\364\220\200\200"' -e 'printf "a\303"' -e 'printf "\0"' sh >out
  > python3 -c 'import json, base64
  > for line in open("out", encoding="utf-8"):
  >     o = json.loads(line)
  >     b = base64.b64decode(o["reply_base64"]) if "reply_base64" in o else None
  >     print(o["reply"] if b is None else "all" if b == bytes(range(256)) else b)'
  all
  ['\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80'] (esc)
  b'\\xed\\xa0\\x80' (esc)
  b'\\xc0\\x80' (esc)
  b'\\xf4\\x90\\x80\\x80' (esc)
  b'a\\xc3' (esc)
  ['\\x00'] (esc)

#: needs python3
A request of any bytes.
  $ printf '\377\n' >f; dualpipe --json -f f -e "$(printf 'a\302\265')" cat | python3 -c 'import sys, json
  > for line in sys.stdin:
  >     o = json.loads(line); print(sorted(o), o.get("request_base64"))'
  ['attempt', 'bytes', 'cpu_ms', 'maxrss_kb', 'ms', 'n', 'outcome', 'reply_base64', 'request_base64', 'sent', 'start', 'worker'] /w==
  ['attempt', 'bytes', 'cpu_ms', 'maxrss_kb', 'ms', 'n', 'outcome', 'reply', 'request', 'sent', 'start', 'worker'] None

matched: which pattern of the set held, from 0; of another rule there is none.
  $ dualpipe --json -u '^end' -u '^error' -n 3 -e 'echo end' -e 'echo error' -e 'seq 3' sh | sed 's/.*"sent":true,//; s/"ms.*//'
  "matched":0,
  "matched":1,
   (esc)

A timeout: outcome, and the part that had come, as text.
  $ dualpipe --json -t 0.5 -n 3 -e a sh -c 'read -r a; printf "1\n2"; exec sleep 100' 2>/dev/null | sed 's/,"ms.*//'
  {"n":1,"request":"a","partial":"1\\n2","outcome":"timeout","sent":true (esc)

Its part as base64 where it is no text.
  $ dualpipe --json -t 0.5 -e a sh -c 'read -r a; printf "\377"; exec sleep 100' 2>/dev/null | sed 's/,"ms.*//'
  {"n":1,"request":"a","partial_base64":"/w==","outcome":"timeout","sent":true

The child ended: outcome ended.
  $ dualpipe --json -e a sh -c 'read -r a; printf par; exit 3' 2>/dev/null | sed 's/,"ms.*//'
  {"n":1,"request":"a","partial":"par","outcome":"ended","sent":true

A reply that is too long: outcome frame.
  $ dualpipe --json --max-message 5 -e a sh -c 'read -r a; echo 0123456789; cat' 2>/dev/null | sed 's/"partial":"[^"]*",//; s/,"ms.*//'
  {"n":1,"request":"a","outcome":"frame","sent":true

With -k the run goes on; one object for each request, in order.
  $ dualpipe --json -k -t 0.5 -n 2 -e a -e b -e c sh -c 'while read -r a; do echo $a; [ $a != b ] || exec sleep 100; echo 2; done' 2>/dev/null | sed 's/,"ms.*//'
  {"n":1,"request":"a","reply":["a","2"],"outcome":"ok","sent":true
  {"n":2,"request":"b","partial":"b\\n","outcome":"timeout","sent":true (esc)
  {"n":3,"request":"c","reply":["c","2"],"outcome":"ok","sent":true

A late reply is in no object.
  $ dualpipe --json -k -t 1 -e a -e b sh -c 'while read -r a; do [ $a != a ] || until grep -qs "request 1: no" err; do sleep 0.02; done; echo $a; done' 2>err | sed 's/,"sent.*//'; grep -c 'late reply to request 1' err
  {"n":1,"request":"a","outcome":"timeout"
  {"n":2,"request":"b","reply":["b"],"outcome":"ok"
  1

No part goes to stderr with --json.
  $ dualpipe --json -k -e a sh -c 'read -r a; printf par; exit 3' 2>&1 >/dev/null
  dualpipe: request 1: sh: ended with status 3 before its reply was whole
  dualpipe: requests: in 1, answered 0, failed 1
  [123]

#: needs python3
-j: in order, each of its own worker.
  $ seq 200 | dualpipe --json -j 3 -w 2 -l sh -c 'while read -r a; do echo $a; done' >out; python3 -c 'import json
  > all = [json.loads(l) for l in open("out")]
  > print([o["n"] for o in all] == list(range(1, 201)), all[77]["request"], all[77]["reply"])
  > print(all([o["reply"] == [o["request"]] for o in all]) if callable(all) else all == [o for o in all if o["reply"] == [o["request"]]])
  > print({o["worker"] for o in all} <= {0, 1, 2}, {o["attempt"] for o in all})'
  True 78 ['78']
  True
  True {1}

-j --unordered: n tells which.
  $ dualpipe --json -j 2 --unordered -e a -e b sh -c 'read -r a; [ $a = b ] || until grep -q b out; do sleep 0.02; done; echo $a; cat' >out; sed 's/,"outcome.*//' out
  {"n":2,"request":"b","reply":["b"]
  {"n":1,"request":"a","reply":["a"]

attempt: which try it was.
  $ dualpipe --json --retries 3 -e a -e b sh -c 'read -r a; echo x >>tries; [ $(wc -l <tries) -ge 3 ] || exit 1; echo $a; cat' | sed 's/.*"n":\(.\).*"attempt":/\1 /'
  1 3}
  2 1}

stderr is relayed by default, and attached to its request.
  $ dualpipe --json -e 'echo 1' -e 'echo e2 >&2; echo 2' -e 'echo e3a >&2; echo e3b >&2; echo 3' sh | sed 's/,"outcome.*//; s/.*"reply"://'
  ["1"]
  ["2"],"stderr":"e2\\n" (esc)
  ["3"],"stderr":"e3a\\ne3b\\n" (esc)

stderr with a fence: what comes behind a reply's last byte is still its own.
  $ for i in $(seq 30); do dualpipe --json --fence 'echo {}' -e 'echo 1; echo e1 >&2' -e 'echo 2' -e 'echo 3; echo e3 >&2' sh | sed 's/,"outcome.*//; s/.*"reply"://'; done | sort | uniq -c
       30 ["1"],"stderr":"e1\\n" (esc)
       30 ["2"]
       30 ["3"],"stderr":"e3\\n" (esc)

stderr with a prompt.
  $ for i in $(seq 30); do dualpipe --json -p '> $' -e 1 -e 2 -e 3 sh -c 'printf "> "; while read -r a; do [ $a = 2 ] || echo e$a >&2; echo $a; printf "> "; done' | sed 's/,"outcome.*//; s/.*"reply"://'; done | sort | uniq -c
       30 ["1"],"stderr":"e1\\n" (esc)
       30 ["2"]
       30 ["3"],"stderr":"e3\\n" (esc)

meanwhile: what came on stderr with a window, as it may not belong to that request; with --fresh it does.
  $ for o in -w1 '-w 4' '-w auto' '-w auto --fresh' '-j 2'; do dualpipe $o --json --fence 'echo {}' -e 'echo 1; echo e >&2' sh; done 2>/dev/null | grep -oE '"(stderr|meanwhile)":"[^"]*"'
  "stderr":"e\\n" (esc)
  "meanwhile":"e\\n" (esc)
  "meanwhile":"e\\n" (esc)
  "stderr":"e\\n" (esc)
  "stderr":"e\\n" (esc)

A reply on stderr alone.
  $ dualpipe --json --fence 'echo {}' -e 'nosuch' -e 'echo 2' sh 2>/dev/null | sed 's/"outcome.*//'
  {"n":1,"request":"nosuch","reply":[],"stderr":"sh: 1: nosuch: not found\\n", (esc)
  {"n":2,"request":"echo 2","reply":["2"],

#: needs python3
2 MB on stderr, and bytes that are no text there.
  $ dualpipe --json --fence 'echo {}' -e 'seq 300000 >&2' -e 'printf "\377" >&2' sh | python3 -c 'import sys, json
  > for line in sys.stdin:
  >     o = json.loads(line); print(len(o.get("stderr", "")), o.get("stderr_base64"), o["reply"])'
  1988895 None []
  0 /w== []

stderr with -j: each worker's is attached to its own request.
  $ seq 60 | dualpipe --json -j 3 --fence 'echo {}' -l sh -c 'while read -r a; do case $a in *echo*) eval "$a" ;; *) echo "e$a" >&2; echo $a ;; esac; done' | sed 's/.*"request":"\(.*\)","reply":\["\(.*\)"\],"stderr":"e\(.*\)\\n".*/\1 \2 \3/' | awk '$1 == $2 && $2 == $3' | wc -l
  60

--stderr given: it goes there, and is no member.
  $ dualpipe --json --stderr=err -e 'echo e >&2; echo 1' sh | grep -c stderr; cat err
  0
  e

stderr that belongs to no request goes to ours.
  $ dualpipe --json --setup 'echo set >&2; echo' --quit 'echo bye >&2' -e 'echo 1' sh 2>err | sed 's/,"outcome.*//'; cat err
  {"n":1,"request":"echo 1","reply":["1"]
  set
  bye

--fresh: an object for each child's whole output.
  $ dualpipe --json --fresh -e a -e b sh -c 'cat; echo e >&2; printf .' | sed 's/,"outcome.*//'
  {"n":1,"request":"a","reply":["a","."],"unfinished":true,"stderr":"e\\n" (esc)
  {"n":2,"request":"b","reply":["b","."],"unfinished":true,"stderr":"e\\n" (esc)

--fresh: a child that ends non-zero failed, what it said is there.
  $ dualpipe --json --fresh -k -e a sh -c 'cat; exit 3' 2>/dev/null | sed 's/,"sent.*//'
  {"n":1,"request":"a","reply":["a"],"outcome":"ended"

A child without an answer, on a status; the end is the same as without --json.
  $ for o in '' --json; do dualpipe $o -e a sh -c 'read -r a; exit 7' >/dev/null 2>&1; echo $?; dualpipe $o -t 0.1 -e a sleep 100 >/dev/null 2>&1; echo $?; dualpipe $o --max-message 3 -e a sh -c 'read -r a; echo 12345; cat' >/dev/null 2>&1; echo $?; dualpipe $o -e a sh -c 'read -r a; kill -9 $$' >/dev/null 2>&1; echo $?; done | tr '\n' ' '
  7 124 122 137 7 124 122 137  (no-eol)

#: needs python3
Every line is JSON, whatever happens.
  $ for o in '' -k '-j 2' '-k -j 2' --fresh '-k --fresh' '-k -w 3' '--retries 1' '--unordered -k -j 2'; do for c in 'exit 3' 'kill -9 $$' 'exec sleep 100' 'printf "\377\t\""; exit 1' 'echo 12345678901' 'exec >&-; exec sleep 100' ':'; do
  >     dualpipe $o --json --grace 0.1 --max-message 10 -t 0.3 -e a -e b -e c sh -c "read -r a; echo e >&2; [ \$a != b ] || { $c; }; echo \$a" 2>/dev/null
  > done; done | python3 -c 'import sys, json
  > lines = [json.loads(line) for line in sys.stdin]
  > print(sorted({o["outcome"] for o in lines} - {"not-started"}), len(lines) >= 9 * 7, not [o for o in lines if o["outcome"] == "ok" and o.get("reply") not in ([o["request"]], [])])'
  ['ended', 'frame', 'ok', 'timeout'] True True

#: needs jq
jq reads it.
  $ seq 3 | dualpipe --json -l sh -c 'while read -r a; do echo "<$a>"; done' | jq -r '[.n, .request, .reply[0], .outcome] | @tsv'
  1\t1\t<1>\tok (esc)
  2\t2\t<2>\tok (esc)
  3\t3\t<3>\tok (esc)

Objects come as their replies do, not at the end.
  $ mkfifo in out; dualpipe --json -l cat <in >out & exec 3>in 4<out; for i in 1 2; do echo $i >&3; read -r line <&4; echo "$line" | sed 's/,"outcome.*//'; done; exec 3>&-; wait $!
  {"n":1,"request":"1","reply":["1"]
  {"n":2,"request":"2","reply":["2"]

One child that ends after an answer: the books have every request that was given.
  $ dualpipe --json -e a -e b -e c sh -c 'read -r a; echo $a' 2>&1 >/dev/null | grep -cE '^dualpipe: requests: in (1, answered 1, failed 0, not begun 2|2, answered 1, failed 1, not begun 1)$'
  1

After a failure too objects are written whole, however slowly they are read.
  $ big=$(head -c 60000 /dev/zero | tr '\0' x); printf '%s\n' a $big $big $big >in; dualpipe --json -w 4 -l sh -c 'read -r a; sleep 0.2; exit 3' <in 2>/dev/null | { sleep 0.5; grep -c '^{"n":.*}$'; }
  4

#: needs python3
A signal ends that; nothing is written behind what it has cut short.
  $ big=$(head -c 60000 /dev/zero | tr '\0' x); printf '%s\n' a $big $big $big >in; mkfifo out; python3 -c 'import os, time
  > fd = os.open("out", os.O_RDONLY)
  > while not os.path.exists("killed"): time.sleep(0.01)
  > print(open(fd).read().count("\n"))' >lines & exec 3>out; dualpipe --json -w 4 -l sh -c 'read -r a; sleep 0.2; exit 3' <in >&3 2>err & exec 3>&-; until grep -q ended err 2>/dev/null; do :; done; sleep 0.1; kill $!; : >killed; wait $!; echo $?; wait; cat lines
  3
  2

After a deadline too, to a reader that takes them.
  $ big=$(head -c 60000 /dev/zero | tr '\0' x); printf '%s\n' a $big $big $big >in; dualpipe --json -w 4 --deadline 0.3 -l sh -c 'read -r a; exec sleep 60' <in 2>/dev/null | { sleep 0.6; grep -c '^{"n":.*}$'; }
  4
