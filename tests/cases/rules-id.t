# --id: replies known by what they say, in any order; --async: frames that answer nothing.

--id: the frame whose group 1 equals the request's.
  $ dualpipe --id '^([0-9]+) ' -e '1 a' -e '2 b' sh -c 'while read -r a b; do echo "$a <$b>"; done'
  1 <a>
  2 <b>

In any order: with a window, the replies are given in that of the requests.
  $ dualpipe -w 3 --id '^([0-9]+) ' -e '1 a' -e '2 b' -e '3 c' sh -c 'read -r a; read -r b; read -r c; echo "$c"; echo "$a"; echo "$b"; cat'
  1 a
  2 b
  3 c

--unordered: as they come.
  $ dualpipe -w 3 --unordered --id '^([0-9]+) ' -e '1 a' -e '2 b' -e '3 c' sh -c 'read -r a; read -r b; read -r c; echo "$c"; echo "$a"; echo "$b"; cat'
  3 c
  1 a
  2 b

A window of many, each lot answered back to front.
  $ seq 300 >in; dualpipe -w 30 --id '^([0-9]+)$' -l sh -c 'for i in $(seq 10); do l=; for j in $(seq 30); do read -r a; l="$a $l"; done; printf "%s\n" $l; done; cat' <in | cmp - in

A request that doesn't match draws none.
  $ dualpipe --id '^([0-9]+) ' -e '1 a' -e 'set x' -e '2 b' sh -c 'x=-; while read -r a b; do [ $a = set ] && x=$b && continue; echo "$a $b $x"; done'
  1 a -
  2 b x

A frame whose id is no request's answers nothing: it goes to stderr, marked.
  $ dualpipe --id '^([0-9]+) ' -e '1 a' -e '2 b' sh -c 'while read -r a b; do echo "7 other"; echo "$a $b"; done' 2>err; cat err
  1 a
  2 b
  * 7 other
  * 7 other

Nor does a frame without an id.
  $ dualpipe --id '^([0-9]+) ' -e '1 a' sh -c 'read -r a; echo hello; echo "$a"; cat' 2>err; cat err
  1 a
  * hello

The id of an answered request answers nothing any more.
  $ dualpipe --id '^([0-9]+) ' -e '1 a' -e '2 b' sh -c 'read -r a; echo "$a"; read -r b; echo "$a"; echo "$b"; cat' 2>err; cat err
  1 a
  2 b
  * 1 a

The same id twice: the older request is answered first.
  $ dualpipe -w 2 --id '^([0-9]+) ' -e '1 a' -e '1 b' sh -c 'read -r a; read -r b; echo "$a."; echo "$b."; cat'
  1 a.
  1 b.

Ids are compared whole, as bytes.
  $ dualpipe -w 3 --id '^(.*):' -e 'a:1' -e 'aa:2' -e 'A:3' sh -c 'read -r a; read -r b; read -r c; echo "$c"; echo "$b"; echo "$a"; cat'
  a:1
  aa:2
  A:3

An id in the middle, other groups behind it.
  $ dualpipe --id 'id=([a-z]+)(;(.*))?$' -e 'GET id=x;q' sh -c 'read -r a; echo "200 id=x"; cat'
  200 id=x

An empty id is one.
  $ dualpipe --id '^#([a-z]*)$' -e '#' -e '#a' sh -c 'read -r a; echo "#"; read -r a; echo "#a"; cat'
  #
  #a

Late replies under -k -t are dropped by their id.
  $ dualpipe -k -t 1 --id '^([0-9]+) ' -e '1 a' -e '2 b' -e '3 c' sh -c 'while read -r a b; do [ $a = 1 ] && until grep -qs "request 1: no whole" err; do sleep 0.02; done; echo "$a $b"; done' 2>err
  > status=$?; cut -d: -f1-3 err; exit $status

  2 b
  3 c
  dualpipe: request 1: no whole reply in 1s
  dualpipe: dropped: the late reply to request 1
  dualpipe: requests: in 3, answered 2, failed 1
  [123]

A reply that never comes does not hold up the others, under -k.
  $ dualpipe -k -t 0.5 -w 2 --id '^([0-9]+) ' -e '1 a' -e '2 b' -e '3 c' -e '4 d' sh -c 'while read -r a b; do [ $a = 1 ] || echo "$a $b"; done' 2>err
  > status=$?; grep -c 'request 1: no whole' err; tail -n 1 err; exit $status

  2 b
  3 c
  4 d
  1
  dualpipe: requests: in 4, answered 3, failed 1
  [123]

--id needs a group.
  $ dualpipe --id 'x' -e a touch started; echo $?; ls
  dualpipe: pattern: x: at byte 1: put ( ) around the part that is meant
  125

--id stands alone.
  $ for o in '-u x' '-p x' '-n 2' '--idle 1' '--length (x)' '--bytes 3' '--fence {}' '--fresh'; do dualpipe --id '(x)' $o -e a touch started; echo $?; done | uniq -c; ls
  (dualpipe: .*an id ends replies alone: leave out the other rules|dualpipe: pattern: \(x\): at byte 1: an id ends replies alone: leave out the other rules) (re)
  (*)
        8 125

--id json: the top-level id of messages without a method.
  $ dualpipe --id json -e '{"id":1,"method":"a"}' -e '{"method":"b","id":2}' sh -c 'read -r a; echo "{\"result\":{\"id\":5},\"id\":1}"; read -r b; echo "{ \"id\" : 2 }"; cat'
  {"result":{"id":5},"id":1}
  { "id" : 2 }

--id json: strings and numbers are different ids; strings are compared as they are meant.
  $ dualpipe -w 3 --id json -e '{"id":1,"method":"a"}' -e '{"id":"1","method":"a"}' -e '{"id":"\u0041/","method":"a"}' sh -c 'read -r a; read -r b; read -r c; printf "%s\n" "{\"id\":\"A\\/\"}" "{\"id\":\"1\"}" "{\"id\":1}"; cat'
  {"id":1}
  {"id":"1"}
  {"id":"A\/"}

--id json: a request without an id, a notification, draws none.
  $ dualpipe --id json -e '{"method":"note"}' -e '{"id":1,"method":"a"}' sh -c 'read -r a; read -r b; echo "{\"id\":1}"; cat'
  {"id":1}

--id json: notices of the child's go to stderr, marked.
  $ dualpipe --id json -e '{"id":1,"method":"a"}' sh -c 'read -r a; echo "{\"method\":\"log\",\"params\":{\"id\":1}}"; echo "{\"id\":1}"; cat' 2>err; cat err
  {"id":1}
  * {"method":"log","params":{"id":1}}

--id json: a request of the child's is shown and answered -32601, with its id.
  $ dualpipe --id json -e '{"id":1,"method":"a"}' sh -c 'read -r a; for i in 1 "\"x y\""; do printf "%s\n" "{\"id\":$i,\"method\":\"ask\"}"; read -r r; printf "%s\n" "$r" >>got; done; echo "{\"id\":1}"; cat' 2>err
  > sed 's/"message":"[^"]*"/"message":M/' got; cat err
  {"id":1}
  {"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":M}}
  {"jsonrpc":"2.0","id":"x y","error":{"code":-32601,"message":M}}
  * {"id":1,"method":"ask"}
  * {"id":"x y","method":"ask"}

--id json: a request of the child's whose id is null is a request.
  $ dualpipe -q -t 5 --id json -e '{"id":1,"method":"a"}' sh -c 'read -r a; echo "{\"id\":null,\"method\":\"ask\"}"; read -r r; echo "{\"id\":1}"; echo "$r" >got; cat' 2>/dev/null; grep -c '"id":null,"error"' got
  {"id":1}
  1

--id json: what is no JSON answers nothing.
  $ dualpipe --id json -e '{"id":1,"method":"a"}' sh -c 'read -r a; echo "Starting {\"id\":1}"; echo "[{\"id\":1}]"; echo "{\"id\":1"; echo "{\"id\":1}"; cat' 2>err; cat err
  {"id":1}
  * Starting {"id":1}
  * [{"id":1}]
  * {"id":1

#: needs python3
--id json with a server in python3, a window of 8.
  $ cat >server <<.
  > import sys, json
  > held = []
  > for line in sys.stdin:
  >     q = json.loads(line)
  >     held.append(json.dumps({"jsonrpc": "2.0", "id": q["id"], "result": q["params"] * 2}))
  >     if len(held) == 8:
  >         print("\n".join(reversed(held)), flush=True)
  >         held = []
  > .
  > for i in $(seq 80); do echo '{"jsonrpc":"2.0","id":'$i',"method":"double","params":'$i'}'; done |
  >     dualpipe -w 8 --id json -l python3 server | sed 's/.*"result": \([0-9]*\)}/\1/' >got; seq 2 2 160 | cmp - got

--async: frames that match answer nothing, and go to stderr, marked.
  $ dualpipe --async '^!' -e a -e b sh -c 'while read -r a; do echo "!note $a"; echo "<$a>"; done' 2>err; cat err
  <a>
  <b>
  * !note a
  * !note b

--async more than once; amid a reply of several frames.
  $ dualpipe --async '^!' --async '^%' -n 2 -e a sh -c 'read -r a; printf "!0\n1\n%%1\n!2\n2\n"; cat' 2>err; cat err
  1
  2
  * !0
  * %1
  * !2

--async with -u, and with a prompt.
  $ dualpipe --async '^!' -u 'end$' -e a -p '> $' -e b sh -c 'read -r a; printf "1\n!the end\nend\n"; read -r a; printf "!2\n2\n!3\n> "; cat' 2>err; cat err
  1
  end
  2
  * !the end
  * !2
  * !3

--async with a fence.
  $ dualpipe --async '^!' --fence 'echo {}' -e 'echo 1; echo "!2"; echo 3' -e 'echo "!"' -e 'echo 4' sh 2>err; cat err
  1
  3
  4
  * !2
  * !

Bytes of --async that come before a request are no stray output.
  $ mkfifo in; dualpipe --async '^!' -l sh -c 'echo "!up"; : >up; cat' <in 2>err & exec 3>in; until [ -e up ]; do :; done; echo a >&3; exec 3>&-; wait $!; cat err
  a
  * !up

--async: bytes that could drive a terminal are shown escaped.
  $ dualpipe --async '^!' -e a sh -c 'read -r a; printf "!\033[31m\n"; echo "$a"; cat' 2>&1
  * !\x1b[31m
  a

--async stands for the requests that follow it.
  $ dualpipe --async '^!' -e a --async '^%' -n 1 -e b sh -c 'while read -r a; do printf "!$a\n%%$a\n"; done' 2>/dev/null
  %a
  !b
