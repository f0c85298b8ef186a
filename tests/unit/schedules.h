/* schedules.h: random schedules, for the tests of any room. A generator whose numbers a seed
 * repeats, and the run of many schedules in several processes, because most of their time is spent
 * waiting.
 *
 * DUALPIPE_TIMES sets the number of schedules; DUALPIPE_SEED repeats the one that failed. */
#ifndef SCHEDULES_H
#define SCHEDULES_H
#include "harness.h"
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>

static unsigned seed = 1;
static inline int pick(int below) {
    seed = seed * 1103515245 + 12345;
    return (int)((seed >> 8) % (unsigned)below);
}
static inline bool toss(int one_in) {
    return pick(one_in) == 0;
}

/* What one process has done, in shared memory; the test gives the two counts their meaning. */
struct tally {
    long tried, counts[2];
    char words[4000]; /* about the schedule that failed */
};

/* Whether one schedule alone is repeated. */
static inline bool schedules_repeat(void) {
    return getenv("DUALPIPE_SEED") != NULL;
}

/* Waits for the processes. As long as they try schedules, the alarm is put off. */
static inline bool schedules_wait(const struct tally *all, int parts) {
    long seen = 0;
    bool good = true;
    for (;;) {
        int status;
        long tried = 0;
        pid_t pid = waitpid(-1, &status, WNOHANG);
        if (pid < 0)
            return good;
        if (pid > 0) {
            good &= status == 0;
            continue;
        }
        for (int i = 0; i < parts; i++)
            tried += all[i].tried;
        if (tried > seen)
            harness_alarm();
        seen = tried;
        poll(NULL, 0, 10);
    }
}

/* Has run_part(n, tally) called in so many processes, each from a seed of its own, for n schedules
 * in all or as many as DUALPIPE_TIMES says. Adds up their tallies in *sum; sum->words is not set.
 * Returns the tallies; *good: all have returned true. */
static inline struct tally *schedules_run(int parts, long n, bool (*run_part)(long, struct tally *),
                                          struct tally *sum, bool *good) {
    const char *times = getenv("DUALPIPE_TIMES"), *first = getenv("DUALPIPE_SEED");
    struct tally *all = mmap(NULL, (size_t)parts * sizeof *all, PROT_READ | PROT_WRITE,
                             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    n = times ? atol(times) : n;
    seed = first ? (unsigned)strtoul(first, NULL, 10) : (unsigned)now_ms();
    for (int i = 0; i < (first ? 1 : parts); i++, seed += 1000003)
        if (fork() == 0)
            _exit(!run_part(first ? times ? n : 1 : n / parts, &all[i]));
    *good = schedules_wait(all, parts);
    *sum = (struct tally){0};
    for (int i = 0; i < parts; i++) {
        sum->tried += all[i].tried;
        sum->counts[0] += all[i].counts[0];
        sum->counts[1] += all[i].counts[1];
    }
    return all;
}

static inline void schedules_print(const struct tally *all, int parts) {
    for (int i = 0; i < parts; i++)
        printf("%s", all[i].words);
}
#endif
