# Programs that speak in frames: git in NUL and in packets, a language server in headers.

git check-ignore -z: a reply is four fields, each ended by NUL; names may hold line ends.
#: needs git
  $ git init -q -b main g && printf '*.o\nbuild/\n' >g/.gitignore
  > dualpipe -t 20 --frame=nul -n 4 -e x.o -e y.c -e 'new
  > line.o' -- git -C g check-ignore --stdin -z -v -n >out; echo "status $?"; tr '\0' '|' <out; echo
  > printf 'x.o\0y.c\0new\nline.o\0' | tee in | git -C g check-ignore --stdin -z -v -n | cmp - out
  > dualpipe -t 20 --frame=nul -n 4 git -C g check-ignore --stdin -z -v -n <in | cmp - out
  > dualpipe -t 20 --frame=nul -n 4 --json git -C g check-ignore --stdin -z -v -n <in | sed 's/,"outcome.*//'
  status 0
  .gitignore|1|*.o|x.o||||y.c|.gitignore|1|*.o|new
  line.o|
  {"n":1,"request":"x.o","reply":[".gitignore","1","*.o","x.o"]
  {"n":2,"request":"y.c","reply":["","","","y.c"]
  {"n":3,"request":"new\\nline.o","reply":[".gitignore","1","*.o","new\\nline.o"] (esc)

git ls-files -z at end of file; git hash-object by lines, its results to NUL.
#: needs git
  $ git init -q -b main g && cd g && printf hi >'a b' && git add . && cd ..
  > dualpipe --frame=nul --fresh --await -- git -C g ls-files -z | tr '\0' '|'; echo
  > dualpipe -t 20 --io=nul -e 'a b' -- git -C g hash-object --stdin-paths | tr '\0' '|'; echo
  a b|
  32f95c0d1244a78b2be1bab8de17906fabb2c4a8|

git upload-pack, protocol 2: packets, of which a flush ends request and reply.
#: needs git
  $ git init -q -b main g && cd g && git config user.email a@b && git config user.name n && git commit -q --allow-empty -m one && cd ..
  > id=$(git -C g rev-parse HEAD); export GIT_PROTOCOL=version=2
  > ask() { dualpipe -t 20 --frame=pktline -u '^0000$' --await -n 0 -e 'command=ls-refs' -e 0001 -e symrefs -u '^0000$' -e 0000 "$@" -- git upload-pack g; }
  > ask --io=line | sed "1,/^0000/d; s/$id/ID/"; ask --io=pktline >out; echo "status $?"
  > printf '0013command=ls-refs0001000bsymrefs0000' | git upload-pack g | cmp - out
  ID HEAD symref-target:refs/heads/main
  ID refs/heads/main
  0000
  status 0

clangd: its notes and its own requests come between; the reply is the message with the request's id.
#: needs clangd
#: needs python3
#: limit 90
  $ cat >ask <<'.'
  > text='int foo(int x){return x;}\nint main(){return foo(1)+y;}\n'
  > dualpipe -t 60 --frame=header --id=json --quit='{"jsonrpc":"2.0","method":"exit"}' \
  >     -e '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":null,"rootUri":"file://'"$PWD"'","capabilities":{"textDocument":{"publishDiagnostics":{}}}}}' \
  >     -e '{"jsonrpc":"2.0","method":"initialized","params":{}}' \
  >     -e '{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"file://'"$PWD"'/t.c","languageId":"c","version":1,"text":"'"$text"'"}}}' \
  >     -u "undeclared identifier 'y'" --await --id=json \
  >     -e '{"jsonrpc":"2.0","id":2,"method":"textDocument/hover","params":{"textDocument":{"uri":"file://'"$PWD"'/t.c"},"position":{"line":1,"character":19}}}' \
  >     -e '{"jsonrpc":"2.0","id":9,"method":"shutdown"}' "$@" -- clangd --log=error
  > .
  > . ./ask >out; echo "status $?"; cut -c 1-48 out
  > set -- --io=header; . ./ask >framed; echo "status $?"
  > python3 -c 'import re
  > framed, bodies = open("framed", "rb").read(), []
  > while framed:
  >     head = re.match(rb"Content-Length: (\d+)\r\n\r\n", framed)
  >     bodies.append(framed[head.end():head.end() + int(head[1])])
  >     framed = framed[head.end() + int(head[1]):]
  > print(b"\n".join(bodies) + b"\n" == open("out", "rb").read())'
  status 0
  {"id":1,"jsonrpc":"2.0","result":{"capabilities"
  {"jsonrpc":"2.0","method":"textDocument/publishD
  {"id":2,"jsonrpc":"2.0","result":{"contents":{"k
  {"id":9,"jsonrpc":"2.0","result":null}
  status 0
  True
