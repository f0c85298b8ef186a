/* hosts.h: --hosts: the hosts that workers run on, and which worker runs on which host. Pure but
 * for reading the file. hosts_parse, then hosts_assign_workers, then hosts_for_worker. */
#ifndef HOSTS_H
#define HOSTS_H
#include <stdbool.h>

enum { HOSTS_WORKERS_MAX = 4096 }; /* workers on all hosts together */

struct host {
    char *name;       /* as ssh takes it: HOST or USER@HOST */
    int workers;      /* the N of HOST:N; 0 until assigned: as many as -j says */
    int workers_left; /* workers that have not been given up; pool_events.c counts down */
    bool is_failing;  /* a failure was reported, and no worker here has answered since */
};

struct hosts {
    struct host *all;
    int count;         /* hosts; 0: --hosts was not given */
    int workers;       /* workers on all hosts, once assigned */
    char *text;        /* the option's value or its file, into which the names point */
    int *worker_hosts; /* for each worker the index of its host */
};

/* Reads HOST[:N],... or, if the value has a slash, a file with one HOST[:N] a line. Returns NULL,
 * or what is wrong; *line is then the line of the file, or 0. Call hosts_free in either case. */
const char *hosts_parse(struct hosts *h, const char *value, int *line);
/* Gives each host its workers. They are numbered round the hosts in turn, so that a few requests
 * are spread as well. default_workers: for hosts without a number. Returns NULL, or what is
 * wrong. */
const char *hosts_assign_workers(struct hosts *h, int default_workers);
/* The host of a worker, counted from 0; NULL if there are no hosts. */
struct host *hosts_for_worker(const struct hosts *h, int worker);
/* Frees what *h points to; a zeroed one is right. */
void hosts_free(struct hosts *h);
#endif
