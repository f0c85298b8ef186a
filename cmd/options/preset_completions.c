/* preset_completions.c: words of the programs that presets are made for, to complete from.
 *
 * Interactive mode completes from three sources (repl/completion.c): these words, a file of the
 * user's, and what the program has printed. A list is a string literal for each preset with words
 * between blanks, so that it costs nothing until it is searched. The words were taken from what
 * each program lists of itself (its help, its keyword table) or from its manual; a word that only
 * some versions know is left out. A preset without a row has no words. */
#include "options/preset_completions.h"
#include <stddef.h>
#include <string.h>

/* The keywords that SQLite and PostgreSQL have in common. */
#define SQL                                                                                        \
    "abort abs action add after all alter always analyze and as asc avg before begin between "     \
    "by cascade case cast check coalesce collate column commit conflict constraint count "         \
    "create cross current current_date current_time current_timestamp database default "           \
    "deferrable deferred delete desc distinct do drop each else end escape except exclude "        \
    "exclusive exists explain filter first following for foreign from full generated group "       \
    "groups having if immediate in index initially inner insert instead integer intersect into "   \
    "is isnull join key last left length like limit lower match materialized max min natural "     \
    "no not nothing notnull null nullif nulls of offset on or order others outer over "            \
    "partition preceding primary range real recursive references reindex release rename "          \
    "replace restrict returning right rollback round row rows savepoint select set substr sum "    \
    "table temp temporary text then ties to transaction trigger trim unbounded union unique "      \
    "update upper using vacuum values view when where window with without"

static const struct {
    const char *preset, *words;
} preset_word_lists[] = {
    {"bc",
     "auto break continue define else for halt ibase if last length limits obase print quit "
     "read return scale sqrt void warranty while"},
    {"sqlite3",
     ".archive .auth .backup .bail .binary .cd .changes .check .clone .connection .databases "
     ".dbconfig .dbinfo .dump .echo .eqp .excel .exit .expert .explain .filectrl .fullschema "
     ".headers .help .import .imposter .indexes .limit .lint .load .log .mode .nullvalue .once "
     ".open .output .parameter .print .progress .prompt .quit .read .recover .restore .save "
     ".scanstats .schema .selftest .separator .session .sha3sum .shell .show .stats .system "
     ".tables .timeout .timer .trace .vfsinfo .vfslist .vfsname .width attach autoincrement "
     "blob datetime detach fail glob group_concat ifnull ignore indexed json_extract plan "
     "pragma query raise regexp sqlite_master sqlite_schema strftime typeof virtual " SQL},
    {"psql",
     "\\! \\? \\C \\H \\T \\a \\c \\cd \\connect \\conninfo \\copy \\copyright \\crosstabview "
     "\\d \\dA \\dC \\dD \\dE \\dF \\dL \\dO \\dT \\da \\db \\dc \\dd \\des \\det \\deu \\dew "
     "\\df \\dg \\di \\dl \\dm \\dn \\do \\dp \\drds \\ds \\dt \\du \\dv \\dx \\dy \\e \\echo "
     "\\ef \\elif \\else \\encoding \\endif \\errverbose \\ev \\f \\g \\gdesc \\gexec \\gset "
     "\\gx \\h \\i \\if \\ir \\l \\lo_export \\lo_import \\lo_list \\lo_unlink \\o \\p "
     "\\password \\prompt \\pset \\q \\qecho \\r \\s \\set \\setenv \\sf \\sv \\t \\timing "
     "\\unset \\w \\warn \\watch \\x \\z array array_agg bigint boolean bytea char cluster "
     "comment concurrently copy current_user date date_trunc domain double extension false "
     "fetch function generate_series grant ilike interval json jsonb lateral listen lock "
     "notify now numeric only owner policy precision prepare privileges procedure public "
     "returns revoke role schema sequence serial show smallint start string_agg tablespace "
     "time timestamp timestamptz to_char true truncate type user uuid varchar verbose " SQL},
    {"redis",
     "append auth bgrewriteaof bgsave bitcount bitfield bitop bitpos blmove blmpop blpop brpop "
     "bzmpop bzpopmax bzpopmin client cluster command config copy dbsize decr decrby del "
     "discard dump echo eval evalsha exec exists expire expireat expiretime failover fcall "
     "flushall flushdb function geoadd geodist geohash geopos geosearch geosearchstore get "
     "getbit getdel getex getrange getset hdel hello hexists hget hgetall hincrby hincrbyfloat "
     "hkeys hlen hmget hmset hrandfield hscan hset hsetnx hstrlen hvals incr incrby "
     "incrbyfloat info keys lastsave latency lcs lindex linsert llen lmove lmpop lolwut lpop "
     "lpos lpush lpushx lrange lrem lset ltrim memory mget migrate module monitor move mset "
     "msetnx multi object persist pexpire pexpireat pexpiretime pfadd pfcount pfmerge ping "
     "psetex psubscribe pttl publish pubsub punsubscribe quit randomkey readonly readwrite "
     "rename renamenx replicaof reset restore role rpop rpoplpush rpush rpushx sadd save scan "
     "scard script sdiff sdiffstore select set setbit setex setnx setrange shutdown sinter "
     "sintercard sinterstore sismember slowlog smembers smismember smove sort spop spublish "
     "srandmember srem sscan ssubscribe strlen subscribe sunion sunionstore sunsubscribe "
     "swapdb time touch ttl type unlink unsubscribe unwatch wait watch xack xadd xautoclaim "
     "xclaim xdel xgroup xinfo xlen xpending xrange xread xreadgroup xrevrange xtrim zadd "
     "zcard zcount zdiff zdiffstore zincrby zinter zintercard zinterstore zlexcount zmpop "
     "zmscore zpopmax zpopmin zrandmember zrange zrangebylex zrangebyscore zrangestore zrank "
     "zrem zremrangebylex zremrangebyrank zremrangebyscore zrevrange zrevrangebyscore zrevrank "
     "zscan zscore zunion zunionstore"},
    {"python",
     "ArithmeticError AssertionError AttributeError BaseException BaseExceptionGroup "
     "BlockingIOError BrokenPipeError BufferError ChildProcessError ConnectionAbortedError "
     "ConnectionError ConnectionRefusedError ConnectionResetError EOFError Ellipsis Exception "
     "ExceptionGroup False FileExistsError FileNotFoundError FloatingPointError GeneratorExit "
     "ImportError IndentationError IndexError InterruptedError IsADirectoryError KeyError "
     "KeyboardInterrupt LookupError MemoryError ModuleNotFoundError NameError None "
     "NotADirectoryError NotImplemented NotImplementedError OSError OverflowError "
     "PermissionError ProcessLookupError RecursionError ReferenceError RuntimeError "
     "StopAsyncIteration StopIteration SyntaxError SystemError SystemExit TabError "
     "TimeoutError True TypeError UnboundLocalError UnicodeDecodeError UnicodeEncodeError "
     "UnicodeError UnicodeTranslateError ValueError ZeroDivisionError __doc__ __name__ abs "
     "aiter all and anext any as ascii assert async await bin bool break breakpoint bytearray "
     "bytes callable case chr class classmethod compile complex continue def del delattr dict "
     "dir divmod elif else enumerate eval except exec exit filter finally float for format "
     "from frozenset getattr global globals hasattr hash help hex id if import in input int is "
     "isinstance issubclass iter lambda len list locals map match max memoryview min next "
     "nonlocal not object oct open or ord pass pow print property quit raise range repr return "
     "reversed round set setattr slice sorted staticmethod str sum super try tuple type vars "
     "while with yield zip"},
    {"node",
     ".break .clear .exit .help .load .save Array Array.from Array.isArray ArrayBuffer BigInt "
     "Boolean Buffer Buffer.alloc Buffer.concat Buffer.from DataView Date Date.now Error "
     "Float64Array Function Infinity Int32Array JSON JSON.parse JSON.stringify Map Math "
     "Math.PI Math.abs Math.ceil Math.cos Math.exp Math.floor Math.log Math.max Math.min "
     "Math.pow Math.random Math.round Math.sin Math.sqrt Math.trunc NaN Number "
     "Number.MAX_SAFE_INTEGER Number.isInteger Number.parseFloat Number.parseInt Object "
     "Object.assign Object.create Object.defineProperty Object.entries Object.freeze "
     "Object.fromEntries Object.getPrototypeOf Object.keys Object.values Promise Promise.all "
     "Promise.allSettled Promise.any Promise.race Promise.reject Promise.resolve Proxy "
     "RangeError Reflect RegExp Set String String.fromCharCode String.raw Symbol "
     "Symbol.iterator SyntaxError TextDecoder TextEncoder TypeError URL URLSearchParams "
     "Uint8Array WeakMap WeakSet async await break case catch class clearInterval clearTimeout "
     "console console.dir console.error console.log console.table console.time console.timeEnd "
     "const continue debugger decodeURIComponent default delete else encodeURIComponent export "
     "extends false fetch finally for function globalThis if import in instanceof isFinite "
     "isNaN let new null parseFloat parseInt process process.argv process.cwd process.env "
     "process.exit process.memoryUsage process.version queueMicrotask require return "
     "setImmediate setInterval setTimeout static structuredClone super switch this throw true "
     "try typeof undefined var void while with yield"},
    {"lua",
     "_ENV _G _VERSION and assert break collectgarbage coroutine coroutine.close "
     "coroutine.create coroutine.isyieldable coroutine.resume coroutine.running "
     "coroutine.status coroutine.wrap coroutine.yield debug debug.debug debug.gethook "
     "debug.getinfo debug.getlocal debug.getmetatable debug.getregistry debug.getupvalue "
     "debug.getuservalue debug.sethook debug.setlocal debug.setmetatable debug.setupvalue "
     "debug.setuservalue debug.traceback debug.upvalueid debug.upvaluejoin do dofile else "
     "elseif end error false for function getmetatable goto if in io io.close io.flush "
     "io.input io.lines io.open io.output io.popen io.read io.stderr io.stdin io.stdout "
     "io.tmpfile io.type io.write ipairs load loadfile local math math.abs math.acos math.asin "
     "math.atan math.ceil math.cos math.deg math.exp math.floor math.fmod math.huge math.log "
     "math.max math.maxinteger math.min math.mininteger math.modf math.pi math.rad math.random "
     "math.randomseed math.sin math.sqrt math.tan math.tointeger math.type math.ult next nil "
     "not or os os.clock os.date os.difftime os.execute os.exit os.getenv os.remove os.rename "
     "os.setlocale os.time os.tmpname package package.config package.cpath package.loaded "
     "package.loadlib package.path package.preload package.searchers package.searchpath pairs "
     "pcall print rawequal rawget rawlen rawset repeat require return select setmetatable "
     "string string.byte string.char string.dump string.find string.format string.gmatch "
     "string.gsub string.len string.lower string.match string.pack string.packsize string.rep "
     "string.reverse string.sub string.unpack string.upper table table.concat table.insert "
     "table.move table.pack table.remove table.sort table.unpack then tonumber tostring true "
     "type until utf8 utf8.char utf8.charpattern utf8.codepoint utf8.codes utf8.len "
     "utf8.offset warn while xpcall"},
    {"octave",
     "abs acos all any arrayfun asin atan atan2 break case catch ceil cell cell2mat cellfun "
     "char chol classdef clc clear columns continue conv cos cosh cross cumprod cumsum det "
     "diag diff disp display do dot double eig else elseif end end_try_catch "
     "end_unwind_protect endfor endfunction endif endswitch endwhile error exist exp eye "
     "factor factorial false fclose feval fflush fft fgetl fieldnames find fix floor fopen for "
     "format fprintf fsolve function fzero gamma gcd global help hist if ifft imag inf input "
     "int2str int32 interp1 inv ischar isempty isfield ishandle isnan isnumeric isprime isreal "
     "isrow kron lcm length linspace load log log10 log2 logical logspace lower lu magic "
     "mat2str max mean median min mod nan nargin nargout nchoosek ndims nnz norm num2cell "
     "num2str numel ones otherwise parfor persistent pi pinv plot polyfit polyval primes "
     "printf prod puts qr quad rand randi randn randperm rank real regexp regexprep rem repmat "
     "reshape return roots round rows save sign sin sinh size sort sprintf sqrt std str2double "
     "str2func str2num strcat strcmp strfind strjoin strrep strsplit strtrim struct sub2ind "
     "sum svd switch tan tanh tic toc trace trapz tril triu true try uint8 unique until "
     "unwind_protect unwind_protect_cleanup upper var vertcat warning while who whos zeros"},
    {"r",
     "FALSE Filter Find Inf Map NA NCOL NULL NaN Position Recall Reduce Sys.Date Sys.getenv "
     "Sys.time TRUE Vectorize abs aggregate all any anyNA aov apply args array as.Date "
     "as.character as.data.frame as.factor as.integer as.list as.logical as.matrix as.numeric "
     "attach attr attributes barplot boxplot break by cat cbind ceiling character class "
     "colMeans colSums colnames complete.cases cor crossprod cumprod cumsum cut data "
     "data.frame dbinom deparse det detach diag diff dim dimnames dist dnorm do.call dput "
     "duplicated else environment eval exists exp expand.grid factor file.exists floor for "
     "formals format formatC function getwd glm grepl gsub head help hist identical if ifelse "
     "in integer intersect invisible is.na is.null is.numeric lapply length levels library "
     "list lm load log log10 log2 logical ls mapply match match.arg matrix max mean median "
     "merge message methods min months names nchar ncol new.env next nlevels nrow numeric "
     "optim optimize order outer paste paste0 pbinom plot pmax pmin pnorm predict print prod "
     "qnorm quantile quit range rank rbind rbinom read.csv read.table readLines readRDS "
     "readline regmatches rep repeat replace require return rev rm rnorm round row.names "
     "rowMeans rowSums rownames runif sample sapply save saveRDS scale sd seq seq_along "
     "seq_len set.seed setdiff setwd signif sin solve sort source split sprintf sqrt stop "
     "stopifnot str strsplit strtoi sub subset substr sum summary suppressWarnings svd switch "
     "system t.test table tail tan tapply tolower toupper traceback trimws try tryCatch typeof "
     "union unique unlist unsplit vapply var vector warning which which.max which.min while "
     "with within write.csv write.table xor"},
    {"sh",
     "alias bg break case cd command continue do done echo elif else esac eval exec exit "
     "export false fc fg fi for getopts hash if in jobs kill local printf pwd read readonly "
     "return set shift test then times trap true type ulimit umask unalias unset until wait "
     "while"},
    {"gdb",
     "add-symbol-file advance alias all-registers append apropos args attach awatch backtrace "
     "break breakpoints bt call catch cd checkpoint checkpoints clear commands compile "
     "complete condition continue core-file define delete detach directory disable disassemble "
     "disconnect display document down dprintf dump echo edit enable end eval exec-file "
     "explore file files find finish focus forward-search frame function functions "
     "generate-core-file handle hbreak help if ignore inferior inferiors info interrupt jump "
     "kill layout line list load locals macro maintenance make monitor next nexti output path "
     "pipe print printf proc ptype pwd python quit rbreak record refresh registers remote "
     "restart restore return reverse-continue reverse-finish reverse-next reverse-nexti "
     "reverse-search reverse-step reverse-stepi run rwatch save search section set "
     "sharedlibrary shell show signal signals skip source sources start starti step stepi stop "
     "symbol symbol-file target task tbreak tcatch thbreak thread threads tty tui types "
     "undisplay unset until up variables watch watchpoints whatis where while x"},
    {"smt",
     ":named :print-success :produce-assignments :produce-models :produce-proofs "
     ":produce-unsat-assumptions :produce-unsat-cores :random-seed :status Array Bool Int Real "
     "String and assert check-sat check-sat-assuming declare-const declare-datatype "
     "declare-datatypes declare-fun declare-sort define-const define-fun define-fun-rec "
     "define-funs-rec define-sort distinct div echo exists exit false forall get-assertions "
     "get-assignment get-info get-model get-option get-proof get-unsat-assumptions "
     "get-unsat-core get-value is_int ite let maximize minimize mod not or pop push reset "
     "reset-assertions select set-info set-logic set-option simplify store to_int to_real true "
     "xor"},
    {"gtp",
     "alive all_legal all_move_values attack black boardsize captures clear_board "
     "combination_attack countlib cputime dead defend does_attack does_defend dragon_data "
     "dragon_status dragon_stones echo estimate_score experimental_score eye_data final_score "
     "final_status final_status_list findlib fixed_handicap genmove get_handicap get_komi "
     "get_random_seed gg-undo gg_genmove initial_influence is_legal is_surrounded "
     "kgs-genmove_cleanup known_command komi ladder_attack last_move level list_commands "
     "list_stones loadsgf move_history move_influence move_probabilities move_reasons name "
     "new_score owl_attack owl_defend pass place_free_handicap play popgo printsgf "
     "protocol_version query_boardsize quit reg_genmove resign restricted_genmove seki "
     "set_free_handicap set_random_seed showboard time_left time_settings top_moves "
     "top_moves_black top_moves_white trymove unconditional_status undo version white "
     "worm_data worm_stones"},
    {"uci",
     "Clear Hash MultiPV Ponder Threads UCI_AnalyseMode UCI_Chess960 UCI_Elo UCI_LimitStrength "
     "bench binc btime code debug depth eval false fen flip go infinite isready later mate "
     "moves movestogo movetime name nodes off on perft ponder ponderhit position quit register "
     "searchmoves setoption startpos stop true uci ucinewgame value winc wtime"},
    {"mcp",
     "arguments capabilities clientInfo completion/complete cursor id initialize jsonrpc "
     "logging/setLevel method name notifications/cancelled notifications/initialized "
     "notifications/progress notifications/roots/list_changed params ping progressToken "
     "prompts/get prompts/list protocolVersion resources/list resources/read "
     "resources/subscribe resources/templates/list resources/unsubscribe tools/call tools/list "
     "uri"},
    {"lsp",
     "callHierarchy/incomingCalls callHierarchy/outgoingCalls capabilities character "
     "codeAction/resolve codeLens/resolve completionItem/resolve contentChanges context "
     "documentLink/resolve end exit id initialize initialized inlayHint/resolve jsonrpc "
     "languageId line method newName notebookDocument/didChange notebookDocument/didClose "
     "notebookDocument/didOpen notebookDocument/didSave params position query range rootUri "
     "shutdown start text textDocument textDocument/codeAction textDocument/codeLens "
     "textDocument/colorPresentation textDocument/completion textDocument/declaration "
     "textDocument/definition textDocument/diagnostic textDocument/didChange "
     "textDocument/didClose textDocument/didOpen textDocument/didSave "
     "textDocument/documentColor textDocument/documentHighlight textDocument/documentLink "
     "textDocument/documentSymbol textDocument/foldingRange textDocument/formatting "
     "textDocument/hover textDocument/implementation textDocument/inlayHint "
     "textDocument/inlineValue textDocument/linkedEditingRange textDocument/moniker "
     "textDocument/onTypeFormatting textDocument/prepareCallHierarchy "
     "textDocument/prepareRename textDocument/prepareTypeHierarchy "
     "textDocument/rangeFormatting textDocument/references textDocument/rename "
     "textDocument/selectionRange textDocument/semanticTokens/full "
     "textDocument/semanticTokens/full/delta textDocument/semanticTokens/range "
     "textDocument/signatureHelp textDocument/typeDefinition textDocument/willSave "
     "textDocument/willSaveWaitUntil typeHierarchy/subtypes typeHierarchy/supertypes uri "
     "version window/workDoneProgress/cancel workspace/diagnostic "
     "workspace/didChangeConfiguration workspace/didChangeWatchedFiles "
     "workspace/didChangeWorkspaceFolders workspace/didCreateFiles workspace/didDeleteFiles "
     "workspace/didRenameFiles workspace/executeCommand workspace/symbol "
     "workspace/willCreateFiles workspace/willDeleteFiles workspace/willRenameFiles "
     "workspaceSymbol/resolve"},
    {"jsonrpc",
     "code data error id jsonrpc message method params result"},
};

const char *preset_completions(const char *preset) {
    for (size_t i = 0; i < sizeof preset_word_lists / sizeof *preset_word_lists; i++)
        if (strcmp(preset_word_lists[i].preset, preset) == 0)
            return preset_word_lists[i].words;
    return NULL;
}
