/* sandbox_report.c: reports which protections of a sandbox are missing, and what to do. The names
 * of the protections are those of dualpipe_sandbox_check. */
#include "run/sandbox_report.h"
#include "run/status_report.h"
#include "util/log.h"
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

enum { MAX_LAYERS = 16 }; /* dualpipe_sandbox_check has no more */

/* Whether --sandbox=no-ns leaves out this protection. */
static bool needs_namespaces(const char *layer) {
    static const char *const names[] = {"user namespace", "identity", "mounts", "/proc",
                                        "capabilities"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], layer) == 0)
            return true;
    return false;
}

/* The words of --sandbox that would run without this protection, to be appended to a message. no-ns
 * is not for root. */
static const char *suggest_weaker_sandbox(const struct settings *s, const char *layer) {
    if (s->limits.sandbox == DUALPIPE_SANDBOX_BEST_EFFORT)
        return "";
    if (!needs_namespaces(layer))
        return ": --sandbox=best-effort goes on without";
    return geteuid() == 0 ? ": another user than root may ask for --sandbox=no-ns"
                          : ": --sandbox=no-ns goes without namespaces";
}

void sandbox_report_failure(const struct settings *s, int error, const struct dualpipe_error *why) {
    /* offset is the number of the layer that failed; with 0 the option itself is wrong */
    if (error == -EINVAL && why->hint && !why->offset)
        log_error(why->operation, why->object, "%s", why->hint);
    else
        log_error(why->operation, why->object, "%s%s%s%s", strerror(-error), why->hint ? ": " : "",
                  why->hint ? why->hint : "",
                  why->offset ? suggest_weaker_sandbox(s, why->object) : "");
}

/* The user has to know what is missing before a child is trusted with anything. */
void sandbox_report_missing(struct run *r) {
    struct dualpipe_sandbox_layer layers[MAX_LAYERS];
    int n;
    if (r->s->limits.sandbox != DUALPIPE_SANDBOX_BEST_EFFORT || r->s->function)
        return;
    n = dualpipe_sandbox_check(&r->s->limits, layers, MAX_LAYERS);
    for (int i = 0; i < n; i++) {
        if (layers[i].error == 0)
            continue;
        log_error("sandbox goes without", layers[i].name, "%s%s%s", strerror(-layers[i].error),
                  layers[i].cause ? ": " : "", layers[i].cause ? layers[i].cause : "");
        status_report_missing_layer(r, layers[i].name, strerror(-layers[i].error));
    }
}
