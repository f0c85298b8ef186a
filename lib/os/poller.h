/* poller.h: watches many sockets at once, by one descriptor where the system has epoll.
 * Register sockets with poller_set(), wait for poller_pollitems() in a poll loop, then fetch the
 * ready ones with poller_collect(). */
#ifndef POLLER_H
#define POLLER_H
#include "dualpipe.h"

/* Events of a socket: IN and OUT are watched on request, HUP is always reported. */
enum {
    POLLER_IN = 1,
    POLLER_OUT = 2,
    POLLER_HUP = 4, /* the peer has closed the connection, or it has failed */
};
struct poller_event {
    void *data;
    int ready;
};
struct poller {
#ifdef __linux__
    int fd;
#else
    struct pollfd *fds;
    void **data; /* the caller's pointer for each of fds */
    int n, size;
#endif
};

int poller_open(struct poller *p);
/* Watches fd for `events`; 0 stops watching it. old_events are those of the last call for fd, 0 for
 * a new one. `data` is handed back by poller_collect(). */
int poller_set(struct poller *p, int fd, int old_events, int events, void *data);
/* Fills in what a host has to poll for, at most n items. Returns how many there are, which may be
 * more than n. */
int poller_pollitems(const struct poller *p, struct dualpipe_pollitem *items, int n);
/* Fetches at most n sockets that are ready now, without waiting. Returns how many. */
int poller_collect(const struct poller *p, struct poller_event *ready, int n);
void poller_close(struct poller *p);
#endif
