# git cat-file --batch: a first line says how many bytes follow it.

An object, one that is missing, a tree, and 2 MiB of any bytes, by the length in the first line.
#: needs git
#: limit 60
  $ git init -q -b main g && cd g && git config user.email a@b && git config user.name n && printf 'hello\n' >a
  > for i in $(seq 0 255); do printf "\\$(printf %o "$i")"; done >big
  > for i in 1 2 3 4 5 6 7 8 9 10 11 12 13; do cat big big >more; mv more big; done
  > git add a big && git commit -qm one
  > printf '%s\n' HEAD:a HEAD:nope 'HEAD^{tree}' HEAD:big HEAD:a >../asked; cd ..
  > dualpipe -t 20 --length='^[0-9a-f]{40} [a-z]+ ([0-9]+)$' -l -- git -C g cat-file --batch <asked >out; echo "status $?"
  > git -C g cat-file --batch <asked | cmp - out && wc -c <out; head -n 4 out
  > dualpipe -t 20 -w 3 -j 2 --length='^[0-9a-f]{40} [a-z]+ ([0-9]+)$' -l -- git -C g cat-file --batch <asked | cmp - out
  status 0
  2097445
  ce013625030ba8dba906f756967f9e9ca394464a blob 6
  hello
  
  HEAD:nope missing

The same by lines and marks, where a missing object's line ends what no line count can.
#: needs git
#: limit 60
  $ git init -q -b main g && cd g && git config user.email a@b && git config user.name n && printf 'hello\n' >a
  > seq 300000 >big; git add a big && git commit -qm one; cd ..
  > dualpipe -t 20 -n 3 -e HEAD:a -n 1 -e HEAD:nope -u ' missing$' -e 'HEAD:big
  > -' -n 3 -e HEAD:a -- git -C g cat-file --batch >out; echo "status $?"
  > printf '%s\n' HEAD:a HEAD:nope HEAD:big - HEAD:a | git -C g cat-file --batch | cmp - out
  status 0
