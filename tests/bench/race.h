/* The race: contestants run in turn, rounds interleaved, their times set against the limit's.
 * A row of the table is a contestant; what became of it decides what is printed. */
#ifndef RACE_H
#define RACE_H

#include <stdbool.h>
#include <stddef.h>

enum { ROWS_MAX = 32, ROUNDS_MAX = 99, WORDS_MAX = 32 };

enum fate { RAN, ABSENT, HUNG, FAILED, WRONG };

struct row {
    char *name;
    char *goals;   /* commas between: `limit`, `1.10`, `0.50 of NAME`, `meter 0.12` */
    double scale;  /* the command does one SCALEth of the work */
    char *command; /* empty: absent */
    char *check;   /* run after each run, with status 0 if the output is right */
    enum fate fate;
    int status;
    double seconds[ROUNDS_MAX];
    double meter[ROUNDS_MAX]; /* below 0: none */
};

struct race {
    const char *title;
    int rounds;
    int times;         /* above 0: so many bare spawns a run, their median */
    int limit_seconds; /* a run that takes longer hangs */
    const char *meter; /* file with numbers that runs leave, or NULL */
    const char *meter_name;
    size_t count;
    struct row rows[ROWS_MAX];
    double others; /* processor time of other programs, as a share of one processor */
};

void race_run(struct race *race);
bool race_print(const struct race *race);
double median(const double *values, size_t count);

#endif
