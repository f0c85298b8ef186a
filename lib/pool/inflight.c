/* inflight.c: what is under way with a child, and how it comes back. */
#include "pool/inflight.h"
#include "base/clock.h"
#include "codec/rule.h"
#include "child/handle.h"
#include "pool/worker.h"

enum {
    MOST_BOUNCES = 3, /* children that end before a request can be sent */
    NO_SSH = 255, /* status of ssh: no connection, or none any more */
};

/* Nothing may be sent behind it: its reply ends where nothing follows, or could be taken for the
 * next one's. */
static bool is_blocking(const struct request *r) {
    return r->is_exclusive || (r->is_late && !rule_can_tell_late(r->rule)) ||
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
    w->must_rescan = true;
}

bool inflight_all_sent(const struct worker *w, const struct request *r) {
    return r->sent == r->wire_size || w->input_closed;
}

struct request *inflight_next_unsent(struct request *r) {
    while (r && r->sent == r->wire_size)
        r = r->queue_next;
    return r;
}

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

bool inflight_may_retry(const struct worker *w, const struct request *r) {
    return r->attempt <= w->options->retries &&
           (!r->got_any || w->options->flags & DUALPIPE_POOL_RETRY_PARTIAL);
}

int64_t inflight_timestamp(const struct worker *w) {
    return w->options->flags & DUALPIPE_POOL_MEASURE_TIME ? clock_now_ns() : 0;
}

/* It is no longer under way here. */
static void detach_request(struct worker *w, struct request *r,
                           struct request *instead) {
    inflight_remove(w, r, instead);
    if (r->reply_complete && w->options->flags & DUALPIPE_POOL_STREAM_REPLIES)
        r->reply_size = 0; /* it has been given */
    r->ended_at = inflight_timestamp(w);
}

void inflight_finish(struct worker *w, struct request *r) {
    if (worker_is_adaptive(w) && !r->is_batch)
        window_add_answers(&w->window, 1, r->reply_size);
    detach_request(w, r, NULL);
    w->failures = 0;
    r->is_done = true; /* answered, which is 0, unless its bytes could not be held */
}

/* Silence is an answer of a child of its own: only ssh's word is taken there. */
bool inflight_never_reached_child(const struct worker *w, const struct request *r) {
    bool fresh = w->options->flags & DUALPIPE_POOL_ONE_SHOT;
    return w->options->max_start_failures > 0 && w->state == WORKER_READY &&
           w->child->received == 0 && (!fresh || r->status.code == NO_SSH);
}

/* The child ended before anything of it could be sent: it goes to another, if it can be kept. How
 * often is left to the workers, where these are given up. One of its own may have answered all the
 * same. */
static bool requeue_unsent(const struct worker *w, struct request *r) {
    bool kept = r->borrowed_text || buffer_len(&r->copy) >= r->text_size;
    bool nobody = inflight_never_reached_child(w, r);
    if (!kept || (r->got_any && w->options->flags & DUALPIPE_POOL_ONE_SHOT))
        return false;
    if (!nobody &&
        (r->sent > 0 || r->wire_size == 0 || w->options->flags & DUALPIPE_POOL_INTERACTIVE ||
         r->requeues >= MOST_BOUNCES - 1))
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

/* All of a reply may seem to be there, where it was cut. */
static void set_limit_outcome(struct request *r, enum dualpipe_limit limit) {
    r->reply_complete = false;
    r->status.limit = limit;
    if (r->outcome == DUALPIPE_OUTCOME_CHILD_ENDED)
        r->outcome = DUALPIPE_OUTCOME_LIMIT;
}

void inflight_fail(struct worker *w, struct request *r, enum dualpipe_outcome o,
                   struct request *instead) {
    enum dualpipe_limit limit = w->child ? w->child->process.status.limit : DUALPIPE_LIMIT_NONE;
    detach_request(w, r, instead);
    if (r->discards_reply) {
        bool ours = !r->is_late;
        request_recycle(r, w->requests);
        if (ours)
            worker_setup_failed(w, o);
        return;
    }
    r->outcome = r->outcome == DUALPIPE_OUTCOME_NO_MEMORY ? r->outcome : o;
    r->reason = w->desync_reason;
    if (o == DUALPIPE_OUTCOME_CHILD_ENDED && limit)
        set_limit_outcome(r, limit);
    if (r->is_batch) {
        r->is_done = true;
    } else if (o == DUALPIPE_OUTCOME_CHILD_ENDED && requeue_unsent(w, r)) {
        r->must_requeue = true;
    } else if (inflight_may_retry(w, r) && (o != DUALPIPE_OUTCOME_TOO_LONG || r->sent > 0)) {
        r->must_requeue = true;
    } else {
        r->is_done = true;
    }
    inflight_push_returned(w, r);
}

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
