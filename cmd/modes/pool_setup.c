/* pool_setup.c: the pool of a run: opened as the settings ask. */
#include "modes/batch.h"
#include "run/child.h"
#include "util/frames.h"
#include "util/log.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_TRIES = 10 }; /* of a worker on a host, without an answer: 10 s of back-off */

static unsigned flags_of(const struct settings *s) {
    bool whole = settings_spread(s) || s->unordered || s->keep_going || s->json ||
                 s->retry_partial || !frames_pass(s);
    unsigned flags = whole ? DUALPIPE_LEND : DUALPIPE_LEND | DUALPIPE_PIECES;
    flags |= s->unordered ? DUALPIPE_UNORDERED : 0;
    flags |= s->keep_going ? DUALPIPE_REPLACE : 0;
    flags |= s->retry_partial ? DUALPIPE_RETRY_PARTIAL : 0;
    flags |= s->fresh ? DUALPIPE_FRESH : 0;
    if (s->mode == MODE_INTERACTIVE)
        return (flags & ~(unsigned)DUALPIPE_LEND) | DUALPIPE_REPLACE | DUALPIPE_ATTENDED |
               (s->verbose ? DUALPIPE_TIMED : 0);
    flags |= s->verbose ? DUALPIPE_TELL_SENT : 0;
    flags |= s->json ? DUALPIPE_KEEP_REQUESTS | DUALPIPE_TIMED : 0;
    flags |= s->json && s->err == DUALPIPE_RELAY ? DUALPIPE_KEEP_ERR : 0;
    return flags;
}

/* The workers that are launched each in its own way. */
static int make_each(struct batch *b) {
    const struct settings *s = b->run->s;
    if (!s->launches)
        return 0;
    if (!(b->each = calloc((size_t)s->workers, sizeof *b->each)))
        return -ENOMEM;
    for (int i = 0; i < s->workers; i++) {
        b->each[i] = b->child;
        b->each[i].argv = s->launches[i];
    }
    return 0;
}

static void free_texts(const struct givens *list, struct dualpipe_request *all) {
    for (int i = 0; all && i < list->n; i++)
        free((void *)(uintptr_t)all[i].data);
    free(all);
}

/* The texts with their ends. 0, or a negative errno, why->subject being the text. */
static int make_texts(const struct settings *s, const struct givens *list,
                      struct dualpipe_request **made, struct dualpipe_failure *why) {
    struct dualpipe_request *all = calloc((size_t)list->n + 1, sizeof *all);
    int r = (*made = all) ? 0 : -ENOMEM;
    for (int i = 0; r == 0 && i < list->n; i++) {
        const struct terms *t = &list->all[i].terms;
        char *text = NULL;
        r = frames_put_text(s->frame, list->all[i].text, &text, &all[i].size);
        all[i].data = text;
        all[i].rule = t->rule;
        all[i].limit = struct_limit_ms(t->timeout);
        if (r < 0 && r != -ENOMEM)
            *why = (struct dualpipe_failure){.step = "set-up", .subject = list->all[i].text,
                                             .advice = frames_why(s->frame, r)};
    }
    return r;
}

int batch_open_pool(struct batch *b) {
    const struct settings *s = b->run->s;
    struct dualpipe_failure why = {0};
    int r, more;
    b->child = coprocess_options(b->run);
    if ((r = make_each(b)) == 0)
        r = make_texts(s, &s->setup, &b->setup, &why);
    more = make_texts(s, &s->quit, &b->quit, &why);
    struct dualpipe_pool_options o = {
        .child = &b->child,
        .rule = s->serves ? s->session_rule : s->terms.rule,
        .ready = s->ready,
        .setup = b->setup,
        .nsetup = s->setup.n,
        .quit = b->quit,
        .nquit = s->quit.n,
        .workers = s->workers,
        .window = s->window,
        .retries = s->retries,
        .max_requests = s->max_requests,
        .start_limit = struct_limit_ms(s->start_timeout),
        .patience = s->mode == MODE_INTERACTIVE ? DUALPIPE_FOREVER : 0,
        .max = s->max_message,
        .flags = flags_of(s),
        .listener = batch_hear,
        .data = b,
        .session = s->connection,
        .each = b->each,
        .tries = s->hosts.n > 0 ? MOST_TRIES : 0,
    };
    b->in_pieces = o.flags & DUALPIPE_PIECES;
    r = r < 0 ? r : more;
    if (r == 0)
        r = b->open ? b->open(b, &o, &why) : dualpipe_pool_open(&b->pool, &o, &why);
    if (r == 0) {
        b->run->pool = b->pool;
    } else if (!b->run->outcome) {
        say_error(s->serves && why.step ? why.step : "starting",
                  s->serves ? why.subject : NULL, "%s", why.advice ? why.advice : strerror(-r));
        run_decide(b->run, "failed", STATUS_OURS);
    }
    return r;
}

void batch_close_pool(struct batch *b) {
    const struct settings *s = b->run->s;
    b->run->pool = b->pool = dualpipe_pool_close(b->pool);
    free(b->each);
    b->each = NULL;
    free_texts(&s->setup, b->setup);
    free_texts(&s->quit, b->quit);
    b->setup = b->quit = NULL;
}
