/* readline.c: the line that is typed at the prompt; the only file that knows GNU readline.
 *
 * The library is loaded with dlopen when a prompt is opened, so that other modes neither need it
 * nor pay for it. All of its symbols that are used are listed in READLINE_SYMBOLS; the struct rl
 * has a pointer to each, so a variable of readline is written *rl.NAME.
 *
 * readline runs in callback mode: readline_read_key hands it one key, and it calls handle_line when
 * the line is complete. For its settings of the terminal see repl/terminal.c; it takes the terminal
 * once and keeps it between lines. Keys come from repl/typeahead.c, which may break off the wait
 * for one: then feed_key returns EOF, and handle_line ignores the line that readline takes this
 * for.
 *
 * State: handler_installed while readline has a line under way; shown while that line and the
 * prompt stand on the screen. readline_hide takes them off without losing the line. The eraser
 * given to util/log.h does the same before anything else is written.
 *
 * Trap: a password must leave no trace. While concealed is set, the line is not drawn, completed or
 * saved, and a small keymap replaces the user's: its keys put nothing aside that other keys could
 * bring back later. */
#include "repl/readline.h"
#include "repl/completion.h"
#include "repl/history.h"
#include "repl/terminal.h"
#include "repl/typeahead.h"
#include "util/log.h"
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

/* The symbols of readline that are used. */
#define READLINE_SYMBOLS(X)                                                                        \
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
    READLINE_SYMBOLS(DECLARE)
} rl;

enum { MAX_HISTORY_LINES = 10000, MAX_LISTED_MATCHES = 200 };
static struct {
    struct readline_options options;
    FILE *screen; /* the terminal */
    bool open;
    bool handler_installed; /* readline has a line under way */
    bool shown;             /* prompt and line are on the screen */
    bool concealed;         /* a password is being typed */
    bool history_locked;    /* another process locks the file: save no more of this paste */
    Keymap user_keymap;      /* to return to after a password */
    Keymap concealed_keymap; /* for passwords; NULL: not made yet */
    const char *paste_end;   /* rest of the end-of-paste sequence that feed_key returns; or NULL */
    char *prompt;
    char **matches; /* of the completion under way, which next_match returns one by one */
} editor;

/* --- the terminal ------------------------------------------------------------------------ */

static FILE *open_screen(void) {
    FILE *f = isatty(STDOUT_FILENO) ? stdout : isatty(STDERR_FILENO) ? stderr : NULL;
    return f ? f : fopen("/dev/tty", "we");
}

/* Replace functions by which readline would give the terminal back after each line: keys typed
 * before it takes it again would be echoed twice. */
static void ignore_prep_terminal(int meta) {
    (void)meta;
}

static void ignore_deprep_terminal(void) {
}

void readline_take_terminal(void) {
    if (!editor.open || !terminal_await_foreground())
        return;
    rl.rl_deprep_terminal(); /* another process may have changed its settings */
    rl.rl_prep_terminal(1);
    terminal_mark();
    if (editor.shown)
        fputc('\r', *rl.rl_outstream);
    editor.shown = false;
    log_set_line_eraser(NULL);
}

void readline_release_terminal(void) {
    if (!editor.open)
        return;
    log_erase_line();
    terminal_restore(rl.rl_deprep_terminal);
}

void readline_resize(unsigned short *rows, unsigned short *columns) {
    int r = 0, c = 0;
    if (editor.shown)
        rl.rl_resize_terminal();
    else
        rl.rl_reset_screen_size();
    rl.rl_get_screen_size(&r, &c);
    *rows = (unsigned short)r;
    *columns = (unsigned short)c;
}

/* --- the screen -------------------------------------------------------------------------- */

/* Draws the prompt with an empty line while a password is typed. */
static void redisplay_concealed(void) {
    char *line = *rl.rl_line_buffer, first = line[0];
    int end = *rl.rl_end, point = *rl.rl_point;
    if (editor.concealed) {
        *rl.rl_end = *rl.rl_point = 0;
        line[0] = 0;
    }
    rl.rl_redisplay();
    if (editor.concealed) {
        *rl.rl_end = end;
        *rl.rl_point = point;
        line[0] = first;
    }
}

/* A readline command for Ctrl-U: unlike its own it keeps nothing on the kill ring. */
static int clear_typed(int count, int key) {
    (void)count;
    (void)key;
    rl.rl_replace_line("", 1);
    return 0;
}

/* Returns a keymap in which no key keeps deleted text that could be brought back later. */
static Keymap make_concealed_keymap(void) {
    Keymap keys = rl.rl_make_keymap();
    if (!keys)
        return NULL;
    rl.rl_bind_key_in_map('\r', rl.rl_newline, keys);
    rl.rl_bind_key_in_map('\n', rl.rl_newline, keys);
    rl.rl_bind_key_in_map('\b', rl.rl_rubout, keys);
    rl.rl_bind_key_in_map(0x7f, rl.rl_rubout, keys);
    rl.rl_bind_key_in_map('U' & 0x1f, clear_typed, keys);
    rl.rl_bind_keyseq_in_map("\\e[200~", rl.rl_bracketed_paste_begin, keys);
    return keys;
}

void readline_conceal(bool conceal) {
    *rl.rl_redisplay_function = conceal ? redisplay_concealed : rl.rl_redisplay;
    if (conceal == editor.concealed)
        return;
    editor.concealed = conceal;
    if (conceal)
        editor.user_keymap = rl.rl_get_keymap();
    if (conceal && !editor.concealed_keymap)
        editor.concealed_keymap = make_concealed_keymap();
    if (editor.concealed_keymap)
        rl.rl_set_keymap(conceal ? editor.concealed_keymap : editor.user_keymap);
}

void readline_hide(void) {
    if (!editor.shown)
        return;
    editor.shown = false;
    rl.rl_clear_visible_line();
    fflush(*rl.rl_outstream);
}

static void handle_line(char *line);

void readline_show_prompt(const char *prompt) {
    bool searching = editor.handler_installed && *rl.rl_display_prompt != *rl.rl_prompt;
    bool changed = !editor.prompt || strcmp(editor.prompt, prompt) != 0;
    if (editor.shown && (!changed || searching))
        return;
    if (changed) {
        char *copy = strdup(prompt);
        if (!copy)
            return;
        free(editor.prompt);
        editor.prompt = copy;
    }
    if (!editor.handler_installed) {
        editor.handler_installed = true;
        rl.rl_callback_handler_install(editor.prompt, handle_line);
    } else {
        readline_hide();
        if (!searching)
            rl.rl_set_prompt(editor.prompt);
        rl.rl_on_new_line();
        (*rl.rl_redisplay_function)();
    }
    fflush(*rl.rl_outstream);
    editor.shown = true;
    log_set_line_eraser(readline_hide);
}

bool readline_is_shown(void) {
    return editor.shown;
}

/* --- history ----------------------------------------------------------------------------- */

static void add_loaded_line(void *data, const char *line) {
    (void)data;
    rl.add_history(line);
}

/* A line is in readline's history once, where it was typed last. */
static void remove_duplicates(const char *line) {
    for (int i = *rl.history_length - 1; i >= 0; i--) {
        HIST_ENTRY *entry = rl.history_get(*rl.history_base + i);
        if (entry && strcmp(entry->line, line) == 0)
            rl.free_history_entry(rl.remove_history(i));
    }
}

static void report_history_error(const char *what, int error) {
    if (error < 0)
        log_note(what, editor.options.history_file, "%s",
                 error == -EWOULDBLOCK ? "another process holds it locked" : strerror(-error));
}

/* Adds a line to the history and its file, but not a password or a line that begins with a
 * blank. */
static void save_line(const char *line) {
    int r;
    if (!*line || *line == ' ' || editor.concealed)
        return;
    remove_duplicates(line);
    rl.add_history(line);
    if (!editor.options.history_file || editor.history_locked ||
        (r = history_add(editor.options.history_file, line)) == 0)
        return;
    report_history_error("keeping a line", r);
    editor.history_locked = r == -EWOULDBLOCK;
    if (r != -EMSGSIZE && r != -EWOULDBLOCK)
        editor.options.history_file = NULL; /* report this error once */
}

/* Saves each line of what was typed, which may be a paste. */
static void save_pasted_lines(const char *text) {
    editor.history_locked = false;
    while (text && *text) {
        size_t n = strcspn(text, "\n");
        char *line = strndup(text, n);
        if (line)
            save_line(line);
        free(line);
        text += n + (text[n] == '\n');
    }
}

/* --- completion -------------------------------------------------------------------------- */

/* The generator for rl_completion_matches: state is 0 at the first call. */
static char *next_match(const char *text, int state) {
    static int n;
    (void)text;
    n = state == 0 ? 0 : n;
    return editor.matches && editor.matches[n] ? editor.matches[n++] : NULL;
}

/* Lists at most MAX_LISTED_MATCHES: in callback mode readline can't ask whether to show all. */
static void display_matches(char **matches, int n, int longest) {
    int shown = n < MAX_LISTED_MATCHES ? n : MAX_LISTED_MATCHES;
    rl.rl_display_match_list(matches, shown, longest);
    if (shown < n)
        fprintf(*rl.rl_outstream, "(and %d more)\n", n - shown);
    rl.rl_on_new_line();
    (*rl.rl_redisplay_function)();
}

/* Returns the matches, the first of them their common prefix; NULL: readline tries file names. */
static char **complete_word(const char *text, int start, int end) {
    char **matches;
    (void)start;
    (void)end;
    *rl.rl_attempted_completion_over = editor.concealed;
    if (editor.concealed)
        return NULL;
    editor.matches = editor.options.complete(editor.options.data, text);
    matches = editor.matches ? rl.rl_completion_matches(text, next_match) : NULL;
    free(editor.matches); /* the words themselves belong to readline now */
    editor.matches = NULL;
    return matches;
}

/* --- keys -------------------------------------------------------------------------------- */

/* Gives readline its next key; EOF: the wait was broken off. To abort a stalled bracketed paste it
 * gets the end-of-paste sequence: otherwise it keeps reading. */
static int feed_key(FILE *in) {
    static const char end_sequence[] = "\033[201~";
    int c = editor.paste_end ? -1 : typeahead_next_key(in);
    if (c != EOF || !(*rl.rl_readline_state & RL_STATE_MOREINPUT))
        return c;
    editor.paste_end = editor.paste_end && *editor.paste_end ? editor.paste_end : end_sequence;
    c = *editor.paste_end++;
    if (!*editor.paste_end)
        editor.paste_end = NULL;
    return c;
}

/* readline calls this with the complete line, or NULL for Ctrl-D. On the screen the line stays, and
 * the cursor is below it. */
static void handle_line(char *line) {
    editor.shown = editor.handler_installed = false;
    log_set_line_eraser(NULL);
    rl.rl_callback_handler_remove();
    if (!line) {
        *rl.rl_eof_found = 0; /* else the next line would end at once */
        fputc('\n', *rl.rl_outstream);
        fflush(*rl.rl_outstream);
    }
    if (typeahead_was_interrupted())
        return;
    if (editor.options.on_line(editor.options.data, line))
        save_pasted_lines(line);
    free(line);
}

bool readline_read_key(void) {
    typeahead_was_interrupted(); /* clears the flag */
    editor.paste_end = NULL;
    rl.rl_callback_read_char();
    return !typeahead_terminal_gone();
}

void readline_print(const char *text) {
    log_erase_line();
    fputs(text, *rl.rl_outstream);
    fflush(*rl.rl_outstream);
}

static void draw_nothing(void) {
}

/* Has readline forget the line. It draws the line once more then, which must not show if hidden. */
static void forget_line_state(void) {
    if (!editor.shown)
        *rl.rl_redisplay_function = draw_nothing;
    rl.rl_callback_sigcleanup();
    rl.rl_free_line_state();
    readline_conceal(editor.concealed);
}

bool readline_discard_line(const char *mark) {
    /* During a search readline shows another prompt; the text searched for counts as typed. */
    bool typed = editor.handler_installed &&
                 (*rl.rl_end > 0 || *rl.rl_display_prompt != *rl.rl_prompt);
    if (typed && !editor.shown)
        readline_show_prompt(editor.prompt);
    if (editor.handler_installed) {
        forget_line_state();
        *rl.rl_point = *rl.rl_end;
        if (!typed && !*mark)
            readline_hide();
        else if (editor.shown)
            (*rl.rl_redisplay_function)();
        rl.rl_callback_handler_remove();
    }
    editor.shown = editor.handler_installed = false;
    log_set_line_eraser(NULL);
    if (typed || *mark)
        fprintf(*rl.rl_outstream, "%s\n", mark);
    fflush(*rl.rl_outstream);
    return typed;
}

/* --- opening and closing ----------------------------------------------------------------- */

/* Fills rl. Returns 0, or -1 after reporting what is missing. */
static int load_library(void) {
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    const char *missing = NULL;
#define FIND(name)                                                                                 \
    if (library && !(*(void **)&rl.name = dlsym(library, #name)))                                  \
        missing = #name;
    READLINE_SYMBOLS(FIND)
    if (library && !missing)
        return 0;
    log_error("loading GNU readline", missing ? missing : LIBRARY,
              "%s: install it, or pipe requests in",
              missing ? "it is not there" : dlerror());
    return -1;
}

static void configure_readline(void) {
    *rl.rl_readline_name = "dualpipe";
    *rl.rl_catch_signals = *rl.rl_catch_sigwinch = *rl.rl_change_environment = 0;
    *rl.rl_instream = stdin;
    *rl.rl_outstream = editor.screen;
    *rl.rl_getc_function = feed_key;
    *rl.rl_prep_term_function = ignore_prep_terminal;
    *rl.rl_deprep_term_function = ignore_deprep_terminal;
    *rl.rl_attempted_completion_function = complete_word;
    *rl.rl_completer_word_break_characters = completion_word_breaks;
    *rl.rl_completion_display_matches_hook = display_matches;
    *rl.rl_completion_query_items = -1;
}

/* A limit in the inputrc of the user is used instead of ours; with limit 0 nothing is saved. */
static void load_history(void) {
    if (!rl.history_is_stifled())
        rl.stifle_history(MAX_HISTORY_LINES);
    if (*rl.history_max_entries <= 0)
        editor.options.history_file = NULL;
    if (!editor.options.history_file)
        return;
    report_history_error("reading the history",
                         history_read(editor.options.history_file,
                                      (size_t)*rl.history_max_entries, add_loaded_line, NULL));
}

int readline_open(const struct readline_options *o) {
    editor.options = *o;
    if (load_library() < 0 || terminal_open() < 0)
        return -1;
    if (!(editor.screen = open_screen())) {
        log_error("terminal", "/dev/tty", "%s", strerror(errno));
        return -1;
    }
    configure_readline();
    rl.rl_initialize();
    load_history();
    terminal_restore_on_crash(fileno(editor.screen));
    rl.rl_prep_terminal(1);
    terminal_mark();
    editor.open = true;
    return 0;
}

void readline_close(void) {
    if (!editor.open)
        return;
    readline_release_terminal();
    if (editor.handler_installed)
        rl.rl_callback_handler_remove();
    editor.open = editor.handler_installed = false;
    if (editor.options.history_file)
        report_history_error("trimming the history",
                             history_trim(editor.options.history_file,
                                          (size_t)*rl.history_max_entries));
    free(editor.prompt);
    editor.prompt = NULL;
}
