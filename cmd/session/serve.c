/* serve.c: being a session: its clients, its log, how it is told to be ready, how it ends. */
#include "modes/batch.h"
#include "run/child.h"
#include "util/frames.h"
#include "session/server_log.h"
#include "run/status_report.h"
#include "util/log.h"
#include "session/session.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { LISTEN_FDS_START = 3, /* descriptor of a socket that systemd passes */
       DRAIN = 10000, OTHER_EVENTS = 2 };
static const int64_t one_hour_us = (int64_t)3600 * 1000000;

struct serve {
    struct batch batch;
    dualpipe_server *server;
    struct dualpipe_pollitem *events;
    int max_events; /* of events */
    int nclients;
    bool is_ready;
};
static struct serve *serve; /* the one there is, for what opens its pool */

/* --- ready ------------------------------------------------------------------------------- */

static void notify_supervisor(const char *text) {
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd;
    size_t n = path ? strlen(path) : 0;
    if (n == 0 || n >= sizeof a.sun_path || (*path != '/' && *path != '@'))
        return;
    memcpy(a.sun_path, path, n);
    if (*path == '@')
        a.sun_path[0] = 0;
    if ((fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) < 0)
        return;
    if (sendto(fd, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&a,
               (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) < 0)
        log_note("notifying", path, "%s", strerror(errno));
    close(fd);
}

/* Whoever was there had no time to remove its socket. */
static void log_takeover(void) {
    bool heard = serve->is_ready || serve->batch.run->s->listen; /* else by who starts it alone */
    if (heard && serve->server && dualpipe_server_took_over(serve->server))
        log_note("session", serve->batch.run->s->session_name, SESSION_TAKEN_OVER);
}

static void become_ready(dualpipe *child) {
    if (serve->is_ready)
        return;
    serve->is_ready = true;
    if (child)
        status_report_ready(serve->batch.run, child);
    notify_supervisor("READY=1");
    daemonize_report_ready();
    server_log_begin();
    if (!serve->batch.run->s->listen)
        log_takeover();
}

/* What is told to clients is no news to us, but for the log. */
static void on_pool_event(void *data, const struct dualpipe_pool_event *n) {
    struct batch *b = data;
    server_log_truncate();
    if (n->type == DUALPIPE_POOL_EVENT_STARTED) {
        child_note_started(b->run);
        become_ready(n->child);
    } else if (n->type == DUALPIPE_POOL_EVENT_REPLACED && b->run->s->workers == 1) {
        log_note("stopped", settings_program(b->run->s), "%s: its state is lost", n->reason);
    } else if (n->type == DUALPIPE_POOL_EVENT_UNEXPECTED_BYTES && n->number == 0) {
        log_note("stray output", NULL, "%zu bytes", n->size);
    } else {
        pool_events_handle(data, n);
    }
}

/* --- plain clients ----------------------------------------------------------------------- */

static int encode_for_child(void *data, const char *p, size_t n, char **made, size_t *size) {
    return frames_encode(((struct batch *)data)->run->s->frame, p, n, made, size);
}

static int encode_for_client(void *data, const char *p, size_t n, char **made, size_t *size) {
    const struct settings *s = ((struct batch *)data)->run->s;
    return frames_convert(s->frame, s->io, p, n, made, size);
}

/* --- opening ----------------------------------------------------------------------------- */

/* A socket that listens already, from who has started us; -1: none. */
static int inherited_socket(void) {
    const char *pid = getenv("LISTEN_PID"), *n = getenv("LISTEN_FDS");
    bool ours = pid && n && atol(pid) == (long)getpid() && atol(n) > 0;
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    return ours ? LISTEN_FDS_START : -1;
}

static void on_client_event(void *data, const struct dualpipe_client_info *v) {
    if (v->event != DUALPIPE_CLIENT_REJECTED)
        serve->nclients += v->event == DUALPIPE_CLIENT_CONNECTED ? 1 : -1;
    server_log_client_event(data, v);
}

static int open_server(struct batch *b, const struct dualpipe_pool_options *pool,
                       struct dualpipe_error *why) {
    const struct settings *s = b->run->s;
    struct dualpipe_server_options o = {
        .pool = pool,
        .path = s->paths_resolve,
        .fd = s->listen ? inherited_socket() : -1,
        .description = s->session_description,
        .description_size = s->session_description_size,
        .client_kind = s->io,
        .reply_timeout = units_limit_ms(s->stdin_opts.timeout),
        .idle_exit_timeout = units_limit_ms(s->persist  ? s->persist
                                            : s->listen ? UNITS_FOREVER
                                                        : one_hour_us),
        .client_callback = on_client_event,
        .callback_data = b,
    };
    int r;
    if (o.fd >= 0)
        o.path = NULL;
    if (s->io != s->frame) {
        o.to_child = encode_for_child;
        o.to_client = encode_for_client;
    }
    ((struct dualpipe_pool_options *)(uintptr_t)pool)->callback = on_pool_event;
    if ((r = dualpipe_server_open(&serve->server, &o, why)) < 0)
        return r;
    b->pool = dualpipe_server_pool(serve->server);
    log_takeover();
    return 0;
}

/* What a client's options say is its own; these are of all. */
static void override_options(struct settings *s) {
    s->mode = MODE_REQUEST;
    s->json = s->keep_going = s->retry_partial = s->unordered = false;
    if (s->listen)
        return;
    s->verbose = false;
}

/* --- the loop ---------------------------------------------------------------------------- */

/* With room behind them for those of the run. */
static int collect_events(struct serve *v, int *ms) {
    int n = dualpipe_server_pollitems(v->server, v->events, v->max_events, ms);
    struct dualpipe_pollitem *more = v->events;
    if (n > v->max_events && (more = realloc(more, (size_t)(n + OTHER_EVENTS) * sizeof *more))) {
        v->events = more;
        v->max_events = n;
        n = dualpipe_server_pollitems(v->server, more, n, ms);
    }
    return n < v->max_events ? n
                             : v->max_events; /* without memory the others are looked at later */
}

/* Who starts it has gone before it is ready: it goes on for others that are there already. */
static int on_starter_gone(struct serve *v) {
    daemonize_report_ready();
    server_log_begin();
    return v->nclients > 0 ? 0 : -1;
}

static int wait_for_events(struct serve *v, int n, int ms) {
    struct dualpipe_pollitem *starter = &v->events[n];
    int fd = daemonize_starter_fd();
    *starter = (struct dualpipe_pollitem){.fd = fd, .events = DUALPIPE_POLL_HUP};
    if (run_wait(v->batch.run, v->events, n + (fd >= 0),
                 ms < 0 ? UNITS_FOREVER : (int64_t)ms * 1000) < 0)
        return -1;
    return fd >= 0 && starter->revents & DUALPIPE_POLL_HUP ? on_starter_gone(v) : 0;
}

/* 1: go on; 0: it has ended. */
static int serve_step(struct serve *v) {
    struct run *r = v->batch.run;
    int ms = -1, n = collect_events(v, &ms);
    struct dualpipe_pollitem *e = v->events;
    if (!r->stop_signal) {
        if (wait_for_events(v, n, ms) < 0)
            dualpipe_server_end(v->server, DRAIN);
    } else {
        e[n] = (struct dualpipe_pollitem){.fd = r->signal_fd, .events = DUALPIPE_POLL_STDOUT};
        dualpipe_poll(e, n + 1, ms);
        run_handle_signals(r);
        if (r->kill_requested)
            dualpipe_pool_stop(v->batch.pool, SIGKILL);
    }
    return dualpipe_server_step(v->server);
}

static void close_serve(struct serve *v) {
    struct run *r = v->batch.run;
    struct dualpipe_status status;
    int told = 1, ended = v->server && dualpipe_server_status(v->server, &status, &told);
    if (v->batch.pool)
        dualpipe_pool_stats(v->batch.pool, &v->batch.stats);
    if (!v->is_ready || told || !ended)
        server_log_remove();
    v->server = dualpipe_server_close(v->server);
    r->stats.submitted = v->batch.stats.submitted;
    r->stats.answered = v->batch.stats.answered;
    v->batch.pool = NULL;
    pool_setup_close(&v->batch);
    if (r->death_signal == SIGTERM) { /* asked to end, it has */
        r->outcome = NULL;
        r->status = r->death_signal = 0;
    } else if (ended && r->s->listen) {
        exit_status_set_by_child(r, &status);
    }
    if (!v->is_ready)
        daemonize_report_failure(r->status);
}

void serve_run(struct run *r) {
    struct serve v = {.batch = {.run = r, .open_pool = open_server}};
    serve = &v;
    override_options((struct settings *)(uintptr_t)r->s);
    server_log_open(r->s);
    v.events = calloc(OTHER_EVENTS, sizeof *v.events);
    if (v.events && pool_setup_open(&v.batch) == 0) {
        if (r->s->fresh)
            become_ready(NULL);
        while (serve_step(&v))
            ;
        if (!v.is_ready && !r->outcome)
            exit_status_set(r, "not-started", STATUS_DUALPIPE_FAILED);
    }
    close_serve(&v);
    free(v.events);
    serve = NULL;
}
