/* requests.h: where requests come from: the command line, files, or the messages of stdin. */
#ifndef SOURCE_H
#define SOURCE_H
#include "run/run.h"

struct request {
    const char *data; /* with the frame's end; valid until source_done */
    size_t size;
    const struct terms *terms;
    int count;        /* requests in it, whole lines of stdin; 0: it is one by itself */
    long long number; /* from 1 */
    bool to_end;      /* the child's input ends behind it */
};

struct source {
    struct run *run;
    int next;     /* of those given */
    char *own;    /* a request put together here */
    size_t taken; /* bytes of stdin that the request lies in */
    size_t seen;  /* of its unread bytes hold no line end */
    struct dualpipe_body body;  /* of other kinds: how far its first message has been looked at */
    unsigned long long offset; /* of its unread bytes, from 0 */
    long long count;
    bool ended_open; /* its last line had no end */
};

enum source_result { SOURCE_NONE, SOURCE_ONE, SOURCE_WAIT, SOURCE_FAILED };

/* The next request, or as many as may be taken at once; SOURCE_WAIT: stdin has no
 * whole message yet; FAILED: said and decided. */
enum source_result source_next(struct source *s, int most, struct request *q);
/* The request is no longer needed. */
void source_done(struct source *s);
/* Whether another can be had at once. */
bool source_has_more(const struct source *s);
/* Leaves a seekable stdin behind the last request begun, and notes what was not begun: unbegun
 * bytes of the last requests are given back, if they came as they were read. */
void source_close(struct source *s, bool last_begun, size_t unbegun);

#endif
