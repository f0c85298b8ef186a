/* window.c: how many requests a worker may have in flight when the window is automatic.
 *
 * A child needs enough requests that it never waits for the next one, but no more than that, since
 * requests in its pipe can't be called back and given to another worker. The window is therefore
 * measured as time: as many requests as the child answers in 5 ms, by the mean of its last 128
 * answers. Requests are handed over in bulk, once half of the window has been answered, because
 * one write and one wake-up of the child then serve many requests.
 *
 * For the same reason the pool may leave a busy child's output unread for 1 ms: at 20 us a reply, a
 * wake-up for each reply costs 7 to 17 % of the throughput, as tests/bench/run shows.
 *
 * worker_send.c, inflight.c and worker_recv.c feed the mean; worker.c and pool_sched.c use it. The
 * trap: the first answer of a child also pays for its start. It warms the mean up, and the second
 * one replaces it.
 */
#include "pool/window.h"
#include "base/clock.h"

enum {
    MAX_BACKLOG_NS = 5000000, /* work that a child has at most, in nanoseconds */
    REST_NS = WINDOW_REST_MS * 1000000,
    MAX_REQUESTS = 2048,      /* they may turn out to be slow, and can't be called back */
    MAX_BYTES = 524288,       /* of replies in flight: more would not stay in the CPU's cache */
    SAMPLES = 128,            /* requests that the mean is taken over */
    MIN_ANSWERS_PER_REST = 8, /* fewer are not worth a rest */
    MAX_BYTES_PER_REST = 32768, /* of replies: half of a pipe's capacity */
};

void window_begin(struct window *win) {
    win->last_progress = clock_now_ns();
}

void window_add_answers(struct window *win, int n, size_t bytes) {
    int64_t now = clock_now_ns(), took = now - win->last_progress;
    int before = win->is_warm ? win->sample_count : 0, most = n > SAMPLES ? n : SAMPLES;
    int sum = before + n < most ? before + n : most;
    win->last_progress = now;
    win->ns_per_request += (took - n * win->ns_per_request) / sum;
    win->bytes_per_reply += ((int64_t)bytes - n * win->bytes_per_reply) / sum;
    win->sample_count = win->is_warm ? sum : 0;
    win->is_warm = true;
}

int window_size(const struct window *win) {
    int64_t n = win->ns_per_request > 0
                    ? (MAX_BACKLOG_NS + win->ns_per_request - 1) / win->ns_per_request
                    : MAX_REQUESTS;
    if (n > 2 && n * win->bytes_per_reply > MAX_BYTES)
        n = win->bytes_per_reply < MAX_BYTES / 2 ? MAX_BYTES / win->bytes_per_reply : 2;
    if (!win->is_warm || n < 1)
        return 1;
    return n < MAX_REQUESTS ? (int)n : MAX_REQUESTS;
}

/* Nothing is added after a request that has taken longer than the whole backlog should: a new one
 * would have to wait for it. */
int window_room(struct window *win, int inflight) {
    int most = window_size(win);
    if (inflight <= most / 2)
        win->is_filling = true;
    if (inflight >= most)
        win->is_filling = false;
    if (!win->is_filling || (inflight > 0 && clock_now_ns() - win->last_progress > MAX_BACKLOG_NS))
        return 0;
    return most - inflight;
}

/* The worker was polled a moment ago, so the time since its last answer is not subtracted from its
 * backlog. */
bool window_may_rest(const struct window *win, int inflight) {
    return win->ns_per_request * MIN_ANSWERS_PER_REST < REST_NS &&
           inflight * win->ns_per_request > 2 * REST_NS &&
           win->bytes_per_reply * REST_NS < MAX_BYTES_PER_REST * win->ns_per_request;
}
