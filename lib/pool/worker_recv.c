/* worker_recv.c: the read side of a worker: pairing the child's output with requests.
 *
 * The output that was read lies in one buffer, child->out.buf. The rule of the oldest request is
 * run over it (dualpipe_rule_scan, which remembers its progress in r->scan), and says which
 * bytes belong to the reply for certain, which belong to no request, and where the reply ends.
 * Rules by ID are the exception: there each frame is a reply, and find_by_id() finds its request.
 *
 * A reply stays where it is as long as that is possible. The buffer then looks like this:
 *
 *     | kept_size: certain bytes of the oldest reply | not yet certain, or of later replies |
 *     | lent_size: bytes given to the host, until worker_recv_release() | ... |
 *
 * kept_size grows while r->in_place holds; once another frame lies among the reply's bytes, or if
 * the reply is given in pieces or discarded, the bytes are copied to r->body (append_body) or given
 * at once, and leave the buffer. A complete reply in place is lent to the host without a copy.
 *
 * Invariant: the scan is always called with the bytes from kept_size on, which begin where its last
 * call said (scan.consumed). So consuming output while a request is in flight must reset kept_size:
 * consume_output() does both.
 *
 * A batch needs no scan: its rule only counts lines, so recv_batch() counts as many as have come.
 * Where only a part of a reply has come, the first request is split off and scanned like any other.
 *
 * worker_step() calls all this. The calls upwards report output that answers no request, or stderr
 * (worker_report_notification, worker_refuse_method, worker_notify), or drop a reply
 * (worker_drop_reply). */
#include "pool/worker_recv.h"
#include "base/clock.h"
#include "codec/rule.h"
#include "child/handle.h"
#include "codec/rule_scan_lines.h"
#include "pool/inflight.h"
#include "pool/worker.h"
#include "pool/worker_idle.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CHECKED_REQUESTS = 256,  /* with a window, of each child: held against what it has read */
    MAX_READS = 16,          /* per scan, before other workers have their turn */
    MAX_STDERR_READS = 2,    /* of 64 KiB each, a pipe's capacity */
    MAX_HEADER_SIZE = 8192,  /* of a frame, in bytes */
    MAX_BAD_FRAME_SHOWN = 32, /* bytes of a malformed frame that are given to the host */
};

ssize_t worker_recv_read(struct worker *w) {
    return handle_recv(w->child, &w->child->out, false);
}

/* --- stderr --- */

static struct request *oldest_awaited(const struct worker *w) {
    struct request *r = w->inflight_first;
    while (r && r->discards_reply)
        r = r->queue_next;
    return r;
}

void worker_recv_pass_stderr(struct worker *w) {
    struct buffer *held = &w->child->err.buf;
    size_t n = buffer_len(held);
    struct request *r;
    if (n == 0)
        return;
    r = oldest_awaited(w);
    if (r)
        request_note_stderr(r, buffer_data(held), n);
    if (!r || !(w->options->flags & DUALPIPE_POOL_KEEP_STDERR) ||
        n + buffer_len(&r->err) > worker_max_reply(w) ||
        buffer_append(&r->err, buffer_data(held), n) < 0)
        worker_notify(w, DUALPIPE_POOL_EVENT_STDERR,
                      (struct dualpipe_pool_event){.data = buffer_data(held), .size = n});
    buffer_consume(held, n);
}

/* Bounded, because the child may write on: more than a pipe holds was written after the reply. */
void worker_recv_drain_stderr(struct worker *w) {
    int reads = 0;
    if (w->child->err.fd < 0)
        return;
    do
        worker_recv_pass_stderr(w);
    while (++reads <= MAX_STDERR_READS && handle_recv(w->child, &w->child->err, false) > 0);
}

/* --- The bytes of a reply --- */

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

void worker_recv_release(struct worker *w) {
    if (w->lent_size > 0 && w->child)
        buffer_consume(&w->child->out.buf, w->lent_size);
    w->lent_size = 0;
}

/* Copies bytes of the reply. Without memory the request fails, and as its reply is no longer looked
 * for, the output after it can't be paired any more. */
static void append_body(struct worker *w, struct request *r, const char *p, size_t n) {
    if (buffer_append(&r->body, p, n) == 0)
        return;
    w->desync_reason = "no memory was left for a reply";
    r->outcome = DUALPIPE_OUTCOME_NO_MEMORY;
}

/* Takes the piece of the reply that the scan found certain, in the bytes that were scanned. Returns
 * r if the piece is to be given now, else NULL. */
static struct request *add_piece(struct worker *w, struct request *r, const char *scanned) {
    const struct dualpipe_scan *s = &r->scan;
    size_t n = s->to - s->from;
    if (inflight_streams_reply(w, r) && n > 0) {
        r->reply = scanned + s->from;
        r->reply_size = n;
        w->lent_size = s->consumed;
        request_note_reply(r);
        return r;
    }
    if (r->in_place && !inflight_streams_reply(w, r) && !r->discards_reply) {
        w->kept_size += s->consumed;
        return NULL;
    }
    if (!r->discards_reply)
        append_body(w, r, scanned + s->from, n);
    consume_output(w, s->consumed);
    return NULL;
}

/* Skips bytes inside of a reply that are no part of it, from s->to to s->next: the echo of a fence,
 * or a frame that answers no request, which is reported. output is all of the child's output. */
static struct request *skip_span(struct worker *w, struct request *r, const char *output,
                                 enum dualpipe_scan_result found) {
    const struct dualpipe_scan *s = &r->scan;
    const char *scanned = output + w->kept_size;
    size_t front = w->kept_size + s->to;
    if (found != DUALPIPE_SCAN_ECHO)
        worker_report_notification(w, scanned + s->to, s->next - s->to);
    if (found == DUALPIPE_SCAN_CHILD_REQUEST)
        worker_refuse_method(w, scanned + s->id_offset, s->id_size);
    w->must_rescan = true;
    if (!r->in_place || r->discards_reply || inflight_streams_reply(w, r))
        return add_piece(w, r, scanned);
    if (front > 0 || s->consumed < s->next) {
        append_body(w, r, output, front); /* the reply is no longer one piece of the buffer */
        r->in_place = false;
    }
    consume_output(w, w->kept_size + s->consumed);
    return NULL;
}

/* Where in the output the bytes begin that may or may not be the reply's. */
static size_t uncertain_start(const struct worker *w, const struct request *r) {
    return w->kept_size + r->scan.next - r->scan.consumed;
}

/* Whether the reply has announced a length that passes the maximum. */
static bool announces_too_much(const struct worker *w, const struct request *r) {
    size_t left = rule_scan_lines_bytes_left(&r->scan);
    return left < SIZE_MAX && left > worker_max_reply(w);
}

/* Whether the reply passes the maximum although its end has not come. Frames are measured by the
 * scan, so here their header is allowed on top; so is the CR of a CRLF line. */
static bool is_too_long(const struct worker *w, const struct request *r) {
    const char *p;
    size_t n = handle_output(w->child, &p), from = uncertain_start(w, r), head = 0;
    bool is_framed = rule_kind_is_framed(r->rule->kind);
    if (is_framed || r->rule->kind == DUALPIPE_FRAME_CRLF)
        head = is_framed ? MAX_HEADER_SIZE : 1;
    if (announces_too_much(w, r))
        return true;
    if (r->in_place && !r->discards_reply && !inflight_streams_reply(w, r))
        from = 0;
    return buffer_len(&r->body) + n - from > worker_max_reply(w) + head ||
           (is_framed && buffer_is_full(&w->child->out.buf));
}

void worker_recv_keep_partial(struct worker *w, struct request *r, bool rest_follows) {
    const char *p;
    size_t n, from;
    if (r != w->inflight_first || r->reply_complete || !r->expects_reply || r->discards_reply)
        return;
    worker_recv_release(w);
    n = handle_output(w->child, &p);
    if (rule_matches_by_id(r->rule)) {
        for (; r && n > 0; r = r->queue_next)
            r->got_any = true; /* a part of a frame has come: it may be the reply to any of them */
        return;
    }
    from = r->in_place && !inflight_streams_reply(w, r) ? 0 : uncertain_start(w, r);
    buffer_append(&r->body, p + from, n - from);
    r->reply = buffer_data(&r->body);
    r->reply_size = buffer_len(&r->body);
    worker_recv_drain_stderr(w);
    consume_output(w, rest_follows ? w->kept_size : n);
}

/* --- The end of a reply --- */

static void restart_scan(struct worker *w, struct request *r) {
    r->scan = (struct dualpipe_scan){.token = r->scan.token, .matched = -1, .status = -1};
    w->must_rescan = true;
}

void worker_recv_expect_fence(struct worker *w, const struct request *r) {
    struct request *fence = request_new(w->requests);
    if (!fence) {
        w->desync_reason = "no memory was left";
        return;
    }
    fence->rule = r->rule;
    fence->deadline = clock_deadline(r->timeout_ms > 0 ? r->timeout_ms : -1);
    memcpy(fence->token, r->token, sizeof fence->token);
    fence->scan.token = fence->token;
    fence->is_late = fence->fence_only = fence->discards_reply = true;
    inflight_push_front(w, fence);
}

struct request *worker_recv_complete(struct worker *w, struct request *r) {
    worker_recv_drain_stderr(w);
    if (!r->reply_complete)
        request_note_reply(r);
    if (w->at_eof && w->child->process.has_ended)
        r->status = w->child->process.status;
    if (inflight_all_sent(w, r) && !(w->options->flags & DUALPIPE_POOL_ONE_SHOT)) {
        inflight_finish(w, r);
        if (r->fence_pending)
            worker_recv_expect_fence(w, r);
        return r;
    }
    r->reply_complete = true;
    if (inflight_streams_reply(w, r) && r->reply_size > 0)
        return r;
    request_copy_reply(r);
    worker_recv_release(w);
    return NULL;
}

/* If another rule than the fence ended the discarded reply, the scan starts again, to find the
 * fence. */
static struct request *complete_discarded(struct worker *w, struct request *r, bool at_fence) {
    consume_output(w, r->scan.next);
    if (!at_fence)
        restart_scan(w, r);
    else if (inflight_all_sent(w, r))
        worker_drop_reply(w, r);
    else
        r->reply_complete = true;
    return NULL;
}

/* A child that has not begun to read r can't have answered it, whatever it prints. With a window,
 * how far it has read is looked up when the last look doesn't tell, which is once for many replies.
 * Even so it costs 7 % of the time of short requests, and one by one far more. So only the first
 * replies of a child are looked at, and, since it could be the rest of another client's, each of a
 * session; of the others worker_report_mispaired() tells in the end. */
static bool is_premature(struct worker *w, struct request *r, uint64_t needed_end) {
    bool is_looked_at = w->answered_end == 0 ||
                        (w->options->window != 1 && w->sent_count <= CHECKED_REQUESTS) ||
                        w->options->flags & DUALPIPE_POOL_WAIT_FOR_LATE;
    if (!is_looked_at || w->options->flags & DUALPIPE_POOL_ONE_SHOT || w->input_closed ||
        needed_end <= w->read_end || needed_end <= (w->read_end = worker_read_end(w)))
        return false;
    w->desync_reason = "it printed something before it had read the request";
    worker_find_unread(w); /* while r is still in the queue */
    worker_idle_report_unread(w);
    inflight_fail(w, inflight_split_first(w, r), DUALPIPE_OUTCOME_CHILD_ENDED, NULL);
    return true;
}

/* The reply to r, the oldest request, ends at s->to. If it is in place it begins at the front of
 * the output; else its beginning may be in r->body already. */
static struct request *complete_in_order(struct worker *w, struct request *r, const char *output) {
    const struct dualpipe_scan *s = &r->scan;
    const char *scanned = output + w->kept_size;
    bool at_fence = !r->token[0] || rule_scan_lines_at_fence(s);
    if (r->discards_reply)
        return complete_discarded(w, r, at_fence);
    if (is_premature(w, r, inflight_begun_end(r)))
        return NULL;
    r->reply = inflight_streams_reply(w, r) ? scanned + s->from : output;
    r->reply_size = (size_t)(scanned + s->to - r->reply);
    w->lent_size = w->kept_size + s->next;
    if (!r->in_place && !inflight_streams_reply(w, r)) {
        r->reply = scanned + s->from;
        r->reply_size = s->to - s->from;
        if (buffer_len(&r->body) > 0)
            request_copy_reply(r);
    }
    w->kept_size = 0;
    r->fence_pending = !at_fence;
    return worker_recv_complete(w, r);
}

static struct request *find_by_id(const struct worker *w, const char *id, size_t n) {
    struct request *r = w->inflight_first;
    while (r && !(r->has_id && rule_ids_equal(r->rule, r->id, r->id_size, id, n)))
        r = r->queue_next;
    return r;
}

/* Reports a frame whose ID is no request's. If an ID only differs in its type, the event names that
 * request, since the frame may have been meant as its reply. */
static void report_unknown_id(struct worker *w, const char *frame, size_t n, const char *id,
                              size_t id_size) {
    struct dualpipe_pool_event event = {.data = frame, .size = n};
    const struct request *r = w->inflight_first;
    while (r && !(r->has_id && rule_ids_alike(r->rule, r->id, r->id_size, id, id_size)))
        r = r->queue_next;
    if (r) {
        event.number = r->number;
        event.reason = "its id is of another type than the request's";
    }
    worker_notify(w, DUALPIPE_POOL_EVENT_NOTIFICATION, event);
}

/* A frame with an ID has come: it is the reply to the request with that ID, wherever in the queue,
 * or, if there is none, a notification. */
static struct request *complete_by_id(struct worker *w, struct request *first, const char *output) {
    const struct dualpipe_scan *s = &first->scan;
    const char *frame = output + s->from, *id = output + s->id_offset;
    size_t n = s->to - s->from, next = s->next, id_size = s->id_size;
    struct request *r = find_by_id(w, id, id_size);
    restart_scan(w, first);
    if (!r)
        report_unknown_id(w, frame, n, id, id_size);
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

/* --- The result of a scan --- */

/* Fails r. Its reply is then the first bytes of the bad frame, and error_offset where in all of the
 * child's output they lie. */
static void fail_bad_frame(struct worker *w, struct request *r, const char *output,
                           enum dualpipe_scan_result found) {
    bool is_malformed = found == DUALPIPE_SCAN_BAD_FRAME;
    const char *bad = output + w->kept_size + r->scan.id_offset;
    size_t n = r->scan.id_size < MAX_BAD_FRAME_SHOWN ? r->scan.id_size : MAX_BAD_FRAME_SHOWN;
    r->error_offset =
        w->child->received - (buffer_len(&w->child->out.buf) - w->kept_size) + r->scan.id_offset;
    r->body.start = r->body.end = 0;
    buffer_append(&r->body, bad, n);
    r->reply = buffer_data(&r->body);
    r->reply_size = buffer_len(&r->body);
    worker_recv_drain_stderr(w);
    worker_recv_discard(w);
    w->desync_reason = is_malformed ? "its output is malformed" : "its reply was too long";
    inflight_fail(w, r, is_malformed ? DUALPIPE_OUTCOME_MALFORMED : DUALPIPE_OUTCOME_TOO_LONG,
                  NULL);
}

static struct request *on_scan_result(struct worker *w, struct request *r, const char *output,
                                      enum dualpipe_scan_result found) {
    struct request *given = NULL;
    if (found == DUALPIPE_SCAN_COMPLETE)
        return rule_matches_by_id(r->rule) ? complete_by_id(w, r, output)
                                           : complete_in_order(w, r, output);
    if (found == DUALPIPE_SCAN_BAD_FRAME || found == DUALPIPE_SCAN_TOO_LONG) {
        if (inflight_streams_reply(w, r) && (given = add_piece(w, r, output + w->kept_size)))
            w->must_rescan = true; /* the certain piece goes first; the next scan fails again */
        else
            fail_bad_frame(w, r, output, found);
        return given;
    }
    if (found != DUALPIPE_SCAN_MORE)
        return skip_span(w, r, output, found);
    if (!announces_too_much(w, r))
        given = add_piece(w, r, output + w->kept_size);
    if (!given && is_too_long(w, r)) {
        r->error_offset = w->child->received;
        worker_recv_keep_partial(w, r, false);
        r->error_offset -= r->reply_size;
        w->desync_reason = "its reply was too long";
        inflight_fail(w, r, DUALPIPE_OUTCOME_TOO_LONG, NULL);
    }
    return given;
}

/* --- Batches --- */

/* How many requests of the batch the n bytes at p answer completely; *size: by how many bytes. */
static int count_answered(const struct request *r, const char *p, size_t n, size_t *size) {
    long lines_per_reply = r->rule->count, lines;
    *size = dualpipe_lines(p, n, lines_per_reply * r->count, &lines);
    if (lines % lines_per_reply != 0)
        *size = dualpipe_lines(p, n, lines - lines % lines_per_reply, &lines);
    return (int)(lines / lines_per_reply);
}

/* Scans for the reply to the first request of the batch alone: only a part of it has come, or it
 * may be the last of all. */
static struct request *recv_first_of_batch(struct worker *w, struct request *r, bool *more) {
    r = inflight_split_first(w, r);
    w->must_rescan = true;
    if (!r->is_batch)
        return worker_recv(w, r, more);
    w->desync_reason = "no memory was left for a reply";
    inflight_fail(w, r, DUALPIPE_OUTCOME_NO_MEMORY, NULL);
    return NULL;
}

/* If replies to the whole batch have come before all of it was sent, they are taken one by one: the
 * last of them must wait until its request is sent, as in worker_recv_complete(). */
static struct request *recv_batch(struct worker *w, struct request *r, bool *more) {
    const dualpipe *child = w->child;
    const char *p;
    size_t n = handle_output(child, &p), size;
    int answered;
    if (w->desync_reason || n == 0 || (child->received == w->received_at_scan && !w->must_rescan))
        return NULL;
    answered = count_answered(r, p, n, &size);
    if (answered == r->count && !inflight_all_sent(w, r))
        answered = 0;
    if (answered == 0)
        return recv_first_of_batch(w, r, more);
    if (is_premature(w, r, answered == r->count ? inflight_needed_end(r) : 1))
        return NULL;
    w->received_at_scan = child->received;
    w->must_rescan = size < n;
    w->is_drained = child->out.drained;
    w->failures = 0;
    w->inflight_count -= answered;
    if (worker_is_adaptive(w))
        window_add_answers(&w->window, answered, size);
    request_batch_answered(r, answered);
    w->answered_number = r->number + r->answered_count - 1;
    r->deadline = 0; /* the next request of the batch is the oldest from now on */
    r->reply = p;
    r->reply_size = w->lent_size = size;
    worker_recv_drain_stderr(w);
    if (r->count == 0)
        inflight_finish(w, r);
    return r;
}

/* --- One scan --- */

struct request *worker_recv(struct worker *w, struct request *r, bool *more) {
    dualpipe *child = w->child;
    enum dualpipe_scan_result found;
    const char *output;
    size_t n;
    int scan_flags = w->at_eof ? DUALPIPE_SCAN_EOF : 0;
    if (r->is_batch)
        return recv_batch(w, r, more);
    if (rule_needs_drained(r->rule)) {
        for (int i = 0; i < MAX_READS && !child->out.drained && worker_recv_read(w) > 0; i++)
            ;
        scan_flags |= child->out.drained ? DUALPIPE_SCAN_DRAINED : 0;
    }
    n = handle_output(child, &output);
    if (w->desync_reason || (child->received == w->received_at_scan && !w->must_rescan) ||
        (n == w->kept_size && !w->at_eof))
        return NULL;
    w->received_at_scan = child->received;
    w->must_rescan = false;
    w->is_drained = child->out.drained;
    r->scan.max_frame = worker_max_reply(w);
    found = dualpipe_rule_scan(r->rule, &r->scan, output + w->kept_size, n - w->kept_size,
                               scan_flags);
    if (!rule_matches_by_id(r->rule)) /* by ID: known only when the frame is complete */
        r->got_any |= r->scan.to > r->scan.from || n > w->kept_size + r->scan.next;
    if (r->got_any && dualpipe_rule_idle_timeout(r->rule) >= 0)
        r->last_output_at = clock_now_ns();
    *more = found != DUALPIPE_SCAN_MORE;
    return on_scan_result(w, r, output, found);
}
