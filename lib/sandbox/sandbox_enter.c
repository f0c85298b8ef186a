/* sandbox_enter.c: applies the layers of a sandbox, in the processes that they confine.
 *
 * With namespaces there are two processes. The first (process/nsinit.c, PID 1 of the new
 * namespaces) calls sandbox_enter_namespaces(): it replaces the whole view of the file system,
 * changes the user and drops all capabilities. The second is the child itself; it calls
 * sandbox_enter_restrictions() as its last step before exec: rlimits that no option sets,
 * no_new_privs, Landlock, seccomp, and a self-test. A sandbox without namespaces, or a function,
 * has only this second part.
 *
 * Each step can fail by itself; the caller then gets the layer and errno, and never runs the
 * command. Everything here runs between fork and exec in a copy of a process that may have had
 * threads: only async-signal-safe calls, no allocation, and raw system calls where the C library's
 * wrappers do more.
 *
 * The new root is a small tmpfs. The host's directories are first cloned as detached mounts
 * (open_tree), while the old root is still there, and attached (move_mount) once we are inside the
 * new root, so that paths which the child's user could replace by links are never looked up in the
 * host's tree. Constants are spelt out as numbers because the headers may not know the names yet,
 * or clash with those of the C library. */
#include "sandbox/sandbox_enter.h"
#include "sandbox/rlimits.h"
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
#include <sys/socket.h>
#include <sys/syscall.h>
#endif

/* A program needs these to load and run; they are shown read-only. */
const char *const sandbox_enter_system_paths[] = {"/usr",
                                                  "/bin",
                                                  "/sbin",
                                                  "/lib",
                                                  "/lib64",
                                                  "/lib32",
                                                  "/libx32",
                                                  "/etc/alternatives",
                                                  "/etc/ld.so.cache",
                                                  "/etc/localtime",
                                                  "/etc/timezone",
                                                  NULL};

#ifdef __linux__
static const char *const device_paths[] = {"/dev/null",   "/dev/zero",    "/dev/full",
                                           "/dev/random", "/dev/urandom", "/dev/tty"};
enum {
    SYSTEM_COUNT = sizeof sandbox_enter_system_paths / sizeof *sandbox_enter_system_paths - 1,
    DEVICE_COUNT = sizeof device_paths / sizeof *device_paths,
    /* Mapping this device shared and writable would give memory that no limit counts. */
    ZERO_DEVICE = 1,
    TERMINAL_DEVICE = DEVICE_COUNT - 1,
    ABI_WITH_SCOPES = 6,
    MAX_PENDING_SIGNALS = 1024, /* includes timers that would send a signal */
    /* Times the limit on memory: programs reserve more addresses than they use. */
    ADDRESS_SPACE_FACTOR = 4
};

/* --- in nsinit: user, file system, capabilities ------------------------------------------ */

static int fail_layer(struct sandbox_fault *fault, enum sandbox_layer layer) {
    fault->layer = layer;
    return -1;
}

static bool is_skipped(const struct sandbox *s, enum sandbox_layer layer) {
    return s->skipped_layers & 1U << layer;
}

/* Raw system calls, since the C library's functions would signal all threads of the process, and
 * this copy has only one. */
static int drop_to_user(const struct sandbox *s) {
    if (!s->changes_user)
        return 0;
    if (syscall(SYS_setgroups, 0, NULL) < 0 || syscall(SYS_setresgid, s->gid, s->gid, s->gid) < 0 ||
        syscall(SYS_setresuid, s->uid, s->uid, s->uid) < 0)
        return -1;
    return 0;
}

/* From <linux/mount.h>, which can't be included together with <sys/mount.h> everywhere. */
struct mount_attributes {
    uint64_t set, clear, propagation, userns;
};
enum {
    TREE_CLONE = 1,
    TREE_CLOEXEC = O_CLOEXEC,
    RECURSIVE = 0x8000,
    EMPTY_PATH = 0x1000,
    FROM_EMPTY_PATH = 4,
    READ_ONLY = 1,
    NO_SETID = 2,
    NO_DEVICES = 4,
    NO_EXEC = 8
};

/* Returns -1, for use where a call has failed and its errno counts. */
static int close_keeping_errno(int fd) {
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

/* Opens a given path for mounting. sandbox_plan.c resolved all links in it; a link that is there
 * now was made since, perhaps by another sandboxed child that may write there, and must not be
 * followed. */
static int open_without_symlinks(const char *path) {
    struct {
        uint64_t flags, mode, resolve;
    } how = {.flags = O_PATH | O_CLOEXEC, .resolve = 4}; /* RESOLVE_NO_SYMLINKS */
    return (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
}

/* Clones the mounts at and below an open path, as a detached tree. Closes path_fd. */
static int clone_mount_tree(int path_fd, uint64_t attributes) {
    struct mount_attributes change = {.set = attributes};
    int mount_fd;
    if (path_fd < 0)
        return -1;
    mount_fd = (int)syscall(SYS_open_tree, path_fd, "",
                            EMPTY_PATH | TREE_CLONE | TREE_CLOEXEC | RECURSIVE);
    if (mount_fd < 0)
        return close_keeping_errno(path_fd);
    close(path_fd);
    if (syscall(SYS_mount_setattr, mount_fd, "", EMPTY_PATH | RECURSIVE, &change, sizeof change) <
        0)
        return close_keeping_errno(mount_fd);
    return mount_fd;
}

/* Detached mounts of the system's paths; -1: absent. A path that is a symbolic link (as /bin often
 * is) is copied as a link. */
struct mount_sources {
    struct {
        int mount_fd;
        char link_target[120];
    } system[SYSTEM_COUNT];
    int device_fds[DEVICE_COUNT];
};

static int clone_system_mounts(const struct sandbox *s, struct mount_sources *sources) {
    for (int i = 0; i < SYSTEM_COUNT; i++) {
        char *link_target = sources->system[i].link_target;
        ssize_t n = readlink(sandbox_enter_system_paths[i], link_target,
                             sizeof sources->system[i].link_target);
        sources->system[i].mount_fd = -1;
        link_target[n > 0 && (size_t)n < sizeof sources->system[i].link_target ? n : 0] = 0;
        if (*link_target)
            continue;
        sources->system[i].mount_fd =
            clone_mount_tree(open(sandbox_enter_system_paths[i], O_PATH | O_CLOEXEC),
                             READ_ONLY | NO_SETID | NO_DEVICES);
        if (sources->system[i].mount_fd < 0 && errno != ENOENT)
            return -1;
    }
    for (int i = 0; i < DEVICE_COUNT; i++) {
        sources->device_fds[i] = -1;
        if (i == TERMINAL_DEVICE && !s->has_terminal)
            continue;
        sources->device_fds[i] =
            clone_mount_tree(open(device_paths[i], O_PATH | O_CLOEXEC), NO_SETID | NO_EXEC);
        if (sources->device_fds[i] < 0 && errno != ENOENT)
            return -1;
    }
    return 0;
}

static int clone_path_mounts(struct sandbox *s, struct sandbox_fault *fault) {
    for (int i = 0; i < s->path_count; i++) {
        struct sandbox_path *p = &s->paths[i];
        p->mount_fd = clone_mount_tree(open_without_symlinks(p->real_path),
                                       NO_SETID | NO_DEVICES | (p->is_writable ? 0 : READ_ONLY));
        if (p->mount_fd < 0) {
            fault->path_index = i;
            return fail_layer(fault, LAYER_PATH);
        }
    }
    return 0;
}

/* Makes the directories above a path, in the new root. */
static int make_parent_directories(const char *path) {
    char parent[PATH_MAX];
    for (size_t i = 0; path[i] && i < sizeof parent; i++) {
        parent[i] = path[i];
        if (i == 0 || path[i + 1] != '/')
            continue;
        parent[i + 1] = 0;
        if (mkdir(parent, 0755) < 0 && errno != EEXIST)
            return -1;
    }
    return 0;
}

/* Attaches a detached mount at a path of the new root, and closes mount_fd if that succeeds. */
static int attach_mount(int mount_fd, const char *path) {
    struct stat st;
    if (fstat(mount_fd, &st) < 0 || make_parent_directories(path) < 0)
        return -1;
    if ((S_ISDIR(st.st_mode) ? mkdir(path, 0755) : mknod(path, S_IFREG | 0644, 0)) < 0 &&
        errno != EEXIST)
        return -1;
    if (syscall(SYS_move_mount, mount_fd, "", AT_FDCWD, path, FROM_EMPTY_PATH) < 0)
        return -1;
    return close(mount_fd);
}

static int attach_system_mounts(const struct mount_sources *sources) {
    static const char *const links[][2] = {{"/proc/self/fd", "/dev/fd"},
                                           {"/proc/self/fd/0", "/dev/stdin"},
                                           {"/proc/self/fd/1", "/dev/stdout"},
                                           {"/proc/self/fd/2", "/dev/stderr"},
                                           {"/tmp", "/dev/shm"}};
    for (int i = 0; i < SYSTEM_COUNT; i++) {
        if (*sources->system[i].link_target &&
            (make_parent_directories(sandbox_enter_system_paths[i]) < 0 ||
             symlink(sources->system[i].link_target, sandbox_enter_system_paths[i]) < 0))
            return -1;
        if (sources->system[i].mount_fd >= 0 &&
            attach_mount(sources->system[i].mount_fd, sandbox_enter_system_paths[i]) < 0)
            return -1;
    }
    for (int i = 0; i < DEVICE_COUNT; i++)
        if (sources->device_fds[i] >= 0 &&
            attach_mount(sources->device_fds[i], device_paths[i]) < 0)
            return -1;
    for (size_t i = 0; i < sizeof links / sizeof *links; i++)
        if (symlink(links[i][0], links[i][1]) < 0)
            return -1;
    return 0;
}

/* Mounts the new root over /usr, which was cloned before and is no longer needed there, and makes
 * it the root. /proc has to be mounted while the old one is visible, or the kernel refuses.
 * Afterwards every path is looked up in the new root only, so links that another process makes in
 * shared directories can't lead out of it. */
static int pivot_to_new_root(struct sandbox_fault *fault) {
    const char *flags = "size=1m,nr_inodes=2048,mode=755";
    if (mount("tmpfs", "/usr", "tmpfs", MS_NOSUID | MS_NODEV, flags) < 0 || chdir("/usr") < 0 ||
        mkdir("proc", 0755) < 0)
        return fail_layer(fault, LAYER_MOUNTS);
    if (mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "subset=pid,hidepid=2") < 0)
        return fail_layer(fault, LAYER_PROC);
    if (syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
        return fail_layer(fault, LAYER_MOUNTS);
    return 0;
}

/* Opens the host's paths with the rights that we were started with; from here on the child's user
 * does everything. */
static int clone_all_mounts(struct sandbox *s, struct mount_sources *sources,
                            struct sandbox_fault *fault) {
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        clone_system_mounts(s, sources) < 0)
        return fail_layer(fault, LAYER_MOUNTS);
    if (clone_path_mounts(s, fault) < 0)
        return -1;
    return drop_to_user(s) < 0 ? fail_layer(fault, LAYER_IDENTITY) : 0;
}

/* Does all of the file system: clones, pivots, attaches, and makes the root itself read-only. */
static int build_new_root(struct sandbox *s, struct sandbox_fault *fault) {
    struct mount_attributes read_only = {.set = READ_ONLY};
    struct mount_sources sources;
    if (clone_all_mounts(s, &sources, fault) < 0 || pivot_to_new_root(fault) < 0)
        return -1;
    if (mkdir("/tmp", 0755) < 0 ||
        mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, s->tmpfs_options) < 0 ||
        attach_system_mounts(&sources) < 0)
        return fail_layer(fault, LAYER_MOUNTS);
    for (int i = 0; i < s->path_count; i++)
        if (attach_mount(s->paths[i].mount_fd, s->paths[i].real_path) < 0) {
            fault->path_index = i;
            return fail_layer(fault, LAYER_PATH);
        }
    if (syscall(SYS_mount_setattr, AT_FDCWD, "/", 0, &read_only, sizeof read_only) < 0 ||
        chdir(s->start_directory ? s->start_directory : s->home) < 0)
        return fail_layer(fault, LAYER_MOUNTS);
    return 0;
}

/* ALL_SECUREBITS: all of SECBIT_* but KEEP_CAPS, and the locks of all. */
enum { MAX_CAPABILITIES = 64, ALL_SECUREBITS = 0xef };

/* Empties the effective, permitted and inheritable sets. */
static int clear_capabilities(void) {
    struct {
        uint32_t version;
        int pid;
    } header = {0x20080522, 0};
    uint32_t none[6] = {0};
    return (int)syscall(SYS_capset, &header, none);
}

/* Empties the bounding set too, and locks the secure bits, so that no exec can bring a capability
 * back. */
static int drop_capabilities(void) {
    for (int i = 0; i < MAX_CAPABILITIES; i++)
        if (prctl(PR_CAPBSET_DROP, i, 0, 0, 0) < 0 && errno != EINVAL)
            return -1;
    if (prctl(PR_SET_SECUREBITS, ALL_SECUREBITS, 0, 0, 0) < 0)
        return -1;
    return clear_capabilities();
}

int sandbox_enter_namespaces(struct sandbox *s, struct sandbox_fault *fault) {
    if (build_new_root(s, fault) < 0)
        return -1;
    if (sethostname("sandbox", 7) < 0)
        return fail_layer(fault, LAYER_NAMESPACES);
    if (drop_capabilities() < 0 && !is_skipped(s, LAYER_CAPABILITIES))
        return fail_layer(fault, LAYER_CAPABILITIES);
    return 0;
}

/* --- in the child: limits, Landlock, seccomp, self-test ---------------------------------- */

enum {
    CAN_EXECUTE = 1,
    CAN_WRITE = 2,
    CAN_READ = 4,
    CAN_LIST = 8,
    CAN_TRUNCATE = 1 << 14,
    CAN_IOCTL = 1 << 15,
    FILE_RIGHTS = CAN_EXECUTE | CAN_WRITE | CAN_READ | CAN_TRUNCATE | CAN_IOCTL,
    READ_RIGHTS = CAN_EXECUTE | CAN_READ | CAN_LIST
};

/* All rights over files that this version of Landlock knows. Version 5 added ioctl. */
static uint64_t all_rights(int abi) {
    return abi >= 5 ? 0xffff : 0x7fff;
}

/* Allows rights on what path_fd refers to, and closes it. A file takes only the rights that suit
 * files. */
static int grant_fd(int ruleset_fd, int path_fd, uint64_t rights, int abi) {
    struct {
        uint64_t rights;
        int32_t fd;
    } __attribute__((packed)) rule = {rights & all_rights(abi), path_fd};
    struct stat st;
    long r;
    if (rule.fd < 0)
        return -1;
    if (fstat(rule.fd, &st) == 0 && !S_ISDIR(st.st_mode))
        rule.rights &= FILE_RIGHTS;
    r = syscall(SYS_landlock_add_rule, ruleset_fd, 1, &rule, 0U);
    if (r < 0)
        return close_keeping_errno(path_fd);
    close(path_fd);
    return 0;
}

/* A path that doesn't exist needs no right. */
static int grant_path(int ruleset_fd, const char *path, uint64_t rights, int abi) {
    int path_fd = open(path, O_PATH | O_CLOEXEC);
    return path_fd < 0 && errno == ENOENT ? 0 : grant_fd(ruleset_fd, path_fd, rights, abi);
}

/* With namespaces the mounts already decide what is visible, so all of it may be read; without them
 * only the system's paths may. */
static int grant_system_paths(const struct sandbox *s, int ruleset_fd) {
    for (int i = 0; i < DEVICE_COUNT; i++)
        if ((i != TERMINAL_DEVICE || s->has_terminal) &&
            grant_path(ruleset_fd, device_paths[i],
                       CAN_READ | CAN_IOCTL | (i == ZERO_DEVICE ? 0 : CAN_WRITE),
                       s->landlock_abi) < 0)
            return -1;
    if (s->has_namespaces)
        return grant_path(ruleset_fd, "/", READ_RIGHTS, s->landlock_abi) |
               grant_path(ruleset_fd, "/tmp", all_rights(s->landlock_abi), s->landlock_abi);
    for (int i = 0; i < SYSTEM_COUNT; i++)
        if (grant_path(ruleset_fd, sandbox_enter_system_paths[i], READ_RIGHTS, s->landlock_abi) < 0)
            return -1;
    return grant_path(ruleset_fd, "/proc/self", CAN_READ | CAN_LIST, s->landlock_abi);
}

int sandbox_enter_landlock_abi(void) {
    long abi = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, 1U);
    return abi < 0 ? -errno : (int)abi;
}

/* Restricts access to files; from version 4 on also forbids TCP, and from version 6 on abstract
 * sockets and signals out of the sandbox. */
static int apply_landlock(const struct sandbox *s) {
    struct {
        uint64_t files, network, scopes;
    } handled = {all_rights(s->landlock_abi), s->landlock_abi >= 4 ? 3 : 0,
                 s->landlock_abi >= ABI_WITH_SCOPES ? 3 : 0};
    size_t size = s->landlock_abi >= ABI_WITH_SCOPES ? 24 : s->landlock_abi >= 4 ? 16 : 8;
    int ruleset_fd = (int)syscall(SYS_landlock_create_ruleset, &handled, size, 0U), r;
    if (ruleset_fd < 0)
        return -1;
    r = grant_system_paths(s, ruleset_fd);
    for (int i = 0; r == 0 && i < s->path_count; i++)
        r = grant_fd(ruleset_fd, open_without_symlinks(s->paths[i].real_path),
                     s->paths[i].is_writable ? all_rights(s->landlock_abi) : READ_RIGHTS,
                     s->landlock_abi);
    if (r == 0)
        r = (int)syscall(SYS_landlock_restrict_self, ruleset_fd, 0U);
    if (r == 0)
        close(ruleset_fd); /* on failure the process exits, and errno must stay */
    return r;
}

/* Tells whether Landlock keeps signals inside the sandbox; if not, seccomp has to. */
static bool scopes_signals(const struct sandbox *s) {
    return s->landlock_abi >= ABI_WITH_SCOPES && !is_skipped(s, LAYER_LANDLOCK);
}

static int apply_seccomp(const struct sandbox *s) {
    unsigned profile = s->is_function      ? SECCOMP_PROFILE_FUNCTION
                       : s->has_namespaces ? SECCOMP_PROFILE_STRICT
                                           : SECCOMP_PROFILE_SHARED;
    struct seccomp_insn insns[SECCOMP_MAX_INSNS];
    struct {
        unsigned short n;
        struct seccomp_insn *insns;
    } program = {0, insns};
    if (!s->is_function && !s->has_namespaces && !scopes_signals(s))
        profile |= SECCOMP_PROFILE_NO_SCOPE;
    program.n = seccomp_build(insns, profile, getpid());
    return (int)syscall(SYS_seccomp, 1, 0, &program); /* SECCOMP_SET_MODE_FILTER */
}

/* Sets the limits that no option names. RLIMIT_DATA counts writable memory only, so a program could
 * write, make it read-only, and take more; a limit on all its addresses bounds that. */
static int cap_other_rlimits(const struct sandbox *s) {
    const uint64_t max_memory = UINT64_MAX / ADDRESS_SPACE_FACTOR;
    uint64_t memory = s->limits.memory < max_memory ? s->limits.memory : max_memory;
    struct rlimit r;
    memory *= ADDRESS_SPACE_FACTOR;
    /* A function has all of our memory mapped, which may be more already. */
    if (!s->is_function && RLIMITS_LOWER(RLIMIT_AS, &r, memory, memory) < 0)
        return -1;
    return RLIMITS_LOWER(RLIMIT_MEMLOCK, &r, 0, 0) | RLIMITS_LOWER(RLIMIT_MSGQUEUE, &r, 0, 0) |
           RLIMITS_LOWER(RLIMIT_STACK, &r, 8 << 20, 8 << 20) |
           RLIMITS_LOWER(RLIMIT_SIGPENDING, &r, MAX_PENDING_SIGNALS, MAX_PENDING_SIGNALS);
}

/* O_NONBLOCK and O_NOCTTY, so that the attempt itself has no effect. */
static bool can_open(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

/* Tries what an attacker would try first. Some kernels (and emulations of kernels) accept a
 * restriction but don't enforce it. */
static bool self_test_fails(const struct sandbox *s) {
    bool tests_files = s->has_namespaces || !is_skipped(s, LAYER_LANDLOCK);
    bool tests_calls = !is_skipped(s, LAYER_SECCOMP);
    bool tests_signals = scopes_signals(s) || (!s->has_namespaces && tests_calls);
    int fd = tests_calls ? socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) : -1;
    if (fd >= 0)
        close(fd);
    return fd >= 0 ||
           (tests_files &&
            (can_open("/etc/shadow") || (!s->shows_passwd && can_open("/etc/passwd")))) ||
           (tests_signals && kill(getppid(), 0) == 0);
}

int sandbox_enter_restrictions(const struct sandbox *s, struct sandbox_fault *fault) {
    if (cap_other_rlimits(s) < 0)
        return fail_layer(fault, LAYER_NO_NEW_PRIVS);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 && !is_skipped(s, LAYER_NO_NEW_PRIVS))
        return fail_layer(fault, LAYER_NO_NEW_PRIVS);
    if (!s->is_function && clear_capabilities() < 0 && !is_skipped(s, LAYER_CAPABILITIES))
        return fail_layer(fault, LAYER_CAPABILITIES);
    if (!s->is_function && !is_skipped(s, LAYER_LANDLOCK) && apply_landlock(s) < 0)
        return fail_layer(fault, LAYER_LANDLOCK);
    if (!is_skipped(s, LAYER_SECCOMP) && apply_seccomp(s) < 0)
        return fail_layer(fault, LAYER_SECCOMP);
    if (!s->is_function && !is_skipped(s, LAYER_SELF_TEST) && self_test_fails(s)) {
        errno = EOPNOTSUPP;
        return fail_layer(fault, LAYER_SELF_TEST);
    }
    return 0;
}
#else
int sandbox_enter_landlock_abi(void) {
    return -ENOSYS;
}
int sandbox_enter_namespaces(struct sandbox *s, struct sandbox_fault *fault) {
    (void)s, (void)fault;
    return -1;
}
int sandbox_enter_restrictions(const struct sandbox *s, struct sandbox_fault *fault) {
    (void)s, (void)fault;
    return -1;
}
#endif
