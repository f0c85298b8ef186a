/* conn.c: the connection of one client: buffers, requests under way, poll events, closing.
 *
 * A connection has two byte queues, `in` and `out`, and a list of the requests that the pool was
 * given. This file moves bytes between the socket and the queues and decides what to poll for;
 * server.c decides what the bytes mean, and server_deliver.c what to write. This file calls
 * neither.
 *
 * Back-pressure: a client that does not read its replies is not read from either (UNSENT_PAUSE),
 * and while one of its requests waits for its turn, only READ_AHEAD bytes more are read. So a
 * client that sends without end fills its own socket, not our memory. A client that neither reads
 * nor completes a message for client_stall_timeout is closed by server.c; conn_update() keeps the
 * time since when (stalled_since).
 *
 * Besides being evicted, a connection ends in three ways, through conn_update() (but while the
 * session drains, server.c itself closes one that has hung up): the client has closed its sending
 * side, or no more requests are taken from it (conn_drain), and it has all its replies; it has hung
 * up and nothing of it is in the pool any more; or it was sent an exit notice, our side is shut
 * down, and it has closed its own. Requests that came before a client hung up are still carried
 * out, but the pool is told that they are orphaned: no client waits for their replies.
 *
 * The trap: hung_up clears the poll events, since a hung-up socket would be ready at each poll.
 * Such a connection moves on only when the run queue or a reply of the pool reaches it. */
#include "session/conn.h"
#include "base/clock.h"
#include "os/fd.h"
#include "session/runqueue.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    READ_SIZE = 16384,          /* bytes of room for one read */
    READ_AHEAD = 65536,         /* bytes read beyond a request that waits for its turn */
    UNSENT_PAUSE = 65536,       /* bytes not sent yet: beyond them nothing is read */
    HUNG_UP_READ_MAX = 1 << 20, /* bytes read after the client has hung up */
};

/* --- requests under way ------------------------------------------------------------ */

struct client_request *conn_new_request(struct conn *c) {
    struct client_request *req = calloc(1, sizeof *req);
    if (!req)
        return NULL;
    req->conn = c;
    req->id = c->request_id;
    req->is_plain = c->protocol == CONN_PLAIN;
    req->reply_use = c->reply_use;
    req->held_back.max = c->out.max;
    return req;
}

void conn_add_request(struct conn *c, struct client_request *req) {
    if (c->last_request)
        c->last_request->next = req;
    else
        c->first_request = req;
    c->last_request = req;
    c->server->requests_in_pool++;
    c->nrequests++;
}

void conn_free_request(struct client_request *req) {
    buffer_free(&req->held_back);
    free(req);
}

/* Tells the pool that no client waits for these replies: it may limit how long it waits for them
 * while others want the child. */
static void orphan_requests(struct conn *c) {
    for (struct client_request *req = c->first_request; req; req = req->next)
        if (!req->is_done)
            pool_sched_orphan(c->server->pool, req);
}

void conn_abandon_requests(struct conn *c) {
    orphan_requests(c);
    for (struct client_request *req = c->first_request, *next; req; req = next) {
        next = req->next;
        buffer_free(&req->held_back);
        c->nlost++;
        if (req->is_done)
            free(req);
        else
            req->conn = NULL;
    }
    c->first_request = c->last_request = NULL;
}

/* --- from accept to close ---------------------------------------------------------- */

struct conn *conn_new(dualpipe_server *s, int fd, uid_t uid, pid_t pid) {
    struct conn *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->server = s;
    c->fd = fd;
    c->uid = uid;
    c->pid = pid;
    c->in.max = s->pool_options.max_reply + PROTO_HEAD_MAX;
    c->out.max = s->options.client_buffer_max;
    return c;
}

void conn_free(struct conn *c) {
    conn_abandon_requests(c);
    if (c->poll_events)
        poller_set(&c->server->poller, c->fd, c->poll_events, 0, c);
    close(c->fd);
    buffer_free(&c->in);
    buffer_free(&c->out);
    free(c->request_copy);
    free(c);
}

void conn_close(struct conn *c, enum dualpipe_client_event event, const char *reason) {
    if (c->is_closing)
        return;
    c->is_closing = c->server->any_closing = true;
    c->close_event = event;
    c->close_reason = reason;
    runqueue_remove(c);
}

void conn_notify(dualpipe_server *s, const struct conn *c, enum dualpipe_client_event event) {
    struct dualpipe_client_info info = {.event = event,
                                        .uid = c->uid,
                                        .pid = c->pid,
                                        .reason = c->close_reason,
                                        .requests = c->nrequests,
                                        .replies_lost = c->nlost};
    for (const struct client_request *req = c->first_request; req; req = req->next)
        info.replies_lost++;
    if (s->options.client_callback)
        s->options.client_callback(s->options.callback_data, &info);
}

void conn_account_memory(struct conn *c) {
    dualpipe_server *s = c->server;
    size_t size = buffer_len(&c->in) + buffer_len(&c->out);
    struct conn *largest = c;
    s->held_bytes = s->held_bytes - c->accounted + size;
    c->accounted = size;
    if (s->held_bytes <= 4 * s->options.client_buffer_max)
        return;
    for (struct conn *other = s->conns; other; other = other->next)
        if (!other->is_closing && other->accounted > largest->accounted)
            largest = other;
    conn_close(largest, DUALPIPE_CLIENT_EVICTED, "too much is held for it");
}

/* --- output ------------------------------------------------------------------------ */

void conn_flush(struct conn *c) {
    while (!c->is_closing && buffer_len(&c->out) > 0) {
        ssize_t n =
            send(c->fd, buffer_data(&c->out), buffer_len(&c->out), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno != EAGAIN) {
            c->hung_up = true;
            buffer_free(&c->out); /* it will not be read */
            break;
        }
        if (n < 0)
            break;
        buffer_consume(&c->out, (size_t)n);
        c->stalled_since = 0;
    }
    conn_account_memory(c);
}

void conn_write(struct conn *c, const void *p, size_t n) {
    if (c->is_closing || c->hung_up)
        return;
    if (buffer_append(&c->out, p, n) < 0)
        conn_close(c, DUALPIPE_CLIENT_EVICTED, "it does not take its replies");
}

void conn_send(struct conn *c, const char *head, const void *p, size_t n) {
    char line[PROTO_HEAD_MAX];
    int size = n > 0 ? snprintf(line, sizeof line, "%s size=%zu\n", head, n)
                     : snprintf(line, sizeof line, "%s\n", head);
    conn_write(c, line, (size_t)size);
    conn_write(c, p, n);
}

/* --- input ------------------------------------------------------------------------- */

/* Whether more input is wanted now: not at the end, and neither too many unsent replies nor too
 * many bytes beyond the waiting request. */
static bool may_read(const struct conn *c) {
    if (c->input_ended || c->hung_up || c->is_draining || c->server->state >= SERVER_DRAINING)
        return false;
    if (buffer_len(&c->out) > UNSENT_PAUSE)
        return false;
    return c->request.total_size == 0 || buffer_len(&c->in) < c->request.total_size + READ_AHEAD;
}

/* Whether a read gave bytes, so that another may. */
static bool read_bytes(struct conn *c) {
    char *room;
    ptrdiff_t size = buffer_reserve(&c->in, READ_SIZE, &room);
    ssize_t n;
    if (size == -ENOMEM) {
        conn_close(c, DUALPIPE_CLIENT_EVICTED, "no memory is left for its request");
        return false;
    }
    if (size == 0) /* the buffer is full */
        return false;
    /* A plain read: descriptors that a client passes along are not received. */
    n = fd_read(c->fd, FD_SOCKET, room, (size_t)size);
    if (n > 0)
        buffer_commit(&c->in, (size_t)n);
    if (n == 0 || (n < 0 && n != -EAGAIN))
        c->input_ended = true;
    c->hung_up |= n < 0 && n != -EAGAIN;
    c->stalled_since = 0;
    return n > 0;
}

void conn_read(struct conn *c) {
    size_t before = buffer_len(&c->in);
    if (may_read(c))
        read_bytes(c);
    while (c->hung_up && !c->is_closing && buffer_len(&c->in) - before < HUNG_UP_READ_MAX &&
           read_bytes(c))
        ;
    c->input_ended |= c->hung_up;
    conn_account_memory(c);
}

void conn_drain(struct conn *c) {
    c->is_draining = true;
}

/* --- poll events and the end ------------------------------------------------------- */

/* Registers the events with the poller, if they have changed; 0 takes the descriptor out. */
static void set_poll_events(struct conn *c, int events) {
    if (events == c->poll_events)
        return;
    if (poller_set(&c->server->poller, c->fd, c->poll_events, events, c) == 0)
        c->poll_events = events;
    else
        conn_close(c, DUALPIPE_CLIENT_EVICTED, "no memory is left to watch it");
}

/* Whether all its requests are answered, the replies sent, and no request can follow. */
static bool has_finished(const struct conn *c) {
    if (c->first_request || c->request.total_size > 0)
        return false;
    return c->hung_up || ((c->input_ended || c->is_draining) && buffer_len(&c->out) == 0);
}

/* Whether the server waits for the client: to read, to finish a message, or to close. */
static bool is_stalled(const struct conn *c) {
    return c->has_exit_notice || buffer_len(&c->out) > 0 ||
           (buffer_len(&c->in) > 0 && c->request.total_size == 0 && may_read(c));
}

/* Whether the client has been sent everything, the exit notice last, and only has to close. */
static bool is_half_closed(const struct conn *c) {
    return c->has_exit_notice && !c->hung_up && !c->first_request &&
           c->server->state == SERVER_CHILD_ENDED && buffer_len(&c->out) == 0;
}

/* Looks for `collect` among the client's last messages, which it may have sent in any number of
 * parts, and drops them. Requests that crossed the exit notice are answered by it. False: what the
 * client sends is no message. */
static bool take_last_messages(struct conn *c) {
    struct proto_msg msg;
    int r;
    while ((r = proto_parse(buffer_data(&c->in), buffer_len(&c->in), &msg)) == 1) {
        c->server->exit_was_reported |= proto_is(&msg, "collect");
        buffer_consume(&c->in, msg.total_size);
    }
    return r == 0;
}

/* Shuts our side down and waits for the client to close its own. Having sent the exit notice does
 * not prove that the client read it: it may have been killed, or only be listing sessions. So the
 * exit counts as reported only if the client says `collect`, which may still lie unread here. */
static void half_close(struct conn *c) {
    bool goes_on = take_last_messages(c);
    shutdown(c->fd, SHUT_WR);
    if (goes_on && read_bytes(c))
        goes_on = take_last_messages(c);
    if (!goes_on || c->input_ended)
        conn_close(c, DUALPIPE_CLIENT_DISCONNECTED, NULL);
}

static int wanted_events(const struct conn *c) {
    int events = POLLER_HUP;
    if (c->hung_up)
        return 0; /* a hung-up socket would be ready at every poll */
    if (may_read(c) || is_half_closed(c))
        events |= POLLER_IN;
    if (buffer_len(&c->out) > 0)
        events |= POLLER_OUT;
    return events;
}

void conn_update(struct conn *c) {
    if (c->is_closing)
        return;
    if (c->hung_up)
        orphan_requests(c);
    if (is_half_closed(c)) {
        half_close(c);
    } else if (has_finished(c)) {
        conn_close(c, c->close_reason ? DUALPIPE_CLIENT_EVICTED : DUALPIPE_CLIENT_DISCONNECTED,
                   c->close_reason);
    }
    if (!c->is_closing)
        set_poll_events(c, wanted_events(c));
    if (c->is_closing || c->hung_up)
        return;
    if (!is_stalled(c)) {
        c->stalled_since = 0;
    } else if (c->stalled_since == 0) {
        c->stalled_since = clock_now_ns();
        server_state_note_deadline(
            c->server,
            c->stalled_since + (int64_t)c->server->options.client_stall_timeout * NS_PER_MS);
    }
}
