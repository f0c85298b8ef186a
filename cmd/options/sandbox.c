/* sandbox.c: --sandbox: reads the option and checks it against the others.
 *
 * The value is a list of words separated by commas, and the option may be given several times: the
 * last of strict, no-ns and best-effort decides, paths add up. The lists of paths and the user are
 * owned by the settings; settings.limits points at them, and goes to the library as it is.
 *
 * "check" runs nothing: it prints which protections this machine offers, tried by the library in
 * processes that do nothing else. What is missing at the start of a run is reported by
 * run/sandbox_report.c. */
#include "options/sandbox.h"
#include "builtins/builtins.h"
#include "options/option_error.h"
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_LAYERS = 16 }; /* dualpipe_sandbox_check has no more */

/* --- reading the words ------------------------------------------------------------------- */

static int sandbox_option_error(const char *value, const char *reason) {
    return option_error("sandbox", value, reason);
}

/* Adds a path of n bytes to a NULL-terminated list. The list with its paths is one allocation,
 * which is replaced by a longer one. */
static int add_path(char ***list, const char *path, size_t n) {
    size_t count = 0, size = n + 1;
    char **grown, *at;
    for (; *list && (*list)[count]; count++)
        size += strlen((*list)[count]) + 1;
    if (!(grown = malloc((count + 2) * sizeof *grown + size)))
        return sandbox_option_error(path, strerror(ENOMEM));
    at = (char *)(grown + count + 2);
    for (size_t i = 0; i < count; i++) {
        grown[i] = at;
        at = stpcpy(at, (*list)[i]) + 1;
    }
    snprintf(at, n + 1, "%s", path);
    grown[count] = at;
    grown[count + 1] = NULL;
    free(*list);
    *list = grown;
    return PARSE_CONTINUE;
}

/* Sets the user that the child runs as. The library takes numbers only, so that a name is looked up
 * here. */
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
        return sandbox_option_error(user, "there is no such user");
    }
    s->limits.user = user;
    return user ? PARSE_CONTINUE : sandbox_option_error(NULL, strerror(ENOMEM));
}

static bool word_is(const char *word, size_t n, const char *other) {
    return strlen(other) == n && strncmp(word, other, n) == 0;
}

/* *check is set if the word is check. */
static int apply_word(struct settings *s, const char *word, size_t n, bool *check) {
    static const char reason[] = "strict, no-ns, best-effort, read=PATH, write=PATH, user=NAME or "
                                 "check is meant";
    if (word_is(word, n, "strict"))
        s->limits.sandbox = DUALPIPE_SANDBOX_STRICT;
    else if (word_is(word, n, "no-ns"))
        s->limits.sandbox = DUALPIPE_SANDBOX_NO_NAMESPACES;
    else if (word_is(word, n, "best-effort"))
        s->limits.sandbox = DUALPIPE_SANDBOX_BEST_EFFORT;
    else if (word_is(word, n, "check"))
        *check = true;
    else if (n > 5 && strncmp(word, "read=", 5) == 0)
        return add_path(&s->sandbox_read_paths, word + 5, n - 5);
    else if (n > 6 && strncmp(word, "write=", 6) == 0)
        return add_path(&s->sandbox_write_paths, word + 6, n - 6);
    else if (n > 5 && strncmp(word, "user=", 5) == 0)
        return set_user(s, word + 5, n - 5);
    else
        return sandbox_option_error(word, reason);
    return PARSE_CONTINUE;
}

/* --- check ------------------------------------------------------------------------------- */

/* Returns whether the layer is missing. */
static int print_layer(const struct dualpipe_sandbox_layer *l) {
    if (l->error)
        printf("%-18s missing  %s%s%s\n", l->name, strerror(-l->error), l->cause ? ": " : "",
               l->cause ? l->cause : "");
    else if (l->version > 0)
        printf("%-18s ok       ABI %d\n", l->name, l->version);
    else
        printf("%-18s ok\n", l->name);
    return l->error != 0;
}

/* Prints all layers of a strict sandbox. Returns the status to end with: 0 if none is missing. */
static int print_layers(const struct settings *s) {
    struct dualpipe_limits strict = s->limits;
    struct dualpipe_sandbox_layer layers[MAX_LAYERS];
    int n, missing = 0;
    strict.sandbox = DUALPIPE_SANDBOX_STRICT;
    n = dualpipe_sandbox_check(&strict, layers, MAX_LAYERS);
    if (n < 0)
        return sandbox_option_error(NULL, strerror(-n));
    for (int i = 0; i < n; i++)
        missing += print_layer(&layers[i]);
    return missing ? PARSE_FAILED : 0;
}

/* --- the option -------------------------------------------------------------------------- */

int sandbox_parse(struct settings *s, const char *words) {
    bool check = false;
    if (!s->limits.sandbox)
        s->limits.sandbox = DUALPIPE_SANDBOX_STRICT;
    for (const char *word = words;; word++) {
        size_t n = strcspn(word, ",");
        int status = apply_word(s, word, n, &check);
        if (status != PARSE_CONTINUE)
            return status;
        word += n;
        if (*word == 0)
            break;
    }
    s->limits.read = (const char *const *)s->sandbox_read_paths;
    s->limits.write = (const char *const *)s->sandbox_write_paths;
    return check ? print_layers(s) : PARSE_CONTINUE;
}

int sandbox_check(struct settings *s) {
    if (!s->limits.sandbox)
        return PARSE_CONTINUE;
    dualpipe_sandbox_limits(&s->limits);
    if (s->foreground)
        return option_error("foreground", NULL, "a sandbox has a session of its own");
    if (s->worker_argvs)
        return sandbox_option_error(NULL, "it would hold what launches the command, not the "
                                          "command: give it there, as in --via='... dualpipe "
                                          "--sandbox'");
    if (s->function && !builtins_help(s->argv[0]))
        return sandbox_option_error(s->argv[0], "a function is loaded in the child, which may open "
                                                "nothing: make a command of it");
    if (settings_has_given(s, OPT_STDERR) &&
        (s->stderr_mode == DUALPIPE_STDERR_INHERIT ||
         (s->stderr_mode == DUALPIPE_STDERR_FD && strcmp(s->stderr_file, "/dev/null") != 0)))
        return option_error("stderr", s->stderr_file, "no descriptor of ours is given to a "
                                                      "sandbox: relay it, and redirect our own");
    return PARSE_CONTINUE;
}

void sandbox_free(struct settings *s) {
    free(s->sandbox_read_paths);
    free(s->sandbox_write_paths);
    free(s->sandbox_user);
}
