/* window.h: what a request costs a child, measured as it answers, and so how many it is given. */
#ifndef WEIGH_H
#define WEIGH_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of one child, by the requests that were answered lately. A zeroed one knows nothing. */
struct weight {
    int64_t since; /* when its work was last known to go on: begun, or answered */
    int64_t each;  /* nanoseconds a request */
    int64_t bytes; /* of its reply */
    int known;     /* requests that this is the mean of */
    bool warm;     /* it has answered: the first also pays for its start */
    bool filling;  /* until its window is full */
};

/* It is asked, nothing having been under way. */
void weigh_begin(struct weight *w);
void weigh_answers(struct weight *w, int n, size_t bytes);
/* How many more it is given, all at once. */
int weigh_room(struct weight *w, int under_way);
/* How many it may have under way. */
int weigh_window(const struct weight *w);
/* Whether it need not be looked at for a while: it has enough to do, and room for its replies. */
bool weigh_may_rest(const struct weight *w, int under_way);
/* For how long, in milliseconds. */
enum { WEIGH_REST_MS = 1 };
#endif
