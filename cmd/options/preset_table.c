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
    "    if text == \"\" and not r[1] then err:write(tostring(r[2]), \"\\n\") end\n"               \
    "    if r[1] and r.n > 1 then print(unpack(r, 2, r.n)) end\n"                                  \
    "    out:flush()\n"                                                                            \
    "end\n"

/* Reads expressions from stdin and evaluates them, without the prompts and levels of guile's own
 * REPL. What it can't read is an error, up to the line's end. */
#define GUILE_LOOP                                                                                 \
    "\n(use-modules (ice-9 rdelim))\n"                                                             \
    "(let* ((guarded (lambda (thunk otherwise)\n"                                                  \
    "         (catch #t thunk (lambda (key . why)\n"                                               \
    "           (if (eq? key (quote quit)) (apply throw key why))\n"                               \
    "           (force-output)\n"                                                                  \
    "           (print-exception (current-error-port) #f key why)\n"                               \
    "           (otherwise)))))\n"                                                                 \
    "       (show (lambda values\n"                                                                \
    "         (for-each (lambda (value)\n"                                                         \
    "           (if (not (unspecified? value)) (begin (write value) (newline)))) values))))\n"     \
    "  (let loop ((x *unspecified*))\n"                                                            \
    "    (guarded (lambda ()\n"                                                                    \
    "      (call-with-values (lambda () (eval x (current-module))) show)) noop)\n"                 \
    "    (force-output)\n"                                                                         \
    "    (let ((next (guarded read (lambda () (read-line) *unspecified*))))\n"                     \
    "      (if (not (eof-object? next)) (loop next)))))\n"

const struct preset_row preset_table[] = {
    {"bc", "--fence='print \"{}\\n\"' -- bc -q", "GNU bc, arithmetic of any precision", "bc",
     ASK("bc", "x=6*7", " -e x") "  42"},
    {"dc", "--fence='[{}]nAP' -- dc", "GNU dc, the same on a stack", "dc",
     ASK("dc", "6 7 * p", "") "  42"},
    {"sqlite3", "--fence=';\n.print {}' -- sqlite3 -batch", "SQLite's shell", "sqlite3",
     ASK("sqlite3", "select 6*7;", "") "  42"},
    {"psql", "--fence=';\n\\echo {}' -- psql -X -A -t -q", "PostgreSQL's shell, rows alone",
     "psql", ASK("psql", "select 6*7, 1;", " -- psql -X -A -t -q mydb") "  42|1"},
    {"redis", "-n 1 --start-timeout=10s --setup=PING --fence='ECHO {}' -- redis-cli",
     "Redis's shell, replies as they are", "redis-cli",
     ASK("redis", "SET x 42", " -e 'GET x'") "  OK\n  42"},
    {"python", "--fence='\nprint(\"{}\")' --quit='raise SystemExit' -- python3 -i -q -u "
     "-c 'import sys; sys.ps1 = sys.ps2 = \"\"'",
     "python3, statements and expressions", "python pypy",
     ASK("python", "x = 6", " -e 'x * 7'") "  42"},
    {"node", "--fence='.break\nconsole.log(\"{}\")' -- node -e '" NODE_LOOP "'",
     "node, statements and expressions", "node nodejs",
     ASK("node", "const x = 6", " -e 'x * 7'") "  42"},
    {"lua", "--fence='print(\"{}\")' -- lua -e '" LUA_LOOP "'", "lua, statements and expressions",
     "lua", ASK("lua", "x = 6", " -e 'x * 7'") "  42"},
    {"octave", "--fence='disp(\"{}\")' -- octave-cli -q --no-history --interactive "
     "--no-line-editing --persist --eval 'PS1(\"\"); PS2(\"\"); PS4(\"\")'",
     "GNU Octave", "octave octave-cli", ASK("octave", "x = 6;", " -e 'x * 7'") "  ans = 42"},
    {"r", "-n 0 --setup='options(error = expression(NULL))' --fence='cat(\"{}\\n\")' "
     "-- R --no-save --no-echo", "R", "R", ASK("r", "x <- 6", " -e 'x * 7'") "  [1] 42"},
    {"sh", "--fence='echo {}' --setup='_dualpipe() { set -- $? \"$1\"; echo \"$2\"; return $1; }' "
     "--fence='_dualpipe {}' -- sh",
     "a shell; $? is that of the last request", "sh dash bash ksh zsh",
     ASK("sh", "x=42", " -e 'echo $x'") "  42"},
    {"gdb", "--fence='echo {}\\n' -- gdb -q -nx -ex 'set prompt' -ex 'set confirm off' "
     "-ex 'set pagination off' -ex 'set width 0'",
     "GNU's debugger, its command line", "gdb", ASK("gdb", "print 6*7", "") "  $1 = 42"},
    {"smt", "--fence='(echo \"{}\")' -- z3 -in", "z3 or cvc5, SMT-LIB commands", "z3",
     ASK("smt", "(declare-const x Int) (assert (= x (* 6 7)))",
         " \\\n  >     -e '(check-sat)' -e '(get-value (x))'") "  sat\n  ((x 42))"},
    {"cvc5", "--fence='(echo \"{}\")' -- cvc5 -q --incremental", "cvc5, SMT-LIB commands", "cvc5",
     ASK("cvc5", "(set-logic QF_LIA) (declare-const x Int) (assert (> x x))",
         " \\\n  >     -e '(check-sat)'") "  unsat"},
    {"gp", "--fence='print(\"{}\")' -- gp -q -f", "PARI/GP, number theory", "gp",
     ASK("gp", "x = 6;", " -e 'x * 7'") "  42"},
    {"gnuplot", "-n 0 --setup='set print \"-\"' --fence='print \"{}\"' -- gnuplot",
     "gnuplot; what it prints is the reply", "gnuplot",
     ASK("gnuplot", "x = 6", " -e 'print x * 7'") "  42"},
    {"gs", "--fence='({}) = flush' -- gs -q -dNODISPLAY -dSAFER -dNOPROMPT",
     "Ghostscript, PostScript without pages", "gs ghostscript", ASK("gs", "6 7 mul =", "") "  42"},
    {"tcl",
     "-n 0 --setup='set tcl_interactive 1; set tcl_prompt1 {}; set tcl_prompt2 {}' "
     "--fence='puts \"{}\"' -- tclsh",
     "Tcl; the values of commands are shown", "tclsh",
     ASK("tcl", "set x 6", " -e 'expr {$x * 7}'") "  6\n  42"},
    {"guile", "--fence='(begin (display \"{}\") (newline))' -- guile -q -c '" GUILE_LOOP "'",
     "GNU Guile, Scheme expressions", "guile guile-",
     ASK("guile", "(define x 6)", " -e '(* x 7)'") "  42"},
    {"sbcl",
     "--fence='(progn (fresh-line) (write-line \"{}\") (values))' "
     "-- sbcl --noinform --disable-ldb --no-sysinit --no-userinit "
     "--eval '(setf sb-impl::*repl-prompt-fun* (lambda (out) (fresh-line out)))' "
     "--eval '(setf *debugger-hook* (lambda (why hook) (declare (ignore hook)) "
     "(format *error-output* \"~&~a: ~a~%\" (type-of why) why) "
     "(finish-output *error-output*) (abort)))'",
     "SBCL, Common Lisp expressions", "sbcl",
     ASK("sbcl", "(defvar x 6)", " -e '(* x 7)'") "  X\n  42"},
    {"erl",
     "--fence='\"{}\".' --setup='shell:prompt_func({lists,droplast}).' --quit='halt().' -- erl",
     "Erlang's shell; an expression ends with a dot", "erl",
     ASK("erl", "X = 6.", " -e 'X * 7.'") "  6\n  42"},
    {"hugs", "-p '^hugs-ready> $' --quit=:q -- hugs '-phugs-ready> '", "Hugs, Haskell expressions",
     "hugs", ASK("hugs", "6*7", "") "  42"},
    {"ledger", "-p '^\\] $' -- ledger", "ledger, reports of accounts", "ledger",
     ASK("ledger", "balance Food", " -- ledger -f my.ledger") "                 $10  Food"},
    {"rrdtool", "-u '(OK u:[0-9.]+ s:[0-9.]+ r:[0-9.]+|^ERROR: .*)$' --quit=quit -- rrdtool -",
     "RRDtool; a reply ends with OK or ERROR", "rrdtool",
     ASK("rrdtool", "last my.rrd", "") "  1796083200\n  OK u:0.01 s:0.03 r:0.02"},
    {"exiftool",
     "--fence='-echo3\n{}\n-q\n-execute' --quit='-stay_open\nFalse' "
     "-- exiftool -stay_open True -@ -",
     "ExifTool; a request's lines are arguments", "exiftool",
     "  $ printf '%s\\n' -s3 -ImageSize photo.jpg >arguments\n"
     "  $ dualpipe -a exiftool -f arguments\n  4000x3000"},
    {"assuan",
     "--ready='^OK' -u '^(OK|ERR)( .*)?$' --no-reply='^(#.*)?$' --setup=NOP --quit=BYE "
     "-- gpg-agent --server",
     "servers of GnuPG; a reply ends with OK or ERR", "gpg-agent dirmngr scdaemon gpgsm",
     ASK("assuan", "GETINFO version", "") "  D 2.2.40\n  OK"},
    {"tmux",
     "--ready='^%session-changed' -u '^%(end|error) .*1$' "
     "--async='^%(client|config|continue|extended|layout|message|output|pane|paste|pause|session|"
     "subscription|unlinked|window)' --quit=kill-session -- tmux -C new-session -f no-output",
     "tmux, its control mode", "",
     ASK("tmux", "display-message -p hi", "")
     "  %begin 1796098063 276 1\n  hi\n  %end 1796098063 276 1"},
    {"ed", "-p '^\\*> $' --quit=Q -- ed -v -p '*> '", "ed, the line editor", "ed",
     ASK("ed", ",n", " -- ed -v -p '*> ' my.txt") "  1       first\n  2       second"},
    {"gtp", "-u '^$' --no-reply='^[[:blank:]]*(#.*)?$' -- gnugo --mode gtp",
     "Go engines; a reply ends with an empty line", "gnugo", ASK("gtp", "name", "") "  = GNU Go\n"},
    {"uci", "-u '^(uciok|readyok|bestmove .*|Unknown command.*)$' "
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
    {"mcp", "--id=json "
     "--setup='{\"jsonrpc\":\"2.0\",\"id\":\"dualpipe\",\"method\":\"initialize\","
     "\"params\":{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{},"
     "\"clientInfo\":{\"name\":\"dualpipe\",\"version\":\"" VERSION "\"}}}' "
     "--setup='{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}'",
     "a server of the Model Context Protocol", "",
     ASK("mcp", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}", " -- node server.js")
     "  {\"result\":{\"tools\":[...]},\"jsonrpc\":\"2.0\",\"id\":1}"},
    {"lsp", "--frame=header --io=line --id=json "
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
    {"jsonrpc", "--id=json", "JSON-RPC, a message a line, in any order", "",
     ASK("jsonrpc", "{\"id\":1,\"method\":\"ping\"}", " -- ./server") "  {\"id\":1,\"result\":{}}"},
    {.name = NULL},
};

const char preset_table_one_line[] =
    "gtp uci ispell hunspell catfile hugs ledger rrdtool assuan tmux";
