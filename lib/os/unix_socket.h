/* unix_socket.h: Unix sockets: bound so that nobody else can connect, taken over when stale,
 * removed only if they are ours. */
#ifndef UNIX_SOCKET_H
#define UNIX_SOCKET_H
#include "dualpipe.h"
#include <stdbool.h>

struct unix_listener {
    int fd, lock_fd; /* lock: held as long as we live; -1: the host's socket, not ours to remove */
    bool replaced_stale; /* a socket that nobody served any more was in its place */
    char *path, *lock_path;
    dev_t dev;
    ino_t ino;
};

/* A connection to path, and whose it is. -ENOENT, -ECONNREFUSED: nobody is there;
 * -ETIMEDOUT: too many wait to be let in. */
int unix_socket_connect(const char *path, int timeout_ms, int *fd, struct dualpipe_error *why);
/* Listens at path. -EADDRINUSE: somebody does; -ENAMETOOLONG; -EEXIST: no socket is there, but
 * something else; -EPERM: it is not ours. Nothing but a stale socket of our own is removed. */
int unix_socket_listen(const char *path, struct unix_listener *listener,
                       struct dualpipe_error *why);
/* Listens at a socket that stays the host's. -ENOTSOCK: it is none that listens. */
int unix_socket_adopt(int fd, struct unix_listener *listener, struct dualpipe_error *why);
/* Removes the socket: nobody can connect any more. The lock is still held. */
void unix_socket_remove(struct unix_listener *listener);
void unix_socket_unlock(struct unix_listener *listener);
/* The user and process at the other end, as the kernel tells it. */
int unix_socket_peer(int fd, uid_t *uid, pid_t *pid);
#endif
