/* poller.h: sockets that are waited for together: by one descriptor where the system has that, else
 * by as many as there are. */
#ifndef WATCH_H
#define WATCH_H
#include "dualpipe.h"

/* What a socket is watched for, and what it has. */
enum {
    WATCH_IN = 1,
    WATCH_OUT = 2,
    WATCH_HUNG = 4, /* nobody is at the other end: of all that are watched */
};
struct watched {
    void *whose;
    int has;
};
struct watch {
#ifdef __linux__
    int fd;
#else
    struct pollfd *fds;
    void **whose; /* of each */
    int n, size;
#endif
};

int watch_open(struct watch *w);
/* fd, which was watched for before (0: not at all), is watched for wants (0: not any more). */
int watch_set(struct watch *w, int fd, int before, int wants, void *whose);
/* What a host waits for, in as many events as there is room for; how many there are. */
int watch_events(const struct watch *w, struct dualpipe_event *events, int n);
/* What some of them have now, n at most; how many. */
int watch_look(const struct watch *w, struct watched *found, int n);
void watch_close(struct watch *w);
#endif
