/* pool_fixture.h: what the tests of pools share: opening a pool, submitting a line and getting
 * its reply, the events as a string of words; and a child, obey(), that does what each request
 * orders and records in shared memory which requests it has read and which replies it has begun.
 *
 * A typical use: pool_of(), submit(), reply_is(), events_are(), dualpipe_pool_close(),
 * is_left_clean(). */
#ifndef POOL_FIXTURE_H
#define POOL_FIXTURE_H
#include "../harness.h"
#include <sys/mman.h>
#include <sys/wait.h>

static char event_log[4096]; /* a word for each event, with its details, each followed by ; */

static inline void log_event(void *data, const struct dualpipe_pool_event *n) {
    static const char *const words[] = {
        "started",  "sending", "unexpected",   "notification", "stderr",  "late",
        "replaced", "ended",   "cannot start", "setup failed", "disabled", "mispaired"};
    size_t at = strlen(event_log), room = sizeof event_log - at;
    int size = n->size > 40 ? 40 : (int)n->size;
    (void)data;
    switch (n->type) {
    case DUALPIPE_POOL_EVENT_SENDING:
    case DUALPIPE_POOL_EVENT_UNEXPECTED_BYTES:
    case DUALPIPE_POOL_EVENT_LATE_DISCARDED:
        snprintf(event_log + at, room, "%s %d:%.*s;", words[n->type], (int)n->number, size,
                 size && n->data ? n->data : "");
        break;
    case DUALPIPE_POOL_EVENT_NOTIFICATION:
    case DUALPIPE_POOL_EVENT_STDERR:
    case DUALPIPE_POOL_EVENT_SETUP_FAILED:
        snprintf(event_log + at, room, "%s %.*s;", words[n->type], size, size ? n->data : "");
        break;
    case DUALPIPE_POOL_EVENT_CHILD_ENDED:
        snprintf(event_log + at, room, "ended %d/%d;", n->status.code, n->status.signal);
        break;
    default: snprintf(event_log + at, room, "%s;", words[n->type]);
    }
}

static inline int events_are(const char *text) {
    if (strcmp(event_log, text) == 0)
        return 1;
    printf("# told: %s\n# want: %s\n", event_log, text);
    return 0;
}

static inline int count_events(const char *word) {
    int n = 0;
    for (const char *p = event_log; (p = strstr(p, word)); p++)
        n++;
    return n;
}

static inline dualpipe_rule *rule_of(struct dualpipe_rule_options o) {
    dualpipe_rule *rule = NULL;
    if (dualpipe_rule_new(&rule, &o, NULL) < 0)
        abort();
    return rule;
}

/* Opens a pool of children that run the script; o holds the other options. */
static inline dualpipe_pool *pool_of(const char *script, struct dualpipe_pool_options o) {
    static char *argv[] = {WORD("sh"), WORD("-c"), NULL, NULL};
    static struct dualpipe_options child;
    dualpipe_pool *pool = NULL;
    int r;
    argv[2] = WORD(script);
    child = (struct dualpipe_options){.argv = argv, .err = DUALPIPE_STDERR_RELAY,
                                      .grace = scaled(1000)};
    if (!o.child)
        o.child = &child;
    o.callback = log_event;
    *event_log = 0;
    if ((r = dualpipe_pool_open(&pool, &o, NULL)) < 0)
        printf("# open: %s\n", strerror(-r));
    return pool;
}

static inline int submit_for(dualpipe_pool *pool, const char *text, int limit) {
    return dualpipe_pool_put(
        pool, &(struct dualpipe_request){
                  .data = text, .size = strlen(text), .timeout = limit, .tag = WORD(text)});
}

static inline int submit(dualpipe_pool *pool, const char *text) {
    return submit_for(pool, text, 0);
}

static struct dualpipe_reply got; /* the last reply */

static inline bool is_text(const char *p, size_t n, const char *want) {
    if (n == strlen(want) && memcmp(p, want, n) == 0)
        return true;
    printf("# got %zu bytes: %.*s\n# wanted: %s\n", n, n < 200 ? (int)n : 200, p, want);
    return false;
}

/* Whether the next request has this outcome, and this reply or part of one. */
static inline bool outcome_is(dualpipe_pool *pool, enum dualpipe_outcome outcome,
                              const char *text) {
    int r = dualpipe_pool_get(pool, &got, SOON);
    if (r != 1) {
        printf("# get: %d\n", r);
        return false;
    }
    if (got.outcome != outcome)
        printf("# outcome %d\n", (int)got.outcome);
    return is_text(got.data, got.size, text) && got.outcome == outcome;
}

static inline bool reply_is(dualpipe_pool *pool, const char *text) {
    return outcome_is(pool, DUALPIPE_OUTCOME_ANSWERED, text);
}

static inline bool fails_with(dualpipe_pool *pool, enum dualpipe_outcome outcome) {
    return outcome_is(pool, outcome, "");
}

/* Waits until the log has that many events of a kind; false if a reply comes meanwhile. */
static inline bool event_comes(dualpipe_pool *pool, const char *word, int n) {
    for (long end = now_ms() + SOON; count_events(word) < n && now_ms() < end;) {
        struct dualpipe_pollitem events[8];
        int limit = SOON, used = dualpipe_pool_pollitems(pool, events, 8, &limit);
        dualpipe_poll(events, used, limit);
        if (dualpipe_pool_get(pool, &got, 0) == 1)
            return false;
    }
    return count_events(word) == n;
}

/* Ends the pool; whether all its children end by themselves. */
static inline bool ends_by_itself(dualpipe_pool *pool) {
    int r;
    dualpipe_pool_end(pool);
    while ((r = dualpipe_pool_get(pool, &got, SOON)) == 1)
        ;
    return r == 0;
}

static inline bool stats_are(dualpipe_pool *pool, int64_t in, int64_t answered, int64_t failed) {
    struct dualpipe_stats b;
    dualpipe_pool_stats(pool, &b);
    if (b.submitted == in && b.answered == answered && b.failed == failed)
        return true;
    printf("# in %d, answered %d, failed %d\n", (int)b.submitted, (int)b.answered, (int)b.failed);
    return false;
}

static inline bool is_left_clean(int fds) {
    if (open_fds() != fds)
        printf("# %d descriptors, %d before\n", open_fds(), fds);
    return open_fds() == fds && waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD;
}

/* --- a child that obeys ------------------------------------------------------------------ */

/* A request is "NUMBER [word]...", its reply is lines of "NUMBER line" and a last "NUMBER end".
 *   n3  three lines            d5  waits 5 ms before the first one
 *   k2  writes two pieces      s   prints an unexpected line too
 *   q   no reply               e   prints its number on stderr before the reply
 *   b   dies before the reply, m within it, a after it; B, M: only the first time
 * A line "F text" is a fence: the reply is the text alone. */
enum { MOST_ORDERS = 64, ORDER_SIZE = 64, REPLY_SIZE = 256 };

struct notes {
    int asked[MOST_ORDERS], begun[MOST_ORDERS];
    int twice; /* requests that came again although their reply had begun */
};

struct order {
    int id, lines, delay, pieces;
    bool stray, silent, err, once;
    char dies; /* b before, m within, a after its reply; 0: it lives */
};

static inline struct notes *share_notes(void) {
    void *p = mmap(NULL, sizeof(struct notes), PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

static inline size_t order_write(const struct order *o, char *out) {
    int n = snprintf(out, ORDER_SIZE, "%d n%d d%d k%d%s%s%s", o->id, o->lines, o->delay, o->pieces,
                     o->stray ? " s" : "", o->silent ? " q" : "", o->err ? " e" : "");
    if (o->dies)
        n += snprintf(out + n, ORDER_SIZE - (size_t)n, " %c",
                      o->once ? o->dies - 'a' + 'A' : o->dies);
    out[n++] = '\n';
    return (size_t)n;
}

static inline struct order order_read(const char *line) {
    struct order o = {.id = atoi(line), .lines = 1, .pieces = 1};
    while ((line = strchr(line, ' '))) {
        int value = atoi(++line + 1);
        switch (*line) {
        case 'n': o.lines = value; break;
        case 'd': o.delay = value; break;
        case 'k': o.pieces = value; break;
        case 's': o.stray = true; break;
        case 'q': o.silent = true; break;
        case 'e': o.err = true; break;
        case 'B': case 'M': o.once = true; o.dies = (char)(*line - 'A' + 'a'); break;
        default: o.dies = *line; break;
        }
    }
    return o;
}

/* Writes the reply to an order into out, which holds REPLY_SIZE bytes; returns its size. */
static inline size_t order_reply(const struct order *o, char *out) {
    size_t n = 0;
    for (int i = 1; i < o->lines; i++)
        n += (size_t)snprintf(out + n, REPLY_SIZE - n, "%d line\n", o->id);
    return n + (size_t)snprintf(out + n, REPLY_SIZE - n, "%d end\n", o->id);
}

static inline void obey_write(int fd, const char *p, size_t n) {
    while (n > 0) {
        ssize_t r = write(fd, p, n);
        if (r <= 0)
            _exit(4);
        p += r;
        n -= (size_t)r;
    }
}

static inline void obey_reply(const struct order *o) {
    char text[REPLY_SIZE + 32];
    size_t n = order_reply(o, text), from = 0;
    if (o->dies == 'm') {
        obey_write(1, text, n / 2);
        _exit(3);
    }
    for (int i = 1; i < o->pieces; i++, poll(NULL, 0, 1)) {
        size_t to = n * (size_t)i / (size_t)o->pieces;
        obey_write(1, text + from, to - from);
        from = to;
    }
    if (o->stray) /* in the same write, or it might come during the next request */
        n += (size_t)snprintf(text + n, 32, "stray\n");
    obey_write(1, text + from, n - from);
}

static inline void obey_one(struct order o, struct notes *notes) {
    int again = notes->asked[o.id]++;
    char text[32];
    notes->twice += notes->begun[o.id] > 0;
    if (o.once && again > 0)
        o.dies = 0;
    if (o.delay > 0)
        poll(NULL, 0, o.delay);
    if (o.err)
        obey_write(2, text, (size_t)snprintf(text, sizeof text, "%d\n", o.id));
    if (o.dies == 'b')
        _exit(3);
    if (!o.silent) {
        notes->begun[o.id]++;
        obey_reply(&o);
    }
    if (o.dies == 'a')
        _exit(3);
}

/* The child function. data is a struct notes. */
static inline int obey(int argc, char **argv, void *data) {
    char line[256];
    (void)argc, (void)argv;
    while (fgets(line, sizeof line, stdin)) {
        if (strncmp(line, "F ", 2) == 0)
            obey_write(1, line + 2, strlen(line + 2));
        else
            obey_one(order_read(line), data);
    }
    return 0;
}
#endif
