/* cgroup.c: a control group for one child, which limits all of its processes together.
 *
 * cgroup_create() makes a directory in the tree of cgroups (as a rule below /sys/fs/cgroup), named
 * dualpipe-PID-N after the creating process. With version 2 this is one directory for both
 * controllers; with version 1 each controller has a tree of its own, so there may be two. The child
 * enters by writing "0" to the cgroup.procs descriptor that was opened before the fork (only
 * async-signal-safe calls are allowed there), and cgroup_destroy() kills the members and removes
 * the directory.
 *
 * Everything is best effort: an unprivileged user often can't create a group at all. Then the path
 * pointers stay NULL, limits_memory and limits_processes stay false, and the caller uses rlimits.
 *
 * The trap of version 2 is that a group that holds processes can't enable controllers for groups
 * below it. Ours normally holds at least this process, so the new group is made as its sibling (or
 * beside an ancestor). The child then leaves our group, which must not free it from a limit set
 * there: can_leave_group() checks this. */
#include "sandbox/cgroup.h"
#include "base/clock.h"
#include "os/fd.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { TEXT_SIZE = 4096, MAX_NAMES = 100, REMOVE_TIMEOUT_MS = 1000, STALE_AFTER_S = 60 };

/* --- reading and writing control files --------------------------------------------------- */

static size_t read_group_file(const char *directory, const char *file, char *text) {
    char name[PATH_MAX + 32];
    snprintf(name, sizeof name, "%s/%s", directory, file);
    return fd_read_file(name, text, TEXT_SIZE);
}

static bool write_group_file(const char *directory, const char *file, const char *text) {
    char name[PATH_MAX];
    bool written;
    int fd;
    snprintf(name, sizeof name, "%s/%s", directory, file);
    if ((fd = open(name, O_WRONLY | O_CLOEXEC)) < 0)
        return false;
    written = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    close(fd);
    return written;
}

static bool write_number(const char *directory, const char *file, uint64_t number) {
    char text[24];
    snprintf(text, sizeof text, "%llu", (unsigned long long)number);
    return write_group_file(directory, file, text);
}

/* Returns the number on the line that begins with the key, 0 if there is no such line or file. */
static long read_counter(const char *directory, const char *file, const char *key) {
    char text[TEXT_SIZE], *line = text;
    size_t n = strlen(key);
    if (!directory)
        return 0;
    for (read_group_file(directory, file, text); line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, n) == 0 && line[n] == ' ')
            return atol(line + n);
    }
    return 0;
}

/* Tells whether the text has the word, between blanks, commas or line ends. */
static bool has_word(const char *text, const char *word) {
    size_t n = strlen(word);
    for (; *text; text += *text != 0) {
        size_t size = strcspn(text, ", \n");
        if (size == n && strncmp(text, word, n) == 0)
            return true;
        text += size;
    }
    return false;
}

/* --- finding our own group --------------------------------------------------------------- */

/* Finds where a controller's tree is mounted, and which part of the tree that mount shows as its
 * root. The name "" means version 2. */
static bool find_mount(const char *controller, char *root, char *mount_point) {
    FILE *f = fopen("/proc/self/mountinfo", "re");
    char line[TEXT_SIZE], type[32], options[512], *separator;
    bool found = false;
    while (f && !found && fgets(line, sizeof line, f)) {
        if (!(separator = strstr(line, " - ")) ||
            sscanf(line, "%*s %*s %*s %4095s %4095s", root, mount_point) != 2 ||
            sscanf(separator, " - %31s %*s %511s", type, options) != 2)
            continue;
        found = *controller ? strcmp(type, "cgroup") == 0 && has_word(options, controller)
                            : strcmp(type, "cgroup2") == 0;
    }
    if (f)
        fclose(f);
    return found;
}

/* Finds the path of our own group in the controller's tree. */
static bool find_own_group(const char *controller, char *group_path) {
    FILE *f = fopen("/proc/self/cgroup", "re");
    char line[TEXT_SIZE], *controllers, *group;
    bool found = false;
    while (f && !found && fgets(line, sizeof line, f)) {
        if (!(controllers = strchr(line, ':')) || !(group = strchr(++controllers, ':')))
            continue;
        *group++ = 0;
        group[strcspn(group, "\n")] = 0;
        found = *controller ? has_word(controllers, controller) : *controllers == 0;
        if (found)
            snprintf(group_path, TEXT_SIZE, "%s", group);
    }
    if (f)
        fclose(f);
    return found;
}

/* Composes the directory of our own group. *mount_length is the length of the mount point in it, so
 * that a walk upwards knows where to stop. */
static bool find_own_directory(const char *controller, char *directory, size_t *mount_length) {
    char root[TEXT_SIZE], mount_point[TEXT_SIZE], path[TEXT_SIZE];
    const char *relative = path;
    if (!find_mount(controller, root, mount_point) || !find_own_group(controller, path))
        return false;
    if (strcmp(root, "/") != 0) {
        if (strncmp(path, root, strlen(root)) != 0)
            return false;
        relative = path + strlen(root);
    }
    if (strstr(relative, "/..")) /* our group lies outside of what this mount shows */
        return false;
    *mount_length = strlen(mount_point);
    return snprintf(directory, PATH_MAX, "%s%s", mount_point,
                    strcmp(relative, "/") == 0 ? "" : relative) < PATH_MAX;
}

/* --- creating ---------------------------------------------------------------------------- */

/* Removes groups of processes that were killed before they could remove them. rmdir(2) fails on a
 * group that still holds a process, so only empty ones go. The minimum age leaves alone a group
 * that another process (in another PID namespace, where kill(2) can't see it) has just created. */
static void remove_stale_groups(const char *directory) {
    char name[PATH_MAX];
    struct dirent *entry;
    struct stat st;
    long owner;
    DIR *groups = opendir(directory);
    while (groups && (entry = readdir(groups))) {
        if (sscanf(entry->d_name, "dualpipe-%ld-", &owner) != 1 || kill((pid_t)owner, 0) == 0 ||
            errno != ESRCH)
            continue;
        snprintf(name, sizeof name, "%s/%s", directory, entry->d_name);
        if (stat(name, &st) == 0 && time(NULL) - st.st_mtime > STALE_AFTER_S)
            rmdir(name);
    }
    if (groups)
        closedir(groups);
}

/* Creates a group in the directory and opens its cgroup.procs. Returns its path, which g owns, or
 * NULL. */
static char *create_group(struct cgroup *g, const char *directory) {
    char name[PATH_MAX], procs[PATH_MAX + 16], *path;
    int r = -1;
    for (int i = 0; i < MAX_NAMES && r < 0; i++) {
        if (snprintf(name, sizeof name, "%s/dualpipe-%ld-%d", directory, (long)getpid(), i) >=
            PATH_MAX)
            return NULL;
        if ((r = mkdir(name, 0755)) < 0 && errno != EEXIST)
            return NULL;
    }
    if (r < 0 || !(path = strdup(name))) {
        if (r == 0)
            rmdir(name);
        return NULL;
    }
    snprintf(procs, sizeof procs, "%s/cgroup.procs", name);
    g->groups[g->count].path = path;
    g->groups[g->count].procs_fd = open(procs, O_WRONLY | O_CLOEXEC);
    if (fd_move_above_stdio(&g->groups[g->count].procs_fd) == 0 &&
        g->groups[g->count++].procs_fd >= 0)
        return path;
    rmdir(path);
    free(path);
    return NULL;
}

/* Undoes create_group(). */
static void remove_last_group(struct cgroup *g) {
    g->count--;
    fd_close(&g->groups[g->count].procs_fd);
    rmdir(g->groups[g->count].path);
    free(g->groups[g->count].path);
}

/* Swap is forbidden too, where the kernel lets us: a child over its limit should end, not page. */
static bool set_memory_limit(const struct cgroup *g, const char *path, uint64_t bytes) {
    bool set = write_number(path, g->is_v2 ? "memory.max" : "memory.limit_in_bytes", bytes);
    if (g->is_v2)
        write_number(path, "memory.swap.max", 0);
    else
        write_number(path, "memory.memsw.limit_in_bytes", bytes);
    return set;
}

/* Creates a group for one controller of version 1, and sets its limit. */
static const char *create_v1_group(struct cgroup *g, const char *controller, uint64_t limit) {
    char directory[PATH_MAX], *path;
    bool is_memory = strcmp(controller, "memory") == 0;
    size_t mount_length;
    if (!find_own_directory(controller, directory, &mount_length))
        return NULL;
    remove_stale_groups(directory);
    if (!(path = create_group(g, directory)))
        return NULL;
    if (is_memory ? set_memory_limit(g, path, limit) : write_number(path, "pids.max", limit))
        return path;
    remove_last_group(g);
    return NULL;
}

/* Tells whether groups below the directory may use the controllers that these limits need, and
 * whether we may move processes there. */
static bool delegates_controllers(const char *directory, const struct dualpipe_limits *l) {
    char text[TEXT_SIZE], procs[PATH_MAX];
    read_group_file(directory, "cgroup.subtree_control", text);
    if ((l->memory > 0 && !has_word(text, "memory")) ||
        (l->processes > 0 && !has_word(text, "pids")))
        return false;
    return snprintf(procs, sizeof procs, "%s/cgroup.procs", directory) < PATH_MAX &&
           faccessat(AT_FDCWD, procs, W_OK, AT_EACCESS) == 0;
}

/* Tells whether a child that leaves the group at this directory stays at least as limited as in it:
 * the group must set none of these limits. A limit on processes is no obstacle, since
 * *max_processes is lowered to it and the new group gets the same limit. */
static bool can_leave_group(const char *directory, uint64_t *max_processes) {
    static const char *const files[] = {"memory.max", "memory.high", "memory.swap.max",
                                        "cpu.max",    "cpuset.cpus", "io.max"};
    char text[TEXT_SIZE], *end;
    uint64_t n;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (read_group_file(directory, files[i], text) > 0 && *text != '\n' &&
            strncmp(text, "max", 3) != 0)
            return false;
    read_group_file(directory, "pids.max", text);
    n = strtoull(text, &end, 10);
    if (end > text && n < *max_processes)
        *max_processes = n;
    return true;
}

/* Creates a group of version 2, as close to our own group as one can be made. */
static void create_v2_group(struct cgroup *g, const struct dualpipe_limits *l) {
    char directory[PATH_MAX], *path = NULL;
    uint64_t max_processes = l->processes > 0 ? (uint64_t)l->processes : UINT64_MAX;
    size_t mount_length;
    if (!find_own_directory("", directory, &mount_length))
        return;
    while (!delegates_controllers(directory, l) || !(path = create_group(g, directory))) {
        if (strlen(directory) <= mount_length || !can_leave_group(directory, &max_processes))
            return;
        *strrchr(directory, '/') = 0;
    }
    remove_stale_groups(directory);
    g->is_v2 = true;
    if ((l->memory > 0 && !set_memory_limit(g, path, l->memory)) ||
        (max_processes < UINT64_MAX && !write_number(path, "pids.max", max_processes))) {
        remove_last_group(g);
        return;
    }
    g->memory_path = l->memory > 0 ? path : NULL;
    g->pids_path = l->processes > 0 ? path : NULL;
}

void cgroup_create(struct cgroup *g, const struct dualpipe_limits *l) {
    *g = (struct cgroup){0};
    if (l->memory == 0 && l->processes == 0)
        return;
    create_v2_group(g, l);
    if (g->count == 0) {
        g->is_v2 = false;
        if (l->memory > 0)
            g->memory_path = create_v1_group(g, "memory", l->memory);
        if (l->processes > 0)
            g->pids_path = create_v1_group(g, "pids", (uint64_t)l->processes);
    }
    g->limits_memory = g->memory_path != NULL;
    g->limits_processes = g->pids_path != NULL;
}

int cgroup_enter(const struct cgroup *g) {
    for (int i = 0; i < g->count; i++)
        if (write(g->groups[i].procs_fd, "0", 1) < 0)
            return -1;
    return 0;
}

void cgroup_close_entry(struct cgroup *g) {
    for (int i = 0; i < g->count; i++)
        fd_close(&g->groups[i].procs_fd);
}

/* --- reading counters, and removing ------------------------------------------------------ */

long cgroup_oom_kills(const struct cgroup *g) {
    return read_counter(g->memory_path, g->is_v2 ? "memory.events" : "memory.oom_control",
                        "oom_kill");
}

long cgroup_fork_failures(const struct cgroup *g) {
    return read_counter(g->pids_path, "pids.events", "max");
}

/* cgroup.kill needs version 2 and Linux 5.14; otherwise kill the members one by one. */
static void kill_members(const char *path) {
    char text[TEXT_SIZE], *at = text, *end;
    if (write_group_file(path, "cgroup.kill", "1"))
        return;
    read_group_file(path, "cgroup.procs", text);
    for (;; at = end) {
        long pid = strtol(at, &end, 10);
        if (end == at)
            return;
        if (pid > 0)
            kill((pid_t)pid, SIGKILL);
    }
}

/* A killed process leaves the group only when it has run once more to exit, so retry for a
 * while. */
static void remove_group(const char *path) {
    int64_t deadline = clock_deadline(REMOVE_TIMEOUT_MS);
    while (rmdir(path) < 0 && errno == EBUSY && clock_remaining_ms(deadline) > 0) {
        kill_members(path);
        poll(NULL, 0, 1);
    }
}

void cgroup_destroy(struct cgroup *g) {
    cgroup_close_entry(g);
    for (int i = 0; i < g->count; i++) {
        remove_group(g->groups[i].path);
        free(g->groups[i].path);
    }
    *g = (struct cgroup){0};
}
