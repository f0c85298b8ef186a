/* poller.c: sockets that are waited for together: by one descriptor where the system has that, else
 * by as many as there are. */
#include "os/poller.h"
#include "os/fd.h"
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#ifdef __linux__
#include <sys/epoll.h>

enum { BATCH = 64 };

int poller_open(struct poller *p) {
    int r;
    if ((p->fd = epoll_create1(EPOLL_CLOEXEC)) < 0)
        return -errno;
    if ((r = fd_move_above_stdio(&p->fd)) < 0)
        fd_close(&p->fd);
    return r;
}

int poller_set(struct poller *p, int fd, int before, int wants, void *whose) {
    struct epoll_event e = {.data.ptr = whose};
    int how = before == 0 ? EPOLL_CTL_ADD : wants == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;
    e.events = (wants & POLLER_IN ? EPOLLIN : 0U) | (wants & POLLER_OUT ? EPOLLOUT : 0U);
    return epoll_ctl(p->fd, how, fd, &e) < 0 ? -errno : 0;
}

int poller_pollitems(const struct poller *p, struct dualpipe_pollitem *events, int n) {
    if (n > 0)
        events[0] = (struct dualpipe_pollitem){.fd = p->fd, .events = DUALPIPE_POLL_STDOUT};
    return 1;
}

int poller_collect(const struct poller *p, struct poller_event *found, int n) {
    struct epoll_event all[BATCH];
    int some = epoll_wait(p->fd, all, n < BATCH ? n : BATCH, 0);
    for (int i = 0; i < some; i++) {
        uint32_t has = all[i].events;
        found[i].data = all[i].data.ptr;
        found[i].ready = (has & EPOLLIN ? POLLER_IN : 0) | (has & EPOLLOUT ? POLLER_OUT : 0) |
                       (has & (EPOLLHUP | EPOLLERR) ? POLLER_HUP : 0);
    }
    return some > 0 ? some : 0;
}

void poller_close(struct poller *p) {
    fd_close(&p->fd);
}

#else

int poller_open(struct poller *w) {
    *w = (struct poller){0};
    return 0;
}

static int find(const struct poller *w, int fd) {
    int i = 0;
    while (i < w->n && w->fds[i].fd != fd)
        i++;
    return i;
}

static int make_room(struct poller *w) {
    int size = w->size > 0 ? 2 * w->size : 16;
    struct pollfd *fds = realloc(w->fds, (size_t)size * sizeof *fds);
    void **whose;
    if (!fds)
        return -ENOMEM;
    w->fds = fds;
    if (!(whose = realloc(w->whose, (size_t)size * sizeof *whose)))
        return -ENOMEM;
    w->whose = whose;
    w->size = size;
    return 0;
}

int poller_set(struct poller *w, int fd, int before, int wants, void *whose) {
    int i = find(w, fd), r;
    if (wants == 0 && i == w->n)
        return 0;
    if (wants == 0) {
        w->fds[i] = w->fds[--w->n];
        w->whose[i] = w->whose[w->n];
        return 0;
    }
    if (w->n == w->size && before == 0 && (r = make_room(w)) < 0)
        return r;
    w->n += i == w->n;
    w->fds[i] = (struct pollfd){.fd = fd};
    w->fds[i].events =
        (short)((wants & POLLER_IN ? POLLIN : 0) | (wants & POLLER_OUT ? POLLOUT : 0));
    w->whose[i] = whose;
    return 0;
}

int poller_pollitems(const struct poller *w, struct dualpipe_pollitem *events, int n) {
    for (int i = 0; i < w->n && i < n; i++) {
        short wants = w->fds[i].events;
        events[i] = (struct dualpipe_pollitem){.fd = w->fds[i].fd, .wants = DUALPIPE_POLL_HUP};
        events[i].wants |= (short)((wants & POLLIN ? DUALPIPE_POLL_STDOUT : 0) |
                                   (wants & POLLOUT ? DUALPIPE_POLL_STDIN : 0));
    }
    return w->n;
}

int poller_collect(const struct poller *w, struct poller_event *found, int n) {
    int some = 0;
    if (poll(w->fds, (nfds_t)w->n, 0) <= 0)
        return 0;
    for (int i = 0; i < w->n && some < n; i++) {
        short has = w->fds[i].revents;
        if (!has)
            continue;
        found[some].whose = w->whose[i];
        found[some++].has = (has & POLLIN ? POLLER_IN : 0) | (has & POLLOUT ? POLLER_OUT : 0) |
                            (has & (POLLHUP | POLLERR | POLLNVAL) ? POLLER_HUP : 0);
    }
    return some;
}

void poller_close(struct poller *w) {
    free(w->fds);
    free(w->whose);
    *w = (struct poller){0};
}
#endif
