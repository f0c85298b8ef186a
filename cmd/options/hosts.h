/* hosts.h: the value of --hosts, or the lines of its file: which hosts, how many workers on
 * each. */
#ifndef HOSTS_H
#define HOSTS_H
#include <stdbool.h>

enum { HOSTS_WORKERS_MAX = 4096 }; /* workers */

struct host {
    char *name;
    int workers; /* 0: as many as -j says */
    int workers_left;    /* of these, not given up */
    bool is_failing;  /* one has, which was said; none has answered since */
};

struct hosts {
    struct host *all;
    int count, workers;
    char *text; /* what the names are in */
    int *worker_hosts;    /* of which host each worker is */
};

/* HOST[:N],... or, if there is a slash, a file of one HOST[:N] a line. NULL; else what is wrong,
 * in which line (0: in none). hosts_free either way. */
const char *hosts_parse(struct hosts *h, const char *value, int *line);
/* Gives each its workers, in turn, so that few requests are spread too; by_default is for hosts
 * that say no number. NULL; else what is wrong. */
const char *hosts_assign_workers(struct hosts *h, int default_workers);
/* A worker's host; NULL: there are no hosts. */
struct host *hosts_for_worker(const struct hosts *h, int worker);
void hosts_free(struct hosts *h);
#endif
