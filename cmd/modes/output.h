/* output.h: where replies go: our stdout, by large writes that hold nothing back. */
#ifndef SINK_H
#define SINK_H
#include "run/run.h"

struct sink {
    struct run *run;
    char *held;
    size_t n;
    int64_t since; /* when what is held was first waited with; 0: not yet */
    bool cut;      /* what was to be written could not be, whole */
};

int sink_open(struct sink *s, struct run *r);
/* 0, or -1: the run must stop. */
int sink_put(struct sink *s, const char *p, size_t n);
/* An empty message, in the place of a reply that has failed. */
int sink_put_empty(struct sink *s);
int sink_flush(struct sink *s);
/* Whether anything is held, and how long that may wait yet, from now, in microseconds. */
bool sink_holds(const struct sink *s);
int64_t sink_patience(struct sink *s, int64_t now);
void sink_close(struct sink *s);
#endif
