/* tilde_commands.c: lines typed at the prompt that are for dualpipe itself: `~?` lists them. */
#include "repl/readline.h"
#include "run/status_report.h"
#include "util/log.h"
#include "util/signals.h"
#include "repl/talk.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LINE = 512 };

/* To who has typed it, wherever stderr goes. */
static void answer(const char *form, ...) __attribute__((format(printf, 1, 2)));
static void answer(const char *form, ...) {
    char text[LINE], safe[LINE + 16];
    va_list values;
    va_start(values, form);
    vsnprintf(text, sizeof text, form, values);
    va_end(values);
    editor_say("dualpipe: ");
    editor_say(escape(text, strlen(text), safe, sizeof safe));
    editor_say("\n");
}

static void list(struct talk *t, const char *value) {
    char c = t->run->s->escape, text[LINE], safe[sizeof t->name];
    (void)value;
    snprintf(text, sizeof text,
             "%c?       this list\n"
             "%c.       end\n"
             "%ci NAME  send it a signal: INT, TERM, ...\n"
             "%cr       a fresh %s\n"
             "%cs       the state it is in\n"
             "%ct TIME  the limit of a reply; inf: none\n"
             "%cw FILE  record what is said from here on; without FILE: no longer\n"
             "%c%c       a line that begins with %c\n",
             c, c, c, c, escape(t->name, strlen(t->name), safe, sizeof safe), c, c, c, c, c, c);
    editor_say(text);
}

static void leave(struct talk *t, const char *value) {
    (void)value;
    t->leaving = t->over = true;
}

static void send_signal(struct talk *t, const char *value) {
    int signo = signals_number(value);
    if (signo > 0)
        talk_signal(t, signo);
    else
        answer("signal: %s: no such signal: a name like INT, or a number, is meant", value);
}

static void start_again(struct talk *t, const char *value) {
    (void)value;
    if (t->run->s->session)
        answer("%s: a session's child is not replaced: dualpipe --stop ends it",
               t->run->s->session);
    else
        t->again = t->over = true;
}

static void say_state(struct talk *t, const char *value) {
    char words[256], limit[32] = "none";
    struct dualpipe_reply oldest;
    (void)value;
    if (t->terms.timeout != FOREVER)
        snprintf(limit, sizeof limit, "%gs", (double)t->terms.timeout / 1e6);
    if (t->batch.pool)
        dualpipe_pool_oldest(t->batch.pool, &oldest); /* a session tells the state with it */
    if (talk_child(t))
        report_state(talk_child(t), words, sizeof words);
    else
        snprintf(words, sizeof words, "is being started");
    answer("state: %s: %s; limit of a reply: %s", t->name, words, limit);
}

static void set_timeout(struct talk *t, const char *value) {
    const char *why;
    int64_t limit;
    if (!t->run->s->asks)
        why = "nothing says where a reply ends: start with -n, -u, -p, --fence or -a";
    else if (!(why = parse_time(value, &limit)) && limit == 0)
        why = "0 would wait for nothing: inf is no limit";
    if (why)
        answer("limit of a reply: %s%s%s", value, *value ? ": " : "", why);
    else
        t->terms.timeout = limit;
}

static void set_record(struct talk *t, const char *value) {
    struct record fresh = {0};
    int error = *value ? record_open(&fresh, value) : 0;
    if (error < 0) {
        answer("recording: %s: %s", value, strerror(-error));
    } else {
        talk_end_record(t);
        t->record = fresh;
    }
}

static const struct {
    char letter;
    bool takes; /* a value */
    void (*run)(struct talk *t, const char *value);
} all[] = {
    {'?', false, list},      {'.', false, leave},      {'i', true, send_signal},
    {'r', false, start_again}, {'s', false, say_state}, {'t', true, set_timeout},
    {'w', true, set_record},
};

bool talk_escape(struct talk *t, char *line) {
    size_t n = strlen(line);
    const char *value;
    if (n < 2)
        return false;
    value = line + 2 + strspn(line + 2, " \t");
    while (n > 2 && (line[n - 1] == ' ' || line[n - 1] == '\t'))
        n--; /* such as Tab puts behind a name */
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].letter == line[1] && (n == 2 || (all[i].takes && value > line + 2))) {
            line[n] = 0;
            all[i].run(t, value);
            return true;
        }
    return false;
}
