/* worker.c: the life of a worker, and everything that changes its state.
 *
 * A worker is one slot for a child. worker_start() fills it; the set-up texts are sent and answered
 * one after another (setup_next); then requests are submitted until the child is shut down, stopped
 * or ends by itself (reap_child). The states and their transitions are drawn in worker_state.h.
 * worker_send.c writes, worker_recv.c reads, worker_idle.c takes what is no reply; all leave it to
 * this file to report events to the host and to stop or replace the child, and call it then.
 *
 * worker_step() is the one entry from which everything goes on without waiting: it writes, reads,
 * pairs replies, notices the end of the child, and returns requests one at a time. worker_expire()
 * is the other one: once the deadline that worker_next_deadline() returned has passed, the pool
 * steps the worker first and then calls it, so that a reply which came in time is not lost.
 *
 * Being out of step is no state but desync_reason: it is set where replies can't be paired any more
 * (a timeout whose late reply can't be recognised, a malformed frame, a failed write), and is
 * cleared by nothing but a new child. Reasons are in words, as the host shows them to the user.
 *
 * After a timeout the worker stays in step if the end of the late reply can be recognised: a
 * placeholder takes the request's place in the queue (make_late) and discards the reply. Before
 * that worker_interrupt.c may interrupt the child, which then need not give the reply at all.
 *
 * Traps: any call that fails a request of the set-up may stop the child, and any that finishes one
 * may send the next text; so look at w->state and w->child again after it. A child whose stdout has
 * ended may still run, and one that has exited may have left output, in a pipe that another process
 * holds open: on_exit_or_eof() treats each case. */
#include "pool/worker.h"
#include "base/clock.h"
#include "codec/rule.h"
#include "child/handle.h"
#include "child/input_wait.h"
#include "codec/rule_scan_frames.h"
#include "pool/inflight.h"
#include "pool/worker_idle.h"
#include "pool/worker_interrupt.h"
#include "pool/worker_open.h"
#include "pool/worker_recv.h"
#include "pool/worker_send.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BACKOFF_FIRST_MS = 50,     /* pause before the next child, doubled for each that fails */
    BACKOFF_MAX_MS = 2000,
    EXIT_TIMEOUT_MS = 10000,   /* for a child to end by itself, where the host sets none */
    CANCELLED_MS = 10000,      /* for the late reply to a cancelled request that had no timeout */
    GRACE_MS = 2000,           /* from the first signal to SIGKILL, where the host sets none */
    EOF_TIMEOUT_MS = 2000,     /* for a child to end that has closed its stdout or stdin */
    START_LOOKS_MS = 5000,     /* for a child to be seen to wait for input after its start */
    END_LOOKS_MS = 1000,       /* and after its last reply */
    MAX_READS_AFTER_EXIT = 32, /* of 64 KiB: a pipe may hold 1 MiB */
    MAX_ID_SIZE = 65536,       /* of a child's request that is answered */
};

/* --- Events --- */

void worker_notify(struct worker *w, enum dualpipe_pool_event_type type,
                   struct dualpipe_pool_event event) {
    event.type = type;
    event.worker = w->index;
    event.child = w->child;
    if (w->options->callback)
        w->options->callback(w->options->callback_data, &event);
}

void worker_report_notification(struct worker *w, const char *p, size_t n) {
    worker_notify(w, DUALPIPE_POOL_EVENT_NOTIFICATION,
                  (struct dualpipe_pool_event){.data = p, .size = n});
}

uint64_t worker_read_end(const struct worker *w) {
    long unread = handle_unread(w->child);
    return w->sent_size - (unread > 0 ? (uint64_t)unread : 0);
}

void worker_report_mispaired(struct worker *w) {
    if (w->input_closed || w->answered_end <= worker_read_end(w))
        return;
    worker_notify(w, DUALPIPE_POOL_EVENT_MISPAIRED,
                  (struct dualpipe_pool_event){.number = w->answered_number});
    w->answered_end = 0;
}

void worker_find_unread(struct worker *w) {
    int64_t mispaired;
    worker_report_mispaired(w);
    w->read_end = worker_read_end(w);
    if ((mispaired = inflight_find_unread(w)) > 0)
        worker_notify(w, DUALPIPE_POOL_EVENT_MISPAIRED,
                      (struct dualpipe_pool_event){.number = mispaired});
}

static int64_t min_time(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* --- Whether the child waits for input (AWAIT_INPUT) --- */

static void setup_next(struct worker *w);

void worker_end_looks(struct worker *w) {
    if (w->state != WORKER_SETUP || !worker_idle_is_looking(w))
        return;
    w->next_look = CLOCK_NEVER;
    setup_next(w);
}

static void go_on_looking(struct worker *w) {
    if (!worker_idle_looks_are_over(w))
        return;
    if (w->state == WORKER_SETUP)
        setup_next(w);
    else
        worker_shutdown(w);
}

/* --- Requests in --- */

int worker_room(struct worker *w) {
    int room = w->options->window - w->inflight_count;
    if (w->state != WORKER_READY || w->desync_reason || worker_interrupt_is_pending(w) ||
        worker_borrows_text(w))
        return 0;
    if (worker_is_adaptive(w)) /* a child whose pipe is full has enough to do */
        room = w->sending || w->blocking_count > 0 ? 0 : window_room(&w->window, w->inflight_count);
    if (w->options->max_requests > 0 && room > w->options->max_requests - w->sent_count)
        room = (int)(w->options->max_requests - w->sent_count);
    return room > 0 ? room : 0;
}

bool worker_can_take(struct worker *w, const struct request *r) {
    bool needs_empty_queue = r->is_exclusive || !rule_allows_pipelining(r->rule);
    return worker_room(w) > 0 && w->blocking_count == 0 &&
           !(needs_empty_queue && w->inflight_first);
}

/* With a fence all that comes between two tokens is the reply to the request between them. A prompt
 * behind the first token's line may come before or after that request is sent: it is no stray
 * output, so that the reply is the same in every run. */
int worker_submit(struct worker *w, struct request *r, const void *p) {
    bool is_tellable = !r->discards_reply || w->has_looked; /* else a set-up text's own reply */
    bool is_between_fences = rule_has_fence(r->rule) && w->idle_output == IDLE_OUTPUT_FENCED;
    if (!w->inflight_first && is_tellable && r->text_size > 0 && !is_between_fences &&
        !(w->options->flags & DUALPIPE_POOL_ONE_SHOT))
        worker_idle_report_before_send(w);
    if (r->text_size > 0)
        w->idle_output = rule_has_fence(r->rule) ? IDLE_OUTPUT_FENCED : IDLE_OUTPUT_STRAY;
    return worker_send(w, r, p);
}

/* Sends a text of the pool's own, whose reply is discarded. awaits_reply: the reply is waited for,
 * if the rule expects one. */
static int submit_internal(struct worker *w, const struct dualpipe_request *q, bool awaits_reply) {
    struct request *r = request_new(w->requests);
    int error;
    if (!r)
        return -ENOMEM;
    r->rule = q->rule ? q->rule : w->options->rule;
    r->text_size = q->size;
    r->timeout_ms = awaits_reply ? q->timeout : 0;
    r->discards_reply = true;
    r->expects_reply = awaits_reply && rule_expects_reply(r->rule, q->data, q->size);
    if ((error = worker_submit(w, r, q->data)) < 0)
        request_recycle(r, w->requests);
    return error;
}

/* Without memory, or to an ID longer than MAX_ID_SIZE, nothing is sent. */
void worker_refuse_method(struct worker *w, const char *id, size_t n) {
    static const char form[] = "{\"jsonrpc\":\"2.0\",\"id\":%.*s,\"error\":{\"code\":-32601,"
                               "\"message\":\"Method not found\"}}";
    char *text =
        n <= MAX_ID_SIZE ? malloc(sizeof form + n + sizeof(struct dualpipe_frame_envelope)) : NULL;
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
        submit_internal(w, &q, false);
    }
    free(text);
}

/* A batch can be continued by requests with the same rule, timeout and tag if it is all sent, has
 * no retries left, and nothing of it waits to be given. */
bool worker_extend_batch(struct worker *w, const dualpipe_rule *rule,
                         const struct dualpipe_request *q) {
    struct request *r = w->inflight_last;
    if (!r || !r->is_batch || r->answered_count > 0 || w->sending || w->input_closed ||
        w->desync_reason || r->rule != rule || r->timeout_ms != q->timeout || r->tag != q->tag ||
        r->attempt <= w->options->retries)
        return false;
    buffer_consume(&r->copy, buffer_len(&r->copy));
    r->text_size = r->wire_size = q->size;
    r->sent = r->copy_offset = 0;
    r->uncopied_count = r->count;
    r->count += q->count;
    w->inflight_count += q->count;
    w->sent_count += q->count;
    w->last_number += q->count;
    worker_send_or_copy(w, r, q->data, q->data);
    return true;
}

/* --- Start and set-up --- */

/* With max_start_failures == 0 one child that can't be set up is an error of the whole pool. */
void worker_setup_failed(struct worker *w, enum dualpipe_outcome outcome) {
    const struct dualpipe_request *text = NULL;
    /* the first text comes after the looks */
    int index = worker_idle_is_looking(w) ? 0 : w->setup_step - 2;
    if (w->state != WORKER_SETUP || w->error || w->setup_failed)
        return;
    if (index >= 0 && index < w->options->setup_count)
        text = &w->options->setup_texts[index];
    w->setup_failed = true;
    if (w->options->max_start_failures == 0)
        w->error = outcome == DUALPIPE_OUTCOME_TIMED_OUT ? -ETIME : -ECHILD;
    if (outcome == DUALPIPE_OUTCOME_CHILD_ENDED && w->child->process.status.limit)
        outcome = DUALPIPE_OUTCOME_LIMIT;
    worker_notify(w, DUALPIPE_POOL_EVENT_SETUP_FAILED,
                  (struct dualpipe_pool_event){.data = text ? text->data : NULL,
                                               .size = text ? text->size : 0,
                                               .outcome = outcome,
                                               .reason = w->desync_reason,
                                               .status = w->child->process.status});
}

/* Sends the next text of the set-up, or, after the last one was answered, makes the worker READY.
 * Step 0 is the ready rule: a request without a text. The looks follow it. */
static void setup_next(struct worker *w) {
    const struct dualpipe_pool_options *o = w->options;
    struct dualpipe_request ready = {.rule = o->ready_rule};
    int64_t looks_end;
    int step;
    if (w->state != WORKER_SETUP || worker_idle_is_looking(w))
        return;
    if (w->input_closed || w->desync_reason) { /* it did not take the last text */
        worker_setup_failed(w, DUALPIPE_OUTCOME_CHILD_ENDED);
        worker_stop(w, 0);
        return;
    }
    if (w->setup_step == 0 && !o->ready_rule)
        w->setup_step = 1;
    if (w->setup_step == 1 && o->flags & DUALPIPE_POOL_AWAIT_INPUT && !w->has_looked) {
        w->has_looked = true;
        looks_end = clock_deadline(START_LOOKS_MS);
        if (o->setup_count == 0)
            looks_end = min_time(looks_end, w->state_deadline);
        if (!worker_idle_begin_looks(w, looks_end))
            return;
    }
    step = w->setup_step++;
    if (step > o->setup_count) {
        w->state = WORKER_READY;
        w->state_deadline = CLOCK_NEVER;
        worker_notify(w, DUALPIPE_POOL_EVENT_STARTED, (struct dualpipe_pool_event){0});
    } else if (submit_internal(w, step == 0 ? &ready : &o->setup_texts[step - 1], true) < 0) {
        worker_setup_failed(w, DUALPIPE_OUTCOME_NO_MEMORY);
        worker_stop(w, 0);
    } else if (w->desync_reason) {
        setup_next(w);
    }
}

/* Whether a child can't be started only because there are so many already. */
static bool is_shortage(int error) {
    return error == -EMFILE || error == -ENFILE || error == -EAGAIN || error == -ENOMEM;
}

static void report_start_failure(struct worker *w, int error, bool has_others,
                                 const struct dualpipe_error *why) {
    bool is_shed = has_others && is_shortage(error);
    w->is_disabled |= is_shed;
    w->error = is_shed ? 0 : error;
    worker_notify(w, is_shed ? DUALPIPE_POOL_EVENT_WORKER_DISABLED
                             : DUALPIPE_POOL_EVENT_CANNOT_START,
                  (struct dualpipe_pool_event){.error = error, .cause = why});
}

int worker_start(struct worker *w, bool has_others, struct dualpipe_error *why) {
    struct dualpipe_error own;
    int64_t now_us = inflight_time_of_day(w); /* before the child can look at its clock */
    int error = worker_interrupt_start(w, why = why ? why : &own);
    if (error < 0) {
        report_start_failure(w, error, has_others, why);
        return error;
    }
    w->children_started++;
    w->child_started_us = now_us;
    w->was_retired = false;
    w->state = WORKER_SETUP;
    w->state_deadline =
        w->options->start_timeout > 0 ? clock_deadline(w->options->start_timeout) : CLOCK_NEVER;
    w->setup_step = 0;
    w->idle_output = IDLE_OUTPUT_FENCED;
    w->sent_count = 0;
    w->sent_size = w->read_end = w->answered_end = 0;
    w->last_number = w->answered_number = 0;
    w->last_is_proven = w->has_looked = false;
    w->window = (struct window){0};
    w->kept_size = w->lent_size = 0;
    w->received_at_scan = w->trailing_size = 0;
    w->desync_reason = NULL;
    w->reads_after_exit = 0;
    w->is_drained = w->input_closed = w->at_eof = w->wanted_after_eof = w->setup_failed = false;
    setup_next(w);
    return 0;
}

void worker_drop_reply(struct worker *w, struct request *r) {
    if (w->child)
        worker_recv_drain_stderr(w); /* it came with this reply, so it isn't the next request's */
    inflight_remove(w, r, NULL);
    if (r->is_late && !r->fence_only) {
        w->stats->late_discarded++;
        worker_notify(w, DUALPIPE_POOL_EVENT_LATE_DISCARDED,
                      (struct dualpipe_pool_event){.number = r->number});
    }
    request_recycle(r, w->requests);
    if (r->interrupt == INTERRUPT_PROBE)
        worker_interrupt_end(w);
    else if (r->interrupt == INTERRUPT_SENT && !w->desync_reason)
        worker_send_probe(w, r->rule, 1);
    else if (!r->is_late)
        setup_next(w);
}

/* --- Stop and shutdown --- */

/* Requests with a complete reply stay in flight: they only wait for the child's exit. All output
 * belongs to the oldest request, even if that one has already timed out. */
static void fail_all_inflight(struct worker *w) {
    struct request *r = w->inflight_first, *next;
    for (; r; r = next) {
        r = inflight_split_first(w, r);
        next = r->queue_next;
        worker_recv_keep_partial(w, r, false);
        worker_recv_discard(w);
        if (!r->reply_complete)
            inflight_fail(w, r, DUALPIPE_OUTCOME_CHILD_ENDED, NULL);
    }
}

void worker_stop(struct worker *w, int signo) {
    int grace = worker_child_options(w->options, w->index)->grace;
    if (!w->child)
        return;
    worker_recv_release(w);
    if (w->child_is_borrowed) {
        w->desync_reason = "it is out of step";
        fail_all_inflight(w);
        return;
    }
    if (!w->input_closed && !(w->options->flags & DUALPIPE_POOL_ONE_SHOT) &&
        w->state <= WORKER_SETTLING)
        worker_find_unread(w); /* it reads no more */
    w->next_look = CLOCK_NEVER;
    dualpipe_stop(w->child, signo);
    if (w->state != WORKER_KILLING)
        w->state_deadline = grace < 0 ? CLOCK_NEVER
                                      : clock_deadline((grace > 0 ? grace : GRACE_MS) +
                                                       EXIT_TIMEOUT_MS);
    w->state = WORKER_KILLING;
    fail_all_inflight(w);
}

void worker_replace(struct worker *w) {
    const char *reason = w->desync_reason ? w->desync_reason : "it has closed its output";
    worker_notify(w, DUALPIPE_POOL_EVENT_REPLACED, (struct dualpipe_pool_event){.reason = reason});
    worker_stop(w, 0);
}

/* How long a child may take to end by itself, in milliseconds; negative: any time. */
static int exit_timeout(const struct worker *w) {
    return w->options->exit_timeout != 0 ? w->options->exit_timeout : EXIT_TIMEOUT_MS;
}

/* A child on a raw terminal can't be sent an end of file. If no shutdown text tells it to end, it
 * would use up its exit timeout for nothing, so it has the grace period at most. */
static void close_input(struct worker *w) {
    int error = dualpipe_close_stdin(w->child), timeout = exit_timeout(w);
    int grace = worker_child_options(w->options, w->index)->grace;
    if (error == -ENOTSUP && w->options->shutdown_count == 0)
        timeout = grace > 0 && (timeout < 0 || grace < timeout) ? grace : GRACE_MS;
    w->state = WORKER_EOF_SENT;
    w->state_deadline = clock_deadline(timeout);
}

/* Empties the queue before shutdown: only requests of the pool's own are left in it, whose replies
 * will be discarded anyway. Returns whether the child is in step: no late reply is to come. */
static bool forget_internal(struct worker *w) {
    bool in_step = !w->desync_reason;
    while (w->inflight_first) {
        struct request *r = w->inflight_first;
        in_step &= !r->is_late || r->fence_only;
        inflight_remove(w, r, NULL);
        request_recycle(r, w->requests);
    }
    return in_step;
}

/* Whether the reply to a shutdown text is still to come. The input is not closed before: some
 * children end at once when it is. */
static bool awaits_shutdown_reply(const struct worker *w) {
    const struct request *r = w->inflight_first;
    while (r && !r->expects_reply)
        r = r->queue_next;
    return r && w->state == WORKER_QUITTING && !w->input_closed && !w->desync_reason;
}

/* Only a reply that is recognised by its ID is waited for. */
static void send_shutdown_text(struct worker *w, const struct dualpipe_request *q) {
    submit_internal(w, q, rule_matches_by_id(q->rule ? q->rule : w->options->rule));
}

/* The last moment at which output can be told from what the child prints when it is to end. */
static void begin_quitting(struct worker *w) {
    bool is_one_shot = w->options->flags & DUALPIPE_POOL_ONE_SHOT;
    if (!is_one_shot) {
        worker_idle_report_before_end(w);
        worker_report_mispaired(w);
    }
    w->state = WORKER_QUITTING;
    w->state_deadline = clock_deadline(EXIT_TIMEOUT_MS);
    for (int i = 0; i < w->options->shutdown_count && !is_one_shot; i++)
        send_shutdown_text(w, &w->options->shutdown_texts[i]);
}

void worker_shutdown(struct worker *w) {
    if (w->options->setup_count == 0)
        worker_end_looks(w);
    if (w->state == WORKER_READY && worker_interrupt_is_probing(w))
        return; /* the interrupt must not hit what is sent last */
    if (w->state == WORKER_SETUP || (w->state == WORKER_READY && !forget_internal(w))) {
        worker_stop(w, 0);
        return;
    }
    if (w->state == WORKER_READY) {
        w->state = WORKER_SETTLING;
        w->state_deadline = CLOCK_NEVER;
        if (w->options->flags & DUALPIPE_POOL_AWAIT_INPUT || worker_idle_is_reading(w))
            worker_idle_begin_looks(w, clock_deadline(END_LOOKS_MS));
    }
    if (w->state == WORKER_SETTLING && !worker_idle_is_looking(w))
        begin_quitting(w);
    if (w->state == WORKER_QUITTING && (!w->sending || w->input_closed) &&
        !awaits_shutdown_reply(w))
        close_input(w);
}

/* --- The end of the child --- */

/* Whether the child came so far that its end may be the fault of what it was asked: it was set up,
 * or has read some of its requests. What was read need not have reached the child where a launcher
 * stands between, and does not count where workers may be unreachable. */
static bool was_reached(const struct worker *w) {
    const struct dualpipe_pool_options *o = w->options;
    bool was_set_up = (o->ready_rule || o->setup_count > 0) && w->setup_step > o->setup_count + 1;
    long unread =
        w->input_closed ? (long)(w->sent_size - w->read_end) : handle_unread(w->child);
    size_t sent = 0;
    for (const struct request *r = w->inflight_first; r; r = r->queue_next)
        sent += r->sent;
    if (w->child->received > 0 && was_set_up)
        return true;
    if (o->flags & DUALPIPE_POOL_LAUNCHED || o->max_start_failures > 0)
        return false;
    return unread >= 0 && (size_t)unread < sent;
}

/* When the next child may be started; 0: now. There is a pause from the second child in a row on
 * that ended without an answer, and it grows; but none after one that was reached. */
static int64_t backoff_until(const struct worker *w, bool was_child_reached) {
    int pause = BACKOFF_FIRST_MS;
    if (w->failures < 2 || was_child_reached)
        return 0;
    for (int i = 2; i < w->failures && pause < BACKOFF_MAX_MS; i++)
        pause *= 2;
    return clock_deadline(pause);
}

/* The child has ended with status s: the oldest request is answered if its reply was complete and
 * waited for that exit (ONE_SHOT), and the status is 0; else it has failed. */
static void return_from_exited(struct worker *w, const struct dualpipe_status *s) {
    struct request *r = inflight_split_first(w, w->inflight_first);
    worker_recv_drain_stderr(w);
    r->status = *s;
    if (r->reply_complete && !inflight_never_reached_child(w, r))
        w->failures = 0;
    if (r->reply_complete && !r->discards_reply && !s->limit && (s->code == 0 || s->stopped) &&
        !inflight_is_unread(w, r)) {
        inflight_finish(w, r);
        inflight_push_returned(w, r);
        return;
    }
    worker_recv_keep_partial(w, r, false);
    inflight_fail(w, r, DUALPIPE_OUTCOME_CHILD_ENDED, NULL);
}

static void disable_worker(struct worker *w, const struct dualpipe_status *s) {
    w->is_disabled = true;
    w->state_deadline = CLOCK_NEVER;
    worker_notify(w, DUALPIPE_POOL_EVENT_WORKER_DISABLED,
                  (struct dualpipe_pool_event){.status = *s, .number = w->failures});
}

/* The child has ended by itself: what it had printed behind its last reply, and replies that it
 * can't have given. */
static void report_last(struct worker *w) {
    if (w->options->flags & DUALPIPE_POOL_ONE_SHOT)
        return;
    if (!w->desync_reason)
        worker_idle_report(w);
    worker_report_mispaired(w);
}

/* Its end was seen before that of its stdin: what it has printed last may answer none of the
 * requests in flight, as it has not read them. */
static void judge_last_output(struct worker *w) {
    if (w->input_closed || w->state != WORKER_READY || !w->inflight_first ||
        w->options->flags & DUALPIPE_POOL_ONE_SHOT)
        return;
    worker_find_unread(w);
    if (w->inflight_first->is_unread)
        worker_idle_report_unread(w);
}

/* The child has ended, or is not waited for any longer: every request in flight is returned, and
 * the slot is free. The child has failed if requests were left, or if it was never of use. */
static void reap_child(struct worker *w) {
    struct dualpipe_status s = {.code = -1, .signal = -1};
    bool failed, reached = was_reached(w);
    worker_recv_release(w);
    dualpipe_wait(w->child, &s, 0);
    worker_setup_failed(w, DUALPIPE_OUTCOME_CHILD_ENDED);
    failed = (w->state <= WORKER_READY || w->setup_failed) &&
             (w->inflight_count > 0 || w->child->received == 0 || w->setup_failed);
    w->failures++;
    judge_last_output(w);
    if (!w->inflight_first && worker_idle_holds_output(w))
        worker_idle_report_to_user(w); /* no request will come for it */
    while (w->inflight_first) {
        return_from_exited(w, &s);
        worker_recv_discard(w); /* belonged to the oldest request, even if it has timed out */
    }
    w->next_look = CLOCK_NEVER;
    if (w->state == WORKER_READY || w->state == WORKER_SETTLING)
        report_last(w);
    if (w->trailing_size > 0)
        worker_notify(w, DUALPIPE_POOL_EVENT_UNEXPECTED_BYTES,
                      (struct dualpipe_pool_event){.size = (size_t)w->trailing_size,
                                                   .number = w->last_number,
                                                   .proven = w->last_is_proven});
    w->child = w->child_is_borrowed ? NULL : dualpipe_close(w->child, &s);
    w->state = WORKER_DOWN;
    w->state_deadline = backoff_until(w, reached);
    worker_notify(w, DUALPIPE_POOL_EVENT_CHILD_ENDED,
                  (struct dualpipe_pool_event){.status = s, .number = failed ? w->failures : 0});
    if (failed && w->options->max_start_failures > 0 &&
        w->failures >= w->options->max_start_failures)
        disable_worker(w, &s);
}

/* --- Going on: worker_step() --- */

/* The oldest request can't be answered, as its child closed stdin before it had read it. It fails
 * when the child ends, because then the status is known; it has a while for that. */
static void await_end_of_unread(struct worker *w) {
    worker_idle_report_unread(w);
    if (w->state == WORKER_READY && w->state_deadline == CLOCK_NEVER)
        w->state_deadline = clock_deadline(EOF_TIMEOUT_MS);
}

/* Looks for the reply to the oldest request. *more: another call may find something. */
static struct request *recv_oldest(struct worker *w, bool *more) {
    struct request *r = w->inflight_first;
    if (!r) {
        worker_idle_notifications(w);
        if (w->state == WORKER_READY && !rule_matches_by_id(w->options->rule) &&
            !worker_idle_holds_output(w))
            worker_idle_report_to_user(w);
        return NULL;
    }
    if (inflight_is_unread(w, r)) {
        await_end_of_unread(w);
        return NULL;
    }
    if (r->expects_reply && !r->reply_complete)
        return worker_recv(w, r, more);
    if (r->reply_complete && w->options->flags & DUALPIPE_POOL_ONE_SHOT)
        worker_recv_discard(w); /* only the child's exit is waited for */
    if (!inflight_all_sent(w, r) ||
        (r->reply_complete && w->options->flags & DUALPIPE_POOL_ONE_SHOT))
        return NULL;
    *more = true;
    if (!r->discards_reply)
        return worker_recv_complete(w, r);
    worker_drop_reply(w, r);
    return NULL;
}

/* Whether an unterminated last line counts as complete: at end of file if the rule says so, and
 * when the child exited with status 0. */
static bool last_line_complete(const struct worker *w, const struct request *r) {
    const struct process *p = &w->child->process;
    return r && r->expects_reply && !r->reply_complete && !w->desync_reason && !w->at_eof &&
           !w->child->out.error && (r->rule->until_eof || (p->has_ended && p->status.code == 0));
}

/* The child has closed its stdout but still runs. If a request depends on it, the child has a while
 * to end, because then its status is known; after that it is stopped. The timer is off while
 * nothing waits. */
static void arm_exit_timer(struct worker *w, const struct request *r) {
    bool awaits_exit = r && r->reply_complete && w->options->flags & DUALPIPE_POOL_ONE_SHOT;
    bool awaits_output = r ? inflight_is_unread(w, r) || (r->expects_reply && !r->reply_complete &&
                                              inflight_all_sent(w, r))
                           : w->wanted_after_eof;
    int64_t deadline;
    if (w->state == WORKER_READY && !awaits_exit && !awaits_output)
        w->state_deadline = CLOCK_NEVER;
    if (w->state_deadline != CLOCK_NEVER || (!awaits_exit && !awaits_output))
        return;
    deadline = clock_deadline(awaits_exit ? exit_timeout(w) : EOF_TIMEOUT_MS);
    w->state_deadline =
        r && !awaits_exit && r->deadline > 0 && r->deadline < deadline ? r->deadline : deadline;
}

/* If the child has exited, or its stdout has ended: reads the rest from the pipe, without waiting
 * for other processes that hold it open; then lets the last line count; then reaps the child.
 * Returns whether there is more to scan. A session (a socket) has no exit to wait for. */
static bool on_exit_or_eof(struct worker *w) {
    const dualpipe *child = w->child;
    if (!child->process.has_ended && !child->out.ended)
        return false;
    if (!child->out.ended && !w->desync_reason && w->reads_after_exit++ < MAX_READS_AFTER_EXIT &&
        worker_recv_read(w) > 0)
        return true;
    if (last_line_complete(w, w->inflight_first)) {
        w->at_eof = w->must_rescan = true;
        return true;
    }
    if (child->process.has_ended || child->is_session)
        reap_child(w);
    else
        arm_exit_timer(w, w->inflight_first);
    return false;
}

/* Whether output after the last reply may mean that a reply was longer than its rule says: not if a
 * shutdown text, a prompt or a fence accounts for it. */
static bool may_have_late_output(const struct worker *w) {
    return w->options->shutdown_count == 0 && !rule_needs_drained(w->options->rule) &&
           !rule_has_fence(w->options->rule);
}

/* Discards the output of a child that is being shut down or stopped, and reaps it once it has
 * exited. After an end of file such output is reported: at once (INTERACTIVE), or counted for a
 * report at the end. */
static void drain_until_exit(struct worker *w) {
    if (w->state == WORKER_EOF_SENT && !w->inflight_first)
        worker_idle_notifications(w);
    do {
        bool is_reported = w->state == WORKER_EOF_SENT && w->options->shutdown_count == 0;
        size_t n = 0;
        if (is_reported && w->looked_in_vain)
            worker_idle_report(w); /* it never waited, so this need be no goodbye */
        else if (!is_reported || !worker_idle_report_to_user(w))
            n = worker_recv_discard(w);
        if (w->state == WORKER_EOF_SENT && may_have_late_output(w))
            w->trailing_size += n;
    } while (w->child->process.has_ended && w->reads_after_exit++ < MAX_READS_AFTER_EXIT &&
             worker_recv_read(w) > 0);
    if (w->state == WORKER_QUITTING)
        worker_shutdown(w);
    if (w->child->process.has_ended) {
        worker_recv_drain_stderr(w);
        reap_child(w);
    }
}

/* Out of step, the child can't answer the requests in flight. A session (WAIT_FOR_LATE) replaces it
 * even if there are none, so that its clients are told why. */
static bool needs_replacement(const struct worker *w) {
    bool is_needed = w->inflight_count > 0 || w->options->flags & DUALPIPE_POOL_WAIT_FOR_LATE;
    return w->desync_reason && is_needed && w->child && w->state == WORKER_READY;
}

struct request *worker_step(struct worker *w) {
    struct request *r = inflight_pop_returned(w);
    bool more;
    if (r || !w->child)
        return r;
    if (w->sending)
        worker_send_more(w);
    if (w->child->stdin_hung_up && !w->input_closed)
        worker_send_hung_up(w);
    worker_recv_pass_stderr(w);
    if (worker_idle_is_looking(w) && (w->child->process.has_ended || w->child->out.ended)) {
        go_on_looking(w);
        return inflight_pop_returned(w); /* a request that waits may yet be put to it, and fails */
    }
    if (w->state >= WORKER_QUITTING && !awaits_shutdown_reply(w)) {
        drain_until_exit(w);
        return inflight_pop_returned(w);
    }
    do {
        more = false;
        if ((r = recv_oldest(w, &more))) {
            if (r->interrupt == INTERRUPT_SENT && r->is_done && !w->desync_reason)
                worker_send_probe(w, r->rule, 1);
            return r;
        }
    } while (more || (w->child && on_exit_or_eof(w)));
    if (w->state == WORKER_QUITTING)
        worker_shutdown(w);
    else if (needs_replacement(w))
        worker_replace(w);
    else if (w->desync_reason && w->child)
        setup_next(w); /* if it is being set up, that has failed */
    return inflight_pop_returned(w);
}

bool worker_has_more(const struct worker *w) {
    const struct request *r = w->inflight_first;
    const char *p;
    if (w->returned_first)
        return true;
    if (r && !r->expects_reply && !r->reply_complete && inflight_all_sent(w, r))
        return true;
    return w->child && w->inflight_first && !w->desync_reason &&
           (w->must_rescan || w->child->received != w->received_at_scan) &&
           handle_output(w->child, &p) > w->kept_size + w->lent_size;
}

/* While a request awaits its reply, the end of stdin is watched for too: what comes then may answer
 * nothing (worker_send_hung_up). */
struct dualpipe_pollitem worker_pollitem(const struct worker *w, bool reads) {
    struct dualpipe_pollitem e = {.dp = w->child,
                                  .events = DUALPIPE_POLL_EXIT | DUALPIPE_POLL_STDERR};
    if (reads && !w->desync_reason)
        e.events |= DUALPIPE_POLL_STDOUT;
    if (w->sending && !w->input_closed)
        e.events |= DUALPIPE_POLL_STDIN;
    else if (w->inflight_count > 0 && !w->input_closed && w->child->in.kind == FD_NONBLOCKING)
        e.events |= DUALPIPE_POLL_HUP;
    return e;
}

/* --- Deadlines --- */

/* When the reply to r, the oldest request, will be complete by its idle rule, if no more output
 * comes; CLOCK_NEVER: it has no such rule, or not yet: none of the reply has come (silence alone
 * answers nothing), or r isn't all sent. A reply can't end inside of a frame, and a child whose
 * output failed to be read isn't silent. */
static int64_t idle_deadline(const struct worker *w, const struct request *r) {
    int idle_ms = r ? dualpipe_rule_idle_timeout(r->rule) : -1;
    if (idle_ms < 0 || !inflight_all_sent(w, r) || r->is_late || r->reply_complete ||
        !r->expects_reply ||
        (rule_kind_is_framed(r->rule->kind) && rule_scan_frames_in_frame(&r->scan)))
        return CLOCK_NEVER;
    if (w->child->out.error || r->last_output_at == 0)
        return CLOCK_NEVER;
    return r->last_output_at + (int64_t)idle_ms * 1000000;
}

/* Whether r can still time out. With ONE_SHOT the reply lasts until the child has exited. */
static bool is_deadline_active(const struct worker *w, const struct request *r) {
    return r && (!r->reply_complete || w->options->flags & DUALPIPE_POOL_ONE_SHOT);
}

/* Starts the timer of r, the oldest request. A child that is LAUNCHED may not be there to hear it
 * before its first byte of output: so long it has the start timeout more. */
static void start_timer(const struct worker *w, struct request *r) {
    if (r->interrupt == INTERRUPT_SENT) {
        r->deadline = clock_deadline(worker_interrupt_grace(w));
        return;
    }
    bool is_launching = w->options->flags & DUALPIPE_POOL_LAUNCHED && w->child->received == 0;
    r->launch_ms = is_launching ? w->options->start_timeout : 0;
    r->deadline = r->timeout_ms > 0 ? clock_deadline(r->timeout_ms) : CLOCK_NEVER;
    if (r->timeout_ms > 0)
        r->deadline += (int64_t)r->launch_ms * 1000000;
}

/* Timers run for late replies and for the first request after them: the others have not had their
 * turn yet. The host is about to wait, so drained output may not be drained when it returns. */
int64_t worker_next_deadline(struct worker *w, bool reads) {
    int64_t due = min_time(w->state_deadline > 0 ? w->state_deadline : CLOCK_NEVER, w->next_look);
    w->is_drained = false;
    if (!reads && !w->inflight_first->is_late && !w->inflight_first->given_up)
        w->inflight_first->deadline = 0;
    if (reads)
        due = min_time(due, min_time(idle_deadline(w, w->inflight_first),
                                     worker_open_next_look(w)));
    for (struct request *r = w->inflight_first; reads && is_deadline_active(w, r);
         r = r->queue_next) {
        if (r->deadline == 0 ||
            (r->launch_ms > 0 && w->child->received > 0 && !r->given_up))
            start_timer(w, r);
        due = min_time(due, r->deadline);
        if (!r->is_late)
            break;
    }
    return due;
}

/* Whether no client waits for the reply to r any more. */
static bool is_abandoned(const struct request *r) {
    return r->is_late || r->is_orphaned;
}

static void limit_abandoned(struct request *r, int least) {
    int limit_ms = r->timeout_ms > least ? r->timeout_ms : least;
    bool is_unlimited = r->deadline == CLOCK_NEVER || (r->deadline == 0 && r->timeout_ms == 0);
    if (is_unlimited && limit_ms > 0)
        r->deadline = clock_deadline(limit_ms);
}

void worker_limit_abandoned(struct worker *w, bool others, int least) {
    struct request *r = w->inflight_first;
    while (r && is_abandoned(r))
        r = r->queue_next;
    if (!r && !others)
        return;
    for (r = w->inflight_first; r && is_abandoned(r); r = r->queue_next)
        limit_abandoned(r, least);
}

/* Makes the placeholder for a request that has timed out: it discards the reply when that comes.
 * Without a window nothing is sent before: a child that hangs would take another request with it.
 * NULL: where the late reply ends can't be known, as the request isn't all sent, its rule guesses
 * by silence, its child has only this one, or it is a batch; or there is no memory. The placeholder
 * waits as long again, or, if a user or a session can decide on it, without a limit at first. */
static struct request *make_late(struct worker *w, const struct request *r) {
    struct request *late;
    if (r->is_batch || r->sent < r->wire_size || dualpipe_rule_idle_timeout(r->rule) >= 0 ||
        w->options->flags & DUALPIPE_POOL_ONE_SHOT || !(late = request_new(w->requests)))
        return NULL;
    late->rule = r->rule;
    late->number = r->number;
    late->timeout_ms = r->timeout_ms;
    late->deadline =
        clock_deadline(r->given_up && late->timeout_ms == 0 ? CANCELLED_MS : r->timeout_ms);
    if (w->options->flags & (DUALPIPE_POOL_INTERACTIVE | DUALPIPE_POOL_WAIT_FOR_LATE))
        late->deadline = CLOCK_NEVER;
    late->wire_size = late->sent = r->wire_size;
    late->scan = r->scan;
    memcpy(late->token, r->token, sizeof late->token);
    late->scan.token = r->scan.token ? late->token : NULL;
    late->is_late = late->discards_reply = true;
    late->interrupt = r->interrupt;
    late->is_exclusive = w->options->window == 1 || r->interrupt == INTERRUPT_SENT;
    if (buffer_append(&late->copy, r->id, r->id_size) == 0) {
        late->id = buffer_data(&late->copy);
        late->id_size = r->id_size;
        late->has_id = r->has_id;
    }
    return late;
}

/* Whether the child was sent others, has read all that it was sent, and waits for input now, by a
 * rule that proves nothing: it has said all it had to say. So some reply was shorter than its rule
 * says, and which one it was is not known if they were under way together. */
static bool has_said_all(const struct worker *w, const struct request *r) {
    return w->options->window != 1 && w->sent_count > 1 && !rule_proves_end(r->rule) &&
           input_wait_look(w->child) == INPUT_WAIT_SEEN;
}

/* The interrupt may have swallowed it, so it is sent once more; an answer to the first comes before
 * that to the second. */
static void time_out_probe(struct worker *w, struct request *probe) {
    const dualpipe_rule *rule = probe->rule;
    if (probe->attempt == 1 && probe->sent == probe->wire_size && !w->input_closed) {
        inflight_remove(w, probe, NULL);
        request_recycle(probe, w->requests);
        worker_send_probe(w, rule, 2);
        return;
    }
    w->desync_reason = "it does not answer since it was interrupted";
    worker_replace(w);
}

/* The deadline of r has passed. A text of the set-up fails the set-up. Any other request fails, or
 * is retried on another child; if this child can't stay in step it is replaced, at once if other
 * requests are in flight, as it can't answer them any more. */
static void time_out_request(struct worker *w, struct request *r) {
    struct request *late = NULL;
    if (r->discards_reply) {
        worker_setup_failed(w, DUALPIPE_OUTCOME_TIMED_OUT);
        worker_stop(w, 0);
        return;
    }
    r = inflight_split_first(w, r);
    if (w->desync_reason)
        late = NULL;
    else if (r->is_orphaned && r->timeout_ms == 0 && !r->given_up)
        w->desync_reason = "a reply that no client waited for did not end";
    else if (inflight_may_retry(w, r) && (r->is_final = has_said_all(w, r)))
        w->desync_reason = "it waits for input: its earlier replies may not be their requests'";
    else if (inflight_may_retry(w, r))
        w->desync_reason = "no whole reply came in time";
    else if (!(late = make_late(w, r)))
        w->desync_reason = "where its late reply ends can't be known";
    worker_recv_keep_partial(w, r, late != NULL);
    inflight_fail(w, r, r->given_up ? r->given_up : DUALPIPE_OUTCOME_TIMED_OUT, late);
    if (w->desync_reason && w->inflight_count > 0)
        worker_replace(w);
}

/* Without a timeout there is no time after which a late reply could be given up, so the worker is
 * out of step unless its rule recognises late replies. */
bool worker_time_out_oldest(struct worker *w) {
    struct request *r = w->inflight_first;
    while (r && (r->is_late || r->reply_complete))
        r = r->queue_next;
    if (!r || r->discards_reply)
        return false;
    if (r->timeout_ms == 0 && !rule_proves_end(r->rule))
        w->desync_reason = "a reply of its was given up";
    time_out_request(w, r);
    return true;
}

/* The oldest request was left open: what is sent behind it would only be swallowed too. Another
 * child would fare no better. */
static void fail_left_open(struct worker *w) {
    struct request *r = w->inflight_first;
    r->is_final = true;
    w->desync_reason = "it waits for the rest of a request";
    worker_recv_keep_partial(w, r, false);
    inflight_fail(w, r, DUALPIPE_OUTCOME_OPEN, NULL);
    if (w->inflight_count > 0)
        worker_replace(w);
}

/* The idle time has passed: all there is is the reply. */
static void complete_idle(struct worker *w, struct request *r) {
    worker_recv_keep_partial(w, r, false);
    worker_recv_discard(w); /* the reply to a text of the pool's own, which is not kept */
    if (r->discards_reply) {
        worker_drop_reply(w, r);
        return;
    }
    request_note_reply(r);
    inflight_finish(w, r);
    if (r->token[0])
        worker_recv_expect_fence(w, r);
    inflight_push_returned(w, r);
}

/* A late reply that hasn't come by its deadline puts the child out of step. If it was the oldest,
 * the part of it that has come must not be taken for the next reply. */
static void expire_requests(struct worker *w, int64_t now) {
    struct request *r = w->inflight_first;
    if (r && now >= idle_deadline(w, r)) {
        complete_idle(w, r);
        return;
    }
    for (; r && r->is_late; r = r->queue_next)
        if (now >= r->deadline) {
            w->desync_reason = "its late reply did not come";
            if (r == w->inflight_first)
                worker_recv_discard(w);
            inflight_fail(w, r, DUALPIPE_OUTCOME_TIMED_OUT, NULL);
            if (w->inflight_count > 0)
                worker_replace(w);
            return;
        }
    if (!is_deadline_active(w, r) || r->deadline == 0 || now < r->deadline)
        return;
    if (r->interrupt == INTERRUPT_PROBE)
        time_out_probe(w, r);
    else if (inflight_may_retry(w, r) || !worker_interrupt(w, r))
        time_out_request(w, r);
}

void worker_expire(struct worker *w, int64_t now) {
    if (now >= w->next_look)
        go_on_looking(w);
    if (w->child && now >= w->state_deadline) {
        worker_setup_failed(w, DUALPIPE_OUTCOME_TIMED_OUT);
        if (w->state == WORKER_KILLING)
            reap_child(w);
        else if (w->state == WORKER_READY && w->wanted_after_eof && !w->inflight_first)
            worker_replace(w);
        else
            worker_stop(w, 0);
    } else {
        expire_requests(w, now);
        if (w->child && !worker_has_more(w) && worker_open_is_seen(w, now))
            fail_left_open(w);
    }
}
