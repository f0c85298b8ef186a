/* serve.c: the run of a session server: the library's server with the command's pool and log.
 *
 * The pool is set up as request mode sets up its own (struct batch, pool_setup_open()), except
 * that open_server() opens it through dualpipe_server_open(), which puts the socket before it.
 * From then on the loop polls for the server and for signals, until the server has ended.
 *
 * A server started in the background has a caller that waits until its child is up: become_ready()
 * lets it go on. If the caller goes away before that, the server ends too, unless other clients are
 * connected already. With --listen there is no caller; systemd may then pass the socket, and be
 * told by NOTIFY_SOCKET that we are ready.
 *
 * The library sends the pool's events to clients, then hands them to on_pool_event(), which logs
 * events that matter to the session (stderr only if no client was sent it).
 *
 * The server ends by --stop, after idle time, when a client knows that its child has ended, or by a
 * signal. After the first signal it answers what clients have sent, for DRAIN_MS at most; a second
 * one kills the children. The log is kept only if the child ended and no client was told how. */
#include "session/serve.h"
#include "modes/batch.h"
#include "modes/pool_events.h"
#include "modes/pool_setup.h"
#include "run/child.h"
#include "run/exit_status.h"
#include "run/status_report.h"
#include "session/daemonize.h"
#include "session/server_log.h"
#include "util/frames.h"
#include "util/log.h"
#include "session/session.h"
#include "util/units.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    LISTEN_FDS_START = 3, /* the first descriptor that systemd passes */
    DRAIN_MS = 10000,
    EXTRA_ITEMS = 2, /* poll items besides the server's: the waiting caller, and signals */
};
static const int64_t one_hour_us = (int64_t)3600 * 1000000;

struct serve {
    struct batch batch;
    dualpipe_server *server;
    struct dualpipe_pollitem *pollitems;
    int max_pollitems;
    int nclients;           /* connected now */
    bool is_ready;          /* the caller and the supervisor were told so */
    bool child_was_stopped; /* it had to be, for it was out of step */
};
static struct serve *serve; /* the only one; callbacks that get a struct batch need it */

/* --- getting ready ----------------------------------------------------------------- */

/* sd_notify(3) without its library. */
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

/* Says that the socket of a killed server was replaced. Before we are ready, the caller that starts
 * us says it. */
static void log_takeover(void) {
    bool is_logged = serve->is_ready || serve->batch.run->s->listen;
    if (is_logged && serve->server && dualpipe_server_took_over(serve->server))
        log_note("session", serve->batch.run->s->session_name, SESSION_TAKEN_OVER);
}

/* The first child is set up, or none is needed until a client asks. */
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

static void on_pool_event(void *data, const struct dualpipe_pool_event *event) {
    struct batch *b = data;
    server_log_truncate();
    if (event->type == DUALPIPE_POOL_EVENT_STARTED) {
        child_note_started(b->run);
        become_ready(event->child);
    } else if (event->type == DUALPIPE_POOL_EVENT_REPLACED && b->run->s->workers == 1) {
        log_note("stopped", settings_program(b->run->s), "%s: its state is lost", event->reason);
        serve->child_was_stopped = true;
    } else {
        pool_events_handle(data, event);
    }
}

/* --- plain clients ----------------------------------------------------------------- */

/* Translates a plain client's request, and a reply to it, between --io and --frame. */
static int encode_for_child(void *data, const char *p, size_t n, char **made, size_t *size) {
    return frames_encode(((struct batch *)data)->run->s->frame, p, n, made, size);
}

static int encode_for_client(void *data, const char *p, size_t n, char **made, size_t *size) {
    const struct settings *s = ((struct batch *)data)->run->s;
    return frames_convert(s->frame, s->io, p, n, made, size);
}

/* --- opening ----------------------------------------------------------------------- */

/* The listening socket that systemd has passed, or another program in the same way; -1: none. The
 * children must not take the variables for theirs. */
static int inherited_socket(void) {
    const char *pid = getenv("LISTEN_PID"), *n = getenv("LISTEN_FDS");
    bool ours = pid && n && atol(pid) == (long)getpid() && atol(n) > 0;
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    return ours ? LISTEN_FDS_START : -1;
}

static void on_client_event(void *data, const struct dualpipe_client_info *info) {
    if (info->event != DUALPIPE_CLIENT_REJECTED)
        serve->nclients += info->event == DUALPIPE_CLIENT_CONNECTED ? 1 : -1;
    server_log_client_event(data, info);
}

static int open_server(struct batch *b, const struct dualpipe_pool_options *pool,
                       struct dualpipe_error *why) {
    const struct settings *s = b->run->s;
    struct dualpipe_server_options o = {
        .pool = pool,
        .path = s->session_path,
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
        .ends_with_child = s->listen, /* its supervisor is told by the exit status */
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

/* Options that each client gives for itself have no meaning for the server, and would change how
 * its pool reports. */
static void override_options(struct settings *s) {
    s->mode = MODE_REQUEST;
    s->json = s->keep_going = s->retry_partial = s->unordered = false;
    if (s->listen)
        return;
    s->verbose = false;
}

/* --- the loop ---------------------------------------------------------------------- */

/* Gets the server's poll items, with room for EXTRA_ITEMS after them. Without memory for all of
 * them, some are left for the next step. Returns how many. */
static int collect_pollitems(struct serve *sv, int *ms) {
    int n = dualpipe_server_pollitems(sv->server, sv->pollitems, sv->max_pollitems, ms);
    struct dualpipe_pollitem *more = sv->pollitems;
    if (n > sv->max_pollitems && (more = realloc(more, (size_t)(n + EXTRA_ITEMS) * sizeof *more))) {
        sv->pollitems = more;
        sv->max_pollitems = n;
        n = dualpipe_server_pollitems(sv->server, more, n, ms);
    }
    return n < sv->max_pollitems ? n : sv->max_pollitems;
}

/* The caller has gone before we are ready. 0: go on, for other clients; -1: end. */
static int on_starter_gone(struct serve *sv) {
    daemonize_report_ready();
    server_log_begin();
    return sv->nclients > 0 ? 0 : -1;
}

/* 0; -1: the run must stop. */
static int wait_for_events(struct serve *sv, int n, int ms) {
    struct dualpipe_pollitem *starter = &sv->pollitems[n];
    int fd = daemonize_starter_fd();
    *starter = (struct dualpipe_pollitem){.fd = fd, .events = DUALPIPE_POLL_HUP};
    if (run_wait(sv->batch.run, sv->pollitems, n + (fd >= 0),
                 ms < 0 ? UNITS_FOREVER : (int64_t)ms * 1000) < 0)
        return -1;
    return fd >= 0 && starter->revents & DUALPIPE_POLL_HUP ? on_starter_gone(sv) : 0;
}

/* One wait and one step of the server: 1; 0: it has ended. After a signal that stops us, run_wait()
 * would return at once, so we poll here. */
static int serve_step(struct serve *sv) {
    struct run *r = sv->batch.run;
    int ms = -1, n = collect_pollitems(sv, &ms);
    struct dualpipe_pollitem *items = sv->pollitems;
    if (!r->stop_signal) {
        if (wait_for_events(sv, n, ms) < 0)
            dualpipe_server_end(sv->server, DRAIN_MS);
    } else {
        items[n] = (struct dualpipe_pollitem){.fd = r->signal_fd, .events = DUALPIPE_POLL_STDOUT};
        dualpipe_poll(items, n + 1, ms);
        run_handle_signals(r);
        if (r->kill_requested)
            dualpipe_pool_stop(sv->batch.pool, SIGKILL);
    }
    return dualpipe_server_step(sv->server);
}

/* Closes the server and decides the exit status. */
static void close_serve(struct serve *sv) {
    struct run *r = sv->batch.run;
    struct dualpipe_status status;
    int was_reported = 1,
        ended = sv->server && dualpipe_server_status(sv->server, &status, &was_reported);
    if (sv->batch.pool)
        dualpipe_pool_stats(sv->batch.pool, &sv->batch.stats);
    if (!sv->is_ready || was_reported || !ended)
        server_log_remove();
    sv->server = dualpipe_server_close(sv->server);
    r->stats.submitted = sv->batch.stats.submitted;
    r->stats.answered = sv->batch.stats.answered;
    sv->batch.pool = NULL;
    pool_setup_close(&sv->batch);
    if (r->death_signal == SIGTERM) { /* a service is stopped by it: that is no failure */
        r->outcome = NULL;
        r->status = r->death_signal = 0;
    } else if (ended && r->s->listen && sv->child_was_stopped) {
        exit_status_set(r, "ended", STATUS_DUALPIPE_FAILED);
    } else if (ended && r->s->listen) {
        exit_status_set_by_child(r, &status);
    }
    if (!sv->is_ready)
        daemonize_report_failure(r->status);
}

void serve_run(struct run *r) {
    struct serve sv = {.batch = {.run = r, .open_pool = open_server}};
    serve = &sv;
    override_options((struct settings *)(uintptr_t)r->s);
    server_log_open(r->s);
    sv.pollitems = calloc(EXTRA_ITEMS, sizeof *sv.pollitems);
    if (sv.pollitems && pool_setup_open(&sv.batch) == 0) {
        if (r->s->fresh)
            become_ready(NULL);
        while (serve_step(&sv))
            ;
        if (!sv.is_ready && !r->outcome)
            exit_status_set(r, "not-started", STATUS_DUALPIPE_FAILED);
    }
    close_serve(&sv);
    free(sv.pollitems);
    serve = NULL;
}
