/* turns.c: whose request is next: clients stand in line, each for one request at a time, and what
 * has had its turn is a job of the pool. */
#include "base/clock.h"
#include "session/server_state.h"
#include <errno.h>
#include <stdlib.h>

/* --- the line ---------------------------------------------------------------------------- */

void service_enter_line(struct client *c) {
    dualpipe_server *s = c->server;
    c->behind = NULL;
    c->in_line = true;
    if (s->line_last)
        s->line_last->behind = c;
    else
        s->line = c;
    s->line_last = c;
}

void service_leave_line(struct client *c) {
    dualpipe_server *s = c->server;
    struct client **at = &s->line, *before = NULL;
    if (!c->in_line)
        return;
    while (*at != c) {
        before = *at;
        at = &before->behind;
    }
    *at = c->behind;
    if (s->line_last == c)
        s->line_last = before;
    c->in_line = false;
}

/* --- a turn ------------------------------------------------------------------------------ */

static struct job *make_job(struct client *c) {
    struct job *j = calloc(1, sizeof *j);
    if (!j)
        return NULL;
    j->client = c;
    j->n = c->n;
    j->plain = c->speaks == SPEAKS_PLAIN;
    j->held.max = c->out.max;
    return j;
}

static void append(struct client *c, struct job *j) {
    if (c->last)
        c->last->next = j;
    else
        c->first = j;
    c->last = j;
    c->server->jobs++;
    c->asked++;
}

/* 0; else it is refused: a negative errno. */
static int put(struct client *c, struct job *j) {
    dualpipe_server *s = c->server;
    const char *data = c->made;
    if (!data)
        data = buffer_data(&c->in) + (c->request.whole - c->request.size);
    struct dualpipe_request q = {.data = data, .size = c->request.size,
                                 .rule = c->quiet ? s->none : NULL, .limit = c->limit, .tag = j};
    struct job *before = s->current;
    int r;
    service_tell_stray(c, j);
    s->sending = s->current = j;
    r = dualpipe_pool_put(s->pool, &q);
    s->sending = NULL;
    if (r < 0)
        s->current = before; /* the job may be freed, and tried again */
    return r;
}

/* Its output has ended: how it has ended itself is not known yet. */
static bool is_ending(const dualpipe_server *s, int r) {
    return r == -EPIPE && s->state == SERVICE_OPEN && s->started && !s->died;
}

/* false: it goes on standing in line. */
static bool take_turn(struct client *c, bool refused) {
    struct job *j = make_job(c);
    bool late = c->until <= clock_ns();
    int r = refused ? -EPIPE : 0;
    if (j && !refused && !late && is_ending(c->server, r = put(c, j))) {
        free(j);
        return false;
    }
    service_leave_line(c);
    if (!j) {
        client_expel(c, DUALPIPE_EXPELLED, "no memory is left for its request");
        return true;
    }
    append(c, j);
    if (!refused && late)
        service_refuse(j, c->request.size, DUALPIPE_TIMED_OUT,
                       "the session is busy with another's request");
    else if (r < 0)
        service_refuse(j, c->request.size, r == -ENOMEM ? DUALPIPE_NO_MEMORY
                                                        : DUALPIPE_NOT_STARTED, "");
    client_go_on(c);
    return true;
}

bool service_ask(struct client *c) {
    return take_turn(c, false);
}

void service_refuse_line(dualpipe_server *s) {
    while (s->line)
        take_turn(s->line, true);
}

/* --- round ------------------------------------------------------------------------------- */

static bool take_replies(dualpipe_server *s) {
    struct dualpipe_reply r;
    int got;
    while ((got = dualpipe_pool_get(s->pool, &r, 0)) == 1)
        service_deliver(s, &r);
    return got == 0;
}

bool service_go_round(dualpipe_server *s) {
    bool idle = take_replies(s);
    while (s->line && dualpipe_pool_room(s->pool) > 0 && s->state != SERVICE_ENDING) {
        bool taken = service_ask(s->line);
        idle = take_replies(s);
        if (!taken)
            break;
    }
    if (s->line || s->jobs > 0)
        pool_press(s->pool, s->line != NULL, s->o.late);
    return idle;
}
