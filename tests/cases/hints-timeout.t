# What is said of a reply that doesn't end: the last bytes that came, what they suggest, and no
# advice that is in force already.

A CR behind the prompt.
  $ dualpipe -t 0.3 --ready=none -p 'ok$' -e a -- sh -c 'read -r a; printf "one\nok\r"; exec sleep 20' 2>&1 >/dev/null
  dualpipe: request 1: no whole reply in 0.3s: sh sleeps, 0 bytes not read by it, 7 bytes received, at last "one\nok\r": a \r behind it keeps the rule from matching: let the pattern take it
  dualpipe: requests: in 1, answered 0, failed 1
  [124]

A prompt that lacks the blank of its pattern, and one that has a blank more; one without a line end for a rule of lines.
  $ ask() { dualpipe -t 0.3 "$@" -e a -- sh -c 'read -r a; printf "one\n$0"; exec sleep 20' "$end" 2>&1 >/dev/null | head -n 1; }
  > end='>' ask --ready=none -p '> $'; end='> ' ask --ready=none -p '^>$'; end=ok ask -u '^ok$'; end=two ask -n 3
  dualpipe: request 1: no whole reply in 0.3s: sh sleeps, 0 bytes not read by it, 5 bytes received, at last "one\n>": the rule awaits a blank behind it: leave it out of the pattern
  dualpipe: request 1: no whole reply in 0.3s: sh sleeps, 0 bytes not read by it, 6 bytes received, at last "one\n> ": a blank behind it keeps the rule from matching: let the pattern take it
  dualpipe: request 1: no whole reply in 0.3s: sh sleeps, 0 bytes not read by it, 6 bytes received, at last "one\nok": its last line has no line end, which the rule awaits: -p takes a line without
  dualpipe: request 1: no whole reply in 0.3s: sh sleeps, 0 bytes not read by it, 7 bytes received, at last "one\ntwo": try a longer -t, or -n, -u or --idle as its replies end, or -n 0 or --no-reply for a request that draws none

A blank behind the fence's token, or a quote.
  $ ask() { dualpipe -t 0.3 --fence='echo {}' -e a -- sh -c 'read -r a; read -r e token; echo one; echo "$token$0"; exec sleep 20' "$1" 2>&1 >/dev/null | head -n 1; }
  > ask ' '; ask "' x"; dualpipe -t 10 --fence='echo {}' -e a -- sh -c 'read -r a; read -r e token; echo one; echo ">$token"'; echo
  dualpipe: request 1: no whole reply in 0.3s: sh sleeps, 0 bytes not read by it, 26 bytes received, at last "one.ndp[0-9a-f]*n1 .n": " " stands behind the fence's token, which must end its line (re)
  dualpipe: request 1: no whole reply in 0.3s: sh sleeps, 0 bytes not read by it, 28 bytes received, at last "one.ndp[0-9a-f]*n1' x.n": "' x" stands behind the fence's token, which must end its line (re)
  one
  >

An id of another type.
  $ dualpipe -t 0.3 --id=json -e '{"id":1,"method":"a"}' -- sh -c 'read -r a; echo "{\"id\":\"1\",\"result\":2}"; exec sleep 20'
  > dualpipe -t 0.3 --id='^([0-9]+)' -e '1 b' -- sh -c 'read -r a; echo 01 c; exec sleep 20'
  * {"id":"1","result":2}
  dualpipe: request 1: that is not its reply: its id is of another type than the request's
  dualpipe: request 1: no whole reply in 0.3s: sh sleeps, 0 bytes not read by it, 22 bytes received: "{"id":"1","result":2}\n" came and answers no request: an id must be of the same type, "1" is not 1
  dualpipe: requests: in 1, answered 0, failed 1
  * 01 c
  dualpipe: request 1: no whole reply in 0.3s: sh sleeps, 0 bytes not read by it, 5 bytes received: "01 c\n" came and answers no request: its id must be the same bytes
  dualpipe: requests: in 1, answered 0, failed 1
  [124]

What only the rule can know: the last bytes, no more of them than fit, and what may help.
  $ dualpipe -t 0.3 -u x -e a -- sh -c 'read -r a; seq 30; printf "\033[m"; exec sleep 20' 2>&1 | tail -n 2
  > dualpipe -t 0.3 -u x -e a --json -- sh -c 'read -r a; echo 1; exec sleep 20' 2>&1 >/dev/null | head -n 1
  \x1b[mdualpipe: request 1: no whole reply in 0.3s: sh sleeps, 0 bytes not read by it, 84 bytes received, at last "1\\n22\\n23\\n24\\n25\\n26\\n27\\n28\\n29\\n30\\n\\x1b[m": try a longer -t, or -n, -u or --idle as its replies end, or -n 0 or --no-reply for a request that draws none (esc)
  dualpipe: requests: in 1, answered 0, failed 1
  dualpipe: request 1: no whole reply in 0.3s: sh sleeps, 0 bytes not read by it, 2 bytes received, at last "1\n": try a longer -t, or -n, -u or --idle as its replies end, or -n 0 or --no-reply for a request that draws none

Which worker, and on which host.
  $ dualpipe -k -j 2 -t 0.3 -e a -e b sleep 20 2>&1 | grep -o 'request [12] .*: no' | sort
  > dualpipe -k -t 0.3 --hosts=alpha:2 --via='env AT={host}' -e a sleep 20 2>&1 | grep -o 'request 1 .*:.*0.3s'
  request 1 .worker [12].: no (re)
  request 2 .worker [12].: no (re)
  request 1 (worker 1, host alpha): no whole reply in 0.3s

#: limit 60
What the note after 5 s has said is not said again: the state is, and the bytes that came.
  $ dualpipe -t $((6 * SLOW)) -u x -e a -- sh -c 'read -r a; echo one; exec sleep 600' 2>&1 >/dev/null | sed 's/in [0-9.]*s/in Ns/'
  dualpipe: request 1: no whole reply yet: sh sleeps, 0 bytes not read by it, 4 bytes received, at last "one\n": try a longer -t, or -n, -u or --idle as its replies end, or -n 0 or --no-reply for a request that draws none
  dualpipe: request 1: no whole reply in Ns: sh sleeps, 0 bytes not read by it, 4 bytes received, at last "one\n"
  dualpipe: requests: in 1, answered 0, failed 1

What is in force is not advised.
  $ dualpipe -t 0.3 --unbuffer -e a -- sh -c 'read -r a; exec cat' 2>&1 | grep -c 'try.*--unbuffer'; dualpipe -t 0.3 -e a -- grep --line-buffered b 2>&1 | grep -c 'unbuffer\|grep --'
  > dualpipe -t 0.3 --fresh -e a -- sleep 20 2>&1 | head -n 1; dualpipe -t 0.3 -e a sh -c 'read -r a; exec cat' 2>&1 | grep -c 'try -a'
  0
  0
  dualpipe: request 1: no whole reply in 0.3s: sleep sleeps, 0 bytes not read by it, 0 bytes received: try a longer -t
  0
  [1]

-p awaits its prompt before the first request too.
  $ dualpipe --start-timeout 0.3 -p 'END$' -e a -- sh -c 'while read -r a; do printf "x\nEND"; done'
  > dualpipe -t 10 --ready=none -p 'END$' -e a -- sh -c 'while read -r a; do printf "x\nEND"; done'; dualpipe --start-timeout 0.3 --ready=x -e a -- sh -c 'while read -r a; do echo y; done' 2>&1 | head -n 1
  dualpipe: getting ready: sh: not in time: sh sleeps, 0 bytes not read by it, 0 bytes received: -p implies --ready, so its prompt is awaited before the first request: try a longer --start-timeout, or --ready=none if it gives none there
  dualpipe: requests: in 0, answered 0, failed 0, not begun 1
  x
  dualpipe: getting ready: sh: not in time: sh sleeps, 0 bytes not read by it, 0 bytes received: try a longer --start-timeout, or another --ready, or --ready=none

#: limit 60
The same without a limit, after 5 s.
  $ dualpipe --deadline $((6 * SLOW)) -p 'END$' -e a -- sh -c 'while read -r a; do printf xEND; done' 2>&1 | head -n 1
  dualpipe: getting ready: not yet: sh sleeps, 0 bytes not read by it, 0 bytes received: -p implies --ready, so its prompt is awaited before the first request: try --ready=none if it gives none there

What came before the first request is shown too.
  $ dualpipe --start-timeout 0.3 -p '> $' -e a -- sh -c 'printf "hello\n>"; exec sleep 20'
  dualpipe: getting ready: sh: not in time: sh sleeps, 0 bytes not read by it, 7 bytes received, at last ">": the rule awaits a blank behind it: leave it out of the pattern
  dualpipe: requests: in 0, answered 0, failed 0, not begun 1
  [124]

In a session too.
  $ dualpipe -t 0.3 -u x -e a @s sh -c 'read -r a; echo one; printf two; exec sleep 60' 2>&1 | tail -n 2; dualpipe --stop @s
  twodualpipe: request 1: no whole reply in 0.3s: sh sleeps, 0 bytes not read by it, 7 bytes received, at last "one\ntwo": try a longer -t, or -n, -u or --idle as its replies end, or -n 0 or --no-reply for a request that draws none
  dualpipe: requests: in 1, answered 0, failed 1
