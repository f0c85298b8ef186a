/* builtins.c: the built-in functions that can take the place of a command, for demonstrations and
 * tests.
 *
 * Such a function runs in a forked child, with the pipes as its stdin and stdout, and returns the
 * exit status; the library doesn't exec (see dualpipe_options.function). It gets its arguments as
 * main() does. Most answer a line with a line: they pass a line_function to for_each_line(), which
 * flushes after each line, so a reply is complete before the next request is read. Some misbehave
 * on purpose: mute never answers, half leaves its line unfinished, crash aborts, flood prints
 * without reading.
 *
 * To add one, write it above the table builtins[] and add a row there. FILE.so:FUNCTION isn't in
 * the table: its function loads the shared object in the child, so the command itself never runs
 * foreign code. */
#include "builtins/builtins.h"
#include "util/log.h"
#include "util/suggest.h"
#include "util/units.h"
#include <ctype.h>
#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HASH_ROUNDS = 1000, USAGE_STATUS = 125 };

/* Handles a line, which includes its newline if it has one, and prints the answer. A result other
 * than 0 ends the function with that exit status plus 1, so 1 means status 0. */
typedef int line_function(char *line, size_t n, void *state);

/* Writes each reply before it waits for the next line. */
static int for_each_line(line_function *handler, void *state) {
    char *line = NULL;
    size_t capacity = 0;
    ssize_t n;
    int result = 0;
    setvbuf(stdout, NULL, _IOFBF, 65536);
    while (result == 0 && (n = getline(&line, &capacity, stdin)) > 0) {
        result = handler(line, (size_t)n, state);
        fflush(stdout);
    }
    free(line);
    return result ? result - 1 : ferror(stdout) != 0;
}

static int argument_error(const char *builtin, const char *argument, const char *reason) {
    log_error(builtin, argument, "%s", reason);
    return USAGE_STATUS;
}

static int echo_line(char *line, size_t n, void *state) {
    (void)state;
    fwrite(line, 1, n, stdout);
    return 0;
}

static int upper_line(char *line, size_t n, void *state) {
    for (size_t i = 0; i < n; i++)
        line[i] = (char)toupper((unsigned char)line[i]);
    return echo_line(line, n, state);
}

static int lower_line(char *line, size_t n, void *state) {
    for (size_t i = 0; i < n; i++)
        line[i] = (char)tolower((unsigned char)line[i]);
    return echo_line(line, n, state);
}

static int reverse_line(char *line, size_t n, void *state) {
    size_t length = n - (line[n - 1] == '\n');
    for (size_t i = 0; i < length / 2; i++) {
        char c = line[i];
        line[i] = line[length - 1 - i];
        line[length - 1 - i] = c;
    }
    return echo_line(line, n, state);
}

static int number_line(char *line, size_t n, void *state) {
    printf("%6ld\t", ++*(long *)state);
    return echo_line(line, n, state);
}

static int add_line(char *line, size_t n, void *state) {
    double *sum = state;
    char *end;
    double number = strtod(line, &end);
    (void)n;
    if (end == line)
        return puts("not a number") < 0;
    *sum += number;
    printf("%.15g\n", *sum);
    return 0;
}

/* FNV-1a, repeated: an amount of work that depends on the length only. */
static int hash_line(char *line, size_t n, void *state) {
    uint64_t hash_value = 14695981039346656037u;
    size_t length = n - (line[n - 1] == '\n');
    for (long round = *(long *)state; round > 0; round--)
        for (size_t i = 0; i < length; i++)
            hash_value = (hash_value ^ (unsigned char)line[i]) * 1099511628211u;
    printf("%016" PRIx64 "\n", hash_value);
    return 0;
}

static int sleep_line(char *line, size_t n, void *state) {
    poll(NULL, 0, units_timeout_ms(*(int64_t *)state));
    return echo_line(line, n, state);
}

static int half_line(char *line, size_t n, void *state) {
    return echo_line(line, (n - (line[n - 1] == '\n')) / 2, state);
}

static int mute_line(char *line, size_t n, void *state) {
    (void)line, (void)n, (void)state;
    return 0;
}

static int crash_line(char *line, size_t n, void *state) {
    int status = *(int *)state;
    (void)line, (void)n;
    if (status >= 0)
        return status + 1;
    abort();
}

#define BUILTIN static int
BUILTIN upper(int argc, char **argv, void *data) {
    (void)argc, (void)argv;
    return for_each_line(upper_line, data);
}
BUILTIN lower(int argc, char **argv, void *data) {
    (void)argc, (void)argv;
    return for_each_line(lower_line, data);
}
BUILTIN echo(int argc, char **argv, void *data) {
    (void)argc, (void)argv;
    return for_each_line(echo_line, data);
}
BUILTIN rev(int argc, char **argv, void *data) {
    (void)argc, (void)argv;
    return for_each_line(reverse_line, data);
}
BUILTIN mute(int argc, char **argv, void *data) {
    (void)argc, (void)argv;
    return for_each_line(mute_line, data);
}
BUILTIN half(int argc, char **argv, void *data) {
    (void)argc, (void)argv;
    return for_each_line(half_line, data);
}
BUILTIN nl(int argc, char **argv, void *data) {
    long count = 0;
    (void)argc, (void)argv, (void)data;
    return for_each_line(number_line, &count);
}
BUILTIN sum(int argc, char **argv, void *data) {
    double total = 0;
    (void)argc, (void)argv, (void)data;
    return for_each_line(add_line, &total);
}
BUILTIN hash(int argc, char **argv, void *data) {
    long rounds = HASH_ROUNDS;
    const char *why = argc > 1 ? units_parse_number(argv[1], 1, 1000000000, &rounds) : NULL;
    (void)data;
    return why ? argument_error("hash", argv[1], why) : for_each_line(hash_line, &rounds);
}
BUILTIN sleep_first(int argc, char **argv, void *data) {
    int64_t us = 1000000;
    const char *why = argc > 1 ? units_parse_time(argv[1], &us) : NULL;
    (void)data;
    return why ? argument_error("sleep", argv[1], why) : for_each_line(sleep_line, &us);
}
BUILTIN crash(int argc, char **argv, void *data) {
    long status = -1;
    const char *why = argc > 1 ? units_parse_number(argv[1], 0, 255, &status) : NULL;
    int code = (int)status;
    (void)data;
    return why ? argument_error("crash", argv[1], why) : for_each_line(crash_line, &code);
}
BUILTIN flood(int argc, char **argv, void *data) {
    const char *text = argc > 1 ? argv[1] : "y";
    (void)data;
    while (puts(text) >= 0)
        ;
    return 1;
}

static const struct builtin {
    const char *name;
    dualpipe_function *function;
    const char *help;
} builtins[] = {
    {"upper", upper, "answers each line in upper case"},
    {"lower", lower, "in lower case"},
    {"echo", echo, "as it is"},
    {"rev", rev, "back to front"},
    {"nl", nl, "with its number in front"},
    {"sum", sum, "with the sum of all numbers so far"},
    {"hash", hash, "with a number of 64 bits, after hash [ROUNDS] of work (1000)"},
    {"sleep", sleep_first, "as it is, after sleep [TIME] (1s)"},
    {"half", half, "with its first half, and no line end"},
    {"mute", mute, "reads, and never answers"},
    {"crash", crash, "aborts at the first line; crash STATUS: ends with it"},
    {"flood", flood, "prints flood [TEXT] for ever, and never reads"},
    {NULL, NULL, NULL},
};

/* Exits like a shell whose command was not found. */
static int load_error(const char *name, const char *why) {
    log_error("loading", name, "%s", why ? why : "it is NULL");
    return 127;
}

/* Loads FILE.so and calls FUNCTION. This runs in the child. */
BUILTIN run_loaded_function(int argc, char **argv, void *data) {
    char *path = argv[0], *colon = strrchr(path, ':');
    void *library;
    union {
        void *object;
        dualpipe_function *function;
        /* dlsym(3) returns an object pointer; ISO C has no cast from it to a function pointer. */
    } symbol;
    *colon = 0;
    if (!(library = dlopen(path, RTLD_NOW | RTLD_LOCAL)))
        return load_error(path, dlerror());
    if (!(symbol.object = dlsym(library, colon + 1)))
        return load_error(path, dlerror());
    *colon = ':';
    return symbol.function(argc, argv, data);
}

static const struct builtin *find_builtin(const char *name) {
    const struct builtin *b = builtins;
    while (b->name && strcmp(b->name, name) != 0)
        b++;
    return b->name ? b : NULL;
}

dualpipe_function *builtins_find(const char *name) {
    const struct builtin *b = find_builtin(name);
    if (b)
        return b->function;
    return strstr(name, ".so:") || (strchr(name, '/') && strchr(name, ':')) ? run_loaded_function
                                                                            : NULL;
}

const char *builtins_help(const char *name) {
    const struct builtin *b = find_builtin(name);
    return b ? b->help : NULL;
}

const char *builtins_suggest(const char *name) {
    for (const struct builtin *b = builtins; b->name; b++)
        if (suggest_is_similar(b->name, name))
            return b->name;
    return NULL;
}

void builtins_print(void) {
    for (const struct builtin *b = builtins; b->name; b++)
        printf("  %-8s %s\n", b->name, b->help);
}
