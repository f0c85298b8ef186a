/* window.c: what a request costs a child, measured as it answers, and so how many it is given. */
#include "dualpipe.h"
#include "pool/window.h"
#include "base/clock.h"

enum {
    TARGET_NS = 5000000, /* of work that a child has at most: what it can't give to others */
    REST_NS = WEIGH_REST_MS * 1000000,
    MOST = 2048,         /* requests: they may turn out dear, and can't be called back */
    MOST_BYTES = 524288, /* of replies: more only displace each other in the cache */
    MEMORY = 128,        /* requests that the mean is of */
    LEAST_IN_REST = 8,   /* answers that are worth a rest */
    PIPE_BYTES = 32768,  /* of replies, half of what a pipe holds */
};

void weigh_begin(struct weight *w) {
    w->since = clock_ns();
}

void weigh_answers(struct weight *w, int n, size_t bytes) {
    int64_t now = clock_ns(), took = now - w->since;
    int before = w->warm ? w->known : 0, most = n > MEMORY ? n : MEMORY;
    int sum = before + n < most ? before + n : most;
    w->since = now;
    w->each += (took - n * w->each) / sum;
    w->bytes += ((int64_t)bytes - n * w->bytes) / sum;
    w->known = w->warm ? sum : 0;
    w->warm = true;
}

int weigh_window(const struct weight *w) {
    int64_t n = w->each > 0 ? (TARGET_NS + w->each - 1) / w->each : MOST;
    if (n > 2 && n * w->bytes > MOST_BYTES)
        n = w->bytes < MOST_BYTES / 2 ? MOST_BYTES / w->bytes : 2;
    if (!w->warm || n < 1)
        return 1;
    return n < MOST ? (int)n : MOST;
}

/* Given in bulk, when half has been answered; none behind one that takes long. */
int weigh_room(struct weight *w, int under_way) {
    int most = weigh_window(w);
    if (under_way <= most / 2)
        w->filling = true;
    if (under_way >= most)
        w->filling = false;
    if (!w->filling || (under_way > 0 && clock_ns() - w->since > TARGET_NS))
        return 0;
    return most - under_way;
}

/* It was looked at just now: its silence so far doesn't shorten what it has to do. */
bool weigh_may_rest(const struct weight *w, int under_way) {
    return w->each * LEAST_IN_REST < REST_NS && under_way * w->each > 2 * REST_NS &&
           w->bytes * REST_NS < PIPE_BYTES * w->each;
}
