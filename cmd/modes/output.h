/* output.h: where replies go: our stdout, by large writes that hold nothing back. */
#ifndef SINK_H
#define SINK_H
#include "run/run.h"

struct output {
    struct run *run;
    char *buffer;
    size_t used;
    int64_t held_since; /* when what is held was first waited with; 0: not yet */
    bool failed;      /* what was to be written could not be, whole */
};

int output_open(struct output *out, struct run *r);
/* 0, or -1: the run must stop. */
int output_write(struct output *out, const char *p, size_t n);
/* An empty message, in the place of a reply that has failed. */
int output_write_empty_frame(struct output *out);
int output_flush(struct output *out);
/* Whether anything is held, and how long that may wait yet, from now, in microseconds. */
bool output_has_pending(const struct output *out);
int64_t output_flush_delay(struct output *out, int64_t now);
void output_close(struct output *out);
#endif
