/* unix_socket.h: Unix sockets with mode 0600 and a lock file beside them.
 * A server calls unix_socket_listen(), or unix_socket_adopt() for a socket of the host; then
 * unix_socket_remove() so that no new client can connect, and unix_socket_unlock() when it has
 * ended. A client calls unix_socket_connect(). */
#ifndef UNIX_SOCKET_H
#define UNIX_SOCKET_H
#include "dualpipe.h"
#include <stdbool.h>

struct unix_listener {
    /* lock_fd is locked as long as the server lives; -1 for a socket of the host, which is not
     * removed */
    int fd, lock_fd;
    bool replaced_stale; /* the socket file of a server that had died was replaced */
    char *path, *lock_path;
    dev_t dev;
    ino_t ino;
};

/* Connects to the socket at path and checks that the server runs as our user or root (else -EPERM).
 * -ENOENT, -ECONNREFUSED: no server is there; -ETIMEDOUT: its backlog stayed full for
 * timeout_ms. */
int unix_socket_connect(const char *path, int timeout_ms, int *fd, struct dualpipe_error *why);
/* Listens at path. -EADDRINUSE: a server is there; -ENAMETOOLONG; -EEXIST: the path is not a
 * socket; -EPERM: it belongs to another user. Only a stale socket of our own user is ever
 * removed. */
int unix_socket_listen(const char *path, struct unix_listener *listener,
                       struct dualpipe_error *why);
/* Listens at a socket that remains the property of the host. -ENOTSOCK: fd is not a listening Unix
 * stream socket. */
int unix_socket_adopt(int fd, struct unix_listener *listener, struct dualpipe_error *why);
/* Closes the listener and removes its socket file, so that no client can connect any more. The lock
 * is still held. */
void unix_socket_remove(struct unix_listener *listener);
/* Removes the lock file, releases the lock and frees the paths. */
void unix_socket_unlock(struct unix_listener *listener);
/* The user and the process at the other end, as the kernel knows them. */
int unix_socket_peer(int fd, uid_t *uid, pid_t *pid);
#endif
