/* sandbox_plan.c: decides before the fork what a sandbox will be, and explains what failed of it.
 *
 * sandbox_plan_init() turns the caller's options into a struct sandbox: it fills in default limits,
 * chooses the user, resolves the paths that the child may see, and prepares the environment. All
 * that needs memory or a lookup by name happens here, because sandbox_enter.c runs between fork and
 * exec, where nothing may be allocated. Options that would leave a hole (an inherited stderr,
 * inherited descriptors, our own session) are refused.
 *
 * A layer of the sandbox can be unavailable: the kernel may be too old or a container may forbid
 * it. The new process then reports the layer and errno, and sandbox_plan_explain() turns them into
 * words with a likely cause, and records the layer in failed_layer. The caller (process.c) may then
 * try again with that layer's bit in skipped_layers.
 *
 * The order of paths matters: a directory is mounted before anything inside it. Since the path of a
 * directory is shorter than those of its contents, sorting by length is enough. */
#include "sandbox/sandbox_plan.h"
#include "base/error.h"
#include "base/options.h"
#include "os/fd.h"
#include "sandbox/sandbox_enter.h"
#include "sandbox/seccomp.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

/* The unprivileged user and group of most systems, and the first version of Landlock that knows
 * truncation. */
enum { UNPRIVILEGED_ID = 65534, MIN_LANDLOCK_ABI = 3 };

/* --- explaining a failure ---------------------------------------------------------------- */

static const char *const layer_names[] = {
    [LAYER_NAMESPACES] = "user namespace",
    [LAYER_IDENTITY] = "identity",
    [LAYER_MOUNTS] = "mounts",
    [LAYER_PROC] = "/proc",
    [LAYER_CAPABILITIES] = "capabilities",
    [LAYER_NO_NEW_PRIVS] = "no new privileges",
    [LAYER_LANDLOCK] = "Landlock",
    [LAYER_SECCOMP] = "seccomp",
    [LAYER_DESCRIPTORS] = "descriptors",
    [LAYER_SELF_TEST] = "self-test",
};

const char *sandbox_plan_layer_name(enum sandbox_layer layer) {
    return layer_names[layer];
}

/* Tells whether a sysctl's value begins with this character. */
static bool sysctl_is(const char *name, char value) {
    char text[2];
    return fd_read_file(name, text, sizeof text) == 1 && *text == value;
}

/* The settings that forbid user namespaces most often come first; a container is the guess that is
 * left. */
static const char *namespace_cause(int error) {
    if (sysctl_is("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", '1'))
        return "kernel.apparmor_restrict_unprivileged_userns is 1";
    if (sysctl_is("/proc/sys/kernel/unprivileged_userns_clone", '0'))
        return "kernel.unprivileged_userns_clone is 0";
    if (sysctl_is("/proc/sys/user/max_user_namespaces", '0'))
        return "user.max_user_namespaces is 0";
    if (error == ENOSPC || error == EUSERS)
        return "user.max_user_namespaces, or another limit of them, is used up";
    if (error == ENOSYS || error == EINVAL)
        return "this kernel has none";
    return "a chroot, or the rules of a container, refuse it";
}

/* Returns a hint for the error message, or NULL if errno says it all. */
static const char *likely_cause(enum sandbox_layer layer, int error) {
    switch (layer) {
    case LAYER_NAMESPACES: return namespace_cause(error);
    case LAYER_IDENTITY:
        if (error == EINVAL || error == EPERM || error == EACCES)
            return sysctl_is("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", '1')
                       ? "kernel.apparmor_restrict_unprivileged_userns is 1"
                       : "this user can't be mapped: we may be in a namespace that lacks it";
        return NULL;
    case LAYER_PROC: return "a container that hides parts of /proc doesn't let it be mounted anew";
    case LAYER_MOUNTS:
        return error == EMFILE || error == ENFILE || error == ENOMEM
                   ? NULL
                   : "Linux 5.12 is needed, and that no container's rules refuse it";
    case LAYER_LANDLOCK:
        if (error == ENOSYS)
            return "the kernel is older than 5.13, or built without it";
        return error == EOPNOTSUPP ? "it is not among the boot parameter lsm=, or the kernel is "
                                     "older than 6.2"
                                   : NULL;
    case LAYER_SECCOMP:
        return error == ENOSYS ? "no filter for this processor, or the kernel has none" : NULL;
    case LAYER_SELF_TEST: return "what should be refused is let through";
    default: return NULL;
    }
}

int sandbox_plan_explain(struct sandbox *s, const struct sandbox_fault *fault, int error,
                         struct dualpipe_error *why) {
    s->failed_layer = fault->layer;
    if (fault->layer == LAYER_PATH)
        return error_set(why, "sandbox", s->paths[fault->path_index].given_name, NULL, -error);
    error_set(why, "sandbox", layer_names[fault->layer], likely_cause(fault->layer, error), -error);
    if (why)
        why->offset = 1U + fault->layer;
    return -error;
}

/* --- making the plan --------------------------------------------------------------------- */

void dualpipe_sandbox_limits(struct dualpipe_limits *limits) {
    const uint64_t mib = 1 << 20;
    struct dualpipe_limits own, *l = &own;
    size_t size = limits->size;
    if (options_copy(l, sizeof *l, limits) < 0)
        return; /* dualpipe_start() refuses them, and says why */
    l->cpu_ms = l->cpu_ms ? l->cpu_ms : 60000;
    l->files = l->files ? l->files : 64;
    /* Without namespaces RLIMIT_NPROC would count all processes of the user. */
    if (l->sandbox != DUALPIPE_SANDBOX_NO_NAMESPACES)
        l->processes = l->processes ? l->processes : 32;
    l->memory = l->memory ? l->memory : 1024 * mib;
    l->filesize = l->filesize ? l->filesize : 64 * mib;
    l->output = l->output ? l->output : 64 * mib;
    memcpy(limits, l, size && size < sizeof *l ? size : sizeof *l);
    limits->size = size;
}

static bool is_under(const char *path, const char *directory) {
    size_t n = strlen(directory);
    return strncmp(path, directory, n) == 0 && (path[n] == 0 || path[n] == '/');
}

/* Inserts the path so that the list stays sorted by length. */
static int add_path(struct sandbox *s, const char *given_name, bool is_writable,
                    struct dualpipe_error *why) {
    char *path = realpath(given_name, NULL);
    int i = s->path_count;
    if (!path)
        return error_set(why, "sandbox", given_name, NULL, -errno);
    if (path[1] == 0 || is_under(path, "/proc")) {
        free(path);
        return error_set(why, "sandbox", given_name,
                         "neither all that there is nor the host's /proc can be "
                         "given: name what is needed",
                         -EINVAL);
    }
    for (; i > 0 && strlen(s->paths[i - 1].real_path) > strlen(path); i--)
        s->paths[i] = s->paths[i - 1];
    s->paths[i] = (struct sandbox_path){
        .given_name = given_name, .real_path = path, .is_writable = is_writable, .mount_fd = -1};
    s->path_count++;
    s->shows_passwd |= is_under("/etc/passwd", path);
    return 0;
}

static int add_paths(struct sandbox *s, struct dualpipe_error *why) {
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
        return error_set(why, "sandbox", NULL, NULL, -ENOMEM);
    for (int i = 0; r == 0 && read[i]; i++)
        r = add_path(s, read[i], false, why);
    for (int i = 0; r == 0 && write[i]; i++)
        r = add_path(s, write[i], true, why);
    return r;
}

/* Chooses HOME and the directory that the child starts in. It starts in ours only if a given path
 * makes that visible. A command that was named relative to our directory gets its full path, since
 * the child may start elsewhere. */
static void choose_directories(struct sandbox *s, const struct dualpipe_options *o) {
    char *cwd = getcwd(NULL, 0);
    const char *name = s->is_function ? "" : o->argv[0];
    bool shows_cwd = false;
    snprintf(s->home, sizeof s->home, "%s", s->has_namespaces ? "/tmp" : "/");
    for (int i = 0; i < s->path_count; i++) {
        shows_cwd |= cwd && is_under(cwd, s->paths[i].real_path);
        if (!s->has_namespaces && s->paths[i].is_writable && s->home[1] == 0)
            snprintf(s->home, sizeof s->home, "%s", s->paths[i].real_path);
    }
    if (cwd && strchr(name, '/') && *name != '/' && !o->directory &&
        asprintf(&s->command_path, "%s/%s", cwd, name) < 0)
        s->command_path = NULL;
    if (shows_cwd)
        s->start_directory = cwd;
    else
        free(cwd);
}

static bool is_passed_variable(const char *variable) {
    return strncmp(variable, "PATH=", 5) == 0 || strncmp(variable, "LANG=", 5) == 0 ||
           strncmp(variable, "TERM=", 5) == 0;
}

/* Makes the child's environment: the variables that the caller chose, or else just PATH, LANG and
 * TERM of ours; in both cases with a HOME that exists in the sandbox. */
static int make_environment(struct sandbox *s, char *const *chosen) {
    char *const *source = chosen ? chosen : environ;
    size_t n = 0, count = 0;
    char *home;
    while (source && source[n])
        n++;
    if (!(s->env = malloc((n + 2) * sizeof *s->env + sizeof s->home + 5)))
        return -ENOMEM;
    home = (char *)(s->env + n + 2);
    snprintf(home, sizeof s->home + 5, "HOME=%s", s->home);
    for (size_t i = 0; i < n; i++)
        if (chosen ? strncmp(source[i], "HOME=", 5) != 0 : is_passed_variable(source[i]))
            s->env[count++] = source[i];
    s->env[count++] = home;
    s->env[count] = NULL;
    return 0;
}

/* Reads a user or group number. Neither 0 (root) nor the largest number ((uid_t)-1: no change) is
 * valid. */
static bool parse_id(const char *text, char **end, unsigned long *number) {
    *number = *text >= '0' && *text <= '9' ? strtoul(text, end, 10) : 0;
    return *number > 0 && *number < UINT32_MAX;
}

static bool parse_user(const char *user, unsigned long *uid, unsigned long *gid) {
    char *end;
    if (!parse_id(user, &end, uid))
        return false;
    *gid = *uid;
    return *end == 0 || (*end == ':' && parse_id(end + 1, &end, gid) && *end == 0);
}

/* Without root the child keeps our user. Root never stays root: it becomes the given user, else
 * UNPRIVILEGED_ID. */
static int choose_user(struct sandbox *s, struct dualpipe_error *why) {
    const char *user = s->limits.user;
    unsigned long uid = UNPRIVILEGED_ID, gid = UNPRIVILEGED_ID;
    s->uid = geteuid();
    s->gid = getegid();
    if (s->uid != 0 && !user)
        return 0;
    s->changes_user = s->uid == 0;
    if (user) {
        if (!parse_user(user, &uid, &gid))
            return error_set(why, "sandbox", user, "UID or UID:GID is meant, not root's", -EINVAL);
        if (!s->changes_user && uid != s->uid)
            return error_set(why, "sandbox", user, "only root can become another user", -EPERM);
    }
    if (!s->changes_user)
        return 0;
    s->uid = (uid_t)uid;
    s->gid = (gid_t)gid;
    if (!s->has_namespaces && !s->is_function)
        return error_set(why, "sandbox", "root",
                         "without namespaces it is none: ask as another user", -EPERM);
    return 0;
}

static bool is_dev_null(int fd) {
    struct stat st, null;
    return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && stat("/dev/null", &null) == 0 &&
           st.st_rdev == null.st_rdev;
}

/* Refuses options by which the child would get a descriptor of the caller's. */
static int check_streams(const struct dualpipe_options *o, bool has_terminal,
                         struct dualpipe_error *why) {
    if ((o->err == DUALPIPE_STDERR_INHERIT && !has_terminal) ||
        (o->err == DUALPIPE_STDERR_FD && !is_dev_null(o->err_fd)))
        return error_set(why, "sandbox", "stderr", "it must not be ours: relay it", -EINVAL);
    if (o->flags & DUALPIPE_START_KEEP_FDS)
        return error_set(why, "sandbox", "descriptors", "none of ours pass", -EINVAL);
    if (o->flags & DUALPIPE_START_SAME_SESSION)
        return error_set(why, "sandbox", "session", "it needs one of its own", -EINVAL);
    return 0;
}

/* Finds the version of Landlock, and fails early where seccomp or Landlock can't work at all. */
static int check_kernel_support(struct sandbox *s, struct dualpipe_error *why) {
    struct sandbox_fault fault = {.layer = LAYER_SECCOMP};
    struct seccomp_insn insns[SECCOMP_MAX_INSNS];
    int abi = sandbox_enter_landlock_abi(), error = abi < 0 ? -abi : EOPNOTSUPP;
    s->landlock_abi = abi > 0 ? abi : 0;
    if (!(s->skipped_layers & 1U << LAYER_SECCOMP) &&
        seccomp_build(insns, SECCOMP_PROFILE_STRICT, 0) == 0)
        return sandbox_plan_explain(s, &fault, ENOSYS, why);
    fault.layer = LAYER_LANDLOCK;
    if (!(s->skipped_layers & 1U << LAYER_LANDLOCK) && !s->is_function &&
        s->landlock_abi < MIN_LANDLOCK_ABI)
        return sandbox_plan_explain(s, &fault, error, why);
    return 0;
}

int sandbox_plan_init(struct sandbox *s, const struct dualpipe_options *o, unsigned skipped_layers,
                      struct dualpipe_error *why) {
    int r;
    *s = (struct sandbox){.is_function = o->function,
                          .failed_layer = LAYER_COUNT,
                          .skipped_layers = skipped_layers,
                          .limits = *o->limits};
    s->has_terminal =
        o->transport == DUALPIPE_TRANSPORT_PTY || o->transport == DUALPIPE_TRANSPORT_PTY_COOKED;
    s->has_namespaces = !s->is_function && s->limits.sandbox != DUALPIPE_SANDBOX_NO_NAMESPACES &&
                        !(skipped_layers & 1U << LAYER_NAMESPACES);
    if ((r = check_streams(o, s->has_terminal, why)) < 0 || (r = choose_user(s, why)) < 0 ||
        (r = check_kernel_support(s, why)) < 0 || (r = add_paths(s, why)) < 0)
        return r;
    dualpipe_sandbox_limits(&s->limits);
    if (!s->has_namespaces)
        s->limits.processes = o->limits->processes;
    snprintf(s->tmpfs_options, sizeof s->tmpfs_options, "mode=700,nr_inodes=16384,size=%llu",
             (unsigned long long)s->limits.filesize);
    choose_directories(s, o);
    r = make_environment(s, o->env);
    return r < 0 ? error_set(why, "sandbox", NULL, NULL, r) : 0;
}

bool sandbox_plan_shows(const struct sandbox *s, const char *path) {
    bool is_shown = s->is_function;
    for (int i = 0; sandbox_enter_system_paths[i] && !is_shown; i++)
        is_shown = is_under(path, sandbox_enter_system_paths[i]);
    for (int i = 0; i < s->path_count && !is_shown; i++)
        is_shown = is_under(path, s->paths[i].real_path);
    return is_shown;
}

void sandbox_plan_free(struct sandbox *s) {
    for (int i = 0; i < s->path_count; i++)
        free(s->paths[i].real_path);
    free(s->paths);
    free(s->env);
    free(s->command_path);
    free(s->start_directory);
}
