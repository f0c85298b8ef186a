# State that a session keeps between calls: 100 from each of bash, dash, fish, make and an empty
# environment (tests/tools/callers), all of one child.

#: long
bc.
#: needs bash
#: needs dash
#: needs fish
#: needs make
#: limit 60
  $ dualpipe --no-reply== -e x=0 @$PWD/s bc; callers 100 "dualpipe -n 0 -e x=x+1 -n 1 -e x @$PWD/s" >got; seq 500 | cmp - got; dualpipe -e x @$PWD/s; dualpipe --stop @$PWD/s
  500

#: long
python.
#: needs bash
#: needs dash
#: needs fish
#: needs make
#: limit 60
  $ dualpipe -a python -e 'seen = []' @$PWD/s; callers 100 "dualpipe -e 'seen.append(len(seen)); len(seen)' @$PWD/s" >got; seq 500 | cmp - got; dualpipe -e 'seen == list(range(500))' @$PWD/s; dualpipe --stop @$PWD/s
  True

#: long
sqlite3: a transaction over all these calls; others don't see it, and it is rolled back.
#: needs bash
#: needs dash
#: needs fish
#: needs make
#: needs sqlite3
#: limit 60
  $ dualpipe -a sqlite3 -e 'create table t(a);' -e 'begin;' @$PWD/s sqlite3 db; callers 100 "dualpipe -e 'insert into t values(1); select count(*) from t;' @$PWD/s" >got; seq 500 | cmp - got
  > sqlite3 db 'select count(*) from t;'; dualpipe -e 'rollback;' @$PWD/s; dualpipe -e 'select count(*) from t;' @$PWD/s; dualpipe --stop @$PWD/s
  0
  0

sqlite3: begun, filled, read, committed, each by a call of its own; then others see it.
#: needs sqlite3
  $ dualpipe -a sqlite3 -e 'create table t(a);' @db sqlite3 db; dualpipe -e 'begin;' @db; for i in 1 2 3; do dualpipe -e "insert into t values($i);" @db; done; dualpipe -e 'select sum(a) from t;' @db
  > sqlite3 db 'select count(*) from t;'; dualpipe -e 'begin;' @db 2>&1; dualpipe -e 'commit;' @db; sqlite3 db 'select count(*) from t;'; dualpipe --stop @db
  6
  0
  .*cannot start a transaction within a transaction (re)
  dualpipe: request 1: the program says: Runtime error near line 19: cannot start a transaction within a transaction
  dualpipe: requests: in 1, answered 0, failed 1
  3

#: long
A server of MCP, after one handshake: what it notifies of its own meanwhile is no reply.
#: needs bash
#: needs dash
#: needs fish
#: needs make
#: needs python3
#: limit 60
  $ dualpipe -a mcp -e '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' @$PWD/s mcp-counter | grep -o '"name":"add"'
  > call='{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"add","arguments":{"n":1}}}'; callers 100 "dualpipe -q -e '$call' @$PWD/s" 2>err | sed -n 's/.*"id":"a","result":.*"text":"\([0-9]*\)".*/\1/p' >got; seq 500 | cmp - got
  > dualpipe -q -e '{"jsonrpc":"2.0","id":2,"method":"nosuch"}' @$PWD/s; dualpipe --stop @$PWD/s
  "name":"add"
  {"jsonrpc":"2.0","id":2,"error":{"code":-32601,"message":"no such method"}}
  dualpipe: request 1: the program says: {"code":-32601,"message":"no such method"}
  dualpipe: requests: in 1, answered 0, failed 1

#: long
A server of LSP, after one handshake: a file that is opened once, and grows by a line at its top.
#: needs bash
#: needs dash
#: needs fish
#: needs make
#: needs clangd
#: limit 120
  $ file="\"uri\":\"file://$PWD/t.c\""; edit="\"contentChanges\":[{\"range\":{\"start\":{\"line\":0,\"character\":0},\"end\":{\"line\":0,\"character\":0}},\"text\":\"\\n\"}]"
  > dualpipe -t 60 -a lsp -e "{\"jsonrpc\":\"2.0\",\"method\":\"textDocument/didOpen\",\"params\":{\"textDocument\":{$file,\"languageId\":\"c\",\"version\":1,\"text\":\"int x;\\n\"}}}" @$PWD/s -- clangd --log=error
  > callers 100 "dualpipe -t 60 -e '{\"jsonrpc\":\"2.0\",\"method\":\"textDocument/didChange\",\"params\":{\"textDocument\":{$file},$edit}}' -e '{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"textDocument/documentSymbol\",\"params\":{\"textDocument\":{$file}}}' @$PWD/s" 2>err |
  >     sed -n 's/^{"id":7,.*"end":{"character":5,"line":\([0-9]*\)}.*/\1/p' >got; seq 500 | cmp - got; dualpipe --stop @$PWD/s

#: needs session-place
By name, where there is neither a home nor XDG_RUNTIME_DIR: the directory below /tmp is used.
  $ there() { name=@case-$$; env -i PATH="$BUILD:/usr/bin:/bin" dualpipe $name "$@"; }; place=/tmp/dualpipe-$(id -u); there --no-reply== -e x=41 bc; there -e x+1; ls $place | grep -c "^case-$$"
  > there --stop; there --stop 2>/dev/null; echo $?; stat -c %a $place; ls $place | grep -c "^case-$$"; rmdir $place 2>/dev/null || :
  42
  3
  1
  700
  0
