# Programs that prompt without a line end, over pipes or on a terminal only.

lua -i echoes what it reads, over pipes too; its second prompt asks for more; an error goes to stderr.
#: needs lua5.4
  $ dualpipe -t 10 --stderr=relay -p '^>>? $' -e '=1+1' -e x=5 -e 'print(x*x)' -e 'for i=1,2 do' -e 'print(i)' -e end -e 'error("no")' \
  >     -e nosuch --quit='os.exit(3)' -- lua5.4 -i 2>err; echo "status $?"; head -n 1 err
  =1+1
  2
  x=5
  print(x*x)
  25
  for i=1,2 do
  print(i)
  end
  1
  2
  error("no")
  nosuch
  nil
  status 3
  stdin:1: no

1.5 MB and the prompt behind them.
#: needs lua5.4
#: limit 60
  $ dualpipe -t 20 -p '^>>? $' -e 'print(("x"):rep(1500000))' -e '=6*7' --quit='os.exit()' -- lua5.4 -i >out; wc -c <out; tr -s x <out
  1500035
  print(("x"):rep(1500000))
  x
  =6*7
  42

node -i has a banner of two lines, and prompts "... " within a function.
#: needs node
#: limit 60
  $ dualpipe -t 20 -p '^(>|\.\.\.) $' -e 6*7 -e 'const x = 5' -e 'function f(y) {' -e 'return x * y }' -e 'f(3)' -e nosuch -e '[1,2]' \
  >     --quit='process.exit(3)' -- node -i; echo "status $?"
  42
  undefined
  undefined
  15
  Uncaught ReferenceError: nosuch is not defined
  [ 1, 2 ]
  status 3

node that evaluates the lines of its stdin.
#: needs node
#: limit 60
  $ dualpipe --stderr=null -t 20 -e '6*7' -e '[1,2].map(x => x * 2).join()' \
  >     -- node -e 'require("readline").createInterface({input: process.stdin}).on("line", l => console.log(eval(l)))'
  42
  2,4

swipl asks by one blank whether more solutions are wanted; an empty line ends the others. Its errors go to stderr.
#: needs swipl
#: limit 60
  $ dualpipe -t 20 --ready=none -p ' $' -u '^$' -e 'X is 6*7.' -e 'member(X,[a,b]).' -e ';' -e 'member(X,[a,b]).' -e '' -e 'fail.' \
  >     --quit='halt(3).' -- swipl -q; echo "status $?"
  X = 42.
  
  X = aX = b.
  
  X = a
  false.
  
  status 3

tclsh prompts on a terminal only, and says there what a line yields.
#: needs tclsh
  $ dualpipe -t 10 --pty -p '^% $' -e 'set x 5' -e 'expr {$x*$x}' -e foo -e 'string repeat x 5000' --quit='exit 3' -- tclsh >out; echo "status $?"
  > tr -d '\r' <out | awk 'length > 99 { $0 = length " bytes" } 1'
  status 3
  5
  25
  invalid command name "foo"
  5000 bytes

ssh-keygen asks twice for a passphrase, on the terminal alone, and has time to write the key, which then opens by it.
#: needs ssh-keygen
  $ dualpipe -t 20 --pty -p ': $' -e secret -n 1 -e secret -- ssh-keygen -q -t ed25519 -f key -C me; echo "status $?"
  > dualpipe -t 20 --pty --ready='^Enter passphrase.*: $' -n 2 -e secret -- ssh-keygen -y -f key; echo "status $?"
  > dualpipe -t 20 --pty --ready='^Enter passphrase.*: $' -n 2 -e wrong -- ssh-keygen -y -f key; echo "status $?"
  
  Enter same passphrase again
  status 0
  
  ssh-ed25519 [A-Za-z0-9+/=]+ me (re)
  status 0
  
  Load key "key": incorrect passphrase supplied to decrypt private key\r (esc)
  status 255

On a terminal none edits its lines: what each answers is whole, without echo or escapes, and its greeting is told.
#: needs bc
#: needs gdb
#: needs node
#: needs python3
#: needs sqlite3
  $ printf 'set enable-bracketed-paste on\nset editing-mode vi\nset show-mode-in-prompt on\n' >.inputrc
  > ask() { TERM=xterm dualpipe -t 20 --pty "$@" 2>err; echo "$? $(grep -c 'not taken for a reply' err)"; }
  > ask -e 1+1 bc; ask -e 'print 1+1' gdb -q; ask -e 1+1 node; ask -e 1+1 python3; ask -e 'select 1+1;' sqlite3
  2
  123 1
  $1 = 2
  123 1
  2
  123 1
  2
  123 1
  2
  123 1
