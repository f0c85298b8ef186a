/* pool_setup.c: open a batch's pool with the options of the command line, and close it.
 *
 * pool_setup_open translates the settings into struct dualpipe_pool_options, which points to arrays
 * that the batch owns (child_options, worker_options, the texts of --setup and --quit) until
 * pool_setup_close. What the settings leave open is decided here: whether replies are handed out in
 * pieces (pool_flags), the limit of the set-up (start_limit_ms), and our limit of descriptors. A
 * session's server opens its pool by b->open_pool in place of dualpipe_pool_open. */
#include "modes/pool_setup.h"
#include "modes/pool_events.h"
#include "run/child.h"
#include "util/frames.h"
#include "util/log.h"
#include "run/exit_status.h"
#include "util/units.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* So many children of a worker on a host (--hosts) may end in a row without an answer before the
 * worker is disabled. With the pool's back-off that takes about 10 s. */
enum { HOST_MAX_START_FAILURES = 10 };
enum {
    SPARE_FDS = 32,   /* our own, and those of a start */
    FDS_PER_CHILD = 4 /* three pipes and its pidfd */
};
static const int64_t min_start_limit = 10000000; /* microseconds */

/* Replies are handed out in pieces only if each piece can go straight to stdout: not if replies are
 * reordered, repeated, replaced by an empty message, or converted. For --max-reply long_reply.c
 * gathers the pieces, where the pool can give some. At the prompt the pool copies
 * requests, as the typed lines don't stay in place. What starts children elsewhere (--hosts, --via)
 * waits for input long before they do, so it isn't looked at. */
static unsigned pool_flags(const struct settings *s) {
    bool needs_whole = s->max_reply == 0 && (s->keep_going || s->json ||
                                             settings_is_line_for_line(s) ||
                                             !settings_passes_frames(s));
    bool whole_replies =
        settings_is_parallel(s) || s->unordered || s->retry_partial || needs_whole;
    unsigned flags = whole_replies ? DUALPIPE_POOL_ZERO_COPY
                                   : DUALPIPE_POOL_ZERO_COPY | DUALPIPE_POOL_STREAM_REPLIES;
    flags |= s->unordered ? DUALPIPE_POOL_UNORDERED : 0;
    flags |= s->keep_going ? DUALPIPE_POOL_REPLACE : 0;
    flags |= s->worker_argvs ? DUALPIPE_POOL_LAUNCHED : 0;
    flags |= s->retry_partial ? DUALPIPE_POOL_RETRY_PARTIAL : 0;
    flags |= s->fresh ? DUALPIPE_POOL_ONE_SHOT : 0;
    if (s->mode == MODE_INTERACTIVE)
        return (flags & ~(unsigned)DUALPIPE_POOL_ZERO_COPY) | DUALPIPE_POOL_REPLACE |
               DUALPIPE_POOL_INTERACTIVE | (s->verbose ? DUALPIPE_POOL_MEASURE_TIME : 0);
    flags |= s->uses_default_rule && !s->worker_argvs ? DUALPIPE_POOL_AWAIT_INPUT : 0;
    flags |= s->verbose ? DUALPIPE_POOL_TRACE_SENT : 0;
    flags |= s->json ? DUALPIPE_POOL_KEEP_REQUESTS | DUALPIPE_POOL_MEASURE_TIME |
                           DUALPIPE_POOL_MEASURE_USAGE
                     : 0;
    flags |= s->json && s->stderr_mode == DUALPIPE_STDERR_RELAY ? DUALPIPE_POOL_KEEP_STDERR : 0;
    return flags;
}

/* With --hosts or --via each worker starts from a command line of its own. */
static int make_worker_options(struct batch *b) {
    const struct settings *s = b->run->s;
    if (!s->worker_argvs)
        return 0;
    if (!(b->worker_options = calloc((size_t)s->workers, sizeof *b->worker_options)))
        return -ENOMEM;
    for (int i = 0; i < s->workers; i++) {
        b->worker_options[i] = b->child_options;
        b->worker_options[i].argv = s->worker_argvs[i];
    }
    return 0;
}

/* The limit of --ready and set-up in milliseconds, 0: none. Without --start-timeout it is that of
 * the first request, which waits for them, but not so short that a program can't come up. */
static int start_limit_ms(const struct settings *s) {
    int64_t limit = s->start_timeout;
    if (limit == UNITS_FOREVER) {
        limit = s->requests.count > 0 ? s->requests.all[0].opts.timeout : s->stdin_opts.timeout;
        limit = limit < min_start_limit ? min_start_limit : limit;
    }
    return units_limit_ms(limit);
}

static void free_text_requests(const struct inputs *inputs, struct dualpipe_request *all) {
    for (int i = 0; all && i < inputs->count; i++)
        free((void *)(uintptr_t)all[i].data);
    free(all);
}

/* Makes requests of the texts of --setup or --quit, with their line ends or frames. Returns 0, or a
 * negative errno; if a text can't be framed, *why names it. */
static int make_text_requests(const struct settings *s, const struct inputs *inputs,
                              struct dualpipe_request **requests,
                              struct dualpipe_error *why) {
    struct dualpipe_request *all = calloc((size_t)inputs->count + 1, sizeof *all);
    int r = (*requests = all) ? 0 : -ENOMEM;
    for (int i = 0; r == 0 && i < inputs->count; i++) {
        const struct request_opts *opts = &inputs->all[i].opts;
        char *text = NULL;
        r = frames_encode_text(s->frame, inputs->all[i].text, &text, &all[i].size);
        all[i].data = text;
        all[i].rule = opts->rule;
        all[i].timeout = units_limit_ms(opts->timeout);
        if (r < 0 && r != -ENOMEM)
            *why = (struct dualpipe_error){.operation = "set-up", .object = inputs->all[i].text,
                                             .hint = frames_encode_error(s->frame, r)};
    }
    return r;
}

/* Raises our soft limit of descriptors as far as the workers need and may. Returns what it was, to
 * be given to the children; 0: it still is. */
static long raise_descriptor_limit(const struct settings *s) {
    rlim_t needed = SPARE_FDS + FDS_PER_CHILD * (rlim_t)s->workers, before;
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= needed)
        return 0;
    before = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max < needed ? limit.rlim_max : needed;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? (long)before : 0;
}

int pool_setup_open(struct batch *b) {
    const struct settings *s = b->run->s;
    struct dualpipe_error why = {0};
    int r, quit_error;
    b->child_options = child_options(b->run);
    b->child_options.open_files = raise_descriptor_limit(s);
    if ((r = make_worker_options(b)) == 0)
        r = make_text_requests(s, &s->setup, &b->setup_requests, &why);
    quit_error = make_text_requests(s, &s->quit, &b->quit_requests, &why);
    struct dualpipe_pool_options o = {
        .child = &b->child_options,
        .rule = s->is_server ? s->session_rule : s->stdin_opts.rule,
        .ready_rule = s->ready_rule,
        .setup_texts = b->setup_requests,
        .setup_count = s->setup.count,
        .shutdown_texts = b->quit_requests,
        .shutdown_count = s->quit.count,
        .workers = s->workers,
        .window = s->window,
        .retries = s->retries,
        .max_requests = s->max_requests,
        .start_timeout = start_limit_ms(s),
        .exit_timeout = s->mode == MODE_INTERACTIVE ? DUALPIPE_FOREVER : 0,
        .max_reply = s->max_message,
        .flags = pool_flags(s),
        .callback = pool_events_handle,
        .callback_data = b,
        .session = s->connection,
        .worker_options = b->worker_options,
        .interrupt_signal = s->interrupt_signal,
        .max_start_failures = s->hosts.count > 0 ? HOST_MAX_START_FAILURES : 0,
    };
    b->streams_replies = o.flags & DUALPIPE_POOL_STREAM_REPLIES && s->max_reply == 0;
    r = r < 0 ? r : quit_error;
    if (r == 0)
        r = b->open_pool ? b->open_pool(b, &o, &why) : dualpipe_pool_open(&b->pool, &o, &why);
    if (r == 0) {
        b->run->pool = b->pool;
    } else if (!b->run->outcome) {
        log_error(s->is_server && why.operation ? why.operation : "starting",
                  s->is_server ? why.object : NULL, "%s", why.hint ? why.hint : strerror(-r));
        exit_status_set(b->run, "failed", STATUS_DUALPIPE_FAILED);
    }
    return r;
}

void pool_setup_close(struct batch *b) {
    const struct settings *s = b->run->s;
    b->run->pool = b->pool = dualpipe_pool_close(b->pool);
    free(b->worker_options);
    b->worker_options = NULL;
    free_text_requests(&s->setup, b->setup_requests);
    free_text_requests(&s->quit, b->quit_requests);
    b->setup_requests = b->quit_requests = NULL;
}
