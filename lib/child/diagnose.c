/* diagnose.c: finds out why nothing moves, from /proc and the buffers (dualpipe_diagnose).
 *
 * Stands alone because all of it is slow and Linux-specific: finding the process that holds the
 * pipe open walks /proc/PID/fd of every process. A session cannot be looked into from here; it
 * reports the state of its child by itself. */
#include "child/diagnose.h"
#include "child/handle.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads a file of /proc/PID as a string; returns its length, 0 on error. */
static size_t read_proc_file(pid_t pid, const char *file, char *text, size_t size) {
    char name[64];
    snprintf(name, sizeof name, "/proc/%ld/%s", (long)pid, file);
    return fd_read_file(name, text, size);
}

/* Returns the state letter of /proc/PID/stat: the one after the last parenthesis, since the name of
 * the process may contain parentheses. 0 if unknown. */
static char process_state(pid_t pid) {
    char text[512], *name_end;
    if (pid == 0 || read_proc_file(pid, "stat", text, sizeof text) == 0)
        return 0;
    name_end = strrchr(text, ')');
    return name_end && name_end[1] == ' ' ? name_end[2] : 0;
}

/* Whether the process has the wanted file open. */
static bool has_file_open(pid_t pid, const struct stat *wanted) {
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

static bool is_among(pid_t pid, const pid_t *processes, int count) {
    while (count > 0 && processes[count - 1] != pid)
        count--;
    return count > 0;
}

pid_t diagnose_find_holder(const struct stat *pipe, const pid_t *known, int count) {
    struct dirent *entry;
    pid_t pid, found = 0;
    DIR *proc_dir = opendir("/proc");
    if (!proc_dir)
        return 0;
    while (found == 0 && (entry = readdir(proc_dir)))
        if ((pid = (pid_t)atol(entry->d_name)) > 0 && pid != getpid() &&
            !is_among(pid, known, count) && has_file_open(pid, pipe))
            found = pid;
    closedir(proc_dir);
    return found;
}

/* Stats the file that the child has open as its stdout: for a pty that is the slave, not our
 * master. */
static int stat_child_stdout(const struct reader *reader, struct stat *st) {
    char name[64];
    if (reader->fd < 0 || reader->kind != FD_PTY)
        return fstat(reader->fd, st);
    return ptsname_r(reader->fd, name, sizeof name) == 0 ? stat(name, st) : -1;
}

int dualpipe_diagnose(dualpipe *dp, struct dualpipe_diagnosis *d, int find_holder) {
    struct stat pipe;
    long unread = handle_unread(dp);
    if (dp->is_session) {
        *d = dp->session_diagnosis;
        return 0;
    }
    *d = (struct dualpipe_diagnosis){
        .received = dp->received, .pid = dp->process.pid, .pipe_holder = -1};
    d->buffered = buffer_len(&dp->out.buf);
    d->unread = unread > 0 ? (size_t)unread : 0;
    d->state = process_state(dp->process.pid);
    if (!find_holder)
        return 0;
    d->pipe_holder = 0;
    if (stat_child_stdout(&dp->out, &pipe) == 0)
        d->pipe_holder = diagnose_find_holder(&pipe, &dp->process.pid, 1);
    if (d->pipe_holder > 0 &&
        read_proc_file(d->pipe_holder, "comm", d->holder_name, sizeof d->holder_name) > 0)
        d->holder_name[strcspn(d->holder_name, "\n")] = 0;
    return 0;
}
