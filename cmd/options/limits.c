/* limits.c: what a child may use: --limit read, and what it says when one has ended a child. */
#include "options/limits.h"
#include "util/suggest.h"
#include "options/parser.h"
#include "util/log.h"
#include "util/units.h"
#include <limits.h>
#include <stdio.h>
#include <string.h>

static const char *const names[] = {
    [DUALPIPE_CPU] = "cpu",             [DUALPIPE_MEMORY] = "memory",
    [DUALPIPE_FILES] = "files",         [DUALPIPE_PROCESSES] = "processes",
    [DUALPIPE_FILESIZE] = "filesize",   [DUALPIPE_OUTPUT] = "output",
};
enum { NAMES = sizeof names / sizeof *names, PART = 64, MOST_COUNT = 1 << 22 };

const char *limits_name(enum dualpipe_limit limit) {
    return names[limit];
}

static int find_name(const char *name) {
    for (int i = DUALPIPE_CPU; i < NAMES; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

/* --- read -------------------------------------------------------------------------------- */

static const char *read_time(const char *value, int *ms) {
    int64_t us;
    const char *why = parse_time(value, &us);
    if (why)
        return why;
    if (us == 0)
        return "0 leaves no time: inf sets no limit";
    if (us != FOREVER && us / 1000 >= INT_MAX)
        return "too long: inf sets no limit";
    *ms = struct_limit_ms(us);
    return NULL;
}

static const char *read_count(const char *value, int *count) {
    long number;
    const char *why = parse_number(value, 0, MOST_COUNT, &number);
    if (!why && number == 0)
        why = "0 leaves none: leave it out for no limit";
    if (!why)
        *count = (int)number;
    return why;
}

static const char *read_size(const char *value, uint64_t *bytes) {
    size_t size;
    const char *why = parse_size(value, &size);
    if (!why)
        *bytes = size;
    return why;
}

static const char *read_value(struct dualpipe_limits *l, int name, const char *value) {
    switch (name) {
    case DUALPIPE_CPU: return read_time(value, &l->cpu_ms);
    case DUALPIPE_MEMORY: return read_size(value, &l->memory);
    case DUALPIPE_FILES: return read_count(value, &l->files);
    case DUALPIPE_PROCESSES: return read_count(value, &l->processes);
    case DUALPIPE_FILESIZE: return read_size(value, &l->filesize);
    default: return read_size(value, &l->output);
    }
}

static int unknown(const char *name) {
    char reason[120];
    const char *meant = NULL;
    for (int i = DUALPIPE_CPU; i < NAMES && !meant; i++)
        if (near(names[i], name))
            meant = names[i];
    snprintf(reason, sizeof reason, "no such limit: %s%s%s", meant ? "did you mean " : "",
             meant ? meant : "cpu, memory, files, processes, filesize and output are meant",
             meant ? "?" : "");
    return option_wrong("limit", name, reason);
}

/* NAME=VALUE; which it is, or USAGE. */
static int read_part(struct dualpipe_limits *l, char *part) {
    char *value = strchr(part, '=');
    const char *why;
    int name;
    if (value)
        *value++ = 0;
    if ((name = find_name(part)) < 0)
        return unknown(part);
    why = value ? read_value(l, name, value) : "a value is meant, as in cpu=1s,memory=256M";
    if (!why)
        return name;
    if (value)
        value[-1] = '=';
    return option_wrong("limit", part, why);
}

int limits_add(struct settings *s, const char *text) {
    unsigned given = 0;
    for (const char *from = text;; from++) {
        size_t n = strcspn(from, ",");
        char part[PART];
        int name;
        if (n >= sizeof part)
            return option_wrong("limit", text, "NAME=VALUE,... is meant");
        snprintf(part, sizeof part, "%.*s", (int)n, from);
        if ((name = read_part(&s->limits, part)) == USAGE)
            return USAGE;
        if (given & 1U << name)
            return option_wrong("limit", names[name], "it is given twice");
        given |= 1U << name;
        from += n;
        if (*from == 0)
            break;
    }
    s->limited = true;
    return GO_ON;
}

/* --- said -------------------------------------------------------------------------------- */

static char *add(char *to, const char *end, const char *name, unsigned long long value) {
    if (value == 0)
        return to;
    return to + snprintf(to, (size_t)(end - to), "%s=%llu,", name, value);
}

const char *limits_text(const struct dualpipe_limits *l, char *out) {
    char *to = out, *end = out + LIMITS_TEXT;
    *to = 0;
    if (l->cpu_ms > 0)
        to += snprintf(to, LIMITS_TEXT, "cpu=%gs,", l->cpu_ms / 1e3);
    to = add(to, end, "memory", l->memory);
    to = add(to, end, "files", (unsigned)l->files);
    to = add(to, end, "processes", (unsigned)l->processes);
    to = add(to, end, "filesize", l->filesize);
    to = add(to, end, "output", l->output);
    if (to > out)
        to[-1] = 0;
    return out;
}

/* As people write it. The limit may be a session's, which is not known here. */
static void put_size(uint64_t bytes, char *out, size_t size) {
    static const char units[] = "kMG";
    int unit = -1;
    while (bytes > 0 && bytes % 1024 == 0 && unit < 2) {
        bytes /= 1024;
        unit++;
    }
    if (bytes == 0)
        snprintf(out, size, "its limit");
    else if (unit < 0)
        snprintf(out, size, "%llu bytes", (unsigned long long)bytes);
    else
        snprintf(out, size, "%llu%c", (unsigned long long)bytes, units[unit]);
}

const char *limits_words(const struct dualpipe_limits *l, enum dualpipe_limit limit, char *out) {
    char much[40];
    switch (limit) {
    case DUALPIPE_CPU:
        put_size(0, much, sizeof much);
        if (l->cpu_ms > 0)
            snprintf(much, sizeof much, "%gs", l->cpu_ms / 1e3);
        snprintf(out, LIMITS_TEXT, "more than %s of processor time", much);
        break;
    case DUALPIPE_FILESIZE:
        put_size(l->filesize, much, sizeof much);
        snprintf(out, LIMITS_TEXT, "a file of more than %s", much);
        break;
    default:
        put_size(limit == DUALPIPE_MEMORY ? l->memory : l->output, much, sizeof much);
        snprintf(out, LIMITS_TEXT, "more than %s of %s", much, names[limit]);
    }
    return out;
}

int limits_members(enum dualpipe_limit limit, unsigned near_bits, char *out) {
    char *to = out, *end = out + LIMITS_TEXT;
    const char *before = ",\"near\":[";
    *to = 0;
    if (limit)
        to += snprintf(to, LIMITS_TEXT, ",\"limit\":\"%s\"", names[limit]);
    for (int i = DUALPIPE_CPU; i < NAMES; i++)
        if (near_bits & 1U << i) {
            to += snprintf(to, (size_t)(end - to), "%s\"%s\"", before, names[i]);
            before = ",";
        }
    if (*before == ',' && before[1] == 0)
        to += snprintf(to, (size_t)(end - to), "]");
    return (int)(to - out);
}
