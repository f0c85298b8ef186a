/* session_options.c: the options that are fixed when a session starts, and whether a later call
 * agrees with them.
 *
 * A session runs on while calls come and go, so options about its child or its reply rule hold from
 * its start. The starting call builds a description: entries NAME=VALUE, each ended by a NUL, first
 * those of the reply rule, then the options of session_rows that were given, --limit, one command=
 * entry per word, and implied= if a preset came by itself. The session sends it to every client
 * (dualpipe_session_hello); the client builds its own description from its own options and
 * compares.
 *
 * A client may leave out any option; what an implied preset brought counts as left out. What it
 * does give must agree with the session, where an option that the session was started without
 * counts with its default value. The entries of a rule are compared as a whole: a client that gives
 * one of them must give all that the session has.
 *
 * The trap: a default in session_rows is compared as a string with what the user writes, so it must
 * stay the spelling of the default that the manual names. */
#include "options/session_options.h"
#include "options/limits.h"
#include "options/option_error.h"
#include "options/reply_rules.h"
#include "util/escape.h"
#include "util/log.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    enum option_id id;
    const char *default_value; /* of a session that was started without it; NULL: none */
    bool is_repeatable;        /* every value counts, in order; else only the last */
} session_rows[] = {
    {OPT_BUILTIN, NULL, false},       {OPT_UNBUFFER, NULL, false},
    {OPT_PTY, NULL, false},           {OPT_STDERR, "relay", false},
    {OPT_READY, "none", false},       {OPT_SETUP, NULL, true},
    {OPT_QUIT, NULL, true},           {OPT_FRAME, "line", false},
    {OPT_MAX_MESSAGE, "64M", false},  {OPT_START_TIMEOUT, "inf", false},
    {OPT_GRACE, "2s", false},         {OPT_INTERRUPT, "none", false},
    {OPT_WORKERS, "1", false},
    {OPT_WINDOW, "1", false},         {OPT_MAX_REQUESTS, "inf", false},
    {OPT_ASYNC, NULL, true},          {OPT_PERSIST, "1h", false},
    {OPT_FRESH, NULL, false},         {OPT_HOSTS, NULL, false},
    {OPT_VIA, NULL, false},           {OPT_SANDBOX, NULL, true},
    {OPT_LIMIT, NULL, false},         {OPT_ERROR, "none", true},
};
enum { ROW_COUNT = sizeof session_rows / sizeof *session_rows };

/* The entries of a reply rule, which are compared as a whole. */
static const char *const rule_words[] = {"count", "until", "prompt", "fence", "wrap", "id",
                                         "length", "bytes", "idle"};
enum { RULE_WORD_COUNT = sizeof rule_words / sizeof *rule_words };

/* The index in session_rows; -1 if the option is not fixed by a session. */
static int find_row(enum option_id id) {
    for (int i = 0; i < ROW_COUNT; i++)
        if (session_rows[i].id == id)
            return i;
    return -1;
}

static const char *option_name_of(enum option_id id) {
    for (int i = 0; i < option_table_count; i++)
        if (option_table[i].id == id)
            return option_table[i].long_name;
    return "";
}

int session_options_note(struct parser *p, enum option_id id, const char *value) {
    struct settings *s = p->s;
    const char *name = option_name_of(id);
    int at = find_row(id);
    struct session_option *grown;
    if (at < 0 || id == OPT_LIMIT) /* limits add up: build_description writes them at last */
        return 0;
    for (int i = 0; i < s->session_option_count && !session_rows[at].is_repeatable; i++)
        if (strcmp(s->session_options[i].name, name) == 0) {
            s->session_options[i].value = value;
            s->session_options[i].is_implied = p->reads_implied;
            return 0;
        }
    grown = realloc(s->session_options, sizeof *grown * (size_t)(s->session_option_count + 1));
    if (!grown)
        return -1;
    s->session_options = grown;
    s->session_options[s->session_option_count++] =
        (struct session_option){name, value, p->reads_implied};
    return 0;
}

/* --- the description --------------------------------------------------------------------- */

static void put_entry(FILE *f, const char *word, const char *value) {
    fprintf(f, "%s=%s%c", word, value ? value : "", 0);
}

static void put_number_entry(FILE *f, const char *word, unsigned long long number) {
    if (number > 0)
        fprintf(f, "%s=%llu%c", word, number, 0);
}

static void put_rule_entries(FILE *f, const struct dualpipe_rule_options *r) {
    put_number_entry(f, "count", r->count > 0 ? (unsigned long long)r->count : 0);
    for (int i = 0; r->end_patterns && r->end_patterns[i]; i++)
        put_entry(f, "until", r->end_patterns[i]);
    if (r->prompt)
        put_entry(f, "prompt", r->prompt);
    if (r->fence)
        put_entry(f, "fence", r->fence);
    if (r->wrap)
        put_entry(f, "wrap", r->wrap);
    if (r->id)
        put_entry(f, "id", r->id);
    if (r->length)
        put_entry(f, "length", r->length);
    put_number_entry(f, "bytes", r->bytes);
    put_number_entry(f, "idle", r->idle_ms > 0 ? (unsigned)r->idle_ms : 0);
}

/* Returns 0, or -1 if there is no memory. */
static int build_description(struct parser *p) {
    struct settings *s = p->s;
    char limits[LIMITS_TEXT_SIZE];
    FILE *f = open_memstream(&s->session_description, &s->session_description_size);
    if (!f)
        return -1;
    put_rule_entries(f, &p->session_rule_options);
    for (int i = 0; i < s->session_option_count; i++)
        put_entry(f, s->session_options[i].name, s->session_options[i].value);
    if (s->has_limits)
        put_entry(f, "limit", limits_format(&s->limits, limits));
    for (int i = 0; s->has_command && s->argv[i]; i++)
        put_entry(f, "command", s->argv[i]);
    if (s->preset_is_implied)
        put_entry(f, "implied", s->preset);
    return fclose(f) == 0 && s->session_description ? 0 : -1;
}

const char *session_options_find(const char *description, size_t size, const char *name, int nth) {
    size_t name_len = strlen(name);
    for (const char *p = description, *end = description + size; p < end; p += strlen(p) + 1) {
        if (!memchr(p, 0, (size_t)(end - p)))
            return NULL;
        if (strncmp(p, name, name_len) == 0 && p[name_len] == '=' && nth-- == 0)
            return p + name_len + 1;
    }
    return NULL;
}

/* --- conflicts --------------------------------------------------------------------------- */

/* Refuses options that need a session or contradict one. */
static int check_session_conflicts(const struct parser *p) {
    const struct settings *s = p->s;
    const char *asks_nothing = s->listen     ? "listen"
                               : s->stop     ? "stop"
                               : s->follow   ? "follow"
                               : s->sessions ? "sessions"
                                             : NULL;
    const char *session_only = asks_nothing && !s->sessions ? asks_nothing
                               : s->persist                 ? "persist"
                                                            : NULL;
    if (!s->session_name && session_only)
        return option_error(session_only, NULL, "it needs @session, the name of one");
    if (asks_nothing && s->requests.count > 0)
        return option_error(asks_nothing, NULL,
                            "it asks nothing itself: leave out -e, -f and --await");
    if (!s->session_name)
        return PARSE_CONTINUE;
    if (s->foreground)
        return option_error("foreground", NULL,
                            "a session outlives the call: it has a session of its own");
    if (settings_has_given(s, OPT_RETRIES))
        return option_error("retries", NULL, "a session's child is not replaced");
    if (s->unordered)
        return option_error("unordered", NULL, "a session answers each call in order");
    if (s->listen && !s->has_command)
        return option_error("listen", s->session_name, "no command is given");
    if (p->has_two_rules)
        return option_error("until", NULL, "a session has one rule by which replies end; only -n "
                                           "0 may stand beside it");
    return PARSE_CONTINUE;
}

int session_options_finish(struct parser *p) {
    int status = check_session_conflicts(p);
    if (status == PARSE_CONTINUE && p->s->session_name)
        status = reply_rules_default_for_session(p);
    if (status == PARSE_CONTINUE && p->s->session_name && build_description(p) < 0)
        return option_error("session", p->s->session_name, strerror(ENOMEM));
    return status;
}

/* --- comparing with the session ---------------------------------------------------------- */

struct description {
    const char *text;
    size_t size;
};

/* Whether our entries of that name differ from theirs. If they have none, default_value stands for
 * theirs; if we have none either, nothing differs. */
static bool entry_differs(struct description ours, struct description theirs, const char *word,
                          const char *default_value) {
    for (int i = 0;; i++) {
        const char *a = session_options_find(ours.text, ours.size, word, i);
        const char *b = session_options_find(theirs.text, theirs.size, word, i);
        if (!b && i == 0 && default_value)
            b = default_value;
        if (!a || !b)
            return i == 0 ? a && !b : a || (b && b != default_value);
        if (strcmp(a, b) != 0)
            return true;
    }
}

/* The entry in which our reply rule differs from the session's; NULL if it is the same, or if we
 * give none. A session without any rule entry has the default rule, count=1. */
static const char *find_rule_difference(struct description ours, struct description theirs) {
    const char *given = NULL;
    bool theirs_is_default = true;
    for (int i = 0; i < RULE_WORD_COUNT; i++) {
        if (session_options_find(ours.text, ours.size, rule_words[i], 0))
            given = rule_words[i];
        theirs_is_default &= !session_options_find(theirs.text, theirs.size, rule_words[i], 0);
    }
    if (!given)
        return NULL;
    for (int i = 0; i < RULE_WORD_COUNT; i++) {
        const char *word = rule_words[i];
        bool here = session_options_find(ours.text, ours.size, word, 0);
        bool there = session_options_find(theirs.text, theirs.size, word, 0);
        if (here && entry_differs(ours, theirs, word, theirs_is_default && i == 0 ? "1" : NULL))
            return word;
        if (!here && there)
            return given;
    }
    return NULL;
}

static int report_mismatch(const struct settings *s, const char *word, const char *theirs) {
    char reason[480], safe[400];
    if (!theirs)
        return option_error(word, s->session_name, "the session was started without it");
    snprintf(reason, sizeof reason, "the session was started with another: %s",
             escape_bytes(theirs, strlen(theirs), safe, sizeof safe));
    return option_error(word, s->session_name, reason);
}

/* Whether the option came with an implied preset: a session that was started with other options
 * needs no such. */
static bool is_implied(const struct settings *s, const char *name) {
    for (int i = 0; i < s->session_option_count; i++)
        if (strcmp(s->session_options[i].name, name) == 0 && s->session_options[i].is_implied)
            return true;
    return false;
}

/* Whether the session runs the command as it was typed, without the arguments of the preset. */
static bool runs_plain_command(const struct settings *s, struct description theirs) {
    int n = 0;
    const char *word;
    for (; s->plain_argv[n]; n++) {
        word = session_options_find(theirs.text, theirs.size, "command", n);
        if (!word || strcmp(word, s->plain_argv[n]) != 0)
            return false;
    }
    return !session_options_find(theirs.text, theirs.size, "command", n);
}

int session_options_match(const struct settings *s, const char *description, size_t size) {
    struct description ours = {s->session_description, s->session_description_size},
                       theirs = {description, size};
    const char *word = s->preset_is_implied ? NULL : find_rule_difference(ours, theirs), *command;
    char safe[400];
    if (word)
        return report_mismatch(s, word, session_options_find(description, size, word, 0));
    for (int i = 0; i < ROW_COUNT; i++) {
        word = option_name_of(session_rows[i].id);
        if (!is_implied(s, word) && session_options_find(ours.text, ours.size, word, 0) &&
            entry_differs(ours, theirs, word, session_rows[i].default_value))
            return report_mismatch(s, word, session_options_find(description, size, word, 0));
    }
    if (!s->has_command || !entry_differs(ours, theirs, "command", NULL) ||
        (s->preset_is_implied && runs_plain_command(s, theirs)))
        return PARSE_CONTINUE;
    command = session_options_find(description, size, "command", 0);
    command = command ? command : "none";
    log_error("session", s->session_name, "it runs another command: %s",
              escape_bytes(command, strlen(command), safe, sizeof safe));
    return PARSE_FAILED;
}
