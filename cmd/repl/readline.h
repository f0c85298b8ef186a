/* readline.h: the line that is typed at the prompt, edited by GNU readline. There is one.
 *
 * readline_open; then for each wait: readline_show_prompt, poll the keyboard, readline_read_key,
 * which calls on_line when a line is complete; readline_close. Anything else that writes to the
 * terminal first takes the line off the screen (log_erase_line, which calls readline_hide). */
#ifndef REPL_READLINE_H
#define REPL_READLINE_H
#include <stdbool.h>

struct readline_options {
    const char *history_file; /* NULL: lines are not saved */
    /* Returns the words that begin with text, NULL-terminated, all in memory of malloc; or NULL. */
    char **(*complete)(void *data, const char *text);
    /* Takes a typed line, which is valid during the call; NULL: Ctrl-D. Returns whether the line
     * belongs in the history. */
    bool (*on_line)(void *data, char *text);
    void *data; /* passed to both */
};

/* Loads readline, reads the history and takes the terminal. Returns 0, or -1 after reporting the
 * error. */
int readline_open(const struct readline_options *o);
/* Restores the terminal and trims the history file; does nothing if it isn't open. */
void readline_close(void);
/* Gives the terminal back to the shell before we stop (Ctrl-Z), and takes it again. */
void readline_release_terminal(void);
void readline_take_terminal(void);

/* Shows the prompt and what has been typed so far. The cursor must be at the start of a line. In
 * the prompt, bytes that take no room on the screen stand between \001 and \002. */
void readline_show_prompt(const char *prompt);
bool readline_is_shown(void);
/* Takes prompt and line off the screen and puts the cursor where they began. What has been typed
 * stays and is shown again by readline_show_prompt. */
void readline_hide(void);
/* Reads a key; call it when one is ready. Returns false: the terminal has gone. */
bool readline_read_key(void);
/* Writes text to the terminal, at the start of a line, for the person who types. */
void readline_print(const char *text);
/* Forgets what has been typed. It stays on the screen, followed by mark; with an empty mark a
 * prompt without a line is removed. Returns whether anything had been typed. */
bool readline_discard_line(const char *mark);
/* Sets whether what is typed is hidden, as a password: not shown, completed, or saved. */
void readline_conceal(bool conceal);
/* Tells readline that the terminal's size has changed; gives the new size. */
void readline_resize(unsigned short *rows, unsigned short *columns);
#endif
