/* sink.h: where replies go: our stdout, by large writes that hold nothing back. */
#ifndef SINK_H
#define SINK_H
#include "run.h"

struct sink {
    struct run *run;
    char *held;
    size_t n;
    int64_t since; /* when the oldest byte held came */
};

int sink_open(struct sink *s, struct run *r);
/* 0, or -1: the run must stop. */
int sink_put(struct sink *s, const char *p, size_t n);
int sink_flush(struct sink *s);
/* How long what is held may wait yet, microseconds; FOREVER: nothing is held. */
int64_t sink_patience(const struct sink *s);
void sink_close(struct sink *s);
#endif
