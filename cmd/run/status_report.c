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
#include "options/presets.h"
#include "run/run.h"
#include "util/escape.h"
#include "util/log.h"
#include "util/signals.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* --- events and statistics --------------------------------------------------------------- */

static void write_status_line(const struct run *r, const char *line, int n) {
    log_write(r->s->status_fd, line, (size_t)n);
}

void status_report_ready(const struct run *r, dualpipe *child) {
    struct dualpipe_diagnosis diagnosis;
    char line[64];
    if (r->s->status_fd < 0)
        return;
    dualpipe_diagnose(child, &diagnosis, 0);
    write_status_line(r, line,
                      snprintf(line, sizeof line, "{\"event\":\"ready\",\"pid\":%ld}\n",
                               (long)diagnosis.pid));
}

void status_report_missing_layer(const struct run *r, const char *layer, const char *reason) {
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

static void write_end_event(const struct run *r) {
    const struct run_stats *stats = &r->stats;
    char line[1024], child[96], counts[160] = "", limits[LIMITS_TEXT_SIZE] = "";
    int n;
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

void status_report_end(const struct run *r) {
    print_stats(r);
    write_end_event(r);
}

/* --- why nothing moves ------------------------------------------------------------------- */

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
    const char *slash = strrchr(command, '/'), *name = slash ? slash + 1 : command;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i][0], name) == 0)
            return table[i][1];
    return NULL;
}

/* Advice about a program that has read everything. has_replied: some output came, so the reply rule
 * may be wrong; else the program may buffer. typed: there is no reply rule. */
static const char *advise_on_silence(const struct settings *s, bool has_replied, bool typed,
                                     char *out, size_t size) {
    const char *preset = s->preset || s->function ? NULL : presets_for_program(s->argv[0]);
    const char *unbuffering = s->function ? NULL : find_unbuffering_option(s->argv[0]);
    int n = preset ? snprintf(out, size, "try -a %s, or ", preset) : snprintf(out, size, "try ");
    if (has_replied)
        snprintf(out + n, size - (size_t)n, "a longer -t, or -n, -u or --idle as its replies end, "
                 "or -n 0 or --no-reply for a request that draws none");
    else
        snprintf(out + n, size - (size_t)n, "--unbuffer%s%s if it holds its output back%s",
                 unbuffering ? " or " : "", unbuffering ? unbuffering : "",
                 typed ? "" : ", or -n 0 or --no-reply for a request that draws no reply");
    return out;
}

static const char *choose_advice(const struct settings *settings,
                                 const struct dualpipe_diagnosis *diagnosis, enum sent_kind sent,
                                 char *out, size_t size) {
    if (diagnosis->state == 'T')
        return "continue it with SIGCONT";
    if (sent == SENT_PART || diagnosis->unread > 0)
        return "it doesn't read what is sent to it";
    if (sent == SENT_NO_LINE_END)
        return "what was sent does not end in a line end, which it may wait for";
    if (sent == SENT_SETUP)
        return "try a longer --start-timeout, another --ready, or -n 0 before a --setup that draws "
               "no reply";
    if (settings->preset)
        return "try a longer -t, or a request that is whole: no quote or bracket left open";
    return advise_on_silence(settings, diagnosis->received > 0 && sent != SENT_TYPED,
                             sent == SENT_TYPED, out, size);
}

char *status_report_stall(const struct run *r, dualpipe *child, enum sent_kind sent, char *out,
                          size_t size) {
    const char *program = settings_program(r->s);
    struct dualpipe_diagnosis diagnosis;
    char name[80], words[256];
    dualpipe_diagnose(child, &diagnosis, 0);
    snprintf(out, size, "%s %s, %zu bytes not read by it%s, %llu bytes received: %s",
             escape_bytes(program, strlen(program), name, sizeof name),
             describe_state(diagnosis.state), diagnosis.unread,
             sent == SENT_PART ? ", more to send" : "", (unsigned long long)diagnosis.received,
             choose_advice(r->s, &diagnosis, sent, words, sizeof words));
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
