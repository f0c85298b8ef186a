# plan.awk: from what "strace -y" has shown of a run to the points of a sweep, "call errno when",
# where when is as strace's: 3 is the third time, 3+ each time from then on. The loader's calls are
# over with its first munmap. With of_child=1 they are those that the child makes before it runs.

# How a call fails that moves bytes: a pipe knows no error but a lack of memory.
function moving(call, line, both) {
    both = "EINTR EAGAIN ENOMEM"
    if (call == "splice") both = both " EINVAL" (line ~ /NULL, [0-9]+<\// ? " ENOSPC" : "")
    if (call ~ /^p(read|write)v2$/) both = both " EOPNOTSUPP"
    if (call ~ /write|send|splice/ && line ~ /<(pipe|socket):/ && !blind) both = both " EPIPE"
    if (call ~ /write/ && line ~ /<\//) both = both " ENOSPC"
    return line ~ /<\// ? both " EIO" : both
}
function reasons(call, line) {
    if (call ~ /^(p?(read|write)(64|v2?)?|recv(from|msg)|send(to|msg)|splice)$/) return moving(call, line)
    if (call ~ /^p?poll$/) return "EINTR ENOMEM"
    if (call ~ /^pipe2?$/) return "EMFILE+ ENFILE EMFILE"
    if (call ~ /^(socket(pair)?|accept4?|dup[23]?)$/) return "EMFILE+ EMFILE"
    if (call ~ /^open(at)?$/) return "EMFILE+ EMFILE ENOENT EACCES EINTR"
    if (call ~ /^(clone3?|v?fork)$/) return "EAGAIN ENOMEM EAGAIN+"
    if (call == "pidfd_open") return "ENOSYS EMFILE ENOSYS+ EMFILE+"
    if (call == "fcntl") return "EINVAL EPERM EMFILE"
    if (call == "ioctl") return "ENOTTY EIO"
    if (call ~ /stat(64|at|x|at64)?$/) return "ENOENT EACCES ENOMEM"
    if (call ~ /access(at2?)?$/) return "EACCES ENOENT EIO"
    if (call ~ /^(wait4|waitid)$/) return "EINTR ECHILD"
    if (call ~ /^t?g?kill$/) return "EPERM ESRCH"
    if (call ~ /^(rt_sig(action|procmask|timedwait|pending)|setitimer)$/) return "EINVAL"
    if (call ~ /^(lseek|ftruncate)$/) return "ESPIPE EINVAL"
    if (call ~ /^(sched_.*|getrandom|close_range|prctl)$/) return "ENOSYS EINVAL"
    if (call ~ /^(prlimit64|[gs]etrlimit|setsid)$/) return "EPERM"
    if (call ~ /^(exit.*|close|brk|m(un|re)?map|mprotect|execve|rt_sigreturn|restart_.*)$/) return ""
    if (call ~ /^(arch_.*|set_.*|rseq|[gs]et[pug]id|get(p|pp|e[ug]|[ug]|t)id|futex)$/) return ""
    return "EINVAL ENOMEM"
}
/ld\.so\.cache/ { loader = 1 }
of_child {
    if (!parent) parent = $1
    if ($1 == parent || ran[$1]) next
    if (/ (execve|read|write|poll)\(/) ran[$1] = 1
    if (/ (read|write|poll)\(/) next
    sub(/^[0-9]+ +/, "")
}
/^[a-z_0-9]+\(/ {
    call = substr($0, 1, index($0, "(") - 1)
    times[call]++
    if (call == "munmap" && loader && !begun) { begun = 1; total = 0; for (c in after) delete after[c] }
    else if (++after[call] <= most) { point[++total] = call " " times[call]; shown[total] = $0 }
}
END {
    for (i = 1; i <= total; i++) {
        split(point[i], at, " ")
        n = split(reasons(at[1], shown[i]), all, " ")
        for (k = 1; k <= n; k++) {
            ever = sub(/\+$/, "", all[k])
            print at[1], all[k], at[2] (ever ? "+" : "")
        }
    }
}
