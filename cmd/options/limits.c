/* limits.c: --limit: the limits on what a child may use, read and put into words.
 *
 * A limit is a field of struct dualpipe_limits, where 0 is no limit; so a value of 0 is refused.
 * The names are indexed by enum dualpipe_limit. They appear in --limit, in messages, in the JSON of
 * replies and --status-fd, and in the description of a session: there limits_format writes what
 * limits_parse reads again in a client. */
#include "options/limits.h"
#include "options/option_error.h"
#include "util/suggest.h"
#include "util/units.h"
#include <limits.h>
#include <stdio.h>
#include <string.h>

static const char *const limit_names[] = {
    [DUALPIPE_LIMIT_CPU] = "cpu",           [DUALPIPE_LIMIT_MEMORY] = "memory",
    [DUALPIPE_LIMIT_FILES] = "files",       [DUALPIPE_LIMIT_PROCESSES] = "processes",
    [DUALPIPE_LIMIT_FILESIZE] = "filesize", [DUALPIPE_LIMIT_OUTPUT] = "output",
};
enum {
    NAME_COUNT = sizeof limit_names / sizeof *limit_names,
    PART_SIZE = 64,      /* bytes of one NAME=VALUE, with its NUL */
    MAX_COUNT = 1 << 22, /* descriptors or processes */
};

const char *limits_name(enum dualpipe_limit limit) {
    return limit_names[limit];
}

static int find_limit(const char *name) {
    for (int i = DUALPIPE_LIMIT_CPU; i < NAME_COUNT; i++)
        if (strcmp(limit_names[i], name) == 0)
            return i;
    return -1;
}

/* --- reading ----------------------------------------------------------------------------- */

/* The parsers of values return NULL, or what is wrong. */

static const char *parse_cpu_time(const char *value, int *ms) {
    int64_t us;
    const char *why = units_parse_time(value, &us);
    if (why)
        return why;
    if (us == 0)
        return "0 leaves no time: inf sets no limit";
    if (us != UNITS_FOREVER && us / 1000 >= INT_MAX)
        return "too long: inf sets no limit";
    *ms = units_limit_ms(us);
    return NULL;
}

static const char *parse_count(const char *value, int *count) {
    long number;
    const char *why = units_parse_number(value, 0, MAX_COUNT, &number);
    if (!why && number == 0)
        why = "0 leaves none: leave it out for no limit";
    if (!why)
        *count = (int)number;
    return why;
}

static const char *parse_bytes(const char *value, uint64_t *bytes) {
    size_t size;
    const char *why = units_parse_size(value, &size);
    if (!why)
        *bytes = size;
    return why;
}

static const char *parse_value(struct dualpipe_limits *l, int name, const char *value) {
    switch (name) {
    case DUALPIPE_LIMIT_CPU: return parse_cpu_time(value, &l->cpu_ms);
    case DUALPIPE_LIMIT_MEMORY: return parse_bytes(value, &l->memory);
    case DUALPIPE_LIMIT_FILES: return parse_count(value, &l->files);
    case DUALPIPE_LIMIT_PROCESSES: return parse_count(value, &l->processes);
    case DUALPIPE_LIMIT_FILESIZE: return parse_bytes(value, &l->filesize);
    default: return parse_bytes(value, &l->output);
    }
}

static int report_unknown_limit(const char *name) {
    char reason[120];
    const char *similar = NULL;
    for (int i = DUALPIPE_LIMIT_CPU; i < NAME_COUNT && !similar; i++)
        if (suggest_is_similar(limit_names[i], name))
            similar = limit_names[i];
    snprintf(reason, sizeof reason, "no such limit: %s%s%s", similar ? "did you mean " : "",
             similar ? similar : "cpu, memory, files, processes, filesize and output are meant",
             similar ? "?" : "");
    return option_error("limit", name, reason);
}

/* Parses NAME=VALUE. Returns the limit, or PARSE_FAILED, which is no limit, after a message. */
static int parse_part(struct dualpipe_limits *l, char *part) {
    char *value = strchr(part, '=');
    const char *why;
    int name;
    if (value)
        *value++ = 0;
    if ((name = find_limit(part)) < 0)
        return report_unknown_limit(part);
    why = value ? parse_value(l, name, value) : "a value is meant, as in cpu=1s,memory=256M";
    if (!why)
        return name;
    if (value)
        value[-1] = '='; /* the message shows all of it */
    return option_error("limit", part, why);
}

int limits_parse(struct settings *s, const char *text) {
    unsigned given = 0;
    for (const char *from = text;; from++) {
        size_t n = strcspn(from, ",");
        char part[PART_SIZE];
        int name;
        if (n >= sizeof part)
            return option_error("limit", text, "NAME=VALUE,... is meant");
        snprintf(part, sizeof part, "%.*s", (int)n, from);
        if ((name = parse_part(&s->limits, part)) == PARSE_FAILED)
            return PARSE_FAILED;
        if (given & 1U << name)
            return option_error("limit", limit_names[name], "it is given twice");
        given |= 1U << name;
        from += n;
        if (*from == 0)
            break;
    }
    s->has_limits = true;
    return PARSE_CONTINUE;
}

/* --- writing ----------------------------------------------------------------------------- */

static char *append_value(char *to, const char *end, const char *name, unsigned long long value) {
    if (value == 0)
        return to;
    return to + snprintf(to, (size_t)(end - to), "%s=%llu,", name, value);
}

const char *limits_format(const struct dualpipe_limits *l, char *out) {
    char *to = out, *end = out + LIMITS_TEXT_SIZE;
    *to = 0;
    if (l->cpu_ms > 0)
        to += snprintf(to, LIMITS_TEXT_SIZE, "cpu=%gs,", l->cpu_ms / 1e3);
    to = append_value(to, end, "memory", l->memory);
    to = append_value(to, end, "files", (unsigned)l->files);
    to = append_value(to, end, "processes", (unsigned)l->processes);
    to = append_value(to, end, "filesize", l->filesize);
    to = append_value(to, end, "output", l->output);
    if (to > out)
        to[-1] = 0;
    return out;
}

/* Writes a size as people do. 0: the limit is not known here, as it may be the session's. */
static void format_size(uint64_t bytes, char *out, size_t size) {
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

const char *limits_describe(const struct dualpipe_limits *l, enum dualpipe_limit limit, char *out) {
    char amount[40];
    switch (limit) {
    case DUALPIPE_LIMIT_CPU:
        format_size(0, amount, sizeof amount);
        if (l->cpu_ms > 0)
            snprintf(amount, sizeof amount, "%gs", l->cpu_ms / 1e3);
        snprintf(out, LIMITS_TEXT_SIZE, "more than %s of processor time", amount);
        break;
    case DUALPIPE_LIMIT_FILESIZE:
        format_size(l->filesize, amount, sizeof amount);
        snprintf(out, LIMITS_TEXT_SIZE, "a file of more than %s", amount);
        break;
    default:
        format_size(limit == DUALPIPE_LIMIT_MEMORY ? l->memory : l->output, amount, sizeof amount);
        snprintf(out, LIMITS_TEXT_SIZE, "more than %s of %s", amount, limit_names[limit]);
    }
    return out;
}

int limits_json_members(enum dualpipe_limit limit, unsigned near_limits, char *out) {
    char *to = out, *end = out + LIMITS_TEXT_SIZE;
    const char *separator = ",\"near\":[";
    *to = 0;
    if (limit)
        to += snprintf(to, LIMITS_TEXT_SIZE, ",\"limit\":\"%s\"", limit_names[limit]);
    for (int i = DUALPIPE_LIMIT_CPU; i < NAME_COUNT; i++)
        if (near_limits & 1U << i) {
            to += snprintf(to, (size_t)(end - to), "%s\"%s\"", separator, limit_names[i]);
            separator = ",";
        }
    if (*separator == ',' && separator[1] == 0)
        to += snprintf(to, (size_t)(end - to), "]");
    return (int)(to - out);
}
