# dualpipe.fish: completion for fish.

# A line that says what the first operand names: a builtin, a command, a session, or one of these
# two (either); and the operands so far, one a line. Fails where the value of an option is meant.
function __dualpipe_operands
    set -l words (commandline -opc)
    set -e words[1]
    argparse --stop-nonopt $__dualpipe_options -- $words 2>/dev/null
    or return
    set -l kind either
    if set -q _flag_builtin
        set kind builtin
    else if set -q _flag_stop; or set -q _flag_follow
        set kind session
    end
    set -l operands $argv
    set -l at (math (count $words) - (count $argv))
    if test $at -gt 0 && test "$words[$at]" = --
        test $kind = builtin; or set kind command
    else if string match -q -- '@*' "$argv[1]"
        test $kind = builtin; or set kind command
        set -e argv[1]
        argparse --stop-nonopt $__dualpipe_options -- $argv 2>/dev/null
        or return
        set operands $argv
        set -q _flag_builtin
        and set kind builtin
    end
    printf '%s\n' $kind $operands
end

function __dualpipe_at_option
    set -l operands (__dualpipe_operands)
    or return 0
    not set -q operands[2]
end

# A command and its arguments are completed as if typed alone.
function __dualpipe_operand
    set -l operands (__dualpipe_operands)
    or return
    set -l token (commandline -ct)
    if set -q operands[2]
        test $operands[1] = builtin
        or complete -C (string join -- ' ' (string escape -- $operands[2..]) $token)
        return
    end
    switch $operands[1]$token
        case 'builtin*'
            __dualpipe_builtins
        case session 'session@*' 'either@*'
            __dualpipe_sessions
        case 'either*' 'command*'
            string match -q -- '-*' $token
            or complete -C "$token"
    end
end

function __dualpipe_sessions
    dualpipe --sessions 2>/dev/null | string replace -rf '^(@[\w.+-]+): .*: (.*)$' '$1\t$2'
end

function __dualpipe_builtins
    printf '%s\tbuiltin\n' upper lower echo rev nl sum hash sleep half mute crash flood
end

function __dualpipe_presets
    dualpipe --help=presets 2>/dev/null |
        string replace -rf '^  ([\w.+-]+)(?: +(.*))?$' '$1\t$2'
end

function __dualpipe_topics
    printf '%s\n' all\t'every option' presets\t'all presets'
    __dualpipe_presets
    __dualpipe_builtins
end

# Those of a list that stand before its last comma stay as they are.
function __dualpipe_limits
    set -l before (commandline -ct | string replace -r '^--limit=' '' | string match -r '^.*,')
    set -q before[1]
    or set before ''
    printf '%s\n' $before(printf '%s\n' cpu= memory= files= processes= filesize= output=)
end

# An option, in the words of complete; in argparse's it joins $__dualpipe_options.
function __dualpipe_add
    complete -c dualpipe -n __dualpipe_at_option $argv
    argparse s= l= x r F f a= d= -- $argv
    set -l value ''
    if set -q _flag_x; or set -q _flag_r
        set value '='
    else if set -q _flag_a
        set value '=?'
    end
    set -ga __dualpipe_options (string join / -- $_flag_s $_flag_l)$value
end

set -g __dualpipe_options
set -l kinds 'line crlf nul netstring u8 u16 u32 u32le varint header pktline raw'

complete -c dualpipe -f -a '(__dualpipe_operand)'
__dualpipe_add -s e -l request -x -d 'TEXT is a request (may be repeated)'
__dualpipe_add -s f -l request-file -r -F -d 'the whole of FILE is a request (-: stdin)'
__dualpipe_add -s l -l line -d 'each line of stdin is a request'
__dualpipe_add -l await -d 'send nothing, await a reply'
__dualpipe_add -s n -l count -x -d 'a reply is N lines (1; 0: there is none)'
__dualpipe_add -s u -l until -x -d 'it ends with the first line that matches'
__dualpipe_add -s p -l prompt -x -d 'before this at the end of what has come'
__dualpipe_add -l fence -x -d 'at the token that {} in TEXT, sent behind, gives'
__dualpipe_add -l wrap -x -d 'the same, TEXT in place of it: {text}, {q}, {size}'
__dualpipe_add -l id -x -a json -d "with the line whose group 1 is the request's"
__dualpipe_add -l length -x -d 'group 1 of its first line counts its bytes'
__dualpipe_add -l bytes -x -d 'after N bytes'
__dualpipe_add -l idle -x -d 'it ends after so long a silence (a guess)'
__dualpipe_add -l fresh -d 'it ends at end of file; a child for each request'
__dualpipe_add -l no-reply -x -d 'requests that match draw none'
__dualpipe_add -l async -x -d 'lines that answer nothing: to stderr, marked'
__dualpipe_add -l error -x -d 'by this line it failed; json; status; none'
__dualpipe_add -l unexpected -x -a note -d 'output that no request asked for is no error'
__dualpipe_add -l ready -x -a none -d 'await this before the first request'
__dualpipe_add -l setup -x -d 'send TEXT to a fresh child first'
__dualpipe_add -l quit -x -d 'send TEXT after the last request'
__dualpipe_add -s t -l timeout -x -d 'wait so long for each reply (inf)'
__dualpipe_add -l start-timeout -x -d 'for the start and the set-up (inf)'
__dualpipe_add -l deadline -x -d 'for the whole run (inf)'
__dualpipe_add -l grace -x -d 'from SIGTERM to SIGKILL (2s)'
__dualpipe_add -l interrupt -f -a 'INT QUIT USR1 none' \
    -d 'it ends a request, the child goes on (INT)'
__dualpipe_add -s k -l keep-going -d "a failed request doesn't end the run"
__dualpipe_add -l retries -x -d 'ask a fresh child again, if nothing came'
__dualpipe_add -s j -l workers -x -d 'so many children (1; 0: one per processor)'
__dualpipe_add -s w -l window -x -a auto -d 'requests under way on each child (1)'
__dualpipe_add -l unordered -d 'replies as they come'
__dualpipe_add -l max-requests -x -d 'then a child is replaced (inf)'
__dualpipe_add -l hosts -r -F -d 'children on these hosts, by ssh'
__dualpipe_add -l via -x -d 'what launches each child, instead of ssh'
__dualpipe_add -l json -d 'an object per reply'
__dualpipe_add -l progress -d 'a line of progress on stderr'
__dualpipe_add -l frame -x -a "$kinds" -d 'messages to and from the child (line)'
__dualpipe_add -l io -x -a "$kinds" -d 'on our stdin and stdout (line, or as --frame)'
__dualpipe_add -l max-message -x -d 'the largest request or line (64M)'
__dualpipe_add -l max-reply -x -d 'the most of a reply; DIR keeps a longer one whole'
__dualpipe_add -s a -l as -x -a '(__dualpipe_presets)' \
    -d 'a preset: options and command for bc, python, ...'
__dualpipe_add -s b -l builtin -d 'run a builtin, or FILE.so:FUNCTION'
__dualpipe_add -l unbuffer -d 'its stdout is a terminal: it holds nothing back'
__dualpipe_add -l pty -f -a 'cooked raw' -d 'it gets a terminal of its own'
__dualpipe_add -l stderr -r -F -a 'inherit relay stdout null' \
    -d 'inherit, relay, stdout, null or a file'
__dualpipe_add -l foreground -d 'leave the child in our session'
__dualpipe_add -l limit -x -a '(__dualpipe_limits)' \
    -d 'cpu, memory, files, processes, filesize, output'
__dualpipe_add -l sandbox -f -a 'strict no-ns best-effort read= write= user= check' \
    -d 'shut it in; read=PATH, write=PATH; check'
__dualpipe_add -l status-fd -x -d 'JSON lines: ready, and the end'
__dualpipe_add -l persist -x -d 'the @session ends when unused so long (1h)'
__dualpipe_add -l listen -d 'serve the @session in the foreground'
__dualpipe_add -l sessions -d 'list the sessions there are'
__dualpipe_add -l stop -f -a request -d 'end the @session, or the request it is at'
__dualpipe_add -l follow -d 'print what the @session says unasked'
__dualpipe_add -s i -l interactive -d 'edit lines, though stdout is no terminal'
__dualpipe_add -l history -r -F -a none -d 'lines typed are kept there'
__dualpipe_add -l words -r -F -d 'complete its words too'
__dualpipe_add -l escape -x -a none -d 'begins a line for dualpipe itself (~)'
__dualpipe_add -l raw -d 'output may drive the terminal'
__dualpipe_add -s v -l verbose -d 'show the traffic on stderr'
__dualpipe_add -s q -l quiet -d 'errors only, no notes'
__dualpipe_add -s h -d 'this; all; presets; a preset or builtin'
__dualpipe_add -l help -f -a '(__dualpipe_topics)' -d 'this; all; presets; a preset or builtin'
__dualpipe_add -s V -l version -d 'print the version'
