# dualpipe.bash: completion for bash, with bash-completion's functions or without them.
# shellcheck shell=bash

# As --help=all has them. A word of a value in lower case is one to type.
mapfile -t _dualpipe_options <<'END'
-e --request=TEXT
-f --request-file=FILE
-l --line
    --await
-n --count=N
-u --until=REGEX
-p --prompt=REGEX
    --fence=TEXT
    --wrap=TEXT
    --id=REGEX|json
    --length=REGEX
    --bytes=N
    --idle=TIME
    --fresh
    --no-reply=REGEX
    --async=REGEX
    --error=REGEX
    --unexpected=note
    --ready=REGEX|none
    --setup=TEXT
    --quit=TEXT
-t --timeout=TIME
    --start-timeout=TIME
    --deadline=TIME
    --grace=TIME
    --interrupt[=SIGNAL|none]
-k --keep-going
    --retries=N[,partial]
-j --workers=N
-w --window=N|auto
    --unordered
    --max-requests=N
    --hosts=LIST|FILE
    --via=PREFIX
    --json
    --progress
    --frame=KIND
    --io=KIND
    --max-message=SIZE
    --max-reply=SIZE[,DIR]
-a --as=NAME
-b --builtin
    --unbuffer
    --pty[=cooked,RxC]
    --stderr=WHERE
    --foreground
    --limit=NAME=VALUE,...
    --sandbox[=WORDS]
    --status-fd=N
    --persist=TIME
    --listen
    --sessions
    --stop[=request]
    --follow
-i --interactive
    --history=FILE|none
    --words=FILE
    --escape=CHAR|none
    --raw
-v --verbose
-q --quiet
-h --help[=WHAT]
-V --version
END
_dualpipe_kinds='line crlf nul netstring u8 u16 u32 u32le varint header pktline raw'
_dualpipe_limits='cpu= memory= files= processes= filesize= output='
_dualpipe_builtins='upper lower echo rev nl sum hash sleep half mute crash flood'

# Joins what COMP_WORDBREAKS has cut, up to the cursor: sets $words, and for each of them in
# $first which of COMP_WORDS it begins with.
_dualpipe_join() {
    local rest=${COMP_LINE:0:COMP_POINT} piece blanks i
    for ((i = 0; i <= COMP_CWORD; i++)); do
        blanks=${rest%%[![:blank:]]*} rest=${rest#"${rest%%[![:blank:]]*}"}
        piece=${COMP_WORDS[i]}
        ((i < COMP_CWORD)) || piece=$rest
        if ((i == 0)) || [[ $blanks ]]; then
            words+=("$piece") first+=("$i")
        else
            words[${#words[@]} - 1]+=$piece
        fi
        rest=${rest#"$piece"}
    done
}

# OPTION: sets $value, "=WHAT" or "[=WHAT]"; empty: it takes none.
_dualpipe_value() {
    local row
    value=
    case $1 in
    -b | --builtin) builtin=1 ;;
    --stop | --follow) lone=1 ;;
    esac
    for row in "${_dualpipe_options[@]}"; do
        [[ " ${row%%[=[]*} " != *" $1 "* ]] || value=${row#"${row%%[=[]*}"}
    done
}

# -LETTERS: sets $value to that of the last, and $rest to what is there of it.
_dualpipe_letters() {
    local i
    for ((i = 1; i < ${#1}; i++)); do
        _dualpipe_value "-${1:i:1}"
        rest=${1:i+1}
        [[ $value != =* ]] || return
    done
}

# Reads the words before the current one: sets $value if it is one, $session if there is one, and
# $at if there are operands behind it.
_dualpipe_read() {
    local i word
    for ((i = 1; i < ${#words[@]} - 1; i++)); do
        word=${words[i]}
        if [[ $value == =* ]]; then
            value=
            continue
        fi
        value='' rest=''
        case $word in
        --) at=$((i + 1)); return ;;
        --stop=*) lone=1 ;;
        --*=*) ;;
        --*) _dualpipe_value "$word" ;;
        -?*) _dualpipe_letters "$word" ;;
        '<' | '>' | '>>') ((++i)) ;;
        [\<\>]*) ;;
        @*)
            [[ -z $session ]] || { at=$i; return; }
            session=$word ;;
        *) at=$i; return ;;
        esac
        [[ -z $rest ]] || value=
    done
}

_dualpipe_names() { # all options; what takes a value ends in =
    local row value names
    for row in "${_dualpipe_options[@]}"; do
        names=${row%%[=[]*} value=${row#"${row%%[=[]*}"}
        case $value in
        '') echo "$names" ;;
        =*) echo "$names=" ;;
        *) echo "$names ${names##* }=" ;;
        esac
    done
}

_dualpipe_presets() { # DUALPIPE: their names, the user's own too
    local line
    while IFS= read -r line; do
        [[ ! $line =~ ^'  '([A-Za-z0-9._+-]+)( |$) ]] || echo "${BASH_REMATCH[1]}"
    done < <("$1" --help=presets 2>/dev/null)
}

_dualpipe_sessions() { # DUALPIPE: those there are
    local line
    while IFS= read -r line; do echo "${line%%:*}"; done < <("$1" --sessions 2>/dev/null)
}

_dualpipe_known() { # DUALPIPE: what there is to type for $value
    case $value in
    '=N|auto') echo auto ;;
    =KIND) echo "$_dualpipe_kinds" ;;
    =NAME) _dualpipe_presets "$1" ;;
    =NAME=VALUE*) echo "$_dualpipe_limits" ;;
    =WHERE) echo inherit relay stdout null ;;
    *cooked*) echo cooked raw ;;
    *WORDS*) echo strict no-ns best-effort read= write= user= check ;;
    *WHAT*) echo all presets "$_dualpipe_builtins"; _dualpipe_presets "$1" ;;
    *\|[[:lower:]]*) echo "${value##*|}" ;;
    esac
}

# DUALPIPE PIECE TYPED: completes $value, of which so much is typed; readline replaces PIECE.
_dualpipe_complete_value() {
    local word=${words[-1]} piece=$2
    mapfile -t COMPREPLY < <(compgen -W "$(_dualpipe_known "$1")" -- "$3")
    case $value in
    =NAME=VALUE*) # the last of a list
        local before=${3%"${3##*,}"}
        mapfile -t COMPREPLY < <(compgen -P "$before" -W "$_dualpipe_limits" -- "${3##*,}")
        compopt -o nospace ;;
    *FILE* | *WHERE*)
        compopt -o filenames -o default
        mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$3") ;;
    esac
    [[ $piece != [=:] ]] || piece=
    COMPREPLY=("${COMPREPLY[@]/#/"${word%"$3"}"}")
    COMPREPLY=("${COMPREPLY[@]#"${word%"$piece"}"}")
}

_dualpipe_complete_option() { # DUALPIPE PIECE
    local word=${words[-1]}
    case $word in
    --*=*)
        _dualpipe_value "${word%%=*}"
        _dualpipe_complete_value "$1" "$2" "${word#*=}" ;;
    - | --*)
        mapfile -t COMPREPLY < <(compgen -W "$(_dualpipe_names)" -- "$word")
        [[ ${COMPREPLY[*]} != *= ]] || compopt -o nospace ;;
    *)
        _dualpipe_letters "$word"
        if [[ $rest ]]; then
            _dualpipe_complete_value "$1" "$2" "$rest"
        else
            COMPREPLY=("$word")
        fi ;;
    esac
}

_dualpipe_complete_session() { # DUALPIPE PIECE
    local word=${words[-1]}
    [[ -z $word || $word == @* ]] || return
    mapfile -t COMPREPLY < <(compgen -W "$(_dualpipe_sessions "$1")" -- "$word")
    COMPREPLY=("${COMPREPLY[@]#"${word%"$2"}"}")
}

# A builtin, or a command: what bash-completion has for it, else any command and file names.
_dualpipe_complete_operand() {
    local offset word=${words[-1]} begun=0
    ((at == ${#words[@]} - 1)) || begun=1
    if [[ $builtin ]]; then
        ((begun)) || mapfile -t COMPREPLY < <(compgen -W "$_dualpipe_builtins" -- "$word")
        return
    fi
    for offset in _comp_command_offset _command_offset; do
        if declare -F "$offset" >/dev/null; then
            "$offset" "${first[at]}"
            return
        fi
    done
    compopt -o filenames -o default
    ((begun)) || mapfile -t COMPREPLY < <(compgen -c -- "$word")
}

_dualpipe() {
    local words=() first=() value='' rest='' at=0 builtin='' session='' lone=''
    COMPREPLY=()
    _dualpipe_join
    _dualpipe_read
    if ((at > 0)); then
        _dualpipe_complete_operand
    elif [[ $value == =* ]]; then
        _dualpipe_complete_value "$1" "$2" "${words[-1]}"
    elif [[ ${words[-2]} =~ ^[\<\>]+$ || ${words[-1]} == [\<\>]* ]]; then
        compopt -o default
    elif [[ ${words[-1]} == -* ]]; then
        _dualpipe_complete_option "$1" "$2"
    elif [[ -z $session && (${words[-1]} == @* || $lone) ]]; then
        _dualpipe_complete_session "$1" "$2"
    else
        at=$((${#words[@]} - 1))
        _dualpipe_complete_operand
    fi
}

complete -F _dualpipe dualpipe
