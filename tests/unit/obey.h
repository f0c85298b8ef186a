/* obey.h: a child that does what each request tells it to, in order or badly, and notes in memory
 * that it shares with the test which requests it has read and which replies it has begun. */
#ifndef OBEY_H
#define OBEY_H
#include "dualpipe.h"
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* A request is "NUMBER [word]...", a reply so many lines "NUMBER line", the last "NUMBER end".
 *   n3  three lines            d5  5 ms before the first
 *   k2  in two pieces          s   and a line that nobody asked for
 *   q   no reply               e   its number on stderr, before the reply
 *   b   it dies before the reply, m amid it, a after it; B, M: the first time only
 * A line "F text" is answered by "text" alone: a fence. */
enum { MOST_ORDERS = 64, ORDER_SIZE = 64, REPLY_SIZE = 256 };

struct notes {
    int asked[MOST_ORDERS], begun[MOST_ORDERS];
    int twice; /* requests that were asked again though their reply had begun */
};

struct order {
    int id, lines, delay, pieces;
    bool stray, silent, err, once;
    char dies; /* b, m, a, or 0 */
};

static inline struct notes *share_notes(void) {
    void *p = mmap(NULL, sizeof(struct notes), PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

static inline size_t order_write(const struct order *o, char *out) {
    int n = snprintf(out, ORDER_SIZE, "%d n%d d%d k%d%s%s%s", o->id, o->lines, o->delay, o->pieces,
                     o->stray ? " s" : "", o->silent ? " q" : "", o->err ? " e" : "");
    if (o->dies)
        n += snprintf(out + n, ORDER_SIZE - (size_t)n, " %c",
                      o->once ? o->dies - 'a' + 'A' : o->dies);
    out[n++] = '\n';
    return (size_t)n;
}

static inline struct order order_read(const char *line) {
    struct order o = {.id = atoi(line), .lines = 1, .pieces = 1};
    while ((line = strchr(line, ' '))) {
        int value = atoi(++line + 1);
        switch (*line) {
        case 'n': o.lines = value; break;
        case 'd': o.delay = value; break;
        case 'k': o.pieces = value; break;
        case 's': o.stray = true; break;
        case 'q': o.silent = true; break;
        case 'e': o.err = true; break;
        case 'B': case 'M': o.once = true; o.dies = (char)(*line - 'A' + 'a'); break;
        default: o.dies = *line; break;
        }
    }
    return o;
}

/* What is its reply; the size. out holds REPLY_SIZE. */
static inline size_t order_reply(const struct order *o, char *out) {
    size_t n = 0;
    for (int i = 1; i < o->lines; i++)
        n += (size_t)snprintf(out + n, REPLY_SIZE - n, "%d line\n", o->id);
    return n + (size_t)snprintf(out + n, REPLY_SIZE - n, "%d end\n", o->id);
}

static inline void obey_write(int fd, const char *p, size_t n) {
    while (n > 0) {
        ssize_t r = write(fd, p, n);
        if (r <= 0)
            _exit(4);
        p += r;
        n -= (size_t)r;
    }
}

static inline void obey_reply(const struct order *o) {
    char text[REPLY_SIZE + 32];
    size_t n = order_reply(o, text), from = 0;
    if (o->dies == 'm') {
        obey_write(1, text, n / 2);
        _exit(3);
    }
    for (int i = 1; i < o->pieces; i++, poll(NULL, 0, 1)) {
        size_t to = n * (size_t)i / (size_t)o->pieces;
        obey_write(1, text + from, to - from);
        from = to;
    }
    if (o->stray) /* at once, or it might come when the next request is under way */
        n += (size_t)snprintf(text + n, 32, "stray\n");
    obey_write(1, text + from, n - from);
}

static inline void obey_one(struct order o, struct notes *notes) {
    int again = notes->asked[o.id]++;
    char text[32];
    notes->twice += notes->begun[o.id] > 0;
    if (o.once && again > 0)
        o.dies = 0;
    if (o.delay > 0)
        poll(NULL, 0, o.delay);
    if (o.err)
        obey_write(2, text, (size_t)snprintf(text, sizeof text, "%d\n", o.id));
    if (o.dies == 'b')
        _exit(3);
    if (!o.silent) {
        notes->begun[o.id]++;
        obey_reply(&o);
    }
    if (o.dies == 'a')
        _exit(3);
}

/* data: struct notes. */
static inline int obey(int argc, char **argv, void *data) {
    char line[256];
    (void)argc, (void)argv;
    while (fgets(line, sizeof line, stdin)) {
        if (strncmp(line, "F ", 2) == 0)
            obey_write(1, line + 2, strlen(line + 2));
        else
            obey_one(order_read(line), data);
    }
    return 0;
}
#endif
