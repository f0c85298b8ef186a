# Rules in sets: the first of a set to hold; sets that change; what is refused, with its advice.

The first of the set to hold ends the reply.
  $ dualpipe -n 3 -u '^end$' -p '> $' --ready none --bytes 6 -e a -e b -e c -e d sh -c 'read a; seq 3; read a; echo end; read a; printf "1\n> "; read a; printf abcdef; cat'; echo
  1
  2
  3
  end
  1
  abcdef

A rule that comes after a request begins a new set.
  $ dualpipe -u '^a$' -u '^b$' -e 1 -e 2 -u '^c$' -e 3 sh -c 'read a; echo a; read a; echo b; read a; printf "a\nb\nc\n"; cat'
  a
  b
  a
  b
  c

The same rule given twice before a request: the last one stands.
  $ dualpipe -n 5 -n 2 -e 'seq 2' -p x -p '> $' --ready none -e 'printf "x> "' sh
  1
  2
  x (no-eol)

Each kind of rule in turn, each for its own request.
  $ dualpipe -n 2 -e 'seq 2' -u 3 -e 'seq 3' --fence 'echo {}' -e 'printf 1' --bytes 2 -e 'echo 1' --length '^([0-9]+)$' -e 'echo 1; echo x' -n 0 -e 'y=3' --idle 0.2 -e 'printf "$y"' -n 1 -e 'echo; ' -e 'echo end' sh 2>/dev/null
  1
  2
  1
  2
  3
  1
  1
  1
  x
  3
  end

-t and --no-reply are no rules: they don't begin a set.
  $ dualpipe -n 2 -e 'seq 2' -t 20 -e 'seq 2' --no-reply '^x' -e 'x=5' -e 'seq 2' sh
  1
  2
  1
  2
  1
  2

--no-reply: a new list for the requests behind it.
  $ dualpipe --no-reply '^x=' -e 'x=1' --no-reply '^y=' -e 'y=$x$x' -e 'x=3; echo $y' sh
  11

--fresh holds for every set, and no rule of a set ends a reply sooner than another.
  $ dualpipe --fresh -e a -n 1 -e b sh -c 'cat; echo 2'
  a
  2
  b

For requests from stdin the last set stands.
  $ printf 'seq 2\nseq 2\n' | dualpipe -u '^never$' -n 2 -l sh
  1
  2
  1
  2

An option that no request follows is an error that says to put it before.
  $ for o in '-p x' '--fence {}' '--id (x)' '--length (x)' '--bytes 3' '--async x' '-n 0' '-u x'; do dualpipe -e x $o touch started; echo $?; done; ls
  dualpipe: option -p: no request follows it: put it before its request
  125
  dualpipe: option --fence: no request follows it: put it before its request
  125
  dualpipe: option --id: no request follows it: put it before its request
  125
  dualpipe: option --length: no request follows it: put it before its request
  125
  dualpipe: option --bytes: no request follows it: put it before its request
  125
  dualpipe: option --async: no request follows it: put it before its request
  125
  dualpipe: option -n: no request follows it: put it before its request
  125
  dualpipe: option -u: no request follows it: put it before its request
  125

--await is a request: it may be what follows.
  $ dualpipe -e 'seq 3' -n 2 --await sh
  1
  2
  3

--setup and --quit have the rules that stand before them.
  $ dualpipe -n 3 --setup 'seq 3' -n 0 --quit 'echo bye >said' -n 1 -e 'echo a' sh; cat said
  a
  bye

A backslash before another letter or digit is refused, in every pattern, with what to use.
  $ for o in -u -p --ready --id --length --async --no-reply; do for p in '\d' '\D' '\w' '\W' '\s' '\S' '\b' '\1' '\8' '\x41' '\0'; do dualpipe $o "$p" -e a touch started 2>&1; done; done | sed 's/at byte 1: .*/at byte 1/' | sort | uniq -c; ls
        7 dualpipe: pattern: \\0: at byte 1
        7 dualpipe: pattern: \\1: at byte 1
        7 dualpipe: pattern: \\8: at byte 1
        7 dualpipe: pattern: \\D: at byte 1
        7 dualpipe: pattern: \\S: at byte 1
        7 dualpipe: pattern: \\W: at byte 1
        7 dualpipe: pattern: \\b: at byte 1
        7 dualpipe: pattern: \\d: at byte 1
        7 dualpipe: pattern: \\s: at byte 1
        7 dualpipe: pattern: \\w: at byte 1
        7 dualpipe: pattern: \\x41: at byte 1

The advice for the usual ones.
  $ for p in '\d' '\D' '\w' '\W' '\s' '\S'; do dualpipe -u "$p" -e a cat; done
  dualpipe: pattern: \\d: at byte 1: write [0-9]
  dualpipe: pattern: \\D: at byte 1: write [^0-9]
  dualpipe: pattern: \\w: at byte 1: write [[:alnum:]_]
  dualpipe: pattern: \\W: at byte 1: write [^[:alnum:]_]
  dualpipe: pattern: \\s: at byte 1: write [[:space:]]
  dualpipe: pattern: \\S: at byte 1: write [^[:space:]]
  [125]

Within a bracket too.
  $ dualpipe -u '^[\d.]$' -e a cat
  dualpipe: pattern: ^[\\d.]$: at byte 3: write 0-9 within [ ]
  [125]

A backslash before a sign takes its meaning away.
  $ dualpipe -u '^\.\*\$$' -e a sh -c 'read a; printf "%s\n" "..$" ".*$"; cat'
  ..$
  .*$

\n, \t and \r are understood in every pattern.
  $ dualpipe -u '^1\r\t2$' -e a sh -c 'read a; printf "12\n1\r\t2\n"; cat' | od -An -c
     1   2  \n   1  \r  \t   2  \n

A pattern that can't be read is refused before anything starts, in every option.
  $ for o in -u -p --ready --id --length --async --no-reply; do dualpipe $o '(' -e a touch started; echo $?; done 2>&1 | grep -c 125; ls
  7

-w with a rule whose reply ends where nothing follows.
  $ for o in '-p x' '--idle 1'; do dualpipe -w 2 $o -e a touch started; echo $?; done; dualpipe -w 2 --fresh -e a touch started; echo $?; ls
  dualpipe: option -w: a reply that -p ends needs a child that is asked one at a time: leave out -w; -j 2 asks as many children
  125
  dualpipe: option -w: a reply that --idle ends needs a child that is asked one at a time: leave out -w; -j 2 asks as many children
  125
  dualpipe: option -w: with --fresh a child is asked one request: use -j
  125

Bad numbers.
  $ for o in '-n x' '-n -1' '-j -1' '-j x' '-w 0' '-w x' '--retries x' '--retries 1,all' '--retries -1' '--max-requests 0' '--max-requests x' '--idle 0' '--idle x'; do dualpipe $o -e a touch started 2>/dev/null; echo $?; done | uniq -c; ls
       13 125

A rule is no option of stream mode's: it makes request mode.
  $ printf 'a\nb\n' | dualpipe -n 2 sh -c 'read a; echo "$a"; timeout 0.2 head -c 1 | wc -c; read b; printf "$b\n2\n"; cat'
  a
  0
  b
  2
