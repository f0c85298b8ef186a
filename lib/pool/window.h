/* window.h: how many requests a worker may have in flight when the window is automatic
 * (DUALPIPE_WINDOW_AUTO): a running mean of the time that one request takes, and the number
 * of requests that keep the child busy for 5 ms.
 *
 * Typical use: window_begin() when the first request is sent to an idle child, window_add_answers()
 * for each answer, window_room() before more are sent, window_may_rest() before the pool waits. */
#ifndef POOL_WINDOW_H
#define POOL_WINDOW_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The mean over the last answers of one child. A zeroed window knows nothing and allows one request
 * at a time. */
struct window {
    int64_t last_progress;   /* when work last began or was answered, in clock nanoseconds */
    int64_t ns_per_request;
    int64_t bytes_per_reply;
    int sample_count;        /* requests in the mean */
    bool is_warm;            /* one answer has come; its time includes the child's start-up */
    bool is_filling;         /* hand over requests until the window is full */
};

/* Work begins now: the child had nothing in flight. */
void window_begin(struct window *win);
/* n requests were answered just now, with replies of that many bytes in all. */
void window_add_answers(struct window *win, int n, size_t bytes);
/* How many requests may be in flight at once: 1 to 2048. */
int window_size(const struct window *win);
/* How many more to hand over now, given how many are in flight. */
int window_room(struct window *win, int inflight);
/* Whether the child has enough to do, and its pipe enough room for replies, to leave its output
 * unread for WINDOW_REST_MS. */
bool window_may_rest(const struct window *win, int inflight);
enum { WINDOW_REST_MS = 1 };
#endif
