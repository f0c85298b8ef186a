/* window.c: what a request costs a child, measured as it answers, and so how many it is given. */
#include "dualpipe.h"
#include "pool/window.h"
#include "base/clock.h"

enum {
    TARGET_NS = 5000000, /* of work that a child has at most: what it can't give to others */
    REST_NS = WINDOW_REST_MS * 1000000,
    MOST = 2048,         /* requests: they may turn out dear, and can't be called back */
    MOST_BYTES = 524288, /* of replies: more only displace each other in the cache */
    MEMORY = 128,        /* requests that the mean is of */
    LEAST_IN_REST = 8,   /* answers that are worth a rest */
    PIPE_BYTES = 32768,  /* of replies, half of what a pipe holds */
};

void window_begin(struct window *win) {
    win->last_progress = clock_now_ns();
}

void window_add_answers(struct window *win, int n, size_t bytes) {
    int64_t now = clock_now_ns(), took = now - win->last_progress;
    int before = win->is_warm ? win->sample_count : 0, most = n > MEMORY ? n : MEMORY;
    int sum = before + n < most ? before + n : most;
    win->last_progress = now;
    win->ns_per_request += (took - n * win->ns_per_request) / sum;
    win->bytes_per_reply += ((int64_t)bytes - n * win->bytes_per_reply) / sum;
    win->sample_count = win->is_warm ? sum : 0;
    win->is_warm = true;
}

int window_size(const struct window *win) {
    int64_t n = win->ns_per_request > 0
                    ? (TARGET_NS + win->ns_per_request - 1) / win->ns_per_request
                    : MOST;
    if (n > 2 && n * win->bytes_per_reply > MOST_BYTES)
        n = win->bytes_per_reply < MOST_BYTES / 2 ? MOST_BYTES / win->bytes_per_reply : 2;
    if (!win->is_warm || n < 1)
        return 1;
    return n < MOST ? (int)n : MOST;
}

/* Given in bulk, when half has been answered; none behind one that takes long. */
int window_room(struct window *win, int under_way) {
    int most = window_size(win);
    if (under_way <= most / 2)
        win->is_filling = true;
    if (under_way >= most)
        win->is_filling = false;
    if (!win->is_filling || (under_way > 0 && clock_now_ns() - win->last_progress > TARGET_NS))
        return 0;
    return most - under_way;
}

/* It was looked at just now: its silence so far doesn't shorten what it has to do. */
bool window_may_rest(const struct window *win, int under_way) {
    return win->ns_per_request * LEAST_IN_REST < REST_NS &&
           under_way * win->ns_per_request > 2 * REST_NS &&
           win->bytes_per_reply * REST_NS < PIPE_BYTES * win->ns_per_request;
}
