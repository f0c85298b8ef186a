/* unix_socket.c: Unix sockets that are private, taken over when stale, and removed only by their
 * owner.
 *
 * A listener owns two files: the socket and PATH.dualpipe-lock. The lock is held with flock(2) from
 * before bind until unix_socket_unlock() or the end of the process, so an unlocked socket file has
 * no living server and may be unlinked (a kill -9 leaves such files). The order in
 * unix_socket_listen() matters:
 *
 *   1. connect to the path: a server that does not use our lock may be there;
 *   2. take the lock: from here on only this process touches the path;
 *   3. unlink a stale socket of the same user, nothing else;
 *   4. bind with mode 0600 and remember device and inode.
 *
 * unix_socket_remove() compares device and inode before it unlinks, because the path may have been
 * taken by someone else meanwhile. The trap is the lock file: its last holder may unlink it between
 * our open and our flock, so acquire_lock() checks that the locked file is still the one at the
 * path and tries again if not. */
#include "os/unix_socket.h"
#include "base/clock.h"
#include "base/error.h"
#include "os/fd.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 4096, MAX_LOCK_TRIES = 100 };

/* A longer path would be truncated by the system, or left without its NUL. */
static int fill_address(struct sockaddr_un *addr, const char *path, struct dualpipe_error *why) {
    *addr = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (!*path)
        return error_set(why, "finding the socket", path, "its path is empty", -EINVAL);
    if (strlen(path) >= sizeof addr->sun_path)
        return error_set(why, "finding the socket", path, "its path is longer than 107 bytes",
                         -ENAMETOOLONG);
    memcpy(addr->sun_path, path, strlen(path)); /* the struct is zeroed, so a NUL follows */
    return 0;
}

static int create_socket(int *fd) {
    int r;
    if ((*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0)
        return -errno;
    if ((r = fd_move_above_stdio(fd)) < 0)
        fd_close(fd);
    return r;
}

int unix_socket_peer(int fd, uid_t *uid, pid_t *pid) {
#ifdef SO_PEERCRED
    struct ucred peer;
    socklen_t n = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) < 0)
        return -errno;
    *uid = peer.uid;
    *pid = peer.pid;
    return 0;
#else
    gid_t gid;
    *pid = 0;
    return getpeereid(fd, uid, &gid) < 0 ? -errno : 0;
#endif
}

/* connect(2) to a Unix socket waits only while the backlog of the listener is full; SO_SNDTIMEO
 * bounds that wait. */
static int connect_before(int fd, const struct sockaddr_un *addr, int64_t deadline) {
    int r;
    do {
        int remaining_ms = clock_remaining_ms(deadline);
        struct timeval timeout = {remaining_ms / 1000, remaining_ms % 1000 * 1000};
        if (remaining_ms == 0)
            timeout.tv_usec = 1; /* a zero timeout would mean no limit */
        if (remaining_ms >= 0)
            setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
        r = connect(fd, (const struct sockaddr *)addr, sizeof *addr) < 0 ? -errno : 0;
    } while (r == -EINTR);
    return r == -EAGAIN ? -ETIMEDOUT : r;
}

int unix_socket_connect(const char *path, int timeout_ms, int *fd, struct dualpipe_error *why) {
    static const char operation[] = "connecting to";
    struct sockaddr_un addr;
    uid_t uid = 0;
    pid_t pid;
    int r = fill_address(&addr, path, why);
    if (r < 0)
        return r;
    if ((r = create_socket(fd)) < 0)
        return error_set(why, operation, path, NULL, r);
    if ((r = connect_before(*fd, &addr, clock_deadline(timeout_ms))) == 0)
        r = unix_socket_peer(*fd, &uid, &pid);
    if (r == 0 && uid != geteuid() && uid != 0) {
        fd_close(fd);
        return error_set(why, operation, path, "another user listens there", -EPERM);
    }
    if (r < 0) {
        fd_close(fd);
        return error_set(why, operation, path, NULL, r);
    }
    return 0;
}

/* --- the lock ---------------------------------------------------------------------------- */

/* The previous holder of the lock may have removed its file after we opened it. */
static bool is_same_file(int fd, const char *path) {
    struct stat ours, at_path;
    return fstat(fd, &ours) == 0 && lstat(path, &at_path) == 0 && ours.st_dev == at_path.st_dev &&
           ours.st_ino == at_path.st_ino;
}

static int open_lock_file(const char *path, int *lock_fd) {
    int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK;
    int fd = open(path, flags, 0600), r;
    struct stat st;
    if (fd < 0)
        return -errno;
    if ((r = fd_move_above_stdio(&fd)) == 0 && fstat(fd, &st) < 0)
        r = -errno;
    if (r == 0 && (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_nlink != 1))
        r = -EPERM;
    if (r == 0 && (st.st_mode & 0600) != 0600)
        /* a strict umask may have removed permissions that the next server needs */
        fchmod(fd, 0600);
    if (r < 0)
        fd_close(&fd);
    *lock_fd = fd;
    return r;
}

/* Takes the lock, which is held until the process ends and so proves that it lives. */
static int acquire_lock(struct unix_listener *listener) {
    char pid_text[24];
    int r = 0;
    for (int i = 0; i < MAX_LOCK_TRIES; i++) {
        if ((r = open_lock_file(listener->lock_path, &listener->lock_fd)) < 0)
            return r;
        if (flock(listener->lock_fd, LOCK_EX | LOCK_NB) < 0)
            r = errno == EWOULDBLOCK ? -EADDRINUSE : -errno;
        if (r < 0 || is_same_file(listener->lock_fd, listener->lock_path))
            break;
        fd_close(&listener->lock_fd);
        r = -EADDRINUSE;
    }
    if (r < 0) {
        fd_close(&listener->lock_fd);
        return r;
    }
    snprintf(pid_text, sizeof pid_text, "%ld\n", (long)getpid());
    if (ftruncate(listener->lock_fd, 0) == 0 &&
        write(listener->lock_fd, pid_text, strlen(pid_text)) < 0)
        return 0; /* the pid only informs people who look at the lock */
    return 0;
}

/* --- the socket -------------------------------------------------------------------------- */

/* Unlinks the socket at the path. We hold the lock, so no server listens there. */
static int unlink_stale_socket(const char *path, bool *stale) {
    struct stat st;
    if (lstat(path, &st) < 0)
        return errno == ENOENT ? 0 : -errno;
    if (!S_ISSOCK(st.st_mode))
        return -EEXIST;
    if (st.st_uid != geteuid())
        return -EPERM;
    *stale = unlink(path) == 0;
    return *stale || errno == ENOENT ? 0 : -errno;
}

/* Checks for a server that listens at the path without holding our lock. */
static int check_path_free(const char *path) {
    struct stat st;
    int fd, r;
    if (lstat(path, &st) < 0)
        return errno == ENOENT ? 0 : -errno;
    if (!S_ISSOCK(st.st_mode))
        return -EEXIST;
    r = unix_socket_connect(path, 0, &fd, NULL);
    if (r == 0)
        fd_close(&fd);
    return r == 0 || r == -ETIMEDOUT ? -EADDRINUSE : 0;
}

/* The mode of the unbound socket becomes that of its file, so other users cannot connect even for a
 * moment. */
static int bind_and_listen(struct unix_listener *listener, const struct sockaddr_un *addr) {
    struct stat st;
    int r;
    if ((r = create_socket(&listener->fd)) < 0)
        return r;
    if (fchmod(listener->fd, 0600) < 0 ||
        bind(listener->fd, (const struct sockaddr *)addr, sizeof *addr) < 0)
        return -errno;
    if (lstat(listener->path, &st) < 0)
        return -errno;
    listener->dev = st.st_dev;
    listener->ino = st.st_ino;
    if ((st.st_mode & 0600) != 0600 && chmod(listener->path, 0600) < 0)
        return -errno; /* the umask has removed permissions that clients need */
    if ((r = fd_set_nonblocking(listener->fd)) < 0)
        return r;
    return listen(listener->fd, BACKLOG) < 0 ? -errno : 0;
}

static const char *listen_error_hint(int error) {
    switch (error) {
    case -EADDRINUSE: return "a session is served there already";
    case -EEXIST: return "something that is no socket is there";
    case -EPERM: return "it is another user's";
    default: return NULL;
    }
}

int unix_socket_listen(const char *path, struct unix_listener *listener,
                       struct dualpipe_error *why) {
    struct sockaddr_un addr;
    size_t size = strlen(path) + sizeof ".dualpipe-lock";
    int r = fill_address(&addr, path, why);
    *listener = (struct unix_listener){.fd = -1, .lock_fd = -1};
    if (r < 0)
        return r;
    listener->path = strdup(path);
    listener->lock_path = malloc(size);
    if (!listener->path || !listener->lock_path) {
        r = -ENOMEM;
    } else {
        snprintf(listener->lock_path, size, "%s.dualpipe-lock", path);
        if ((r = check_path_free(path)) == 0 && (r = acquire_lock(listener)) == 0 &&
            (r = unlink_stale_socket(path, &listener->replaced_stale)) == 0)
            r = bind_and_listen(listener, &addr);
    }
    if (r == 0)
        return 0;
    unix_socket_remove(listener);
    unix_socket_unlock(listener);
    return error_set(why, "listening at", path, listen_error_hint(r), r);
}

int unix_socket_adopt(int fd, struct unix_listener *listener, struct dualpipe_error *why) {
    struct sockaddr_un addr = {.sun_family = AF_UNSPEC};
    socklen_t size = sizeof addr, n = sizeof(int);
    int type = 0, listens = 0;
    *listener = (struct unix_listener){.fd = -1, .lock_fd = -1};
    if (getsockname(fd, (struct sockaddr *)&addr, &size) < 0 || addr.sun_family != AF_UNIX ||
        getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &n) < 0 || type != SOCK_STREAM ||
        getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &n) < 0 || !listens)
        return error_set(why, "listening", NULL, "what was passed is no Unix socket that listens",
                         -ENOTSOCK);
    listener->fd = fd;
    return fd_set_nonblocking(fd);
}

void unix_socket_remove(struct unix_listener *listener) {
    struct stat st;
    fd_close(&listener->fd);
    if (listener->lock_fd < 0 || listener->ino == 0)
        return;
    if (lstat(listener->path, &st) == 0 && st.st_dev == listener->dev && st.st_ino == listener->ino)
        unlink(listener->path);
    listener->ino = 0;
}

void unix_socket_unlock(struct unix_listener *listener) {
    if (listener->lock_fd >= 0)
        unlink(listener->lock_path);
    fd_close(&listener->lock_fd);
    free(listener->path);
    free(listener->lock_path);
    listener->path = listener->lock_path = NULL;
}
