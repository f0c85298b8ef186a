/* worker_open.c: notices that a request was left open.
 *
 * A quote, a bracket or a block that a request doesn't close swallows the fence behind it: the
 * child waits for the rest, and we for the token. So when nothing has come for a while, the worker
 * looks from time to time whether its child has read all and nothing but more input makes it go on
 * (child/input_wait.c). If nothing more is in its stdout then, and no request can be sent behind
 * this one, the reply will never come: the request fails at once, without waiting for its timeout.
 * The same is seen if a command read the fence's text as its own input (cat, in a shell), or if the
 * program holds its output back until its buffer is full.
 *
 * With a window that has room the next request may well bring the reply, as what is held back comes
 * out in the end: nothing is told then. Nor in front of a person, who may still decide, and where a
 * launcher stands between, since what the child itself waits for isn't seen. The first look comes
 * so late that prompt replies cost nothing but a deadline. */
#include "pool/worker_open.h"
#include "base/clock.h"
#include "child/handle.h"
#include "child/input_wait.h"

enum {
    FIRST_LOOK_MS = 30, /* after the reply is awaited; the pause is doubled after each look */
    MAX_PAUSE_MS = 1000,
};

/* Whether a person sits in front of the child, who can interrupt it. A session's clients can't. */
static bool is_a_persons(const struct worker *w) {
    return w->options->flags & DUALPIPE_POOL_INTERACTIVE &&
           !(w->options->flags & DUALPIPE_POOL_WAIT_FOR_LATE);
}

/* Whether the oldest request can be seen to be left open: it waits for the token of its fence, and
 * nothing will be sent before that has come. */
static bool may_be_open(const struct worker *w) {
    const struct request *r = w->inflight_first;
    return w->state == WORKER_READY && r && r->token[0] && !r->discards_reply &&
           r->interrupt == INTERRUPT_NONE && !r->reply_complete && !w->sending &&
           !w->input_closed && !w->desync_reason &&
           w->options->window > 0 && w->inflight_count >= w->options->window &&
           !(w->options->flags & (DUALPIPE_POOL_LAUNCHED | DUALPIPE_POOL_ONE_SHOT)) &&
           !is_a_persons(w);
}

int64_t worker_open_next_look(const struct worker *w) {
    struct request *r = w->inflight_first;
    if (!may_be_open(w))
        return CLOCK_NEVER;
    if (r->next_look == 0) {
        r->look_pause_ms = FIRST_LOOK_MS;
        r->next_look = clock_deadline(FIRST_LOOK_MS);
    }
    return r->next_look;
}

/* Reads what the child had written before it was looked at: whether there was something. */
static bool has_more_output(struct worker *w) {
    dualpipe *child = w->child;
    return handle_recv(child, &child->out, false) > 0 || child->out.ended;
}

bool worker_open_is_seen(struct worker *w, int64_t now) {
    struct request *r = w->inflight_first;
    if (!may_be_open(w) || r->next_look == 0 || now < r->next_look)
        return false;
    if (!buffer_is_full(&w->child->out.buf) && input_wait_is_stuck(w->child) && !has_more_output(w))
        return true;
    r->look_pause_ms = r->look_pause_ms < MAX_PAUSE_MS / 2 ? 2 * r->look_pause_ms : MAX_PAUSE_MS;
    r->next_look = now + (int64_t)r->look_pause_ms * 1000000;
    return false;
}
