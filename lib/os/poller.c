/* poller.c: watches many sockets at once.
 *
 * On Linux an epoll instance stands for all of them, so a host polls one descriptor however many
 * clients are connected. Elsewhere an array of struct pollfd is kept and searched by descriptor.
 * The server keeps the events of each socket itself and passes the old ones to poller_set(), which
 * saves a lookup with epoll. */
#include "os/poller.h"
#include "os/fd.h"
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#ifdef __linux__
#include <sys/epoll.h>

enum { MAX_BATCH = 64 };

int poller_open(struct poller *p) {
    int r;
    if ((p->fd = epoll_create1(EPOLL_CLOEXEC)) < 0)
        return -errno;
    if ((r = fd_move_above_stdio(&p->fd)) < 0)
        fd_close(&p->fd);
    return r;
}

int poller_set(struct poller *p, int fd, int old_events, int events, void *data) {
    struct epoll_event event = {.data.ptr = data};
    int op = old_events == 0 ? EPOLL_CTL_ADD : events == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;
    event.events = (events & POLLER_IN ? EPOLLIN : 0U) | (events & POLLER_OUT ? EPOLLOUT : 0U);
    return epoll_ctl(p->fd, op, fd, &event) < 0 ? -errno : 0;
}

int poller_pollitems(const struct poller *p, struct dualpipe_pollitem *items, int n) {
    if (n > 0)
        items[0] = (struct dualpipe_pollitem){.fd = p->fd, .events = DUALPIPE_POLL_STDOUT};
    return 1;
}

int poller_collect(const struct poller *p, struct poller_event *ready, int n) {
    struct epoll_event found[MAX_BATCH];
    int count = epoll_wait(p->fd, found, n < MAX_BATCH ? n : MAX_BATCH, 0);
    for (int i = 0; i < count; i++) {
        uint32_t events = found[i].events;
        ready[i].data = found[i].data.ptr;
        ready[i].ready = (events & EPOLLIN ? POLLER_IN : 0) | (events & EPOLLOUT ? POLLER_OUT : 0) |
                         (events & (EPOLLHUP | EPOLLERR) ? POLLER_HUP : 0);
    }
    return count > 0 ? count : 0;
}

void poller_close(struct poller *p) {
    fd_close(&p->fd);
}

#else

int poller_open(struct poller *p) {
    *p = (struct poller){0};
    return 0;
}

static int find_fd(const struct poller *p, int fd) {
    int i = 0;
    while (i < p->n && p->fds[i].fd != fd)
        i++;
    return i;
}

static int grow_arrays(struct poller *p) {
    int size = p->size > 0 ? 2 * p->size : 16;
    struct pollfd *fds = realloc(p->fds, (size_t)size * sizeof *fds);
    void **data;
    if (!fds)
        return -ENOMEM;
    p->fds = fds;
    if (!(data = realloc(p->data, (size_t)size * sizeof *data)))
        return -ENOMEM;
    p->data = data;
    p->size = size;
    return 0;
}

int poller_set(struct poller *p, int fd, int old_events, int events, void *data) {
    int i = find_fd(p, fd), r;
    if (events == 0 && i == p->n)
        return 0;
    if (events == 0) {
        p->fds[i] = p->fds[--p->n];
        p->data[i] = p->data[p->n];
        return 0;
    }
    if (p->n == p->size && old_events == 0 && (r = grow_arrays(p)) < 0)
        return r;
    p->n += i == p->n;
    p->fds[i] = (struct pollfd){.fd = fd};
    p->fds[i].events =
        (short)((events & POLLER_IN ? POLLIN : 0) | (events & POLLER_OUT ? POLLOUT : 0));
    p->data[i] = data;
    return 0;
}

int poller_pollitems(const struct poller *p, struct dualpipe_pollitem *items, int n) {
    for (int i = 0; i < p->n && i < n; i++) {
        short events = p->fds[i].events;
        items[i] = (struct dualpipe_pollitem){.fd = p->fds[i].fd, .events = DUALPIPE_POLL_HUP};
        items[i].events |= (short)((events & POLLIN ? DUALPIPE_POLL_STDOUT : 0) |
                                   (events & POLLOUT ? DUALPIPE_POLL_STDIN : 0));
    }
    return p->n;
}

int poller_collect(const struct poller *p, struct poller_event *ready, int n) {
    int count = 0;
    if (poll(p->fds, (nfds_t)p->n, 0) <= 0)
        return 0;
    for (int i = 0; i < p->n && count < n; i++) {
        short events = p->fds[i].revents;
        if (!events)
            continue;
        ready[count].data = p->data[i];
        ready[count++].ready = (events & POLLIN ? POLLER_IN : 0) |
                               (events & POLLOUT ? POLLER_OUT : 0) |
                               (events & (POLLHUP | POLLERR | POLLNVAL) ? POLLER_HUP : 0);
    }
    return count;
}

void poller_close(struct poller *p) {
    free(p->fds);
    free(p->data);
    *p = (struct poller){0};
}
#endif
