/* sandbox_plan.c: what a sandbox is to be, as far as it is known before the fork: its limits, its user,
 * what is seen in it; and in words what it failed at. */
#include "base/error.h"
#include "os/fd.h"
#include "sandbox/seccomp.h"
#include "sandbox/sandbox_enter.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

enum { NOBODY = 65534, LEAST_ABI = 3 };

/* --- what has failed --------------------------------------------------------------------- */

static const char *const layer_names[] = {
    [LAYER_NAMESPACES] = "user namespace",
    [LAYER_IDENTITY] = "identity",
    [LAYER_MOUNTS] = "mounts",
    [LAYER_PROC] = "/proc",
    [LAYER_CAPABILITIES] = "capabilities",
    [LAYER_PRIVILEGES] = "no new privileges",
    [LAYER_LANDLOCK] = "Landlock",
    [LAYER_SECCOMP] = "seccomp",
    [LAYER_DESCRIPTORS] = "descriptors",
    [LAYER_TEST] = "self-test",
};

const char *sandbox_layer_name(enum sandbox_layer layer) {
    return layer_names[layer];
}

static bool sysctl_says(const char *name, char value) {
    char text[2];
    return fd_read_text(name, text, sizeof text) == 1 && *text == value;
}

static const char *cause_of_namespaces(int error) {
    if (sysctl_says("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", '1'))
        return "kernel.apparmor_restrict_unprivileged_userns is 1";
    if (sysctl_says("/proc/sys/kernel/unprivileged_userns_clone", '0'))
        return "kernel.unprivileged_userns_clone is 0";
    if (sysctl_says("/proc/sys/user/max_user_namespaces", '0'))
        return "user.max_user_namespaces is 0";
    if (error == ENOSPC || error == EUSERS)
        return "user.max_user_namespaces, or another limit of them, is used up";
    if (error == ENOSYS || error == EINVAL)
        return "this kernel has none";
    return "a chroot, or the rules of a container, refuse it";
}

static const char *cause_of(enum sandbox_layer layer, int error) {
    switch (layer) {
    case LAYER_NAMESPACES: return cause_of_namespaces(error);
    case LAYER_IDENTITY:
        if (error == EINVAL || error == EPERM || error == EACCES)
            return sysctl_says("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", '1')
                       ? "kernel.apparmor_restrict_unprivileged_userns is 1"
                       : "this user can't be mapped: we may be in a namespace that lacks it";
        return NULL;
    case LAYER_PROC: return "a container that hides parts of /proc lets nobody mount it anew";
    case LAYER_MOUNTS:
        return error == EMFILE || error == ENFILE || error == ENOMEM
                   ? NULL : "Linux 5.12 is needed, and that no container's rules refuse it";
    case LAYER_LANDLOCK:
        if (error == ENOSYS)
            return "the kernel is older than 5.13, or built without it";
        return error == EOPNOTSUPP ? "it is not among the boot parameter lsm=, or the kernel is "
                                     "older than 6.2" : NULL;
    case LAYER_SECCOMP:
        return error == ENOSYS ? "no filter for this processor, or the kernel has none" : NULL;
    case LAYER_TEST: return "what should be refused is let through";
    default: return NULL;
    }
}

int sandbox_explain(struct sandbox *s, const struct sandbox_fault *fault, int error,
                    struct dualpipe_failure *why) {
    s->missing = fault->layer;
    if (fault->layer == LAYER_PATH)
        return failed(why, "sandbox", s->paths[fault->path].name, NULL, -error);
    failed(why, "sandbox", layer_names[fault->layer], cause_of(fault->layer, error), -error);
    if (why)
        why->position = 1U + fault->layer;
    return -error;
}

/* --- what it is to be --------------------------------------------------------------------- */

void dualpipe_sandbox_limits(struct dualpipe_limits *l) {
    const uint64_t mib = 1 << 20;
    l->cpu_ms = l->cpu_ms ? l->cpu_ms : 60000;
    l->files = l->files ? l->files : 64;
    if (l->sandbox != DUALPIPE_NO_NAMESPACES) /* there it would count all of the user's */
        l->processes = l->processes ? l->processes : 32;
    l->memory = l->memory ? l->memory : 1024 * mib;
    l->filesize = l->filesize ? l->filesize : 64 * mib;
    l->output = l->output ? l->output : 64 * mib;
}

static bool is_under(const char *path, const char *top) {
    size_t n = strlen(top);
    return strncmp(path, top, n) == 0 && (path[n] == 0 || path[n] == '/');
}

/* A directory before what is in it: its path is shorter. */
static int add_path(struct sandbox *s, const char *name, bool write, struct dualpipe_failure *why) {
    char *path = realpath(name, NULL);
    int k = s->npaths;
    if (!path)
        return failed(why, "sandbox", name, NULL, -errno);
    if (path[1] == 0 || is_under(path, "/proc")) {
        free(path);
        return failed(why, "sandbox", name, "neither all that there is nor the host's /proc can be "
                      "given: name what is needed", -EINVAL);
    }
    for (; k > 0 && strlen(s->paths[k - 1].path) > strlen(path); k--)
        s->paths[k] = s->paths[k - 1];
    s->paths[k] = (struct sandbox_path){.name = name, .path = path, .write = write, .tree = -1};
    s->npaths++;
    s->listed |= is_under("/etc/passwd", path);
    return 0;
}

static int add_paths(struct sandbox *s, struct dualpipe_failure *why) {
    const char *const none[] = {NULL};
    const char *const *read = s->limits.read ? s->limits.read : none;
    const char *const *write = s->limits.write ? s->limits.write : none;
    size_t n = 0;
    int r = 0;
    for (int i = 0; read[i]; i++)
        n++;
    for (int i = 0; write[i]; i++)
        n++;
    if (!(s->paths = calloc(n + 1, sizeof *s->paths)))
        return failed(why, "sandbox", NULL, NULL, -ENOMEM);
    for (int i = 0; r == 0 && read[i]; i++)
        r = add_path(s, read[i], false, why);
    for (int i = 0; r == 0 && write[i]; i++)
        r = add_path(s, write[i], true, why);
    return r;
}

/* The child can't see where we are, unless that was asked for. */
static int find_places(struct sandbox *s, const struct dualpipe_options *o) {
    char *now = getcwd(NULL, 0);
    const char *name = s->function ? "" : o->argv[0];
    bool seen = false;
    snprintf(s->home, sizeof s->home, "%s", s->namespaces ? "/tmp" : "/");
    for (int i = 0; i < s->npaths; i++) {
        seen |= now && is_under(now, s->paths[i].path);
        if (!s->namespaces && s->paths[i].write && s->home[1] == 0)
            snprintf(s->home, sizeof s->home, "%s", s->paths[i].path);
    }
    if (now && strchr(name, '/') && *name != '/' && !o->directory &&
        asprintf(&s->command, "%s/%s", now, name) < 0)
        s->command = NULL;
    if (seen)
        s->here = now;
    else
        free(now);
    return 0;
}

static bool is_passed(const char *variable) {
    return strncmp(variable, "PATH=", 5) == 0 || strncmp(variable, "LANG=", 5) == 0 ||
           strncmp(variable, "TERM=", 5) == 0;
}

/* What was chosen for it; else hardly anything of ours. And where it may write. */
static int make_environment(struct sandbox *s, char *const *chosen) {
    char *const *from = chosen ? chosen : environ;
    size_t n = 0, kept = 0;
    char *home;
    while (from && from[n])
        n++;
    if (!(s->env = malloc((n + 2) * sizeof *s->env + sizeof s->home + 5)))
        return -ENOMEM;
    home = (char *)(s->env + n + 2);
    snprintf(home, sizeof s->home + 5, "HOME=%s", s->home);
    for (size_t i = 0; i < n; i++)
        if (chosen ? strncmp(from[i], "HOME=", 5) != 0 : is_passed(from[i]))
            s->env[kept++] = from[i];
    s->env[kept++] = home;
    s->env[kept] = NULL;
    return 0;
}

/* Whose number it may be: neither root's nor the one that stands for none. */
static bool read_number(const char *text, char **end, unsigned long *number) {
    *number = *text >= '0' && *text <= '9' ? strtoul(text, end, 10) : 0;
    return *number > 0 && *number < UINT32_MAX;
}

static bool read_user(const char *user, unsigned long *uid, unsigned long *gid) {
    char *end;
    if (!read_number(user, &end, uid))
        return false;
    *gid = *uid;
    return *end == 0 || (*end == ':' && read_number(end + 1, &end, gid) && *end == 0);
}

static int find_user(struct sandbox *s, struct dualpipe_failure *why) {
    const char *user = s->limits.user;
    unsigned long uid = NOBODY, gid = NOBODY;
    s->uid = geteuid();
    s->gid = getegid();
    if (s->uid != 0 && !user)
        return 0;
    s->becomes = s->uid == 0;
    if (user) {
        if (!read_user(user, &uid, &gid))
            return failed(why, "sandbox", user, "UID or UID:GID is meant, not root's", -EINVAL);
        if (!s->becomes && uid != s->uid)
            return failed(why, "sandbox", user, "only root can become another user", -EPERM);
    }
    if (!s->becomes)
        return 0;
    s->uid = (uid_t)uid;
    s->gid = (gid_t)gid;
    if (!s->namespaces && !s->function)
        return failed(why, "sandbox", "root", "without namespaces it is none: ask as another user",
                      -EPERM);
    return 0;
}

static bool is_null(int fd) {
    struct stat st, null;
    return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && stat("/dev/null", &null) == 0 &&
           st.st_rdev == null.st_rdev;
}

/* No descriptor of the caller's is given away. */
static int check_streams(const struct dualpipe_options *o, bool terminal,
                         struct dualpipe_failure *why) {
    if ((o->err == DUALPIPE_INHERIT && !terminal) ||
        (o->err == DUALPIPE_FD && !is_null(o->err_fd)))
        return failed(why, "sandbox", "stderr", "it must not be ours: relay it", -EINVAL);
    if (o->flags & DUALPIPE_KEEP_FDS)
        return failed(why, "sandbox", "descriptors", "none of ours pass", -EINVAL);
    if (o->flags & DUALPIPE_SAME_SESSION)
        return failed(why, "sandbox", "session", "it needs one of its own", -EINVAL);
    return 0;
}

static int check_kernel(struct sandbox *s, struct dualpipe_failure *why) {
    struct sandbox_fault fault = {.layer = LAYER_SECCOMP};
    struct filter_code code[FILTER_CODES];
    int abi = sandbox_landlock(), error = abi < 0 ? -abi : EOPNOTSUPP;
    s->abi = abi > 0 ? abi : 0;
    if (!(s->without & 1U << LAYER_SECCOMP) && filter_make(code, PROFILE_STRICT, 0) == 0)
        return sandbox_explain(s, &fault, ENOSYS, why);
    fault.layer = LAYER_LANDLOCK;
    if (!(s->without & 1U << LAYER_LANDLOCK) && !s->function && s->abi < LEAST_ABI)
        return sandbox_explain(s, &fault, error, why);
    return 0;
}

int sandbox_open(struct sandbox *s, const struct dualpipe_options *o, unsigned without,
                 struct dualpipe_failure *why) {
    int r;
    *s = (struct sandbox){.function = o->function, .missing = LAYERS, .without = without,
                          .limits = *o->limits};
    s->terminal = o->transport == DUALPIPE_PTY || o->transport == DUALPIPE_PTY_COOKED;
    s->namespaces = !s->function && s->limits.sandbox != DUALPIPE_NO_NAMESPACES &&
                    !(without & 1U << LAYER_NAMESPACES);
    if ((r = check_streams(o, s->terminal, why)) < 0 || (r = find_user(s, why)) < 0 ||
        (r = check_kernel(s, why)) < 0 || (r = add_paths(s, why)) < 0)
        return r;
    dualpipe_sandbox_limits(&s->limits);
    if (!s->namespaces)
        s->limits.processes = o->limits->processes;
    snprintf(s->space, sizeof s->space, "mode=700,nr_inodes=16384,size=%llu",
             (unsigned long long)s->limits.filesize);
    find_places(s, o);
    r = make_environment(s, o->env);
    return r < 0 ? failed(why, "sandbox", NULL, NULL, r) : 0;
}

bool sandbox_shows(const struct sandbox *s, const char *path) {
    bool shown = s->function;
    for (int i = 0; sandbox_system[i] && !shown; i++)
        shown = is_under(path, sandbox_system[i]);
    for (int i = 0; i < s->npaths && !shown; i++)
        shown = is_under(path, s->paths[i].path);
    return shown;
}

void sandbox_close(struct sandbox *s) {
    for (int i = 0; i < s->npaths; i++)
        free(s->paths[i].path);
    free(s->paths);
    free(s->env);
    free(s->command);
    free(s->here);
}
