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
    CLIENTS_MAX = 1000,
    SPARE_FDS = 24,     /* ours, and the pool's own but its children's */
    FDS_PER_CHILD = 8,    /* while one is being replaced */
    BATCH = 64,         /* of sockets, before anything else is looked at */
    PATIENCE = 30000, ABANDONED_REPLY_MS = 10000,
};
#define HELD ((size_t)64 << 20)

/* --- opening ----------------------------------------------------------------------------- */

static int choose_max_conns(const struct dualpipe_server_options *o, int workers) {
    int most = o->max_clients > 0 ? o->max_clients : CLIENTS_MAX;
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < INT32_MAX) {
        int left = (int)files.rlim_cur - SPARE_FDS - FDS_PER_CHILD * workers;
        most = most < left ? most : left;
    }
    return most > 1 ? most : 1;
}

static void choose_pool_options(dualpipe_server *s) {
    struct dualpipe_pool_options *o = &s->pool_options;
    unsigned ours = DUALPIPE_POOL_STREAM_REPLIES | DUALPIPE_POOL_UNORDERED |
                    DUALPIPE_POOL_WAIT_FOR_LATE | DUALPIPE_POOL_INTERACTIVE |
                    DUALPIPE_POOL_KEEP_STDERR | DUALPIPE_POOL_ZERO_COPY | DUALPIPE_POOL_REPLACE;
    *o = *s->options.pool;
    o->workers = o->workers ? o->workers : 1;
    o->window = o->window ? o->window : 1;
    o->max_reply = o->max_reply ? o->max_reply : HELD;
    s->has_single_child = o->workers == 1 && !(o->flags & DUALPIPE_POOL_ONE_SHOT);
    s->streams_replies = s->has_single_child && o->window == 1 && !s->options.to_client;
    o->flags &= ~ours;
    if (s->streams_replies)
        o->flags |= DUALPIPE_POOL_STREAM_REPLIES | DUALPIPE_POOL_INTERACTIVE;
    else
        o->flags |= DUALPIPE_POOL_UNORDERED;
    if (s->has_single_child)
        o->flags |= DUALPIPE_POOL_WAIT_FOR_LATE;
    else if (o->child->err == DUALPIPE_STDERR_RELAY)
        o->flags |= DUALPIPE_POOL_KEEP_STDERR;
    s->host_callback = o->callback;
    s->host_data = o->callback_data;
    o->callback = server_deliver_event;
    o->callback_data = s;
}

static int open_listener_and_pool(dualpipe_server *s, struct dualpipe_error *why) {
    static const char step[] = "opening a session";
    struct dualpipe_rule_options none = {.count = -1};
    int r = poller_open(&s->poller);
    if (r < 0)
        return error_set(why, step, NULL, NULL, r);
    if ((r = dualpipe_rule_new(&s->no_reply_rule, &none, why)) == 0 && s->options.path)
        r = unix_socket_listen(s->options.path, &s->listener, why);
    else if (r == 0)
        r = unix_socket_adopt(s->options.fd, &s->listener, why);
    if (r < 0)
        return r;
    return dualpipe_pool_open(&s->pool, &s->pool_options, why);
}

int dualpipe_server_open(dualpipe_server **made, const struct dualpipe_server_options *o,
                         struct dualpipe_error *why) {
    dualpipe_server *s = calloc(1, sizeof *s);
    int r;
    *made = NULL;
    if (!s)
        return error_set(why, "opening a session", NULL, NULL, -ENOMEM);
    s->options = *o;
    s->listener.fd = s->listener.lock_fd = -1;
    s->options.client_stall_timeout = o->client_stall_timeout ? o->client_stall_timeout : PATIENCE;
    s->options.abandoned_reply_timeout =
        o->abandoned_reply_timeout ? o->abandoned_reply_timeout : ABANDONED_REPLY_MS;
    s->options.client_buffer_max = o->client_buffer_max ? o->client_buffer_max : HELD;
    s->last_output.max = LAST_OUTPUT_MAX;
    s->pid = (long)getpid();
    s->started_at = s->unused_since = clock_now_ns();
    s->next_deadline = s->drain_deadline = CLOCK_NEVER;
    choose_pool_options(s);
    s->max_conns = choose_max_conns(o, s->pool_options.workers);
    if ((r = open_listener_and_pool(s, why)) < 0) {
        dualpipe_server_close(s);
        return r;
    }
    server_accept_enable(s, true);
    *made = s;
    return 0;
}

/* --- the clock --------------------------------------------------------------------------- */

void server_note_deadline(dualpipe_server *s, int64_t at) {
    s->next_deadline = at < s->next_deadline ? at : s->next_deadline;
}

static void check_conn_timers(struct conn *c, int64_t now) {
    int64_t late;
    if (c->protocol == CONN_UNKNOWN && c->server->state == SERVER_CHILD_ENDED) {
        queue_next_request(c); /* it may have had to wait for another to hear that */
        conn_update(c);
    }
    if (c->is_closing)
        return;
    late = c->stalled_since + (int64_t)c->server->options.client_stall_timeout * 1000000;
    if (c->stalled_since > 0 && now >= late)
        conn_close(c, DUALPIPE_CLIENT_EVICTED,
                   buffer_len(&c->out) > 0 ? "it does not take its replies"
                   : c->has_exit_notice    ? "it does not leave"
                                           : "it does not finish its request");
    else if (c->stalled_since > 0)
        server_note_deadline(c->server, late);
    if (!c->is_queued)
        return;
    if (now >= c->queue_deadline)
        submit_next(c);
    else
        server_note_deadline(c->server, c->queue_deadline);
}

static void run_timers(dualpipe_server *s) {
    int64_t now = clock_now_ns(),
            unused = s->unused_since + (int64_t)s->options.idle_exit_timeout * 1000000;
    if (now < s->next_deadline)
        return;
    s->next_deadline = CLOCK_NEVER;
    for (struct conn *c = s->conns; c; c = c->next)
        check_conn_timers(c, now);
    if (s->accept_retry_at > 0 && now >= s->accept_retry_at) {
        s->accept_retry_at = 0;
        server_accept_enable(s, true);
    } else if (s->accept_retry_at > 0) {
        server_note_deadline(s, s->accept_retry_at);
    }
    if (s->nconns == 0 && s->options.idle_exit_timeout > 0 && s->state < SERVER_DRAINING) {
        if (now >= unused)
            dualpipe_server_end(s, s->options.client_stall_timeout);
        else
            server_note_deadline(s, unused);
    }
    if (s->state == SERVER_DRAINING)
        server_note_deadline(s, s->drain_deadline);
}

/* --- its end ----------------------------------------------------------------------------- */

/* The child can't be asked any more: everybody who is there is told so. */
static void announce_child_end(dualpipe_server *s) {
    char head[160] = "died";
    proto_format_status(head + 4, sizeof head - 4, &s->exit_status);
    s->state = SERVER_CHILD_ENDED;
    refuse_queued(s);
    for (struct conn *c = s->conns; c; c = c->next) {
        if (c->protocol == CONN_UNKNOWN)
            continue; /* it will be greeted with it */
        if (c->hello_sent) {
            conn_send(c, head, s->stop_reason, s->stop_reason ? strlen(s->stop_reason) : 0);
            c->has_exit_notice = true;
            begin_exit_notice(c);
        }
        conn_drain(c);
        conn_flush(c);
        conn_update(c);
    }
}

static bool is_any_reply_awaited(const dualpipe_server *s) {
    for (const struct conn *c = s->conns; c; c = c->next)
        if (c->first && !c->hung_up)
            return true;
    return false;
}

/* What nobody waits for any more is not finished, and who waits for that is not asked. */
static void drain_conns(dualpipe_server *s) {
    if (is_any_reply_awaited(s))
        return;
    if (s->runqueue_first && dualpipe_pool_room(s->pool) <= 0)
        refuse_queued(s);
    if (s->runqueue_first)
        return;
    for (struct conn *c = s->conns; c; c = c->next) {
        conn_drain(c);
        conn_update(c);
        if (c->hung_up)
            conn_close(c, DUALPIPE_CLIENT_DISCONNECTED, NULL);
    }
}

static void close_pool(dualpipe_server *s) {
    if (s->nrequests > 0)
        dualpipe_pool_stop(s->pool, 0);
    else
        dualpipe_pool_end(s->pool);
    s->state = SERVER_CLOSING;
}

/* Whether it can't be asked any more is looked at before its clients, so that they are told. One
 * that has closed its output is given a while to end by the pool. */
static void check_child(dualpipe_server *s, bool idle) {
    int room = s->state == SERVER_OPEN && s->nrequests == 0 ? dualpipe_pool_room(s->pool) : 0;
    if (room >= 0)
        return;
    if (s->child_died || (idle && !s->child_started))
        announce_child_end(s);
    else if (room != -EPIPE)
        dualpipe_pool_end(s->pool);
}

static void check_end(dualpipe_server *s, bool idle) {
    check_child(s, idle);
    if (s->state == SERVER_CHILD_ENDED &&
        (s->exit_was_reported || !s->has_single_child || !s->child_started))
        dualpipe_server_end(s, s->options.client_stall_timeout);
    if (s->state == SERVER_DRAINING && clock_now_ns() >= s->drain_deadline) {
        for (struct conn *c = s->conns; c; c = c->next)
            conn_close(c, DUALPIPE_CLIENT_EVICTED, "the session ends");
    }
    reap_conns(s);
    if (s->state == SERVER_DRAINING)
        drain_conns(s);
    reap_conns(s);
    if (s->state == SERVER_DRAINING && s->nconns == 0) {
        close_pool(s);
        idle = schedule_requests(s);
    }
    if (s->state == SERVER_CLOSING && idle)
        s->state = SERVER_ENDED;
}

void dualpipe_server_end(dualpipe_server *s, int limit) {
    if (s->state >= SERVER_DRAINING) {
        s->drain_deadline =
            s->drain_deadline < clock_deadline(limit) ? s->drain_deadline : clock_deadline(limit);
        server_note_deadline(s, s->drain_deadline);
        return;
    }
    server_accept_enable(s, false);
    if (s->listener.lock_fd >= 0)
        unix_socket_remove(&s->listener);
    s->listener.fd = -1;
    s->state = SERVER_DRAINING;
    s->drain_deadline = clock_deadline(limit);
    server_note_deadline(s, s->drain_deadline);
    for (struct conn *c = s->conns; c; c = c->next)
        conn_update(c);
}

/* --- the loop ---------------------------------------------------------------------------- */

static void handle_sockets(dualpipe_server *s) {
    struct poller_event all[BATCH];
    int n = poller_collect(&s->poller, all, BATCH);
    bool newcomers = false;
    for (int i = 0; i < n; i++) {
        struct conn *c = all[i].data;
        if (!c) {
            newcomers = true;
            continue;
        }
        c->hung_up |= all[i].ready & POLLER_HUP && !c->has_exit_notice;
        if (all[i].ready & POLLER_OUT)
            conn_flush(c);
        if (all[i].ready & POLLER_IN || c->hung_up)
            read_conn(c);
        conn_update(c);
    }
    /* By now somebody may have been told that the child has ended: then there is no session. */
    if (newcomers && !(s->state == SERVER_CHILD_ENDED && s->exit_was_reported))
        server_accept_clients(s);
}

int dualpipe_server_step(dualpipe_server *s) {
    bool idle;
    if (s->state == SERVER_ENDED)
        return 0;
    check_child(s, schedule_requests(s));
    handle_sockets(s);
    idle = schedule_requests(s);
    run_timers(s);
    reap_conns(s);
    check_end(s, idle);
    return s->state != SERVER_ENDED;
}

int dualpipe_server_pollitems(dualpipe_server *s, struct dualpipe_pollitem *events, int n,
                              int *limit) {
    int used = dualpipe_pool_pollitems(s->pool, events, n, limit),
        left = clock_remaining_ms(s->next_deadline);
    if (left >= 0 && (*limit < 0 || left < *limit))
        *limit = left;
    if (used >= n)
        return used + poller_pollitems(&s->poller, NULL, 0);
    return used + poller_pollitems(&s->poller, events + used, n - used);
}

int dualpipe_server_run(dualpipe_server *s, int limit) {
    int64_t until = clock_deadline(limit);
    int most = 0, r = 1;
    struct dualpipe_pollitem *events = NULL, *more;
    do {
        int left = clock_remaining_ms(until), n = dualpipe_server_pollitems(s, events, most, &left);
        if (n > most) {
            if (!(more = realloc(events, (size_t)n * sizeof *events)))
                r = -ENOMEM;
            else
                events = more;
            most = n;
        } else if ((r = dualpipe_poll(events, n, left)) >= 0) {
            r = dualpipe_server_step(s);
        }
    } while (r == 1 && clock_remaining_ms(until) != 0);
    free(events);
    return r;
}

dualpipe_pool *dualpipe_server_pool(dualpipe_server *s) {
    return s->pool;
}

int dualpipe_server_status(const dualpipe_server *s, struct dualpipe_status *status, int *told) {
    if (status)
        *status = s->exit_status;
    if (told)
        *told = s->exit_was_reported;
    return s->child_died && s->has_single_child;
}

int dualpipe_server_took_over(const dualpipe_server *s) {
    return s->listener.replaced_stale;
}

dualpipe_server *dualpipe_server_close(dualpipe_server *s) {
    if (!s)
        return NULL;
    for (struct conn *c = s->conns; c; c = c->next)
        conn_close(c, DUALPIPE_CLIENT_EVICTED, "the session ends");
    reap_conns(s);
    if (s->listener.lock_fd >= 0)
        unix_socket_remove(&s->listener);
    s->pool = dualpipe_pool_close(s->pool);
    if (s->listener.lock_fd >= 0)
        unix_socket_unlock(&s->listener);
    dualpipe_rule_free(s->no_reply_rule);
    buffer_free(&s->last_output);
    poller_close(&s->poller);
    free(s);
    return NULL;
}
