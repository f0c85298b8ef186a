/* preset_table.c: the built-in presets. Each was tried against the program it is for:
 * tests/cases/presets.t, tests/real/presets*.t.
 *
 * Most programs use a fence: a command that prints the token after each reply, so that a reply may
 * have any number of lines. The options besides that turn off what would get mixed into
 * replies: prompts, echo, banners, pagers. Where a program can't be silenced on a pipe (node, lua)
 * the command is a loop in its own language that reads lines and evaluates them. */
#include "options/preset_table.h"
#include <stddef.h>

#define ASK(name, request, more) "  $ dualpipe -a " name " -e '" request "'" more "\n"

/* By these lines the programs say that a request failed. What a request prints itself can look the
 * same, on stderr too; so the patterns are as narrow as the programs allow. redis-cli prints an
 * error as any value, but with an empty line behind it. Much of what gdb writes to stderr is no
 * error, nor is what the program writes that it runs. */
#define BC_ERRORS                                                                                  \
    "--error='stderr:^Runtime error ' --error='stderr:^[^ ]+ [0-9]+: [^(]' "                       \
    "--error='stderr:^(Math|Execution|Parse) error: ' "
#define DC_ERRORS                                                                                  \
    "--error='stderr:^dc: ' --error='stderr:^(Math|Execution|Parse) error: ' "                     \
    "--error=\"^'.' \\(0[0-7]+\\) unimplemented$\" "
#define SQLITE_ERRORS "--error='stderr:^(Parse error|Runtime error|Error|ERROR|Usage)[ :]' "
#define PSQL_ERRORS                                                                                \
    "--error='stderr:^(psql:.*: )?((ERROR|FATAL|PANIC|error): |invalid |could not |"               \
    "\\\\[a-z]+: )' --error='stderr:: No such file or directory$' "
#define REDIS_ERRORS                                                                               \
    "--error='^(ERR|WRONGTYPE|WRONGPASS|NOAUTH|NOPERM|NOPROTO|NOSCRIPT|NOGROUP|NOREPLICAS|MOVED|"  \
    "ASK|TRYAGAIN|CROSSSLOT|CLUSTERDOWN|MASTERDOWN|BUSY|BUSYGROUP|BUSYKEY|UNKILLABLE|EXECABORT|"   \
    "LOADING|MISCONF|OOM|READONLY|UNBLOCKED|INPROG|DENIED) .*\\n$' --error='^Invalid "            \
    "argument[(]s[)]$' "
#define PYTHON_ERRORS                                                                              \
    "--error='stderr:Traceback \\(most recent call last\\):$' "                                   \
    "--error='stderr:^  File \"<[^>]*>\", line [0-9]+$' --error='stderr:^KeyboardInterrupt$' "
#define LUA_ERRORS                                                                                 \
    "--error='stderr:^stdin:([0-9]+| unfinished| error): ' --error='stderr:^stack traceback:$' "
#define GDB_ERRORS                                                                                 \
    "--error='stderr:^(A syntax error|Ambiguous|Argument|Attempt|Cannot|Can.t|Could not|"          \
    "Division by|Error|Function .* not|Invalid|Junk|Left operand|No|Th(at|is)|"                    \
    "The (current|history|program)|Un(defined|known|matched|recognized)|Value|Wrong|You) ' "       \
    "--error='stderr:(: No such file or directory|requires an argument)\\.$' "

/* Feeds lines of stdin to node's own REPL, one after another: the next one when the REPL has
 * evaluated the last, including what that awaits. */
#define NODE_LOOP                                                                                  \
    "\nconst input = new (require(\"stream\").PassThrough), lines = []\n"                          \
    "let busy = false, ended = false\n"                                                            \
    "const next = () => {\n"                                                                       \
    "    if (busy) return\n"                                                                       \
    "    if (ended && !lines.length) return input.end()\n"                                         \
    "    if (lines.length) { busy = true; input.write(lines.shift() + \"\\n\") }\n"                \
    "}\n"                                                                                          \
    "const options = {prompt: \"\", ignoreUndefined: true, terminal: false, input}\n"              \
    "const repl = require(\"repl\").start({...options, output: process.stdout})\n"                 \
    "repl.displayPrompt = () => { busy = false; setImmediate(next) }\n"                            \
    "const reader = require(\"readline\").createInterface({input: process.stdin})\n"               \
    "reader.on(\"line\", line => { lines.push(line); next() })\n"                                  \
    "reader.on(\"close\", () => { ended = true; next() })\n"

/* Evaluates lines of stdin as chunks of Lua, as lua -i does, but without its echo and prompts. A
 * chunk that is still unfinished when the fence comes is an error. */
#define LUA_LOOP                                                                                   \
    "\nlocal load, pack, unpack, print, call = load, table.pack, table.unpack, print, xpcall\n"    \
    "local type, tostring = type, tostring\n"                                                      \
    "local out, err, trace, text = io.stdout, io.stderr, debug.traceback, \"\"\n"                  \
    "for line in io.lines() do\n"                                                                  \
    "    local token = line:match(\"^print..(dp%x+n%d+)..$\")\n"                                   \
    "    if token and text ~= \"\" then err:write(\"stdin: unfinished: \", text) end\n"            \
    "    text = token and \"\" or text .. line .. \"\\n\"\n"                                       \
    "    if token then out:write(token, \"\\n\") end\n"                                            \
    "    local chunk, why = load(\"return \" .. text, \"=stdin\")\n"                               \
    "    if not chunk then chunk, why = load(text, \"=stdin\") end\n"                              \
    "    local r = chunk and pack(call(chunk, trace)) or {false, why}\n"                           \
    "    if chunk or not why:find(\"<eof>\", 1, true) then text = \"\" end\n"                      \
    "    local said = tostring(r[2])\n"                                                            \
    "    if type(r[2]) ~= \"string\" then said = \"stdin: error: \" .. said end\n"                 \
    "    if text == \"\" and not r[1] then err:write(said, \"\\n\") end\n"                         \
    "    if r[1] and r.n > 1 then print(unpack(r, 2, r.n)) end\n"                                  \
    "    out:flush()\n"                                                                            \
    "end\n"

const struct preset_row preset_table[] = {
    {"bc",
     BC_ERRORS "--fence='print \"{}\\n\"' -- bc -q", "GNU bc, arithmetic of any precision", "bc",
     ASK("bc", "x=6*7", " -e x") "  42"},
    {"dc", DC_ERRORS "--fence='[{}]nAP' -- dc", "GNU dc, the same on a stack", "dc",
     ASK("dc", "6 7 * p", "") "  42"},
    {"sqlite3",
     SQLITE_ERRORS "--fence=';\n.print {}' -- sqlite3 -batch", "SQLite's shell", "sqlite3",
     ASK("sqlite3", "select 6*7;", "") "  42"},
    {"psql",
     PSQL_ERRORS "--fence=';\n\\echo {}' -- psql -X -A -t -q",
     "PostgreSQL's shell, rows alone", "psql",
     ASK("psql", "select 6*7, 1;", " -- psql -X -A -t -q mydb") "  42|1"},
    {"redis", REDIS_ERRORS "-n 1 --start-timeout=10s --setup=PING --fence='ECHO {}' -- redis-cli",
     "Redis's shell, replies as they are", "redis-cli",
     ASK("redis", "SET x 42", " -e 'GET x'") "  OK\n  42"},
    {"python", PYTHON_ERRORS "--fence='\nprint(\"{}\")' --quit='raise SystemExit' "
     "-- python3 -i -q -u -c 'import sys; sys.ps1 = sys.ps2 = \"\"'",
     "python3, statements and expressions", "python pypy",
     ASK("python", "x = 6", " -e 'x * 7'") "  42"},
    {"node", "--error='^Uncaught( |:$)' "
     "--fence='.break\nconsole.log(\"{}\")' -- node -e '" NODE_LOOP "'",
     "node, statements and expressions", "node nodejs",
     ASK("node", "const x = 6", " -e 'x * 7'") "  42"},
    {"lua", LUA_ERRORS "--fence='print(\"{}\")' -- lua -e '" LUA_LOOP "'",
     "lua, statements and expressions", "lua", ASK("lua", "x = 6", " -e 'x * 7'") "  42"},
    {"octave", "--error='stderr:^(parse )?error: ?' --fence='disp(\"{}\")' "
     "-- octave-cli -q --no-history --interactive "
     "--no-line-editing --persist --eval 'PS1(\"\"); PS2(\"\"); PS4(\"\")'",
     "GNU Octave", "octave octave-cli", ASK("octave", "x = 6;", " -e 'x * 7'") "  ans = 42"},
    {"r", "--error='stderr:^Error( in |:)' -n 0 "
     "--setup='options(error = expression(NULL))' --fence='cat(\"{}\\n\")' "
     "-- R --no-save --no-echo", "R", "R", ASK("r", "x <- 6", " -e 'x * 7'") "  [1] 42"},
    {"sh", "--fence='echo {}' --setup='_dualpipe() { set -- $? \"$1\"; echo \"$2\"; return $1; }' "
     "--fence='_dualpipe {}' -- sh",
     "a shell; $? is that of the last request", "sh dash bash ksh zsh",
     ASK("sh", "x=42", " -e 'echo $x'") "  42"},
    {"gdb", GDB_ERRORS "--fence='echo {}\\n' -- gdb -q -nx -ex 'set prompt' -ex 'set confirm off' "
     "-ex 'set pagination off' -ex 'set width 0'",
     "GNU's debugger, its command line", "gdb", ASK("gdb", "print 6*7", "") "  $1 = 42"},
    {"smt", "--error='^\\(error \"' --fence='(echo \"{}\")' -- z3 -in",
     "z3 or cvc5, SMT-LIB commands", "z3",
     ASK("smt", "(declare-const x Int) (assert (= x (* 6 7)))",
         " \\\n  >     -e '(check-sat)' -e '(get-value (x))'") "  sat\n  ((x 42))"},
    {"gtp", "--error='^\\?[0-9]*( |$)' "
     "-u '^$' --no-reply='^[[:blank:]]*(#.*)?$' -- gnugo --mode gtp",
     "Go engines; a reply ends with an empty line", "gnugo", ASK("gtp", "name", "") "  = GNU Go\n"},
    {"uci", "--error='^Unknown command' -u '^(uciok|readyok|bestmove .*|Unknown command.*)$' "
     "--no-reply='^(position|setoption|ucinewgame|register|debug|ponderhit|stop|quit)' "
     "--setup=uci -- stockfish",
     "chess engines", "stockfish", ASK("uci", "isready", "") "  readyok"},
    {"ispell", "--ready='^@' -u '^$' --no-reply='^([*@#!%~+&-]|$)' -- aspell -a",
     "aspell; a reply ends with an empty line", "aspell",
     ASK("ispell", "hello", " -- aspell -a -d en_US") "  *\n"},
    {"hunspell", "--ready='^@' -u '^$' --no-reply='^[*@#!%~+&-]' -- hunspell -a",
     "hunspell, the same", "hunspell",
     ASK("hunspell", "hello", " -- hunspell -a -d en_US") "  *\n"},
    {"catfile", "--length='^[0-9a-f]+ [a-z]+ ([0-9]+)$' -- git cat-file --batch",
     "objects of a git repository, by name", "",
     ASK("catfile", "HEAD:nosuch", "") "  HEAD:nosuch missing"},
    {"mcp", "--error=json --id=json "
     "--setup='{\"jsonrpc\":\"2.0\",\"id\":\"dualpipe\",\"method\":\"initialize\","
     "\"params\":{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{},"
     "\"clientInfo\":{\"name\":\"dualpipe\",\"version\":\"" VERSION "\"}}}' "
     "--setup='{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}'",
     "a server of the Model Context Protocol", "",
     ASK("mcp", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}", " -- node server.js")
     "  {\"result\":{\"tools\":[...]},\"jsonrpc\":\"2.0\",\"id\":1}"},
    {"lsp", "--error=json --frame=header --io=line --id=json "
     "--setup='{\"jsonrpc\":\"2.0\",\"id\":\"dualpipe\",\"method\":\"initialize\","
     "\"params\":{\"processId\":null,\"rootUri\":null,\"capabilities\":{}}}' "
     "--setup='{\"jsonrpc\":\"2.0\",\"method\":\"initialized\",\"params\":{}}' "
     "--quit='{\"jsonrpc\":\"2.0\",\"id\":\"dualpipe\",\"method\":\"shutdown\"}' "
     "--quit='{\"jsonrpc\":\"2.0\",\"method\":\"exit\"}'",
     "a server of the Language Server Protocol",
     "clangd pyright-langserver bash-language-server typescript-language-server",
     ASK("lsp", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"textDocument/hover\",...}",
         " -- clangd")
     "  {\"id\":1,\"jsonrpc\":\"2.0\",\"result\":...}"},
    {"jsonrpc", "--error=json --id=json", "JSON-RPC, a message a line, in any order", "",
     ASK("jsonrpc", "{\"id\":1,\"method\":\"ping\"}", " -- ./server") "  {\"id\":1,\"result\":{}}"},
    {.name = NULL},
};

const char preset_table_one_line[] = "gtp uci ispell hunspell catfile";
