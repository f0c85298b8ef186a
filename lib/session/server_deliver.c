/* server_deliver.c: what the pool of a session gives and tells, passed on to whom it belongs. */
#include "child/handle.h"
#include "base/clock.h"
#include "session/server_state.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    HEAD = 512,
    AHEAD = 64,     /* requests of a client where the window adapts */
    HEAR_MS = 5000, /* in which who is told that the child has ended will say that it knows */
};

/* --- messages to a client, in the order in which it asked -------------------------------- */

/* Bytes for the job's client: now, or when those before it are answered. */
static void put(struct job *j, const void *p, size_t n) {
    if (!j->client)
        return;
    if (j->client->first == j)
        client_put(j->client, p, n);
    else if (buffer_put(&j->held, p, n) < 0)
        client_expel(j->client, DUALPIPE_EXPELLED, "its replies wait for one before them");
}

static void tell(struct job *j, const char *head, const void *p, size_t n) {
    char line[HEAD + 40];
    int size = snprintf(line, sizeof line, "%s size=%zu\n", head, n);
    put(j, line, (size_t)size);
    put(j, p, n);
}

static void free_job(struct job *j) {
    buffer_free(&j->held);
    free(j);
}

/* The jobs at the front that are answered, and what is held of the next. */
static void advance(struct client *c) {
    while (c->first && c->first->done) {
        struct job *j = c->first;
        bool failed = j->failed;
        c->first = j->next;
        c->last = c->first ? c->last : NULL;
        free_job(j);
        if (failed)
            client_forsake(c);
        if (c->first && buffer_held(&c->first->held) > 0) {
            client_put(c, buffer_data(&c->first->held), buffer_held(&c->first->held));
            buffer_free(&c->first->held);
        }
    }
}

static void finish(dualpipe_server *s, struct job *j) {
    struct client *c = j->client;
    s->jobs--;
    if (s->current == j)
        s->current = NULL;
    if (!c) {
        free_job(j);
        return;
    }
    j->done = true;
    c->lost += c->hung;
    advance(c);
}

/* --- replies ----------------------------------------------------------------------------- */

static void tell_pieces(struct job *j, const char **p, size_t *n, bool all) {
    char head[64];
    snprintf(head, sizeof head, "piece n=%lld", (long long)j->n);
    while (*n > (all ? 0 : WIRE_PIECE)) {
        size_t some = *n < WIRE_PIECE ? *n : WIRE_PIECE;
        tell(j, head, *p, some);
        *p += some;
        *n -= some;
    }
}

static void tell_reply(struct job *j, const struct dualpipe_reply *r) {
    const char *p = r->data;
    size_t n = r->size, nreason = r->reason ? strlen(r->reason) : 0;
    char head[HEAD], status[120], line[HEAD + 64];
    int size;
    if (r->err_size > 0) {
        size = snprintf(line, sizeof line, "stderr size=%zu\n", r->err_size);
        put(j, line, (size_t)size);
        put(j, r->err, r->err_size);
    }
    tell_pieces(j, &p, &n, r->more);
    if (r->more)
        return;
    wire_put_status(status, sizeof status, &r->status);
    j->client->knows |= r->outcome == DUALPIPE_CHILD_ENDED && *status;
    snprintf(head, sizeof head,
             "reply n=%lld outcome=%s sent=%zu unsent=%zu which=%d worker=%d attempt=%d "
             "offset=%llu whole=%d reason=%zu%s", (long long)j->n, wire_outcome(r->outcome),
             r->sent, r->unsent, r->which, r->worker, r->attempt, (unsigned long long)r->offset,
             r->whole, nreason, status);
    size = snprintf(line, sizeof line, "%s size=%zu\n", head, n + nreason);
    put(j, line, (size_t)size);
    put(j, p, n);
    put(j, r->reason, nreason);
}

/* A plain client has no other sign of a failure than its end. */
static void fail_plain(struct job *j) {
    if (!j->client)
        return;
    j->failed = true;
    j->client->why = "its request has failed";
    client_stop_reading(j->client);
    service_leave_line(j->client);
    j->client->request = (struct wire){0};
}

static void reply_plain(dualpipe_server *s, struct job *j, const struct dualpipe_reply *r) {
    char *made;
    size_t n;
    if (!r->more && r->outcome != DUALPIPE_ANSWERED && !r->whole) {
        fail_plain(j);
    } else if (!s->o.to_client) {
        put(j, r->data, r->size);
    } else if (r->size > 0 || !r->more) {
        if (s->o.to_client(s->o.data, r->data, r->size, &made, &n) < 0) {
            fail_plain(j);
            return;
        }
        put(j, made, n);
        free(made);
    }
}

static void note_late(dualpipe_server *s, const struct job *j, int64_t number) {
    if (j->client && !j->plain) {
        s->late[s->nlate % LATE].number = number;
        s->late[s->nlate % LATE].n = j->n;
        s->late[s->nlate++ % LATE].client = j->client;
    }
}

void service_deliver(dualpipe_server *s, const struct dualpipe_reply *r) {
    struct job *j = r->tag;
    struct client *c = j->client;
    if (r->outcome == DUALPIPE_TIMED_OUT && !r->more) {
        if (c && !j->plain && r->child)
            client_tell_state(c);
        note_late(s, j, r->number);
    }
    if (c && j->plain)
        reply_plain(s, j, r);
    else if (c)
        tell_reply(j, r);
    if (!r->more)
        finish(s, j);
    if (!c)
        return;
    client_flush(c);
    client_settle(c);
}

void service_refuse(struct job *j, size_t size, enum dualpipe_outcome outcome, const char *why) {
    struct dualpipe_reply r = {.outcome = outcome, .data = "", .unsent = size, .which = -1,
                               .tag = j, .status = {.code = -1, .signal = -1}, .reason = why};
    service_deliver(j->client->server, &r);
}

/* --- news -------------------------------------------------------------------------------- */

/* Who is asking the child that it comes from, as far as that can be told. */
static struct client *asker_of(dualpipe_server *s) {
    struct job *j = s->sending ? s->sending : s->current;
    return j && j->client && !j->plain ? j->client : NULL;
}

static void keep_last(dualpipe_server *s, const char *p, size_t n) {
    size_t room;
    if (n > LAST_WORDS) {
        p += n - LAST_WORDS;
        n = LAST_WORDS;
    }
    room = LAST_WORDS - n;
    if (buffer_held(&s->last) > room)
        buffer_consume(&s->last, buffer_held(&s->last) - room);
    buffer_put(&s->last, p, n);
}

void service_tell_stray(struct client *c, const struct job *j) {
    dualpipe_server *s = c->server;
    char head[64];
    if (buffer_held(&s->last) == 0 || j->plain)
        return;
    snprintf(head, sizeof head, "stray n=%lld", (long long)j->n);
    client_tell(c, head, buffer_data(&s->last), buffer_held(&s->last));
    buffer_consume(&s->last, buffer_held(&s->last));
}

static void hear_stray(dualpipe_server *s, const struct dualpipe_notice *n) {
    struct client *c = asker_of(s);
    char head[64];
    if (!n->data)
        return;
    if (n->number == 0 || !c || !s->sending) {
        keep_last(s, n->data, n->size);
        return;
    }
    snprintf(head, sizeof head, "stray n=%lld", (long long)s->sending->n);
    client_tell(c, head, n->data, n->size < LAST_WORDS ? n->size : LAST_WORDS);
}

static void hear_async(dualpipe_server *s, const struct dualpipe_notice *n) {
    struct client *asker = asker_of(s);
    for (struct client *c = s->clients; c; c = c->next) {
        if (!c->follows && c != asker)
            continue;
        client_tell(c, "async", n->data, n->size);
        client_flush(c);
        client_settle(c);
    }
}

static void hear_dropped(dualpipe_server *s, int64_t number) {
    char head[64];
    for (int i = 0; i < LATE && i < s->nlate; i++) {
        struct client *c = s->late[i].client;
        if (s->late[i].number != number || !c)
            continue;
        snprintf(head, sizeof head, "dropped n=%lld", (long long)s->late[i].n);
        client_tell(c, head, NULL, 0);
        client_flush(c);
        client_settle(c);
    }
}

static void note_end(dualpipe_server *s, const struct dualpipe_notice *n) {
    if (n->worker == 0)
        s->child = NULL;
    if (s->state < SERVICE_DRAINING) {
        s->died = true;
        s->status = n->status;
    }
}

void service_hear(void *data, const struct dualpipe_notice *n) {
    dualpipe_server *s = data;
    struct client *c = asker_of(s);
    switch (n->news) {
    case DUALPIPE_STARTED:
        s->started = true;
        if (n->worker == 0)
            s->child = n->child;
        break;
    case DUALPIPE_STRAY: hear_stray(s, n); break;
    case DUALPIPE_UNASKED: hear_async(s, n); break;
    case DUALPIPE_ON_STDERR:
        if (c) {
            client_tell(c, "stderr", n->data, n->size);
            return; /* it is no news to the host */
        }
        keep_last(s, n->data, n->size);
        break;
    case DUALPIPE_DROPPED: hear_dropped(s, n->number); break;
    case DUALPIPE_REPLACED:
        if (s->alone)
            s->why = n->reason;
        break;
    case DUALPIPE_DIED: note_end(s, n); break;
    default: break;
    }
    if (s->hosts_listener)
        s->hosts_listener(s->hosts_data, n);
}

void service_let_hear(struct client *c) {
    c->server->hearing = c;
    c->server->hear_until = clock_after(HEAR_MS);
}

static bool others_hear(dualpipe_server *s) {
    if (s->state != SERVICE_OVER || !s->hearing || clock_ns() >= s->hear_until)
        return false;
    service_note_due(s, s->hear_until);
    return true;
}

static void greet(struct client *c) {
    dualpipe_server *s = c->server;
    bool over = s->state == SERVICE_OVER;
    int window = s->pool_options.window, room = s->pool_options.workers;
    struct dualpipe_books b;
    char head[HEAD], status[120] = "", line[HEAD + 40];
    size_t nlast = over ? buffer_held(&s->last) : 0, nwhy = over && s->why ? strlen(s->why) : 0;
    int64_t now = clock_ns();
    int size;
    room *= window == DUALPIPE_ADAPT ? AHEAD : window;
    dualpipe_pool_books(s->pool, &b);
    if (over)
        wire_put_status(status, sizeof status, &s->status);
    snprintf(head, sizeof head,
             "hello pid=%ld child=%ld workers=%d room=%d clients=%d in=%lld answered=%lld "
             "failed=%lld dropped=%lld idle=%lld age=%lld over=%d%s about=%zu why=%zu", s->pid,
             s->child ? (long)s->child->process.pid : 0, s->pool_options.workers, room,
             s->nclients, (long long)b.in, (long long)b.answered, (long long)b.failed,
             (long long)b.dropped, (long long)((now - s->used) / 1000000),
             (long long)((now - s->begun) / 1000000), over, status, s->o.about_size, nwhy);
    size = snprintf(line, sizeof line, "%s size=%zu\n", head, s->o.about_size + nlast + nwhy);
    client_put(c, line, (size_t)size);
    client_put(c, s->o.about, s->o.about_size);
    client_put(c, buffer_data(&s->last), nlast);
    client_put(c, s->why, nwhy);
    c->greeted = true;
    client_flush(c);
}

bool service_greet(struct client *c) {
    if (others_hear(c->server))
        return false;
    if (c->server->state == SERVICE_OVER)
        service_let_hear(c);
    greet(c);
    return true;
}
