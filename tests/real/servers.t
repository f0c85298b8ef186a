# Servers of two protocols: LSP, framed by Content-Length, and MCP, by lines. Requests go by their
# ids, the handshake is the preset's.

clangd: an opened file, what it says of a name there, and of nothing; its exit is a clean one.
#: needs clangd
#: limit 120
  $ cat >asked <<END
  > {"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"file://$PWD/t.c","languageId":"c","version":1,"text":"int foo(int x) { return x; }\nint main(void) { return foo(1) + y; }\n"}}}
  > {"jsonrpc":"2.0","id":1,"method":"textDocument/hover","params":{"textDocument":{"uri":"file://$PWD/t.c"},"position":{"line":1,"character":25}}}
  > {"jsonrpc":"2.0","id":"b","method":"nosuch","params":{}}
  > {"jsonrpc":"2.0","id":3,"method":"textDocument/documentSymbol","params":{"textDocument":{"uri":"file://$PWD/t.c"}}}
  > END
  > dualpipe -t 60 --status-fd=3 -a lsp -l -- clangd --log=error <asked >out 2>err 3>status; grep -o '"outcome":.*"in":4' status
  > wc -l <out; for i in 1 2 3; do sed -n "${i}p" out | grep -o '"id":\("b"\|[0-9]\)\|function foo\|"code":-[0-9]*\|"name":"main"' | sort | tr '\n' ' '; done; grep -o 'undeclared identifier .y.' err
  "outcome":"error","code":0,"in":4
  3
  "id":1 function foo "code":-32601 "id":"b" "id":3 "name":"main" undeclared identifier 'y'

clangd: fifty requests, eight under way; each its own reply.
#: needs clangd
#: limit 120
  $ for i in $(seq 50); do printf '{"jsonrpc":"2.0","id":%d,"method":"nosuch"}\n' "$i"; done >asked
  > dualpipe -t 60 -w 8 -a lsp -l -- clangd --log=error <asked >out 2>err; grep -o '"id":[0-9]*' out | tr -d '"id:' >ids; seq 50 | cmp - ids; tail -n 1 err
  dualpipe: requests: in 50, answered 0, failed 50
  

pyright: a type in Python; its own requests are answered that there is no such method.
#: needs pyright-langserver
#: limit 120
  $ cat >asked <<END
  > {"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"file://$PWD/t.py","languageId":"python","version":1,"text":"def foo(x: int) -> str:\n    return str(x)\nbar = foo(1)\n"}}}
  > {"jsonrpc":"2.0","id":1,"method":"textDocument/hover","params":{"textDocument":{"uri":"file://$PWD/t.py"},"position":{"line":2,"character":0}}}
  > END
  > dualpipe -t 60 --status-fd=3 -a lsp -l -- pyright-langserver --stdio <asked 2>err 3>status | grep -o '"id":1\|bar: str'; grep -o '"outcome":"ok","code":0,"in":2' status
  "id":1
  bar: str
  "outcome":"ok","code":0,"in":2

pyright, kept: what one call opens, 100 others find.
#: needs pyright-langserver
#: limit 120
  $ dualpipe -t 60 -a lsp -e '{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"file:///t.py","languageId":"python","version":1,"text":"def foo(x: int) -> str:\n    return str(x)\nbar = foo(1)\n"}}}' @py -- pyright-langserver --stdio 2>err
  > for i in $(seq 100); do dualpipe -t 60 -e '{"jsonrpc":"2.0","id":'$i',"method":"textDocument/hover","params":{"textDocument":{"uri":"file:///t.py"},"position":{"line":2,"character":0}}}' @py 2>err; done | grep -c 'bar: str'; dualpipe --stop @py
  100

bash-language-server: the functions of a script.
#: needs bash-language-server
#: limit 120
  $ cat >asked <<END
  > {"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"file://$PWD/t.sh","languageId":"shellscript","version":1,"text":"foo() { echo hi; }\nfoo\n"}}}
  > {"jsonrpc":"2.0","id":1,"method":"textDocument/documentSymbol","params":{"textDocument":{"uri":"file://$PWD/t.sh"}}}
  > END
  > dualpipe -t 60 --status-fd=3 -a lsp -l -- bash-language-server start <asked 2>err 3>status | grep -o '"id":1\|"name":"foo"'; grep -o '"outcome":"ok","code":0,"in":2' status
  "id":1
  "name":"foo"
  "outcome":"ok","code":0,"in":2

A file system over MCP: its tools, a file, one that is not there, a method that is none.
#: needs mcp-server-filesystem
#: limit 120
  $ mkdir files; printf 'hello\n' >files/a.txt; cat >asked <<END
  > {"jsonrpc":"2.0","id":1,"method":"tools/list"}
  > {"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"read_text_file","arguments":{"path":"$PWD/files/a.txt"}}}
  > {"jsonrpc":"2.0","id":"c","method":"tools/call","params":{"name":"read_text_file","arguments":{"path":"$PWD/files/nosuch"}}}
  > {"jsonrpc":"2.0","id":4,"method":"nosuch"}
  > END
  > dualpipe -t 60 -a mcp -l -- mcp-server-filesystem files <asked 2>err >out; echo "status $?"; wc -l <out; sed 1q out | grep -o '"name":"read_text_file"'
  > tail -n 3 out | grep -o '"id":\("c"\|[0-9]\)\|"text":"[^"]\{0,12\}\|"isError":true\|"code":-[0-9]*'
  status 123
  4
  "name":"read_text_file"
  "text":"hello\\n (re)
  "id":2
  "text":"ENOENT: no s
  "isError":true
  "id":"c"
  "id":4
  "code":-32601

A memory over MCP: what one request makes, another finds; so does another run.
#: needs mcp-server-memory
#: limit 120
  $ export MEMORY_FILE_PATH=$PWD/memory.json
  > dualpipe -t 60 -a mcp -e '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"create_entities","arguments":{"entities":[{"name":"bc","entityType":"program","observations":["calculates"]}]}}}' \
  >     -e '{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"read_graph","arguments":{}}}' -- mcp-server-memory 2>err | grep -c 'calculates.*"id":'
  > dualpipe -t 60 -a mcp -e '{"jsonrpc":"2.0","id":"x","method":"tools/call","params":{"name":"search_nodes","arguments":{"query":"bc"}}}' -- mcp-server-memory 2>err | grep -o 'calculates\|"id":"x"' | uniq
  2
  calculates
  "id":"x"

The same, kept: 100 calls, each of which adds to what the last one finds.
#: needs mcp-server-memory
#: limit 120
  $ export MEMORY_FILE_PATH=$PWD/memory.json; ask() { dualpipe -t 60 -e '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"'"$1"'","arguments":{'"$2"'}}}' @m; }
  > dualpipe -t 60 -a mcp -e '{"jsonrpc":"2.0","id":"l","method":"tools/list"}' @m -- mcp-server-memory 2>err | grep -c '"id":"l"'; for i in $(seq 100); do ask create_entities '"entities":[{"name":"n'$i'","entityType":"t","observations":["o'$i'"]}]'; done | grep -c '"result"'
  > ask read_graph | grep -o '\\"name\\": \\"n[0-9]*' | sort -u | wc -l; dualpipe --stop @m
  1
  100
  100

A server of everything over MCP: the same by jsonrpc, the handshake being the user's; eight under way.
#: needs mcp-server-everything
#: limit 120
  $ one() { printf '{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"echo","arguments":{"message":"m%d"}}}\n' "$1" "$1"; }
  > for i in $(seq 40); do one "$i"; done >asked; dualpipe -t 60 -w 8 -a mcp -l -- mcp-server-everything <asked 2>err >out
  > sed 's/.*Echo: m\([0-9]*\)".*"id":\([0-9]*\).*/\1 \2/' out | awk '$1 != NR || $2 != NR' | head -n 3; wc -l <out
  > dualpipe -t 60 -a jsonrpc -e '{"jsonrpc":"2.0","id":"i","method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}' \
  >     -e '{"jsonrpc":"2.0","method":"notifications/initialized"}' -e "$(one 7)" -- mcp-server-everything 2>err | grep -o '"id":.*\|Echo: m7'
  40
  "id":"i"}
  Echo: m7
  "id":7}
