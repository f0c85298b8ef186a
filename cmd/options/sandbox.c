/* sandbox.c: --sandbox: what it asks for, what can be had here, and the word that would weaken it. */
#include "options/sandbox.h"
#include "builtins/builtins.h"
#include "options/parser.h"
#include "run/status_report.h"
#include "util/log.h"
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LAYERS_MOST = 16 };

/* --- read -------------------------------------------------------------------------------- */

static int wrong(const char *value, const char *reason) {
    return option_wrong("sandbox", value, reason);
}

/* The list is NULL-terminated; it and its words are one piece of memory. */
static int add_word(char ***list, const char *word, size_t n) {
    size_t count = 0, size = n + 1;
    char **more, *at;
    for (; *list && (*list)[count]; count++)
        size += strlen((*list)[count]) + 1;
    if (!(more = malloc((count + 2) * sizeof *more + size)))
        return wrong(word, strerror(ENOMEM));
    at = (char *)(more + count + 2);
    for (size_t i = 0; i < count; i++) {
        more[i] = at;
        at = stpcpy(at, (*list)[i]) + 1;
    }
    snprintf(at, n + 1, "%s", word);
    more[count] = at;
    more[count + 1] = NULL;
    free(*list);
    *list = more;
    return GO_ON;
}

/* The library takes numbers. */
static int set_user(struct settings *s, const char *name, size_t n) {
    char *user = strndup(name, n), numbers[64];
    const struct passwd *entry = user ? getpwnam(user) : NULL;
    free(s->sandbox_user);
    s->sandbox_user = user;
    if (user && entry) {
        snprintf(numbers, sizeof numbers, "%lu:%lu", (unsigned long)entry->pw_uid,
                 (unsigned long)entry->pw_gid);
        free(user);
        s->sandbox_user = user = strdup(numbers);
    } else if (user && (n == 0 || strspn(user, "0123456789:") != n)) {
        return wrong(user, "there is no such user");
    }
    s->limits.user = user;
    return user ? GO_ON : wrong(NULL, strerror(ENOMEM));
}

static bool is(const char *word, size_t n, const char *other) {
    return strlen(other) == n && strncmp(word, other, n) == 0;
}

static int set_word(struct settings *s, const char *word, size_t n, bool *check) {
    static const char reason[] = "strict, no-ns, best-effort, read=PATH, write=PATH, user=NAME or "
                                 "check is meant";
    if (is(word, n, "strict"))
        s->limits.sandbox = DUALPIPE_STRICT;
    else if (is(word, n, "no-ns"))
        s->limits.sandbox = DUALPIPE_NO_NAMESPACES;
    else if (is(word, n, "best-effort"))
        s->limits.sandbox = DUALPIPE_BEST_EFFORT;
    else if (is(word, n, "check"))
        *check = true;
    else if (n > 5 && strncmp(word, "read=", 5) == 0)
        return add_word(&s->sandbox_read, word + 5, n - 5);
    else if (n > 6 && strncmp(word, "write=", 6) == 0)
        return add_word(&s->sandbox_write, word + 6, n - 6);
    else if (n > 5 && strncmp(word, "user=", 5) == 0)
        return set_user(s, word + 5, n - 5);
    else
        return wrong(word, reason);
    return GO_ON;
}

static int show_layer(const struct dualpipe_layer *l) {
    if (l->error)
        printf("%-18s missing  %s%s%s\n", l->name, strerror(-l->error), l->cause ? ": " : "",
               l->cause ? l->cause : "");
    else if (l->version > 0)
        printf("%-18s ok       ABI %d\n", l->name, l->version);
    else
        printf("%-18s ok\n", l->name);
    return l->error != 0;
}

/* 0: all of it can be had. */
static int show_check(const struct settings *s) {
    struct dualpipe_limits strict = s->limits;
    struct dualpipe_layer all[LAYERS_MOST];
    int n, missing = 0;
    strict.sandbox = DUALPIPE_STRICT;
    n = dualpipe_sandbox_check(&strict, all, LAYERS_MOST);
    if (n < 0)
        return wrong(NULL, strerror(-n));
    for (int i = 0; i < n; i++)
        missing += show_layer(&all[i]);
    return missing ? STATUS_OURS : 0;
}

int shut_add(struct settings *s, const char *words) {
    bool check = false;
    if (!s->limits.sandbox)
        s->limits.sandbox = DUALPIPE_STRICT;
    for (const char *word = words;; word++) {
        size_t n = strcspn(word, ",");
        int status = set_word(s, word, n, &check);
        if (status != GO_ON)
            return status;
        word += n;
        if (*word == 0)
            break;
    }
    s->limits.read = (const char *const *)s->sandbox_read;
    s->limits.write = (const char *const *)s->sandbox_write;
    return check ? show_check(s) : GO_ON;
}

int shut_settle(struct settings *s, bool err_given) {
    if (!s->limits.sandbox)
        return GO_ON;
    dualpipe_sandbox_limits(&s->limits);
    if (s->foreground)
        return option_wrong("foreground", NULL, "a sandbox has a session of its own");
    if (s->launches)
        return wrong(NULL, "it would hold what launches the command, not the command: give it "
                     "there, as in --via='... dualpipe --sandbox'");
    if (s->function && !builtin_help(s->argv[0]))
        return wrong(s->argv[0], "a function is loaded in the child, which may open nothing: make "
                     "a command of it");
    if (err_given && (s->err == DUALPIPE_INHERIT ||
                      (s->err == DUALPIPE_FD && strcmp(s->err_file, "/dev/null") != 0)))
        return option_wrong("stderr", s->err_file, "no descriptor of ours is given to a sandbox: "
                            "relay it, and redirect our own");
    return GO_ON;
}

/* --- said -------------------------------------------------------------------------------- */

/* Those that --sandbox=no-ns does without. */
static bool needs_namespaces(const char *layer) {
    static const char *const names[] = {"user namespace", "identity", "mounts", "/proc",
                                        "capabilities"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], layer) == 0)
            return true;
    return false;
}

static const char *weaker_word(const struct settings *s, const char *layer) {
    if (s->limits.sandbox == DUALPIPE_BEST_EFFORT)
        return "";
    if (!needs_namespaces(layer))
        return ": --sandbox=best-effort goes on without";
    return geteuid() == 0 ? ": another user than root may ask for --sandbox=no-ns"
                          : ": --sandbox=no-ns goes without namespaces";
}

void shut_explain(const struct settings *s, int error, const struct dualpipe_failure *why) {
    if (error == -EINVAL && why->advice && !why->position)
        say_error(why->step, why->subject, "%s", why->advice);
    else
        say_error(why->step, why->subject, "%s%s%s%s", strerror(-error), why->advice ? ": " : "",
                  why->advice ? why->advice : "",
                  why->position ? weaker_word(s, why->subject) : "");
}

/* What it goes without has to be known before it is trusted with anything. */
void shut_announce(const struct run *r) {
    struct dualpipe_layer all[LAYERS_MOST];
    int n;
    if (r->s->limits.sandbox != DUALPIPE_BEST_EFFORT || r->s->function)
        return;
    n = dualpipe_sandbox_check(&r->s->limits, all, LAYERS_MOST);
    for (int i = 0; i < n; i++) {
        if (all[i].error == 0)
            continue;
        say_error("sandbox goes without", all[i].name, "%s%s%s", strerror(-all[i].error),
                  all[i].cause ? ": " : "", all[i].cause ? all[i].cause : "");
        report_missing(r, all[i].name, strerror(-all[i].error));
    }
}

void shut_free(struct settings *s) {
    free(s->sandbox_read);
    free(s->sandbox_write);
    free(s->sandbox_user);
}
