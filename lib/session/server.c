/* server.c: clients of a socket in front of a pool: let in, given their turns, let go. */
#include "session/server_state.h"
#include "base/clock.h"
#include "base/error.h"
#include "os/fd.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    MOST_CLIENTS = 1000,
    SPARE_FDS = 24,     /* ours, and the pool's own but its children's */
    FDS_A_CHILD = 8,    /* while one is being replaced */
    BATCH = 64,         /* of sockets, before anything else is looked at */
    PATIENCE = 30000, LATE_REPLY = 10000,
};
#define HELD ((size_t)64 << 20)

/* --- opening ----------------------------------------------------------------------------- */

static int allowed_clients(const struct dualpipe_server_options *o, int workers) {
    int most = o->clients > 0 ? o->clients : MOST_CLIENTS;
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < INT32_MAX) {
        int left = (int)files.rlim_cur - SPARE_FDS - FDS_A_CHILD * workers;
        most = most < left ? most : left;
    }
    return most > 1 ? most : 1;
}

static void choose_pool_options(dualpipe_server *s) {
    struct dualpipe_pool_options *o = &s->pool_options;
    unsigned ours = DUALPIPE_PIECES | DUALPIPE_UNORDERED | DUALPIPE_PATIENT | DUALPIPE_ATTENDED |
                    DUALPIPE_KEEP_ERR | DUALPIPE_LEND | DUALPIPE_REPLACE;
    *o = *s->o.pool;
    o->workers = o->workers ? o->workers : 1;
    o->window = o->window ? o->window : 1;
    o->max = o->max ? o->max : HELD;
    s->alone = o->workers == 1 && !(o->flags & DUALPIPE_FRESH);
    s->pieces = s->alone && o->window == 1 && !s->o.to_client;
    o->flags &= ~ours;
    if (s->pieces)
        o->flags |= DUALPIPE_PIECES | DUALPIPE_ATTENDED;
    else
        o->flags |= DUALPIPE_UNORDERED;
    if (s->alone)
        o->flags |= DUALPIPE_PATIENT;
    else if (o->child->err == DUALPIPE_RELAY)
        o->flags |= DUALPIPE_KEEP_ERR;
    s->hosts_listener = o->listener;
    s->hosts_data = o->data;
    o->listener = service_hear;
    o->data = s;
}

static int open_all(dualpipe_server *s, struct dualpipe_failure *why) {
    static const char step[] = "opening a session";
    struct dualpipe_rule_options none = {.count = -1};
    int r = watch_open(&s->watch);
    if (r < 0)
        return failed(why, step, NULL, NULL, r);
    if ((r = dualpipe_rule_new(&s->none, &none, why)) == 0 && s->o.path)
        r = socket_listen(s->o.path, &s->listener, why);
    else if (r == 0)
        r = socket_take(s->o.fd, &s->listener, why);
    if (r < 0)
        return r;
    return dualpipe_pool_open(&s->pool, &s->pool_options, why);
}

int dualpipe_server_open(dualpipe_server **made, const struct dualpipe_server_options *o,
                         struct dualpipe_failure *why) {
    dualpipe_server *s = calloc(1, sizeof *s);
    int r;
    *made = NULL;
    if (!s)
        return failed(why, "opening a session", NULL, NULL, -ENOMEM);
    s->o = *o;
    s->listener.fd = s->listener.lock = -1;
    s->o.patience = o->patience ? o->patience : PATIENCE;
    s->o.late = o->late ? o->late : LATE_REPLY;
    s->o.held = o->held ? o->held : HELD;
    s->last.max = LAST_WORDS;
    s->pid = (long)getpid();
    s->begun = s->used = clock_ns();
    s->due = s->drain_until = CLOCK_NEVER;
    choose_pool_options(s);
    s->most_clients = allowed_clients(o, s->pool_options.workers);
    if ((r = open_all(s, why)) < 0) {
        dualpipe_server_close(s);
        return r;
    }
    service_listen(s, true);
    *made = s;
    return 0;
}

/* --- the clock --------------------------------------------------------------------------- */

void service_note_due(dualpipe_server *s, int64_t at) {
    s->due = at < s->due ? at : s->due;
}

static void look_at_client(struct client *c, int64_t now) {
    int64_t late;
    if (c->speaks == SPEAKS_UNKNOWN && c->server->state == SERVICE_OVER) {
        client_look(c); /* it may have had to wait for another to hear that */
        client_settle(c);
    }
    if (c->gone)
        return;
    late = c->stuck + (int64_t)c->server->o.patience * 1000000;
    if (c->stuck > 0 && now >= late)
        client_expel(c, DUALPIPE_EXPELLED, buffer_held(&c->out) > 0
                                               ? "it does not take its replies"
                                           : c->hears ? "it does not leave"
                                                      : "it does not finish its request");
    else if (c->stuck > 0)
        service_note_due(c->server, late);
    if (!c->in_line)
        return;
    if (now >= c->until)
        service_ask(c);
    else
        service_note_due(c->server, c->until);
}

static void look_at_clock(dualpipe_server *s) {
    int64_t now = clock_ns(), unused = s->used + (int64_t)s->o.persist * 1000000;
    if (now < s->due)
        return;
    s->due = CLOCK_NEVER;
    for (struct client *c = s->clients; c; c = c->next)
        look_at_client(c, now);
    if (s->accept_at > 0 && now >= s->accept_at) {
        s->accept_at = 0;
        service_listen(s, true);
    } else if (s->accept_at > 0) {
        service_note_due(s, s->accept_at);
    }
    if (s->nclients == 0 && s->o.persist > 0 && s->state < SERVICE_DRAINING) {
        if (now >= unused)
            dualpipe_server_end(s, s->o.patience);
        else
            service_note_due(s, unused);
    }
    if (s->state == SERVICE_DRAINING)
        service_note_due(s, s->drain_until);
}

/* --- its end ----------------------------------------------------------------------------- */

/* The child can't be asked any more: everybody who is there is told so. */
static void note_over(dualpipe_server *s) {
    char head[160] = "died";
    wire_put_status(head + 4, sizeof head - 4, &s->status);
    s->state = SERVICE_OVER;
    service_refuse_line(s);
    for (struct client *c = s->clients; c; c = c->next) {
        if (c->speaks == SPEAKS_UNKNOWN)
            continue; /* it will be greeted with it */
        if (c->greeted) {
            client_tell(c, head, s->why, s->why ? strlen(s->why) : 0);
            c->hears = true;
            service_let_hear(c);
        }
        client_stop_reading(c);
        client_flush(c);
        client_settle(c);
    }
}

static bool is_awaited(const dualpipe_server *s) {
    for (const struct client *c = s->clients; c; c = c->next)
        if (c->first && !c->hung)
            return true;
    return false;
}

/* What nobody waits for any more is not finished, and who waits for that is not asked. */
static void drain(dualpipe_server *s) {
    if (is_awaited(s))
        return;
    if (s->line && dualpipe_pool_room(s->pool) <= 0)
        service_refuse_line(s);
    if (s->line)
        return;
    for (struct client *c = s->clients; c; c = c->next) {
        client_stop_reading(c);
        client_settle(c);
        if (c->hung)
            client_expel(c, DUALPIPE_LEFT, NULL);
    }
}

static void close_children(dualpipe_server *s) {
    if (s->jobs > 0)
        dualpipe_pool_stop(s->pool, 0);
    else
        dualpipe_pool_end(s->pool);
    s->state = SERVICE_ENDING;
}

/* Whether it can't be asked any more is looked at before its clients, so that they are told. One
 * that has closed its output is given a while to end by the pool. */
static void look_at_child(dualpipe_server *s, bool idle) {
    int room = s->state == SERVICE_OPEN && s->jobs == 0 ? dualpipe_pool_room(s->pool) : 0;
    if (room >= 0)
        return;
    if (s->died || (idle && !s->started))
        note_over(s);
    else if (room != -EPIPE)
        dualpipe_pool_end(s->pool);
}

static void look_for_end(dualpipe_server *s, bool idle) {
    look_at_child(s, idle);
    if (s->state == SERVICE_OVER && (s->told || !s->alone || !s->started))
        dualpipe_server_end(s, s->o.patience);
    if (s->state == SERVICE_DRAINING && clock_ns() >= s->drain_until) {
        for (struct client *c = s->clients; c; c = c->next)
            client_expel(c, DUALPIPE_EXPELLED, "the session ends");
    }
    service_bury(s);
    if (s->state == SERVICE_DRAINING)
        drain(s);
    service_bury(s);
    if (s->state == SERVICE_DRAINING && s->nclients == 0) {
        close_children(s);
        idle = service_go_round(s);
    }
    if (s->state == SERVICE_ENDING && idle)
        s->state = SERVICE_ENDED;
}

void dualpipe_server_end(dualpipe_server *s, int limit) {
    if (s->state >= SERVICE_DRAINING) {
        s->drain_until = s->drain_until < clock_after(limit) ? s->drain_until : clock_after(limit);
        service_note_due(s, s->drain_until);
        return;
    }
    service_listen(s, false);
    if (s->listener.lock >= 0)
        socket_remove(&s->listener);
    s->listener.fd = -1;
    s->state = SERVICE_DRAINING;
    s->drain_until = clock_after(limit);
    service_note_due(s, s->drain_until);
    for (struct client *c = s->clients; c; c = c->next)
        client_settle(c);
}

/* --- the loop ---------------------------------------------------------------------------- */

static void look_at_sockets(dualpipe_server *s) {
    struct watched all[BATCH];
    int n = watch_look(&s->watch, all, BATCH);
    bool newcomers = false;
    for (int i = 0; i < n; i++) {
        struct client *c = all[i].whose;
        if (!c) {
            newcomers = true;
            continue;
        }
        c->hung |= all[i].has & WATCH_HUNG && !c->hears;
        if (all[i].has & WATCH_OUT)
            client_flush(c);
        if (all[i].has & WATCH_IN || c->hung)
            client_read(c);
        client_settle(c);
    }
    /* By now somebody may have been told that the child has ended: then there is no session. */
    if (newcomers && !(s->state == SERVICE_OVER && s->told))
        service_let_in(s);
}

int dualpipe_server_step(dualpipe_server *s) {
    bool idle;
    if (s->state == SERVICE_ENDED)
        return 0;
    look_at_child(s, service_go_round(s));
    look_at_sockets(s);
    idle = service_go_round(s);
    look_at_clock(s);
    service_bury(s);
    look_for_end(s, idle);
    return s->state != SERVICE_ENDED;
}

int dualpipe_server_events(dualpipe_server *s, struct dualpipe_event *events, int n, int *limit) {
    int used = dualpipe_pool_events(s->pool, events, n, limit), left = clock_left(s->due);
    if (left >= 0 && (*limit < 0 || left < *limit))
        *limit = left;
    if (used >= n)
        return used + watch_events(&s->watch, NULL, 0);
    return used + watch_events(&s->watch, events + used, n - used);
}

int dualpipe_server_run(dualpipe_server *s, int limit) {
    int64_t until = clock_after(limit);
    int most = 0, r = 1;
    struct dualpipe_event *events = NULL, *more;
    do {
        int left = clock_left(until), n = dualpipe_server_events(s, events, most, &left);
        if (n > most) {
            if (!(more = realloc(events, (size_t)n * sizeof *events)))
                r = -ENOMEM;
            else
                events = more;
            most = n;
        } else if ((r = dualpipe_poll(events, n, left)) >= 0) {
            r = dualpipe_server_step(s);
        }
    } while (r == 1 && clock_left(until) != 0);
    free(events);
    return r;
}

dualpipe_pool *dualpipe_server_pool(dualpipe_server *s) {
    return s->pool;
}

int dualpipe_server_status(const dualpipe_server *s, struct dualpipe_status *status, int *told) {
    if (status)
        *status = s->status;
    if (told)
        *told = s->told;
    return s->died && s->alone;
}

int dualpipe_server_took_over(const dualpipe_server *s) {
    return s->listener.stale;
}

dualpipe_server *dualpipe_server_close(dualpipe_server *s) {
    if (!s)
        return NULL;
    for (struct client *c = s->clients; c; c = c->next)
        client_expel(c, DUALPIPE_EXPELLED, "the session ends");
    service_bury(s);
    if (s->listener.lock >= 0)
        socket_remove(&s->listener);
    s->pool = dualpipe_pool_close(s->pool);
    if (s->listener.lock >= 0)
        socket_unlock(&s->listener);
    dualpipe_rule_free(s->none);
    buffer_free(&s->last);
    watch_close(&s->watch);
    free(s);
    return NULL;
}
