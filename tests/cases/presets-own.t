# The user's own presets: a file of paragraphs, each a name and a command line.

A name, then a command line; comments, quotes, lines that go on; an empty line ends it.
  $ mkdir -p .config/dualpipe; cat >.config/dualpipe/presets <<'END'
  > # mine
  > up
  > -b upper
  > 
  > # a comment between
  > 
  > words
  >   -n 2   -- printf '%s\n' "a b" 'c"d' e\ f "g\"h\\i\$j\k" it''s '' #end
  > 
  > long
  >     # a comment within
  >     -n 3 \
  >     -- sh -c 'read a
  >         echo "$a"; echo 2
  >         echo 3; cat'
  > END
  > dualpipe -a up -e abc; dualpipe -a words --await -n 4 --await; dualpipe -a long -e one
  ABC
  a b
  c"d
  e f
  g"h\i$j\k
  its
   (esc)
  one
  2
  3

It shadows one that is built in; --help tells whose it is and where it stands.
#: needs bc
  $ mkdir -p .config/dualpipe; printf '\nbc\n-n 1 -- bc -lq\n' >.config/dualpipe/presets
  > dualpipe -a bc -e 1/4; dualpipe --help=bc | sed "s|$HOME|HOME|"; dualpipe --help=presets | tail -n 1
  .25000000000000000000
  bc: yours, HOME/.config/dualpipe/presets:2
  -n 1 -- bc -lq
    bc

$XDG_CONFIG_HOME, if it is a path from the root, comes before ~/.config.
  $ mkdir -p x/dualpipe .config/dualpipe; printf 'own\n-b echo\n' >x/dualpipe/presets; printf 'own\n-b upper\n' >.config/dualpipe/presets
  > XDG_CONFIG_HOME=$PWD/x dualpipe -a own -e a; XDG_CONFIG_HOME=x dualpipe -a own -e a; dualpipe -a own -e a
  > env -u HOME dualpipe -a own -e a; env -u HOME dualpipe --help=presets | tail -n 2
  a
  A
  A
  dualpipe: no such preset: own: --help=presets lists them
  Your own, in ~/.config/dualpipe/presets:
    none: dualpipe-presets(7) tells how to write one

The user's own are meant too by what is nearly their name.
  $ mkdir -p .config/dualpipe; printf 'solver\n-b echo\n' >.config/dualpipe/presets; dualpipe -a sovler -e a
  dualpipe: no such preset: sovler: did you mean solver? --help=presets lists them
  [125]

A builtin of the preset's is not one of a command of the user's, and the other way round.
  $ mkdir -p .config/dualpipe; printf 'up\n-b upper\n\ncat\n-- cat\n' >.config/dualpipe/presets
  > dualpipe -a up -e a sh -c 'read a; echo b'; dualpipe -a cat -e a -b rev; dualpipe -a cat -e ab -b
  b
  a
  ab

What is wrong in the file is said with its line, whatever preset is meant; nothing starts.
  $ mkdir -p .config/dualpipe; try() { printf "$1" >.config/dualpipe/presets; dualpipe -a bc -e a touch started 2>&1 | sed "s|$HOME|HOME|"; }
  > try 'a b\n-l\n'; try 'ok\n-l cat\n\n-x\n-l\n'; try '\n\nalone\n'; try 'alone\n\n-l\n'; try 'a\n-l "x\n\ny"\n'; try "a\n-l 'x\n"; try 'a\n-l x\\'; try 'a\n-l \000\n'; ls
  dualpipe: presets: HOME/.config/dualpipe/presets:1: a name is meant, of letters, digits and . _ - +, alone on its line
  dualpipe: presets: HOME/.config/dualpipe/presets:4: a name is meant, of letters, digits and . _ - +, alone on its line
  dualpipe: presets: HOME/.config/dualpipe/presets:3: a command line is meant behind the name
  dualpipe: presets: HOME/.config/dualpipe/presets:1: a command line is meant behind the name
  dualpipe: presets: HOME/.config/dualpipe/presets:1: a " is not closed
  dualpipe: presets: HOME/.config/dualpipe/presets:1: a ' is not closed
  dualpipe: presets: HOME/.config/dualpipe/presets:1: it ends in a backslash
  dualpipe: presets: HOME/.config/dualpipe/presets:1: a NUL byte

A wrong option, a pattern, a preset that is none, the same name twice.
  $ mkdir -p .config/dualpipe; try() { printf "$1" >.config/dualpipe/presets; dualpipe -a x -e a touch started 2>&1 | sed "s|$HOME|HOME|"; }
  > try '\nx\n-n y cat\n'; try 'x\n--untill=a cat\n'; try 'x\n-u "(" cat\n'; try 'x\n-a nosuch\n'; try 'x\n-l cat\n\nx\n-l tac\n'; try 'x\n-u\n'; ls
  dualpipe: HOME/.config/dualpipe/presets:2: option -n: y: not a whole number
  dualpipe: HOME/.config/dualpipe/presets:1: unknown option: --untill=a: did you mean --until?
  dualpipe: HOME/.config/dualpipe/presets:1: pattern: (: at byte 1: a ( or ) is alone: a plain one is written \(
  dualpipe: no such preset: nosuch: --help=presets lists them
  dualpipe: presets: HOME/.config/dualpipe/presets:4: this name was there before
  dualpipe: HOME/.config/dualpipe/presets:1: option -u: a value is missing

A file that is too large, or can't be read.
  $ mkdir -p .config/dualpipe; head -c 65536 /dev/zero | tr '\0' '\n' >.config/dualpipe/presets; dualpipe -a sh -e 'echo 1'
  > echo >>.config/dualpipe/presets; dualpipe -a sh -e 'echo 1' 2>&1 | sed "s|$HOME|HOME|"
  > rm .config/dualpipe/presets; mkdir .config/dualpipe/presets; dualpipe -a sh -e 'echo 1' 2>&1 | sed "s|$HOME|HOME|"; dualpipe --help=presets >/dev/null 2>&1
  1
  dualpipe: presets: HOME/.config/dualpipe/presets: it is larger than 64 KiB
  dualpipe: presets: HOME/.config/dualpipe/presets: Is a directory
  [125]

Without -a the file is not looked at.
  $ mkdir -p .config/dualpipe; echo '!' >.config/dualpipe/presets; dualpipe -e a cat
  a

Set-up texts of the preset come before the user's, each by the rules before it; a rule of the user's stands for what follows.
  $ mkdir -p .config/dualpipe; printf 's\n-n 1 --setup="echo 1" --fence="echo {}" --quit="echo bye >said" -- sh\n' >.config/dualpipe/presets
  > dualpipe -a s --setup 'x=4' -e 'echo $x' -n 2 -e 'echo a; echo b'; cat said
  4
  a
  b
  bye
