/* race [option ...] TITLE <ROWS: times commands against a limit and prints a table. A row is
 * NAME, GOALS, SCALE, COMMAND, CHECK with tabs between them; race.h says what they are. */
#define _GNU_SOURCE
#include "race.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static _Noreturn void usage(void)
{
    fputs("usage: race [-1] [-r rounds] [-n spawns] [-t seconds] [-m file -u name] title <rows\n"
          "-1: all on one processor; -n: bare spawns, the median of so many a run;\n"
          "-t: what takes longer hangs; -m, -u: a number that runs leave in a file\n",
          stderr);
    exit(125);
}

static int bounded(const char *text, int max)
{
    long value = strtol(text, NULL, 10);

    if (value < 1 || value > max)
        usage();
    return (int)value;
}

/* As `taskset -c` does, on the first processor we may use. */
static void use_one_processor(void)
{
    cpu_set_t all, one;

    CPU_ZERO(&one);
    if (sched_getaffinity(0, sizeof all, &all) == 0)
        for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++)
            if (CPU_ISSET(cpu, &all)) {
                CPU_SET(cpu, &one);
                break;
            }
    if (sched_setaffinity(0, sizeof one, &one) != 0) {
        perror("race: sched_setaffinity");
        exit(125);
    }
}

static void read_options(struct race *race, int argc, char **argv)
{
    int option;

    while ((option = getopt(argc, argv, "1r:n:t:m:u:")) != -1) {
        switch (option) {
        case '1':
            use_one_processor();
            break;
        case 'r':
            race->rounds = bounded(optarg, ROUNDS_MAX);
            break;
        case 'n':
            race->times = bounded(optarg, 100000);
            break;
        case 't':
            race->limit_seconds = bounded(optarg, 3600);
            break;
        case 'm':
            race->meter = optarg;
            break;
        case 'u':
            race->meter_name = optarg;
            break;
        default:
            usage();
        }
    }
    if (optind + 1 != argc || !race->meter != !race->meter_name)
        usage();
    race->title = argv[optind];
}

static void read_row(struct row *row, char *line)
{
    char *rest = line;

    row->name = strsep(&rest, "\t");
    row->goals = strsep(&rest, "\t");
    char *scale = strsep(&rest, "\t");
    row->command = strsep(&rest, "\t");
    row->check = rest;
    if (!rest) {
        fprintf(stderr, "race: a row lacks fields: %s\n", line);
        exit(125);
    }
    row->scale = strtod(scale, NULL);
    row->fate = *row->command ? RAN : ABSENT;
}

static void read_rows(struct race *race)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t length;

    while ((length = getline(&line, &room, stdin)) > 0) {
        if (race->count == ROWS_MAX) {
            fputs("race: too many rows\n", stderr);
            exit(125);
        }
        if (line[length - 1] == '\n')
            line[length - 1] = '\0';
        read_row(&race->rows[race->count++], line);
        line = NULL;
        room = 0;
    }
}

int main(int argc, char **argv)
{
    static struct race race = {.rounds = 5, .limit_seconds = 60};

    read_options(&race, argc, argv);
    read_rows(&race);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    race_run(&race);
    return race_print(&race) ? 0 : 1;
}
