/* inflight.c: the queue of the requests that were sent to a worker's child, and how they leave it.
 *
 * The queue is a singly linked list in the order of sending, linked by queue_next. Replies come
 * in that order, except with a rule by ID. `sending` is the first request that is not all
 * written; those after it are unwritten. Besides the host's requests the queue holds the pool's
 * own texts and placeholders for late replies, all with discards_reply set: their replies are
 * not wanted, but the replies after them can only be paired if they keep their place.
 *
 * A request leaves answered (inflight_finish), failed (inflight_fail) or forgotten
 * (inflight_remove). A failed one goes to the returned queue, either done or to be requeued:
 *   - it never reached a child that could read it, so another child gets it, not counted as an
 *     attempt (requeue_unsent); or
 *   - attempts are left and none of its reply came (inflight_may_retry), unless that would hide
 *     that replies before it may be shifted (is_final).
 * The pool picks up returned requests before anything else (worker_step).
 *
 * Invariants: blocking_count is the number of entries for which is_blocking() holds, and
 * inflight_count the sum of `count` over entries without discards_reply. The trap: is_blocking()
 * must not change while a request is in the queue, or the count is wrong from then on.
 *
 * worker*.c call these functions. The one call upwards, to worker_setup_failed(), reports that a
 * set-up text has failed. */
#include "pool/inflight.h"
#include "base/clock.h"
#include "codec/rule.h"
#include "child/handle.h"
#include "pool/worker.h"
#include <limits.h>

enum {
    MAX_REQUEUES = 2,      /* a third child that ends before a request can be sent fails it */
    SSH_EXIT_NO_HOST = 255, /* exit status of ssh: no connection, or none any more */
};

/* --- The queue --- */

/* Whether nothing may be sent after r: its reply ends where no more output comes, or could be taken
 * for the next one's. */
static bool is_blocking(const struct request *r) {
    return r->is_exclusive || (r->is_late && !rule_proves_end(r->rule)) ||
           !rule_allows_pipelining(r->rule);
}

void inflight_append(struct worker *w, struct request *r) {
    w->blocking_count += is_blocking(r);
    r->queue_next = NULL;
    if (w->inflight_last)
        w->inflight_last->queue_next = r;
    else
        w->inflight_first = r;
    w->inflight_last = r;
}

void inflight_push_front(struct worker *w, struct request *r) {
    w->blocking_count += is_blocking(r);
    r->queue_next = w->inflight_first;
    w->inflight_first = r;
    if (!w->inflight_last)
        w->inflight_last = r;
}

void inflight_remove(struct worker *w, struct request *r, struct request *instead) {
    struct request **at = &w->inflight_first, *before = NULL;
    while (*at != r) {
        before = *at;
        at = &before->queue_next;
    }
    w->blocking_count -= is_blocking(r);
    if (instead) {
        w->blocking_count += is_blocking(instead);
        instead->queue_next = r->queue_next;
        *at = instead;
    } else {
        *at = r->queue_next;
    }
    if (w->inflight_last == r)
        w->inflight_last = instead ? instead : before;
    if (w->sending == r)
        w->sending = NULL;
    w->inflight_count -= r->discards_reply ? 0 : r->count;
    w->must_rescan = true; /* output read so far may be the reply of the new oldest request */
}

bool inflight_all_sent(const struct worker *w, const struct request *r) {
    return r->sent == r->wire_size ||
           (w->input_closed && w->options->flags & DUALPIPE_POOL_ONE_SHOT);
}

bool inflight_streams_reply(const struct worker *w, const struct request *r) {
    return w->options->flags & DUALPIPE_POOL_STREAM_REPLIES && !r->discards_reply &&
           !rule_errors_need_all(r->rule);
}

uint64_t inflight_needed_end(const struct request *r) {
    bool shows_it = rule_proves_end(r->rule) || !r->expects_reply;
    return shows_it || r->wire_size == 0 || r->wire_end == 0 ? 0 : r->wire_end - (r->wire_size > 1);
}

uint64_t inflight_begun_end(const struct request *r) {
    return inflight_needed_end(r) == 0 ? 0 : r->wire_end - r->wire_size + 1;
}

bool inflight_is_unread(const struct worker *w, const struct request *r) {
    return w->input_closed && !(w->options->flags & DUALPIPE_POOL_ONE_SHOT) &&
           (r->is_unread || r->sent < r->wire_size);
}

struct request *inflight_next_unsent(struct request *r) {
    while (r && r->sent == r->wire_size)
        r = r->queue_next;
    return r;
}

/* --- The returned queue --- */

void inflight_push_returned(struct worker *w, struct request *r) {
    r->queue_next = NULL;
    if (w->returned_first)
        w->returned_last->queue_next = r;
    else
        w->returned_first = r;
    w->returned_last = r;
}

struct request *inflight_pop_returned(struct worker *w) {
    struct request *r = w->returned_first;
    if (r)
        w->returned_first = r->queue_next;
    return r;
}

/* --- Answered --- */

int64_t inflight_timestamp(const struct worker *w) {
    return w->options->flags & DUALPIPE_POOL_MEASURE_TIME ? clock_now_ns() : 0;
}

int64_t inflight_time_of_day(const struct worker *w) {
    return w->options->flags & DUALPIPE_POOL_MEASURE_USAGE ? clock_wall_us() : 0;
}

static void detach_request(struct worker *w, struct request *r, struct request *instead) {
    inflight_remove(w, r, instead);
    if (w->options->flags & DUALPIPE_POOL_MEASURE_USAGE && !r->discards_reply && w->child)
        process_measure(&w->child->process, &r->status);
    if (r->reply_complete && inflight_streams_reply(w, r))
        r->reply_size = 0; /* the last piece has been given already */
    r->ended_at = inflight_timestamp(w);
}

/* The outcome stays ANSWERED, which is 0, unless memory for the reply ran out on the way, or the
 * reply says that the request failed. */
void inflight_finish(struct worker *w, struct request *r) {
    request_judge(r);
    if (r->interrupt == INTERRUPT_SENT && r->outcome != DUALPIPE_OUTCOME_NO_MEMORY)
        r->outcome = r->given_up;
    if (worker_is_adaptive(w) && !r->is_batch)
        window_add_answers(&w->window, 1, r->reply_size);
    if (inflight_needed_end(r) > w->answered_end) {
        w->answered_end = inflight_needed_end(r);
        w->answered_number = r->number + r->answered_count + r->count - 1;
    }
    detach_request(w, r, NULL);
    w->failures = 0;
    r->is_done = true;
}

/* --- Failed: done, retried, or requeued --- */

/* Not if its child is a session's only one, which nothing replaces. */
bool inflight_may_retry(const struct worker *w, const struct request *r) {
    return r->attempt <= w->options->retries && !r->is_final &&
           !(w->options->flags & DUALPIPE_POOL_WAIT_FOR_LATE) &&
           (!r->got_any || w->options->flags & DUALPIPE_POOL_RETRY_PARTIAL);
}

/* With ONE_SHOT an empty reply is valid, so only exit status 255, which is ssh's, shows that the
 * child never came up. */
bool inflight_never_reached_child(const struct worker *w, const struct request *r) {
    bool one_shot = w->options->flags & DUALPIPE_POOL_ONE_SHOT;
    return w->options->max_start_failures > 0 && w->state == WORKER_READY &&
           w->child->received == 0 && (!one_shot || r->status.code == SSH_EXIT_NO_HOST);
}

/* The child ended before r had any effect: r goes to another child, if its whole text is still
 * there. A request that never reached a child may do so any number of times, because the worker is
 * disabled in the end (max_start_failures); another one MAX_REQUEUES times, if nothing of it was
 * sent. A ONE_SHOT child may have answered without reading its input. */
static bool requeue_unsent(const struct worker *w, struct request *r) {
    bool has_text = r->borrowed_text || buffer_len(&r->copy) >= r->text_size;
    bool never_reached = inflight_never_reached_child(w, r);
    if (!has_text || (r->got_any && w->options->flags & DUALPIPE_POOL_ONE_SHOT))
        return false;
    if (!never_reached &&
        (r->sent > 0 || r->wire_size == 0 || w->options->flags & DUALPIPE_POOL_INTERACTIVE ||
         r->requeues >= MAX_REQUEUES))
        return false;
    if (r->borrowed_text && request_copy(r, r->borrowed_text) < 0) {
        r->outcome = DUALPIPE_OUTCOME_NO_MEMORY;
        return false;
    }
    r->borrowed_text = NULL;
    r->attempt--;
    r->requeues++;
    return true;
}

/* A resource limit ended the child. A reply that seems complete may have been cut by it. */
static void set_limit_outcome(struct request *r, enum dualpipe_limit limit) {
    r->reply_complete = false;
    r->status.limit = limit;
    if (r->outcome == DUALPIPE_OUTCOME_CHILD_ENDED)
        r->outcome = DUALPIPE_OUTCOME_LIMIT;
}

/* Whether only a retry brings r to another child: a single one is not replaced otherwise. */
static bool needs_retry(const struct worker *w, const struct request *r) {
    const struct dualpipe_pool_options *o = w->options;
    return o->workers == 1 && !(o->flags & DUALPIPE_POOL_REPLACE) && o->max_start_failures == 0 &&
           inflight_may_retry(w, r);
}

/* A batch is never retried as a whole: its first request was split off before, if it could be. A
 * text that is too long for the child's terminal, of which nothing was sent, would be so again. */
void inflight_fail(struct worker *w, struct request *r, enum dualpipe_outcome outcome,
                   struct request *instead) {
    enum dualpipe_limit limit = w->child ? w->child->process.status.limit : DUALPIPE_LIMIT_NONE;
    detach_request(w, r, instead);
    if (r->discards_reply) {
        bool is_own_text = !r->is_late && r->interrupt != INTERRUPT_PROBE;
        request_recycle(r, w->requests);
        if (is_own_text)
            worker_setup_failed(w, outcome);
        return;
    }
    if (outcome == DUALPIPE_OUTCOME_CHILD_ENDED && r->given_up && !limit)
        outcome = r->given_up; /* the interrupt may have ended it */
    r->outcome = r->outcome == DUALPIPE_OUTCOME_NO_MEMORY ? r->outcome : outcome;
    r->interrupt = INTERRUPT_NONE; /* it was in vain */
    r->reason = w->desync_reason;
    if (!r->reason && inflight_is_unread(w, r))
        r->reason = "it closed its input before it had read the request";
    if (outcome == DUALPIPE_OUTCOME_CHILD_ENDED && limit)
        set_limit_outcome(r, limit);
    if (r->is_batch) {
        r->is_done = true;
    } else if (outcome == DUALPIPE_OUTCOME_CHILD_ENDED && !needs_retry(w, r) &&
               requeue_unsent(w, r)) {
        r->must_requeue = true;
    } else if (inflight_may_retry(w, r) && (outcome != DUALPIPE_OUTCOME_TOO_LONG || r->sent > 0)) {
        r->must_requeue = true;
    } else {
        r->is_done = true;
    }
    inflight_push_returned(w, r);
}

/* --- Batches --- */

/* Splits the batch r in the queue after its answered requests and n more. */
static struct request *split_batch(struct worker *w, struct request *r, int n) {
    struct request *rest = request_split(r, n, w->requests);
    if (!rest)
        return NULL;
    rest->queue_next = r->queue_next;
    r->queue_next = rest;
    if (w->inflight_last == r)
        w->inflight_last = rest;
    if (w->sending == r)
        w->sending = inflight_next_unsent(r);
    return rest;
}

struct request *inflight_split_first(struct worker *w, struct request *r) {
    struct request *rest;
    if (r->is_batch && r->answered_count > 0) {
        if (!(rest = split_batch(w, r, 0)))
            return r;
        inflight_finish(w, r);
        inflight_push_returned(w, r);
        r = rest;
    }
    if (r->is_batch && (r->count == 1 || split_batch(w, r, 1)))
        request_make_single(r);
    return r;
}

/* --- What the child has not read --- */

static long count_lines(const char *p, size_t n) {
    long lines;
    dualpipe_lines(p, n, LONG_MAX, &lines);
    return lines;
}

/* How many requests of the batch r, its last ones, the child has not read. Those before r end at
 * `start`; unread are the bytes from w->read_end on that it left in the pipe. A line of which only
 * the end is left was read. */
static long count_unread(const struct worker *w, const struct request *r, uint64_t start,
                         const struct buffer *unread) {
    const char *p = buffer_data(unread);
    size_t from = start > w->read_end ? (size_t)(start - w->read_end) : 0;
    size_t to = r->wire_end > w->read_end ? (size_t)(r->wire_end - w->read_end) : 0;
    long lines = 0;
    if (to > from)
        lines = count_lines(p + from, to - from) - (start < w->read_end && *p == '\n');
    if (r->sent < r->wire_size)
        lines += count_lines(request_unsent(r), r->wire_size - r->sent);
    return lines;
}

/* Marks the last requests of the batch r, which the child has not read, and splits it in front of
 * them; without memory all of r is marked. Returns the last part. */
static struct request *mark_unread_lines(struct worker *w, struct request *r, long lines) {
    struct request *rest = NULL;
    if (lines > 0 && lines < r->count)
        rest = split_batch(w, r, r->count - (int)lines);
    rest = rest ? rest : r;
    rest->is_unread = lines > 0;
    return rest;
}

/* `single` is the request in front of a batch that was split off from it: it has no wire_end, and
 * is unread if more lines are than the batch has requests. If even more are, a request before it
 * was answered without having been read. */
int64_t inflight_find_unread(struct worker *w) {
    struct buffer unread = {.max = SIZE_MAX};
    bool is_known = handle_take_unread(w->child, &unread) == 0;
    struct request *single = NULL;
    uint64_t start = 0;
    int64_t mispaired = 0;
    for (struct request *r = w->inflight_first; r; r = r->queue_next) {
        uint64_t end = r->wire_end;
        if (!r->is_batch) {
            r->is_unread = inflight_needed_end(r) > w->read_end;
            single = end == 0 && !r->discards_reply ? r : NULL;
        } else if (end > w->read_end || r->sent < r->wire_size) {
            long lines = is_known ? count_unread(w, r, start, &unread) : r->count;
            if (single && lines > r->count)
                single->is_unread = true;
            if (single && lines > r->count + 1)
                mispaired = single->number - 1;
            else if (!single && lines > r->count)
                mispaired = r->number + r->answered_count - 1;
            r = mark_unread_lines(w, r, lines);
            single = NULL;
        }
        start = end > start ? end : start;
    }
    buffer_free(&unread);
    return mispaired;
}
