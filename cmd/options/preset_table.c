/* preset_table.c: the built-in presets. Each was tried against the program it is for:
 * tests/cases/presets.t, tests/real/presets*.t.
 *
 * Most programs use a fence: a command that prints the token after each reply, so that a reply may
 * have any number of lines. The options besides that turn off what would get mixed into
 * replies: prompts, echo, banners, pagers. python, node and lua run a loop in their own language
 * (cmd/kernels), which takes whole requests and tells how each ended. */
#include "options/preset_table.h"
#include "util/shellwords.h"
#include <kernels.h> /* made of cmd/kernels */
#include <stddef.h>
#include <string.h>

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
    "--error='stderr:^stdin:[0-9]+: ' --error='stderr:^stack traceback:$' "
#define GDB_ERRORS                                                                                 \
    "--error='stderr:^(A syntax error|Ambiguous|Argument|Attempt|Cannot|Can.t|Could not|"          \
    "Division by|Error|Function .* not|Invalid|Junk|Left operand|No|Th(at|is)|"                    \
    "The (current|history|program)|Un(defined|known|matched|recognized)|Value|Wrong|You) ' "       \
    "--error='stderr:(: No such file or directory|requires an argument)\\.$' "

/* The loops of cmd/kernels read a line with the size and the token, and the request behind it. */
#define LOOP "--error=status --wrap='{size} {}\n{text}' "
#define INTERRUPTED_LOOP LOOP "--interrupt "

/* The kernel of sh and dash says what each part is for. */
#define SH_KERNEL                                                                                  \
    "--interrupt "                                                                                 \
    "--wrap='_dp= \\command \\eval {q} <&${_dpi-0} 8<&${_dpc-8} 9>&${_dpc-9}\n\n"                  \
    "case $-${_dpm-} in *x*){ _dpx {} $?;} 2>/dev/null;;*)_dp {} $? {q};;esac' "                   \
    "--setup='case ${BASH_VERSION-} in ?*)\n" KERNEL_BASH_TRAP ";;\nesac\n" KERNEL_SH "' "         \
    "--setup=_dpn "
#define SHELL_HARMLESS "-e -u -f -C -l"

const struct preset_row preset_table[] = {
    {"bc", BC_ERRORS "--fence='print \"{}\\n\"' --setup= -- bc -q",
     "GNU bc, arithmetic of any precision", "bc",
     ASK("bc", "x=6*7", " -e x") "  42",
     .harmless = "-l -q -w --mathlib --quiet *"},
    {"dc", DC_ERRORS "--fence='[{}]nAP' -- dc", "GNU dc, the same on a stack", "dc",
     ASK("dc", "6 7 * p", "") "  42",
     .harmless = ""},
    {"sqlite3", SQLITE_ERRORS "--fence=';\n.print {}' -- sqlite3 -batch",
     "SQLite's shell", "sqlite3",
     ASK("sqlite3", "select 6*7;", "") "  42",
     .harmless = "-batch -bail -readonly -header -noheader -csv -json -line -list -quote "
                 "-column -table -box -markdown -separator: -nullvalue: ?"},
    {"psql", PSQL_ERRORS "--fence=';\n\\echo {}' -- psql -X -A -t -q",
     "PostgreSQL's shell, rows alone", "psql",
     ASK("psql", "select 6*7, 1;", " -- psql -X -A -t -q mydb") "  42|1",
     .harmless = "-X -A -t -q -w -n -h: -p: -U: -d: -v: -P: --host: --port: --username: "
                 "--dbname: ? ?"},
    {"redis", REDIS_ERRORS "-n 1 --start-timeout=10s --setup=PING --fence='ECHO {}' "
     "-- redis-cli",
     "Redis's shell, replies as they are", "redis-cli",
     ASK("redis", "SET x 42", " -e 'GET x'") "  OK\n  42",
     .harmless = "-s: -h: -p: -n: -u: -a: --user: --pass: --no-auth-warning --raw "
                 "--no-raw --csv --json -2 -3 --tls"},
    {"python", INTERRUPTED_LOOP "-- python3 -q -u -c '" KERNEL_PYTHON "'",
     "python3, statements and expressions", "python pypy",
     ASK("python", "x = 6", " -e 'x * 7'") "  42",
     .harmless = "-q -u -i -O -OO -B -E -I -s -S -P -X: -W:",
     .whole = PYTHON_ERRORS "--fence='\nprint(\"{}\")' --quit='raise SystemExit'",
     .plain = INTERRUPTED_LOOP "--setup='print(\"{}\", flush=True); exec(" QUOTED_PYTHON ")'"},
    {"node", INTERRUPTED_LOOP "-- node -e '" KERNEL_NODE "'",
     "node, statements and expressions", "node nodejs",
     ASK("node", "const x = 6", " -e 'x * 7'") "  42",
     .harmless = "--no-warnings --no-deprecation --harmony --use-strict -r: --require:",
     .whole = "--error='^Uncaught( |:$)' --fence='.break\nconsole.log(\"{}\")'"},
    {"lua", LOOP "-- lua -e '" KERNEL_LUA "'",
     "lua, statements and expressions", "lua", ASK("lua", "x = 6", " -e 'x * 7'") "  42",
     .harmless = "-E -W -l:",
     .whole = LUA_ERRORS "--fence='print(\"{}\")'"},
    {"octave", "--interrupt --error='stderr:^(parse )?error: ?' "
     "--fence='disp(\"{}\")' -- octave-cli -q --no-history --interactive "
     "--no-line-editing --persist --eval 'PS1(\"\"); PS2(\"\"); PS4(\"\"); "
     "sigterm_dumps_octave_core(0)'",
     "GNU Octave", "octave octave-cli", ASK("octave", "x = 6;", " -e 'x * 7'") "  ans = 42",
     .harmless = "-q -f -H -W --quiet --silent --norc --no-init-file --no-history "
                 "--no-gui --path:"},
    {"r", "--interrupt --error='stderr:^Error( in |:)' "
     "-n 0 --setup='options(error = expression(NULL))' "
     "--fence='.dualpipe = \"{}\\n\"\ncat(.dualpipe); rm(.dualpipe)' -- R --no-save --no-echo",
     "R", "R", ASK("r", "x <- 6", " -e 'x * 7'") "  [1] 42",
     .harmless = "-q -s --quiet --no-echo --no-save --vanilla --no-restore --no-environ "
                 "--no-init-file"},
    {"sh", SH_KERNEL "-- sh",
     "a shell; $? is that of the last request", "sh", ASK("sh", "x=42", " -e 'echo $x'") "  42",
     .harmless = SHELL_HARMLESS},
    {"bash", "--interrupt --wrap='command eval {q} <$_dpi 9>&-\n\n{ _dp {}&&:;} 2>&-' "
     "--setup='" KERNEL_BASH_TRAP KERNEL_BASH "' -- bash",
     "bash, the same", "bash", ASK("bash", "a=(1 2 3)", " -e 'echo ${#a[@]}'") "  3",
     .harmless = SHELL_HARMLESS " --norc --noprofile --posix -l --login"},
    {"dash", SH_KERNEL "-- dash",
     "dash, the same", "dash", ASK("dash", "x=42", " -e 'echo $x'") "  42",
     .harmless = SHELL_HARMLESS},
    {"zsh", "--interrupt --wrap='{ \\builtin eval {q} } always { { _dp {} $? } 2>/dev/null }' "
     "--setup='" KERNEL_ZSH "' "
     "--setup=_dpn -- zsh",
     "zsh, the same", "zsh", ASK("zsh", "x=42", " -e 'echo $x'") "  42",
     .harmless = SHELL_HARMLESS},
    {"ksh", "--wrap='\\command \\eval {q} <$_dpi 9>&-\n{ _dp {};} >/dev/null 2>&1' "
     "--setup='" KERNEL_KSH "' -- ksh",
     "ksh, the same", "ksh", ASK("ksh", "x=42", " -e 'echo $x'") "  42",
     .harmless = SHELL_HARMLESS},
    {"gdb", GDB_ERRORS "--interrupt --fence='server echo {}\\n' --setup= -- gdb -q -nx "
     "-ex 'set prompt' -ex 'set confirm off' -ex 'set pagination off' -ex 'set width 0'",
     "GNU's debugger, its command line", "gdb", ASK("gdb", "print 6*7", "") "  $1 = 42",
     .harmless = "-q -nx -n -nh ? ?"},
    {"smt", "--error='^\\(error \"' "
     "--fence='(echo \"{}\")' -- z3 -in", "z3 or cvc5, SMT-LIB commands", "z3",
     ASK("smt", "(declare-const x Int) (assert (= x (* 6 7)))",
         " \\\n  >     -e '(check-sat)' -e '(get-value (x))'") "  sat\n  ((x 42))",
     .harmless = "-in -smt2", .is_protocol = true},
    {"cvc5", "--error='^\\(error \"' "
     "--fence='(echo \"{}\")' -- cvc5 -q --incremental", "cvc5, SMT-LIB commands", "cvc5",
     ASK("cvc5", "(set-logic QF_LIA) (declare-const x Int) (assert (> x x))",
         " \\\n  >     -e '(check-sat)'") "  unsat",
     .harmless = "-q --incremental --lang:"},
    {"gp", "--interrupt --error='stderr:^  [*][*][*] ' "
     "--fence='print(\"{}\");iferr(%,E,0);' -- gp -q -f", "PARI/GP, number theory", "gp",
     ASK("gp", "x = 6;", " -e 'x * 7'") "  42",
     .harmless = "-q -f -s:"},
    {"gnuplot", "--error='stderr:^ *(\".*\" )?line [0-9]+: ' "
     "-n 0 --setup='set print \"-\"' --fence='print \"{}\"' -- gnuplot",
     "gnuplot; what it prints is the reply", "gnuplot",
     ASK("gnuplot", "x = 6", " -e 'print x * 7'") "  42",
     .harmless = ""},
    {"gs", "--error='^Error: /' "
     "--fence='({}) = flush' -- gs -q -dNODISPLAY -dSAFER -dNOPROMPT",
     "Ghostscript, PostScript without pages", "gs ghostscript", ASK("gs", "6 7 mul =", "") "  42",
     .harmless = "-q -dNODISPLAY -dSAFER -dNOPROMPT"},
    {"tcl",
     "--error='stderr:^(invalid|can.t|wrong|expected|divide by|missing|extra|unknown|bad|could|"
     "no such|syntax error|unmatched) ' "
     "-n 0 --setup='set tcl_interactive 1; set tcl_prompt1 {}; set tcl_prompt2 {}' "
     "--fence='puts \"{}\"' -- tclsh",
     "Tcl; the values of commands are shown", "tclsh",
     ASK("tcl", "set x 6", " -e 'expr {$x * 7}'") "  6\n  42",
     .harmless = ""},
    {"guile", "--error='stderr:^error: ' "
     "--fence='(begin (display \"{}\") (newline))' -- guile -q -c '" KERNEL_GUILE "'",
     "GNU Guile, Scheme expressions", "guile guile-",
     ASK("guile", "(define x 6)", " -e '(* x 7)'") "  42",
     .harmless = "-q"},
    {"sbcl",
     "--interrupt --error='stderr:^[A-Z:*+-]*(ERROR|UNBOUND-VARIABLE|UNDEFINED-FUNCTION|CONDITION)"
     "[A-Z-]*: ' "
     "--fence='(progn (fresh-line) (write-line \"{}\") (values))' "
     "-- sbcl --noinform --disable-ldb --no-sysinit --no-userinit "
     "--eval '(setf sb-impl::*repl-prompt-fun* (lambda (out) (fresh-line out)))' "
     "--eval '(setf *debugger-hook* (lambda (why hook) (declare (ignore hook)) "
     "(format *error-output* \"~&~a: ~a~%\" (type-of why) why) "
     "(finish-output *error-output*) (abort)))'",
     "SBCL, Common Lisp expressions", "sbcl",
     ASK("sbcl", "(defvar x 6)", " -e '(* x 7)'") "  X\n  42",
     .harmless = "--noinform --no-sysinit --no-userinit"},
    {"erl",
     "--error='^[*]([*] exception | [0-9]+:[0-9]+: )' "
     "--fence='\"{}\".' --setup='shell:prompt_func({lists,droplast}).' --quit='halt().' -- erl",
     "Erlang's shell; an expression ends with a dot", "erl",
     ASK("erl", "X = 6.", " -e 'X * 7.'") "  6\n  42",
     .harmless = ""},
    {"hugs", "--error='^(ERROR|Program error)[ :]' "
     "-p '^hugs-ready> $' --quit=:q -- hugs '-phugs-ready> '", "Hugs, Haskell expressions",
     "hugs", ASK("hugs", "6*7", "") "  42",
     .harmless = "", .is_one_line = true},
    {"ledger", "--error='stderr:^Error: ' "
     "-p '^\\] $' -- ledger", "ledger, reports of accounts", "ledger",
     ASK("ledger", "balance Food", " -- ledger -f my.ledger") "                 $10  Food",
     .harmless = "-f: --file:", .is_one_line = true},
    {"rrdtool", "--error='^ERROR: ' "
     "-u '(OK u:[0-9.]+ s:[0-9.]+ r:[0-9.]+|^ERROR: .*)$' --quit=quit -- rrdtool -",
     "RRDtool; a reply ends with OK or ERROR", "rrdtool",
     ASK("rrdtool", "last my.rrd", "") "  1796083200\n  OK u:0.01 s:0.03 r:0.02",
     .harmless = "=-", .is_one_line = true},
    {"exiftool",
     "--error='stderr:^Error: ' "
     "--fence='-echo3\n{}\n-q\n-execute' --quit='-stay_open\nFalse' "
     "-- exiftool -stay_open True -@ -",
     "ExifTool; a request's lines are arguments", "exiftool",
     "  $ printf '%s\\n' -s3 -ImageSize photo.jpg >arguments\n"
     "  $ dualpipe -a exiftool -f arguments\n  4000x3000",
     .harmless = "=-stay_open =True =-@ =-"},
    {"assuan",
     "--error='^ERR ' "
     "--ready='^OK' -u '^(OK|ERR)( .*)?$' --no-reply='^(#.*)?$' --setup=NOP --quit=BYE "
     "-- gpg-agent --server",
     "servers of GnuPG; a reply ends with OK or ERR", "gpg-agent dirmngr scdaemon gpgsm",
     ASK("assuan", "GETINFO version", "") "  D 2.2.40\n  OK",
     .harmless = "=--server", .is_protocol = true, .is_one_line = true},
    {"tmux",
     "--error='^%error ' "
     "--ready='^%session-changed' -u '^%(end|error) .*1$' "
     "--async='^%(client|config|continue|extended|layout|message|output|pane|paste|pause|session|"
     "subscription|unlinked|window)' --quit=kill-session -- tmux -C new-session -f no-output",
     "tmux, its control mode", "",
     ASK("tmux", "display-message -p hi", "")
     "  %begin 1796098063 276 1\n  hi\n  %end 1796098063 276 1",
     .is_one_line = true},
    {"ed", "--error='^[?]$' "
     "-p '^ed-ready> $' --quit=Q -- ed -v -p 'ed-ready> '", "ed, the line editor", "ed",
     ASK("ed", ",n", " my.txt") "  1       first\n  2       second",
     .harmless = "-v -s -E -r ?"},
    {"gtp", "--error='^\\?[0-9]*( |$)' "
     "-u '^$' --no-reply='^[[:blank:]]*(#.*)?$' -- gnugo --mode gtp",
     "Go engines; a reply ends with an empty line", "gnugo", ASK("gtp", "name", "") "  = GNU Go\n",
     .harmless = "--mode:gtp --level: --boardsize: --komi: --seed: --handicap: --quiet "
                 "--chinese-rules", .is_protocol = true, .is_one_line = true},
    {"uci", "--error='^Unknown command' "
     "-u '^(uciok|readyok|bestmove .*|Unknown command.*)$' "
     "--no-reply='^(position|setoption|ucinewgame|register|debug|ponderhit|stop|quit|#|$)' "
     "--setup=uci -- stockfish",
     "chess engines", "stockfish", ASK("uci", "isready", "") "  readyok",
     .harmless = "", .is_protocol = true, .is_one_line = true},
    {"ispell", "--ready='^@' -u '^$' --no-reply='^([*@#!%~+&-]|$)' -- aspell -a",
     "aspell; a reply ends with an empty line", "aspell",
     ASK("ispell", "hello", " -- aspell -a -d en_US") "  *\n",
     .harmless = "-a -d: -l: --lang: --mode: --sug-mode: --encoding: -C -S -B",
     .is_protocol = true, .is_one_line = true},
    {"hunspell", "--ready='^@' -u '^$' --no-reply='^[*@#!%~+&-]' -- hunspell -a",
     "hunspell, the same", "hunspell",
     ASK("hunspell", "hello", " -- hunspell -a -d en_US") "  *\n",
     .harmless = "-a -d: -i: -p: -H -t -n", .is_protocol = true, .is_one_line = true},
    {"catfile", "--length='^[0-9a-f]+ [a-z]+ ([0-9]+)$' -- git cat-file --batch",
     "objects of a git repository, by name", "git",
     ASK("catfile", "HEAD:nosuch", "") "  HEAD:nosuch missing",
     .harmless = "-C: --git-dir: --no-pager =cat-file =--batch --follow-symlinks",
     .is_protocol = true, .is_one_line = true},
    {"mcp", "--error=json "
     "--id=json "
     "--setup='{\"jsonrpc\":\"2.0\",\"id\":\"dualpipe\",\"method\":\"initialize\","
     "\"params\":{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{},"
     "\"clientInfo\":{\"name\":\"dualpipe\",\"version\":\"" VERSION "\"}}}' "
     "--setup='{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}'",
     "a server of the Model Context Protocol", "",
     ASK("mcp", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}", " -- node server.js")
     "  {\"result\":{\"tools\":[...]},\"jsonrpc\":\"2.0\",\"id\":1}",
     .is_protocol = true},
    {"lsp", "--error=json "
     "--frame=header --io=line --id=json "
     "--setup='{\"jsonrpc\":\"2.0\",\"id\":\"dualpipe\",\"method\":\"initialize\","
     "\"params\":{\"processId\":null,\"rootUri\":null,\"capabilities\":{}}}' "
     "--setup='{\"jsonrpc\":\"2.0\",\"method\":\"initialized\",\"params\":{}}' "
     "--quit='{\"jsonrpc\":\"2.0\",\"id\":\"dualpipe\",\"method\":\"shutdown\"}' "
     "--quit='{\"jsonrpc\":\"2.0\",\"method\":\"exit\"}'",
     "a server of the Language Server Protocol",
     "clangd pyright-langserver bash-language-server typescript-language-server",
     ASK("lsp", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"textDocument/hover\",...}",
         " -- clangd")
     "  {\"id\":1,\"jsonrpc\":\"2.0\",\"result\":...}",
     .is_protocol = true},
    {"jsonrpc", "--error=json "
     "--id=json", "JSON-RPC, a message a line, in any order", "",
     ASK("jsonrpc", "{\"id\":1,\"method\":\"ping\"}", " -- ./server") "  {\"id\":1,\"result\":{}}",
     .is_protocol = true},
    {.name = NULL},
};

const struct preset_row *preset_table_find(const char *name) {
    const struct preset_row *row = preset_table;
    while (row->name && strcmp(row->name, name) != 0)
        row++;
    return row->name ? row : NULL;
}

/* A version may be appended to a name of the list. */
bool preset_table_row_has_program(const struct preset_row *row, const char *command) {
    const char *name = shellwords_program_name(command), *list = row->programs;
    for (size_t n; *list; list += n + (list[n] == ' ')) {
        n = strcspn(list, " ");
        if (strncmp(list, name, n) == 0 && strspn(name + n, "0123456789.") == strlen(name + n))
            return true;
    }
    return false;
}

const struct preset_row *preset_table_find_program(const char *command) {
    const struct preset_row *row = preset_table;
    while (row->name && !preset_table_row_has_program(row, command))
        row++;
    return row->name ? row : NULL;
}
