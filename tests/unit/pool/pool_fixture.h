/* pooling.h: what the tests of pools share: to open one, to put and get in a line, and what it
 * tells, written down as words. */
#ifndef POOLING_H
#define POOLING_H
#include "help.h"
#include "tap.h"
#include <stdlib.h>
#include <sys/wait.h>

static char news[4096]; /* a word for each, with what is particular to it */

static inline void note_news(void *data, const struct dualpipe_notice *n) {
    static const char *const words[] = {"started", "sending",  "stray", "unasked", "stderr",
                                        "dropped", "replaced", "died",  "cannot",  "unready",
                                        "given up"};
    size_t at = strlen(news), room = sizeof news - at;
    int size = n->size > 40 ? 40 : (int)n->size;
    (void)data;
    switch (n->news) {
    case DUALPIPE_SENDING: case DUALPIPE_STRAY: case DUALPIPE_DROPPED:
        snprintf(news + at, room, "%s %d:%.*s;", words[n->news], (int)n->number, size,
                 size && n->data ? n->data : "");
        break;
    case DUALPIPE_UNASKED: case DUALPIPE_ON_STDERR: case DUALPIPE_NOT_SET_UP:
        snprintf(news + at, room, "%s %.*s;", words[n->news], size, size ? n->data : "");
        break;
    case DUALPIPE_DIED:
        snprintf(news + at, room, "died %d/%d;", n->status.code, n->status.signal);
        break;
    default: snprintf(news + at, room, "%s;", words[n->news]);
    }
}

static inline int told(const char *text) {
    if (strcmp(news, text) == 0)
        return 1;
    printf("# told: %s\n# want: %s\n", news, text);
    return 0;
}

static inline int count_news(const char *word) {
    int n = 0;
    for (const char *p = news; (p = strstr(p, word)); p++)
        n++;
    return n;
}

static inline dualpipe_rule *rule_of(struct dualpipe_rule_options o) {
    dualpipe_rule *rule = NULL;
    if (dualpipe_rule_new(&rule, &o, NULL) < 0)
        abort();
    return rule;
}

/* A pool of children that run the script; the other options are o's. */
static inline dualpipe_pool *pool_of(const char *script, struct dualpipe_pool_options o) {
    static char *argv[] = {WORD("sh"), WORD("-c"), NULL, NULL};
    static struct dualpipe_options child;
    dualpipe_pool *pool = NULL;
    int r;
    argv[2] = WORD(script);
    child = (struct dualpipe_options){.argv = argv, .err = DUALPIPE_RELAY, .grace = 1000};
    if (!o.child)
        o.child = &child;
    o.listener = note_news;
    *news = 0;
    if ((r = dualpipe_pool_open(&pool, &o, NULL)) < 0)
        printf("# open: %s\n", strerror(-r));
    return pool;
}

static inline int put_for(dualpipe_pool *pool, const char *text, int limit) {
    return dualpipe_pool_put(pool, &(struct dualpipe_request){
        .data = text, .size = strlen(text), .limit = limit, .tag = WORD(text)});
}

static inline int put(dualpipe_pool *pool, const char *text) {
    return put_for(pool, text, 0);
}


static struct dualpipe_reply got;

static inline bool is_text(const char *p, size_t n, const char *want) {
    if (n == strlen(want) && memcmp(p, want, n) == 0)
        return true;
    printf("# got %zu bytes: %.*s\n# wanted: %s\n", n, n < 200 ? (int)n : 200, p, want);
    return false;
}

/* The next comes out so, with this reply or part. */
static inline bool comes(dualpipe_pool *pool, enum dualpipe_outcome outcome, const char *text) {
    int r = dualpipe_pool_get(pool, &got, SOON);
    if (r != 1) {
        printf("# get: %d\n", r);
        return false;
    }
    if (got.outcome != outcome)
        printf("# outcome %d\n", (int)got.outcome);
    return is_text(got.data, got.size, text) && got.outcome == outcome;
}

static inline bool answers(dualpipe_pool *pool, const char *text) {
    return comes(pool, DUALPIPE_ANSWERED, text);
}

static inline bool fails(dualpipe_pool *pool, enum dualpipe_outcome outcome) {
    return comes(pool, outcome, "");
}

/* Until it has told so many of a word; no reply comes meanwhile. */
static inline bool tells(dualpipe_pool *pool, const char *word, int n) {
    for (long end = now_ms() + SOON; count_news(word) < n && now_ms() < end;) {
        struct dualpipe_event events[8];
        int limit = SOON, used = dualpipe_pool_events(pool, events, 8, &limit);
        dualpipe_poll(events, used, limit);
        if (dualpipe_pool_get(pool, &got, 0) == 1)
            return false;
    }
    return count_news(word) == n;
}

/* All its children end by themselves. */
static inline bool ends(dualpipe_pool *pool) {
    int r;
    dualpipe_pool_end(pool);
    while ((r = dualpipe_pool_get(pool, &got, SOON)) == 1)
        ;
    return r == 0;
}

static inline bool books_are(dualpipe_pool *pool, int64_t in, int64_t answered, int64_t failed) {
    struct dualpipe_books b;
    dualpipe_pool_books(pool, &b);
    if (b.in == in && b.answered == answered && b.failed == failed)
        return true;
    printf("# in %d, answered %d, failed %d\n", (int)b.in, (int)b.answered, (int)b.failed);
    return false;
}

static inline bool is_left_clean(int fds) {
    if (open_fds() != fds)
        printf("# %d descriptors, %d before\n", open_fds(), fds);
    return open_fds() == fds && waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD;
}
#endif
