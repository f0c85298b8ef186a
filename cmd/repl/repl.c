/* repl.c: interactive mode: lines that a person types go to a child, what it says goes on
 * the screen. Without a rule both as they come; with one a line is a request, and the prompt comes
 * back with its whole reply. */
#include "run/child.h"
#include "repl/readline.h"
#include "repl/history.h"
#include "repl/typeahead.h"
#include "modes/modes.h"
#include "options/presets.h"
#include "run/status_report.h"
#include "util/log.h"
#include "util/signals.h"
#include "repl/talk.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    TYPED_MOST = 65536, /* bytes not sent; then keys wait */
    OUR_EVENTS = 2,
};
static const int64_t hint_after = 2000000, stall_after = 5000000;
static const int64_t hold_prompt = 20000; /* for a child to answer before it is shown */
static const int64_t redraw_after = 50000; /* of output that does not stop */

static struct talk *talk; /* the one there is, for signals */

/* --- what the run asks of us ------------------------------------------------------------- */

/* Ctrl-C once the input has ended: the child's; a second time ours. */
static bool take_interrupt(struct talk *t) {
    keys_drop(); /* what is read from now on was typed behind it */
    if (!t->ended && !t->ending)
        t->interrupts++;
    else if (t->interrupts++ == 0)
        talk_signal(t, SIGINT);
    else
        return false;
    return true;
}

static bool take_signal(struct run *r, int signo) {
    (void)r;
    if (signo == SIGCONT)
        editor_enter();
    if (signo == SIGWINCH)
        talk->resized = true;
    return signo == SIGINT ? take_interrupt(talk) : signo == SIGWINCH;
}

static int put(struct run *r, bool err, const char *p, size_t n) {
    (void)r;
    talk->flowing = true;
    if (talk->heard == 0)
        talk->heard = run_now(r);
    talk->hinted |= talk->asked; /* no hint is needed: it answers */
    record_add(&talk->record, err ? '!' : '<', p, n);
    return screen_put(&talk->screen, err, p, n);
}

static const struct front front = {take_signal, editor_leave, editor_enter, put};

static bool stops(void *data) {
    struct talk *t = data;
    return run_look_at_signals(t->run) < 0 || t->interrupts > 0 ||
           (t->run->deadline != FOREVER && run_now(t->run) >= t->run->deadline);
}

static char **find_words(void *data, const char *text) {
    struct talk *t = data;
    return vocabulary_find(&t->words, text);
}

static void hear_words(void *data, const char *p, size_t n) {
    vocabulary_hear(data, p, n);
}

/* --- the prompt and the time ------------------------------------------------------------- */

static bool takes_keys(const struct talk *t) {
    if (t->ending || t->over || t->to - t->from > TYPED_MOST)
        return false;
    return !talk_asks(t) || (!t->under_way && t->run->had_child && t->from == t->to);
}

static int64_t sooner(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static void show_prompt(struct talk *t, int64_t now) {
    dualpipe *child = talk_child(t);
    t->unseen = child && dualpipe_echo(child) == 0;
    editor_conceal(t->unseen);
    if (!editor_is_shown()) {
        t->shown = now;
        screen_settle(&t->screen);
    }
    editor_show(screen_prompt(&t->screen, t->prompt));
}

/* How long a prompt that is not there may wait: 0: it is there now. */
static int64_t hold_back(struct talk *t, int64_t now) {
    if (!editor_is_shown()) {
        if (t->flowing && now < t->shown + redraw_after)
            return 1; /* more may be there: it would be taken away at once */
        if (!talk_asks(t) && t->heard == 0 && now < t->since + hold_prompt)
            return t->since + hold_prompt - now;
    }
    show_prompt(t, now);
    return 0;
}

static void say_hint(struct talk *t) {
    char words[512];
    t->hinted = true;
    say_note("waiting", NULL, "nothing has come in 2 s: %s",
             report_stall(t->run, t->run->child, SENT_TYPED, words, sizeof words));
}

/* Says once what may be amiss when nothing comes; how long until then. */
static int64_t look_at_silence(struct talk *t, int64_t now) {
    int64_t due = t->since + (talk_asks(t) ? stall_after : hint_after);
    bool waits = talk_asks(t) ? t->under_way && !t->run->stalled
                             : t->asked && t->heard == 0 && !t->hinted && !t->ending;
    if (!waits || now < due)
        return waits ? due - now : FOREVER;
    if (talk_asks(t))
        batch_say_stall(&t->batch);
    else
        say_hint(t);
    return FOREVER;
}

/* A child that has closed its output may be about to end. */
static int64_t look_at_clock(struct talk *t, int64_t now) {
    if (t->closed == 0 || t->closed == FOREVER)
        return look_at_silence(t, now);
    if (now < t->closed + hint_after)
        return t->closed + hint_after - now;
    t->closed = FOREVER;
    say_note("child", t->name, "has closed its output, and goes on");
    return FOREVER;
}

static void see_to_interrupts(struct talk *t) {
    if (t->interrupts == 0)
        return;
    t->interrupts = 0;
    typed_drop(t);
    if (editor_drop("^C"))
        return;
    screen_accept(&t->screen);
    if (t->under_way && t->impatient)
        dualpipe_pool_give_up(t->batch.pool);
    else
        talk_signal(t, SIGINT);
    t->impatient = true;
}

static void see_to_size(struct talk *t) {
    unsigned short rows, columns;
    if (!t->resized)
        return;
    t->resized = false;
    editor_resize(&rows, &columns);
    if (t->run->s->rows == 0 && talk_child(t))
        dualpipe_resize(talk_child(t), rows, columns);
}

/* --- the whole --------------------------------------------------------------------------- */

static int child_events(struct talk *t, struct dualpipe_event *e, int64_t *limit) {
    const char *p;
    int ms = limit_ms(*limit), n, ended;
    if (talk_asks(t)) {
        n = dualpipe_pool_events(t->batch.pool, e, 1, &ms);
        *limit = ms < 0 ? FOREVER : sooner(*limit, (int64_t)ms * 1000);
        return n;
    }
    e->dp = t->run->child;
    e->wants = DUALPIPE_ENDED | DUALPIPE_ERR | DUALPIPE_IN | (t->from < t->to ? DUALPIPE_OUT : 0);
    if (dualpipe_peek(t->run->child, &p, &ended) > 0)
        *limit = 0;
    return 1;
}

/* While output flows nothing else is looked at by the wait. */
static bool key_is_there(const struct dualpipe_event *keys) {
    struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
    return keys->has & DUALPIPE_IN || (poll(&p, 1, 0) == 1 && p.revents & POLLIN);
}

/* A key that is not taken yet must not lie in front of Ctrl-C. false: the terminal has gone. */
static bool see_to_keys(struct talk *t, const struct dualpipe_event *e, bool taken, int64_t now) {
    bool there = key_is_there(e);
    if (!taken)
        return !there || keys_read_ahead();
    if (!there && !keys_are_ahead())
        return true;
    see_to_size(t); /* it may be why we are here too */
    show_prompt(t, now);
    return editor_read();
}

/* 0, or -1: the run must stop. */
static int wait_for_more(struct talk *t) {
    struct dualpipe_event e[OUR_EVENTS + 2] = {{.dp = t->run->host, .wants = DUALPIPE_GONE},
                                               {.fd = STDIN_FILENO}};
    int64_t now = run_now(t->run), limit = look_at_clock(t, now), held;
    bool keys = takes_keys(t);
    if (keys && (held = hold_back(t, now)) > 0)
        limit = sooner(limit, held > 1 ? held : 0);
    else if (!keys)
        say_clear();
    e[1].wants = DUALPIPE_GONE | DUALPIPE_IN;
    if (keys && keys_are_ahead())
        limit = 0;
    t->flowing = false;
    int n = child_events(t, e + OUR_EVENTS, &limit);
    if (run_wait(t->run, e, OUR_EVENTS + n, limit) < 0)
        return -1;
    if (e[0].has & DUALPIPE_GONE && !t->screen.out) {
        run_output_failed(t->run, EPIPE);
        return -1;
    }
    if (e[1].has & DUALPIPE_GONE || !see_to_keys(t, &e[1], keys, now)) {
        run_decide(t->run, "signal", 128 + SIGHUP); /* the terminal has gone */
        t->run->death = t->run->stop_signal = SIGHUP;
        return -1;
    }
    return talk_asks(t) ? 0 : told_hear(t, e[OUR_EVENTS].has & DUALPIPE_ENDED);
}

/* Until it is over. */
static void converse(struct talk *t) {
    while (!t->over) {
        see_to_interrupts(t);
        see_to_size(t);
        if (talk_asks(t) && asked_go_on(t) < 0)
            return;
        if (!talk_asks(t))
            told_send(t);
        if (!t->over && wait_for_more(t) < 0)
            return;
    }
}

static bool begin(struct talk *t) {
    struct run *r = t->run;
    t->over = t->again = t->under_way = false;
    t->since = run_now(r);
    t->heard = t->closed = 0;
    t->asked = t->impatient = false;
    t->signalled = 0;
    screen_accept(&t->screen);
    if (talk_asks(t))
        return batch_open_pool(&t->batch) == 0;
    if (!coprocess_start(r))
        return false;
    report_ready(r, r->child);
    return true;
}

/* Stopped if the user wants it to be gone, or a signal has come. */
static void end(struct talk *t) {
    struct run *r = t->run;
    bool hard = t->leaving || t->again || r->stop_signal;
    bool ours = !r->stop_signal;
    if (hard && ours)
        r->stop_signal = SIGTERM;
    t->ending = t->ended = true;
    if (t->batch.pool)
        batch_let_go(&t->batch);
    if (talk_asks(t))
        batch_close_pool(&t->batch);
    else if (r->child)
        coprocess_stop(r, r->child, hard, NULL);
    if (ours)
        r->stop_signal = 0;
    if (!hard && t->signalled && (r->last.signal < 0 || r->last.signal == t->signalled))
        r->last.stopped = 0; /* the signal was the user's: its end is its own */
    t->ending = t->ended = false;
    t->batch.children = t->batch.replaced = 0;
    screen_break(&t->screen);
}

static void say_end(struct talk *t, bool typed) {
    const struct dualpipe_status *s = &t->run->last;
    if (!t->run->had_child || s->stopped || s->limit || t->run->stop_signal)
        return;
    if (s->signal > 0)
        say_note("child", t->name, "ended by signal %d (%s)", s->signal, strsignal(s->signal));
    else if (s->code > 0 || typed)
        say_note("child", t->name, "ended with status %d", s->code);
}

static bool prepare(struct talk *t) {
    struct run *r = t->run;
    const char *slash = strrchr(r->s->argv[0], '/');
    const char *name = slash && slash[1] ? slash + 1 : r->s->argv[0];
    char safe[sizeof t->name];
    int error = vocabulary_open(&t->words, r->s->preset ? preset_words(r->s->preset) : NULL,
                                r->s->words);
    struct editor_options o = {.complete = find_words, .line = typed_line, .data = t};
    if (error < 0) {
        say_error("reading the words", r->s->words, "%s", strerror(-error));
        return false;
    }
    snprintf(t->name, sizeof t->name, "%s", name);
    snprintf(t->prompt, sizeof t->prompt, "%s> ",
             escape(t->name, strlen(t->name), safe, sizeof safe));
    if (!r->s->history ||
        (strcmp(r->s->history, "none") != 0 && strcmp(r->s->history, "/dev/null") != 0))
        o.history = t->history = history_path(r->s->history, name);
    keys_open(stops, t, r->signal_fd);
    return editor_open(&o) == 0;
}

static void talk_and_stop(struct talk *t) {
    bool typed;
    do {
        if (begin(t))
            converse(t);
        if ((typed = editor_drop("")))
            screen_accept(&t->screen);
        end(t);
    } while (t->again && !t->run->stop_signal);
    run_decide_by_child(t->run, &t->run->last);
    say_end(t, typed);
}

void run_interactive(struct run *r) {
    struct talk t = {.run = r, .terms = r->s->terms};
    talk = &t;
    if (batch_open(&t.batch, r) < 0)
        return;
    screen_open(&t.screen, r);
    t.screen.heard = hear_words;
    t.screen.data = &t.words;
    if (prepare(&t)) {
        r->front = &front;
        talk_and_stop(&t);
        screen_close(&t.screen);
        r->front = NULL;
        editor_close();
        keys_close();
    } else {
        run_decide(r, "failed", STATUS_OURS);
    }
    talk_end_record(&t);
    batch_close(&t.batch);
    vocabulary_close(&t.words);
    free(t.history);
    free(t.typed);
    free(t.echo);
}
