/* conn.c: one client of a session: its bytes as requests, and the bytes it is told. */
#include "base/clock.h"
#include "os/fd.h"
#include "session/server_state.h"
#include <errno.h>
#include <stdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    READ_SIZE = 16384,
    AHEAD = 65536,      /* bytes that are read while a request waits */
    UNREAD_MOST = 65536, /* bytes it has not taken: then it is not read from */
    RIDE_OUT = 1 << 20, /* bytes that are read of one that has gone */
};

struct client *client_new(dualpipe_server *s, int fd, uid_t uid, pid_t pid) {
    struct client *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->server = s;
    c->fd = fd;
    c->uid = uid;
    c->pid = pid;
    c->in.max = s->pool_options.max + WIRE_HEAD;
    c->out.max = s->o.held;
    return c;
}

/* What it has asked is nobody's. */
static void disown(struct client *c) {
    for (struct job *j = c->first; j; j = j->next)
        if (!j->done)
            pool_disown(c->server->pool, j);
}

void client_forsake(struct client *c) {
    disown(c);
    for (struct job *j = c->first, *next; j; j = next) {
        next = j->next;
        buffer_free(&j->held);
        c->lost++;
        if (j->done)
            free(j);
        else
            j->client = NULL;
    }
    c->first = c->last = NULL;
}

void client_free(struct client *c) {
    client_forsake(c);
    if (c->interest)
        watch_set(&c->server->watch, c->fd, c->interest, 0, c);
    close(c->fd);
    buffer_free(&c->in);
    buffer_free(&c->out);
    free(c->made);
    free(c);
}

void client_expel(struct client *c, enum dualpipe_visit how, const char *why) {
    if (c->gone)
        return;
    c->gone = c->server->any_gone = true;
    c->how = how;
    c->why = why;
    service_leave_line(c);
}

/* --- out --------------------------------------------------------------------------------- */

void client_flush(struct client *c) {
    while (!c->gone && buffer_held(&c->out) > 0) {
        ssize_t n = send(c->fd, buffer_data(&c->out), buffer_held(&c->out),
                         MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno != EAGAIN) {
            c->hung = true;
            buffer_free(&c->out);
            break;
        }
        if (n < 0)
            break;
        buffer_consume(&c->out, (size_t)n);
        c->stuck = 0;
    }
    service_count(c);
}

void client_put(struct client *c, const void *p, size_t n) {
    if (c->gone || c->hung)
        return;
    if (buffer_put(&c->out, p, n) < 0)
        client_expel(c, DUALPIPE_EXPELLED, "it does not take its replies");
}

void client_tell(struct client *c, const char *head, const void *p, size_t n) {
    char line[WIRE_HEAD];
    int size = n > 0 ? snprintf(line, sizeof line, "%s size=%zu\n", head, n)
                     : snprintf(line, sizeof line, "%s\n", head);
    client_put(c, line, (size_t)size);
    client_put(c, p, n);
}

/* --- watching ---------------------------------------------------------------------------- */

static bool may_read(const struct client *c) {
    if (c->ended || c->hung || c->leaves || c->server->state >= SERVICE_DRAINING)
        return false;
    if (buffer_held(&c->out) > UNREAD_MOST)
        return false;
    return c->request.whole == 0 || buffer_held(&c->in) < c->request.whole + AHEAD;
}

static void watch(struct client *c, int interest) {
    if (interest == c->interest)
        return;
    if (watch_set(&c->server->watch, c->fd, c->interest, interest, c) == 0)
        c->interest = interest;
    else
        client_expel(c, DUALPIPE_EXPELLED, "no memory is left to watch it");
}

/* Whether all that it has asked is answered, and it will ask no more. */
static bool is_done(const struct client *c) {
    if (c->first || c->request.whole > 0)
        return false;
    return c->hung || ((c->ended || c->leaves) && buffer_held(&c->out) == 0);
}

static bool is_stuck(const struct client *c) {
    return c->hears || buffer_held(&c->out) > 0 ||
           (buffer_held(&c->in) > 0 && c->request.whole == 0 && may_read(c));
}

/* Whether it has all that there is for it, the child's end last, and need but close its end. */
static bool is_parting(const struct client *c) {
    return c->hears && !c->hung && !c->first && c->server->state == SERVICE_OVER &&
           buffer_held(&c->out) == 0;
}

/* That it was sent so is no proof that it was told: it may be killed, or but list the session. */
static void part(struct client *c) {
    static const char known[] = "collect\n";
    char some[4096];
    ssize_t n;
    shutdown(c->fd, SHUT_WR);
    while ((n = fd_read(c->fd, FD_SOCKET, some, sizeof some)) > 0)
        c->server->told |= memmem(some, (size_t)n, known, sizeof known - 1) != NULL;
    if (n == -EAGAIN)
        return;
    client_expel(c, DUALPIPE_LEFT, NULL);
}

static int interest_in(const struct client *c) {
    int interest = WATCH_HUNG;
    if (c->hung)
        return 0; /* it would be ready for ever */
    if (may_read(c) || is_parting(c))
        interest |= WATCH_IN;
    if (buffer_held(&c->out) > 0)
        interest |= WATCH_OUT;
    return interest;
}

void client_settle(struct client *c) {
    if (c->gone)
        return;
    if (c->hung)
        disown(c);
    if (is_parting(c)) {
        part(c);
    } else if (is_done(c)) {
        client_expel(c, c->why ? DUALPIPE_EXPELLED : DUALPIPE_LEFT, c->why);
    }
    if (!c->gone)
        watch(c, interest_in(c));
    if (c->gone || c->hung)
        return;
    if (!is_stuck(c)) {
        c->stuck = 0;
    } else if (c->stuck == 0) {
        c->stuck = clock_ns();
        service_note_due(c->server, c->stuck + (int64_t)c->server->o.patience * 1000000);
    }
}

/* --- in: plain --------------------------------------------------------------------------- */

/* A request that lies elsewhere, and takes so many bytes of in. */
static void use_made(struct client *c, char *made, size_t size, size_t whole) {
    c->made = made;
    c->request.data = made;
    c->request.size = size;
    c->request.whole = whole;
}

/* The last line had no end. */
static void take_open_line(struct client *c, const char *p, size_t n) {
    char *made = malloc(n + 1);
    if (!made) {
        client_expel(c, DUALPIPE_EXPELLED, "no memory is left for its request");
        return;
    }
    memcpy(made, p, n);
    made[n] = '\n';
    use_made(c, made, n + 1, n);
}

static bool translate(struct client *c, const char *p, size_t n, size_t whole) {
    const struct dualpipe_server_options *o = &c->server->o;
    char *made;
    size_t size;
    if (o->to_child(o->data, p, n, &made, &size) < 0) {
        client_expel(c, DUALPIPE_EXPELLED, "its request can't be said to the child");
        return false;
    }
    use_made(c, made, size, whole);
    return true;
}

static void look_for_plain(struct client *c) {
    const struct dualpipe_server_options *o = &c->server->o;
    const char *p = buffer_data(&c->in);
    size_t n = buffer_held(&c->in);
    ssize_t used = n > 0 ? dualpipe_unframe(o->io, p, n, c->server->pool_options.max, &c->body) : 0;
    bool at_end = used == 0 && n > 0 && c->ended;
    if (used < 0) {
        client_expel(c, DUALPIPE_EXPELLED, used == -EMSGSIZE ? "its request is too long"
                                                             : "its request is malformed");
    } else if (at_end && o->io == DUALPIPE_LINE && !o->to_child) {
        take_open_line(c, p, n);
    } else if (at_end && (o->io == DUALPIPE_RAW || o->io == DUALPIPE_LINE)) {
        if (o->to_child)
            translate(c, p, n, n);
        else
            c->request = (struct wire){.data = p, .size = n, .whole = n};
    } else if (at_end) {
        client_expel(c, DUALPIPE_EXPELLED, "its request is cut short");
    } else if (used > 0 && o->to_child) {
        translate(c, c->body.data, c->body.size, (size_t)used);
    } else if (used > 0) {
        c->request = (struct wire){.data = p, .size = (size_t)used, .whole = (size_t)used};
    }
    c->limit = o->limit;
    c->n++;
}

/* --- in: the session protocol ------------------------------------------------------------ */

static void refuse_bytes(struct client *c, const char *why) {
    client_tell(c, "wrong", why, strlen(why));
    client_flush(c);
    client_expel(c, DUALPIPE_EXPELLED, why);
}

static void take_ask(struct client *c, const struct wire *m) {
    int64_t limit = wire_number(m, "limit", 0), n = wire_number(m, "n", 0);
    if (limit < 0 || n < 0) {
        refuse_bytes(c, "a number of its request is none");
        return;
    }
    c->n = n;
    c->limit = limit < INT32_MAX ? (int)limit : 0;
    c->quiet = wire_number(m, "quiet", 0) > 0;
    c->request = *m;
}

void client_tell_state(struct client *c) {
    dualpipe_server *s = c->server;
    struct dualpipe_state state;
    char head[160];
    if (!s->child)
        return;
    dualpipe_inspect(s->child, &state, 0);
    snprintf(head, sizeof head, "state pid=%ld state=%c unread=%zu held=%zu received=%llu",
             (long)state.pid, state.state ? state.state : '?', state.unread, state.held,
             (unsigned long long)state.received);
    client_tell(c, head, NULL, 0);
}

static void send_signal(struct client *c, const struct wire *m) {
    int64_t number = wire_number(m, "number", 0);
    if (number > 0 && number <= SIGRTMAX)
        dualpipe_pool_signal(c->server->pool, (int)number);
    else
        refuse_bytes(c, "there is no such signal");
}

static void obey(struct client *c, const struct wire *m) {
    dualpipe_server *s = c->server;
    if (wire_is(m, "signal")) {
        send_signal(c, m);
    } else if (wire_is(m, "look")) {
        client_tell_state(c);
    } else if (wire_is(m, "follow")) {
        c->follows = true;
    } else if (wire_is(m, "collect")) {
        s->told |= s->state == SERVICE_OVER;
    } else if (wire_is(m, "leave")) {
        client_stop_reading(c);
    } else if (wire_is(m, "stop")) {
        dualpipe_server_end(s, s->o.patience);
    } else {
        refuse_bytes(c, "what it sends is no message of a session");
    }
}

/* The first ask there is; what comes before is obeyed at once. */
static void look_for_message(struct client *c) {
    while (!c->gone && !c->leaves && c->request.whole == 0) {
        struct wire m;
        int r = wire_take(buffer_data(&c->in), buffer_held(&c->in), &m);
        if (r < 0 || m.size > c->server->pool_options.max) {
            refuse_bytes(c, r < 0 ? "what it sends is no message of a session"
                                  : "its request is too long");
            return;
        }
        if (r == 0)
            return;
        if (wire_is(&m, "ask")) {
            take_ask(c, &m);
        } else {
            obey(c, &m);
            buffer_consume(&c->in, m.whole);
        }
    }
}

/* --- in ---------------------------------------------------------------------------------- */

/* Whom the first bytes tell; false: not yet. */
static bool is_known(struct client *c) {
    size_t n = buffer_held(&c->in), all = sizeof WIRE_GREETING - 1;
    if (c->speaks != SPEAKS_UNKNOWN)
        return true;
    if (n == 0)
        return false;
    if (memcmp(buffer_data(&c->in), WIRE_GREETING, n < all ? n : all) != 0 ||
        (n < all && c->ended)) {
        c->speaks = SPEAKS_PLAIN;
        if (c->server->state == SERVICE_OVER)
            client_expel(c, DUALPIPE_EXPELLED, "the child has ended");
        return !c->gone;
    }
    if (n < all)
        return false;
    if (!service_greet(c))
        return false;
    buffer_consume(&c->in, all);
    c->speaks = SPEAKS_SESSION;
    return true;
}

void client_look(struct client *c) {
    if (c->gone || c->leaves || c->request.whole > 0 || !is_known(c))
        return;
    if (c->speaks == SPEAKS_PLAIN)
        look_for_plain(c);
    else
        look_for_message(c);
    if (c->gone || c->request.whole == 0)
        return;
    c->until = c->limit > 0 ? clock_after(c->limit) : CLOCK_NEVER;
    service_note_due(c->server, c->until);
    service_enter_line(c);
}

static bool read_some(struct client *c) {
    char *room;
    ptrdiff_t size = buffer_reserve(&c->in, READ_SIZE, &room);
    ssize_t n;
    if (size == -ENOMEM) {
        client_expel(c, DUALPIPE_EXPELLED, "no memory is left for its request");
        return false;
    }
    if (size == 0)
        return false;
    /* Descriptors that are passed with the bytes are not taken. */
    n = fd_read(c->fd, FD_SOCKET, room, (size_t)size);
    if (n > 0)
        buffer_commit(&c->in, (size_t)n);
    if (n == 0 || (n < 0 && n != -EAGAIN))
        c->ended = true;
    c->hung |= n < 0 && n != -EAGAIN;
    c->stuck = 0;
    return n > 0;
}

void client_read(struct client *c) {
    size_t before = buffer_held(&c->in);
    if (may_read(c))
        read_some(c);
    while (c->hung && !c->gone && buffer_held(&c->in) - before < RIDE_OUT && read_some(c))
        ;
    c->ended |= c->hung;
    service_count(c);
    client_look(c);
    if (c->ended && !c->gone && c->request.whole == 0)
        buffer_free(&c->in); /* half a message */
}

void client_stop_reading(struct client *c) {
    c->leaves = true;
}

void client_go_on(struct client *c) {
    buffer_consume(&c->in, c->request.whole);
    c->request = (struct wire){0};
    c->body = (struct dualpipe_body){0};
    free(c->made);
    c->made = NULL;
    client_look(c);
    if (c->ended && !c->gone && c->request.whole == 0)
        buffer_free(&c->in);
    client_settle(c);
}
