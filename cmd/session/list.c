/* list.c: --sessions: a line, or with --json an object, for each named session.
 *
 * Each socket in the session directory is connected to and greeted; the answer has all that is
 * shown (struct dualpipe_session_info), so nothing is looked up in /proc. A server that doesn't
 * answer the greeting in time is named on stderr; a socket that can't be connected to, as it has no
 * server, is left out.
 *
 * A server counts us as one of its clients, so the number shown is one less. */
#include "session/list.h"
#include "options/limits.h"
#include "options/session_options.h"
#include "run/exit_status.h"
#include "run/run.h"
#include "session/paths.h"
#include "util/json_writer.h"
#include "util/escape.h"
#include "util/log.h"
#include "session/session.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    HELLO_TIMEOUT_MS = 2000, /* per session */
    PART_MAX = 80,           /* bytes of a reply under way, as dualpipe/session.h says */
};

struct session_row {
    const char *name;
    const struct dualpipe_session_info *info;
    char *command; /* all its words */
};

/* The words of the session's command, with blanks between them, allocated; NULL: no memory. */
static char *join_command(const struct dualpipe_session_info *info) {
    char *command = NULL;
    size_t size;
    FILE *f = open_memstream(&command, &size);
    const char *word;
    for (int i = 0; f && (word = session_options_find(info->description, info->description_size,
                                                      "command", i));
         i++)
        fprintf(f, "%s%s", i > 0 ? " " : "", word);
    return f && fclose(f) == 0 ? command : NULL;
}

/* Seconds, minutes from 2 minutes on, hours from 2 hours on. */
static void format_age(int64_t ms, char *out, size_t size) {
    int64_t s = ms / 1000;
    if (s < 120)
        snprintf(out, size, "%llds", (long long)s);
    else if (s < 7200)
        snprintf(out, size, "%lldm", (long long)s / 60);
    else
        snprintf(out, size, "%lldh", (long long)s / 3600);
}

const char *list_describe_end(const struct dualpipe_session_info *info, char *out, size_t size) {
    const struct dualpipe_status *exit_status = &info->status;
    char reason[400];
    if (info->reason_size > 0)
        snprintf(out, size, "was stopped: %s",
                 escape_bytes(info->reason, info->reason_size, reason, sizeof reason));
    else if (exit_status->limit)
        snprintf(out, size, "ended by its limit of %s", limits_name(exit_status->limit));
    else if (exit_status->signal > 0)
        snprintf(out, size, "ended by signal %d (%s)", exit_status->signal,
                 strsignal(exit_status->signal));
    else if (exit_status->code >= 0)
        snprintf(out, size, "ended with status %d", exit_status->code);
    else
        snprintf(out, size, "closed its output");
    return out;
}

/* What the session is at: who asks, for how long, and what has come; or how long it is idle. */
static void describe_work(const struct dualpipe_session_info *info, char *out, size_t size) {
    char age[24], part[400] = "";
    format_age(info->running_pid > 0 ? info->running_ms : info->idle_ms, age, sizeof age);
    if (info->part_size > 0)
        escape_bytes(info->part, info->part_size, part, sizeof part);
    if (info->running_pid > 0)
        snprintf(out, size, "at work for pid %ld since %s%s%s%s", (long)info->running_pid, age,
                 *part ? ", at last \"" : "", part, *part ? "\"" : "");
    else
        snprintf(out, size, "idle %s", age);
}

static void print_line(const struct session_row *row) {
    const struct dualpipe_session_info *info = row->info;
    char work[480], state[640], command[400];
    describe_work(info, work, sizeof work);
    if (info->ended)
        list_describe_end(info, state, sizeof state);
    else
        snprintf(state, sizeof state, "child %ld, %d client%s, answered %lld, %s",
                 (long)info->child_pid, info->clients - 1, info->clients == 2 ? "" : "s",
                 (long long)info->stats.answered, work);
    printf("@%s: pid %ld, %s: %s\n", row->name, (long)info->server_pid, state,
           escape_bytes(row->command, strlen(row->command), command, sizeof command));
}

/* The command may hold any bytes, so it is escaped: 6 times as long at most. */
static void print_command(const char *command) {
    size_t n = strlen(command);
    char *member = malloc(6 * n + 32);
    if (!member)
        return;
    *json_writer_member(member, "command", command, n) = 0;
    fputs(member, stdout);
    free(member);
}

static void print_running(const struct dualpipe_session_info *info) {
    char part[6 * PART_MAX + 32];
    printf(",\"running_pid\":%ld,\"running_ms\":%lld", (long)info->running_pid,
           (long long)info->running_ms);
    if (info->part_size > 0 && info->part_size <= PART_MAX) {
        *json_writer_member(part, "part", info->part, info->part_size) = 0;
        fputs(part, stdout);
    }
}

static void print_object(const struct session_row *row) {
    const struct dualpipe_session_info *info = row->info;
    printf("{\"session\":\"@%s\",\"pid\":%ld", row->name, (long)info->server_pid);
    print_command(row->command);
    if (info->child_pid > 0)
        printf(",\"child\":%ld", (long)info->child_pid);
    if (info->ended && info->status.signal > 0)
        printf(",\"over\":true,\"signal\":%d", info->status.signal);
    else if (info->ended)
        printf(",\"over\":true,\"code\":%d", info->status.code);
    printf(",\"workers\":%d,\"clients\":%d,\"in\":%lld,\"answered\":%lld,\"failed\":%lld"
           ",\"idle_ms\":%lld,\"age_ms\":%lld",
           info->workers, info->clients - 1, (long long)info->stats.submitted,
           (long long)info->stats.answered, (long long)info->stats.failed, (long long)info->idle_ms,
           (long long)info->age_ms);
    if (info->running_pid > 0)
        print_running(info);
    puts("}");
}

/* Sessions that have gone are left out; one that does not answer is named on stderr. Returns
 * whether there is such a session. */
static bool print_session(const struct settings *s, const char *dir, const char *name) {
    char path[SESSION_PATH_MAX];
    struct dualpipe_session_info info;
    struct session_row row = {name, &info, NULL};
    dualpipe *connection;
    int r;
    if (snprintf(path, sizeof path, "%s/%s", dir, name) >= SESSION_PATH_MAX)
        return false;
    if ((r = dualpipe_session_connect(&connection, path, HELLO_TIMEOUT_MS, NULL)) == 0)
        r = dualpipe_session_hello(connection, &info, HELLO_TIMEOUT_MS);
    if (r == -ETIMEDOUT || r == -EPROTO)
        log_note("session", path, "it does not answer");
    else if (r == 0 && (row.command = join_command(&info)) && s->json)
        print_object(&row);
    else if (row.command)
        print_line(&row);
    free(row.command);
    dualpipe_close(connection, NULL);
    return r == 0 || r == -ETIMEDOUT || r == -EPROTO;
}

static int is_session_entry(const struct dirent *e) {
    return paths_is_session_name(e->d_name);
}

int list_sessions(const struct settings *s) {
    char dir[SESSION_PATH_MAX];
    struct dirent **entries;
    int status, n, found = 0;
    if (!paths_session_dir(dir, false, &status))
        return status;
    if ((n = scandir(dir, &entries, is_session_entry, alphasort)) < 0) {
        log_error("sessions", dir, "%s", strerror(errno));
        return STATUS_DUALPIPE_FAILED;
    }
    for (int i = 0; i < n; i++) {
        if (!s->session_name || strcmp(s->session_name + 1, entries[i]->d_name) == 0)
            found += print_session(s, dir, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    if (!s->session_name || found > 0)
        return 0;
    log_error("session", s->session_name, "there is none");
    return STATUS_NO_SESSION;
}
