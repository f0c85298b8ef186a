# What the command line gets wrong, and what dualpipe says to it.

--line=TEXT: use -e.
  $ dualpipe --line=2+2 cat
  dualpipe: option --line: takes no value: to send a line use -e TEXT
  [125]

A command and its words as one.
  $ dualpipe 'bc -l'
  dualpipe: finding the command: bc -l: No such file or directory: give its words apart: bc -l
  [127]

The nearest option.
  $ dualpipe --reqest=a cat; dualpipe --untill=x cat; dualpipe --kep-going cat; dualpipe --bultin upper
  dualpipe: unknown option: --reqest=a: did you mean --request?
  dualpipe: unknown option: --untill=x: did you mean --until?
  dualpipe: unknown option: --kep-going: did you mean --keep-going?
  dualpipe: unknown option: --bultin: did you mean --builtin?
  [125]

An option that is like none.
  $ dualpipe --frobnicate cat; dualpipe -Z cat
  dualpipe: unknown option: --frobnicate: --help=all lists them; -- ends the options
  dualpipe: unknown option: -Z: --help=all lists them; -- ends the options
  [125]

An option cut short so that it could be several.
  $ dualpipe --st=1 cat
  dualpipe: option: --st=1: could be --[a-z-]* and others: write it out (re)
  [125]

One cut short so that it is one.
  $ dualpipe --unt=a -e a cat
  a

-k 5: -k takes no value.
  $ dualpipe -k 5 cat
  dualpipe: finding the command: 5: No such file or directory: -k takes no value: --grace=5 sets the time from SIGTERM to SIGKILL
  (*)
  [127]

A value for an option that takes none, and none for one that takes one.
  $ dualpipe --keep-going=3 cat; dualpipe --builtin=upper; dualpipe -e; dualpipe --until
  dualpipe: option --keep-going: takes no value
  dualpipe: option --builtin: takes no value
  dualpipe: option -e: a value is missing
  dualpipe: option --until: a value is missing
  [125]

The nearest builtin.
  $ dualpipe -b uper; dualpipe -b nonesuch; dualpipe -b
  dualpipe: no such builtin: uper: did you mean upper?
  dualpipe: no such builtin: nonesuch: --help=all lists them; or FILE.so:FUNCTION
  dualpipe: no builtin is given: .* (re)
  [125]

No command.
  $ dualpipe; dualpipe -l --; dualpipe -e a
  dualpipe: no command is given: usage: dualpipe [option ...] [--] command [argument ...]
  dualpipe: no command is given: usage: dualpipe [option ...] [--] command [argument ...]
  dualpipe: no command is given: usage: dualpipe [option ...] [--] command [argument ...]
  [125]

Bad numbers.
  $ for v in x -1 '' 1.5 99999999999; do dualpipe -n "$v" -e a cat; done
  dualpipe: option -n: x: not a whole number
  dualpipe: option -n: -1: out of range
  dualpipe: option -n: : not a whole number
  dualpipe: option -n: 1.5: not a whole number
  dualpipe: option -n: 99999999999: out of range
  [125]

A time of 0 names inf, but for --grace.
  $ for o in --timeout --idle --deadline --start-timeout --grace; do dualpipe $o=0 -e a cat; done
  dualpipe: option --timeout: 0: 0 leaves no time: inf sets no limit
  dualpipe: option --idle: 0: 0 leaves no time: inf sets no limit
  dualpipe: option --deadline: 0: 0 leaves no time: inf sets no limit
  dualpipe: option --start-timeout: 0: 0 leaves no time: inf sets no limit
  a

Bad times.
  $ for v in x -1 '' 5x 1e3 '1 s'; do dualpipe -t "$v" -e a cat; done 2>&1 | sort | uniq -c
        1 dualpipe: option -t: -1: not a time: a number with ms, s, m, h or d, or inf
        1 dualpipe: option -t: 1 s: not a time: a number with ms, s, m, h or d, or inf
        1 dualpipe: option -t: 1e3: not a time: a number with ms, s, m, h or d, or inf
        1 dualpipe: option -t: 5x: not a time: a number with ms, s, m, h or d, or inf
        1 dualpipe: option -t: : not a time: a number with ms, s, m, h or d, or inf
        1 dualpipe: option -t: x: not a time: a number with ms, s, m, h or d, or inf

Good times.
  $ for v in 5 5s 5000ms 0.1m 0.01h 1d inf .5m 5.; do dualpipe -t $v -e a cat; done | uniq -c
        9 a

A time that is too long for the clock.
  $ dualpipe -t 99999999999999999999d -e a cat
  dualpipe: option -t: 99999999999999999999d: too long: inf sets no limit
  [125]

Bad sizes.
  $ for v in 0 x -1 1T 2G 1e3 ''; do dualpipe --max-message "$v" -e a cat; done 2>&1 | cut -c 1-40
  dualpipe: option --max-message: 0: a siz
  dualpipe: option --max-message: x: not a
  dualpipe: option --max-message: -1: not 
  dualpipe: option --max-message: 1T: not 
  dualpipe: option --max-message: 2G: 1G i
  dualpipe: option --max-message: 1e3: not
  dualpipe: option --max-message: : not a 

Good sizes.
  $ for v in 10 1k 1.5k 1M 1G; do dualpipe --max-message $v -e a cat; done | uniq -c
        5 a

--status-fd must be open, and for writing.
  $ dualpipe --status-fd 9 -e a cat; dualpipe --status-fd x cat; dualpipe --status-fd 4 cat 4</dev/null
  dualpipe: option --status-fd: 9: it is not open: end the command line in 9>FILE
  dualpipe: option --status-fd: x: not a whole number
  dualpipe: option --status-fd: 4: it is open for reading only
  [125]

--stderr to a file that can't be written.
  $ dualpipe --stderr=no/such/file cat; dualpipe --stderr=. cat
  dualpipe: option --stderr: no/such/file: No such file or directory
  dualpipe: option --stderr: .: Is a directory
  [125]

What the user typed is shown escaped.
  $ dualpipe "--$(printf '\033[31m')"
  dualpipe: unknown option: --\x1b[31m: --help=all lists them; -- ends the options
  [125]

What is for a prompt is accepted and unused where nobody types.
  $ echo x | dualpipe --history=none --words=/no/such --escape=% --raw -- cat
  x

-i needs a terminal to type at.
  $ echo x | dualpipe -i cat; dualpipe --interactive -e y cat </dev/null
  dualpipe: option -i: standard input is no terminal: leave it out to pipe requests in
  dualpipe: option --interactive: standard input is no terminal: leave it out to pipe requests in
  [125]

-l leaves standard input to be read, -e and -f don't read it.
  $ printf '1+1\n' | dualpipe -l -e 2+2 cat; echo $?; dualpipe --line -f f cat; dualpipe --await -l cat
  dualpipe: option -l: standard input is not read with -e, -f or --await: leave it out, or these
  125
  dualpipe: option --line: standard input is not read with -e, -f or --await: leave it out, or these
  dualpipe: option -l: standard input is not read with -e, -f or --await: leave it out, or these
  [125]

What asks nothing is given no request.
  $ dualpipe --stop -e x @calc; dualpipe --follow -f x @calc; dualpipe --sessions --await
  dualpipe: option --stop: it asks nothing itself: leave out -e, -f and --await
  dualpipe: option --follow: it asks nothing itself: leave out -e, -f and --await
  dualpipe: option --sessions: it asks nothing itself: leave out -e, -f and --await
  [125]

--unbuffer is no use on a terminal; a preset's may be overridden.
  $ dualpipe --unbuffer --pty -e a cat; dualpipe --pty=cooked -e a --unbuffer cat
  > mkdir -p .config/dualpipe; printf 'own\n--unbuffer -- cat\n' >.config/dualpipe/presets; dualpipe --pty=cooked -n 1 -a own -e a
  dualpipe: option --unbuffer: --pty gives a terminal already, where nothing is held back: leave out one of them
  dualpipe: option --unbuffer: --pty gives a terminal already, where nothing is held back: leave out one of them
  a

An option in the place of a file's name, or of a launcher.
  $ dualpipe --stderr -e 1+1 -- cat; dualpipe -f -e cat; dualpipe --history -e cat; dualpipe --words --raw cat; dualpipe --via -l cat; ls
  > echo a >./-x; dualpipe -f ./-x --stderr ./-e sh -c 'cat; echo e >&2'; cat ./-e
  dualpipe: option --stderr: -e: it looks like an option: write ./ before a file's name
  dualpipe: option -f: -e: it looks like an option: write ./ before a file's name
  dualpipe: option --history: -e: it looks like an option: write ./ before a file's name
  dualpipe: option --words: --raw: it looks like an option: write ./ before a file's name
  dualpipe: option --via: -l: a launcher doesn't begin with -: it looks like an option
  a
  e

Standard input is one request.
  $ echo a | dualpipe -f - -n 1 -f - cat; echo a | dualpipe -f - cat
  dualpipe: option -f: -: standard input can be read once: it is given before
  a

Each option is named as it was typed.
  $ dualpipe -n x cat; dualpipe --count x cat; dualpipe -j x cat; dualpipe -e a -n 1 cat; dualpipe -e a --count 1 cat; dualpipe -a bc -a dc; dualpipe --as bc --as dc
  dualpipe: option -n: x: not a whole number
  dualpipe: option --count: x: not a whole number
  dualpipe: option -j: x: not a whole number
  dualpipe: option -n: no request follows it: put it before its request
  dualpipe: option --count: no request follows it: put it before its request
  dualpipe: option -a: dc: one preset a call: another is given before
  dualpipe: option --as: dc: one preset a call: another is given before
  [125]

--hosts that names a file without a slash.
  $ echo a:2 >hosts; dualpipe --hosts=hosts --via='env AT={host}' -l cat </dev/null; dualpipe --hosts=./hosts --via='env AT={host}' -e x sh -c 'read -r a; echo $AT'
  > dualpipe --hosts=hosts:1 --via='env AT={host}' -e x sh -c 'read -r a; echo $AT'
  dualpipe: option --hosts: hosts: a file has that name: write ./hosts for the hosts it lists, hosts:1 for a host
  a
  hosts

{} in a quoted word of --via.
  $ dualpipe --via='sh -c "{} foo"' -e x cat; dualpipe --via='env A={} {}' -e x sh -c 'read -r a; echo "$A"'
  dualpipe: option --via: sh -c "{} foo": {} stands for the command only as a word of its own: within a word, or quotes, write {q}
  {}

A window.
  $ dualpipe -w aut -l cat </dev/null; dualpipe -w 0 -l cat </dev/null; echo a | dualpipe -w auto -l cat
  dualpipe: option -w: aut: a number is meant, or auto
  dualpipe: option -w: 0: out of range
  a

The character of --escape.
  $ dualpipe --escape=ab cat; dualpipe --escape=' ' cat
  dualpipe: option --escape: ab: a printable ASCII character is meant, or none
  dualpipe: option --escape:  : a printable ASCII character is meant, or none
  [125]

A file's name is never empty.
  $ dualpipe --history= cat; dualpipe --words= cat
  dualpipe: option --history: : it names no file
  dualpipe: option --words: : it names no file
  [125]

Options end at the first operand: the command's own are its own.
  $ dualpipe sh -c 'echo "$@"' x -e -k --help
  -e -k --help

--help fits a screen; --help=all names no option that is not there.
  $ dualpipe -h >h; dualpipe --help | diff - h; dualpipe --help=all >all
  > [ $(wc -l <h) -le 24 ] || wc -l h; for f in h all; do [ $(wc -L <$f) -le 80 ] || wc -L $f; done
  > sed -n 's/.*--\([a-z-]*\).*/\1/p' all | grep -v '^=*$' | sort -u | while read -r o; do
  >     dualpipe --$o=,, -V 2>&1 | grep 'unknown option'
  > done; [ $(grep -c '^ .*--[a-z]' all) -ge 25 ]

--help=NAME: a builtin; one that is none.
  $ dualpipe --help=upper; dualpipe --help=nonesuch
  upper: .* (re)
  dualpipe: option --help: nonesuch: .* (re)
  [125]

--version.
  $ dualpipe -V; dualpipe --version
  dualpipe [0-9.]+ (re)
  dualpipe [0-9.]+ (re)

--help to a full disk.
  $ dualpipe --help >/dev/full
  dualpipe: writing: standard output: No space left on device
  [120]
