# --sandbox where a layer of it can't be had: it is refused, and the child is never started: a file
# that it would make is not there. Each call is refused in turn; faulty is in tests/tools.

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
  > done | sed 's/: --sandbox=.*//; s/: another user than.*//'
  dualpipe: sandbox: user namespace: Operation not permitted: a chroot, or the rules of a container, refuse it
  125 clone:when=1
  dualpipe: sandbox: mounts: Operation not permitted: Linux 5.12 is needed, and that no container's rules refuse it
  125 mount:when=1
  dualpipe: sandbox: mounts: Operation not permitted: Linux 5.12 is needed, and that no container's rules refuse it
  125 mount:when=2
  dualpipe: sandbox: /proc: Operation not permitted: a container that hides parts of /proc lets nobody mount it anew
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

#: needs strace
#: limit 120
Without Landlock, a filter, the end of privileges and capabilities, descriptors closed: the same.
  $ mkdir -m 777 out
  > for c in landlock_create_ruleset landlock_add_rule landlock_restrict_self seccomp capset close_range; do
  >     faulty -f "$c:error=ENOSYS" dualpipe --sandbox=write=out -- touch "$PWD/out/canary" 2>&1 || echo "$? $c" $(ls out)
  > done
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
