/* worker_interrupt.c: a request that is given up is interrupted, so that its child can go on.
 *
 * With interrupt_signal, a request whose deadline has passed, or that is cancelled, need not cost
 * the child. If the child is at work on nothing else, it is sent the signal (worker_interrupt), and
 * the rest of the reply is awaited for the grace. A child that gives the request up then answers
 * the fence behind it, so the token comes: the request has failed with what had come of its reply,
 * and the child goes on. If no token comes, the request is given up as it is without an interrupt:
 * by a placeholder for its late reply, or by the end of the child.
 *
 * No interrupt may reach a later request. A signal that is sent as the reply ends hits a child that
 * is idle, or about to read on, and what it does there can't be seen. So nothing is sent behind an
 * interrupted request, and when its token has come, only a probe is: the fence with no request. Its
 * token proves that the child has dealt with the signal, as signals are taken before what is sent
 * after them is read, and that it reads and answers. A child may drop the probe with the signal, so
 * it is sent once more before the child is stopped.
 *
 *     request   interrupted -- token --> failed, the probe is sent -- token --> over
 *                    |                        ^         \---- nothing twice --> child is replaced
 *                    \-- grace --> placeholder, late token
 *
 * A request may be interrupted if its rule proves its end by a token, it is the oldest, it was sent
 * whole, and nothing was sent behind it. The child must have begun to read it, which is awaited for
 * the grace: one that is still starting has no handler yet, and would die. Not if a launcher would
 * take the signal in place of the child (LAUNCHED), or the child has only this request (ONE_SHOT).
 * What had come by its deadline is read first, so that a reply which is whole by then is given as
 * such.
 *
 * worker.c calls this where deadlines expire, and sends what is to be sent: nothing here does. */
#include "pool/worker_interrupt.h"
#include "base/clock.h"
#include "base/options.h"
#include "child/handle.h"
#include "codec/rule.h"

enum {
    MIN_GRACE_MS = 100,
    DEFAULT_GRACE_MS = 2000, /* where the host sets none, or no limit */
    REPEAT_MS = 50,          /* from the first signal to the second; then twice as long each time,
                                until the token comes or the grace is over */
    LOOK_MS = 2,             /* between looks whether it has begun to read the request */
    FIRST_PROBE_MS = 250,    /* then the probe is sent once more */
    MIN_LAST_PROBE_MS = 2000 /* a busy machine must not look like a child that is lost */
};

int worker_interrupt_start(struct worker *w, struct dualpipe_error *why) {
    const struct dualpipe_options *given = worker_child_options(w->options, w->index);
    struct dualpipe_options o;
    if (w->options->interrupt_signal == 0 || options_copy(&o, sizeof o, given) < 0)
        return dualpipe_start(&w->child, given, why);
    o.default_signal = w->options->interrupt_signal;
    return dualpipe_start(&w->child, &o, why);
}

int worker_interrupt_grace(const struct worker *w) {
    int grace = worker_child_options(w->options, w->index)->grace;
    if (grace <= 0)
        grace = DEFAULT_GRACE_MS;
    return grace < MIN_GRACE_MS ? MIN_GRACE_MS : grace;
}

/* Whether the child is at work on r and on nothing else, and r ends by a token. */
static bool may_interrupt(const struct worker *w, const struct request *r) {
    bool is_alone = r == w->inflight_first && r == w->inflight_last;
    bool is_awaited = r->sent == r->wire_size && !r->reply_complete && !r->discards_reply;
    return w->options->interrupt_signal > 0 && w->state == WORKER_READY && is_alone &&
           is_awaited && r->token[0] && dualpipe_rule_idle_timeout(r->rule) < 0 &&
           r->interrupt == INTERRUPT_NONE && !w->input_closed && !w->desync_reason &&
           !(w->options->flags & (DUALPIPE_POOL_ONE_SHOT | DUALPIPE_POOL_LAUNCHED));
}

/* Where it can't be known how much the child has read, it counts as begun. */
static bool has_begun(const struct worker *w, const struct request *r) {
    long unread = handle_unread(w->child);
    return unread < 0 || (size_t)unread < r->wire_size;
}

/* A shell loses a signal that comes between the fork and the exec of a program. What wraps its
 * requests ignores signals while it is idle, so there the signal is sent until the token comes;
 * other programs may die of a second one. */
static bool repeat_interrupt(struct worker *w, struct request *r) {
    if (r->interrupt != INTERRUPT_SENT || !rule_wraps(r->rule) ||
        clock_remaining_ms(r->interrupt_limit) <= 0)
        return false;
    r->deadline = clock_deadline(r->interrupt_pause_ms *= 2);
    return dualpipe_signal(w->child, w->options->interrupt_signal) == 0;
}

bool worker_interrupt(struct worker *w, struct request *r) {
    if (repeat_interrupt(w, r))
        return true;
    if (!may_interrupt(w, r))
        return false;
    if (r->interrupt_limit == 0) {
        r->interrupt_limit = clock_deadline(worker_interrupt_grace(w));
        if (handle_recv(w->child, &w->child->out, false) > 0)
            return true; /* the pool comes back, as the deadline has still passed */
    }
    if (!has_begun(w, r)) {
        r->deadline = clock_deadline(LOOK_MS);
        return clock_remaining_ms(r->interrupt_limit) > 0;
    }
    if (dualpipe_signal(w->child, w->options->interrupt_signal) < 0)
        return false;
    r->interrupt = INTERRUPT_SENT;
    r->is_final = true;
    r->given_up = r->given_up ? r->given_up : DUALPIPE_OUTCOME_TIMED_OUT;
    r->interrupt_limit = clock_deadline(worker_interrupt_grace(w));
    r->interrupt_pause_ms = REPEAT_MS;
    r->deadline = rule_wraps(r->rule) ? clock_deadline(REPEAT_MS) : r->interrupt_limit;
    return true;
}

/* Its deadline has passed from now on. */
bool worker_interrupt_cancel(struct worker *w, int64_t number) {
    struct request *r = w->inflight_first;
    while (r && (r->discards_reply || r->reply_complete || (number > 0 && r->number != number)))
        r = r->queue_next;
    if (!r || r->is_batch)
        return false;
    if (!r->given_up) {
        r->given_up = DUALPIPE_OUTCOME_CANCELLED;
        r->is_final = true;
        r->deadline = clock_now_ns();
    }
    return true;
}

struct request *worker_interrupt_make_probe(const struct worker *w, const dualpipe_rule *rule,
                                            int attempt) {
    struct request *probe = request_new(w->requests);
    int grace = worker_interrupt_grace(w);
    if (!probe)
        return NULL;
    probe->rule = rule;
    probe->attempt = attempt;
    probe->timeout_ms = grace > MIN_LAST_PROBE_MS ? grace : MIN_LAST_PROBE_MS;
    if (attempt == 1)
        probe->timeout_ms = FIRST_PROBE_MS;
    probe->interrupt = INTERRUPT_PROBE;
    probe->discards_reply = probe->is_exclusive = true;
    return probe;
}

void worker_interrupt_end(struct worker *w) {
    process_note_survival(&w->child->process);
}

bool worker_interrupt_is_pending(const struct worker *w) {
    return w->inflight_last && w->inflight_last->interrupt != INTERRUPT_NONE;
}

bool worker_interrupt_is_probing(const struct worker *w) {
    return w->inflight_last && w->inflight_last->interrupt == INTERRUPT_PROBE && !w->desync_reason;
}
