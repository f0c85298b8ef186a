/* unix_socket.c: Unix sockets: bound so that nobody else can connect, taken over when stale, removed
 * only if they are ours. */
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

enum { BACKLOG = 4096, LOCK_TRIES = 100 };

/* The system would cut a longer path, or leave it without its end. */
static int fill_address(struct sockaddr_un *a, const char *path, struct dualpipe_error *why) {
    *a = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (!*path)
        return error_set(why, "finding the socket", path, "its path is empty", -EINVAL);
    if (strlen(path) >= sizeof a->sun_path)
        return error_set(why, "finding the socket", path, "its path is longer than 107 bytes",
                         -ENAMETOOLONG);
    memcpy(a->sun_path, path, strlen(path)); /* a NUL is behind it */
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

/* Waits only while too many are about to be let in. */
static int connect_before(int fd, const struct sockaddr_un *a, int64_t until) {
    int r;
    do {
        int left = clock_remaining_ms(until);
        struct timeval most = {left / 1000, left % 1000 * 1000};
        if (left == 0)
            most.tv_usec = 1; /* none would be for ever */
        if (left >= 0)
            setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
        r = connect(fd, (const struct sockaddr *)a, sizeof *a) < 0 ? -errno : 0;
    } while (r == -EINTR);
    return r == -EAGAIN ? -ETIMEDOUT : r;
}

int unix_socket_connect(const char *path, int limit, int *fd, struct dualpipe_error *why) {
    static const char step[] = "connecting to";
    struct sockaddr_un a;
    uid_t uid = 0;
    pid_t pid;
    int r = fill_address(&a, path, why);
    if (r < 0)
        return r;
    if ((r = create_socket(fd)) < 0)
        return error_set(why, step, path, NULL, r);
    if ((r = connect_before(*fd, &a, clock_deadline(limit))) == 0)
        r = unix_socket_peer(*fd, &uid, &pid);
    if (r == 0 && uid != geteuid() && uid != 0) {
        fd_close(fd);
        return error_set(why, step, path, "another user listens there", -EPERM);
    }
    if (r < 0) {
        fd_close(fd);
        return error_set(why, step, path, NULL, r);
    }
    return 0;
}

/* --- the lock ---------------------------------------------------------------------------- */

/* Who held the lock last may have removed its file. */
static bool is_same_file(int fd, const char *path) {
    struct stat ours, there;
    return fstat(fd, &ours) == 0 && lstat(path, &there) == 0 && ours.st_dev == there.st_dev &&
           ours.st_ino == there.st_ino;
}

static int open_lock_file(const char *path, int *lock) {
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
        fchmod(fd, 0600); /* the umask may have taken what the next one needs */
    if (r < 0)
        fd_close(&fd);
    *lock = fd;
    return r;
}

/* Held until we end: so it is proof of our life. */
static int acquire_lock(struct unix_listener *l) {
    char text[24];
    int r = 0;
    for (int i = 0; i < LOCK_TRIES; i++) {
        if ((r = open_lock_file(l->lock_path, &l->lock_fd)) < 0)
            return r;
        if (flock(l->lock_fd, LOCK_EX | LOCK_NB) < 0)
            r = errno == EWOULDBLOCK ? -EADDRINUSE : -errno;
        if (r < 0 || is_same_file(l->lock_fd, l->lock_path))
            break;
        fd_close(&l->lock_fd);
        r = -EADDRINUSE;
    }
    if (r < 0) {
        fd_close(&l->lock_fd);
        return r;
    }
    snprintf(text, sizeof text, "%ld\n", (long)getpid());
    if (ftruncate(l->lock_fd, 0) == 0 && write(l->lock_fd, text, strlen(text)) < 0)
        return 0; /* it only tells people who holds it */
    return 0;
}

/* --- the socket -------------------------------------------------------------------------- */

/* What lies there, the lock being ours: nobody listens. */
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

/* Somebody may listen who doesn't keep our lock. */
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

/* The socket's own mode is what its file gets: others can't connect even for a moment. */
static int bind_and_listen(struct unix_listener *l, const struct sockaddr_un *a) {
    struct stat st;
    int r;
    if ((r = create_socket(&l->fd)) < 0)
        return r;
    if (fchmod(l->fd, 0600) < 0 || bind(l->fd, (const struct sockaddr *)a, sizeof *a) < 0)
        return -errno;
    if (lstat(l->path, &st) < 0)
        return -errno;
    l->dev = st.st_dev;
    l->ino = st.st_ino;
    if ((st.st_mode & 0600) != 0600 && chmod(l->path, 0600) < 0)
        return -errno; /* the umask has taken what clients need */
    if ((r = fd_set_nonblocking(l->fd)) < 0)
        return r;
    return listen(l->fd, BACKLOG) < 0 ? -errno : 0;
}

static const char *listen_error_hint(int error) {
    switch (error) {
    case -EADDRINUSE: return "a session is served there already";
    case -EEXIST: return "something that is no socket is there";
    case -EPERM: return "it is another user's";
    default: return NULL;
    }
}

int unix_socket_listen(const char *path, struct unix_listener *l, struct dualpipe_error *why) {
    struct sockaddr_un a;
    size_t size = strlen(path) + sizeof ".dualpipe-lock";
    int r = fill_address(&a, path, why);
    *l = (struct unix_listener){.fd = -1, .lock_fd = -1};
    if (r < 0)
        return r;
    l->path = strdup(path);
    l->lock_path = malloc(size);
    if (!l->path || !l->lock_path) {
        r = -ENOMEM;
    } else {
        snprintf(l->lock_path, size, "%s.dualpipe-lock", path);
        if ((r = check_path_free(path)) == 0 && (r = acquire_lock(l)) == 0 &&
            (r = unlink_stale_socket(path, &l->replaced_stale)) == 0)
            r = bind_and_listen(l, &a);
    }
    if (r == 0)
        return 0;
    unix_socket_remove(l);
    unix_socket_unlock(l);
    return error_set(why, "listening at", path, listen_error_hint(r), r);
}

int unix_socket_adopt(int fd, struct unix_listener *l, struct dualpipe_error *why) {
    struct sockaddr_un a = {.sun_family = AF_UNSPEC};
    socklen_t size = sizeof a, n = sizeof(int);
    int kind = 0, listens = 0;
    *l = (struct unix_listener){.fd = -1, .lock_fd = -1};
    if (getsockname(fd, (struct sockaddr *)&a, &size) < 0 || a.sun_family != AF_UNIX ||
        getsockopt(fd, SOL_SOCKET, SO_TYPE, &kind, &n) < 0 || kind != SOCK_STREAM ||
        getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &n) < 0 || !listens)
        return error_set(why, "listening", NULL, "what was passed is no Unix socket that listens",
                         -ENOTSOCK);
    l->fd = fd;
    return fd_set_nonblocking(fd);
}

void unix_socket_remove(struct unix_listener *l) {
    struct stat st;
    fd_close(&l->fd);
    if (l->lock_fd < 0 || l->ino == 0)
        return;
    if (lstat(l->path, &st) == 0 && st.st_dev == l->dev && st.st_ino == l->ino)
        unlink(l->path);
    l->ino = 0;
}

void unix_socket_unlock(struct unix_listener *l) {
    if (l->lock_fd >= 0)
        unlink(l->lock_path);
    fd_close(&l->lock_fd);
    free(l->path);
    free(l->lock_path);
    l->path = l->lock_path = NULL;
}
