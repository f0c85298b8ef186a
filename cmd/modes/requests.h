/* requests.h: the source of requests: -e and -f options, or else the messages of stdin.
 *
 * A zeroed struct request_source with run set is open. Use: requests_next until it returns
 * REQUESTS_END or REQUESTS_FAILED, with stdin polled after each REQUESTS_WAIT; then requests_close.
 */
#ifndef MODES_REQUESTS_H
#define MODES_REQUESTS_H
#include "run/run.h"

/* One request, or several lines of stdin that are submitted at once. */
struct request_chunk {
    const char *data; /* with line end or frame; valid until requests_done or the next one */
    size_t size;
    const struct request_opts *opts; /* rule and time limit */
    int count;                       /* how many lines, each a request; 0: it is a single request */
    long long number;                /* of the first request in it, from 1 */
};

struct request_source {
    struct run *run;
    int next_input;     /* index of the next -e or -f */
    char *built;        /* the current request, if it had to be put together; else NULL */
    size_t chunk_bytes; /* bytes of the stdin buffer that the current chunk takes up */
    size_t searched;    /* first bytes of the stdin buffer that are known to hold no line end */
    struct dualpipe_frame_view frame; /* the decoder's progress in the first message of stdin */
    unsigned long long stream_offset; /* of the stdin buffer's first byte in all of stdin */
    long long taken_count;            /* requests given out so far */
    bool last_line_unterminated;      /* stdin ended without a line end, and one was added */
};

enum requests_result {
    REQUESTS_END,   /* no more will come */
    REQUESTS_READY, /* a chunk was given */
    REQUESTS_WAIT,  /* stdin holds no whole message yet */
    REQUESTS_FAILED /* the error is reported and the exit status set */
};

/* Gives the next chunk: max lines at most, if stdin has lines; max 0: exactly one request. What the
 * previous chunk pointed to becomes invalid. */
enum requests_result requests_next(struct request_source *src, int max,
                                   struct request_chunk *chunk);
/* Frees the current chunk and consumes its bytes of stdin. */
void requests_done(struct request_source *src);
/* Returns whether another request can be had without waiting for stdin. */
bool requests_has_more(const struct request_source *src);
/* Counts the requests that were not sent, and moves a seekable stdin to the first of them. unsent:
 * bytes of chunks taken earlier that no child was sent; they are given back if requests are sent in
 * the form in which stdin has them. last_submitted: the pool accepted the last chunk. */
void requests_close(struct request_source *src, bool last_submitted, size_t unsent);
#endif
