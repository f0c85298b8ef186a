/* inflight.c: what is under way with a child: requests and their fences as they are sent, and how
 * they come back. */
#include "child/handle.h"
#include "base/clock.h"
#include "pool/worker.h"
#include "codec/rule.h"
#include <errno.h>
#include <stdio.h>

enum {
    MOST_BOUNCES = 3, /* children that end before a request can be sent */
    LOOKED_NS = 20000,
    LENT_LEAST = 65536, /* a pipe's room */
    NO_SSH = 255, /* status of ssh: no connection, or none any more */
    MOST_LARGE = 8,     /* workers whose pipes are enlarged: the user has room for 32 or so */
};

void worker_notify(struct worker *w, enum dualpipe_pool_event_type news,
                   struct dualpipe_pool_event n) {
    n.type = news;
    n.worker = w->index;
    n.child = w->child;
    if (w->options->callback)
        w->options->callback(w->options->callback_data, &n);
}

ssize_t worker_recv_read(struct worker *w) {
    return handle_recv(w->child, &w->child->out, false);
}

/* --- what is under way ------------------------------------------------------------------- */

/* Nothing may be sent behind it: its reply ends where nothing follows, or could be taken for the
 * next one's. */
static bool is_blocking(const struct request_chunk *r) {
    return r->is_exclusive || (r->is_late && !rule_can_tell_late(r->rule)) ||
           !rule_allows_pipelining(r->rule);
}

static void inflight_append(struct worker *w, struct request_chunk *r) {
    w->blocking_count += is_blocking(r);
    r->queue_next = NULL;
    if (w->inflight_last)
        w->inflight_last->queue_next = r;
    else
        w->inflight_first = r;
    w->inflight_last = r;
}

void inflight_push_front(struct worker *w, struct request_chunk *r) {
    w->blocking_count += is_blocking(r);
    r->queue_next = w->inflight_first;
    w->inflight_first = r;
    if (!w->inflight_last)
        w->inflight_last = r;
}

void inflight_remove(struct worker *w, struct request_chunk *r, struct request_chunk *instead) {
    struct request_chunk **at = &w->inflight_first, *before = NULL;
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

void inflight_push_returned(struct worker *w, struct request_chunk *r) {
    r->queue_next = NULL;
    if (w->returned_first)
        w->returned_last->queue_next = r;
    else
        w->returned_first = r;
    w->returned_last = r;
}

bool inflight_may_retry(const struct worker *w, const struct request_chunk *r) {
    return r->attempt <= w->options->retries &&
           (!r->got_any || w->options->flags & DUALPIPE_POOL_RETRY_PARTIAL);
}

static int64_t inflight_timestamp(const struct worker *w) {
    return w->options->flags & DUALPIPE_POOL_MEASURE_TIME ? clock_now_ns() : 0;
}

/* It is no longer under way here. */
static void detach_request(struct worker *w, struct request_chunk *r,
                           struct request_chunk *instead) {
    inflight_remove(w, r, instead);
    if (r->reply_complete && w->options->flags & DUALPIPE_POOL_STREAM_REPLIES)
        r->reply_size = 0; /* it has been given */
    r->ended_at = inflight_timestamp(w);
}

void inflight_finish(struct worker *w, struct request_chunk *r) {
    if (worker_is_adaptive(w) && !r->is_batch)
        window_add_answers(&w->window, 1, r->reply_size);
    detach_request(w, r, NULL);
    w->failures = 0;
    r->is_done = true; /* answered, which is 0, unless its bytes could not be held */
}

/* Silence is an answer of a child of its own: only ssh's word is taken there. */
bool inflight_never_reached_child(const struct worker *w, const struct request_chunk *r) {
    bool fresh = w->options->flags & DUALPIPE_POOL_ONE_SHOT;
    return w->options->max_start_failures > 0 && w->state == WORKER_READY &&
           w->child->received == 0 && (!fresh || r->status.code == NO_SSH);
}

/* The child ended before anything of it could be sent: it goes to another, if it can be kept. How
 * often is left to the workers, where these are given up. One of its own may have answered all the
 * same. */
static bool requeue_unsent(const struct worker *w, struct request_chunk *r) {
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
static void set_limit_outcome(struct request_chunk *r, enum dualpipe_limit limit) {
    r->reply_complete = false;
    r->status.limit = limit;
    if (r->outcome == DUALPIPE_OUTCOME_CHILD_ENDED)
        r->outcome = DUALPIPE_OUTCOME_LIMIT;
}

void inflight_fail(struct worker *w, struct request_chunk *r, enum dualpipe_outcome o,
                   struct request_chunk *instead) {
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

/* --- sending ----------------------------------------------------------------------------- */

bool inflight_all_sent(const struct worker *w, const struct request_chunk *r) {
    return r->sent == r->wire_size || w->input_closed;
}

struct request_chunk *inflight_next_unsent(struct request_chunk *r) {
    while (r && r->sent == r->wire_size)
        r = r->queue_next;
    return r;
}

/* Its rest lies at p. */
static void write_some(struct worker *w, struct request_chunk *r, const char *p) {
    ssize_t written = 0;
    if (r->sent < r->wire_size)
        written = dualpipe_write(w->child, p, r->wire_size - r->sent, 0);
    if (written >= 0) {
        r->sent += (size_t)written;
    } else if (written == -EMSGSIZE && r->sent == 0) {
        struct request_chunk *next = r->queue_next;
        inflight_fail(w, r, DUALPIPE_OUTCOME_TOO_LONG, NULL); /* nothing of it went */
        w->sending = inflight_next_unsent(next);
        return;
    } else if (written != -ETIMEDOUT && written != -ENOBUFS) {
        w->input_closed = true; /* a reply may come all the same */
        dualpipe_close_stdin(w->child);
        if (written != -EPIPE)
            w->desync_reason = "it could not be written to";
    }
    if (r->sent < r->wire_size)
        return;
    r->borrowed_text = NULL;
    w->sending = inflight_next_unsent(r->queue_next);
    if (w->options->flags & DUALPIPE_POOL_ONE_SHOT && !r->discards_reply)
        dualpipe_close_stdin(w->child);
}

void worker_send_more(struct worker *w) {
    struct request_chunk *r = w->sending;
    while (r && !w->input_closed && !w->desync_reason) {
        write_some(w, r, request_unsent(r));
        if (w->sending == r)
            return; /* no more goes now */
        r = w->sending;
    }
}

/* Gives it its token, and keeps what will be needed again. */
static int assign_token_and_id(struct worker *w, struct request_chunk *r, const void *p) {
    bool fenced = r->expects_reply && r->text_size > 0 && rule_has_fence(r->rule);
    bool by_id = rule_matches_by_id(r->rule);
    bool unsure = w->options->max_start_failures > 0 && w->child->received == 0;
    struct span id;
    bool starved = false;
    r->wire_size = r->text_size;
    r->in_place = !by_id;
    if (p &&
        (fenced || by_id || unsure || w->sending || r->attempt < w->options->retries ||
         w->options->flags & DUALPIPE_POOL_KEEP_REQUESTS) &&
        request_copy(r, p) < 0)
        return -ENOMEM;
    r->has_id = by_id &&
                rule_request_id(r->rule, buffer_data(&r->copy), r->text_size, &id, &starved);
    if (starved)
        return -ENOMEM;
    if (r->has_id) {
        r->id = buffer_data(&r->copy) + id.start;
        r->id_size = id.end - id.start;
    }
    if (!fenced)
        return 0;
    snprintf(r->token, sizeof r->token, "dp%016llxn%llu", (unsigned long long)w->token_salt,
             (unsigned long long)++w->token_count);
    r->scan.token = r->token;
    return request_append_fence(r);
}

/* Bytes that come before a request is sent are nobody's reply. */
static void report_stray_before(struct worker *w, int64_t number) {
    const char *p;
    size_t n;
    int64_t now = clock_now_ns();
    if (!w->is_drained || now - w->last_sent_at > LOOKED_NS)
        worker_recv_read(w); /* else looking again would find what came in the last moment */
    w->last_sent_at = now;
    if (handle_output(w->child, &p) == 0)
        return;
    worker_take_notifications(w);
    n = handle_output(w->child, &p);
    if (n == 0 ||
        (rule_matches_by_id(w->options->rule) && rule_kind_is_framed(w->options->rule->kind)))
        return; /* half a frame: whose it is its id will tell */
    w->stats->unexpected_bytes += n;
    worker_notify(w, DUALPIPE_POOL_EVENT_UNEXPECTED_BYTES,
                  (struct dualpipe_pool_event){.data = p, .size = n, .number = number});
    buffer_consume(&w->child->out.buf, n);
}

/* While bytes are lent nothing else is put: they are worth it only if they are many. */
static bool may_borrow_text(const struct worker *w, const struct request_chunk *r) {
    return w->options->flags & DUALPIPE_POOL_ZERO_COPY && w->options->workers == 1 &&
           !r->discards_reply && !r->is_batch && buffer_len(&r->copy) == 0 &&
           r->wire_size - r->sent >= LENT_LEAST;
}

void worker_send_or_copy(struct worker *w, struct request_chunk *r, const char *from,
                         const char *p) {
    w->sending = r;
    if (w->options->flags & DUALPIPE_POOL_ZERO_COPY && r->wire_size - r->sent >= LENT_LEAST &&
        w->options->workers <= MOST_LARGE)
        handle_enlarge_pipes(w->child);
    write_some(w, r, from);
    if (w->sending != r)
        return;
    if (may_borrow_text(w, r)) {
        r->borrowed_text = p;
    } else if (request_copy_unsent(r, p) < 0) {
        worker_setup_failed(w, DUALPIPE_OUTCOME_NO_MEMORY);
        worker_stop(w, 0); /* half a request can't be taken back */
    }
}

int worker_submit(struct worker *w, struct request_chunk *r, const void *p) {
    const char *from = p;
    if (!w->inflight_first && !r->discards_reply && r->text_size > 0 &&
        !(w->options->flags & DUALPIPE_POOL_ONE_SHOT))
        report_stray_before(w, r->number);
    if (assign_token_and_id(w, r, p) < 0)
        return -ENOMEM;
    if (buffer_len(&r->copy) > 0)
        from = buffer_data(&r->copy);
    r->sent_at = inflight_timestamp(w);
    if (w->options->flags & DUALPIPE_POOL_TRACE_SENT && r->wire_size > 0)
        worker_notify(
            w, DUALPIPE_POOL_EVENT_SENDING,
            (struct dualpipe_pool_event){.data = from, .size = r->wire_size, .number = r->number});
    inflight_append(w, r);
    r->worker_index = w->index;
    r->attempt += !r->discards_reply;
    if (worker_is_adaptive(w) && w->inflight_count == 0 && !r->discards_reply)
        window_begin(&w->window);
    w->sent_count += r->discards_reply ? 0 : r->count;
    w->inflight_count += r->discards_reply ? 0 : r->count;
    w->must_rescan = true;
    r->generation = w->children_started;
    if (w->sending)
        return 0;
    worker_send_or_copy(w, r, from, p);
    return 0;
}

int worker_room(struct worker *w) {
    int room = w->options->window - w->inflight_count;
    if (w->state != WORKER_READY || w->desync_reason || worker_borrows_text(w))
        return 0;
    if (worker_is_adaptive(w)) /* a pipe that is full is enough to do */
        room = w->sending || w->blocking_count > 0 ? 0 : window_room(&w->window, w->inflight_count);
    if (w->options->max_requests > 0 && room > w->options->max_requests - w->sent_count)
        room = (int)(w->options->max_requests - w->sent_count);
    return room > 0 ? room : 0;
}

bool worker_can_take(struct worker *w, const struct request_chunk *r) {
    bool alone = r->is_exclusive || !rule_allows_pipelining(r->rule);
    return worker_room(w) > 0 && w->blocking_count == 0 && !(alone && w->inflight_first);
}
