/* session_options.c: the options that the start of a session fixes, and whether a later call agrees. They
 * are told as entries WORD=VALUE, each with a NUL behind it. */
#include "options/session_options.h"
#include "options/limits.h"
#include "util/log.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    enum option_name name;
    const char *otherwise; /* what a session has that was started without it; NULL: nothing */
    bool several;          /* each counts, in their order; else the last */
} rows[] = {
    {OPT_BUILTIN, NULL, false},       {OPT_UNBUFFER, NULL, false},
    {OPT_PTY, NULL, false},           {OPT_STDERR, "relay", false},
    {OPT_READY, "none", false},       {OPT_SETUP, NULL, true},
    {OPT_QUIT, NULL, true},           {OPT_FRAME, "line", false},
    {OPT_MAX_MESSAGE, "64M", false},  {OPT_START_TIMEOUT, "inf", false},
    {OPT_GRACE, "2s", false},         {OPT_WORKERS, "1", false},
    {OPT_WINDOW, "1", false},         {OPT_MAX_REQUESTS, "inf", false},
    {OPT_ASYNC, NULL, true},          {OPT_PERSIST, "1h", false},
    {OPT_FRESH, NULL, false},         {OPT_HOSTS, NULL, false},
    {OPT_VIA, NULL, false},           {OPT_SANDBOX, NULL, true},
    {OPT_LIMIT, NULL, false},
};
enum { ROWS = sizeof rows / sizeof *rows };

/* Those of a rule, which are compared together. */
static const char *const rule_words[] = {"count", "until", "prompt", "fence", "id", "length",
                                         "bytes", "idle"};
enum { RULE_WORDS = sizeof rule_words / sizeof *rule_words };

static int row_of(enum option_name name) {
    for (int i = 0; i < ROWS; i++)
        if (rows[i].name == name)
            return i;
    return -1;
}

int fixed_note(struct settings *s, const struct option_row *row, const char *value) {
    int i = row_of(row->name);
    struct fixed *more;
    if (i < 0 || row->name == OPT_LIMIT) /* they are told as they stand in the end */
        return 0;
    for (int k = 0; k < s->nfixed && !rows[i].several; k++)
        if (strcmp(s->fixed[k].word, row->word) == 0) {
            s->fixed[k].value = value;
            return 0;
        }
    if (!(more = realloc(s->fixed, sizeof *more * (size_t)(s->nfixed + 1))))
        return -1;
    s->fixed = more;
    s->fixed[s->nfixed++] = (struct fixed){row->word, value};
    return 0;
}

/* --- as a text --------------------------------------------------------------------------- */

static void put(FILE *f, const char *word, const char *value) {
    fprintf(f, "%s=%s%c", word, value ? value : "", 0);
}

static void put_number(FILE *f, const char *word, unsigned long long number) {
    if (number > 0)
        fprintf(f, "%s=%llu%c", word, number, 0);
}

static void put_rule(FILE *f, const struct dualpipe_rule_options *r) {
    put_number(f, "count", r->count > 0 ? (unsigned long long)r->count : 0);
    for (int i = 0; r->until && r->until[i]; i++)
        put(f, "until", r->until[i]);
    if (r->prompt)
        put(f, "prompt", r->prompt);
    if (r->fence)
        put(f, "fence", r->fence);
    if (r->id)
        put(f, "id", r->id);
    if (r->length)
        put(f, "length", r->length);
    put_number(f, "bytes", r->bytes);
    put_number(f, "idle", r->idle > 0 ? (unsigned)r->idle : 0);
}

static int make_about(struct parser *p) {
    struct settings *s = p->s;
    char limits[LIMITS_TEXT];
    FILE *f = open_memstream(&s->about, &s->about_size);
    if (!f)
        return -1;
    put_rule(f, &p->kept);
    for (int i = 0; i < s->nfixed; i++)
        put(f, s->fixed[i].word, s->fixed[i].value);
    if (s->limited)
        put(f, "limit", limits_text(&s->limits, limits));
    for (int i = 0; s->has_command && s->argv[i]; i++)
        put(f, "command", s->argv[i]);
    return fclose(f) == 0 && s->about ? 0 : -1;
}

const char *fixed_find(const char *about, size_t n, const char *word, int nth) {
    size_t size = strlen(word);
    for (const char *p = about, *end = about + n; p < end; p += strlen(p) + 1) {
        if (!memchr(p, 0, (size_t)(end - p)))
            return NULL;
        if (strncmp(p, word, size) == 0 && p[size] == '=' && nth-- == 0)
            return p + size + 1;
    }
    return NULL;
}

/* --- together with @session -------------------------------------------------------------- */

/* Options that have no effect on a session, or without one. */
static int check_session(const struct parser *p) {
    const struct settings *s = p->s;
    const char *one = s->listen ? "listen" : s->stop ? "stop" : s->follow ? "follow"
                      : s->persist ? "persist" : NULL;
    if (!s->session && one)
        return option_wrong(one, NULL, "it needs @session, the name of one");
    if (!s->session)
        return GO_ON;
    if (s->foreground)
        return option_wrong("foreground", NULL, "a session outlives the call: it has a session of "
                            "its own");
    if (s->retries_given)
        return option_wrong("retries", NULL, "a session's child is not replaced");
    if (s->unordered)
        return option_wrong("unordered", NULL, "a session answers each call in order");
    if (s->listen && !s->has_command)
        return option_wrong("listen", s->session, "no command is given");
    if (s->listen && s->requests.n > 0)
        return option_wrong("listen", NULL, "it asks nothing itself: leave out -e, -f and --await");
    if (p->two_rules)
        return option_wrong("until", NULL, "a session has one rule by which replies end; only -n 0 "
                            "may stand beside it");
    return GO_ON;
}

int fixed_settle(struct parser *p) {
    int status = check_session(p);
    if (status == GO_ON && p->s->session)
        status = rules_settle_session(p);
    if (status == GO_ON && p->s->session && make_about(p) < 0)
        return option_wrong("session", p->s->session, strerror(ENOMEM));
    return status;
}

/* --- held against a session's ------------------------------------------------------------ */

struct text {
    const char *at;
    size_t n;
};

static bool differs(struct text ours, struct text theirs, const char *word,
                    const char *otherwise) {
    for (int i = 0;; i++) {
        const char *a = fixed_find(ours.at, ours.n, word, i);
        const char *b = fixed_find(theirs.at, theirs.n, word, i);
        if (!b && i == 0 && otherwise)
            b = otherwise;
        if (!a || !b)
            return i == 0 ? a && !b : a || (b && b != otherwise);
        if (strcmp(a, b) != 0)
            return true;
    }
}

static const char *word_of(enum option_name name) {
    for (int i = 0; i < option_count; i++)
        if (option_rows[i].name == name)
            return option_rows[i].word;
    return "";
}

/* The rule's word that is not as it is there; NULL: it is the same, or none is given. */
static const char *other_rule(struct text ours, struct text theirs) {
    const char *given = NULL;
    bool none = true;
    for (int i = 0; i < RULE_WORDS; i++) {
        if (fixed_find(ours.at, ours.n, rule_words[i], 0))
            given = rule_words[i];
        none &= !fixed_find(theirs.at, theirs.n, rule_words[i], 0);
    }
    if (!given)
        return NULL;
    for (int i = 0; i < RULE_WORDS; i++) {
        const char *word = rule_words[i];
        bool here = fixed_find(ours.at, ours.n, word, 0);
        bool there = fixed_find(theirs.at, theirs.n, word, 0);
        if (here && differs(ours, theirs, word, none && i == 0 ? "1" : NULL))
            return word;
        if (!here && there)
            return given;
    }
    return NULL;
}

static int refuse(const struct settings *s, const char *word, const char *theirs) {
    char what[80], safe[400];
    snprintf(what, sizeof what, "option --%s", word);
    if (theirs)
        say_error(what, s->session, "the session was started with another: %s",
                  escape(theirs, strlen(theirs), safe, sizeof safe));
    else
        say_error(what, s->session, "the session was started without it");
    return USAGE;
}

int fixed_check(const struct settings *s, const char *about, size_t n) {
    struct text ours = {s->about, s->about_size}, theirs = {about, n};
    const char *word = other_rule(ours, theirs), *command;
    char safe[400];
    if (word)
        return refuse(s, word, fixed_find(about, n, word, 0));
    for (int i = 0; i < ROWS; i++) {
        word = word_of(rows[i].name);
        if (fixed_find(s->about, s->about_size, word, 0) &&
            differs(ours, theirs, word, rows[i].otherwise))
            return refuse(s, word, fixed_find(about, n, word, 0));
    }
    if (!s->has_command || !differs(ours, theirs, "command", NULL))
        return GO_ON;
    command = fixed_find(about, n, "command", 0);
    command = command ? command : "none";
    say_error("session", s->session, "it runs another command: %s",
              escape(command, strlen(command), safe, sizeof safe));
    return USAGE;
}
