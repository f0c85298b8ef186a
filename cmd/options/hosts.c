/* hosts.c: the value of --hosts, or the lines of its file: which hosts, how many workers on
 * each. */
#include "options/hosts.h"
#include "util/units.h"
#include "util/read_all.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_FILE = 1 << 20 };

/* --- one of them ------------------------------------------------------------------------- */

/* No name of a host, and no option either, which ssh would take it for. */
static const char *wrong_with(const char *name) {
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

/* Takes the brackets off user@[ADDRESS]; what stands behind them, NULL: they are not closed. */
static char *open_brackets(char *open) {
    char *close = strchr(open, ']'), *behind = close ? close + 1 : NULL;
    if (!close || (*behind && *behind != ':'))
        return NULL;
    memmove(open, open + 1, (size_t)(close - open - 1));
    close[-1] = 0;
    return behind;
}

/* HOST[:N] is taken apart where it stands. */
static const char *read_host(struct host *h, char *text) {
    char *at = strrchr(text, '@'), *name = at ? at + 1 : text, *count;
    long n = 0;
    *h = (struct host){.name = text};
    if (*name == '[') {
        if (!(count = open_brackets(name)))
            return "[ADDRESS] or [ADDRESS]:N is meant";
        count = *count ? count : NULL;
    } else if ((count = strchr(name, ':')) && strchr(count + 1, ':')) {
        return "an address with colons goes in brackets: [::1]:4";
    }
    if (count) {
        *count++ = 0;
        if (parse_number(count, 1, MOST_ON_ALL, &n))
            return "behind the host's : a number of workers from 1 to 4096 is meant";
    }
    h->workers = (int)n;
    return wrong_with(text);
}

/* --- all of them ------------------------------------------------------------------------- */

static size_t count_parts(const char *text, char by) {
    size_t n = 1;
    while ((text = strchr(text, by))) {
        text++;
        n++;
    }
    return n;
}

static const char *make_room(struct hosts *h, char by) {
    h->all = calloc(count_parts(h->text, by), sizeof *h->all);
    return h->all ? NULL : strerror(ENOMEM);
}

static const char *read_list(struct hosts *h) {
    const char *why = make_room(h, ',');
    for (char *at = h->text, *next; !why && at; at = next) {
        if ((next = strchr(at, ',')))
            *next++ = 0;
        why = read_host(&h->all[h->n++], at);
    }
    return why;
}

static char *trim(char *line) {
    size_t n = strcspn(line, "#");
    line[n] = 0;
    while (n > 0 && strchr(" \t\r", line[n - 1]))
        line[--n] = 0;
    return line + strspn(line, " \t");
}

static const char *read_lines(struct hosts *h, int *number) {
    const char *why = make_room(h, '\n');
    for (char *at = h->text, *next; !why && at; at = next) {
        if ((next = strchr(at, '\n')))
            *next++ = 0;
        ++*number;
        at = trim(at);
        if (*at)
            why = read_host(&h->all[h->n++], at);
    }
    if (!why) {
        *number = 0;
        why = h->n > 0 ? NULL : "it names no host";
    }
    return why;
}

/* A file as a string. */
static const char *read_file(const char *path, char **text) {
    int fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -errno : -ENOMEM;
    if (fd >= 0 && (*text = malloc(LONGEST_FILE + 1)))
        n = whole_read(fd, *text, LONGEST_FILE + 1);
    if (fd >= 0)
        close(fd);
    if (n < 0)
        return strerror((int)-n);
    if (n > LONGEST_FILE)
        return "it is too long for a list of hosts";
    (*text)[n] = 0;
    return strlen(*text) < (size_t)n ? "it holds a NUL byte" : NULL;
}

const char *hosts_read(struct hosts *h, const char *value, int *line) {
    const char *why = NULL;
    *h = (struct hosts){0};
    *line = 0;
    if (strchr(value, '/'))
        return (why = read_file(value, &h->text)) ? why : read_lines(h, line);
    h->text = strdup(value);
    return h->text ? read_list(h) : strerror(ENOMEM);
}

/* --- their workers ----------------------------------------------------------------------- */

const char *hosts_deal(struct hosts *h, int by_default) {
    int total = 0;
    for (int i = 0; i < h->n; i++) {
        struct host *host = &h->all[i];
        host->left = host->workers = host->workers ? host->workers : by_default;
        if ((total += host->workers) > MOST_ON_ALL)
            return "4096 workers in all are the most";
    }
    if (!(h->of = calloc((size_t)total, sizeof *h->of)))
        return strerror(ENOMEM);
    for (int round = 0; h->workers < total; round++)
        for (int i = 0; i < h->n; i++)
            if (round < h->all[i].workers)
                h->of[h->workers++] = i;
    return NULL;
}

struct host *hosts_of(const struct hosts *h, int worker) {
    return worker < h->workers ? &h->all[h->of[worker]] : NULL;
}

void hosts_free(struct hosts *h) {
    free(h->all);
    free(h->of);
    free(h->text);
}
