/* window.h: what a request costs a child, measured as it answers, and so how many it is given. */
#ifndef WEIGH_H
#define WEIGH_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of one child, by the requests that were answered lately. A zeroed one knows nothing. */
struct window {
    int64_t last_progress; /* when its work was last known to go on: begun, or answered */
    int64_t ns_per_request;  /* nanoseconds a request */
    int64_t bytes_per_reply; /* of its reply */
    int sample_count;     /* requests that this is the mean of */
    bool is_warm;     /* it has answered: the first also pays for its start */
    bool is_filling;  /* until its window is full */
};

/* It is asked, nothing having been under way. */
void window_begin(struct window *win);
void window_add_answers(struct window *win, int n, size_t bytes);
/* How many more it is given, all at once. */
int window_room(struct window *win, int under_way);
/* How many it may have under way. */
int window_size(const struct window *win);
/* Whether it need not be looked at for a while: it has enough to do, and room for its replies. */
bool window_may_rest(const struct window *win, int under_way);
/* For how long, in milliseconds. */
enum { WINDOW_REST_MS = 1 };
#endif
