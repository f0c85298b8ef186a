/* readline.c: the line that a person types at a terminal; the only file that knows GNU readline,
 * which is loaded when a person is there and costs nothing else. */
#include "repl/readline.h"
#include "repl/history.h"
#include "repl/typeahead.h"
#include "util/log.h"
#include "repl/terminal.h"
#include "repl/completion.h"
#include <dlfcn.h>
#include <errno.h>
#include <readline/history.h>
#include <readline/readline.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STRING(x) #x
#define VALUE(x) STRING(x)
#define LIBRARY "libreadline.so." VALUE(RL_VERSION_MAJOR)

/* What is used of it. */
#define NAMES(X)                                                                                   \
    X(rl_initialize) X(rl_callback_handler_install) X(rl_callback_handler_remove)                  \
    X(rl_callback_read_char) X(rl_callback_sigcleanup) X(rl_clear_visible_line) X(rl_on_new_line)  \
    X(rl_redisplay) X(rl_set_prompt) X(rl_resize_terminal) X(rl_reset_screen_size)                 \
    X(rl_get_screen_size) X(rl_prep_terminal) X(rl_deprep_terminal) X(rl_free_line_state)          \
    X(rl_completion_matches) X(add_history) X(history_get) X(remove_history)                       \
    X(free_history_entry) X(stifle_history) X(rl_readline_name) X(rl_catch_signals)                \
    X(rl_catch_sigwinch) X(rl_change_environment) X(rl_instream) X(rl_outstream)                   \
    X(rl_display_prompt) X(rl_prompt) X(rl_point) X(rl_end) X(rl_line_buffer) X(rl_getc_function)  \
    X(rl_prep_term_function) X(rl_deprep_term_function) X(rl_redisplay_function)                   \
    X(rl_attempted_completion_function) X(rl_attempted_completion_over)                            \
    X(rl_completer_word_break_characters) X(rl_eof_found) X(rl_readline_state) X(rl_replace_line)  \
    X(rl_make_keymap) X(rl_bind_key_in_map) X(rl_bind_keyseq_in_map) X(rl_get_keymap)              \
    X(rl_set_keymap) X(rl_newline) X(rl_rubout) X(rl_bracketed_paste_begin)                        \
    X(rl_display_match_list) X(rl_completion_display_matches_hook) X(rl_completion_query_items)    \
    X(history_base) X(history_length) X(history_max_entries) X(history_is_stifled)

static struct {
#define DECLARE(name) __typeof__(name) *name;
    NAMES(DECLARE)
} rl;

enum { HISTORY_MOST = 10000, LISTED_MOST = 200 };
static struct {
    struct editor_options o;
    FILE *screen;
    bool open, installed, shown, secret;
    bool busy; /* another has the history's file: no more of these lines are kept there */
    Keymap keys, secret_keys; /* the user's while the others are used; NULL: not made yet */
    const char *ending; /* what is left to end a paste with; NULL: nothing has to */
    char *prompt; /* as it should be */
    char **words; /* that a completion gives one by one */
} ed;

/* --- the terminal ------------------------------------------------------------------------ */

static FILE *find_screen(void) {
    FILE *f = isatty(STDOUT_FILENO) ? stdout : isatty(STDERR_FILENO) ? stderr : NULL;
    return f ? f : fopen("/dev/tty", "we");
}

/* readline would give the terminal back for each line: keys typed then would be shown twice. */
static void keep_terminal(int meta) {
    (void)meta;
}

static void keep_terminal_too(void) {
}

void editor_enter(void) {
    if (!ed.open || !tty_await_foreground())
        return;
    rl.rl_deprep_terminal(); /* it may have been taken from us, and drawn on */
    rl.rl_prep_terminal(1);
    tty_mark();
    if (ed.shown)
        fputc('\r', *rl.rl_outstream);
    ed.shown = false;
    say_stands(NULL);
}

void editor_leave(void) {
    if (!ed.open)
        return;
    say_clear();
    tty_give_back(rl.rl_deprep_terminal);
}

void editor_resize(unsigned short *rows, unsigned short *columns) {
    int r = 0, c = 0;
    if (ed.shown)
        rl.rl_resize_terminal();
    else
        rl.rl_reset_screen_size();
    rl.rl_get_screen_size(&r, &c);
    *rows = (unsigned short)r;
    *columns = (unsigned short)c;
}

/* --- on the screen ----------------------------------------------------------------------- */

static void redisplay(void) {
    char *line = *rl.rl_line_buffer, first = line[0];
    int end = *rl.rl_end, point = *rl.rl_point;
    if (ed.secret) {
        *rl.rl_end = *rl.rl_point = 0;
        line[0] = 0;
    }
    rl.rl_redisplay();
    if (ed.secret) {
        *rl.rl_end = end;
        *rl.rl_point = point;
        line[0] = first;
    }
}

static int discard(int count, int key) {
    (void)count;
    (void)key;
    rl.rl_replace_line("", 1);
    return 0;
}

/* No key of these keeps what it takes away, to be brought back later. */
static Keymap make_secret_keys(void) {
    Keymap keys = rl.rl_make_keymap();
    if (!keys)
        return NULL;
    rl.rl_bind_key_in_map('\r', rl.rl_newline, keys);
    rl.rl_bind_key_in_map('\n', rl.rl_newline, keys);
    rl.rl_bind_key_in_map('\b', rl.rl_rubout, keys);
    rl.rl_bind_key_in_map(0x7f, rl.rl_rubout, keys);
    rl.rl_bind_key_in_map('U' & 0x1f, discard, keys);
    rl.rl_bind_keyseq_in_map("\\e[200~", rl.rl_bracketed_paste_begin, keys);
    return keys;
}

void editor_conceal(bool secret) {
    *rl.rl_redisplay_function = secret ? redisplay : rl.rl_redisplay;
    if (secret == ed.secret)
        return;
    ed.secret = secret;
    if (secret)
        ed.keys = rl.rl_get_keymap();
    if (secret && !ed.secret_keys)
        ed.secret_keys = make_secret_keys();
    if (ed.secret_keys)
        rl.rl_set_keymap(secret ? ed.secret_keys : ed.keys);
}

void editor_hide(void) {
    if (!ed.shown)
        return;
    ed.shown = false;
    rl.rl_clear_visible_line();
    fflush(*rl.rl_outstream);
}

static void on_line(char *line);

void editor_show(const char *prompt) {
    bool searching = ed.installed && *rl.rl_display_prompt != *rl.rl_prompt;
    bool new = !ed.prompt || strcmp(ed.prompt, prompt) != 0;
    if (ed.shown && (!new || searching))
        return;
    if (new) {
        char *copy = strdup(prompt);
        if (!copy)
            return;
        free(ed.prompt);
        ed.prompt = copy;
    }
    if (!ed.installed) {
        ed.installed = true;
        rl.rl_callback_handler_install(ed.prompt, on_line);
    } else {
        editor_hide();
        if (!searching)
            rl.rl_set_prompt(ed.prompt);
        rl.rl_on_new_line();
        (*rl.rl_redisplay_function)();
    }
    fflush(*rl.rl_outstream);
    ed.shown = true;
    say_stands(editor_hide);
}

bool editor_is_shown(void) {
    return ed.shown;
}

/* --- history ----------------------------------------------------------------------------- */

static void remember(void *data, const char *line) {
    (void)data;
    rl.add_history(line);
}

/* A line stands there once, where it was typed last. */
static void forget(const char *line) {
    for (int i = *rl.history_length - 1; i >= 0; i--) {
        HIST_ENTRY *e = rl.history_get(*rl.history_base + i);
        if (e && strcmp(e->line, line) == 0)
            rl.free_history_entry(rl.remove_history(i));
    }
}

static void say_history(const char *what, int error) {
    if (error < 0)
        say_note(what, ed.o.history, "%s", error == -EWOULDBLOCK
                 ? "another process holds it locked" : strerror(-error));
}

static void keep_line(const char *line) {
    int r;
    if (!*line || *line == ' ' || ed.secret)
        return;
    forget(line);
    rl.add_history(line);
    if (!ed.o.history || ed.busy || (r = history_add(ed.o.history, line)) == 0)
        return;
    say_history("keeping a line", r);
    ed.busy = r == -EWOULDBLOCK;
    if (r != -EMSGSIZE && r != -EWOULDBLOCK)
        ed.o.history = NULL; /* said once */
}

/* Each line of a paste. */
static void keep_lines(const char *text) {
    ed.busy = false;
    while (text && *text) {
        size_t n = strcspn(text, "\n");
        char *line = strndup(text, n);
        if (line)
            keep_line(line);
        free(line);
        text += n + (text[n] == '\n');
    }
}

/* --- completion -------------------------------------------------------------------------- */

static char *next_word(const char *text, int state) {
    static int n;
    (void)text;
    n = state == 0 ? 0 : n;
    return ed.words && ed.words[n] ? ed.words[n++] : NULL;
}

/* All that fit a screen or two; readline could not ask whether to show more of them here. */
static void list_matches(char **matches, int n, int longest) {
    int shown = n < LISTED_MOST ? n : LISTED_MOST;
    rl.rl_display_match_list(matches, shown, longest);
    if (shown < n)
        fprintf(*rl.rl_outstream, "(and %d more)\n", n - shown);
    rl.rl_on_new_line();
    (*rl.rl_redisplay_function)();
}

/* NULL: readline tries file names. */
static char **complete(const char *text, int start, int end) {
    char **matches;
    (void)start;
    (void)end;
    *rl.rl_attempted_completion_over = ed.secret;
    if (ed.secret)
        return NULL;
    ed.words = ed.o.complete(ed.o.data, text);
    matches = ed.words ? rl.rl_completion_matches(text, next_word) : NULL;
    free(ed.words); /* the words themselves are readline's now */
    ed.words = NULL;
    return matches;
}

/* --- keys -------------------------------------------------------------------------------- */

/* What leaves a paste that stands still has to end it, or readline reads on. */
static int get_key(FILE *in) {
    static const char end[] = "\033[201~";
    int c = ed.ending ? -1 : keys_next(in);
    if (c != EOF || !(*rl.rl_readline_state & RL_STATE_MOREINPUT))
        return c;
    ed.ending = ed.ending && *ed.ending ? ed.ending : end;
    c = *ed.ending++;
    if (!*ed.ending)
        ed.ending = NULL;
    return c;
}

/* The line is complete; what follows on the screen is below it. */
static void on_line(char *line) {
    ed.shown = ed.installed = false;
    say_stands(NULL);
    rl.rl_callback_handler_remove();
    if (!line) {
        *rl.rl_eof_found = 0; /* or it would end the line once more */
        fputc('\n', *rl.rl_outstream);
        fflush(*rl.rl_outstream);
    }
    if (keys_were_cut())
        return;
    if (ed.o.line(ed.o.data, line))
        keep_lines(line);
    free(line);
}

bool editor_read(void) {
    keys_were_cut(); /* what was before doesn't matter */
    ed.ending = NULL;
    rl.rl_callback_read_char();
    return !keys_have_gone();
}

void editor_say(const char *text) {
    say_clear();
    fputs(text, *rl.rl_outstream);
    fflush(*rl.rl_outstream);
}

static void draw_nothing(void) {
}

/* readline draws the line as it forgets it. */
static void forget_line(void) {
    if (!ed.shown)
        *rl.rl_redisplay_function = draw_nothing;
    rl.rl_callback_sigcleanup();
    rl.rl_free_line_state();
    editor_conceal(ed.secret);
}

bool editor_drop(const char *mark) {
    bool typed = ed.installed && (*rl.rl_end > 0 || *rl.rl_display_prompt != *rl.rl_prompt);
    if (typed && !ed.shown)
        editor_show(ed.prompt);
    if (ed.installed) {
        forget_line();
        *rl.rl_point = *rl.rl_end;
        if (!typed && !*mark)
            editor_hide();
        else if (ed.shown)
            (*rl.rl_redisplay_function)();
        rl.rl_callback_handler_remove();
    }
    ed.shown = ed.installed = false;
    say_stands(NULL);
    if (typed || *mark)
        fprintf(*rl.rl_outstream, "%s\n", mark);
    fflush(*rl.rl_outstream);
    return typed;
}

/* --- opening and closing ----------------------------------------------------------------- */

static int load(void) {
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    const char *missing = NULL;
#define FIND(name)                                                                                 \
    if (library && !(*(void **)&rl.name = dlsym(library, #name)))                                  \
        missing = #name;
    NAMES(FIND)
    if (library && !missing)
        return 0;
    say_error("loading GNU readline", missing ? missing : LIBRARY, "%s: install it, or pipe "
              "requests in", missing ? "it is not there" : dlerror());
    return -1;
}

static void set_up(void) {
    *rl.rl_readline_name = "dualpipe";
    *rl.rl_catch_signals = *rl.rl_catch_sigwinch = *rl.rl_change_environment = 0;
    *rl.rl_instream = stdin;
    *rl.rl_outstream = ed.screen;
    *rl.rl_getc_function = get_key;
    *rl.rl_prep_term_function = keep_terminal;
    *rl.rl_deprep_term_function = keep_terminal_too;
    *rl.rl_attempted_completion_function = complete;
    *rl.rl_completer_word_break_characters = vocabulary_breaks;
    *rl.rl_completion_display_matches_hook = list_matches;
    *rl.rl_completion_query_items = -1;
}

/* A limit in inputrc goes before ours; none there is none at all. */
static void load_history(void) {
    if (!rl.history_is_stifled())
        rl.stifle_history(HISTORY_MOST);
    if (*rl.history_max_entries <= 0)
        ed.o.history = NULL;
    if (ed.o.history)
        say_history("reading the history", history_read(ed.o.history,
                    (size_t)*rl.history_max_entries, remember, NULL));
}

int editor_open(const struct editor_options *o) {
    ed.o = *o;
    if (load() < 0 || tty_open() < 0)
        return -1;
    if (!(ed.screen = find_screen())) {
        say_error("terminal", "/dev/tty", "%s", strerror(errno));
        return -1;
    }
    set_up();
    rl.rl_initialize();
    load_history();
    tty_catch_crashes(fileno(ed.screen));
    rl.rl_prep_terminal(1);
    tty_mark();
    ed.open = true;
    return 0;
}

void editor_close(void) {
    if (!ed.open)
        return;
    editor_leave();
    if (ed.installed)
        rl.rl_callback_handler_remove();
    ed.open = ed.installed = false;
    if (ed.o.history)
        say_history("trimming the history", history_trim(ed.o.history,
                    (size_t)*rl.history_max_entries));
    free(ed.prompt);
    ed.prompt = NULL;
}
