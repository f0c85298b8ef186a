/* sandbox_enter.c: the layers that shut a child in: each is asked of the kernel between fork and exec,
 * and each can be refused by itself. */
#include "sandbox/sandbox_enter.h"
#include "sandbox/seccomp.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#endif

const char *const sandbox_system[] = {
    "/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32", "/libx32", "/etc/alternatives",
    "/etc/ld.so.cache", "/etc/localtime", "/etc/timezone", NULL
};

#ifdef __linux__
static const char *const devices[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random",
                                      "/dev/urandom", "/dev/tty"};
enum {
    SYSTEM = sizeof sandbox_system / sizeof *sandbox_system - 1,
    DEVICES = sizeof devices / sizeof *devices,
    ZERO_DEVICE = 1, /* to write to it is to have memory that no limit counts */
    TERMINAL_DEVICE = DEVICES - 1,
    SCOPE_ABI = 6,
    PENDING = 1024, /* signals, and timers that would send one */
    ADDRESSES = 4 /* times memory: programs reserve more than they use */
};

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

static int close_failed(int fd) {
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

/* Where it is. It had no links when it was looked up: one that is there now was made since, by
 * somebody who may write there, another child perhaps. */
static int open_place(const char *path) {
    struct {
        uint64_t flags, mode, resolve;
    } how = {.flags = O_PATH | O_CLOEXEC, .resolve = 4}; /* RESOLVE_NO_SYMLINKS */
    return (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
}

/* A copy of what is mounted at a place and below, not mounted itself yet. */
static int tree_of(int place, uint64_t set) {
    struct attributes a = {.set = set};
    int fd;
    if (place < 0)
        return -1;
    fd = (int)syscall(SYS_open_tree, place, "", EMPTY_PATH | TREE_CLONE | TREE_CLOEXEC | RECURSIVE);
    if (fd < 0)
        return close_failed(place);
    close(place);
    if (syscall(SYS_mount_setattr, fd, "", EMPTY_PATH | RECURSIVE, &a, sizeof a) < 0)
        return close_failed(fd);
    return fd;
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
        ssize_t n = readlink(sandbox_system[i], link, sizeof from->system[i].link);
        from->system[i].tree = -1;
        link[n > 0 && (size_t)n < sizeof from->system[i].link ? n : 0] = 0;
        if (*link)
            continue;
        from->system[i].tree = tree_of(open(sandbox_system[i], O_PATH | O_CLOEXEC),
                                       READ_ONLY | NO_SETID | NO_DEVICES);
        if (from->system[i].tree < 0 && errno != ENOENT)
            return -1;
    }
    for (int i = 0; i < DEVICES; i++) {
        from->devices[i] = -1;
        if (i == TERMINAL_DEVICE && !s->terminal)
            continue;
        from->devices[i] = tree_of(open(devices[i], O_PATH | O_CLOEXEC), NO_SETID | NO_EXEC);
        if (from->devices[i] < 0 && errno != ENOENT)
            return -1;
    }
    return 0;
}

static int take_paths(struct sandbox *s, struct sandbox_fault *fault) {
    for (int i = 0; i < s->npaths; i++) {
        struct sandbox_path *p = &s->paths[i];
        p->tree = tree_of(open_place(p->path), NO_SETID | NO_DEVICES | (p->write ? 0 : READ_ONLY));
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
        if (*from->system[i].link && (make_parents(sandbox_system[i]) < 0 ||
                                      symlink(from->system[i].link, sandbox_system[i]) < 0))
            return -1;
        if (from->system[i].tree >= 0 && place(from->system[i].tree, sandbox_system[i]) < 0)
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

/* What is named is opened by us as we were started; what follows, by the child's user. */
static int take_files(struct sandbox *s, struct sources *from, struct sandbox_fault *fault) {
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 || take_system(s, from) < 0)
        return fails(fault, LAYER_MOUNTS);
    if (take_paths(s, fault) < 0)
        return -1;
    return become(s) < 0 ? fails(fault, LAYER_IDENTITY) : 0;
}

static int change_files(struct sandbox *s, struct sandbox_fault *fault) {
    struct attributes read_only = {.set = READ_ONLY};
    struct sources from;
    if (take_files(s, &from, fault) < 0 || enter_root(fault) < 0)
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
    LOOKING = CAN_EXECUTE | CAN_READ | CAN_LIST
};

/* All rights over files that this version of it knows. */
static uint64_t all_rights(int abi) {
    return abi >= 5 ? 0xffff : 0x7fff;
}

static int grant_at(int ruleset, int place, uint64_t rights, int abi) {
    struct {
        uint64_t rights;
        int32_t fd;
    } __attribute__((packed)) rule = {rights & all_rights(abi), place};
    struct stat st;
    long r;
    if (rule.fd < 0)
        return -1;
    if (fstat(rule.fd, &st) == 0 && !S_ISDIR(st.st_mode))
        rule.rights &= OF_FILES;
    r = syscall(SYS_landlock_add_rule, ruleset, 1, &rule, 0U);
    if (r < 0)
        return close_failed(place);
    close(place);
    return 0;
}

/* What is not there needs no right. */
static int grant(int ruleset, const char *path, uint64_t rights, int abi) {
    int place = open(path, O_PATH | O_CLOEXEC);
    return place < 0 && errno == ENOENT ? 0 : grant_at(ruleset, place, rights, abi);
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
        if (grant(ruleset, sandbox_system[i], LOOKING, s->abi) < 0)
            return -1;
    return grant(ruleset, "/proc/self", CAN_READ | CAN_LIST, s->abi);
}

int sandbox_landlock(void) {
    long abi = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, 1U);
    return abi < 0 ? -errno : (int)abi;
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
        r = grant_at(ruleset, open_place(s->paths[i].path),
                     s->paths[i].write ? all_rights(s->abi) : LOOKING, s->abi);
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

static void lower(struct rlimit *r, rlim_t most) {
    r->rlim_max = r->rlim_max < most ? r->rlim_max : most;
    r->rlim_cur = r->rlim_cur < r->rlim_max ? r->rlim_cur : r->rlim_max;
}

/* What names a resource is an int in one C library and an enum in another. */
#define CAP(resource, r, most)                                                                     \
    (getrlimit(resource, r) < 0 ? -1 : (lower(r, most), setrlimit(resource, r)))

/* What no option sets. Memory that was written, and then may only be read, is no data any more: all
 * addresses together bound that. */
static int cap_rest(const struct sandbox *s) {
    const uint64_t most = UINT64_MAX / ADDRESSES;
    uint64_t memory = s->limits.memory < most ? s->limits.memory : most;
    struct rlimit r;
    if (!s->function && CAP(RLIMIT_AS, &r, memory * ADDRESSES) < 0) /* a function has all of ours */
        return -1;
    return CAP(RLIMIT_MEMLOCK, &r, 0) | CAP(RLIMIT_MSGQUEUE, &r, 0) |
           CAP(RLIMIT_STACK, &r, 8 << 20) | CAP(RLIMIT_SIGPENDING, &r, PENDING);
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
    if (cap_rest(s) < 0)
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
int sandbox_landlock(void) {
    return -ENOSYS;
}
int sandbox_enter(struct sandbox *s, struct sandbox_fault *fault) {
    (void)s, (void)fault;
    return -1;
}
int sandbox_restrict(const struct sandbox *s, struct sandbox_fault *fault) {
    (void)s, (void)fault;
    return -1;
}
#endif
