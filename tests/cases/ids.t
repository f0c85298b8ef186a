# --id at its edges: what makes two ids the same, the empty one, null, and very long ones.

--id json: a string is the same however it is escaped.
  $ dualpipe -w 4 --id json -e '{"id":"a/b","method":"m"}' -e '{"id":"é","method":"m"}' -e '{"id":"😀\n","method":"m"}' -e '{"id":"\ud83d\ude00","method":"m"}' sh -c 'for i in 1 2 3 4; do read -r a; done; cat <<\.; cat
  > {"id":"\ud83d\uDE00\u000a"}
  > {"id":"😀"}
  > {"id":"\u00E9"}
  > {"id":"a\/b"}
  > .' 2>&1
  {"id":"a\/b"}
  {"id":"\u00E9"}
  {"id":"\ud83d\uDE00\u000a"}
  {"id":"😀"}

--id json: numbers are compared by their value.
  $ for i in 1 1.0 1e0 10E-1 0.1e+1; do dualpipe -t 5 --id json -e '{"id":1,"method":"m"}' sh -c "read -r a; printf '%s\n' '{\"id\":$i}'; cat"; done
  {"id":1}
  {"id":1.0}
  {"id":1e0}
  {"id":10E-1}
  {"id":0.1e+1}

--id json: numbers are no strings, and a reply that takes one for the other is told.
  $ dualpipe --id json -e '{"id":1,"method":"m"}' sh -c 'read -r a; for i in 2 "\"1\"" "\"\\u0031\"" "\"x\"" 1; do printf "%s\n" "{\"id\":$i}"; done; cat' 2>err; cat err
  {"id":1}
  * {"id":2}
  * {"id":"1"}
  dualpipe: request 1: that is not its reply: its id is of another type than the request's
  * {"id":"\\u0031"}
  * {"id":"x"}

#: needs python3
--id json: python's json.dumps escapes what is not ASCII.
  $ cat >server <<.
  > import sys, json
  > for line in sys.stdin:
  >     print(json.dumps({"id": json.loads(line)["id"]}), flush=True)
  > .
  > dualpipe --id json -e '{"id":"naïve 😀/","method":"m"}' -e '{"id":"\u0000\b","method":"m"}' python3 -X utf8 server
  {"id": "na\u00efve \ud83d\ude00/"}
  {"id": "\u0000\b"}

--id json: late replies under -k -t are known by an id that is written otherwise.
  $ dualpipe -k -t 1 --id json -e '{"id":"/","method":"m"}' -e '{"id":2,"method":"m"}' sh -c 'read -r a; until grep -qs "request 1: no whole" err; do sleep 0.02; done; echo "{\"id\":\"\\/\"}"; read -r a; echo "{\"id\":2}"; cat' 2>err
  > status=$?; cut -d: -f1-3 err; exit $status

  {"id":2}
  dualpipe: request 1: no whole reply in 1s
  dualpipe: dropped: the late reply to request 1
  dualpipe: requests: in 2, answered 1, failed 1
  [123]

--id json: null is the id of a request of the child's, but answers none.
  $ dualpipe --id json -e '{"id":1,"method":"m"}' sh -c 'read -r a; echo "{\"id\":null,\"error\":1}"; echo "{\"method\":\"ask\",\"id\":null}"; read -r a; echo "$a" >got; echo "{\"id\":1}"; cat' 2>err; cat err; sed 's/"message":"[^"]*"/"message":M/' got
  {"id":1}
  * {"id":null,"error":1}
  * {"method":"ask","id":null}
  {"jsonrpc":"2.0","id":null,"error":{"code":-32601,"message":M}}

--id json: a request of ours whose id is null draws no reply.
  $ dualpipe --id json -e '{"id":null,"method":"m"}' -e '{"id":1,"method":"m"}' sh -c 'read -r a; read -r b; echo "{\"id\":1}"; cat'
  {"id":1}

--id json: a long id of a request of the child's is answered, whole.
  $ dualpipe --id json -e '{"id":1,"method":"m"}' sh -c 'read -r a; for n in 250 300 60000; do id=$(printf "\"%0${n}d\"" 7); echo "{\"id\":$id,\"method\":\"ask\"}"; read -r a; case $a in *"\"id\":$id,\"error\""*) echo $n >>got ;; esac; done; echo "{\"id\":1}"; cat' 2>err; wc -l <err; cat got
  {"id":1}
  3
  250
  300
  60000

--id json: one of more than 64 KiB is shown, and not answered.
  $ dualpipe --id json -e '{"id":1,"method":"m"}' -e '{"id":2,"method":"m"}' sh -c 'read -r a; printf "{\"id\":\"%065535d\",\"method\":\"ask\"}\n" 7; echo "{\"id\":1}"; read -r a; echo "$a" >got; echo "{\"id\":2}"; cat' 2>err; cut -c 1-12 err; cat got
  {"id":1}
  {"id":2}
  * {"id":"000
  {"id":2,"method":"m"}

An empty id is one, and not that of a request that doesn't match.
  $ dualpipe -w 3 --id '^#([a-z]*)$' -e '#' -e 'none' -e '#a' sh -c 'read -r a; read -r b; read -r c; echo "#a"; echo "#A"; echo "#"; cat' 2>err; cat err
  #
  #a
  * #A

Late replies of an empty id are dropped by it.
  $ dualpipe -k -t 1 --id '^#([a-z]*)$' -e '#' -e '#b' sh -c 'read -r a; until grep -qs "request 1: no whole" err; do sleep 0.02; done; echo "#"; read -r b; echo "$b"; cat' 2>err
  > status=$?; cut -d: -f1-3 err; exit $status

  #b
  dualpipe: request 1: no whole reply in 1s
  dualpipe: dropped: the late reply to request 1
  dualpipe: requests: in 2, answered 1, failed 1
  [123]

A quit text that has an id is answered before the input ends; one that has none is not awaited.
  $ cat >server <<'END'
  > while read -r line; do case $line in
  >     *shutdown*) timeout 0.3 cat >/dev/null; open=$?; echo '{"id":9}'; exit $((124 - open)) ;;
  >     *) echo '{"id":1}' ;;
  > esac; done
  > END
  > for quit in '{"id":9,"method":"shutdown"}' '{"method":"shutdown"}'; do
  >     dualpipe --id=json --quit="$quit" -e '{"id":1,"method":"x"}' sh ./server; echo "status $?"
  > done
  {"id":1}
  status 0
  {"id":1}
  status 124

--id json: a batch is paired by the ids of its requests, in any order; one of notifications draws none.
  $ dualpipe -t 5 -w 4 --id json -e '[{"id":1,"method":"a"},{"method":"n"},{"id":"x","method":"a"}]' -e '[{"method":"n"}]' -e '[{"id":3,"method":"a"}]' -e '{"id":4,"method":"a"}' sh -c 'for i in 1 2 3 4; do read -r a; done; cat <<\.; cat
  > {"id":4}
  > [{"id":3.0,"result":1}]
  > [{"id":"x"},{"id":1}]
  > .'
  [{"id":"x"},{"id":1}]
  [{"id":3.0,"result":1}]
  {"id":4}

--id json: what is no batch of replies, or of other ids, is shown.
  $ dualpipe -t 5 --id json -e '[{"id":1,"method":"a"}]' sh -c 'read -r a; cat <<\.; cat
  > [{"id":2}]
  > [{"id":null,"error":{}}]
  > [{"id":1,"method":"a"}]
  > {"id":1}
  > []
  > [{"id":1}]
  > .' 2>err; cat err
  [{"id":1}]
  * [{"id":2}]
  * [{"id":null,"error":{}}]
  * [{"id":1,"method":"a"}]
  * {"id":1}
  * []

The beginning of a line that comes behind a reply stays: its rest is not taken for another reply.
  $ dualpipe --id='^([0-9]+)' -e '5 a' -e '1 b' -- sh -c 'read -r a; printf "5 a\n9"; read -r b; printf "1 x\n1 b\n"' 2>err; cat err
  5 a
  1 b
  * 91 x
