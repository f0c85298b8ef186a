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

enum { FIRST_PASSED = 3, /* descriptor of a socket that systemd passes */
       DRAIN = 10000, OTHER_EVENTS = 2 };
static const int64_t hour = (int64_t)3600 * 1000000;

struct serve {
    struct batch batch;
    dualpipe_server *server;
    struct dualpipe_event *events;
    int room; /* of events */
    int clients;
    bool ready;
};
static struct serve *serve; /* the one there is, for what opens its pool */

/* --- ready ------------------------------------------------------------------------------- */

static void notify(const char *text) {
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
        say_note("notifying", path, "%s", strerror(errno));
    close(fd);
}

/* Whoever was there had no time to remove its socket. */
static void note_takeover(void) {
    bool heard = serve->ready || serve->batch.run->s->listen; /* else by who starts it alone */
    if (heard && serve->server && dualpipe_server_took_over(serve->server))
        say_note("session", serve->batch.run->s->session, SESSION_TAKEN_OVER);
}

static void become_ready(dualpipe *child) {
    if (serve->ready)
        return;
    serve->ready = true;
    if (child)
        report_ready(serve->batch.run, child);
    notify("READY=1");
    session_ready();
    log_begin();
    if (!serve->batch.run->s->listen)
        note_takeover();
}

/* What is told to clients is no news to us, but for the log. */
static void hear(void *data, const struct dualpipe_notice *n) {
    struct batch *b = data;
    log_bound();
    if (n->news == DUALPIPE_STARTED) {
        coprocess_note(b->run);
        become_ready(n->child);
    } else if (n->news == DUALPIPE_REPLACED && b->run->s->workers == 1) {
        say_note("stopped", settings_program(b->run->s), "%s: its state is lost", n->reason);
    } else if (n->news == DUALPIPE_STRAY && n->number == 0) {
        say_note("stray output", NULL, "%zu bytes", n->size);
    } else {
        batch_hear(data, n);
    }
}

/* --- plain clients ----------------------------------------------------------------------- */

static int to_child(void *data, const char *p, size_t n, char **made, size_t *size) {
    return frames_put(((struct batch *)data)->run->s->frame, p, n, made, size);
}

static int to_client(void *data, const char *p, size_t n, char **made, size_t *size) {
    return frames_convert(((struct batch *)data)->run->s, p, n, made, size);
}

/* --- opening ----------------------------------------------------------------------------- */

/* A socket that listens already, from who has started us; -1: none. */
static int passed_socket(void) {
    const char *pid = getenv("LISTEN_PID"), *n = getenv("LISTEN_FDS");
    bool ours = pid && n && atol(pid) == (long)getpid() && atol(n) > 0;
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    return ours ? FIRST_PASSED : -1;
}

static void visit(void *data, const struct dualpipe_visitor *v) {
    if (v->visit != DUALPIPE_REFUSED)
        serve->clients += v->visit == DUALPIPE_CAME ? 1 : -1;
    log_visit(data, v);
}

static int open_server(struct batch *b, const struct dualpipe_pool_options *pool,
                       struct dualpipe_failure *why) {
    const struct settings *s = b->run->s;
    struct dualpipe_server_options o = {
        .pool = pool,
        .path = s->session_path,
        .fd = s->listen ? passed_socket() : -1,
        .about = s->about,
        .about_size = s->about_size,
        .io = s->io,
        .limit = struct_limit_ms(s->terms.timeout),
        .persist = struct_limit_ms(s->persist ? s->persist : s->listen ? FOREVER : hour),
        .doorkeeper = visit,
        .data = b,
    };
    int r;
    if (o.fd >= 0)
        o.path = NULL;
    if (s->io != s->frame) {
        o.to_child = to_child;
        o.to_client = to_client;
    }
    ((struct dualpipe_pool_options *)(uintptr_t)pool)->listener = hear;
    if ((r = dualpipe_server_open(&serve->server, &o, why)) < 0)
        return r;
    b->pool = dualpipe_server_pool(serve->server);
    note_takeover();
    return 0;
}

/* What a client's options say is its own; these are of all. */
static void settle(struct settings *s) {
    s->mode = MODE_REQUEST;
    s->json = s->keep_going = s->retry_partial = s->unordered = false;
    if (s->listen)
        return;
    s->verbose = false;
}

/* --- the loop ---------------------------------------------------------------------------- */

/* With room behind them for those of the run. */
static int get_events(struct serve *v, int *ms) {
    int n = dualpipe_server_events(v->server, v->events, v->room, ms);
    struct dualpipe_event *more = v->events;
    if (n > v->room && (more = realloc(more, (size_t)(n + OTHER_EVENTS) * sizeof *more))) {
        v->events = more;
        v->room = n;
        n = dualpipe_server_events(v->server, more, n, ms);
    }
    return n < v->room ? n : v->room; /* without memory the others are looked at later */
}

/* Who starts it has gone before it is ready: it goes on for others that are there already. */
static int see_to_starter(struct serve *v) {
    session_ready();
    log_begin();
    return v->clients > 0 ? 0 : -1;
}

static int wait_for_more(struct serve *v, int n, int ms) {
    struct dualpipe_event *starter = &v->events[n];
    int fd = session_starter();
    *starter = (struct dualpipe_event){.fd = fd, .wants = DUALPIPE_GONE};
    if (run_wait(v->batch.run, v->events, n + (fd >= 0), ms < 0 ? FOREVER : (int64_t)ms * 1000) < 0)
        return -1;
    return fd >= 0 && starter->has & DUALPIPE_GONE ? see_to_starter(v) : 0;
}

/* 1: go on; 0: it has ended. */
static int turn(struct serve *v) {
    struct run *r = v->batch.run;
    int ms = -1, n = get_events(v, &ms);
    struct dualpipe_event *e = v->events;
    if (!r->stop_signal) {
        if (wait_for_more(v, n, ms) < 0)
            dualpipe_server_end(v->server, DRAIN);
    } else {
        e[n] = (struct dualpipe_event){.fd = r->signal_fd, .wants = DUALPIPE_IN};
        dualpipe_poll(e, n + 1, ms);
        run_look_at_signals(r);
        if (r->killing)
            dualpipe_pool_stop(v->batch.pool, SIGKILL);
    }
    return dualpipe_server_step(v->server);
}

static void close_serve(struct serve *v) {
    struct run *r = v->batch.run;
    struct dualpipe_status status;
    int told = 1, ended = v->server && dualpipe_server_status(v->server, &status, &told);
    if (v->batch.pool)
        dualpipe_pool_books(v->batch.pool, &v->batch.books);
    if (!v->ready || told || !ended)
        log_remove();
    v->server = dualpipe_server_close(v->server);
    r->books.in = v->batch.books.in;
    r->books.answered = v->batch.books.answered;
    v->batch.pool = NULL;
    batch_close_pool(&v->batch);
    if (r->death == SIGTERM) { /* asked to end, it has */
        r->outcome = NULL;
        r->status = r->death = 0;
    } else if (ended && r->s->listen) {
        run_decide_by_child(r, &status);
    }
    if (!v->ready)
        session_failed(r->status);
}

void run_serve(struct run *r) {
    struct serve v = {.batch = {.run = r, .open = open_server}};
    serve = &v;
    settle((struct settings *)(uintptr_t)r->s);
    log_open(r->s);
    v.events = calloc(OTHER_EVENTS, sizeof *v.events);
    if (v.events && batch_open_pool(&v.batch) == 0) {
        if (r->s->fresh)
            become_ready(NULL);
        while (turn(&v))
            ;
        if (!v.ready && !r->outcome)
            run_decide(r, "not-started", STATUS_OURS);
    }
    close_serve(&v);
    free(v.events);
    serve = NULL;
}
