/* turns.c: whose request is next: clients stand in line, each for one request at a time, and what
 * has had its turn is a job of the pool. */
#include "base/clock.h"
#include "session/server_state.h"
#include <errno.h>
#include <stdlib.h>

/* --- the line ---------------------------------------------------------------------------- */

void runqueue_push(struct conn *c) {
    dualpipe_server *s = c->server;
    c->next_queued = NULL;
    c->is_queued = true;
    if (s->runqueue_last)
        s->runqueue_last->next_queued = c;
    else
        s->runqueue_first = c;
    s->runqueue_last = c;
}

void runqueue_remove(struct conn *c) {
    dualpipe_server *s = c->server;
    struct conn **at = &s->runqueue_first, *before = NULL;
    if (!c->is_queued)
        return;
    while (*at != c) {
        before = *at;
        at = &before->next_queued;
    }
    *at = c->next_queued;
    if (s->runqueue_last == c)
        s->runqueue_last = before;
    c->is_queued = false;
}

/* --- a turn ------------------------------------------------------------------------------ */

static struct client_request *conn_new_request(struct conn *c) {
    struct client_request *j = calloc(1, sizeof *j);
    if (!j)
        return NULL;
    j->conn = c;
    j->id = c->request_id;
    j->is_plain = c->protocol == CONN_PLAIN;
    j->held_back.max = c->out.max;
    return j;
}

static void conn_add_request(struct conn *c, struct client_request *j) {
    if (c->last)
        c->last->next = j;
    else
        c->first = j;
    c->last = j;
    c->server->nrequests++;
    c->nrequests++;
}

/* 0; else it is refused: a negative errno. */
static int submit_request(struct conn *c, struct client_request *j) {
    dualpipe_server *s = c->server;
    const char *data = c->request_copy;
    if (!data)
        data = buffer_data(&c->in) + (c->request.total_size - c->request.size);
    struct dualpipe_request q = {.data = data,
                                 .size = c->request.size,
                                 .rule = c->expects_no_reply ? s->no_reply_rule : NULL,
                                 .timeout = c->reply_limit,
                                 .tag = j};
    struct client_request *before = s->current;
    int r;
    server_deliver_last_output(c, j);
    s->submitting = s->current = j;
    r = dualpipe_pool_put(s->pool, &q);
    s->submitting = NULL;
    if (r < 0)
        s->current = before; /* the job may be freed, and tried again */
    return r;
}

/* Its output has ended: how it has ended itself is not known yet. */
static bool child_is_ending(const dualpipe_server *s, int r) {
    return r == -EPIPE && s->state == SERVER_OPEN && s->child_started && !s->child_died;
}

/* false: it goes on standing in line. */
static bool submit_or_refuse(struct conn *c, bool refused) {
    struct client_request *j = conn_new_request(c);
    bool late = c->queue_deadline <= clock_now_ns();
    int r = refused ? -EPIPE : 0;
    if (j && !refused && !late && child_is_ending(c->server, r = submit_request(c, j))) {
        free(j);
        return false;
    }
    runqueue_remove(c);
    if (!j) {
        conn_close(c, DUALPIPE_CLIENT_EVICTED, "no memory is left for its request");
        return true;
    }
    conn_add_request(c, j);
    if (!refused && late)
        server_deliver_refusal(j, c->request.size, DUALPIPE_OUTCOME_TIMED_OUT,
                               "the session is busy with another's request");
    else if (r < 0)
        server_deliver_refusal(
            j, c->request.size,
            r == -ENOMEM ? DUALPIPE_OUTCOME_NO_MEMORY : DUALPIPE_OUTCOME_NOT_STARTED, "");
    advance_conn(c);
    return true;
}

bool submit_next(struct conn *c) {
    return submit_or_refuse(c, false);
}

void refuse_queued(dualpipe_server *s) {
    while (s->runqueue_first)
        submit_or_refuse(s->runqueue_first, true);
}

/* --- round ------------------------------------------------------------------------------- */

static bool deliver_replies(dualpipe_server *s) {
    struct dualpipe_reply r;
    int got;
    while ((got = dualpipe_pool_get(s->pool, &r, 0)) == 1)
        server_deliver_reply(s, &r);
    return got == 0;
}

bool schedule_requests(dualpipe_server *s) {
    bool idle = deliver_replies(s);
    while (s->runqueue_first && dualpipe_pool_room(s->pool) > 0 && s->state != SERVER_CLOSING) {
        bool taken = submit_next(s->runqueue_first);
        idle = deliver_replies(s);
        if (!taken)
            break;
    }
    if (s->runqueue_first || s->nrequests > 0)
        pool_sched_limit_abandoned(s->pool, s->runqueue_first != NULL,
                                   s->options.abandoned_reply_timeout);
    return idle;
}
