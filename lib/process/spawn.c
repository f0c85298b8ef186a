/* spawn.c: how a child is started: its command found, its process made, and what has failed there
 * told in words. */
#include "process/spawn.h"
#include "base/error.h"
#include "os/fd.h"
#include "process/nsinit.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int check_runnable(const char *path) {
    struct stat st;
    if (stat(path, &st) < 0)
        return -errno;
    if (S_ISDIR(st.st_mode))
        return -EISDIR;
    return access(path, X_OK) < 0 ? -errno : 0;
}

/* As execvp(3) searches: the first that can be run; else the first reason but absence. What a
 * sandbox hides is passed over. */
static int search_path(const struct sandbox *s, const char *name, char *found, size_t size) {
    const char *path = getenv("PATH"), *next;
    int reason = -ENOENT, r;
    for (path = path ? path : "/bin:/usr/bin"; path; path = next ? next + 1 : NULL) {
        int length;
        next = strchr(path, ':');
        length = next ? (int)(next - path) : (int)strlen(path);
        if (snprintf(found, size, "%.*s%s%s", length, path, length ? "/" : "", name) >= (int)size)
            continue;
        if ((r = check_runnable(found)) == 0 && s && !sandbox_shows(s, found))
            r = -EACCES;
        if (r == 0)
            return 0;
        if (r == -EACCES && reason == -ENOENT)
            reason = r;
    }
    return reason;
}

/* argv with sh and the path in front, for a script without #!. */
static char **shell_arguments(char *const *argv, const char *path) {
    size_t n = 0;
    char **by_shell;
    while (argv[n])
        n++;
    if (!(by_shell = malloc((n + 2) * sizeof *by_shell)))
        return NULL;
    by_shell[0] = (char *)(uintptr_t)"sh";
    by_shell[1] = (char *)(uintptr_t)path;
    memcpy(by_shell + 2, argv + 1, n * sizeof *argv);
    return by_shell;
}

static pid_t start_process(struct child_plan *plan) {
    sigset_t all, before;
    pid_t pid;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid = plan->sandbox && plan->sandbox->namespaces ? keeper_start(plan) : child_start(plan);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return pid;
}

static int read_report(int fd, struct child_report *report) {
    ssize_t r;
    do
        r = read(fd, report, sizeof *report);
    while (r < 0 && errno == EINTR);
    return r == (ssize_t)sizeof *report;
}

static const char *const step_words[] = {
    [CHILD_STREAMS] = "connecting the child's streams",
    [CHILD_SESSION] = "making a session for the child",
    [CHILD_TERMINAL] = "giving the child its terminal",
    [CHILD_DESCRIPTORS] = "closing descriptors for the child",
    [CHILD_DIRECTORY] = "changing directory",
    [CHILD_SIGNALS] = "resetting the child's signals",
    [CHILD_PARENT] = "tying the child to its parent",
    [CHILD_GROUP] = "entering a cgroup with",
    [CHILD_LIMIT] = "forbidding core dumps to",
    [CHILD_LIMIT + DUALPIPE_CPU] = "limiting the processor time of",
    [CHILD_LIMIT + DUALPIPE_MEMORY] = "limiting the memory of",
    [CHILD_LIMIT + DUALPIPE_FILES] = "limiting the descriptors of",
    [CHILD_LIMIT + DUALPIPE_PROCESSES] = "limiting the processes of",
    [CHILD_LIMIT + DUALPIPE_FILESIZE] = "limiting the file size of",
    [CHILD_EXEC] = "running",
    [CHILD_FORK] = "starting a process for",
};

static const char *name_of(const struct dualpipe_options *o) {
    return o->argv ? o->argv[0] : NULL;
}

/* A name relative to a directory of the child's is exec's to look up. */
static bool is_found_here(const struct dualpipe_options *o, const char *name) {
    return *name == '/' || !o->directory;
}

static int explain(const struct child_plan *plan, const struct child_report *report,
                   struct dualpipe_failure *why) {
    const char *subject = name_of(plan->options);
    if (report->step == CHILD_SANDBOX)
        return sandbox_explain(plan->sandbox, &report->fault, report->error, why);
    if (report->step == CHILD_DIRECTORY)
        subject = plan->options->directory;
    if (report->step != CHILD_EXEC)
        return failed(why, step_words[report->step], subject, NULL, -report->error);
    if (plan->sandbox && (report->error == ENOENT || report->error == EACCES))
        return failed(why, step_words[CHILD_EXEC], subject, "it, or the interpreter that it names, "
                      "can't be seen in the sandbox", -report->error);
    if (report->error == ENOENT && is_found_here(plan->options, plan->path) &&
        access(plan->path, F_OK) == 0)
        return failed(why, step_words[CHILD_EXEC], subject, "the interpreter it names is missing",
                      -ENOEXEC);
    return failed(why, step_words[CHILD_EXEC], subject, NULL, -report->error);
}

void launch_forget(pid_t pid) {
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
}

int launch_find(struct child_plan *plan, char *found, size_t size) {
    const char *name = plan->options->argv[0];
    int r = 0;
    if (*name == 0)
        return -ENOENT;
    if (plan->sandbox && plan->sandbox->command)
        name = plan->sandbox->command;
    plan->path = strchr(name, '/') ? name : found;
    if (plan->path != name)
        r = search_path(plan->sandbox, name, found, size);
    else if (is_found_here(plan->options, name))
        r = check_runnable(name);
    if (r < 0)
        return r;
    plan->by_shell = shell_arguments(plan->options->argv, plan->path);
    return plan->by_shell ? 0 : -ENOMEM;
}

static int launch_alone(struct child_plan *plan, const int ends[2], struct launched *l,
                        struct dualpipe_failure *why) {
    struct child_report report;
    if (!read_report(ends[0], &report))
        return 0;
    launch_forget(l->pid);
    return explain(plan, &report, why);
}

/* The keeper of one that fails ends when our end is closed. */
static int launch_kept(struct child_plan *plan, int ends[2], struct launched *l,
                       struct dualpipe_failure *why) {
    const struct sandbox_fault fault = {.layer = LAYER_IDENTITY};
    struct child_report report = {.step = CHILD_PRESENT};
    pid_t writer;
    int r = 0;
    l->keeper = l->pid;
    if (keeper_release(l->keeper, plan->sandbox, ends[0]) < 0)
        r = sandbox_explain(plan->sandbox, &fault, errno, why);
    while (r == 0 && report.step == CHILD_PRESENT) {
        if (!keeper_report(ends[0], &report, &writer) ||
            (report.step == CHILD_STARTED && l->pid == l->keeper))
            r = failed(why, "starting a process for", name_of(plan->options), "it was killed",
                       -ECHILD);
        else if (report.step == CHILD_PRESENT)
            l->pid = writer;
        else if (report.step != CHILD_STARTED)
            r = explain(plan, &report, why);
    }
    if (r == 0) {
        l->watch = ends[0];
        return 0;
    }
    fd_close(&ends[0]);
    kill(l->keeper, SIGKILL);
    launch_forget(l->keeper);
    return r;
}

/* Of two sockets the one says who wrote. */
static int make_ends(bool kept, int ends[2]) {
    int r, on = 1;
    if (!kept)
        return fd_pipe(ends);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return -errno;
    if ((r = fd_move_up(&ends[0])) == 0)
        r = fd_move_up(&ends[1]);
#ifdef SO_PASSCRED
    if (r == 0 && setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0)
        r = -errno;
#endif
    if (r < 0) {
        fd_close(&ends[0]);
        fd_close(&ends[1]);
    }
    return r;
}

static int explain_start(const struct child_plan *plan, bool kept, int error,
                         struct dualpipe_failure *why) {
    const struct sandbox_fault fault = {.layer = LAYER_NAMESPACES};
    if (kept && error != ENOMEM && error != EAGAIN)
        return sandbox_explain(plan->sandbox, &fault, error, why);
    return failed(why, "starting a process for", name_of(plan->options), NULL, -error);
}

int launch_child(struct child_plan *plan, struct launched *l, struct dualpipe_failure *why) {
    bool kept = plan->sandbox && plan->sandbox->namespaces;
    int ends[2], r = make_ends(kept, ends);
    *l = (struct launched){.watch = -1};
    if (r < 0)
        return failed(why, "making a pipe for", name_of(plan->options), NULL, r);
    plan->report = ends[1];
    plan->other_end = ends[0];
    l->pid = start_process(plan);
    fd_close(&ends[1]);
    if (l->pid < 0)
        r = explain_start(plan, kept, -l->pid, why);
    else
        r = kept ? launch_kept(plan, ends, l, why) : launch_alone(plan, ends, l, why);
    if (l->watch < 0)
        fd_close(&ends[0]);
    return r;
}
