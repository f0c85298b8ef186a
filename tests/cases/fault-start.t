# Odd surroundings at the start. The numbers are those of the project's list of faults. Signals 32
# and 33 are libc's own: env(1) can't give them back their default.

Fault 21: a command that is missing.
  $ dualpipe -- /nonexistent
  dualpipe: finding the command: /nonexistent: No such file or directory
  [127]

Fault 21: its name is escaped.
  $ dualpipe -- "$(printf '/none\nx\033[31m')"
  dualpipe: finding the command: /none\nx\x1b[31m: No such file or directory
  [127]

#: needs user
Fault 22: a command that is not executable.
  $ echo 'echo a' >myprog; chmod 644 myprog; dualpipe ./myprog; echo $?; PATH=$PWD:$PATH dualpipe myprog
  dualpipe: running: ./myprog: Permission denied
  126
  dualpipe: running: myprog: Permission denied
  [126]

#: needs user
Fault 22: a directory that may not be searched.
  $ mkdir -m 0 closed; dualpipe ./closed/x; echo $?; chmod 700 closed
  dualpipe: running: ./closed/x: Permission denied
  126

Fault 22: as root too.
  $ echo 'echo a' >script; chmod 644 script; dualpipe ./script
  dualpipe: running: ./script: Permission denied
  [126]

#: long
Fault 23: what the command line gets wrong is one line, and 125.
  $ wrong() { dualpipe "$@" >out 2>&1 </dev/null; s=$?; [ $s = 125 ] && [ $(wc -l <out) = 1 ] && grep -qs '^dualpipe: ' out || { echo "$s: $*"; cat out; }; }
  > wrong; wrong --; wrong -l; wrong --nonsense cat; wrong -Z cat; wrong -e; wrong --request
  > for o in -n --count -t --timeout --idle --deadline --start-timeout --grace --max-message --status-fd; do
  >     for v in '' ' ' x -1 -0.5 1e99 99999999999999999999 0x10 1,5 nan 1x '1 s' 5ss 1..2 . inff +1; do
  >         case $o in --?*) wrong "$o=$v" cat ;; esac
  >         wrong $o "$v" cat
  >     done
  > done

Fault 23: 1e99 is named, with its reason.
  $ dualpipe --timeout 1e99 -e a cat
  dualpipe: option --timeout: 1e99: not a time: a number with ms, s, m, h or d, or inf
  [125]

Fault 24: -- ends the options.
  $ dualpipe -- --help
  dualpipe: finding the command: --help: No such file or directory
  [127]

Fault 25: argv without a single argument.
  $ startas -0 $BUILD/dualpipe
  dualpipe: .* (re)
  [125]

Fault 26: all combinations of closed standard descriptors.
  $ c() { echo a | ending sh -c "exec dualpipe sh -c 'cat; exit 3' $1" 2>>how | cat >>out; }
  > c ''; c '<&-'; c '>&-'; c '2>&-'; c '<&- >&-'; c '<&- 2>&-'; c '>&- 2>&-'; c '<&- >&- 2>&-'
  > cat how out
  exited 3
  exited 3
  dualpipe: writing: standard output: Bad file descriptor
  exited 120
  exited 3
  exited 3
  exited 3
  exited 120
  exited 3
  a
  a

Fault 26: the child has its two pipes on 0 and 1, and something on 2 all the same.
  $ for c in '' '<&-' '2>&-' '<&- 2>&-'; do
  >     sh -c "exec dualpipe sh -c 'cd /proc/\$\$/fd; x=\$(readlink 0 1 2); echo \$x >&3' 3>fds $c"
  >     sed 's/:[^ ]*//g' fds
  > done
  pipe pipe .*out (re)
  pipe pipe .*out (re)
  pipe pipe /dev/null
  pipe pipe /dev/null

Fault 27: SIGCHLD ignored by our parent: the status is right.
  $ startas -i dualpipe sh -c 'exit 5'; echo $?; startas -i dualpipe -e a sh -c 'cat; exit 6'
  5
  a
  [6]

Fault 28: all signals blocked when we start: the child has none blocked, and limits work.
  $ env --block-signal timeout 20 env --block-signal dualpipe --deadline 0.5 sh -c 'while read -r l; do case $l in Sig[BI]*) echo "$l";; esac; done </proc/$$/status; exec sleep 100'
  SigBlk:\t0000000000000000 (esc)
  SigIgn:.0000000[01][08]0000000 (re)
  dualpipe: deadline: sh: 0.5s have passed
  [124]

Fault 28: all signals ignored when we start: the child ignores them too (but for SIGCHLD), and limits work.
  $ env --ignore-signal --default-signal=CHLD,SEGV,BUS,FPE sed -n '/^SigIgn/p' /proc/self/status >want
  > timeout 20 env --ignore-signal --default-signal=SEGV,BUS,FPE dualpipe --deadline 0.5 --grace 0.1 sh -c 'sed -n "/^Sig[BI]/p" /proc/self/status; exec sleep 100' | diff - want
  dualpipe: deadline: sh: 0.5s have passed
  1d0
  < SigBlk:\t0000000000000000 (esc)
  [1]

Fault 28: what is caught by us is at its default in the child, whatever the mode.
  $ dualpipe sed -n '/^Sig[BIC]/p' /proc/self/status; dualpipe -n 3 -e a sh -c 'read a; exec sed -n "/^Sig[BIC]/p" /proc/self/status'
  SigBlk:\t0000000000000000 (esc)
  SigIgn:.0000000[01][08]0000000 (re)
  SigCgt:\t0000000000000000 (esc)
  SigBlk:\t0000000000000000 (esc)
  SigIgn:.0000000[01][08]0000000 (re)
  SigCgt:\t0000000000000000 (esc)

Fault 28: nor does a builtin keep our handlers.
  $ env --default-signal dualpipe -e x --status-fd 4 -b sleep 5s 4>status & until grep -qs pid status; do :; done
  > child=$(sed -n 's/.*"pid":\([0-9]*\).*/\1/p' status)
  > until grep -qs '^State:.S' /proc/$child/status; do :; done; grep -E '^Sig(Blk|Ign|Cgt)' /proc/$child/status
  > kill -TERM $!; wait $! 2>/dev/null
  SigBlk:\t0000000000000000 (esc)
  SigIgn:.0000000[01][08]0000000 (re)
  SigCgt:\t0000000000000000 (esc)
  dualpipe: requests: in 1, answered 0, failed 1
  [143]

Fault 28: a signal that nohup(1) ignores is not passed on.
  $ mkfifo in; env --ignore-signal=HUP dualpipe --status-fd 4 cat <in 4>status & exec 3>in
  > until grep -qs pid status; do :; done
  > kill -HUP $!; echo a >&3; exec 3>&-; wait $!
  a

Fault 29: no environment at all.
  $ env -i $BUILD/dualpipe -e a cat; env -i $BUILD/dualpipe env
  a

Fault 29: an environment of 120 KiB in one variable, and many.
  $ long=$(head -c 120000 /dev/zero | tr '\0' x) dualpipe sh -c 'echo ${#long}'
  120000

Fault 29: arguments of 1.5 MB arrive.
  $ x=$(head -c 100000 /dev/zero | tr '\0' x); set -- $x $x $x $x $x $x $x $x $x $x $x $x $x $x $x
  > dualpipe sh -c 'echo $# ${#8}; printf %s "$@" | wc -c' x "$@"
  15 100000
  1500000

Fault 30: the current directory has been removed.
  $ mkdir gone; cd gone; rmdir ../gone; dualpipe -e a cat; echo b | dualpipe cat
  a
  b

#: needs prlimit
Fault 31: too few descriptors: a message and 125, or it works; never a crash or a hang.
  $ echo a >in
  > for n in 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
  >     for o in "" -l; do
  >         timeout 20 prlimit --nofile=$n $BUILD/dualpipe $o cat <in >out 2>err; s=$?
  >         case $s in
  >         0) cmp in out ;;
  >         125) grep -qx 'dualpipe: .*: Too many open files' err || { echo "$n $o"; cat err; } ;;
  >         127) grep -q 'error while loading shared libraries' err || { echo "$n $o"; cat err; } ;;
  >         *) echo "$n $o: $s"; cat err ;;
  >         esac
  >     done
  > done

#: needs prlimit
Fault 31: with 16 it works.
  $ echo a | prlimit --nofile=16 $BUILD/dualpipe -l cat
  a

Fault 36: the same bytes in every locale.
  $ head -c 300000 /dev/urandom >f; { cat f; echo; } | tr '\n' '\377' >g; echo >>g
  > for l in C C.UTF-8 tr_TR.UTF-8 de_DE no/such; do
  >     LC_ALL=$l dualpipe cat <f | cmp - f
  >     LC_ALL=$l dualpipe -l cat <g | cmp - g
  >     LC_ALL=$l dualpipe -u '^.I+.$' -e "$(printf '\351II\351')" cat
  >     LC_ALL=$l dualpipe -t 1.5 -e i -b upper
  > done | sort | uniq -c
        5 I
        5 \xe9II\xe9 (esc)

Without --start-timeout set-up, and what --ready awaits, have the limit of -t, and at least 10 s.
  $ dualpipe -q -t 1 --setup=x -t 2 -e a sh -c 'cat >/dev/null' 2>err; echo $?; cut -d: -f1-4 err
  > dualpipe -q --setup=x -t 1 -e a sh -c 'cat >/dev/null' 2>err1 & dualpipe -q -p 'END$' -t 1 -e a sh -c 'while read -r a; do printf xEND; done' 2>err2; echo $?; wait $!; echo $?; cut -d: -f1-4 err1 err2
  124
  dualpipe: set-up: x: no whole reply in time
  dualpipe: requests: in 0, answered 0, failed 0, not begun 1
  124
  124
  dualpipe: set-up: x: no whole reply in time
  dualpipe: requests: in 0, answered 0, failed 0, not begun 1
  dualpipe: getting ready: sh: not in time
  dualpipe: requests: in 0, answered 0, failed 0, not begun 1
