/* workers.c: --hosts and --via: how each worker of a run is launched. */
#include "options/parser.h"
#include "options/hosts.h"
#include "util/log.h"
#include "options/launcher.h"
#include "util/shellwords.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Never asks for a password; finds out within a minute that a host has gone. */
static const char by_ssh[] = "ssh -o BatchMode=yes -o ConnectTimeout=10 -o ServerAliveInterval=15 "
                             "{host} -- {q}";

static int wrong_host(const char *value, int line, const char *why) {
    char place[256];
    if (line == 0)
        return option_wrong("hosts", value, why);
    snprintf(place, sizeof place, "%s:%d", value, line);
    return option_wrong("hosts", place, why);
}

static int read_hosts(struct parser *p) {
    struct settings *s = p->s;
    int line;
    const char *why = hosts_read(&s->hosts, p->hosts, &line);
    if (!why && p->workers_auto)
        return option_wrong("workers", "0", "how many processors a host has is not known here: "
                            "give a number");
    if (!why)
        why = hosts_deal(&s->hosts, s->workers);
    if (why)
        return wrong_host(p->hosts, line, why);
    s->workers = s->hosts.workers;
    return GO_ON;
}

/* NULL; or what is wrong with the words of the prefix. */
static const char *wrong_with(const struct parser *p, char *const *prefix) {
    if (!*prefix)
        return "it names no launcher";
    if (p->hosts && !via_names_host(prefix))
        return "{host} stands nowhere in it: all workers would be on one host";
    if (!p->hosts && via_names_host(prefix))
        return "{host} has no meaning without --hosts";
    return NULL;
}

/* The words that start each worker; NULL: no memory. */
static char ***launch_all(const struct settings *s, char *const *prefix) {
    char ***all = calloc((size_t)s->workers + 1, sizeof *all);
    for (int i = 0; all && i < s->workers; i++) {
        const struct host *host = hosts_of(&s->hosts, i);
        all[i] = via_launch(prefix, s->argv, host ? host->name : NULL, i + 1);
        if (!all[i]) {
            spread_free(all);
            return NULL;
        }
    }
    return all;
}

void spread_free(char ***launches) {
    for (int i = 0; launches && launches[i]; i++)
        free(launches[i]);
    free(launches);
}

int spread_workers(struct parser *p) {
    const char *via = p->via ? p->via : by_ssh, *why;
    char **words, ***all = NULL;
    int status, n;
    if (!p->hosts && !p->via)
        return GO_ON;
    if (p->s->function)
        return option_wrong(p->hosts ? "hosts" : "via", NULL, "a builtin runs in dualpipe itself "
                            "and can't be launched: leave out -b");
    if (p->hosts && (status = read_hosts(p)) != GO_ON)
        return status;
    if (!(words = words_split(via, strlen(via), &n, &why)))
        return option_wrong("via", via, why);
    why = wrong_with(p, words + 1);
    if (!why && !(all = launch_all(p->s, words + 1)))
        why = strerror(ENOMEM);
    free(words);
    p->s->launches = all;
    return why ? option_wrong("via", via, why) : GO_ON;
}
