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
  dualpipe: unknown option: reqest=a: did you mean --request?
  dualpipe: unknown option: untill=x: did you mean --until?
  dualpipe: unknown option: kep-going: did you mean --keep-going?
  dualpipe: unknown option: bultin: did you mean --builtin?
  [125]

An option that is like none.
  $ dualpipe --frobnicate cat; dualpipe -Z cat
  dualpipe: unknown option: frobnicate: --help=all lists them; -- ends the options
  dualpipe: unknown option: Z: --help=all lists them; -- ends the options
  [125]

An option cut short so that it could be several.
  $ dualpipe --st=1 cat
  dualpipe: option: st=1: could be --[a-z-]* and others: write it out (re)
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
  dualpipe: option --request: a value is missing
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
  dualpipe: option --count: x: not a whole number
  dualpipe: option --count: -1: out of range
  dualpipe: option --count: : not a whole number
  dualpipe: option --count: 1.5: not a whole number
  dualpipe: option --count: 99999999999: out of range
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
        1 dualpipe: option --timeout: -1: not a time: a number with ms, s, m, h or d, or inf
        1 dualpipe: option --timeout: 1 s: not a time: a number with ms, s, m, h or d, or inf
        1 dualpipe: option --timeout: 1e3: not a time: a number with ms, s, m, h or d, or inf
        1 dualpipe: option --timeout: 5x: not a time: a number with ms, s, m, h or d, or inf
        1 dualpipe: option --timeout: : not a time: a number with ms, s, m, h or d, or inf
        1 dualpipe: option --timeout: x: not a time: a number with ms, s, m, h or d, or inf

Good times.
  $ for v in 5 5s 5000ms 0.1m 0.01h 1d inf .5m 5.; do dualpipe -t $v -e a cat; done | uniq -c
        9 a

A time that is too long for the clock.
  $ dualpipe -t 99999999999999999999d -e a cat
  dualpipe: option --timeout: 99999999999999999999d: too long: inf sets no limit
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
  dualpipe: option --status-fd: 9: it is not open: .*3>.* (re)
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
  dualpipe: unknown option: \x1b[31m: --help=all lists them; -- ends the options
  [125]

What is for a prompt is accepted and unused where nobody types.
  $ echo x | dualpipe -i --history=none --words=/no/such --escape=% --raw -- cat; dualpipe -i -e y cat
  x
  y

A window.
  $ dualpipe -w aut -l cat </dev/null; dualpipe -w 0 -l cat </dev/null; echo a | dualpipe -w auto -l cat
  dualpipe: option --window: aut: a number is meant, or auto
  dualpipe: option --window: 0: out of range
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
