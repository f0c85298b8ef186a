/* worker_recv.c: what comes from a child that is asked: held against the rule of the oldest request,
 * and given to whom it belongs, in one piece where it lies if that can be. */
#include "child/handle.h"
#include "base/clock.h"
#include "pool/worker.h"
#include "codec/rule.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_TAKES = 16, /* before others are looked at */
    LONGEST_ID = 65536, /* that a child's request is answered with */
    FRAMES_MAX_HEADER = 8192, /* of a frame */
    MOST_SHOWN = 32, /* bytes of one that is wrong */
};

/* --- frames that answer nothing ---------------------------------------------------------- */

/* A request of the child's to us: we know no method. */
static void worker_refuse_method(struct worker *w, const char *id, size_t n) {
    static const char form[] = "{\"jsonrpc\":\"2.0\",\"id\":%.*s,\"error\":{\"code\":-32601,"
                               "\"message\":\"Method not found\"}}";
    char *text =
        n <= LONGEST_ID ? malloc(sizeof form + n + sizeof(struct dualpipe_frame_envelope)) : NULL;
    struct dualpipe_request q = {.data = text};
    struct dualpipe_frame_envelope envelope;
    if (!text)
        return;
    q.size = (size_t)snprintf(text, sizeof form + n, form, (int)n, id);
    if (dualpipe_frame_encode(w->options->rule->kind, text, q.size, &envelope) == 0) {
        memmove(text + envelope.head_size, text, q.size);
        memcpy(text, envelope.head, envelope.head_size);
        memcpy(text + envelope.head_size + q.size, envelope.tail, envelope.tail_size);
        q.size += envelope.head_size + envelope.tail_size;
        worker_submit_internal(w, &q, false);
    }
    free(text);
}

static void worker_report_notification(struct worker *w, const char *p, size_t n) {
    worker_notify(w, DUALPIPE_POOL_EVENT_NOTIFICATION,
                  (struct dualpipe_pool_event){.data = p, .size = n});
}

void worker_take_notifications(struct worker *w) {
    const char *p;
    size_t n, frame;
    struct span id;
    int kind;
    while ((n = handle_output(w->child, &p)) > 0 &&
           (frame = rule_match_unsolicited(w->options->rule, p, n, &kind, &id)) > 0) {
        worker_report_notification(w, p, frame);
        if (kind == DUALPIPE_SCAN_CHILD_REQUEST)
            worker_refuse_method(w, p + id.start, id.end - id.start);
        buffer_consume(&w->child->out.buf, frame);
    }
}

/* --- the bytes of a reply ---------------------------------------------------------------- */

static void consume_output(struct worker *w, size_t n) {
    buffer_consume(&w->child->out.buf, n);
    w->kept_size = 0;
}

size_t worker_recv_discard(struct worker *w) {
    const char *p;
    size_t n = handle_output(w->child, &p);
    consume_output(w, n);
    return n;
}

bool worker_report_stray(struct worker *w) {
    const char *p;
    size_t n;
    if (!(w->options->flags & DUALPIPE_POOL_INTERACTIVE))
        return false;
    if ((n = handle_output(w->child, &p)) > 0)
        worker_notify(w, DUALPIPE_POOL_EVENT_UNEXPECTED_BYTES,
                      (struct dualpipe_pool_event){.data = p, .size = n});
    consume_output(w, n);
    return true;
}

void worker_recv_release(struct worker *w) {
    if (w->lent_size > 0 && w->child)
        buffer_consume(&w->child->out.buf, w->lent_size);
    w->lent_size = 0;
}

static bool streams_reply(const struct worker *w, const struct request_chunk *r) {
    return w->options->flags & DUALPIPE_POOL_STREAM_REPLIES && !r->discards_reply;
}

/* Copies bytes of its reply. No memory: it fails, and what follows is nobody's. */
static void append_body(struct worker *w, struct request_chunk *r, const char *p, size_t n) {
    if (buffer_append(&r->body, p, n) == 0)
        return;
    w->desync_reason = "no memory was left for a reply";
    r->outcome = DUALPIPE_OUTCOME_NO_MEMORY;
}

/* Adds the piece that the scan has found, which begins at `at` + from. What can be given now. */
static struct request_chunk *add_piece(struct worker *w, struct request_chunk *r, const char *at) {
    const struct dualpipe_scan *s = &r->scan;
    size_t n = s->to - s->from;
    if (streams_reply(w, r) && n > 0) {
        r->reply = at + s->from;
        r->reply_size = n;
        w->lent_size = s->consumed;
        return r;
    }
    if (r->in_place && !streams_reply(w, r) && !r->discards_reply) {
        w->kept_size += s->consumed;
        return NULL;
    }
    if (!r->discards_reply)
        append_body(w, r, at + s->from, n);
    consume_output(w, s->consumed);
    return NULL;
}

/* to..next is no part of the reply. */
static struct request_chunk *skip_span(struct worker *w, struct request_chunk *r, const char *p,
                                       enum dualpipe_scan_result found) {
    const struct dualpipe_scan *s = &r->scan;
    const char *at = p + w->kept_size;
    size_t front = w->kept_size + s->to;
    if (found != DUALPIPE_SCAN_ECHO)
        worker_report_notification(w, at + s->to, s->next - s->to);
    if (found == DUALPIPE_SCAN_CHILD_REQUEST)
        worker_refuse_method(w, at + s->id_offset, s->id_size);
    w->must_rescan = true;
    if (!r->in_place || r->discards_reply || streams_reply(w, r))
        return add_piece(w, r, at);
    if (front > 0 || s->consumed < s->next) {
        append_body(w, r, p, front); /* and from now on: something else lies among its bytes */
        r->in_place = false;
    }
    consume_output(w, w->kept_size + s->consumed);
    return NULL;
}

/* Where the bytes begin that are not known to be the reply's yet. */
static size_t unconfirmed_start(const struct worker *w, const struct request_chunk *r) {
    return w->kept_size + r->scan.next - r->scan.consumed;
}

static bool is_too_long(const struct worker *w, const struct request_chunk *r) {
    const char *p;
    size_t n = handle_output(w->child, &p), from = unconfirmed_start(w, r), head = 0;
    bool framed = rule_kind_is_framed(r->rule->kind);
    if (framed ||
        r->rule->kind == DUALPIPE_FRAME_CRLF) /* a body in a frame was measured by itself */
        head = framed ? FRAMES_MAX_HEADER : 1;
    if (r->scan.left_ < SIZE_MAX && r->scan.left_ > worker_max_reply(w))
        return true;
    if (r->in_place && !r->discards_reply && !streams_reply(w, r))
        from = 0;
    return buffer_len(&r->body) + n - from > worker_max_reply(w) + head ||
           (framed && buffer_is_full(&w->child->out.buf));
}

void worker_recv_keep_partial(struct worker *w, struct request_chunk *r, bool goes_on) {
    const char *p;
    size_t n, from;
    if (r != w->inflight_first || r->reply_complete || !r->expects_reply || r->discards_reply)
        return;
    worker_recv_release(w);
    n = handle_output(w->child, &p);
    if (rule_matches_by_id(r->rule)) {
        for (; r && n > 0; r = r->queue_next)
            r->got_any = true; /* half a frame: whose it is nobody knows */
        return;
    }
    from = r->in_place && !streams_reply(w, r) ? 0 : unconfirmed_start(w, r);
    buffer_append(&r->body, p + from, n - from);
    r->reply = buffer_data(&r->body);
    r->reply_size = buffer_len(&r->body);
    worker_recv_drain_stderr(w);
    consume_output(w, goes_on ? w->kept_size : n);
}

/* --- the end of a reply ------------------------------------------------------------------ */

static void restart_scan(struct worker *w, struct request_chunk *r) {
    r->scan = (struct dualpipe_scan){.token = r->scan.token, .matched = -1};
    w->must_rescan = true;
}

void worker_drop_reply(struct worker *w, struct request_chunk *r) {
    if (w->child)
        worker_recv_drain_stderr(w); /* what came with it is not the next one's */
    inflight_remove(w, r, NULL);
    if (r->is_late && !r->fence_only) {
        w->stats->late_discarded++;
        worker_notify(w, DUALPIPE_POOL_EVENT_LATE_DISCARDED,
                      (struct dualpipe_pool_event){.number = r->number});
    }
    request_recycle(r, w->requests);
    if (!r->is_late)
        worker_setup_next(w);
}

/* The end was another rule's than the fence: its token is still to come, and answers nothing. */
void worker_recv_expect_fence(struct worker *w, const struct request_chunk *r) {
    struct request_chunk *fence = request_new(w->requests);
    if (!fence) {
        w->desync_reason = "no memory was left";
        return;
    }
    fence->rule = r->rule;
    fence->deadline = clock_deadline(r->units_timeout_ms > 0 ? r->units_timeout_ms : -1);
    memcpy(fence->token, r->token, sizeof fence->token);
    fence->scan.token = fence->token;
    fence->is_late = fence->fence_only = fence->discards_reply = true;
    inflight_push_front(w, fence);
}

struct request_chunk *worker_recv_complete(struct worker *w, struct request_chunk *r) {
    worker_recv_drain_stderr(w);
    if (w->at_eof && w->child->process.has_ended)
        r->status = w->child->process.status;
    if (inflight_all_sent(w, r) && !(w->options->flags & DUALPIPE_POOL_ONE_SHOT)) {
        inflight_finish(w, r);
        if (r->fence_pending)
            worker_recv_expect_fence(w, r);
        return r;
    }
    r->reply_complete = true;
    if (streams_reply(w, r) && r->reply_size > 0)
        return r;
    request_copy_reply(r);
    worker_recv_release(w);
    return NULL;
}

static struct request_chunk *complete_discarded(struct worker *w, struct request_chunk *r,
                                                bool fenced) {
    consume_output(w, r->scan.next);
    if (!fenced)
        restart_scan(w, r);
    else if (inflight_all_sent(w, r))
        worker_drop_reply(w, r);
    else
        r->reply_complete = true;
    return NULL;
}

static struct request_chunk *complete_in_order(struct worker *w, struct request_chunk *r,
                                               const char *p) {
    const struct dualpipe_scan *s = &r->scan;
    const char *at = p + w->kept_size;
    bool fenced = !r->token[0] || rule_scan_lines_at_fence(s);
    if (r->discards_reply)
        return complete_discarded(w, r, fenced);
    r->reply = streams_reply(w, r) ? at + s->from : p;
    r->reply_size = (size_t)(at + s->to - r->reply);
    w->lent_size = w->kept_size + s->next;
    if (!r->in_place && !streams_reply(w, r)) {
        r->reply = at + s->from;
        r->reply_size = s->to - s->from;
        if (buffer_len(&r->body) > 0)
            request_copy_reply(r);
    }
    w->kept_size = 0;
    r->fence_pending = !fenced;
    return worker_recv_complete(w, r);
}

static struct request_chunk *find_by_id(const struct worker *w, const char *id, size_t n) {
    struct request_chunk *r = w->inflight_first;
    while (r && !(r->has_id && rule_ids_equal(r->rule, r->id, r->id_size, id, n)))
        r = r->queue_next;
    return r;
}

/* A frame with an id: the reply to whoever's it is. */
static struct request_chunk *complete_by_id(struct worker *w, struct request_chunk *first,
                                            const char *p) {
    const struct dualpipe_scan *s = &first->scan;
    const char *frame = p + s->from;
    size_t n = s->to - s->from, next = s->next;
    struct request_chunk *r = find_by_id(w, p + s->id_offset, s->id_size);
    restart_scan(w, first);
    if (!r)
        worker_report_notification(w, frame, n);
    if (!r || r->discards_reply) {
        consume_output(w, next);
        if (r)
            worker_drop_reply(w, r);
        return NULL;
    }
    r->got_any = true;
    r->reply = frame;
    r->reply_size = n;
    w->lent_size = next;
    return worker_recv_complete(w, r);
}

/* --- listening --------------------------------------------------------------------------- */

/* What is wrong is kept as the reply's part, and where it stands. */
static void fail_bad_frame(struct worker *w, struct request_chunk *r, const char *p,
                           enum dualpipe_scan_result found) {
    bool bad = found == DUALPIPE_SCAN_BAD_FRAME;
    const char *at = p + w->kept_size + r->scan.id_offset;
    size_t n = r->scan.id_size < MOST_SHOWN ? r->scan.id_size : MOST_SHOWN;
    r->error_offset =
        w->child->received - (buffer_len(&w->child->out.buf) - w->kept_size) + r->scan.id_offset;
    r->body.start = r->body.end = 0;
    buffer_append(&r->body, at, n);
    r->reply = buffer_data(&r->body);
    r->reply_size = buffer_len(&r->body);
    worker_recv_drain_stderr(w);
    worker_recv_discard(w);
    w->desync_reason = bad ? "its output is malformed" : "its reply was too long";
    inflight_fail(w, r, bad ? DUALPIPE_OUTCOME_MALFORMED : DUALPIPE_OUTCOME_TOO_LONG, NULL);
}

static struct request_chunk *on_scan_result(struct worker *w, struct request_chunk *r,
                                            const char *p, enum dualpipe_scan_result found) {
    struct request_chunk *given = NULL;
    if (found == DUALPIPE_SCAN_COMPLETE)
        return rule_matches_by_id(r->rule) ? complete_by_id(w, r, p) : complete_in_order(w, r, p);
    if (found == DUALPIPE_SCAN_NOMEM) {
        w->desync_reason = "no memory was left for a pattern";
        inflight_fail(w, r, DUALPIPE_OUTCOME_NO_MEMORY, NULL);
        return NULL;
    }
    if (found == DUALPIPE_SCAN_BAD_FRAME || found == DUALPIPE_SCAN_TOO_LONG) {
        if (streams_reply(w, r) && (given = add_piece(w, r, p + w->kept_size)))
            w->must_rescan = true; /* what is sure goes first */
        else
            fail_bad_frame(w, r, p, found);
        return given;
    }
    if (found != DUALPIPE_SCAN_MORE)
        return skip_span(w, r, p, found);
    if (r->scan.left_ == SIZE_MAX ||
        r->scan.left_ <= worker_max_reply(w)) /* else it says so itself */
        given = add_piece(w, r, p + w->kept_size);
    if (!given && is_too_long(w, r)) {
        r->error_offset = w->child->received;
        worker_recv_keep_partial(w, r, false);
        r->error_offset -= r->reply_size;
        w->desync_reason = "its reply was too long";
        inflight_fail(w, r, DUALPIPE_OUTCOME_TOO_LONG, NULL);
    }
    return given;
}

struct request_chunk *worker_recv(struct worker *w, struct request_chunk *r, bool *on) {
    dualpipe *c = w->child;
    enum dualpipe_scan_result found;
    const char *p;
    size_t n;
    int behind = w->at_eof ? DUALPIPE_SCAN_EOF : 0;
    if (r->is_batch)
        return worker_recv_batch(w, r, on);
    if (rule_needs_drained(r->rule)) {
        for (int i = 0; i < MOST_TAKES && !c->out.drained && worker_recv_read(w) > 0; i++)
            ;
        behind |= c->out.drained ? DUALPIPE_SCAN_DRAINED : 0;
    }
    n = handle_output(c, &p);
    if (w->desync_reason || (c->received == w->received_at_scan && !w->must_rescan) ||
        (n == w->kept_size && !w->at_eof))
        return NULL;
    w->received_at_scan = c->received;
    w->must_rescan = false;
    w->is_drained = c->out.drained;
    r->scan.max_frame = worker_max_reply(w);
    found = dualpipe_rule_scan(r->rule, &r->scan, p + w->kept_size, n - w->kept_size, behind);
    if (!rule_matches_by_id(r->rule)) /* else whose it is is known when it is whole */
        r->got_any |= r->scan.to > r->scan.from || n > w->kept_size + r->scan.next;
    if (dualpipe_rule_idle_timeout(r->rule) >= 0)
        r->last_heard = clock_now_ns();
    *on = found != DUALPIPE_SCAN_MORE;
    return on_scan_result(w, r, p, found);
}
