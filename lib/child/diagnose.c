/* diagnose.c: why nothing moves, as the kernel tells it. */
#include "child/handle.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

static size_t read_proc(pid_t pid, const char *file, char *text, size_t size) {
    char name[64];
    snprintf(name, sizeof name, "/proc/%ld/%s", (long)pid, file);
    return fd_read_text(name, text, size);
}

/* The letter behind the name's last parenthesis, which may itself hold some. */
static char state_of(pid_t pid) {
    char text[512], *name_end;
    if (pid == 0 || read_proc(pid, "stat", text, sizeof text) == 0)
        return 0;
    name_end = strrchr(text, ')');
    return name_end && name_end[1] == ' ' ? name_end[2] : 0;
}

static bool holds(pid_t pid, const struct stat *wanted) {
    char name[300];
    struct dirent *entry;
    struct stat st;
    bool found = false;
    DIR *fds;
    snprintf(name, sizeof name, "/proc/%ld/fd", (long)pid);
    if (!(fds = opendir(name)))
        return false;
    while (!found && (entry = readdir(fds)))
        found = fstatat(dirfd(fds), entry->d_name, &st, 0) == 0 && st.st_ino == wanted->st_ino &&
                st.st_dev == wanted->st_dev;
    closedir(fds);
    return found;
}

/* A process but ourselves and the child that has the pipe open. */
static pid_t find_holder(const struct stat *pipe, pid_t child) {
    struct dirent *entry;
    pid_t pid, found = 0;
    DIR *all = opendir("/proc");
    if (!all)
        return 0;
    while (found == 0 && (entry = readdir(all)))
        if ((pid = (pid_t)atol(entry->d_name)) > 0 && pid != getpid() && pid != child &&
            holds(pid, pipe))
            found = pid;
    closedir(all);
    return found;
}

/* Of what the child has open: a terminal's other side. */
static int stat_output(const struct inlet *i, struct stat *st) {
    char name[64];
    if (i->fd < 0 || i->kind != FD_PTY)
        return fstat(i->fd, st);
    return ptsname_r(i->fd, name, sizeof name) == 0 ? stat(name, st) : -1;
}

int dualpipe_inspect(dualpipe *dp, struct dualpipe_state *s, int look) {
    struct stat pipe;
    int unread = 0;
    if (dp->connected) {
        *s = dp->told;
        return 0;
    }
    *s = (struct dualpipe_state){.received = dp->received, .pid = dp->process.pid, .holder = -1};
    s->held = buffer_held(&dp->out.held);
    if (dp->in.fd >= 0 && dp->in.kind != FD_PTY && ioctl(dp->in.fd, FIONREAD, &unread) == 0)
        s->unread = (size_t)unread;
    s->state = state_of(dp->process.pid);
    if (!look)
        return 0;
    s->holder = 0;
    if (stat_output(&dp->out, &pipe) == 0)
        s->holder = find_holder(&pipe, dp->process.pid);
    if (s->holder > 0 && read_proc(s->holder, "comm", s->name, sizeof s->name) > 0)
        s->name[strcspn(s->name, "\n")] = 0;
    return 0;
}
