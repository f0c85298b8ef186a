# Stopped by Ctrl-Z and continued by fg, in shells with job control. The numbers are those of the
# project's list of faults. What a stop does to limits and to bytes is in fault-output.t.

#: needs bash
#: needs dash
Fault 17: the child stops with us and goes on with us; what comes is the same, the terminal too.
  $ for shell in 'bash --norc --noediting -i' 'dash -i'; do
  >     onjob "$shell" 'dualpipe --status-fd 3 3>status -l bc <in'
  > done
  child: T
  [exited 0]
  status: 0
  child: T
  [exited 0]
  status: 0

#: needs bash
#: needs dash
Fault 17: the same in the middle of a pipeline, in both modes.
  $ for shell in 'bash --norc --noediting -i' 'dash -i'; do
  >     onjob "$shell" 'cat in | dualpipe --status-fd 3 3>status -l bc | cat'
  >     onjob "$shell" 'cat in | dualpipe --status-fd 3 3>status bc | cat'
  > done
  child: T
  [exited 0]
  status: 0
  child: T
  [exited 0]
  status: 0
  child: T
  [exited 0]
  status: 0
  child: T
  [exited 0]
  status: 0
