/* workers.c: --hosts and --via: the command line that starts each worker. The hosts come from
 * hosts.c, the launcher prefix from --via (or is ssh), and launcher.c puts prefix, host and command
 * together. Each worker then has its own argument vector in settings.worker_argvs; without these
 * options that is NULL, and settings.argv starts every worker. */
#include "options/workers.h"
#include "options/hosts.h"
#include "options/launcher.h"
#include "options/option_error.h"
#include "util/shellwords.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The launcher without --via: ssh must not ask for a password, and has to notice within a minute
 * that a host has gone. */
static const char ssh_prefix[] = "ssh -o BatchMode=yes -o ConnectTimeout=10 "
                                 "-o ServerAliveInterval=15 {host} -- {q}";

/* line: of the file of hosts; 0: the value itself is wrong. */
static int report_hosts_error(const char *value, int line, const char *why) {
    char place[256];
    if (line == 0)
        return option_error("hosts", value, why);
    snprintf(place, sizeof place, "%s:%d", value, line);
    return option_error("hosts", place, why);
}

/* Whether the value, which has no slash and so is taken as the name of one host, is rather that of
 * a file of hosts. */
static bool looks_like_file(const char *value) {
    struct stat st;
    return !strpbrk(value, "/,:") && stat(value, &st) == 0 && S_ISREG(st.st_mode);
}

static int report_file_as_host(const char *value) {
    char reason[300];
    snprintf(reason, sizeof reason,
             "a file has that name: write ./%.100s for the hosts it lists, %.100s:1 for a host",
             value, value);
    return option_error("hosts", value, reason);
}

/* Reads --hosts; the number of workers is then that of all hosts together. */
static int read_hosts(struct parser *p) {
    struct settings *s = p->s;
    const char *why;
    int line;
    if (looks_like_file(p->hosts_value))
        return report_file_as_host(p->hosts_value);
    why = hosts_parse(&s->hosts, p->hosts_value, &line);
    if (!why && p->workers_auto)
        return option_error("workers", "0",
                            "how many processors a host has is not known here: give a number");
    if (!why)
        why = hosts_assign_workers(&s->hosts, s->workers);
    if (why)
        return report_hosts_error(p->hosts_value, line, why);
    s->workers = s->hosts.workers;
    return PARSE_CONTINUE;
}

/* Returns NULL, or what is wrong with the words of the prefix. */
static const char *check_prefix(const struct parser *p, char *const *prefix) {
    if (!*prefix)
        return "it names no launcher";
    if (**prefix == '-')
        return "a launcher doesn't begin with -: it looks like an option";
    if (launcher_misplaces_command(prefix))
        return "{} stands for the command only as a word of its own: within a word, or quotes, "
               "write {q}";
    if (p->hosts_value && !launcher_uses_host(prefix))
        return "{host} stands nowhere in it: all workers would be on one host";
    if (!p->hosts_value && launcher_uses_host(prefix))
        return "{host} has no meaning without --hosts";
    return NULL;
}

/* Returns the argument vectors of all workers, NULL-terminated; NULL if there is no memory. */
static char ***build_worker_argvs(const struct settings *s, char *const *prefix) {
    char ***argvs = calloc((size_t)s->workers + 1, sizeof *argvs);
    for (int i = 0; argvs && i < s->workers; i++) {
        const struct host *host = hosts_for_worker(&s->hosts, i);
        argvs[i] = launcher_build_argv(prefix, s->argv, host ? host->name : NULL, i + 1);
        if (!argvs[i]) {
            workers_free(argvs);
            return NULL;
        }
    }
    return argvs;
}

void workers_free(char ***argvs) {
    for (int i = 0; argvs && argvs[i]; i++)
        free(argvs[i]);
    free(argvs);
}

int workers_plan(struct parser *p) {
    const char *prefix = p->via_value ? p->via_value : ssh_prefix, *why;
    char **prefix_words, ***argvs = NULL;
    int status, n;
    if (!p->hosts_value && !p->via_value)
        return PARSE_CONTINUE;
    if (p->s->function)
        return option_error(p->hosts_value ? "hosts" : "via", NULL,
                            "a builtin runs in dualpipe itself and can't be launched: leave out "
                            "-b");
    if (p->hosts_value && (status = read_hosts(p)) != PARSE_CONTINUE)
        return status;
    if (!(prefix_words = shellwords_split(prefix, strlen(prefix), &n, &why)))
        return option_error("via", prefix, why);
    why = check_prefix(p, prefix_words + 1);
    if (!why && !(argvs = build_worker_argvs(p->s, prefix_words + 1)))
        why = strerror(ENOMEM);
    free(prefix_words);
    p->s->worker_argvs = argvs;
    return why ? option_error("via", prefix, why) : PARSE_CONTINUE;
}
