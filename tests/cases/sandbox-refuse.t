# --sandbox where a layer of it can't be had: it is refused, and the child is never started: a file
# that it would make is not there. Each call is refused in turn; faulty is in tests/tools. Of
# what strace says, that a process ended before the refusal reached it is left out.
#: all needs sandbox

#: needs strace
It makes the file where nothing is refused.
  $ mkdir -m 777 out
  > dualpipe --sandbox=write=out -- touch "$PWD/out/canary"; ls out
  canary

#: needs strace
#: limit 120
Without namespaces, mounts, another root, a /proc: refused, each by a line that names it.
  $ mkdir -m 777 out
  > for c in clone:when=1 mount:when=1 mount:when=2 mount:when=3 mount:when=4 open_tree mount_setattr move_mount pivot_root umount2; do
  >     faulty -f "${c%%:*}:error=EPERM${c#"${c%%:*}"}" dualpipe --sandbox=write=out -- touch "$PWD/out/canary" 2>&1 || echo "$? $c" $(ls out)
  > done | sed '/^strace: Failed to tamper/d; s/: --sandbox=.*//; s/: another user than.*//'
  dualpipe: sandbox: user namespace: Operation not permitted: a chroot, or the rules of a container, refuse it
  125 clone:when=1
  dualpipe: sandbox: mounts: Operation not permitted: Linux 5.12 is needed, and that no container's rules refuse it
  125 mount:when=1
  dualpipe: sandbox: mounts: Operation not permitted: Linux 5.12 is needed, and that no container's rules refuse it
  125 mount:when=2
  dualpipe: sandbox: /proc: Operation not permitted: a container that hides parts of /proc doesn't let it be mounted anew
  125 mount:when=3
  dualpipe: sandbox: mounts: Operation not permitted: Linux 5.12 is needed, and that no container's rules refuse it
  125 mount:when=4
  dualpipe: sandbox: mounts: Operation not permitted: Linux 5.12 is needed, and that no container's rules refuse it
  125 open_tree
  dualpipe: sandbox: mounts: Operation not permitted: Linux 5.12 is needed, and that no container's rules refuse it
  125 mount_setattr
  dualpipe: sandbox: mounts: Operation not permitted: Linux 5.12 is needed, and that no container's rules refuse it
  125 move_mount
  dualpipe: sandbox: mounts: Operation not permitted: Linux 5.12 is needed, and that no container's rules refuse it
  125 pivot_root
  dualpipe: sandbox: mounts: Operation not permitted: Linux 5.12 is needed, and that no container's rules refuse it
  125 umount2

Where it lacks descriptors the kernel is not blamed.
  $ ulimit -n 18; dualpipe --sandbox -- true 2>&1 | sed 's/: --sandbox=.*//; s/: another user than.*//'
  dualpipe: sandbox: mounts: Too many open files

#: needs strace
#: limit 120
Without Landlock, a filter, the end of privileges and capabilities, descriptors closed: the same.
  $ mkdir -m 777 out
  > for c in landlock_create_ruleset landlock_add_rule landlock_restrict_self seccomp capset close_range; do
  >     faulty -f "$c:error=ENOSYS" dualpipe --sandbox=write=out -- touch "$PWD/out/canary" 2>&1 || echo "$? $c" $(ls out)
  > done | sed '/^strace: Failed to tamper/d'
  dualpipe: sandbox: Landlock: Function not implemented: the kernel is older than 5.13, or built without it: --sandbox=best-effort goes on without
  125 landlock_create_ruleset
  dualpipe: sandbox: Landlock: Function not implemented: the kernel is older than 5.13, or built without it: --sandbox=best-effort goes on without
  125 landlock_add_rule
  dualpipe: sandbox: Landlock: Function not implemented: the kernel is older than 5.13, or built without it: --sandbox=best-effort goes on without
  125 landlock_restrict_self
  dualpipe: sandbox: seccomp: Function not implemented: no filter for this processor, or the kernel has none: --sandbox=best-effort goes on without
  125 seccomp
  dualpipe: sandbox: capabilities: Function not implemented: .* (re)
  125 capset
  dualpipe: sandbox: descriptors: Function not implemented: --sandbox=best-effort goes on without
  125 close_range

#: needs strace
#: needs user
No new privileges are asked for in the child, and refused.
  $ mkdir out
  > for k in 1 2 3; do faulty -f "prctl:error=EINVAL:when=$k" dualpipe --sandbox=no-ns,write=out -- sh -c ": >$PWD/out/canary" 2>&1; echo "$?" $(ls out); done | sed '/^strace: Failed to tamper/d'
  dualpipe: tying the child to its parent: sh: Invalid argument
  125
  dualpipe: sandbox: no new privileges: Invalid argument: --sandbox=best-effort goes on without
  125
  0 canary

#: needs strace
#: needs user
Who it is can't be told to the kernel: AppArmor does so where it lets nobody be mapped.
  $ mkdir out
  > for k in 1 2 3; do faulty "write:error=EPERM:when=$k" dualpipe --sandbox=write=out -- touch "$PWD/out/canary" 2>&1; echo "$?" $(ls out); done
  dualpipe: sandbox: identity: Operation not permitted: this user can't be mapped: we may be in a namespace that lacks it: --sandbox=no-ns goes without namespaces
  125
  dualpipe: sandbox: identity: Operation not permitted: this user can't be mapped: we may be in a namespace that lacks it: --sandbox=no-ns goes without namespaces
  125
  dualpipe: sandbox: identity: Operation not permitted: this user can't be mapped: we may be in a namespace that lacks it: --sandbox=no-ns goes without namespaces
  125

#: needs strace
What is said to be refused and is not is found out: a socket, a file, a signal.
  $ mkdir -m 777 out
  > for c in socket kill:when=1; do
  >     faulty -f "${c%%:*}:retval=0${c#"${c%%:*}"}" dualpipe --sandbox=write=out -- touch "$PWD/out/canary" 2>&1 || echo "$? $c" $(ls out)
  > done | sed '/^strace: Failed to tamper/d'
  dualpipe: sandbox: self-test: Operation not supported: what should be refused is let through: --sandbox=best-effort goes on without
  125 socket
  dualpipe: sandbox: self-test: Operation not supported: what should be refused is let through: --sandbox=best-effort goes on without
  125 kill:when=1

#: needs strace
A Landlock that is too old, or not among what was booted with.
  $ for f in retval=2:when=1 error=EOPNOTSUPP; do
  >     faulty -f "landlock_create_ruleset:$f" dualpipe --sandbox -- true 2>&1 || echo $?
  > done | sed '/^strace: Failed to tamper/d'
  dualpipe: sandbox: Landlock: Operation not supported: it is not among the boot parameter lsm=, or the kernel is older than 6.2: --sandbox=best-effort goes on without
  125
  dualpipe: sandbox: Landlock: Operation not supported: it is not among the boot parameter lsm=, or the kernel is older than 6.2: --sandbox=best-effort goes on without
  125

#: needs strace
No process can be had for it, or its keeper is killed before it begins.
  $ for f in clone:error=EAGAIN clone:error=ENOMEM sethostname:signal=KILL landlock_restrict_self:signal=KILL; do
  >     faulty -f "$f" dualpipe --sandbox -- true 2>&1; echo $?
  > done | sed '/^strace: Failed to tamper/d'
  dualpipe: starting a process for: true: Resource temporarily unavailable
  125
  dualpipe: starting a process for: true: Cannot allocate memory
  125
  dualpipe: starting a process for: true: it was killed
  125
  dualpipe: starting a process for: true: it was killed
  125

#: needs root
Root has no sandbox without namespaces; nor has a child in one a sandbox of its own.
  $ dualpipe --sandbox=no-ns true; dualpipe --sandbox=read="$BUILD" --limit=memory=8192G -- env ASAN_OPTIONS=detect_leaks=0 "$BUILD/dualpipe" --sandbox true
  dualpipe: sandbox: root: Operation not permitted: without namespaces it is none: ask as another user
  dualpipe: sandbox: user namespace: Operation not permitted: a chroot, or the rules of a container, refuse it: --sandbox=no-ns goes without namespaces
  [125]

#: needs root
A user's limit of namespaces that is used up is named, and a chroot thought of.
  $ unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_user_namespaces; exec dualpipe --sandbox=user=1 -- true' 2>&1 | sed 's/: --sandbox.*//; s/: another user.*//'
  dualpipe: sandbox: user namespace: No space left on device: user.max_user_namespaces is 0

In every mode: nothing is asked, and the reason is told once.
  $ mkdir -m 777 out
  > for o in '' '-e 1' '-j2 -e 1 -e 2' '--fresh -e 1' '-e 1 @s' '--pty=cooked -e 1'; do
  >     dualpipe --sandbox=read=/none $o -- sh -c "touch '$PWD/out/canary'; cat"; echo "$?" $(ls out)
  > done
  dualpipe: sandbox: /none: No such file or directory
  125
  dualpipe: sandbox: /none: No such file or directory
  125
  dualpipe: sandbox: /none: No such file or directory
  125
  dualpipe: sandbox: /none: No such file or directory
  125
  dualpipe: sandbox: /none: No such file or directory
  125
  dualpipe: sandbox: /none: No such file or directory
  125

#: needs strace
At best it goes on without, and says so, by lines of their own and in --status-fd.
  $ faulty -f seccomp:error=ENOSYS dualpipe --sandbox=best-effort --status-fd=2 -e a cat 2>&1 | sed 's/"pid":.*/"pid":N/; /event":"end/d'
  > faulty -f landlock_create_ruleset:error=ENOSYS dualpipe --sandbox=best-effort -e b cat
  dualpipe: sandbox goes without: seccomp: Function not implemented: no filter for this processor, or the kernel has none
  {"event":"sandbox","missing":"seccomp","reason":"Function not implemented"}
  {"event":"ready","pid":N
  a
  dualpipe: sandbox goes without: Landlock: Function not implemented: the kernel is older than 5.13, or built without it
  b

#: needs user
Namespaces that can't be had are gone without by an ordinary user.
  $ unshare -U --map-current-user --keep-caps sh -c 'echo 0 >/proc/sys/user/max_user_namespaces; exec dualpipe --sandbox=best-effort -e a cat'
  > dualpipe --sandbox=best-effort -e b cat
  dualpipe: sandbox goes without: user namespace: No space left on device: user.max_user_namespaces is 0
  dualpipe: sandbox goes without: identity: No space left on device: it needs the ones before
  dualpipe: sandbox goes without: mounts: No space left on device: it needs the ones before
  dualpipe: sandbox goes without: /proc: No space left on device: it needs the ones before
  dualpipe: sandbox goes without: capabilities: No space left on device: it needs the ones before
  a
  b

#: needs strace
The table says what can be had; its status, whether it is all.
  $ dualpipe --sandbox=check
  > echo $?; faulty -f seccomp:error=ENOSYS dualpipe --sandbox=check | grep missing
  user namespace     ok
  identity           ok
  mounts             ok
  /proc              ok
  capabilities       ok
  no new privileges  ok
  Landlock           ok       ABI [0-9]+ (re)
  seccomp            ok
  descriptors        ok
  self-test          ok
  0
  seccomp            missing  Function not implemented: no filter for this processor, or the kernel has none

#: needs root
#: needs strace
Without mounts root has none: the table says what comes so far; at best it is refused in one line.
  $ faulty -f mount_setattr:error=ENOSYS dualpipe --sandbox=check
  > faulty -f mount_setattr:error=ENOSYS dualpipe --sandbox=best-effort --status-fd=1 touch canary | sed 's/,"ms.*//'; ls
  user namespace     ok
  identity           ok
  mounts             missing  Function not implemented: Linux 5.12 is needed, and that no container's rules refuse it
  /proc              missing  Function not implemented: it needs the ones before
  capabilities       missing  Function not implemented: it needs the ones before
  no new privileges  missing  Operation not permitted: without namespaces it is none: ask as another user
  Landlock           missing  Operation not permitted: without namespaces it is none: ask as another user
  seccomp            missing  Operation not permitted: without namespaces it is none: ask as another user
  descriptors        missing  Operation not permitted: without namespaces it is none: ask as another user
  self-test          missing  Operation not permitted: without namespaces it is none: ask as another user
  dualpipe: sandbox: root: Operation not permitted: without namespaces it is none: ask as another user
  {"event":"end","outcome":"not-started"
