/* listen.c: how a child that is asked goes on: what there is to hear, to conclude from its end,
 * and to give. */
#include "child/handle.h"
#include "base/clock.h"
#include "pool/worker.h"
#include "codec/rule.h"

enum {
    MOST_TAKES = 32, /* of what a child has left: a pipe may hold 1 MiB */
    MOST_STDERR = 2, /* reads of 64 KiB, which a pipe holds */
    CLOSED_PATIENCE = 2000,
};

/* --- stderr ------------------------------------------------------------------------------ */

static struct request_chunk *oldest_awaited(const struct worker *w) {
    struct request_chunk *r = w->inflight_first;
    while (r && r->discards_reply)
        r = r->queue_next;
    return r;
}

static void worker_recv_pass_stderr(struct worker *w) {
    struct buffer *held = &w->child->err.buf;
    size_t n = buffer_len(held);
    struct request_chunk *r;
    if (n == 0)
        return;
    r = w->options->flags & DUALPIPE_POOL_KEEP_STDERR ? oldest_awaited(w) : NULL;
    if (!r || n + buffer_len(&r->err) > worker_max_reply(w) ||
        buffer_append(&r->err, buffer_data(held), n) < 0)
        worker_notify(w, DUALPIPE_POOL_EVENT_STDERR,
                      (struct dualpipe_pool_event){.data = buffer_data(held), .size = n});
    buffer_consume(held, n);
}

void worker_recv_drain_stderr(struct worker *w) {
    int takes = 0;
    if (w->child->err.fd < 0)
        return;
    do
        worker_recv_pass_stderr(w);
    while (++takes <= MOST_STDERR && handle_recv(w->child, &w->child->err, false) > 0);
}

/* --- stdout ------------------------------------------------------------------------------ */

static struct request_chunk *recv_oldest(struct worker *w, bool *on) {
    struct request_chunk *r = w->inflight_first;
    if (!r) {
        worker_take_notifications(w);
        if (w->state == WORKER_READY && !rule_matches_by_id(w->options->rule))
            worker_report_stray(w);
        return NULL;
    }
    if (r->expects_reply && !r->reply_complete)
        return worker_recv(w, r, on);
    if (r->reply_complete && w->options->flags & DUALPIPE_POOL_ONE_SHOT)
        worker_recv_discard(w); /* only its end is awaited */
    if (!inflight_all_sent(w, r) ||
        (r->reply_complete && w->options->flags & DUALPIPE_POOL_ONE_SHOT))
        return NULL;
    *on = true;
    if (!r->discards_reply)
        return worker_recv_complete(w, r);
    worker_drop_reply(w, r);
    return NULL;
}

/* Its last line is one though it has no end: at end of file, or if it ended well. */
static bool last_line_complete(const struct worker *w, const struct request_chunk *r) {
    const struct process *p = &w->child->process;
    return r && r->expects_reply && !r->reply_complete && !w->desync_reason && !w->at_eof &&
           !w->child->out.error && (r->rule->until_eof || (p->has_ended && p->status.code == 0));
}

/* A child that has closed its output is given a while to end: then its status is known. */
static void arm_exit_timer(struct worker *w, const struct request_chunk *r) {
    bool fresh = r && r->reply_complete && w->options->flags & DUALPIPE_POOL_ONE_SHOT;
    bool awaited =
        r ? r->expects_reply && !r->reply_complete && inflight_all_sent(w, r) : w->wanted_after_eof;
    int64_t until;
    if (w->state == WORKER_READY && !fresh && !awaited)
        w->state_deadline = CLOCK_NEVER;
    if (w->state_deadline != CLOCK_NEVER || (!fresh && !awaited))
        return;
    until = clock_deadline(fresh ? worker_exit_timeout(w) : CLOSED_PATIENCE);
    w->state_deadline = r && !fresh && r->deadline > 0 && r->deadline < until ? r->deadline : until;
}

/* The child, or its output, has ended: what is there is read, without waiting for whoever else
 * holds the pipe. Whether there is more to be heard. */
static bool on_exit_or_eof(struct worker *w) {
    const dualpipe *c = w->child;
    if (!c->process.has_ended && !c->out.ended)
        return false;
    if (!c->out.ended && !w->desync_reason && w->reads_after_exit++ < MOST_TAKES &&
        worker_recv_read(w) > 0)
        return true;
    if (last_line_complete(w, w->inflight_first)) {
        w->at_eof = w->must_rescan = true;
        return true;
    }
    if (c->process.has_ended || c->is_session)
        worker_reap(w);
    else
        arm_exit_timer(w, w->inflight_first);
    return false;
}

/* Whether what comes after the last reply hints at a reply that was longer than thought. */
static bool may_have_late_output(const struct worker *w) {
    return w->options->shutdown_count == 0 && !rule_needs_drained(w->options->rule) &&
           !rule_has_fence(w->options->rule);
}

/* What it still says is nobody's. */
static void drain_until_exit(struct worker *w) {
    do {
        bool wanted = w->state == WORKER_EOF_SENT && w->options->shutdown_count == 0;
        size_t n = wanted && worker_report_stray(w) ? 0 : worker_recv_discard(w);
        if (w->state == WORKER_EOF_SENT && may_have_late_output(w))
            w->trailing_size += n;
    } while (w->child->process.has_ended && w->reads_after_exit++ < MOST_TAKES &&
             worker_recv_read(w) > 0);
    if (w->state == WORKER_QUITTING)
        worker_shutdown(w);
    if (w->child->process.has_ended) {
        worker_recv_drain_stderr(w);
        worker_reap(w);
    }
}

/* Out of step it is of no use to those that wait; a session tells them so. */
static bool needs_replacement(const struct worker *w) {
    bool waits = w->inflight_count > 0 || w->options->flags & DUALPIPE_POOL_WAIT_FOR_LATE;
    return w->desync_reason && waits && w->child && w->state == WORKER_READY;
}

static struct request_chunk *pop_returned(struct worker *w) {
    struct request_chunk *r = w->returned_first;
    if (r)
        w->returned_first = r->queue_next;
    return r;
}

struct request_chunk *worker_step(struct worker *w) {
    struct request_chunk *r = pop_returned(w);
    bool on;
    if (r || !w->child)
        return r;
    if (w->sending)
        worker_send_more(w);
    worker_recv_pass_stderr(w);
    if (w->state >= WORKER_QUITTING && !worker_awaits_quit_reply(w)) {
        drain_until_exit(w);
        return pop_returned(w);
    }
    do {
        on = false;
        if ((r = recv_oldest(w, &on)))
            return r;
    } while (on || (w->child && on_exit_or_eof(w)));
    if (w->state == WORKER_QUITTING)
        worker_shutdown(w);
    else if (needs_replacement(w))
        worker_replace(w);
    else if (w->desync_reason && w->child)
        worker_setup_next(w);
    return pop_returned(w);
}

bool worker_has_more(const struct worker *w) {
    const struct request_chunk *r = w->inflight_first;
    const char *p;
    if (w->returned_first)
        return true;
    if (r && !r->expects_reply && !r->reply_complete && inflight_all_sent(w, r))
        return true;
    return w->child && w->inflight_first && !w->desync_reason &&
           (w->must_rescan || w->child->received != w->received_at_scan) &&
           handle_output(w->child, &p) > w->kept_size + w->lent_size;
}
