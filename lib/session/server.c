/* server.c: the session server: several clients share one pool through a Unix socket.
 *
 * The life of a request: conn_read() puts bytes into the connection's `in`; queue_next_request()
 * parses one request out of them, refuses it if its reply couldn't be told from another client's
 * (refusal_reason), and else the connection joins the run queue. schedule_requests()
 * takes the first connection of the queue when the pool has room, submits its request with a
 * struct client_request as the tag, and parses the connection's next one, which joins at the end
 * of the queue. The pool's reply goes through server_deliver_reply() to the connection's `out`.
 * Messages other than `ask` are carried out as soon as no request of the same client waits before
 * them; but `cancel` is looked for behind the queued request as well, as it may be for that one.
 *
 * One turn of the loop, dualpipe_server_step(): schedule, look at the child, handle sockets that
 * are ready, schedule again, run timers, free closed connections, look whether the session is to
 * end. Nothing blocks; the host polls in between with dualpipe_server_pollitems(), which includes
 * next_deadline.
 *
 * The server goes through the states of enum server_state, one way only; the table stands above the
 * functions that change them (how the session ends).
 *
 * The exit of the only child is news that must not be lost: the server stays in CHILD_ENDED until
 * one client has confirmed it, by `collect` or by a reply that carried the status. Newcomers are
 * told one after another (exit_notice_conn), since the first that confirms is enough and the next
 * should rather start a new session than hear of the old one.
 *
 * The invariant: connections are freed in reap_conns() only, never while a loop over them runs.
 * The trap: any call of the pool may run server_deliver_event(), so states are decided after such
 * a call returns, not in it. */
#include "base/clock.h"
#include "base/error.h"
#include "base/options.h"
#include "codec/rule.h"
#include "pool/pool.h"
#include "session/conn.h"
#include "session/runqueue.h"
#include "session/server_accept.h"
#include "session/server_deliver.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    CLIENTS_MAX = 1000,
    SPARE_FDS = 24,    /* for the server and the pool, besides the children's */
    FDS_PER_CHILD = 8, /* as many as one needs while it is being replaced */
    SOCKET_BATCH = 64, /* sockets handled in one step */
    ACCEPT_BATCH = 64, /* clients accepted in one step */
    STALL_TIMEOUT_MS = 30000,
    ABANDONED_REPLY_MS = 10000,
    EXIT_NOTICE_TIMEOUT_MS = 5000, /* for a client to confirm that it knows of the child's exit */
};
/* Bytes of a reply, and of the output that waits for one client. */
#define DEFAULT_BUFFER_MAX ((size_t)64 << 20)

/* --- opening ----------------------------------------------------------------------- */

/* As many clients as the limit of open files leaves room for. */
static int choose_max_conns(const struct dualpipe_server_options *o, int workers) {
    int max = o->max_clients > 0 ? o->max_clients : CLIENTS_MAX;
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < INT32_MAX) {
        int left = (int)files.rlim_cur - SPARE_FDS - FDS_PER_CHILD * workers;
        max = max < left ? max : left;
    }
    return max > 1 ? max : 1;
}

/* So much as a client is sent for one reply that comes all at once must find room. */
static size_t choose_client_buffer(size_t max_reply) {
    size_t room = max_reply + (max_reply / PROTO_PIECE_MAX + 2) * PROTO_HEAD_MAX;
    return room > DEFAULT_BUFFER_MAX ? room : DEFAULT_BUFFER_MAX;
}

/* The host's pool options, with the flags that are ours to choose. Streaming needs that the child
 * answers one request at a time and that replies need no translation; else replies are collected
 * and may finish in any order, since server_deliver.c orders them per client. */
static void choose_pool_options(dualpipe_server *s) {
    struct dualpipe_pool_options *o = &s->pool_options;
    unsigned ours = DUALPIPE_POOL_STREAM_REPLIES | DUALPIPE_POOL_UNORDERED |
                    DUALPIPE_POOL_WAIT_FOR_LATE | DUALPIPE_POOL_INTERACTIVE |
                    DUALPIPE_POOL_KEEP_STDERR | DUALPIPE_POOL_ZERO_COPY | DUALPIPE_POOL_REPLACE;
    o->workers = o->workers ? o->workers : 1;
    o->window = o->window ? o->window : 1;
    o->max_reply = o->max_reply ? o->max_reply : DEFAULT_BUFFER_MAX;
    s->has_single_child = o->workers == 1 && !(o->flags & DUALPIPE_POOL_ONE_SHOT);
    s->streams_replies = s->has_single_child && o->window == 1 && !s->options.to_client;
    o->flags &= ~ours;
    if (s->streams_replies)
        o->flags |= DUALPIPE_POOL_STREAM_REPLIES | DUALPIPE_POOL_INTERACTIVE;
    else
        o->flags |= DUALPIPE_POOL_UNORDERED;
    if (s->has_single_child)
        o->flags |= DUALPIPE_POOL_WAIT_FOR_LATE;
    else if (worker_child_options(o, 0) &&
             worker_child_options(o, 0)->err == DUALPIPE_STDERR_RELAY)
        o->flags |= DUALPIPE_POOL_KEEP_STDERR;
    s->host_callback = o->callback;
    s->host_data = o->callback_data;
    o->callback = server_deliver_event;
    o->callback_data = s;
}

/* On failure dualpipe_server_close() frees the parts that are there. */
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
    if ((r = dualpipe_pool_open(&s->pool, &s->pool_options, why)) < 0)
        return r;
    s->answered = calloc((size_t)s->pool_options.workers, sizeof *s->answered);
    return s->answered ? 0 : error_set(why, step, NULL, NULL, -ENOMEM);
}

int dualpipe_server_open(dualpipe_server **server, const struct dualpipe_server_options *given,
                         struct dualpipe_error *why) {
    struct dualpipe_server_options own, *o = &own;
    struct dualpipe_pool_options pool;
    dualpipe_server *s;
    int r = options_copy(o, sizeof *o, given);
    *server = NULL;
    if (r < 0)
        return error_set(why, "reading the options", NULL, NULL, r);
    if ((r = options_copy(&pool, sizeof pool, o->pool)) < 0)
        return error_set(why, "reading the options of the pool", NULL, NULL, r);
    if (pool.rule && pool.rule->kind == DUALPIPE_FRAME_RAW &&
        !(pool.flags & DUALPIPE_POOL_ONE_SHOT))
        return error_set(why, "opening a session", NULL,
                         "raw bytes don't tell requests apart: use another --frame, or --fresh",
                         -EINVAL);
    if (!(s = calloc(1, sizeof *s)))
        return error_set(why, "opening a session", NULL, NULL, -ENOMEM);
    s->options = *o;
    s->options.pool = NULL; /* copied to pool_options */
    s->pool_options = pool;
    s->listener.fd = s->listener.lock_fd = -1;
    s->options.client_stall_timeout =
        o->client_stall_timeout ? o->client_stall_timeout : STALL_TIMEOUT_MS;
    s->options.abandoned_reply_timeout =
        o->abandoned_reply_timeout ? o->abandoned_reply_timeout : ABANDONED_REPLY_MS;
    s->last_output.max = LAST_OUTPUT_MAX;
    s->pid = (long)getpid();
    s->started_at = s->unused_since = clock_now_ns();
    s->next_deadline = s->drain_deadline = CLOCK_NEVER;
    choose_pool_options(s);
    if (s->options.client_buffer_max == 0)
        s->options.client_buffer_max = choose_client_buffer(s->pool_options.max_reply);
    s->max_conns = choose_max_conns(o, s->pool_options.workers);
    if ((r = open_listener_and_pool(s, why)) < 0) {
        dualpipe_server_close(s);
        return r;
    }
    server_accept_enable(s, true);
    *server = s;
    return 0;
}

/* --- exit notice and greeting ------------------------------------------------------ */

/* c has been told, or is about to be, that the child has ended. */
static void begin_exit_notice(struct conn *c) {
    c->server->exit_notice_conn = c;
    c->server->exit_notice_deadline = clock_deadline(EXIT_NOTICE_TIMEOUT_MS);
}

/* Whether a client that was told may still confirm it. */
static bool exit_notice_pending(dualpipe_server *s) {
    if (s->state != SERVER_CHILD_ENDED || !s->exit_notice_conn ||
        clock_now_ns() >= s->exit_notice_deadline)
        return false;
    server_state_note_deadline(s, s->exit_notice_deadline);
    return true;
}

/* false: the hello has to wait for another client's answer to the exit notice. The greeting stays
 * in `in`; check_conn_timers() tries again. A client that sends no more has nothing to answer: it
 * neither waits nor is waited for. */
static bool greet_client(struct conn *c) {
    if (!c->input_ended && exit_notice_pending(c->server))
        return false;
    if (!c->input_ended && c->server->state == SERVER_CHILD_ENDED)
        begin_exit_notice(c);
    server_deliver_hello(c);
    return true;
}

/* --- requests of plain clients ----------------------------------------------------- */

/* Queues an allocated copy as the request; it replaces `consumed` bytes of `in`. */
static void use_request_copy(struct conn *c, char *copy, size_t size, size_t consumed) {
    c->request_copy = copy;
    c->request.data = copy;
    c->request.size = size;
    c->request.total_size = consumed;
}

/* The client ended its input without a newline; the child still needs one. */
static void complete_last_line(struct conn *c, const char *p, size_t n) {
    char *copy = malloc(n + 1);
    if (!copy) {
        conn_close(c, DUALPIPE_CLIENT_EVICTED, "no memory is left for its request");
        return;
    }
    memcpy(copy, p, n);
    copy[n] = '\n';
    use_request_copy(c, copy, n + 1, n);
}

/* Has the host convert a message to the child's kind of frame. */
static bool translate_request(struct conn *c, const char *p, size_t n, size_t consumed) {
    const struct dualpipe_server_options *o = &c->server->options;
    char *copy;
    size_t size;
    if (o->to_child(o->callback_data, p, n, &copy, &size) < 0) {
        conn_close(c, DUALPIPE_CLIENT_EVICTED, "its request can't be said to the child");
        return false;
    }
    use_request_copy(c, copy, size, consumed);
    return true;
}

/* The next frame of a plain client is its next request; so are the last bytes before its end of
 * input, for the kinds of frame that may end so. */
static void parse_plain_request(struct conn *c) {
    const struct dualpipe_server_options *o = &c->server->options;
    const char *p = buffer_data(&c->in);
    size_t n = buffer_len(&c->in);
    ssize_t used = n > 0 ? dualpipe_frame_decode(o->client_kind, p, n,
                                                 c->server->pool_options.max_reply, &c->frame)
                         : 0;
    bool at_end = used == 0 && n > 0 && c->input_ended;
    if (used < 0) {
        conn_close(c, DUALPIPE_CLIENT_EVICTED,
                   used == -EMSGSIZE ? "its request is too long" : "its request is malformed");
    } else if (at_end && o->client_kind == DUALPIPE_FRAME_LINE && !o->to_child) {
        complete_last_line(c, p, n);
    } else if (at_end &&
               (o->client_kind == DUALPIPE_FRAME_RAW || o->client_kind == DUALPIPE_FRAME_LINE)) {
        if (o->to_child)
            translate_request(c, p, n, n);
        else
            c->request = (struct proto_msg){.data = p, .size = n, .total_size = n};
    } else if (at_end) {
        conn_close(c, DUALPIPE_CLIENT_EVICTED, "its request is cut short");
    } else if (used > 0 && o->to_child) {
        translate_request(c, c->frame.data, c->frame.size, (size_t)used);
    } else if (used > 0) {
        c->request =
            (struct proto_msg){.data = p, .size = (size_t)used, .total_size = (size_t)used};
    }
    c->reply_limit = o->reply_timeout;
    c->request_id++;
}

/* --- messages of the session protocol ---------------------------------------------- */

/* Protocol errors end the connection. */
static void reject_message(struct conn *c, const char *why) {
    conn_send(c, "wrong", why, strlen(why));
    conn_flush(c);
    conn_close(c, DUALPIPE_CLIENT_EVICTED, why);
}

/* The message stays in `in` until the request has had its turn. */
static void parse_ask(struct conn *c, const struct proto_msg *msg) {
    int64_t timeout = proto_number(msg, "limit", 0), n = proto_number(msg, "n", 0),
            quiet = proto_number(msg, "quiet", 0);
    if (timeout < 0 || n < 0 || quiet < 0 || quiet > 1) {
        reject_message(c, "a number of its request is none");
        return;
    }
    c->request_id = n;
    c->reply_limit = timeout < INT32_MAX ? (int)timeout : 0;
    c->reply_use = quiet == 1                          ? REPLY_DROPPED
                   : proto_number(msg, "usage", 0) == 1 ? REPLY_MEASURED
                                                        : REPLY_SENT;
    c->request = *msg;
}

static void signal_child(struct conn *c, const struct proto_msg *msg) {
    int64_t number = proto_number(msg, "number", 0);
    if (number > 0 && number <= SIGRTMAX)
        dualpipe_pool_signal(c->server->pool, (int)number);
    else
        reject_message(c, "there is no such signal");
}

/* Whether the message `cancel` is for a request with that number of the client's. */
static bool cancels_request(const struct proto_msg *msg, int64_t id) {
    return proto_number(msg, "n", id) == id && proto_number(msg, "running", 0) == 0;
}

/* Cancels what the pool was given: of this client, the request with the number in the message, or
 * all; with `running`, the oldest of each child, whichever client has asked it. */
static void cancel_requests(struct conn *c, const struct proto_msg *msg) {
    int64_t n = proto_number(msg, "n", 0), running = proto_number(msg, "running", 0);
    dualpipe_pool *pool = c->server->pool;
    char head[40];
    if (n < 0 || running < 0 || running > 1) {
        reject_message(c, "a number of its message is none");
        return;
    }
    if (running == 1) {
        snprintf(head, sizeof head, "cancelling count=%d", dualpipe_pool_interrupt(pool, 0));
        conn_send(c, head, NULL, 0);
        conn_flush(c);
        return;
    }
    for (const struct client_request *req = c->first_request; req; req = req->next)
        if (!req->is_done && req->number > 0 && cancels_request(msg, req->id))
            dualpipe_pool_interrupt(pool, req->number);
}

/* Carries out a message other than `ask`. */
static void handle_message(struct conn *c, const struct proto_msg *msg) {
    dualpipe_server *s = c->server;
    if (proto_is(msg, "signal")) {
        signal_child(c, msg);
    } else if (proto_is(msg, "cancel")) {
        cancel_requests(c, msg);
    } else if (proto_is(msg, "look")) {
        server_deliver_child_state(c);
    } else if (proto_is(msg, "follow")) {
        c->is_subscribed = true;
    } else if (proto_is(msg, "collect")) {
        s->exit_was_reported |= s->state == SERVER_CHILD_ENDED;
    } else if (proto_is(msg, "leave")) {
        pool_look_for_output(s->pool); /* the last chance to doubt its last reply */
        conn_drain(c);
    } else if (proto_is(msg, "stop")) {
        dualpipe_server_end(s, s->options.client_stall_timeout);
    } else {
        reject_message(c, "what it sends is no message of a session");
    }
}

/* Handles messages up to the first `ask`, which becomes the queued request. */
static void parse_messages(struct conn *c) {
    while (!c->is_closing && !c->is_draining && c->request.total_size == 0) {
        struct proto_msg msg;
        int r = proto_parse(buffer_data(&c->in), buffer_len(&c->in), &msg);
        if (r < 0 || msg.size > c->server->pool_options.max_reply) {
            reject_message(c, r < 0 ? "what it sends is no message of a session"
                                    : "its request is too long");
            return;
        }
        if (r == 0)
            return;
        if (proto_is(&msg, "ask")) {
            parse_ask(c, &msg);
        } else {
            handle_message(c, &msg);
            buffer_consume(&c->in, msg.total_size);
        }
    }
}

/* --- requests that are refused ----------------------------------------------------- */

/* Whether each request has a child of its own: then none can touch the reply to another. */
static bool has_child_of_its_own(const dualpipe_server *s) {
    return s->pool_options.flags & DUALPIPE_POOL_ONE_SHOT;
}

/* Why the request, n bytes at p, is no single message. */
static const char *describe_wrong_size(const dualpipe_rule *rule, const char *p, size_t n) {
    if (rule_kind_is_framed(rule->kind))
        return "it is not exactly one message of the session's frame";
    if (p[n - 1] != '\n')
        return rule_matches_by_id(rule)
                   ? "its last line has no end"
                   : "its last line has no end, as this session needs: start it with --fence";
    return rule_matches_by_id(rule)
               ? "it is more than one line: ask each by itself"
               : "it is more than one line: ask each by itself, or start the session with --fence";
}

/* Why the parsed request, n bytes at p, must not be sent; NULL: it may be. A session is shared, so
 * each request has to draw one reply whose end the session's rule can find, or its rest would be
 * taken for another client's:
 *
 *     the session's rule       a request is          without a reply (`quiet`)
 *     fence, and it is sent    any bytes             taken: what comes before the token is dropped
 *     id                       one frame             taken: the frame with its id is dropped
 *     any other                one frame             refused, unless the rule says so itself
 *     children of their own    any bytes, or none    taken */
static const char *refusal_reason(const struct conn *c, const char *p, size_t n) {
    const dualpipe_server *s = c->server;
    const dualpipe_rule *rule = s->pool->options.rule;
    if (has_child_of_its_own(s))
        return NULL;
    if (n == 0)
        return "nothing is sent, so what comes could be another's reply: use --ready at its start";
    if (!rule_is_one_frame(rule, p, n) &&
        !(rule_has_fence(rule) && rule_expects_reply(rule, p, n)))
        return describe_wrong_size(rule, p, n);
    if (rule_refuses_request(rule, p, n))
        return "it has a NUL byte, which no shell takes";
    if (c->reply_use == REPLY_DROPPED && !rule_proves_end(rule) && rule_expects_reply(rule, p, n))
        return "this session awaits a reply to it: start it with --no-reply, --fence or --id";
    return NULL;
}

/* --- from bytes to a queued request ------------------------------------------------ */

/* Whether it is known, after the first bytes, if the client speaks the protocol. The beginning of
 * a greeting is not enough, unless no more follows: then it is a plain request. */
static bool detect_protocol(struct conn *c) {
    size_t n = buffer_len(&c->in), greeting_size = sizeof PROTO_GREETING - 1;
    if (c->protocol != CONN_UNKNOWN)
        return true;
    if (n == 0)
        return false;
    if (memcmp(buffer_data(&c->in), PROTO_GREETING, n < greeting_size ? n : greeting_size) != 0 ||
        (n < greeting_size && c->input_ended)) {
        c->protocol = CONN_PLAIN;
        if (c->server->state == SERVER_CHILD_ENDED)
            conn_close(c, DUALPIPE_CLIENT_EVICTED, "the child has ended");
        return !c->is_closing;
    }
    if (n < greeting_size)
        return false;
    if (!greet_client(c))
        return false;
    buffer_consume(&c->in, greeting_size);
    c->protocol = CONN_SESSION;
    return true;
}

/* Parses the next request, unless one waits already. Whether it has. */
static bool parse_request(struct conn *c) {
    if (c->is_closing || c->is_draining || c->request.total_size > 0 || !detect_protocol(c))
        return false;
    if (c->protocol == CONN_PLAIN)
        parse_plain_request(c);
    else
        parse_messages(c);
    return !c->is_closing && c->request.total_size > 0;
}

/* The bytes of the parsed request. They are looked up anew each time: `in` may have moved. */
static const char *request_data(const struct conn *c) {
    return c->request_copy ? c->request_copy
                           : buffer_data(&c->in) + (c->request.total_size - c->request.size);
}

static void drop_request(struct conn *c) {
    buffer_consume(&c->in, c->request.total_size);
    c->request = (struct proto_msg){0};
    c->frame = (struct dualpipe_frame_view){0};
    free(c->request_copy);
    c->request_copy = NULL;
}

/* Answers the parsed request without the pool, in the order of the client's other replies. */
static void refuse_request(struct conn *c, enum dualpipe_outcome outcome, const char *why) {
    struct client_request *req = conn_new_request(c);
    if (req) {
        conn_add_request(c, req);
        server_deliver_refusal(req, c->request.size, outcome, why);
    } else {
        conn_close(c, DUALPIPE_CLIENT_EVICTED, "no memory is left for its request");
    }
    drop_request(c);
}

/* Parses the next request and puts the connection into the run queue with it; those before it that
 * can't be taken are refused at once. queue_deadline: the time that the client allows for the reply
 * counts while waiting, too. */
static void queue_next_request(struct conn *c) {
    while (parse_request(c)) {
        const char *why = refusal_reason(c, request_data(c), c->request.size);
        if (c->server->state == SERVER_CHILD_ENDED) {
            refuse_request(c, DUALPIPE_OUTCOME_NOT_STARTED, "");
        } else if (why) {
            refuse_request(c, DUALPIPE_OUTCOME_REFUSED, why);
        } else {
            c->queue_deadline = c->reply_limit > 0 ? clock_deadline(c->reply_limit) : CLOCK_NEVER;
            server_state_note_deadline(c->server, c->queue_deadline);
            runqueue_push(c);
            return;
        }
    }
}

/* Half a message at the end of the input will never be completed. */
static void drop_partial_request(struct conn *c) {
    if (c->input_ended && !c->is_closing && c->request.total_size == 0)
        buffer_free(&c->in);
}

/* Whether a `cancel` that stands behind the queued request is for it. Requests of the client that
 * the pool has already are cancelled by it here. */
static bool is_cancelled(struct conn *c) {
    size_t at = c->request.total_size, n = buffer_len(&c->in);
    bool found = false;
    struct proto_msg msg;
    while (at < n && proto_parse(buffer_data(&c->in) + at, n - at, &msg) == 1) {
        if (proto_is(&msg, "cancel")) {
            cancel_requests(c, &msg);
            found |= cancels_request(&msg, c->request_id);
        }
        at += msg.total_size;
    }
    return found;
}

/* Refuses queued requests that the client has cancelled. The message itself stays until it is its
 * turn, and does no harm then. */
static void refuse_cancelled(struct conn *c) {
    while (c->protocol == CONN_SESSION && c->is_queued && !c->is_closing && is_cancelled(c)) {
        runqueue_remove(c);
        refuse_request(c, DUALPIPE_OUTCOME_CANCELLED, "");
        queue_next_request(c);
    }
}

/* The socket is readable, or the client has hung up. */
static void read_conn(struct conn *c) {
    conn_read(c);
    queue_next_request(c);
    refuse_cancelled(c);
    drop_partial_request(c);
}

/* The queued request has had its turn: removes it, and goes on to the next. */
static void advance_conn(struct conn *c) {
    drop_request(c);
    queue_next_request(c);
    refuse_cancelled(c);
    drop_partial_request(c);
    conn_update(c);
}

/* --- submitting -------------------------------------------------------------------- */

/* Gives the queued request to the pool. 0, or a negative errno: the pool has not taken it. One
 * whose client expects no reply goes by the session's rule all the same, so that whatever it draws
 * is told from the next reply; only a child of its own is not waited for. */
static int submit_request(struct conn *c, struct client_request *req) {
    dualpipe_server *s = c->server;
    bool needs_no_rule = c->reply_use == REPLY_DROPPED && has_child_of_its_own(s);
    struct dualpipe_request request = {.data = request_data(c),
                                       .size = c->request.size,
                                       .rule = needs_no_rule ? s->no_reply_rule : NULL,
                                       .timeout = c->reply_limit,
                                       .tag = req};
    struct client_request *previous = s->current;
    int r;
    server_deliver_last_output(c, req);
    s->submitting = s->current = req;
    r = dualpipe_pool_put(s->pool, &request);
    s->submitting = NULL;
    if (r < 0) {
        s->current = previous; /* req may be freed now */
        return r;
    }
    req->number = s->pool->last_number;
    req->pid = c->pid;
    req->given_at = clock_now_ns();
    return r;
}

/* Whether the child's output has ended, but its exit status is not there yet. The request then
 * waits, to be refused together with the news of the exit. */
static bool child_is_ending(const dualpipe_server *s, int r) {
    return r == -EPIPE && s->state == SERVER_OPEN && s->child_started && !s->child_died;
}

/* The turn of a queued connection: submits its request, or refuses it because the caller wants
 * that, its time is up, or the pool cannot take it. Then the connection's next request is queued.
 * false: nothing was done, since the child is just ending. */
static bool submit_next(struct conn *c, bool refuse) {
    struct client_request *req = conn_new_request(c);
    bool late = c->queue_deadline <= clock_now_ns();
    int r = refuse ? -EPIPE : 0;
    if (req && !refuse && !late && child_is_ending(c->server, r = submit_request(c, req))) {
        free(req);
        return false;
    }
    runqueue_remove(c);
    if (!req) {
        conn_close(c, DUALPIPE_CLIENT_EVICTED, "no memory is left for its request");
        return true;
    }
    conn_add_request(c, req);
    if (!refuse && late)
        server_deliver_refusal(req, c->request.size, DUALPIPE_OUTCOME_TIMED_OUT,
                               "the session is busy with another's request");
    else if (r < 0)
        server_deliver_refusal(
            req, c->request.size,
            r == -ENOMEM ? DUALPIPE_OUTCOME_NO_MEMORY : DUALPIPE_OUTCOME_NOT_STARTED, "");
    advance_conn(c);
    return true;
}

/* Refuses all requests that wait, and those of the same clients that follow them. */
static void refuse_queued(dualpipe_server *s) {
    while (s->runqueue_first)
        submit_next(s->runqueue_first, true);
}

/* --- scheduling -------------------------------------------------------------------- */

/* Hands out all replies that are there. Whether the pool is idle: none under way, no child. */
static bool deliver_replies(dualpipe_server *s) {
    struct dualpipe_reply r;
    int got;
    while ((got = dualpipe_pool_get(s->pool, &r, 0)) == 1)
        server_deliver_reply(s, &r);
    return got == 0;
}

/* Whose request the pool takes next; NULL: none. Two requests with the same id are not under way at
 * once: clients choose ids by themselves, and one would be given the other's reply. */
static struct conn *choose_next(dualpipe_server *s) {
    struct conn *c = dualpipe_pool_room(s->pool) > 0 ? s->runqueue_first : NULL;
    while (c && pool_sched_awaits_id(s->pool, request_data(c), c->request.size))
        c = c->next_queued;
    return c;
}

/* Gives each queued connection in turn one request's worth of the pool while that has room. Replies
 * are handed out in between, as they may make room. Whether the pool is idle. */
static bool schedule_requests(dualpipe_server *s) {
    bool idle = deliver_replies(s);
    struct conn *next;
    while (s->state != SERVER_CLOSING && (next = choose_next(s))) {
        bool taken = submit_next(next, false);
        idle = deliver_replies(s);
        if (!taken)
            break;
    }
    if (s->runqueue_first || s->requests_in_pool > 0)
        pool_sched_limit_abandoned(s->pool, s->runqueue_first != NULL,
                                   s->options.abandoned_reply_timeout);
    return idle;
}

/* --- freeing ----------------------------------------------------------------------- */

/* A freed connection must not be reached through the remembered requests. */
static void forget_replies(dualpipe_server *s, const struct conn *c) {
    for (int i = 0; i < s->pool_options.workers; i++)
        if (s->answered[i].conn == c)
            s->answered[i].conn = NULL;
    for (int i = 0; i < LATE_SLOTS; i++)
        if (s->late_replies[i].conn == c)
            s->late_replies[i].conn = NULL;
}

/* Frees a closing connection, and takes it out of all lists and counts. */
static void reap_conn(dualpipe_server *s, struct conn *c) {
    conn_notify(s, c, c->close_event);
    s->exit_was_reported |= c->knows_exit;
    forget_replies(s, c);
    runqueue_remove(c);
    if (c->prev)
        c->prev->next = c->next;
    else
        s->conns = c->next;
    if (c->next)
        c->next->prev = c->prev;
    s->held_bytes -= c->accounted;
    if (s->exit_notice_conn == c) {
        s->exit_notice_conn = NULL;
        server_state_note_deadline(s, 0); /* others that wait to be greeted may be now */
    }
    conn_free(c);
    if (--s->nconns == 0) {
        s->unused_since = clock_now_ns();
        if (s->options.idle_exit_timeout > 0)
            server_state_note_deadline(s, s->unused_since +
                                              (int64_t)s->options.idle_exit_timeout * NS_PER_MS);
    }
    s->accept_retry_at = 0;
    server_accept_enable(s, s->state < SERVER_DRAINING);
}

/* Frees all closing connections. Called when no loop over the connections runs. */
static void reap_conns(dualpipe_server *s) {
    while (s->any_closing) {
        s->any_closing = false;
        for (struct conn *c = s->conns, *next; c; c = next) {
            next = c->next;
            if (c->is_closing)
                reap_conn(s, c);
        }
    }
}

/* --- timers ------------------------------------------------------------------------ */

/* The timers of a connection: its client stalls, or its queued request has waited too long. Also
 * greets one whose greeting had to wait for another client's answer to the exit notice. */
static void check_conn_timers(struct conn *c, int64_t now) {
    int64_t stall_deadline;
    if (c->protocol == CONN_UNKNOWN && c->server->state == SERVER_CHILD_ENDED) {
        queue_next_request(c);
        conn_update(c);
    }
    if (c->is_closing)
        return;
    stall_deadline =
        c->stalled_since + (int64_t)c->server->options.client_stall_timeout * NS_PER_MS;
    if (c->stalled_since > 0 && now >= stall_deadline)
        conn_close(c, DUALPIPE_CLIENT_EVICTED,
                   buffer_len(&c->out) > 0 ? "it does not take its replies"
                   : c->has_exit_notice    ? "it does not leave"
                                           : "it does not finish its request");
    else if (c->stalled_since > 0)
        server_state_note_deadline(c->server, stall_deadline);
    if (!c->is_queued)
        return;
    if (now >= c->queue_deadline)
        submit_next(c, false);
    else
        server_state_note_deadline(c->server, c->queue_deadline);
}

/* At next_deadline, looks at every timer, acts on those that are over, and finds the earliest of
 * the others. Looking at all is cheap as it happens at deadlines only, not at each step. */
static void run_timers(dualpipe_server *s) {
    int64_t now = clock_now_ns(),
            idle_deadline = s->unused_since + (int64_t)s->options.idle_exit_timeout * NS_PER_MS;
    if (now < s->next_deadline)
        return;
    s->next_deadline = CLOCK_NEVER;
    for (struct conn *c = s->conns; c; c = c->next)
        check_conn_timers(c, now);
    if (s->accept_retry_at > 0 && now >= s->accept_retry_at) {
        s->accept_retry_at = 0;
        server_accept_enable(s, true);
    } else if (s->accept_retry_at > 0) {
        server_state_note_deadline(s, s->accept_retry_at);
    }
    if (s->nconns == 0 && s->options.idle_exit_timeout > 0 && s->state < SERVER_DRAINING) {
        if (now >= idle_deadline)
            dualpipe_server_end(s, s->options.client_stall_timeout);
        else
            server_state_note_deadline(s, idle_deadline);
    }
    if (s->state == SERVER_DRAINING)
        server_state_note_deadline(s, s->drain_deadline);
}

/* --- how the session ends ---------------------------------------------------------- */

/* The states of the server:
 *
 *     state        event                                        next
 *     OPEN         the pool's child has ended for good          CHILD_ENDED, tell all clients
 *     CHILD_ENDED  a client knows of the exit, or none needs    DRAINING
 *                  to: several workers, none ever started, or
 *                  options.ends_with_child
 *     OPEN or      dualpipe_server_end(): the host, a `stop`,   DRAINING, remove the socket,
 *     CHILD_ENDED  no client for idle_exit_timeout              start drain_deadline
 *     DRAINING     all clients gone (at drain_deadline they     CLOSING, end the pool
 *                  are closed)
 *     CLOSING      the pool has no child left                   ENDED */

/* No request can be answered any more: refuses those that wait, and tells every client. Clients
 * that have not greeted yet will learn it from the hello. */
static void announce_child_end(dualpipe_server *s) {
    char head[160] = "died";
    proto_format_status(head + 4, sizeof head - 4, &s->exit_status);
    s->state = SERVER_CHILD_ENDED;
    refuse_queued(s);
    for (struct conn *c = s->conns; c; c = c->next) {
        if (c->protocol == CONN_UNKNOWN)
            continue;
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
        if (c->first_request && !c->hung_up)
            return true;
    return false;
}

/* Once no reply is awaited, closes the clients, each when its last bytes are sent. Requests under
 * way that no client waits for are not waited for; a queued one that the pool cannot take because
 * of them is refused. */
static void drain_conns(dualpipe_server *s) {
    if (is_any_reply_awaited(s))
        return;
    if (!choose_next(s))
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

/* All clients are gone. Requests still in the pool are orphaned: they end with their child. */
static void close_pool(dualpipe_server *s) {
    if (s->requests_in_pool > 0)
        dualpipe_pool_stop(s->pool, 0);
    else
        dualpipe_pool_end(s->pool);
    s->state = SERVER_CLOSING;
}

/* Looks whether the pool takes no more requests: because the child has ended, or never started.
 * -EPIPE without a dead child means that only its output is closed: the pool gives it some time
 * to exit. This runs before the sockets are handled, so that clients hear of the exit rather than
 * of a failed request. */
static void check_child(dualpipe_server *s, bool idle) {
    int room =
        s->state == SERVER_OPEN && s->requests_in_pool == 0 ? dualpipe_pool_room(s->pool) : 0;
    if (room >= 0)
        return;
    if (s->child_died || (idle && !s->child_started))
        announce_child_end(s);
    else if (room != -EPIPE)
        dualpipe_pool_end(s->pool);
}

/* Moves the server on through its last states; the table above has the reasons. */
static void check_end(dualpipe_server *s, bool idle) {
    check_child(s, idle);
    if (s->state == SERVER_CHILD_ENDED && (s->exit_was_reported || !s->has_single_child ||
                                           !s->child_started || s->options.ends_with_child))
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

void dualpipe_server_end(dualpipe_server *s, int timeout) {
    if (s->state >= SERVER_DRAINING) {
        s->drain_deadline = s->drain_deadline < clock_deadline(timeout) ? s->drain_deadline
                                                                        : clock_deadline(timeout);
        server_state_note_deadline(s, s->drain_deadline);
        return;
    }
    server_accept_enable(s, false);
    if (s->listener.lock_fd >= 0)
        unix_socket_remove(&s->listener);
    s->listener.fd = -1;
    s->state = SERVER_DRAINING;
    s->drain_deadline = clock_deadline(timeout);
    server_state_note_deadline(s, s->drain_deadline);
    for (struct conn *c = s->conns; c; c = c->next)
        conn_update(c);
}

/* --- public calls: loop, status, close -------------------------------------------- */

/* Reads from and writes to the sockets that are ready, then accepts clients. */
static void handle_sockets(dualpipe_server *s) {
    struct poller_event ready[SOCKET_BATCH];
    int n = poller_collect(&s->poller, ready, SOCKET_BATCH), tries = ACCEPT_BATCH;
    bool has_new_clients = false;
    for (int i = 0; i < n; i++) {
        struct conn *c = ready[i].data;
        if (!c) {
            has_new_clients = true;
            continue;
        }
        /* After an exit notice, the client is expected to hang up; conn_update() then
         * reads its last words. */
        c->hung_up |= ready[i].ready & POLLER_HUP && !c->has_exit_notice;
        if (ready[i].ready & POLLER_OUT)
            conn_flush(c);
        if (ready[i].ready & POLLER_IN || c->hung_up)
            read_conn(c);
        conn_update(c);
    }
    /* If a client has just confirmed the exit, this session is over: a client that waits to be
     * accepted sees its connection closed, looks for the session again, and starts a new one. */
    if (!has_new_clients || (s->state == SERVER_CHILD_ENDED && s->exit_was_reported))
        return;
    for (struct conn *c; (c = server_accept_next(s, &tries));) {
        read_conn(c); /* its first bytes may be there already */
        conn_update(c);
    }
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

int dualpipe_server_pollitems(dualpipe_server *s, struct dualpipe_pollitem *items, int n,
                              int *timeout) {
    int count = dualpipe_pool_pollitems(s->pool, items, n, timeout),
        left = clock_remaining_ms(s->next_deadline);
    if (left >= 0 && (*timeout < 0 || left < *timeout))
        *timeout = left;
    if (count >= n)
        return count + poller_pollitems(&s->poller, NULL, 0);
    return count + poller_pollitems(&s->poller, items + count, n - count);
}

int dualpipe_server_run(dualpipe_server *s, int timeout) {
    int64_t deadline = clock_deadline(timeout);
    int room = 0, r = 1;
    struct dualpipe_pollitem *items = NULL, *more;
    do {
        int left = clock_remaining_ms(deadline),
            n = dualpipe_server_pollitems(s, items, room, &left);
        if (n > room) {
            if (!(more = realloc(items, (size_t)n * sizeof *items)))
                r = -ENOMEM;
            else
                items = more;
            room = n;
        } else if ((r = dualpipe_poll(items, n, left)) >= 0) {
            r = dualpipe_server_step(s);
        }
    } while (r == 1 && clock_remaining_ms(deadline) != 0);
    free(items);
    return r;
}

dualpipe_pool *dualpipe_server_pool(dualpipe_server *s) {
    return s->pool;
}

int dualpipe_server_status(const dualpipe_server *s, struct dualpipe_status *status,
                           int *was_reported) {
    if (status)
        *status = s->exit_status;
    if (was_reported)
        *was_reported = s->exit_was_reported;
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
    free(s->answered);
    buffer_free(&s->last_output);
    poller_close(&s->poller);
    free(s);
    return NULL;
}
