/* service.c: clients of a socket in front of a pool: let in, given their turns, let go. */
#include "service.h"
#include "clock.h"
#include "error.h"
#include "fd.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    MOST_CLIENTS = 1000,
    SPARE_FDS = 24,     /* ours, and the pool's own but its children's */
    FDS_A_CHILD = 8,    /* while one is being replaced */
    BATCH = 64,         /* events, before anything else is looked at */
    PATIENCE = 30000,
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
    int r = dualpipe_rule_new(&s->none, &none, why);
    if (r == 0 && (s->watch = epoll_create1(EPOLL_CLOEXEC)) < 0)
        return failed(why, step, NULL, NULL, -errno);
    if (r == 0 && (r = fd_move_up(&s->watch)) < 0)
        return failed(why, step, NULL, NULL, r);
    if (r == 0 && s->o.path)
        r = socket_listen(s->o.path, &s->listener, why);
    else if (r == 0)
        r = fd_nonblock(s->listener.fd = s->o.fd);
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
    s->watch = s->listener.fd = s->listener.lock = -1;
    s->o.patience = o->patience ? o->patience : PATIENCE;
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

/* --- turns ------------------------------------------------------------------------------- */

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

static int ask_next(dualpipe_server *s) {
    struct client *c = s->line;
    service_leave_line(c);
    client_ask(c);
    return 1;
}

static bool take_replies(dualpipe_server *s) {
    struct dualpipe_reply r;
    int got;
    while ((got = dualpipe_pool_get(s->pool, &r, 0)) == 1)
        service_deliver(s, &r);
    return got == 0;
}

/* Each client in line is given one request's turn, then stands behind the others. Whether the
 * pool has nothing under way, and no children. */
static bool go_round(dualpipe_server *s) {
    bool idle = take_replies(s);
    while (s->line && dualpipe_pool_room(s->pool) > 0 && s->state != SERVICE_ENDING) {
        ask_next(s);
        idle = take_replies(s);
    }
    return idle;
}

/* --- the clock --------------------------------------------------------------------------- */

void service_note_due(dualpipe_server *s, int64_t at) {
    s->due = at < s->due ? at : s->due;
}

static void look_at_client(struct client *c, int64_t now) {
    int64_t late = c->stuck + (int64_t)c->server->o.patience * 1000000;
    if (c->gone)
        return;
    if (c->stuck > 0 && now >= late)
        client_expel(c, DUALPIPE_EXPELLED, buffer_held(&c->out) > 0
                                               ? "it does not take its replies"
                                               : "it does not finish its request");
    else if (c->stuck > 0)
        service_note_due(c->server, late);
    if (!c->in_line)
        return;
    if (now >= c->until) {
        service_leave_line(c);
        client_ask(c);
    } else {
        service_note_due(c->server, c->until);
    }
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
    while (s->line)
        ask_next(s); /* it is refused */
    for (struct client *c = s->clients; c; c = c->next) {
        if (c->speaks == SPEAKS_UNKNOWN)
            continue; /* it will be greeted with it */
        if (c->greeted) {
            client_tell(c, head, NULL, 0);
            s->told |= c->asked > 0 || c->follows; /* others may but list it */
        }
        client_stop_reading(c);
        client_flush(c);
        client_settle(c);
    }
}

/* What nobody waits for any more is not finished. */
static bool is_drained(const dualpipe_server *s) {
    for (const struct client *c = s->clients; c; c = c->next)
        if (c->first)
            return false;
    return !s->line;
}

static void close_children(dualpipe_server *s) {
    if (s->jobs > 0)
        dualpipe_pool_stop(s->pool, 0);
    else
        dualpipe_pool_end(s->pool);
    s->state = SERVICE_ENDING;
}

static void look_for_end(dualpipe_server *s, bool idle) {
    if (s->state == SERVICE_OPEN && s->jobs == 0 && dualpipe_pool_room(s->pool) < 0) {
        if (s->died || idle)
            note_over(s);
        else
            dualpipe_pool_end(s->pool); /* its output has ended: its status is awaited */
    }
    if (s->state == SERVICE_OVER && (s->told || !s->alone || !s->started))
        dualpipe_server_end(s, s->o.patience);
    if (s->state == SERVICE_DRAINING && clock_ns() >= s->drain_until) {
        for (struct client *c = s->clients; c; c = c->next)
            client_expel(c, DUALPIPE_EXPELLED, "the session ends");
    }
    service_bury(s);
    if (s->state == SERVICE_DRAINING && is_drained(s)) {
        for (struct client *c = s->clients; c; c = c->next) {
            client_stop_reading(c);
            client_settle(c);
        }
        service_bury(s);
    }
    if (s->state == SERVICE_DRAINING && s->nclients == 0) {
        close_children(s);
        idle = take_replies(s);
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
    struct epoll_event all[BATCH];
    int n = epoll_wait(s->watch, all, BATCH, 0);
    for (int i = 0; i < n; i++) {
        struct client *c = all[i].data.ptr;
        uint32_t what = all[i].events;
        if (!c) {
            service_let_in(s);
            continue;
        }
        c->hung |= (what & (EPOLLHUP | EPOLLERR)) != 0;
        if (what & EPOLLOUT)
            client_flush(c);
        if (what & (EPOLLIN | EPOLLRDHUP) || c->hung)
            client_read(c);
        client_settle(c);
    }
}

int dualpipe_server_step(dualpipe_server *s) {
    bool idle;
    if (s->state == SERVICE_ENDED)
        return 0;
    look_at_sockets(s);
    idle = go_round(s);
    look_at_clock(s);
    service_bury(s);
    look_for_end(s, idle);
    return s->state != SERVICE_ENDED;
}

int dualpipe_server_events(dualpipe_server *s, struct dualpipe_event *events, int n, int *limit) {
    int used = dualpipe_pool_events(s->pool, events, n, limit), left = clock_left(s->due);
    if (used < n)
        events[used] = (struct dualpipe_event){.fd = s->watch, .wants = DUALPIPE_IN};
    if (left >= 0 && (*limit < 0 || left < *limit))
        *limit = left;
    return used + 1;
}

int dualpipe_server_run(dualpipe_server *s, int limit) {
    int64_t until = clock_after(limit);
    int most = s->pool_options.workers + 1, r;
    struct dualpipe_event *events = calloc((size_t)most, sizeof *events);
    if (!events)
        return -ENOMEM;
    do {
        int left = clock_left(until), n = dualpipe_server_events(s, events, most, &left);
        if ((r = dualpipe_poll(events, n, left)) >= 0)
            r = dualpipe_server_step(s);
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
    fd_close(&s->watch);
    free(s);
    return NULL;
}
