/* trust_child.h: a child that can't be trusted, for the tests of what pools and sessions make of
 * its replies. It is asked by lines, each the number of a request, and does for it what the script
 * says: prints its reply in pieces, late, too much or too little of it, closes an end, dies. Each
 * line of a reply carries the number of its request, and how often that was asked, so that a reply
 * of another request or child shows.
 *
 * A child means as its reply all lines that it prints for a request, even if the rule ends the
 * reply before the last of them, unless the rule proves the end (fence, id). */
#ifndef TRUST_CHILD_H
#define TRUST_CHILD_H
#include "light_child.h"
#include "pool/pool_fixture.h"
#include "schedules.h"

enum kind { DEFAULT, COUNT, UNTIL, BYTES, LENGTH, FENCE, ID, KINDS };
static const char *const kind_names[] = {"default", "count", "until", "bytes",
                                         "length",  "fence", "id"};

enum trouble { NONE, MUCH, LITTLE, TROUBLES };
static const char *const trouble_names[] = {"no trouble", "too much", "too little"};

/* What a child does in the end of a request. */
enum finish { LIVES, DIES_BEFORE, DIES_WITHIN, DIES_AFTER, CLOSES_STDIN, CLOSES_STDOUT, FINISHES };
static const char *const finish_words[] = {
    "", ", dies before its reply", ", dies within its reply", ", dies after its reply",
    ", closes stdin behind its reply", ", closes stdout behind its reply"};

/* How the first children begin; all but READS end without having read anything. */
enum start { READS, DIES_AT_ONCE, IS_BLIND, IS_DEAF, STARTS };
static const char *const start_words[] = {"read", "die at once", "print replies without reading",
                                          "close stdin and print replies"};

enum { MOST_ASKS = 64, MOST_ROUNDS = 32, TEXT_SIZE = 128 };

/* What the child does with one request. Times are in milliseconds. */
struct ask {
    int lines, pieces, delay;
    int extra, extra_delay; /* lines behind the reply; delay 0: in one write with its last piece */
    int percent;            /* of its reply, if it is too short or the child dies within */
    bool is_short, once;    /* once: all is well when it is asked again */
    enum finish finish;
    int rest;               /* before the child ends, if it does */
};

/* What children record: how often each request was read, and in which of these rounds the extra
 * lines were printed. */
struct record {
    int children, asked[MOST_ASKS];
    unsigned extra_rounds[MOST_ASKS];
};

/* What a child does in a schedule. */
struct script {
    enum kind kind;
    enum trouble trouble;
    int limit, count, bytes;
    enum start start;
    int banner, banner_delay; /* lines that a child prints before it reads */
    int bad_starts;           /* so many children start like that, the others well */
    int exit_code;
    struct ask asks[MOST_ASKS];
    struct record *record;
};

/* --- the child --------------------------------------------------------------------------- */

static inline size_t add_line(char *out, size_t n, int id, int round, const char *word) {
    return n + (size_t)snprintf(out + n, TEXT_SIZE - n, "%d.%d %s\n", id, round, word);
}

/* Writes what the child means as the reply when it is asked for this time into out. */
static inline size_t reply_write(const struct script *s, int id, int round, char *out) {
    int lines = s->kind == COUNT                                              ? s->count
                : s->kind == UNTIL || s->kind == FENCE || s->kind == LENGTH ? s->asks[id].lines
                                                                              : 1;
    size_t n = 0, body;
    if (s->kind == BYTES) {
        n = (size_t)snprintf(out, TEXT_SIZE, "%d.%d", id, round);
        memset(out + n, '-', (size_t)s->bytes - n);
        out[s->bytes - 1] = '\n';
        return (size_t)s->bytes;
    }
    if (s->kind == LENGTH) {
        body = (size_t)lines * 5 - 1;
        n = (size_t)snprintf(out, TEXT_SIZE, "%d.%d %zu\n", id, round, body);
        for (int i = 0; i < lines; i++, n += 5)
            memcpy(out + n, "body\n", 5);
        return n;
    }
    for (int i = 1; i < lines; i++)
        n = add_line(out, n, id, round, "line");
    return add_line(out, n, id, round, "end");
}

static inline void say(const char *p, size_t n) {
    while (n > 0) {
        ssize_t r = write(STDOUT_FILENO, p, n);
        if (r <= 0)
            _exit(4);
        p += r;
        n -= (size_t)r;
    }
}

static inline void rest(int ms) {
    if (ms > 0)
        poll(NULL, 0, ms);
}

/* Reads a line and not a byte more: what stdin holds beyond it stays unread when it is closed. */
static inline bool hear(char *line, size_t size) {
    size_t n = 0;
    while (n < size - 1 && read(STDIN_FILENO, line + n, 1) == 1)
        if (line[n++] == '\n') {
            line[n] = 0;
            return true;
        }
    return false;
}

/* How much of a reply of n bytes is printed. Who goes on stops at a line end; or says nothing where
 * a length is announced, as the next reply would begin as its body, and end as lines too many. */
static inline size_t short_size(const struct script *s, const struct ask *a, const char *text,
                         size_t n) {
    if (a->is_short && s->kind == LENGTH)
        return 0;
    n = n * (size_t)a->percent / 100;
    while (a->is_short && s->kind != BYTES && n > 0 && text[n - 1] != '\n')
        n--;
    return n;
}

/* Reads the fence and prints its token. A line before it is of the same request, if a client sends
 * several in one. */
static inline void pass_fence(bool is_swallowed) {
    char line[TEXT_SIZE];
    do
        if (!hear(line, sizeof line))
            _exit(5);
    while (strncmp(line, "F ", 2) != 0);
    if (!is_swallowed)
        say(line + 2, strlen(line + 2));
}

static inline void say_reply(const struct script *s, const struct ask *a, int id, int round) {
    char text[2 * TEXT_SIZE];
    size_t n = reply_write(s, id, round, text), from = 0;
    bool has_extra_at_once = a->extra > 0 && a->extra_delay == 0;
    if (a->finish == DIES_WITHIN || (a->is_short && s->kind != FENCE))
        n = short_size(s, a, text, n);
    for (int i = 1; i < a->pieces; i++, rest(1)) {
        size_t to = n * (size_t)i / (size_t)a->pieces;
        say(text + from, to - from);
        from = to;
    }
    for (int i = 0; i < a->extra && has_extra_at_once; i++)
        n = add_line(text, n, id, round, "extra end");
    if (has_extra_at_once)
        s->record->extra_rounds[id] |= 1u << round;
    say(text + from, n - from);
    if (a->finish == DIES_WITHIN)
        _exit(3);
    if (s->kind == FENCE)
        pass_fence(a->is_short);
}

static inline void say_extra_late(const struct script *s, const struct ask *a, int id, int round) {
    char text[TEXT_SIZE];
    size_t n = 0;
    if (a->extra == 0 || a->extra_delay == 0)
        return;
    rest(a->extra_delay);
    for (int i = 0; i < a->extra; i++)
        n = add_line(text, n, id, round, "extra end");
    say(text, n);
    s->record->extra_rounds[id] |= 1u << round;
}

static inline void do_ask(const struct script *s, int id) {
    int round = s->record->asked[id]++;
    struct ask a = s->asks[id];
    if (a.once && round > 0)
        a = (struct ask){.lines = a.lines, .pieces = 1};
    rest(a.delay);
    if (a.finish == DIES_BEFORE)
        _exit(3);
    say_reply(s, &a, id, round);
    if (a.finish == CLOSES_STDIN)
        close(STDIN_FILENO);
    say_extra_late(s, &a, id, round);
    if (a.finish == CLOSES_STDOUT)
        close(STDOUT_FILENO);
    if (a.finish != LIVES) {
        rest(a.rest);
        _exit(a.is_short ? 3 : s->exit_code);
    }
}

static inline void start_badly(const struct script *s) {
    char text[TEXT_SIZE];
    size_t n = 0;
    if (s->start == IS_DEAF)
        close(STDIN_FILENO);
    rest(s->banner_delay);
    for (int i = 0; i < s->banner; i++)
        n = add_line(text, n, 99, 9, "forged end");
    say(text, n);
    if (s->start == READS)
        return;
    rest(s->banner_delay);
    _exit(s->exit_code);
}

/* The child function. data is the script, which no longer changes. */
static inline int behave(int argc, char **argv, void *data) {
    const struct script *s = data;
    char line[TEXT_SIZE];
    (void)argc, (void)argv;
    if (s->record->children++ < s->bad_starts)
        start_badly(s);
    while (hear(line, sizeof line))
        do_ask(s, atoi(line));
    return 0;
}

/* --- making a script --------------------------------------------------------------------- */

static inline bool proves_ends(const struct script *s) {
    return s->kind == FENCE || s->kind == ID;
}

static inline dualpipe_rule *make_rule(const struct script *s) {
    static const char *const end[] = {" end$", NULL};
    switch (s->kind) {
    case DEFAULT: return NULL;
    case COUNT: return rule_of((struct dualpipe_rule_options){.count = s->count});
    case UNTIL: return rule_of((struct dualpipe_rule_options){.end_patterns = end});
    case BYTES: return rule_of((struct dualpipe_rule_options){.bytes = (size_t)s->bytes});
    case LENGTH: return rule_of((struct dualpipe_rule_options){.length = "^[0-9.]+ ([0-9]+)$"});
    case FENCE: return rule_of((struct dualpipe_rule_options){.fence = "F {}"});
    default: return rule_of((struct dualpipe_rule_options){.id = "^([0-9]+)"});
    }
}

static inline void trouble_ask(const struct script *s, struct ask *a) {
    static const enum finish harmless[] = {LIVES, LIVES, DIES_AFTER, CLOSES_STDIN, CLOSES_STDOUT};
    a->finish = harmless[pick(5)];
    a->rest = pick(4);
    a->once = !toss(4);
    if (s->trouble == MUCH && s->kind != FENCE && !toss(3)) {
        a->extra = 1 + pick(3);
        a->extra_delay = toss(2) ? 0 : 1 + pick(6);
    }
    if (s->trouble != LITTLE)
        return;
    a->percent = pick(100);
    a->is_short = toss(2);
    if (toss(3))
        a->delay = s->limit / 2 + pick(2 * s->limit);
    if (!a->is_short && toss(2))
        a->finish = toss(2) ? DIES_BEFORE : DIES_WITHIN;
}

static inline struct ask random_ask(const struct script *s) {
    struct ask a = {.lines = 1 + pick(3), .pieces = toss(3) ? 1 + pick(3) : 1,
                    .delay = toss(4) ? pick(3) : 0};
    if (s->trouble != NONE && toss(3))
        trouble_ask(s, &a);
    return a;
}

static inline void make_start(struct script *s) {
    if (s->trouble == NONE || !toss(3))
        return;
    s->start = (enum start)pick(STARTS);
    s->bad_starts = 1 + pick(2);
    s->banner_delay = pick(4);
    if (s->trouble == MUCH && s->kind != FENCE && s->start != DIES_AT_ONCE)
        s->banner = 1 + pick(4);
}

/* Fills a script for asks[0] to asks[n - 1]; record is shared with the children. */
static inline void script_make(struct script *s, struct record *record, int n) {
    *record = (struct record){0};
    *s = (struct script){.record = record};
    s->kind = (enum kind)pick(KINDS);
    s->trouble = toss(8) ? NONE : toss(2) ? MUCH : LITTLE;
    s->limit = s->trouble == LITTLE ? 4 + pick(8) : 0;
    s->count = 1 + pick(3);
    s->bytes = 5 + pick(12);
    s->exit_code = toss(2) ? 0 : 3;
    make_start(s);
    for (int i = 0; i < n; i++)
        s->asks[i] = random_ask(s);
}

/* --- judging ----------------------------------------------------------------------------- */

/* How many of the n bytes are exactly what a child meant as the reply to request id when it was
 * asked some time; 0: it is none. *wrong is set if it meant more. */
static inline size_t match_reply(const struct script *s, int id, const char *p, size_t n,
                                 const char **wrong) {
    char want[TEXT_SIZE];
    for (int round = 0; round < s->record->asked[id] && round < MOST_ROUNDS; round++) {
        size_t size = reply_write(s, id, round, want);
        if (size > n || memcmp(p, want, size) != 0)
            continue;
        if (s->record->extra_rounds[id] & 1u << round && !proves_ends(s))
            *wrong = "a reply is shorter than its child meant it";
        return size;
    }
    return 0;
}

/* --- describing -------------------------------------------------------------------------- */

static inline void script_print(FILE *out, const struct script *s) {
    fprintf(out, "# %s (count %d, bytes %d), %s, limit %d\n", kind_names[s->kind], s->count,
            s->bytes, trouble_names[s->trouble], s->limit);
    if (s->bad_starts > 0)
        fprintf(out, "# first %d children: after %d ms print %d lines, %s, exit %d\n",
                s->bad_starts, s->banner_delay, s->banner, start_words[s->start], s->exit_code);
}

static inline void ask_print(FILE *out, const struct script *s, int id) {
    const struct ask *a = &s->asks[id];
    fprintf(out, "%d, read %d times: after %d ms, %d lines, %d pieces", id, s->record->asked[id],
            a->delay, a->lines, a->pieces);
    if (a->extra > 0)
        fprintf(out, ", %d more after %d ms", a->extra, a->extra_delay);
    if (a->is_short || a->finish == DIES_WITHIN)
        fprintf(out, ", only %d percent", a->percent);
    fprintf(out, "%s", finish_words[a->finish]);
    if (a->finish != LIVES)
        fprintf(out, ", exits after %d ms with %d", a->rest, s->exit_code);
    fprintf(out, "%s\n", a->once ? ", the first time only" : "");
}

/* Plays n schedules, or as many as it takes until one is wrong, each with a seed of its own. */
static inline bool record_schedules(long n, struct tally *t,
                                    bool (*play)(struct record *, FILE *words, struct tally *)) {
    struct record *record = mmap(NULL, sizeof *record, PROT_READ | PROT_WRITE,
                                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    FILE *words = fmemopen(t->words, sizeof t->words, "w");
    bool good = true;
    while (t->tried < n && good) {
        unsigned next = seed + 7919;
        good = play(record, words, t);
        seed = next;
    }
    fclose(words);
    munmap(record, sizeof *record);
    return good;
}
#endif
