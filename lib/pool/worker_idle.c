/* worker_idle.c: the output of a child that awaits no reply, and whether it waits for input.
 *
 * What a child prints while nothing is in flight belongs to no request: notifications, which the
 * rule recognises; what may begin the next fenced reply; or unexpected output, which is reported.
 * When it is looked for: before a request is sent, before the end, when the child has ended, and at
 * once where a person or a session watches.
 *
 * Without AWAIT_INPUT the worker looks before stdin is closed only if the child has still to read
 * what it has answered already, as the last lines of a request: whether it does can't be seen
 * afterwards.
 *
 * That would be a race with a child that has more to say: a banner that comes late, a second line
 * behind a reply. So with AWAIT_INPUT the worker looks, from time to time, whether its child waits
 * for input (child/input_wait.c): before the first text is sent (in SETUP), and before stdin is
 * closed (in SETTLING). next_look is the time of the next look; worker_expire() comes back here
 * then. The looks are over when the child waits, when it has ended, or when their time is up. */
#include "pool/worker_idle.h"
#include "base/clock.h"
#include "child/handle.h"
#include "child/input_wait.h"
#include "codec/rule.h"
#include "pool/worker.h"
#include "pool/worker_recv.h"

enum {
    JUST_SENT_NS = 20000, /* so soon after the last request, reading first isn't worth it */
    MAX_READS_AT_END = 32, /* of 64 KiB: a pipe may hold 1 MiB */
    FIRST_LOOK_MS = 1,    /* pause before the next look, doubled after each */
    MAX_LOOK_MS = 16,
};

void worker_idle_notifications(struct worker *w) {
    const char *p;
    size_t n, frame;
    struct span id;
    int kind;
    while ((n = handle_output(w->child, &p)) > 0 &&
           (frame = rule_match_unsolicited(w->options->rule, p, n, &kind, &id)) > 0) {
        if (kind != DUALPIPE_SCAN_ECHO)
            worker_report_notification(w, p, frame);
        if (kind == DUALPIPE_SCAN_CHILD_REQUEST && w->state < WORKER_EOF_SENT)
            worker_refuse_method(w, p + id.start, id.end - id.start);
        buffer_consume(&w->child->out.buf, frame);
    }
}

/* Whether what comes now is between two fence tokens, or behind the last. */
static bool is_behind_fence(const struct worker *w) {
    return rule_has_fence(w->options->rule) && w->idle_output == IDLE_OUTPUT_FENCED;
}

/* Whether the rest of the output is the beginning of a frame that has an ID: by that it will be
 * told from the replies, if it is kept whole. */
static bool is_part_of_frame(const struct worker *w) {
    const dualpipe_rule *rule = w->options->rule;
    return rule_matches_by_id(rule) && (rule_kind_is_framed(rule->kind) || !w->child->out.ended);
}

/* Reports and discards what has been read, and which came behind the request with this number. A
 * part of a frame stays. What comes behind the last fence token, such as a prompt, is discarded
 * without a word. */
static void report_behind(struct worker *w, int64_t number) {
    const char *p;
    size_t n;
    worker_idle_notifications(w);
    n = handle_output(w->child, &p);
    if (n == 0 || is_part_of_frame(w))
        return;
    if (is_behind_fence(w) && !(w->options->flags & DUALPIPE_POOL_INTERACTIVE)) {
        worker_recv_discard(w);
        return;
    }
    w->stats->unexpected_bytes += n;
    worker_notify(w, DUALPIPE_POOL_EVENT_UNEXPECTED_BYTES,
                  (struct dualpipe_pool_event){.data = p,
                                               .size = n,
                                               .number = number,
                                               .proven = w->last_is_proven});
    worker_recv_discard(w);
}

void worker_idle_report(struct worker *w) {
    report_behind(w, w->last_number);
}

void worker_idle_report_unread(struct worker *w) {
    report_behind(w, w->answered_number);
    worker_recv_discard(w);
}

bool worker_idle_holds_output(const struct worker *w) {
    return w->options->flags & DUALPIPE_POOL_WAIT_FOR_LATE && is_behind_fence(w);
}

bool worker_idle_report_to_user(struct worker *w) {
    if (!(w->options->flags & DUALPIPE_POOL_INTERACTIVE))
        return false;
    worker_idle_report(w);
    return true;
}

/* Bytes that came before a request is sent to an idle child can't be its reply. If the output was
 * drained a moment ago, a read could only find bytes of the time since, so it is saved. */
void worker_idle_report_before_send(struct worker *w) {
    const char *p;
    int64_t now = clock_now_ns();
    if (!w->is_drained || now - w->last_sent_at > JUST_SENT_NS)
        worker_recv_read(w);
    w->last_sent_at = now;
    if (handle_output(w->child, &p) > 0)
        worker_idle_report(w);
}

void worker_idle_look_for_output(struct worker *w) {
    if (w->state != WORKER_READY || w->inflight_first || w->desync_reason ||
        worker_idle_holds_output(w))
        return;
    worker_recv_read(w);
    worker_idle_report(w);
}

void worker_idle_report_before_end(struct worker *w) {
    int reads = 0;
    do
        worker_idle_report(w);
    while (reads++ < MAX_READS_AT_END && worker_recv_read(w) > 0);
}

/* --- Whether the child waits for input (AWAIT_INPUT) --- */

bool worker_idle_is_reading(const struct worker *w) {
    return w->answered_end > worker_read_end(w);
}

/* Whether it is too early to send or to close. */
static bool is_too_early(const struct worker *w) {
    return w->options->flags & DUALPIPE_POOL_AWAIT_INPUT
               ? input_wait_look(w->child) == INPUT_WAIT_NOT_YET
               : worker_idle_is_reading(w);
}

bool worker_idle_looks_are_over(struct worker *w) {
    const dualpipe *child = w->child;
    int64_t now = clock_now_ns();
    bool can_tell = !child->process.has_ended && !child->out.ended && !w->input_closed &&
                    !buffer_is_full(&child->out.buf); /* else it waits for us to read */
    if (can_tell && now < w->looks_end && is_too_early(w)) {
        w->next_look = now + (int64_t)w->look_pause_ms * 1000000;
        if (w->next_look > w->looks_end)
            w->next_look = w->looks_end;
        if (w->look_pause_ms < MAX_LOOK_MS)
            w->look_pause_ms *= 2;
        return false;
    }
    w->next_look = CLOCK_NEVER;
    w->looked_in_vain = w->options->flags & DUALPIPE_POOL_AWAIT_INPUT && can_tell &&
                        now >= w->looks_end;
    w->is_drained = false; /* what it had written before it began to wait may not be read yet */
    return true;
}

bool worker_idle_begin_looks(struct worker *w, int64_t looks_end) {
    w->looks_end = looks_end;
    w->look_pause_ms = FIRST_LOOK_MS;
    return worker_idle_looks_are_over(w);
}
