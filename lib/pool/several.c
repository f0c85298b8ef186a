/* several.c: requests that were put several at a time, a line each: heard as one, and taken apart
 * again where something happens to one of them. */
#include "child/handle.h"
#include "pool/worker.h"
#include "codec/rule.h"

bool worker_extend_batch(struct worker *w, const dualpipe_rule *rule,
                         const struct dualpipe_request *q) {
    struct request_chunk *r = w->inflight_last;
    if (!r || !r->is_batch || r->answered_count > 0 || w->sending || w->desync_reason ||
        r->rule != rule || r->units_timeout_ms != q->timeout || r->tag != q->tag ||
        r->attempt <= w->options->retries)
        return false;
    buffer_consume(&r->copy, buffer_len(&r->copy));
    r->text_size = r->wire_size = q->size;
    r->sent = r->copy_offset = 0;
    r->uncopied_count = r->count;
    r->count += q->count;
    w->inflight_count += q->count;
    w->sent_count += q->count;
    worker_send_or_copy(w, r, q->data, q->data);
    return true;
}

static struct request_chunk *split_batch(struct worker *w, struct request_chunk *r, int n) {
    struct request_chunk *rest = request_split(r, n, w->requests);
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

struct request_chunk *inflight_split_first(struct worker *w, struct request_chunk *r) {
    struct request_chunk *rest;
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

/* How many of them the n bytes at p answer, and in how many bytes. */
static int count_answered(const struct request_chunk *r, const char *p, size_t n, size_t *size) {
    long each = r->rule->count, lines;
    *size = dualpipe_lines(p, n, each * r->count, &lines);
    if (lines % each != 0)
        *size = dualpipe_lines(p, n, lines - lines % each, &lines);
    return (int)(lines / each);
}

/* The reply that has only begun, or is the last of all, is heard by itself. */
static struct request_chunk *recv_first_of_batch(struct worker *w, struct request_chunk *r,
                                                 bool *on) {
    r = inflight_split_first(w, r);
    w->must_rescan = true;
    if (!r->is_batch)
        return worker_recv(w, r, on);
    w->desync_reason = "no memory was left for a reply";
    inflight_fail(w, r, DUALPIPE_OUTCOME_NO_MEMORY, NULL);
    return NULL;
}

struct request_chunk *worker_recv_batch(struct worker *w, struct request_chunk *r, bool *on) {
    const dualpipe *c = w->child;
    const char *p;
    size_t n = handle_output(c, &p), size;
    int answered;
    if (w->desync_reason || n == 0 || (c->received == w->received_at_scan && !w->must_rescan))
        return NULL;
    answered = count_answered(r, p, n, &size);
    if (answered == r->count && !inflight_all_sent(w, r))
        answered = 0;
    if (answered == 0)
        return recv_first_of_batch(w, r, on);
    w->received_at_scan = c->received;
    w->must_rescan = size < n;
    w->is_drained = c->out.drained;
    w->failures = 0;
    w->inflight_count -= answered;
    if (worker_is_adaptive(w))
        window_add_answers(&w->window, answered, size);
    request_batch_answered(r, answered);
    r->deadline = 0; /* the next is the oldest from now on */
    r->reply = p;
    r->reply_size = w->lent_size = size;
    worker_recv_drain_stderr(w);
    if (r->count == 0)
        inflight_finish(w, r);
    return r;
}
