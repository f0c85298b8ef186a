/* sandbox.c: the layers that shut a child in: each is asked of the kernel between fork and exec,
 * and each can be refused by itself. */
#include "sandbox.h"
#include "error.h"
#include "filter.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#ifdef __linux__
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#endif

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

#ifdef __linux__
extern char **environ;

enum { NOBODY = 65534, LEAST_ABI = 3, SCOPE_ABI = 6 };

static const char *const system_paths[] = {
    "/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32", "/libx32", "/etc/alternatives",
    "/etc/ld.so.cache", "/etc/localtime", "/etc/timezone",
};
static const char *const devices[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random",
                                      "/dev/urandom", "/dev/tty"};
enum {
    SYSTEM = sizeof system_paths / sizeof *system_paths,
    DEVICES = sizeof devices / sizeof *devices,
    ZERO_DEVICE = 1, /* to write to it is to have memory that no limit counts */
    TERMINAL_DEVICE = DEVICES - 1
};

/* --- what can be known before ------------------------------------------------------------ */

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
    char c = 0;
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    if (read(fd, &c, 1) != 1)
        c = 0;
    close(fd);
    return c == value;
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
    case LAYER_MOUNTS: return "Linux 5.12 is needed, and that no container's rules refuse it";
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
        return failed(why, "sandbox", s->paths[fault->path].path, NULL, -error);
    failed(why, "sandbox", layer_names[fault->layer], cause_of(fault->layer, error), -error);
    if (why)
        why->position = 1U + fault->layer;
    return -error;
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
    s->paths[k] = (struct sandbox_path){.path = path, .write = write, .tree = -1};
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

static int find_user(struct sandbox *s, struct dualpipe_failure *why) {
    const char *user = s->limits.user;
    char *end = NULL;
    unsigned long number = NOBODY;
    s->uid = geteuid();
    s->gid = getegid();
    if (s->uid != 0 && !user)
        return 0;
    s->becomes = s->uid == 0;
    if (user) {
        number = strtoul(user, &end, 10);
        if (end == user || (*end && *end != ':') || number == 0 || number >= UINT32_MAX)
            return failed(why, "sandbox", user, "UID or UID:GID is meant, not root's", -EINVAL);
        if (!s->becomes && number != s->uid)
            return failed(why, "sandbox", user, "only root can become another user", -EPERM);
    }
    if (!s->becomes)
        return 0;
    s->uid = (uid_t)number;
    s->gid = end && *end ? (gid_t)strtoul(end + 1, NULL, 10) : (gid_t)number;
    if (!s->namespaces && !s->function)
        return failed(why, "sandbox", "root", "without namespaces it is none: ask as another user",
                      -EPERM);
    return 0;
}

static bool is_null(int fd) {
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3);
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
    long abi = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, 1U);
    int error = abi < 0 ? errno : EOPNOTSUPP;
    s->abi = abi > 0 ? (int)abi : 0;
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
    for (int i = 0; i < SYSTEM && !shown; i++)
        shown = is_under(path, system_paths[i]);
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

/* --- in the first process: who it is, and what it sees ----------------------------------- */

static int fails(struct sandbox_fault *fault, enum sandbox_layer layer) {
    fault->layer = layer;
    return -1;
}

static bool is_left_out(const struct sandbox *s, enum sandbox_layer layer) {
    return s->without & 1U << layer;
}

/* The C library's own calls would look for threads that this copy doesn't have. */
static int become(const struct sandbox *s) {
    if (!s->becomes)
        return 0;
    if (syscall(SYS_setgroups, 0, NULL) < 0 ||
        syscall(SYS_setresgid, s->gid, s->gid, s->gid) < 0 ||
        syscall(SYS_setresuid, s->uid, s->uid, s->uid) < 0)
        return -1;
    return 0;
}

/* <linux/mount.h>, which doesn't go together with <sys/mount.h> everywhere. */
struct attributes {
    uint64_t set, clear, propagation, userns;
};
enum {
    TREE_CLONE = 1, TREE_CLOEXEC = O_CLOEXEC, RECURSIVE = 0x8000, EMPTY_PATH = 0x1000,
    FROM_EMPTY_PATH = 4, READ_ONLY = 1, NO_SETID = 2, NO_DEVICES = 4, NO_EXEC = 8
};

/* A copy of what is mounted at path and below, not mounted itself yet. */
static int tree_of(const char *path, uint64_t set) {
    struct attributes a = {.set = set};
    int error, fd = (int)syscall(SYS_open_tree, AT_FDCWD, path,
                                 TREE_CLONE | TREE_CLOEXEC | RECURSIVE);
    if (fd < 0)
        return -1;
    if (syscall(SYS_mount_setattr, fd, "", EMPTY_PATH | RECURSIVE, &a, sizeof a) == 0)
        return fd;
    error = errno;
    close(fd);
    errno = error;
    return -1;
}

struct sources {
    struct {
        int tree;
        char link[120];
    } system[SYSTEM];
    int devices[DEVICES];
};

static int take_system(const struct sandbox *s, struct sources *from) {
    for (int i = 0; i < SYSTEM; i++) {
        char *link = from->system[i].link;
        ssize_t n = readlink(system_paths[i], link, sizeof from->system[i].link);
        from->system[i].tree = -1;
        link[n > 0 && (size_t)n < sizeof from->system[i].link ? n : 0] = 0;
        if (*link)
            continue;
        from->system[i].tree = tree_of(system_paths[i], READ_ONLY | NO_SETID | NO_DEVICES);
        if (from->system[i].tree < 0 && errno != ENOENT)
            return -1;
    }
    for (int i = 0; i < DEVICES; i++) {
        from->devices[i] = -1;
        if (i == TERMINAL_DEVICE && !s->terminal)
            continue;
        from->devices[i] = tree_of(devices[i], NO_SETID | NO_EXEC);
        if (from->devices[i] < 0 && errno != ENOENT)
            return -1;
    }
    return 0;
}

static int take_paths(struct sandbox *s, struct sandbox_fault *fault) {
    for (int i = 0; i < s->npaths; i++) {
        struct sandbox_path *p = &s->paths[i];
        p->tree = tree_of(p->path, NO_SETID | NO_DEVICES | (p->write ? 0 : READ_ONLY));
        if (p->tree < 0) {
            fault->path = i;
            return fails(fault, LAYER_PATH);
        }
    }
    return 0;
}

static int make_parents(const char *path) {
    char part[PATH_MAX];
    for (size_t i = 0; path[i] && i < sizeof part; i++) {
        part[i] = path[i];
        if (i == 0 || path[i + 1] != '/')
            continue;
        part[i + 1] = 0;
        if (mkdir(part, 0755) < 0 && errno != EEXIST)
            return -1;
    }
    return 0;
}

static int place(int tree, const char *path) {
    struct stat st;
    if (fstat(tree, &st) < 0 || make_parents(path) < 0)
        return -1;
    if ((S_ISDIR(st.st_mode) ? mkdir(path, 0755) : mknod(path, S_IFREG | 0644, 0)) < 0 &&
        errno != EEXIST)
        return -1;
    if (syscall(SYS_move_mount, tree, "", AT_FDCWD, path, FROM_EMPTY_PATH) < 0)
        return -1;
    return close(tree);
}

static int place_system(const struct sources *from) {
    static const char *const links[][2] = {
        {"/proc/self/fd", "/dev/fd"}, {"/proc/self/fd/0", "/dev/stdin"},
        {"/proc/self/fd/1", "/dev/stdout"}, {"/proc/self/fd/2", "/dev/stderr"},
        {"/tmp", "/dev/shm"}};
    for (int i = 0; i < SYSTEM; i++) {
        if (*from->system[i].link && (make_parents(system_paths[i]) < 0 ||
                                      symlink(from->system[i].link, system_paths[i]) < 0))
            return -1;
        if (from->system[i].tree >= 0 && place(from->system[i].tree, system_paths[i]) < 0)
            return -1;
    }
    for (int i = 0; i < DEVICES; i++)
        if (from->devices[i] >= 0 && place(from->devices[i], devices[i]) < 0)
            return -1;
    for (size_t i = 0; i < sizeof links / sizeof *links; i++)
        if (symlink(links[i][0], links[i][1]) < 0)
            return -1;
    return 0;
}

/* The new root is put where /usr is, of which we hold a copy, and entered; /proc has to be mounted
 * while the old one is there. All that follows is looked up in the new root, whatever links those
 * who can write there may have made. */
static int enter_root(struct sandbox_fault *fault) {
    const char *flags = "size=1m,nr_inodes=2048,mode=755";
    if (mount("tmpfs", "/usr", "tmpfs", MS_NOSUID | MS_NODEV, flags) < 0 || chdir("/usr") < 0 ||
        mkdir("proc", 0755) < 0)
        return fails(fault, LAYER_MOUNTS);
    if (mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "subset=pid,hidepid=2") < 0)
        return fails(fault, LAYER_PROC);
    if (syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
        return fails(fault, LAYER_MOUNTS);
    return 0;
}

static int change_files(struct sandbox *s, struct sandbox_fault *fault) {
    struct attributes read_only = {.set = READ_ONLY};
    struct sources from;
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 || take_system(s, &from) < 0)
        return fails(fault, LAYER_MOUNTS);
    if (take_paths(s, fault) < 0 || enter_root(fault) < 0)
        return -1;
    if (mkdir("/tmp", 0755) < 0 ||
        mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, s->space) < 0 ||
        place_system(&from) < 0)
        return fails(fault, LAYER_MOUNTS);
    for (int i = 0; i < s->npaths; i++)
        if (place(s->paths[i].tree, s->paths[i].path) < 0) {
            fault->path = i;
            return fails(fault, LAYER_PATH);
        }
    if (syscall(SYS_mount_setattr, AT_FDCWD, "/", 0, &read_only, sizeof read_only) < 0 ||
        chdir(s->here ? s->here : s->home) < 0)
        return fails(fault, LAYER_MOUNTS);
    return 0;
}

enum { CAPABILITIES_MOST = 64, ALL_SECURE = 0xef }; /* SECBIT_*, each with its lock */

static int drop_set(void) {
    struct {
        uint32_t version;
        int pid;
    } header = {0x20080522, 0};
    uint32_t none[6] = {0};
    return (int)syscall(SYS_capset, &header, none);
}

static int drop_capabilities(void) {
    for (int i = 0; i < CAPABILITIES_MOST; i++)
        if (prctl(PR_CAPBSET_DROP, i, 0, 0, 0) < 0 && errno != EINVAL)
            return -1;
    if (prctl(PR_SET_SECUREBITS, ALL_SECURE, 0, 0, 0) < 0)
        return -1;
    return drop_set();
}

int sandbox_enter(struct sandbox *s, struct sandbox_fault *fault) {
    if (become(s) < 0)
        return fails(fault, LAYER_IDENTITY);
    if (change_files(s, fault) < 0)
        return -1;
    if (sethostname("sandbox", 7) < 0)
        return fails(fault, LAYER_NAMESPACES);
    if (drop_capabilities() < 0 && !is_left_out(s, LAYER_CAPABILITIES))
        return fails(fault, LAYER_CAPABILITIES);
    return 0;
}

/* --- in the child: what it may do -------------------------------------------------------- */

enum {
    CAN_EXECUTE = 1, CAN_WRITE = 2, CAN_READ = 4, CAN_LIST = 8, CAN_TRUNCATE = 1 << 14,
    CAN_IOCTL = 1 << 15,
    OF_FILES = CAN_EXECUTE | CAN_WRITE | CAN_READ | CAN_TRUNCATE | CAN_IOCTL,
    LOOKING = CAN_EXECUTE | CAN_READ | CAN_LIST,
    CLOEXEC_PATH = O_PATH | O_CLOEXEC
};

/* All rights over files that this version of it knows. */
static uint64_t all_rights(int abi) {
    return abi >= 5 ? 0xffff : 0x7fff;
}

/* What is not there needs no right. */
static int grant(int ruleset, const char *path, uint64_t rights, int abi) {
    struct {
        uint64_t rights;
        int32_t fd;
    } __attribute__((packed)) rule = {rights & all_rights(abi), open(path, CLOEXEC_PATH)};
    struct stat st;
    long r;
    if (rule.fd < 0)
        return errno == ENOENT ? 0 : -1;
    if (fstat(rule.fd, &st) == 0 && !S_ISDIR(st.st_mode))
        rule.rights &= OF_FILES;
    r = syscall(SYS_landlock_add_rule, ruleset, 1, &rule, 0U);
    close(rule.fd);
    return (int)r;
}

static int grant_system(const struct sandbox *s, int ruleset) {
    for (int i = 0; i < DEVICES; i++)
        if ((i != TERMINAL_DEVICE || s->terminal) &&
            grant(ruleset, devices[i], CAN_READ | CAN_IOCTL | (i == ZERO_DEVICE ? 0 : CAN_WRITE),
                  s->abi) < 0)
            return -1;
    if (s->namespaces)
        return grant(ruleset, "/", LOOKING, s->abi) |
               grant(ruleset, "/tmp", all_rights(s->abi), s->abi);
    for (int i = 0; i < SYSTEM; i++)
        if (grant(ruleset, system_paths[i], LOOKING, s->abi) < 0)
            return -1;
    return grant(ruleset, "/proc/self", CAN_READ | CAN_LIST, s->abi);
}

static int restrict_files(const struct sandbox *s) {
    struct {
        uint64_t files, network, scopes;
    } rules = {all_rights(s->abi), s->abi >= 4 ? 3 : 0, s->abi >= SCOPE_ABI ? 3 : 0};
    size_t size = s->abi >= SCOPE_ABI ? 24 : s->abi >= 4 ? 16 : 8;
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0U), r;
    if (ruleset < 0)
        return -1;
    r = grant_system(s, ruleset);
    for (int i = 0; r == 0 && i < s->npaths; i++)
        r = grant(ruleset, s->paths[i].path, s->paths[i].write ? all_rights(s->abi) : LOOKING,
                  s->abi);
    if (r == 0)
        r = (int)syscall(SYS_landlock_restrict_self, ruleset, 0U);
    if (r == 0)
        close(ruleset); /* else exec does, and errno stays */
    return r;
}

static bool keeps_signals_in(const struct sandbox *s) {
    return s->abi >= SCOPE_ABI && !is_left_out(s, LAYER_LANDLOCK);
}

static int restrict_calls(const struct sandbox *s) {
    unsigned profile = s->function ? PROFILE_FUNCTION
                       : s->namespaces ? PROFILE_STRICT : PROFILE_SHARED;
    struct filter_code code[FILTER_CODES];
    struct {
        unsigned short n;
        struct filter_code *code;
    } program = {0, code};
    if (!s->function && !s->namespaces && !keeps_signals_in(s))
        profile |= PROFILE_NO_SCOPE;
    program.n = filter_make(code, profile, getpid());
    return (int)syscall(SYS_seccomp, 1, 0, &program); /* SECCOMP_SET_MODE_FILTER */
}

static int cap(int resource, rlim_t most) {
    struct rlimit r;
    if (getrlimit(resource, &r) < 0)
        return -1;
    r.rlim_max = r.rlim_max < most ? r.rlim_max : most;
    r.rlim_cur = r.rlim_cur < r.rlim_max ? r.rlim_cur : r.rlim_max;
    return setrlimit(resource, &r);
}

static bool can_open(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

/* What an attacker would try first. Said to be in force is not in force, on some kernels. */
static bool is_open(const struct sandbox *s) {
    bool files = s->namespaces || !is_left_out(s, LAYER_LANDLOCK);
    bool calls = !is_left_out(s, LAYER_SECCOMP);
    bool signals = keeps_signals_in(s) || (!s->namespaces && calls);
    int fd = calls ? socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) : -1;
    if (fd >= 0)
        close(fd);
    return fd >= 0 || (files && (can_open("/etc/shadow") || (!s->listed &&
                                                              can_open("/etc/passwd")))) ||
           (signals && kill(getppid(), 0) == 0);
}

int sandbox_restrict(const struct sandbox *s, struct sandbox_fault *fault) {
    if (cap(RLIMIT_MEMLOCK, 0) < 0 || cap(RLIMIT_MSGQUEUE, 0) < 0 ||
        cap(RLIMIT_STACK, 8 << 20) < 0)
        return fails(fault, LAYER_PRIVILEGES);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 && !is_left_out(s, LAYER_PRIVILEGES))
        return fails(fault, LAYER_PRIVILEGES);
    if (!s->function && drop_set() < 0 && !is_left_out(s, LAYER_CAPABILITIES))
        return fails(fault, LAYER_CAPABILITIES);
    if (!s->function && !is_left_out(s, LAYER_LANDLOCK) && restrict_files(s) < 0)
        return fails(fault, LAYER_LANDLOCK);
    if (!is_left_out(s, LAYER_SECCOMP) && restrict_calls(s) < 0)
        return fails(fault, LAYER_SECCOMP);
    if (!s->function && !is_left_out(s, LAYER_TEST) && is_open(s)) {
        errno = EOPNOTSUPP;
        return fails(fault, LAYER_TEST);
    }
    return 0;
}
#else
int sandbox_open(struct sandbox *s, const struct dualpipe_options *o, unsigned without,
                 struct dualpipe_failure *why) {
    *s = (struct sandbox){.missing = LAYERS, .limits = *o->limits, .without = without};
    return failed(why, "sandbox", "this system", "only Linux has what it needs", -ENOSYS);
}
void sandbox_close(struct sandbox *s) {
    (void)s;
}
bool sandbox_shows(const struct sandbox *s, const char *path) {
    (void)s, (void)path;
    return true;
}
int sandbox_enter(struct sandbox *s, struct sandbox_fault *fault) {
    (void)s, (void)fault;
    return -1;
}
int sandbox_restrict(const struct sandbox *s, struct sandbox_fault *fault) {
    (void)s, (void)fault;
    return -1;
}
const char *sandbox_layer_name(enum sandbox_layer layer) {
    (void)layer;
    return "";
}
int sandbox_explain(struct sandbox *s, const struct sandbox_fault *fault, int error,
                    struct dualpipe_failure *why) {
    (void)s, (void)fault;
    return failed(why, "sandbox", NULL, NULL, -error);
}
#endif
