/* readline.h: the line that a person types at a terminal, by GNU readline. There is one. */
#ifndef EDITOR_H
#define EDITOR_H
#include <stdbool.h>

struct readline_options {
    const char *history_file; /* the file that lines are kept in; NULL: none */
    char **(*complete)(void *data, const char *text); /* the words that begin so: as malloc'ed */
    bool (*on_line)(void *data, char *text); /* typed, valid during the call; NULL: Ctrl-D. Whether
                                             it is worth keeping */
    void *data;
};

/* Loads readline, reads the history, takes the terminal. 0, or -1: said. */
int readline_open(const struct readline_options *o);
/* Restores it. Harmless if it is not open. */
void readline_close(void);
/* The terminal is the shell's for a while; ours again. */
void readline_release_terminal(void);
void readline_take_terminal(void);

/* Puts the prompt and what has been typed behind it on the screen, at the start of a line. In the
 * prompt, what takes no room stands between \001 and \002. */
void readline_show_prompt(const char *prompt);
bool readline_is_shown(void);
/* Takes it off the screen: the cursor is where it was. Nothing is forgotten. */
void readline_hide(void);
/* There is a key to read. false: the terminal has gone. */
bool readline_read_key(void);
/* A text for who types, at the start of a line. */
void readline_print(const char *text);
/* Forgets what has been typed, which stays on the screen with a mark behind it; whether there was
 * anything. Without a mark a prompt alone is taken away. */
bool readline_discard_line(const char *mark);
/* What is typed from now on is not to be shown, kept or completed. */
void readline_conceal(bool conceal);
/* The terminal's size has changed; what it is. */
void readline_resize(unsigned short *rows, unsigned short *columns);
#endif
