/* poller.h: sockets that are waited for together: by one descriptor where the system has that, else
 * by as many as there are. */
#ifndef POLLER_H
#define POLLER_H
#include "dualpipe.h"

/* What a socket is watched for, and what it has. */
enum {
    POLLER_IN = 1,
    POLLER_OUT = 2,
    POLLER_HUP = 4, /* nobody is at the other end: of all that are watched */
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
    void **data; /* of each */
    int n, size;
#endif
};

int poller_open(struct poller *p);
/* fd, which was watched for before (0: not at all), is watched for wants (0: not any more). */
int poller_set(struct poller *p, int fd, int old_events, int events, void *data);
/* What a host waits for, in as many events as there is room for; how many there are. */
int poller_pollitems(const struct poller *p, struct dualpipe_pollitem *items, int n);
/* What some of them have now, n at most; how many. */
int poller_collect(const struct poller *p, struct poller_event *ready, int n);
void poller_close(struct poller *p);
#endif
