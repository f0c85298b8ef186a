/* worker_send.c: the write side of a worker.
 *
 * worker_send() prepares a request (fence token, ID, copy) and appends it to the queue; only if
 * every earlier request is all written does it write at once. Writes never wait: dualpipe_write()
 * has a limit of 0 here, and the rest is kept for worker_send_more(), which worker_step() calls
 * as long as w->sending is set.
 *
 * The host's bytes are valid only during the call. So the unsent rest is copied, unless the pool
 * was opened with ZERO_COPY: then a long rest is borrowed and written from the host's memory, and
 * the pool has no room for other requests until it is written (worker_borrows_text).
 *
 * A closed stdin (EPIPE, or a hang-up seen by poll) is no failure of the requests that the child
 * has read: it may have answered already, or go on to. Those that it has not read whole can't be
 * answered whatever it prints (inflight_find_unread). With ONE_SHOT, where all output is one
 * request's, they may be: input_closed alone then makes it count as all sent. A line that is too
 * long for the child's terminal (EMSGSIZE), of which nothing was sent, fails its own request only.
 * Any other error puts the worker out of step.
 *
 * The trap: half a request can't be taken back. If no memory is left for the rest of one that has
 * begun, the child must be stopped; hence the calls upwards to worker_stop(). */
#include "pool/worker_send.h"
#include "codec/fence.h"
#include "codec/rule.h"
#include "child/handle.h"
#include "pool/inflight.h"
#include "pool/worker.h"
#include "pool/worker_interrupt.h"
#include <errno.h>
#include <stdio.h>

enum {
    MIN_LARGE = 65536,         /* bytes that are many: a pipe's ordinary capacity */
    MAX_ENLARGING_WORKERS = 8, /* a user's pipe memory would do for some 32 workers' large pipes */
};

/* --- Writing --- */

void worker_send_hung_up(struct worker *w) {
    worker_find_unread(w);
    w->input_closed = true;
    dualpipe_close_stdin(w->child);
}

/* Writes as much of r as its child takes now. The unsent bytes lie at p. */
static void write_some(struct worker *w, struct request *r, const char *p) {
    ssize_t written = 0;
    if (r->sent < r->wire_size && !w->input_closed)
        written = dualpipe_write(w->child, p, r->wire_size - r->sent, 0);
    if (written >= 0) {
        r->sent += (size_t)written;
        r->wire_end = w->sent_size += (uint64_t)written;
    } else if (written == -EMSGSIZE && r->sent == 0) {
        struct request *next = r->queue_next;
        inflight_fail(w, r, DUALPIPE_OUTCOME_TOO_LONG, NULL); /* nothing was sent */
        w->sending = inflight_next_unsent(next);
        return;
    } else if (written != -ETIMEDOUT && written != -ENOBUFS) {
        if (written != -EPIPE)
            w->desync_reason = "it could not be written to";
        w->child->stdin_hung_up = true; /* for worker_step(), when r is copied and in order */
    }
    if (r->sent < r->wire_size)
        return;
    r->borrowed_text = NULL;
    w->sending = inflight_next_unsent(r->queue_next);
    if (w->options->flags & DUALPIPE_POOL_ONE_SHOT && !r->discards_reply)
        dualpipe_close_stdin(w->child);
}

void worker_send_more(struct worker *w) {
    struct request *r = w->sending;
    while (r && !w->input_closed && !w->desync_reason) {
        write_some(w, r, request_unsent(r));
        if (w->sending == r)
            return; /* the pipe is full */
        r = w->sending;
    }
}

/* A borrowed text keeps the pool from taking other requests, so only a long one is worth it, and
 * only where there is one worker. */
static bool may_borrow_text(const struct worker *w, const struct request *r) {
    return w->options->flags & DUALPIPE_POOL_ZERO_COPY && w->options->workers == 1 &&
           !r->discards_reply && !r->is_batch && buffer_len(&r->copy) == 0 &&
           r->wire_size - r->sent >= MIN_LARGE;
}

void worker_send_or_copy(struct worker *w, struct request *r, const char *from, const char *p) {
    w->sending = r;
    if (w->options->flags & DUALPIPE_POOL_ZERO_COPY && r->wire_size - r->sent >= MIN_LARGE &&
        w->options->workers <= MAX_ENLARGING_WORKERS)
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

/* --- Sending --- */

/* Gives r its fence token and its ID, and copies its text if it will be needed after this call: to
 * append the fence, to find the ID in, to send it again, or to send it later. */
static int assign_token_and_id(struct worker *w, struct request *r, const void *p) {
    bool has_fence = r->expects_reply && (r->text_size > 0 || r->interrupt == INTERRUPT_PROBE) &&
                     rule_has_fence(r->rule);
    bool by_id = rule_matches_by_id(r->rule);
    bool is_unproven = w->options->max_start_failures > 0 && w->child->received == 0;
    struct span id;
    r->wire_size = r->text_size;
    r->in_place = !by_id;
    if (p &&
        (has_fence || by_id || is_unproven || w->sending || r->attempt < w->options->retries ||
         w->options->flags & DUALPIPE_POOL_KEEP_REQUESTS) &&
        request_copy(r, p) < 0)
        return -ENOMEM;
    r->has_id = by_id && rule_request_id(r->rule, buffer_data(&r->copy), r->text_size, &id);
    if (r->has_id) {
        r->id = buffer_data(&r->copy) + id.start;
        r->id_size = id.end - id.start;
    }
    if (!has_fence)
        return 0;
    fence_make_token(r->token, w->token_salt, ++w->token_count);
    r->scan.token = r->token;
    return request_append_fence(r);
}

int worker_send(struct worker *w, struct request *r, const void *p) {
    const char *from = p;
    if (assign_token_and_id(w, r, p) < 0)
        return -ENOMEM;
    if (buffer_len(&r->copy) > 0)
        from = buffer_data(&r->copy) + r->wire_offset;
    r->sent_at = inflight_timestamp(w);
    r->started_us = w->options->flags & DUALPIPE_POOL_ONE_SHOT ? w->child_started_us
                                                               : inflight_time_of_day(w);
    if (w->options->flags & DUALPIPE_POOL_TRACE_SENT && r->wire_size > 0)
        worker_notify(
            w, DUALPIPE_POOL_EVENT_SENDING,
            (struct dualpipe_pool_event){.data = from, .size = r->wire_size, .number = r->number});
    inflight_append(w, r);
    r->worker_index = w->index;
    r->attempt += !r->discards_reply;
    if (worker_is_adaptive(w) && w->inflight_count == 0 && !r->discards_reply)
        window_begin(&w->window);
    if (!r->discards_reply) {
        w->last_number = r->number + r->count - 1;
        w->last_is_proven = rule_proves_end(r->rule);
    }
    w->sent_count += r->discards_reply ? 0 : r->count;
    w->inflight_count += r->discards_reply ? 0 : r->count;
    w->must_rescan = true;
    r->generation = w->children_started;
    if (w->sending)
        return 0; /* its turn comes in worker_send_more() */
    worker_send_or_copy(w, r, from, p);
    return 0;
}

void worker_send_probe(struct worker *w, const dualpipe_rule *rule, int attempt) {
    struct request *probe = worker_interrupt_make_probe(w, rule, attempt);
    if (probe && worker_send(w, probe, NULL) == 0)
        return;
    if (probe)
        request_recycle(probe, w->requests);
    w->desync_reason = "no memory was left";
}
