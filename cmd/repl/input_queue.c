/* input_queue.c: lines that a person has typed, until they are sent. */
#include "util/log.h"
#include "repl/talk.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool append(struct talk *t, const char *p, size_t n) {
    char *more;
    if (n == 0)
        return true;
    if (t->from > 0) {
        memmove(t->typed, t->typed + t->from, t->to - t->from);
        t->to -= t->from;
        t->from = 0;
    }
    if (t->to + n > t->room) {
        if (!(more = realloc(t->typed, t->to + n)))
            return false;
        t->typed = more;
        t->room = t->to + n;
    }
    memcpy(t->typed + t->to, p, n);
    t->to += n;
    return true;
}

/* A paste is as many lines as it has. */
static void take_text(struct talk *t, const char *text) {
    size_t n = strlen(text);
    bool ended = n > 0 && text[n - 1] == '\n';
    if (append(t, text, n) && (ended || append(t, "\n", 1)))
        return;
    say_error("typing", NULL, "%s", strerror(ENOMEM));
}

void typed_goes(struct talk *t) {
    t->since = run_now(t->run);
    t->heard = 0;
    t->asked = true;
    t->told = t->impatient = false;
}

/* What is pasted is sent as it is, and a password. */
static char *look_for_escape(struct talk *t, char *text) {
    char c = t->run->s->escape;
    if (t->unseen || strchr(text, '\n') || !c || text[0] != c)
        return text;
    if (text[1] == c)
        return text + 1;
    return talk_escape(t, text) ? NULL : text;
}

bool typed_line(void *data, char *text) {
    struct talk *t = data;
    if (!text)
        t->ending = true;
    else if ((text = look_for_escape(t, text)))
        typed_goes(t);
    if (text || t->ending || t->over)
        screen_accept(&t->screen);
    if (text)
        take_text(t, text);
    return text != NULL;
}

void typed_drop(struct talk *t) {
    t->from = t->to = 0;
}

void typed_sent(struct talk *t, const char *p, size_t n) {
    if (!t->unseen)
        record_add(&t->record, '>', p, n);
}
