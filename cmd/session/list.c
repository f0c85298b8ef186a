/* list.c: the sessions there are, a line or an object each. */
#include "options/session_options.h"
#include "options/limits.h"
#include "util/json_writer.h"
#include "util/log.h"
#include "session/session.h"
#include "run/exit_status.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GREET_MS = 2000 };

struct session_row {
    const char *name;
    const struct dualpipe_session_info *its;
    char *words; /* of the command */
};

/* The command's words, with blanks between them. */
static char *join_command(const struct dualpipe_session_info *its) {
    char *text = NULL;
    size_t n;
    FILE *f = open_memstream(&text, &n);
    const char *word;
    for (int i = 0;
         f && (word = session_options_find(its->description, its->description_size, "command", i));
         i++)
        fprintf(f, "%s%s", i > 0 ? " " : "", word);
    return f && fclose(f) == 0 ? text : NULL;
}

static void format_age(int64_t ms, char *out, size_t size) {
    int64_t s = ms / 1000;
    if (s < 120)
        snprintf(out, size, "%llds", (long long)s);
    else if (s < 7200)
        snprintf(out, size, "%lldm", (long long)s / 60);
    else
        snprintf(out, size, "%lldh", (long long)s / 3600);
}

const char *list_describe_end(const struct dualpipe_session_info *its, char *out, size_t size) {
    const struct dualpipe_status *status = &its->status;
    char why[400];
    if (its->reason_size > 0)
        snprintf(out, size, "was stopped: %s",
                 escape_bytes(its->reason, its->reason_size, why, sizeof why));
    else if (status->limit)
        snprintf(out, size, "ended by its limit of %s", limits_name(status->limit));
    else if (status->signal > 0)
        snprintf(out, size, "ended by signal %d (%s)", status->signal, strsignal(status->signal));
    else if (status->code >= 0)
        snprintf(out, size, "ended with status %d", status->code);
    else
        snprintf(out, size, "closed its output");
    return out;
}

static void print_line(const struct session_row *row) {
    const struct dualpipe_session_info *its = row->its;
    char idle[24], state[160], words[400];
    format_age(its->clients > 1 ? 0 : its->idle_ms, idle, sizeof idle);
    if (its->ended)
        list_describe_end(its, state, sizeof state);
    else
        snprintf(state, sizeof state, "child %ld, %d client%s, answered %lld, idle %s",
                 (long)its->child_pid, its->clients - 1, its->clients == 2 ? "" : "s",
                 (long long)its->stats.answered, idle);
    printf("@%s: pid %ld, %s: %s\n", row->name, (long)its->server_pid, state,
           escape_bytes(row->words, strlen(row->words), words, sizeof words));
}

/* It may hold any bytes. */
static void print_command(const char *words) {
    size_t n = strlen(words);
    char *member = malloc(6 * n + 32);
    if (!member)
        return;
    *json_writer_member(member, "command", words, n) = 0;
    fputs(member, stdout);
    free(member);
}

static void print_object(const struct session_row *row) {
    const struct dualpipe_session_info *its = row->its;
    printf("{\"session\":\"@%s\",\"pid\":%ld", row->name, (long)its->server_pid);
    print_command(row->words);
    if (its->child_pid > 0)
        printf(",\"child\":%ld", (long)its->child_pid);
    if (its->ended && its->status.signal > 0)
        printf(",\"over\":true,\"signal\":%d", its->status.signal);
    else if (its->ended)
        printf(",\"over\":true,\"code\":%d", its->status.code);
    printf(",\"workers\":%d,\"clients\":%d,\"in\":%lld,\"answered\":%lld,\"failed\":%lld"
           ",\"idle_ms\":%lld,\"age_ms\":%lld}\n",
           its->workers, its->clients - 1, (long long)its->stats.submitted,
           (long long)its->stats.answered, (long long)its->stats.failed, (long long)its->idle_ms,
           (long long)its->age_ms);
}

/* Those that have gone, or are no session, are left out. */
static void print_session(const struct settings *s, const char *dir, const char *name) {
    char path[SESSION_PATH_MAX];
    struct dualpipe_session_info its;
    struct session_row row = {name, &its, NULL};
    dualpipe *connection;
    int r;
    if (snprintf(path, sizeof path, "%s/%s", dir, name) >= SESSION_PATH_MAX ||
        dualpipe_session_connect(&connection, path, GREET_MS, NULL) < 0)
        return;
    r = dualpipe_session_hello(connection, &its, GREET_MS);
    if (r == -ETIMEDOUT || r == -EPROTO)
        log_note("session", path, "it does not answer");
    else if (r == 0 && (row.words = join_command(&its)) && s->json)
        print_object(&row);
    else if (row.words)
        print_line(&row);
    free(row.words);
    dualpipe_close(connection, NULL);
}

static int is_session_entry(const struct dirent *e) {
    return paths_is_session_name(e->d_name);
}

int list_sessions(const struct settings *s) {
    char dir[SESSION_PATH_MAX];
    struct dirent **all;
    int status, n;
    if (!paths_session_dir(dir, false, &status))
        return status;
    if ((n = scandir(dir, &all, is_session_entry, alphasort)) < 0) {
        log_error("sessions", dir, "%s", strerror(errno));
        return STATUS_DUALPIPE_FAILED;
    }
    for (int i = 0; i < n; i++) {
        print_session(s, dir, all[i]->d_name);
        free(all[i]);
    }
    free(all);
    return 0;
}
