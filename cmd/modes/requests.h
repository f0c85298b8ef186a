/* requests.h: where requests come from: the command line, files, or the messages of stdin. */
#ifndef SOURCE_H
#define SOURCE_H
#include "run/run.h"

struct request_chunk {
    const char *data; /* with the frame's end; valid until requests_done */
    size_t size;
    const struct request_opts *opts;
    int count;        /* requests in it, whole lines of stdin; 0: it is one by itself */
    long long number; /* from 1 */
    bool close_stdin;      /* the child's input ends behind it */
};

struct request_source {
    struct run *run;
    int next_input;     /* of those given */
    char *built;    /* a request put together here */
    size_t chunk_bytes; /* bytes of stdin that the request lies in */
    size_t searched;  /* of its unread bytes hold no line end */
    struct dualpipe_frame_view
        frame; /* of other kinds: how far its first message has been looked at */
    unsigned long long stream_offset; /* of its unread bytes, from 0 */
    long long taken_count;
    bool last_line_unterminated; /* its last line had no end */
};

enum requests_result { REQUESTS_END, REQUESTS_READY, REQUESTS_WAIT, REQUESTS_FAILED };

/* The next request, or as many as may be taken at once; REQUESTS_WAIT: stdin has no
 * whole message yet; FAILED: said and decided. */
enum requests_result requests_next(struct request_source *src, int max,
                                   struct request_chunk *chunk);
/* The request is no longer needed. */
void requests_done(struct request_source *src);
/* Whether another can be had at once. */
bool requests_has_more(const struct request_source *src);
/* Leaves a seekable stdin behind the last request begun, and notes what was not begun: unbegun
 * bytes of the last requests are given back, if they came as they were read. */
void requests_close(struct request_source *src, bool last_submitted, size_t unsent);

#endif
