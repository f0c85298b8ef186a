/* hosts.c: --hosts: the hosts that workers run on, and which worker runs on which host.
 *
 * The value, or the file that it names, is copied into hosts.text and taken apart there: each name
 * is a string within it. A host is [USER@]HOST[:N], with an IPv6 address in brackets. Its name
 * becomes an argument of ssh, so it must not look like an option or hold blanks.
 *
 * Workers are numbered round the hosts: with a:2,b:1 they are on a, b, a. The pool starts workers
 * as it needs them, beginning with low numbers, so a few requests reach many hosts. */
#include "options/hosts.h"
#include "util/read_all.h"
#include "util/units.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FILE_SIZE = 1 << 20 }; /* bytes of a list of hosts */

/* --- one host ---------------------------------------------------------------------------- */

/* Returns NULL, or why the name can't be a host's. */
static const char *check_host_name(const char *name) {
    const char *at = strrchr(name, '@');
    const char *host = at ? at + 1 : name;
    if (*host == 0 || at == name)
        return "a host has no name";
    if (*name == '-' || *host == '-')
        return "a host does not begin with -: it would be taken for an option";
    for (const char *p = name; *p; p++)
        if ((unsigned char)*p <= ' ' || *p == 127 || *p == ',')
            return "a host's name holds no blank, comma or control character";
    return NULL;
}

/* Removes the brackets of [ADDRESS] in place; open points at the first one. Returns what follows
 * the second one, an empty string or ":N"; NULL if it is missing, or something else follows. */
static char *strip_brackets(char *open) {
    char *close = strchr(open, ']'), *rest = close ? close + 1 : NULL;
    if (!close || (*rest && *rest != ':'))
        return NULL;
    memmove(open, open + 1, (size_t)(close - open - 1));
    close[-1] = 0;
    return rest;
}

/* Parses HOST[:N] in place; h->name points into text. Returns NULL, or what is wrong. */
static const char *parse_host(struct host *h, char *text) {
    char *at = strrchr(text, '@'), *name = at ? at + 1 : text, *count;
    long n = 0;
    *h = (struct host){.name = text};
    if (*name == '[') {
        if (!(count = strip_brackets(name)))
            return "[ADDRESS] or [ADDRESS]:N is meant";
        count = *count ? count : NULL;
    } else if ((count = strchr(name, ':')) && strchr(count + 1, ':')) {
        return "an address with colons goes in brackets: [::1]:4";
    }
    if (count) {
        *count++ = 0;
        if (units_parse_number(count, 1, HOSTS_WORKERS_MAX, &n))
            return "behind the host's : a number of workers from 1 to 4096 is meant";
    }
    h->workers = (int)n;
    return check_host_name(text);
}

/* --- the list ---------------------------------------------------------------------------- */

/* The parsers below return NULL, or what is wrong. */

static size_t count_parts(const char *text, char separator) {
    size_t n = 1;
    while ((text = strchr(text, separator))) {
        text++;
        n++;
    }
    return n;
}

static const char *alloc_hosts(struct hosts *h, char separator) {
    h->all = calloc(count_parts(h->text, separator), sizeof *h->all);
    return h->all ? NULL : strerror(ENOMEM);
}

static const char *parse_list(struct hosts *h) {
    const char *why = alloc_hosts(h, ',');
    for (char *at = h->text, *next; !why && at; at = next) {
        if ((next = strchr(at, ',')))
            *next++ = 0;
        why = parse_host(&h->all[h->count++], at);
    }
    return why;
}

/* Cuts off a comment, from #, and blanks at both ends. */
static char *trim_line(char *line) {
    size_t n = strcspn(line, "#");
    line[n] = 0;
    while (n > 0 && strchr(" \t\r", line[n - 1]))
        line[--n] = 0;
    return line + strspn(line, " \t");
}

/* *line: the line of the error; 0 again if none is to blame. */
static const char *parse_lines(struct hosts *h, int *line) {
    const char *why = alloc_hosts(h, '\n');
    for (char *at = h->text, *next; !why && at; at = next) {
        if ((next = strchr(at, '\n')))
            *next++ = 0;
        ++*line;
        at = trim_line(at);
        if (*at)
            why = parse_host(&h->all[h->count++], at);
    }
    if (!why) {
        *line = 0;
        why = h->count > 0 ? NULL : "it names no host";
    }
    return why;
}

/* Reads a file as a string, which must not hold a NUL. */
static const char *read_hosts_file(const char *path, char **text) {
    int fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -errno : -ENOMEM;
    if (fd >= 0 && (*text = malloc(MAX_FILE_SIZE + 1)))
        n = read_all(fd, *text, MAX_FILE_SIZE + 1);
    if (fd >= 0)
        close(fd);
    if (n < 0)
        return strerror((int)-n);
    if (n > MAX_FILE_SIZE)
        return "it is too long for a list of hosts";
    (*text)[n] = 0;
    return strlen(*text) < (size_t)n ? "it holds a NUL byte" : NULL;
}

const char *hosts_parse(struct hosts *h, const char *value, int *line) {
    const char *why = NULL;
    *h = (struct hosts){0};
    *line = 0;
    if (strchr(value, '/'))
        return (why = read_hosts_file(value, &h->text)) ? why : parse_lines(h, line);
    h->text = strdup(value);
    return h->text ? parse_list(h) : strerror(ENOMEM);
}

/* --- the workers ------------------------------------------------------------------------- */

const char *hosts_assign_workers(struct hosts *h, int default_workers) {
    int total = 0;
    for (int i = 0; i < h->count; i++) {
        struct host *host = &h->all[i];
        host->workers_left = host->workers = host->workers ? host->workers : default_workers;
        if ((total += host->workers) > HOSTS_WORKERS_MAX)
            return "4096 workers in all are the most";
    }
    if (!(h->worker_hosts = calloc((size_t)total, sizeof *h->worker_hosts)))
        return strerror(ENOMEM);
    for (int round = 0; h->workers < total; round++)
        for (int i = 0; i < h->count; i++)
            if (round < h->all[i].workers)
                h->worker_hosts[h->workers++] = i;
    return NULL;
}

struct host *hosts_for_worker(const struct hosts *h, int worker) {
    return worker < h->workers ? &h->all[h->worker_hosts[worker]] : NULL;
}

void hosts_free(struct hosts *h) {
    free(h->all);
    free(h->worker_hosts);
    free(h->text);
}
