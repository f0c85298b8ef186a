/* The limits dualpipe is measured against, and the children, sources and meters of the benchmark:
 * one program with verbs. Called as `child` it copies its input, as cat does. */
#include "bench.h"

#include <stdio.h>
#include <string.h>

static const struct verb {
    const char *name;
    int (*run)(char **argv);
    const char *usage;
} verbs[] = {
    {"lockstep", verb_lockstep, "COMMAND...: each line of stdin asked, blocking reads"},
    {"lockstep-poll", verb_lockstep_poll, "COMMAND...: the same, poll before each read"},
    {"lockstep-yield", verb_lockstep_yield, "COMMAND...: the same, yield and retry, then poll"},
    {"window", verb_window, "N COMMAND...: each line asked, up to N under way"},
    {"echoline", verb_echoline, "[REPORT]: answers each line; counts reads of several"},
    {"client", verb_client, "TRIPS COMMAND...: round trips of 16 bytes"},
    {"relay-copy", verb_relay_copy, "COMMAND...: 64 KiB copies both ways, poll"},
    {"relay-yield", verb_relay_yield, "COMMAND...: the same, yield and retry, then poll"},
    {"zeros", verb_zeros, "BYTES: zero bytes in blocks of 128 KiB"},
    {"lines", verb_lines, "COUNT: the numbers from 1, one a line"},
    {"requests", verb_requests, "COUNT: lines of 16 bytes"},
    {"cat", verb_cat, ": stdin to stdout"},
    {"writefirst", verb_writefirst, "BYTES: writes them, only then reads, then says how many"},
    {"busy", verb_busy, ": uses a processor until killed"},
    {"clock", verb_clock, ": the monotonic clock in milliseconds"},
    {"cpuof", verb_cpuof, "FILE GIB COMMAND...: its processor seconds per GiB, added to FILE"},
    {"cputree", verb_cputree,
     "FILE COUNT COMMAND...: processor microseconds, with its children's, by COUNT, added to FILE"},
    {"pool", verb_pool, "WORKERS WINDOW GRAIN NAP COMMAND...: lines dealt out, in order"},
    {"pool-frames", verb_pool_frames, "WORKERS COMMAND...: frames of 256 KiB, in order"},
    {"spins", verb_spins, "NS: how many turns of work take so long"},
    {"work", verb_work, "TURNS [skewed]: answers each line after so much work"},
    {"invert", verb_invert, ": answers frames of 256 KiB"},
    {"memory", verb_memory, "BYTES COMMAND: idle PSS and peak RSS in KiB, `child` left out"},
};

static int usage(void)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        fprintf(stderr, "usage: limit %s %s\n", verbs[i].name, verbs[i].usage);
    return 125;
}

int main(int argc, char **argv)
{
    const char *slash = strrchr(argv[0], '/');

    if (strcmp(slash ? slash + 1 : argv[0], "child") == 0)
        return verb_cat(argv + 1);
    for (size_t i = 0; argc > 1 && i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(verbs[i].name, argv[1]) == 0)
            return verbs[i].run(argv + 2);
    return usage();
}
