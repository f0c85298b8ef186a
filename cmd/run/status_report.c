/* status_report.c: reports of a run about itself.
 *
 * --status-fd gets one JSON object per line: {"event":"ready"} when a child runs,
 * {"event":"sandbox"} for each missing protection, and {"event":"end"} with the outcome at the end.
 * The names of members and outcomes are documented and must not change; "in" is the number of
 * requests submitted. Each line is one write, because the descriptor may be shared.
 *
 * The diagnosis of a stall combines what the library knows of the child (dualpipe_diagnose: its
 * process state, bytes it hasn't read, bytes it has written) with what it was sent, and proposes
 * what usually helps: most often the program buffers its output because it writes to a pipe. */
#include "run/status_report.h"
#include "options/limits.h"
#include "options/preset_command.h"
#include "options/option_table.h"
#include "run/exit_status.h"
#include "run/run.h"
#include "util/escape.h"
#include "util/log.h"
#include "util/shellwords.h"
#include "util/signals.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* --- events and statistics --------------------------------------------------------------- */

/* The first failure is reported at once, and fails the run at its end. None is a reader that has
 * gone or, because a signal or the deadline ends us, was given up. */
static void write_status_line(struct run *r, const char *line, int n) {
    int error = log_write(r->s->status_fd, line, (size_t)n);
    char number[16];
    if (error == 0 || error == -EPIPE || error == -ETIMEDOUT || r->status_fd_error)
        return;
    r->status_fd_error = -error;
    snprintf(number, sizeof number, "%d", r->s->status_fd);
    log_error("writing to --status-fd", number, "%s", strerror(-error));
}

void status_report_ready(struct run *r, dualpipe *child) {
    struct dualpipe_diagnosis diagnosis;
    char line[64];
    if (r->s->status_fd < 0)
        return;
    dualpipe_diagnose(child, &diagnosis, 0);
    write_status_line(r, line,
                      snprintf(line, sizeof line, "{\"event\":\"ready\",\"pid\":%ld}\n",
                               (long)diagnosis.pid));
}

void status_report_missing_layer(struct run *r, const char *layer, const char *reason) {
    char line[160];
    if (r->s->status_fd >= 0)
        write_status_line(r, line,
                          snprintf(line, sizeof line,
                                   "{\"event\":\"sandbox\",\"missing\":\"%s\",\"reason\":\"%s\"}\n",
                                   layer, reason));
}

/* Members that tell how the last child ended; none if there was no child, or if it is a session's,
 * which runs on (code and signal are both 0 then). */
static int format_child_status(const struct run *r, char *to, size_t size) {
    const struct dualpipe_status *s = &r->last_status;
    if (!r->had_child || (s->code == 0 && s->signal == 0))
        return snprintf(to, size, "%s", "");
    if (s->signal > 0)
        return snprintf(to, size, ",\"signal\":\"%s\"%s%s", signals_name(s->signal),
                        s->core ? ",\"core\":true" : "", s->stopped ? ",\"stopped\":true" : "");
    return snprintf(to, size, ",\"code\":%d%s", s->code, s->stopped ? ",\"stopped\":true" : "");
}

static void write_end_event(struct run *r) {
    const struct run_stats *stats = &r->stats;
    char line[1024], child[96], counts[160] = "", limits[LIMITS_TEXT_SIZE] = "";
    int n = 0;
    if (r->s->status_fd < 0)
        return;
    format_child_status(r, child, sizeof child);
    limits_json_members(r->limit_hit, r->last_status.near_limits, limits);
    if (r->s->mode == MODE_REQUEST)
        n = snprintf(counts, sizeof counts, ",\"in\":%lld,\"answered\":%lld,\"failed\":%lld",
                     stats->submitted, stats->answered, stats->failed);
    if (r->s->mode == MODE_REQUEST && stats->unexpected > 0)
        snprintf(counts + n, sizeof counts - (size_t)n, ",\"unexpected\":%lld",
                 stats->unexpected);
    n = snprintf(line, sizeof line,
                 "{\"event\":\"end\",\"outcome\":\"%s\"%s%s%s,\"ms\":%lld,\"maxrss_kb\":%ld}\n",
                 r->outcome ? r->outcome : "ok", limits, child, counts,
                 (long long)((run_now(r) - r->started_at) / 1000), r->last_status.maxrss_kb);
    write_status_line(r, line, n);
}

/* One line on stderr, unless every request was answered. */
static void print_stats(const struct run *r) {
    const struct run_stats *stats = &r->stats;
    char rest[64] = "";
    if (r->s->mode == MODE_INTERACTIVE ||
        (stats->failed == 0 && stats->not_sent == 0 && !stats->stdin_left))
        return;
    if (!r->had_child || r->death_signal == SIGPIPE)
        return; /* nothing ran, or our reader has gone: like any filter we end silently then */
    if (stats->stdin_left)
        snprintf(rest, sizeof rest, ", the rest of stdin not begun");
    else if (stats->not_sent > 0)
        snprintf(rest, sizeof rest, ", not begun %lld", stats->not_sent);
    log_error("requests", NULL, "in %lld, answered %lld, failed %lld%s", stats->submitted,
              stats->answered, stats->failed, rest);
}

/* Whether a child with that status may have objected to its arguments. grep says by 1 that it found
 * nothing. */
static bool is_usage_status(const char *program, int code) {
    return code == 2 || code == 64 || (code == 1 && !strstr(program, "grep"));
}

/* Tells what a status alone would hide: options behind the command went to it, not to us. */
static void note_childs_options(const struct run *r) {
    const struct settings *s = r->s;
    const char *program = settings_program(s), *option;
    int code = r->last_status.code;
    if (!r->outcome || strcmp(r->outcome, "ended") != 0 || !r->had_child || r->status != code ||
        s->function || s->mode == MODE_INTERACTIVE)
        return;
    option = s->argv == s->preset_command || s->argv == s->preset_argv
                 ? NULL /* a preset's, or harmless */
                 : option_table_find_typed(s->argv + 1);
    if (is_usage_status(program, code) && option)
        log_note("child", program,
                 "ended with status %d: if its argument %s is meant for dualpipe, put it before "
                 "the command",
                 code, option);
}

void status_report_end(struct run *r) {
    print_stats(r);
    note_childs_options(r);
    write_end_event(r);
    if (r->status_fd_error && !r->death_signal)
        exit_status_set(r, "output", STATUS_OUTPUT_FAILED);
}

/* --- why nothing moves ------------------------------------------------------------------- */

enum { STALL_EXCERPT = 32 }; /* bytes shown of what came last */

/* A process state as in proc(5). */
static const char *describe_state(char state) {
    switch (state) {
    case 'R': return "is busy";
    case 'S': return "sleeps";
    case 'D': return "waits for a device";
    case 'T':
    case 't': return "is stopped";
    case 'Z': return "has ended";
    default: return "runs";
    }
}

/* How to make a well-known filter write each line at once; NULL: no way of its own is known. */
static const char *find_unbuffering_option(const char *command) {
    static const char *const table[][2] = {
        {"grep", "grep --line-buffered"}, {"sed", "sed -u"}, {"jq", "jq --unbuffered"},
        {"perl", "perl -e '$| = 1'"}, {"awk", "fflush() in it"}, {"gawk", "fflush() in it"},
        {"mawk", "mawk -W interactive"}, {"tcpdump", "tcpdump -l"}};
    const char *name = shellwords_program_name(command);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i][0], name) == 0)
            return table[i][1];
    return NULL;
}

/* Whether one of the child's arguments is the word. */
static bool has_argument(const struct settings *s, const char *word) {
    for (char *const *argument = s->argv + 1; *argument; argument++)
        if (strcmp(*argument, word) == 0)
            return true;
    return false;
}

/* A way for the child to write each line at once, in out: "" if it is in force already. */
static void advise_unbuffering(const struct settings *s, char *out, size_t size) {
    const char *own = s->function ? NULL : find_unbuffering_option(s->argv[0]);
    const char *word = own ? strrchr(own, ' ') : NULL;
    *out = 0;
    if (s->transport == DUALPIPE_TRANSPORT_PIPE && !(word && has_argument(s, word + 1)))
        snprintf(out, size, "--unbuffer%s%s if it holds its output back", own ? " or " : "",
                 own ? own : "");
}

/* Appends a piece of advice to the list in out. */
static void add_advice(char *out, size_t size, const char *advice) {
    size_t n = strlen(out);
    if (*advice)
        snprintf(out + n, size - n, "%s%s", n > 0 ? ", or " : "try ", advice);
}

/* Advice about a program that has read everything. If some output came, the reply rule may be
 * wrong; else the program may buffer. */
static void advise_on_silence(const struct settings *s, const struct stall *stall,
                              bool has_replied, char *out, size_t size) {
    const char *preset = s->preset || s->function ? NULL : preset_command_advise(s->argv);
    bool typed = stall->sent == SENT_TYPED;
    char words[120];
    *out = 0;
    if (preset) {
        snprintf(words, sizeof words, "-a %s", preset);
        add_advice(out, size, words);
    }
    if (stall->is_limited && (has_replied || s->fresh))
        add_advice(out, size, "a longer -t");
    if (s->fresh)
        return; /* the reply ends with the child: no other rule would help */
    if (has_replied) {
        add_advice(out, size, "-n, -u or --idle as its replies end");
    } else {
        advise_unbuffering(s, words, sizeof words);
        add_advice(out, size, words);
    }
    if (!has_replied && s->mode == MODE_REQUEST && !s->session_name)
        add_advice(out, size, "--fresh if it answers at the end of its input");
    if (!typed)
        add_advice(out, size, has_replied
                                  ? "-n 0 or --no-reply for a request that draws none"
                                  : "-n 0 or --no-reply for a request that draws no reply");
}

/* Advice about a child that is not set up. */
static void advise_on_setup(const struct settings *s, const struct stall *stall, char *out,
                            size_t size) {
    const char *longer = stall->is_limited ? "a longer --start-timeout, or " : "";
    if (stall->sent == SENT_SETUP)
        snprintf(out, size, "try %sanother rule, or -n 0 before a --setup that draws no reply",
                 longer);
    else if (s->implied_ready)
        snprintf(out, size, "-p implies --ready, so its prompt is awaited before the first "
                 "request: try %s--ready=none if it gives none there", longer);
    else
        snprintf(out, size, "try %sanother --ready, or --ready=none", longer);
}

static const char *choose_advice(const struct settings *s, const struct stall *stall,
                                 const struct dualpipe_diagnosis *diagnosis, char *out,
                                 size_t size) {
    if (diagnosis->state == 'T')
        return "continue it with SIGCONT";
    if (stall->sent == SENT_PART || diagnosis->unread > 0)
        return "it doesn't read what is sent to it";
    if (stall->hint)
        return stall->hint;
    if (stall->sent == SENT_NO_LINE_END)
        return "what was sent does not end in a line end, which it may wait for";
    if (stall->sent == SENT_SETUP || stall->sent == SENT_NOTHING)
        advise_on_setup(s, stall, out, size);
    else if (s->preset)
        snprintf(out, size, "try %sa request that is whole: no quote or bracket left open",
                 stall->is_limited ? "a longer -t, or " : "");
    else
        advise_on_silence(s, stall, diagnosis->received > 0 && stall->sent != SENT_TYPED, out,
                          size);
    return out;
}

char *status_report_last(const char *p, size_t n, char *out, size_t size) {
    size_t shown = n < STALL_EXCERPT ? n : STALL_EXCERPT;
    char excerpt[4 * STALL_EXCERPT + 4];
    *out = 0;
    if (n > 0)
        snprintf(out, size, ", at last \"%s\"",
                 escape_bytes(p + n - shown, shown, excerpt, sizeof excerpt));
    return out;
}

char *status_report_stall(const struct run *r, const struct stall *stall, char *out, size_t size) {
    const char *program = settings_program(r->s), *advice = "";
    struct dualpipe_diagnosis diagnosis;
    char name[80], words[512], last[160];
    dualpipe_diagnose(stall->child, &diagnosis, 0);
    if (!stall->is_noted)
        advice = choose_advice(r->s, stall, &diagnosis, words, sizeof words);
    snprintf(out, size, "%s %s, %zu bytes not read by it%s, %llu bytes received%s%s%s",
             escape_bytes(program, strlen(program), name, sizeof name),
             describe_state(diagnosis.state), diagnosis.unread,
             stall->sent == SENT_PART ? ", more to send" : "",
             (unsigned long long)diagnosis.received,
             status_report_last(stall->last, stall->last_size, last, sizeof last),
             *advice ? ": " : "", advice);
    return out;
}

char *status_report_child_state(dualpipe *child, char *out, size_t size) {
    struct dualpipe_diagnosis diagnosis;
    dualpipe_diagnose(child, &diagnosis, 0);
    snprintf(out, size, "process %ld %s, %zu bytes not read by it, %llu bytes received",
             (long)diagnosis.pid, describe_state(diagnosis.state), diagnosis.unread,
             (unsigned long long)diagnosis.received);
    return out;
}
