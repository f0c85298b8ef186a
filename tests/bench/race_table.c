/* Printing: medians, ratios within a round, goals. A goal that is missed is named and no more;
 * a contestant that failed, or hangs though it has a goal, makes the race fail. */
#define _GNU_SOURCE
#include "race.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double median(const double *values, size_t count)
{
    double *sorted = malloc(count * sizeof *sorted);

    if (!sorted)
        exit(125);
    memcpy(sorted, values, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, by_value);
    double middle = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
    free(sorted);
    return middle;
}

struct spread {
    double low, middle, high;
};

static struct spread ratios(const struct race *race, const struct row *row, const struct row *to)
{
    double all[ROUNDS_MAX] = {0};
    size_t count = (size_t)race->rounds;

    for (size_t i = 0; i < count; i++)
        all[i] = row->seconds[i] / to->seconds[i];
    struct spread spread = {all[0], median(all, count), all[0]};
    for (size_t i = 1; i < count; i++) {
        if (all[i] < spread.low)
            spread.low = all[i];
        if (all[i] > spread.high)
            spread.high = all[i];
    }
    return spread;
}

static const struct row *find_row(const struct race *race, const char *name)
{
    for (size_t i = 0; i < race->count; i++)
        if (strcmp(race->rows[i].name, name) == 0)
            return &race->rows[i];
    return NULL;
}

static const struct row *find_limit(const struct race *race)
{
    for (size_t i = 0; i < race->count; i++)
        if (strcmp(race->rows[i].goals, "limit") == 0)
            return &race->rows[i];
    return NULL;
}

static void print_seconds(double seconds)
{
    if (seconds < 0.01)
        printf("%8.1f us", seconds * 1e6);
    else
        printf("%8.1f ms", seconds * 1e3);
}

static void print_meter(double value)
{
    if (value < 0)
        printf("  %12s", "-");
    else
        printf("  %12.3f", value);
}

static const char *verdict(double value, double goal)
{
    return value <= goal ? "ok" : "MISSED";
}

static void print_goal(const struct race *race, const struct row *row, const char *goal)
{
    static const char meter[] = "meter ";
    const size_t skip = sizeof meter - 1;
    char *rest;

    if (strncmp(goal, meter, skip) == 0) {
        double wanted = strtod(goal + skip, NULL);
        double used = median(row->meter, (size_t)race->rounds);
        printf("%.2f %s %s", wanted, race->meter_name, verdict(used, wanted));
        return;
    }
    double wanted = strtod(goal, &rest);
    const struct row *to = *rest ? find_row(race, rest + strlen(" of ")) : find_limit(race);
    bool ran = to && to->fate == RAN;
    printf("%.2f%s %s", wanted, rest,
           ran ? verdict(ratios(race, row, to).middle, wanted) : "(which did not run)");
}

static void print_goals(const struct race *race, const struct row *row)
{
    char *copy = strdup(row->goals), *rest = copy, *goal;
    const char *before = "goal ";

    if (strcmp(row->goals, "limit") == 0)
        printf("the limit");
    else
        while (copy && (goal = strsep(&rest, ",")) && *goal) {
            fputs(before, stdout);
            print_goal(race, row, goal);
            before = ", ";
        }
    free(copy);
}

static void print_times(const struct race *race, const struct row *row, const struct row *limit)
{
    print_seconds(median(row->seconds, (size_t)race->rounds));
    if (limit && limit->fate == RAN) {
        struct spread ratio = ratios(race, row, limit);
        char range[32];
        snprintf(range, sizeof range, "%.2f..%.2f", ratio.low, ratio.high);
        printf("  %6.2f  %-14s", ratio.middle, range);
    } else {
        printf("  %6s  %-14s", "-", "-");
    }
    if (race->meter)
        print_meter(median(row->meter, (size_t)race->rounds));
    printf("  ");
    print_goals(race, row);
    if (row->scale > 1)
        printf("(1/%g of the work, times %g)", row->scale, row->scale);
}

static void print_row(const struct race *race, const struct row *row, int width)
{
    printf("  %-*s  ", width, row->name);
    switch (row->fate) {
    case RAN:
        print_times(race, row, find_limit(race));
        break;
    case ABSENT:
        printf("%11s", "absent");
        break;
    case HUNG:
        printf("%11s  no end within %d s%s", "hangs", race->limit_seconds,
               *row->goals ? ": MISSED" : "");
        break;
    case FAILED:
        printf("%11s  status %d", "failed", row->status);
        break;
    case WRONG:
        printf("%11s  its output is not what it should be", "WRONG");
        break;
    }
    putchar('\n');
}

bool race_print(const struct race *race)
{
    int width = (int)strlen("contestant");
    bool good = true;

    for (size_t i = 0; i < race->count; i++)
        if ((int)strlen(race->rows[i].name) > width)
            width = (int)strlen(race->rows[i].name);
    printf("\n%s\n  %-*s  %11s  %6s  %-14s", race->title, width, "contestant", "median", "ratio",
           "min..max");
    if (race->meter)
        printf("  %12s", race->meter_name);
    putchar('\n');
    for (size_t i = 0; i < race->count; i++) {
        const struct row *row = &race->rows[i];
        print_row(race, row, width);
        good &= row->fate != FAILED && row->fate != WRONG && (row->fate != HUNG || !*row->goals);
    }
    double percent = race->others > 0 ? race->others * 100 : 0;
    printf("  (rounds: %d; other programs used about %.0f %% of one processor)\n", race->rounds,
           percent);
    return fflush(stdout) == 0 && good;
}
