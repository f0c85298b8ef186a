# What the kernel refuses at the start of a child, one call at a time. The numbers are those of the
# project's list of faults. tests/faults/sweep does the same to every call there is.

#: needs strace
Fault 32: no process can be had: for a command, by clone; for a builtin, by fork.
  $ for e in EAGAIN ENOMEM; do
  >     for c in cat '-b upper'; do ending -t 20 faulty clone,clone3,fork,vfork:error=$e dualpipe -e a $c; done
  > done
  dualpipe: starting a process for: cat: Resource temporarily unavailable
  exited 125
  dualpipe: starting a process for: upper: Resource temporarily unavailable
  exited 125
  dualpipe: starting a process for: cat: Cannot allocate memory
  exited 125
  dualpipe: starting a process for: upper: Cannot allocate memory
  exited 125

#: needs strace
Fault 32: a second child can't be had: what the first has answered stays.
  $ printf 'a\nb\n' | ending -t 20 faulty clone,clone3,fork,vfork:error=EAGAIN:when=2 dualpipe --fresh -l cat 2>err
  > grep -v requests err
  a
  dualpipe: starting a process for: cat: Resource temporarily unavailable
  exited 125

#: needs strace
Fault 32: there is no descriptor for a pipe, whichever it is.
  $ for n in 1 2 3 4 5; do ending -t 20 faulty pipe2:error=EMFILE:when=$n dualpipe --stderr=relay -e a cat; done 2>&1 | sed 's/^dualpipe: .*: T/T/' | sort | uniq -c
        5 Too many open files
        5 exited 125

#: needs strace
Fault 32: a kernel without pidfd_open, or no descriptor for one: all works.
  $ for e in ENOSYS EMFILE ENOMEM; do
  >     printf '%s\n' 2+2 3+3 | ending -t 20 faulty pidfd_open:error=$e dualpipe -l bc
  >     ending -t 20 faulty pidfd_open:error=$e dualpipe --fresh -e a -e b cat
  >     echo a | ending -t 20 faulty pidfd_open:error=$e dualpipe sh -c 'cat; exit 3'
  >     ending -t 20 faulty pidfd_open:error=$e dualpipe --deadline 0.2 sleep 100
  > done 2>&1 | sort | uniq -c
        3 4
        3 6
        6 a
        3 b
        3 dualpipe: deadline: sleep: 0.2s have passed
        6 exited 0
        3 exited 124
        3 exited 3

#: needs strace
Fault 35: each step between fork and exec that fails is named, for a command and for a builtin.
  $ for c in cat '-b upper'; do
  >     for f in dup2:error=EBUSY:when=1 dup2:error=EBUSY:when=2 setsid:error=EPERM prctl:error=EINVAL; do
  >         ending -t 20 faulty -f $f dualpipe -e a $c
  >     done
  > done
  dualpipe: connecting the child's streams: cat: Device or resource busy
  exited 125
  dualpipe: connecting the child's streams: cat: Device or resource busy
  exited 125
  dualpipe: making a session for the child: cat: Operation not permitted
  exited 125
  dualpipe: tying the child to its parent: cat: Invalid argument
  exited 125
  dualpipe: connecting the child's streams: upper: Device or resource busy
  exited 125
  dualpipe: connecting the child's streams: upper: Device or resource busy
  exited 125
  dualpipe: making a session for the child: upper: Operation not permitted
  exited 125
  dualpipe: tying the child to its parent: upper: Invalid argument
  exited 125

#: needs strace
Fault 35: the mask that can't be lifted, in the parent also, which needs it less.
  $ ending -t 20 faulty -f rt_sigprocmask:error=EINVAL dualpipe -e a cat
  dualpipe: resetting the child's signals: cat: Invalid argument
  exited 125

#: needs strace
Fault 35: every way in which exec fails is told.
  $ cp "$(command -v cat)" here; export FAULTY_PATH=$PWD/here
  > for e in ENOMEM EACCES E2BIG ETXTBSY EAGAIN EMFILE EIO EPERM EINVAL ELOOP; do
  >     ending -t 20 faulty -f execve:error=$e dualpipe -e a $PWD/here
  > done 2>&1 | sed 's|: /[^:]*/|: |'
  dualpipe: running: here: Cannot allocate memory
  exited 126
  dualpipe: running: here: Permission denied
  exited 126
  dualpipe: running: here: Argument list too long
  exited 126
  dualpipe: running: here: Text file busy
  exited 126
  dualpipe: running: here: Resource temporarily unavailable
  exited 126
  dualpipe: running: here: Too many open files
  exited 126
  dualpipe: running: here: Input/output error
  exited 126
  dualpipe: running: here: Operation not permitted
  exited 126
  dualpipe: running: here: Invalid argument
  exited 126
  dualpipe: running: here: Too many levels of symbolic links
  exited 126

#: needs strace
A set-up text that the child can't be sent is a failed start, whatever the error and the rule.
  $ for e in EPIPE:when=1 EPIPE:when=2 ENOMEM:when=1 ENOMEM:when=2; do
  >     ending -t 20 faulty write:error=$e dualpipe -n 0 --setup 'x=3' -n 1 --setup 1 -e 2 bc
  > done 2>&1 | grep -v ' requests: '
  dualpipe: set-up: x=3: the child ended before its reply was whole
  exited 123
  dualpipe: set-up: 1: the child ended before its reply was whole
  exited 123
  dualpipe: set-up: x=3: it could not be written to
  exited 123
  dualpipe: set-up: 1: it could not be written to
  exited 123
