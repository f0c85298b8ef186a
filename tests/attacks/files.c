/* files.c: attacks that read files of the system and of the user, by direct and indirect paths, or
 * learn something about them (size, links, names) without reading them. */
#include "attack.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

static int shadow(void) {
    return show_file("/etc/shadow");
}

static int passwd(void) {
    return show_file("/etc/passwd");
}

static int home(void) {
    return show_file(in_home("secret"));
}

static int dotdot(void) {
    const char *const starts[] = {".",    "/proc/self/root", "/proc/self/cwd", "/tmp",
                                  "/usr", in_home("box")};
    char path[PATH_MAX];
    int error = 0;
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        snprintf(path, sizeof path, "%s/../../../../../../../../..%s", starts[i],
                 in_home("secret"));
        if (!(error = show_file(path)))
            break;
    }
    return error;
}

/* Reads the secret through a link in a directory that the sandbox may write. */
static int by_link(void) {
    const char *link = in_home("box/link");
    int error = refused(symlink(in_home("secret"), link));
    return error ? error : show_file(link);
}

static int cwd(void) {
    return show_file("secret");
}

static int list_of(const char *path, const char *below) {
    DIR *dir = opendir(path);
    char more[PATH_MAX];
    struct dirent *entry;
    if (!dir)
        return errno;
    while ((entry = readdir(dir)))
        if (!below)
            show(entry->d_name, strlen(entry->d_name));
        else {
            snprintf(more, sizeof more, "%s/%s/%s", path, entry->d_name, below);
            show_file(more);
        }
    closedir(dir);
    return 0;
}

static int list(void) {
    return list_of(fact("home"), NULL);
}

static int proclist(void) {
    return list_of("/proc", "cmdline");
}

static int size(void) {
    struct stat st;
    char text[32];
    if (stat(in_home("sized"), &st) < 0)
        return errno;
    snprintf(text, sizeof text, "%lld", (long long)st.st_size);
    show(text, strlen(text));
    return 0;
}

static int readlink_of(void) {
    char text[PATH_MAX];
    ssize_t n = readlink(in_home("pointer"), text, sizeof text);
    if (n > 0)
        show(text, (size_t)n);
    return refused(n);
}

static int getxattr_of(void) {
    char text[256];
    ssize_t n = getxattr(in_home("tagged"), "user.secret", text, sizeof text);
    if (n > 0)
        show(text, (size_t)n);
    return refused(n);
}

static int run_tool(void) {
    fflush(stdout);
    execl(in_home("tool"), "tool", (char *)NULL);
    return errno;
}

static int exec_of(void) {
    return in_child(run_tool);
}

/* Learns the names of files as they are created in the user's home. */
static int inotify(void) {
    union {
        struct inotify_event event;
        char bytes[4096];
    } some;
    int fd = inotify_init1(IN_CLOEXEC), error;
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    if (fd < 0)
        return errno;
    error = refused(inotify_add_watch(fd, fact("home"), IN_CREATE));
    if (!error && poll(&ready, 1, 5000) > 0 && read(fd, &some, sizeof some) > 0)
        show(some.event.name, strnlen(some.event.name, some.event.len));
    close(fd);
    return error;
}

static int handle(void) {
    struct {
        struct file_handle head;
        unsigned char more[MAX_HANDLE_SZ];
    } h = {.head.handle_bytes = MAX_HANDLE_SZ};
    int mount, fd, error = EBADF;
    if (syscall(SYS_name_to_handle_at, AT_FDCWD, in_home("secret"), &h, &mount, 0) < 0)
        return errno;
    fd = open(fact("home"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    mount = fd < 0 ? -1 : (int)syscall(SYS_open_by_handle_at, fd, &h, O_RDONLY);
    error = mount < 0 ? errno : show_fd(mount);
    close(mount);
    close(fd);
    return error;
}

static int device(void) {
    static const char *const names[] = {"mem", "kmsg", "vda", "sda", "nvme0n1", "port"};
    char path[64];
    int error = ENOENT, fd;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "/dev/%s", names[i]);
        if ((fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)) >= 0)
            return 0;
        error = error == ENOENT ? errno : error;
    }
    return error;
}

/* Reads from every descriptor that was inherited from the caller. */
static int fdleak(void) {
    char text[4096];
    int error = EBADF;
    for (int fd = 3; fd < 1024; fd++) {
        ssize_t n = pread(fd, text, sizeof text, 0);
        if (n > 0)
            show(text, (size_t)n);
        error = n > 0 ? 0 : error;
    }
    return error;
}

static int ownenv(void) {
    return show_file("/proc/self/environ");
}

/* A read lease delays every process that opens the file for writing. */
static int lease(void) {
    int fd = open(fact("spare"), O_RDONLY | O_CLOEXEC), error;
    if (fd < 0)
        return errno;
    error = refused(fcntl(fd, F_SETLEASE, F_RDLCK));
    close(fd);
    return error;
}

const struct attack file_attacks[] = {
    {"shadow", shadow},
    {"passwd", passwd},
    {"home", home},
    {"dotdot", dotdot},
    {"bylink", by_link},
    {"cwd", cwd},
    {"list", list},
    {"proclist", proclist},
    {"stat", size},
    {"readlink", readlink_of},
    {"getxattr", getxattr_of},
    {"exec", exec_of},
    {"inotify", inotify},
    {"handle", handle},
    {"device", device},
    {"fdleak", fdleak},
    {"ownenv", ownenv},
    {"lease", lease},
    {NULL, NULL},
};
