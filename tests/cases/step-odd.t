# In step though something odd happens: around set-up and end, between requests, after failures.

A reply that is whole before the child ends badly is written once.
  $ dualpipe --fresh -n 1 -e a sh -c 'read a; echo hi; exit 3' 2>/dev/null
  hi
  [123]

What a silence has ended is no stray output later.
  $ dualpipe -n 3 --idle 0.2 -e a -e b sh -c 'while read a; do printf "<$a>"; done'
  <a><b> (no-eol)

A silence begins anew with another try.
  $ dualpipe --idle 0.6 --retries=1 -e a sh -c 'read a; if mkdir first 2>&-; then sleep 0.5; exit 1; fi; sleep 0.4; echo "$a"; read b'
  a

Quit texts have no limit of the requests'.
  $ dualpipe -t 0.3 --quit bye -e a sh -c 'read a; echo $a; read b; sleep 0.6; exit 0'
  a

A set-up text whose reply is too long.
  $ dualpipe --max-message=10 --setup 'x=123456789012345' -e a cat 2>/dev/null
  [123]

A set-up text that is answered before it is all sent is sent whole.
  $ s=$(head -c 120000 /dev/zero | tr '\0' x); dualpipe -n1 --setup "$s" -e b sh -c 'echo hi; read -r a; read -r b; echo ${#a} $b'
  120000 b

A second child that is never ready does not hold up the end.
#: limit 30
  $ printf 'a\nb\n' | dualpipe -j2 -l --ready=ok sh -c 'if mkdir first; then sleep 0.2; echo ok; exec cat; else exec sleep 100; fi' 2>/dev/null
  a
  b

A flood on stderr holds up neither a reply nor a limit.
  $ dualpipe --stderr=relay -t 0.5 -e a -e b sh -c 'read a; yes >&2 & echo $a; read b; sleep 100' 2>/dev/null
  a
  [124]

Requests after one that is asked again of a fresh child are asked of that.
  $ printf 'a\nb\nc\n' | dualpipe -l --retries=1 -t 0.5 sh -c 'if mkdir first 2>&-; then exec sleep 100; fi; cat' 2>/dev/null
  a
  b
  c

Also if it takes several.
  $ printf 'a\nb\nc\n' | dualpipe -l --retries=3 sh -c 'if mkdir first 2>&- || mkdir second 2>&-; then read a; exit 1; fi; cat'
  a
  b
  c

A child out of step is stopped at the end, not waited for.
#: limit 5
  $ dualpipe -k -t 0.3 -e hang sh -c 'read a; exec sleep 100' 2>/dev/null

  [123]

Also one that can't end by itself because nobody reads it.
#: limit 5
  $ dualpipe -k --max-message=10 -e a sh -c 'head -c 300000 /dev/zero; cat' 2>/dev/null

  [123]

An empty request of its own child ends that child's input.
  $ dualpipe --fresh -f /dev/null wc -c
  0

Children of their own that answer and end badly follow each other without a pause.
#: limit 10
  $ seq 60 | dualpipe --fresh -k -l grep 5 2>/dev/null | grep -c 5
  15

A child that closes its output may take what draws no reply as slowly as it likes.
#: limit 20
  $ seq 50000 | dualpipe -n 0 -l sh -c 'exec >&-; sleep 3; wc -l >lines'; cat lines
  50000

One request starts one child of four.
  $ dualpipe -j4 -e a --ready=ok sh -c 'echo >>starts; sleep 0.3; echo ok; exec cat'; wc -l <starts
  a
  1

A fence whose reply was ended by a count leaves nothing of it to the next.
  $ (head -c 300000 /dev/zero | tr '\0' x; echo) >big
  > dualpipe --fence 'F {}' -n 1 -f big -e b sh -c 'head -c 1; echo early; sleep 0.3; while read -r a b; do case $a in F) echo $b;; x*) ;; *) echo "<$a>"; esac; done'
  xearly
  <b>

A request by id of whose reply nothing came is asked again though others were answered.
  $ dualpipe -w 2 --retries=1 --id='^([0-9]+)' -e '1 a' -e '2 b' sh -c 'if mkdir first 2>&-; then read a; read b; echo $b; exit 1; fi; cat'
  1 a
  2 b
