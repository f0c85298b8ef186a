/* list.c: the sessions there are, a line or an object each. */
#include "options/session_options.h"
#include "options/limits.h"
#include "util/json_writer.h"
#include "util/log.h"
#include "session/session.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GREET_MS = 2000 };

struct row {
    const char *name;
    const struct dualpipe_session *its;
    char *words; /* of the command */
};

/* The command's words, with blanks between them. */
static char *join_command(const struct dualpipe_session *its) {
    char *text = NULL;
    size_t n;
    FILE *f = open_memstream(&text, &n);
    const char *word;
    for (int i = 0; f && (word = fixed_find(its->about, its->about_size, "command", i)); i++)
        fprintf(f, "%s%s", i > 0 ? " " : "", word);
    return f && fclose(f) == 0 ? text : NULL;
}

static void put_time(int64_t ms, char *out, size_t size) {
    int64_t s = ms / 1000;
    if (s < 120)
        snprintf(out, size, "%llds", (long long)s);
    else if (s < 7200)
        snprintf(out, size, "%lldm", (long long)s / 60);
    else
        snprintf(out, size, "%lldh", (long long)s / 3600);
}

const char *session_end_words(const struct dualpipe_session *its, char *out, size_t size) {
    const struct dualpipe_status *status = &its->status;
    char why[400];
    if (its->why_size > 0)
        snprintf(out, size, "was stopped: %s",
                 escape(its->why, its->why_size, why, sizeof why));
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

static void show_line(const struct row *row) {
    const struct dualpipe_session *its = row->its;
    char idle[24], state[160], words[400];
    put_time(its->clients > 1 ? 0 : its->idle, idle, sizeof idle);
    if (its->over)
        session_end_words(its, state, sizeof state);
    else
        snprintf(state, sizeof state, "child %ld, %d client%s, answered %lld, idle %s",
                 (long)its->child, its->clients - 1, its->clients == 2 ? "" : "s",
                 (long long)its->books.answered, idle);
    printf("@%s: pid %ld, %s: %s\n", row->name, (long)its->server, state,
           escape(row->words, strlen(row->words), words, sizeof words));
}

/* It may hold any bytes. */
static void put_command(const char *words) {
    size_t n = strlen(words);
    char *member = malloc(6 * n + 32);
    if (!member)
        return;
    *quote_member(member, "command", words, n) = 0;
    fputs(member, stdout);
    free(member);
}

static void show_object(const struct row *row) {
    const struct dualpipe_session *its = row->its;
    printf("{\"session\":\"@%s\",\"pid\":%ld", row->name, (long)its->server);
    put_command(row->words);
    if (its->child > 0)
        printf(",\"child\":%ld", (long)its->child);
    if (its->over && its->status.signal > 0)
        printf(",\"over\":true,\"signal\":%d", its->status.signal);
    else if (its->over)
        printf(",\"over\":true,\"code\":%d", its->status.code);
    printf(",\"workers\":%d,\"clients\":%d,\"in\":%lld,\"answered\":%lld,\"failed\":%lld"
           ",\"idle_ms\":%lld,\"age_ms\":%lld}\n", its->workers, its->clients - 1,
           (long long)its->books.in, (long long)its->books.answered, (long long)its->books.failed,
           (long long)its->idle, (long long)its->age);
}

/* Those that have gone, or are no session, are left out. */
static void show(const struct settings *s, const char *dir, const char *name) {
    char path[SESSION_PATH];
    struct dualpipe_session its;
    struct row row = {name, &its, NULL};
    dualpipe *connection;
    int r;
    if (snprintf(path, sizeof path, "%s/%s", dir, name) >= SESSION_PATH ||
        dualpipe_connect(&connection, path, GREET_MS, NULL) < 0)
        return;
    r = dualpipe_greet(connection, &its, GREET_MS);
    if (r == -ETIMEDOUT || r == -EPROTO)
        say_note("session", path, "it does not answer");
    else if (r == 0 && (row.words = join_command(&its)) && s->json)
        show_object(&row);
    else if (row.words)
        show_line(&row);
    free(row.words);
    dualpipe_close(connection, NULL);
}

static int is_session(const struct dirent *e) {
    return session_is_name(e->d_name);
}

int session_list(const struct settings *s) {
    char dir[SESSION_PATH];
    struct dirent **all;
    int status, n;
    if (!session_directory(dir, false, &status))
        return status;
    if ((n = scandir(dir, &all, is_session, alphasort)) < 0) {
        say_error("sessions", dir, "%s", strerror(errno));
        return STATUS_OURS;
    }
    for (int i = 0; i < n; i++) {
        show(s, dir, all[i]->d_name);
        free(all[i]);
    }
    free(all);
    return 0;
}
