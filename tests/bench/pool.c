/* Pools: the dispatchers dualpipe's is measured against, of lines and of frames, which keep the
 * order; and the workers they all ask. */
#define _GNU_SOURCE
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { MOST_WORKERS = 64, GRAINS = 4096, SKEW_EACH = 61, SKEW_TIMES = 64, FRAME = 262144 };

/* --- workers ----------------------------------------------------------------------------- */

static volatile uint64_t spun;

static void spin(unsigned long long times)
{
    uint64_t x = spun + 1;

    while (times-- > 0)
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
    spun = x;
}

/* How many turns take so many nanoseconds: the quickest of some tries. */
int verb_spins(char **argv)
{
    enum { TURNS = 1000000, TRIES = 20 };
    long long best = 0;

    for (int i = 0; i < TRIES; i++) {
        long long before = nanoseconds();
        spin(TURNS);
        before = nanoseconds() - before;
        best = best == 0 || before < best ? before : best;
    }
    printf("%llu\n", number(argv[0]) * TURNS / (unsigned long long)best);
    return 0;
}

/* Answers each line when so many turns are done; skewed: 64 times as many for each 61st number. */
int verb_work(char **argv)
{
    unsigned long long turns = number(argv[0]);
    bool skewed = argv[1] && strcmp(argv[1], "skewed") == 0;
    char line[64];

    while (fgets(line, sizeof line, stdin)) {
        spin(skewed && atol(line) % SKEW_EACH == 0 ? SKEW_TIMES * turns : turns);
        write_all(1, line, strlen(line));
    }
    return 0;
}

static size_t read_whole(int fd, char *bytes, size_t size)
{
    size_t got = 0;

    while (got < size) {
        ssize_t n = read(fd, bytes + got, size - got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            fail("read");
        if (n == 0)
            break;
        got += (size_t)n;
    }
    return got;
}

/* Frames of 256 KiB behind their length, each byte turned round. */
int verb_invert(char **argv)
{
    static unsigned char frame[4 + FRAME];

    (void)argv;
    while (read_whole(0, (char *)frame, sizeof frame) == sizeof frame) {
        for (size_t i = 4; i < sizeof frame; i++)
            frame[i] ^= 0xff;
        write_all(1, (char *)frame, sizeof frame);
    }
    return 0;
}

/* --- a pool ------------------------------------------------------------------------------ */

static struct worker {
    struct child child;
    unsigned under_way; /* lines, or frames */
    unsigned long first, end; /* of its own grains, in the ring */
    unsigned long grains[GRAINS];
    size_t sent; /* of a frame */
} workers[MOST_WORKERS];
static unsigned nworkers;

static void start_workers(const char *count, char **argv)
{
    nworkers = (unsigned)number(count);
    for (unsigned i = 0; i < nworkers; i++) {
        workers[i].child = exec_start(argv);
        set_nonblocking(workers[i].child.out);
    }
}

static int end_workers(void)
{
    int status = 0;

    for (unsigned i = 0; i < nworkers; i++)
        close(workers[i].child.in);
    for (unsigned i = 0; i < nworkers; i++)
        status |= child_wait(&workers[i].child);
    return status;
}

static const char *map_input(size_t *size)
{
    struct stat st;
    void *all;

    if (fstat(0, &st) < 0)
        fail("stdin");
    *size = (size_t)st.st_size;
    all = mmap(NULL, *size, PROT_READ, MAP_PRIVATE, 0, 0);
    if (all == MAP_FAILED)
        fail("mmap");
    return all;
}

static void await_output(void)
{
    struct pollfd fds[MOST_WORKERS];

    for (unsigned i = 0; i < nworkers; i++)
        fds[i] = (struct pollfd){.fd = workers[i].child.out, .events = POLLIN};
    while (poll(fds, nworkers, -1) < 0)
        if (errno != EINTR)
            fail("poll");
}

/* --- of lines ---------------------------------------------------------------------------- */

static struct grain {
    unsigned left; /* lines that are not answered */
    size_t size, room;
    char *replies;
} grains[GRAINS];
static unsigned long grains_given, grains_made;

static const char *skip_lines(const char *p, const char *end, unsigned most, unsigned *lines)
{
    const char *lf;

    for (*lines = 0; *lines < most && (lf = memchr(p, '\n', (size_t)(end - p))); ++*lines)
        p = lf + 1;
    return p;
}

static struct worker *least_loaded(unsigned most)
{
    struct worker *best = NULL;

    for (unsigned i = 0; i < nworkers; i++)
        if (workers[i].under_way <= most && (!best || workers[i].under_way < best->under_way))
            best = &workers[i];
    return best;
}

static const char *give_grains(const char *p, const char *end, unsigned window, unsigned lines)
{
    struct worker *w;

    while (p < end && grains_made - grains_given < GRAINS && (w = least_loaded(window - lines))) {
        struct grain *g = &grains[grains_made % GRAINS];
        const char *from = p;
        p = skip_lines(p, end, lines, &g->left);
        g->size = 0;
        w->grains[w->end++ % GRAINS] = grains_made++;
        w->under_way += g->left;
        write_all(w->child.in, from, (size_t)(p - from));
    }
    return p;
}

static void add_replies(struct worker *w, const char *p, const char *end)
{
    while (p < end) {
        struct grain *g = &grains[w->grains[w->first % GRAINS] % GRAINS];
        unsigned lines;
        const char *to = skip_lines(p, end, g->left, &lines);
        if (lines < g->left)
            to = end;
        if (g->room - g->size < (size_t)(to - p))
            g->replies = realloc(g->replies, g->room = 2 * (g->size + (size_t)(to - p)));
        memcpy(g->replies + g->size, p, (size_t)(to - p));
        g->size += (size_t)(to - p);
        g->left -= lines;
        w->under_way -= lines;
        w->first += g->left == 0;
        p = to;
    }
}

static void take_replies(void)
{
    static char bytes[BLOCK];

    for (unsigned i = 0; i < nworkers; i++) {
        ssize_t n = read(workers[i].child.out, bytes, sizeof bytes);
        if (n > 0)
            add_replies(&workers[i], bytes, bytes + n);
        else if (n == 0 || errno != EAGAIN)
            fail("a worker");
    }
}

static void write_replies(bool last)
{
    static char out[BLOCK];
    static size_t size;

    for (; grains_given < grains_made && grains[grains_given % GRAINS].left == 0; grains_given++) {
        struct grain *g = &grains[grains_given % GRAINS];
        if (size + g->size > sizeof out) {
            write_all(1, out, size);
            size = 0;
        }
        memcpy(out + size, g->replies, g->size);
        size += g->size;
    }
    if (last)
        write_all(1, out, size);
}

/* WORKERS WINDOW GRAIN NAP: in microseconds, before each look at the workers. */
int verb_pool(char **argv)
{
    unsigned window = (unsigned)number(argv[1]), lines = (unsigned)number(argv[2]);
    struct timespec nap = {.tv_nsec = (long)number(argv[3]) * 1000};
    size_t size;
    const char *p = map_input(&size), *end = p + size;

    start_workers(argv[0], argv + 4);
    while (p = give_grains(p, end, window, lines), grains_given < grains_made) {
        if (nap.tv_nsec > 0)
            nanosleep(&nap, NULL);
        await_output();
        take_replies();
        write_replies(false);
    }
    write_replies(true);
    return end_workers();
}

/* --- of frames --------------------------------------------------------------------------- */

enum { SLOTS = 2, WHOLE = 4 + FRAME };

static struct slot {
    char bytes[WHOLE];
    size_t got;
} slots[MOST_WORKERS][SLOTS];

/* In turn: frame i goes to worker i % n, and is copied in and out. */
static bool give_frame(struct worker *w)
{
    static char frame[MOST_WORKERS][WHOLE];
    char *mine = frame[w - workers];
    ssize_t n;

    if (w->sent == 0 && read_whole(0, mine, WHOLE) != WHOLE)
        return false;
    while (w->sent < WHOLE && (n = write(w->child.in, mine + w->sent, WHOLE - w->sent)) > 0)
        w->sent += (size_t)n;
    if (w->sent == WHOLE)
        w->end++;
    return true;
}

static void take_frames(struct worker *w)
{
    ssize_t n = 1;

    while (w->under_way < SLOTS && n > 0) {
        struct slot *s = &slots[w - workers][w->first % SLOTS];
        n = read(w->child.out, s->bytes + s->got, WHOLE - s->got);
        s->got += n > 0 ? (size_t)n : 0;
        if (s->got < WHOLE)
            continue;
        w->first++;
        w->under_way++; /* here: that wait for their turn */
    }
}

static void await_frames(void)
{
    struct pollfd fds[2 * MOST_WORKERS];

    for (unsigned i = 0; i < nworkers; i++) {
        struct worker *w = &workers[i];
        bool sends = w->sent > 0 && w->sent < WHOLE;
        fds[2 * i] = (struct pollfd){.fd = w->under_way < SLOTS ? w->child.out : -1,
                                     .events = POLLIN};
        fds[2 * i + 1] = (struct pollfd){.fd = sends ? w->child.in : -1, .events = POLLOUT};
    }
    while (poll(fds, 2 * nworkers, -1) < 0)
        if (errno != EINTR)
            fail("poll");
}

/* WORKERS: the C copying pool. */
int verb_pool_frames(char **argv)
{
    unsigned long in = 0, out = 0;
    unsigned long written[MOST_WORKERS] = {0};
    bool more = true;

    start_workers(argv[0], argv + 1);
    for (unsigned i = 0; i < nworkers; i++) {
        set_nonblocking(workers[i].child.in);
        fcntl(workers[i].child.in, F_SETPIPE_SZ, 1 << 20);
        fcntl(workers[i].child.out, F_SETPIPE_SZ, 1 << 20);
    }
    while (more || out < in) {
        for (struct worker *w; w = &workers[in % nworkers], more; in++) {
            if (w->sent == 0 && w->end - written[in % nworkers] >= SLOTS + 1)
                break;
            more = give_frame(w);
            if (!more || w->sent < WHOLE)
                break;
            w->sent = 0;
        }
        for (unsigned i = 0; i < nworkers; i++)
            take_frames(&workers[i]);
        for (struct worker *w; w = &workers[out % nworkers], w->under_way > 0; out++) {
            unsigned long *done = &written[out % nworkers];
            struct slot *s = &slots[out % nworkers][*done % SLOTS];
            write_all(1, s->bytes, WHOLE);
            s->got = 0;
            ++*done;
            w->under_way--;
        }
        if (more || out < in)
            await_frames();
    }
    return end_workers();
}
