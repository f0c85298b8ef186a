/* screen.h: what a child says to a person: whole lines above the prompt; its last, unfinished line
 * is the prompt. */
#ifndef SCREEN_H
#define SCREEN_H
#include "run/run_state.h"

struct screen {
    struct run *run;
    void (*on_output)(void *data, const char *p,
                      size_t n); /* all that comes; NULL: nobody listens */
    void *on_output_data;
    bool stdout_is_tty, stderr_is_tty; /* whether our stdout, our stderr is the terminal */
    bool colour_is_set; /* it has set a colour and not taken it back */
    char *line; /* the unfinished one, as it came */
    size_t line_len, line_room;
    char *safe_text; /* room for what is shown of some bytes */
    size_t safe_room;
};

void screen_open(struct screen *s, struct run *r);
/* Shows what comes of the child's stdout or stderr; where that is no terminal it goes there as it
 * is. 0, or -1: the run must stop. */
int screen_write(struct screen *s, bool err, const char *p, size_t n);
/* As screen_write, for whoever has no prompt: nothing waits for its line's end, but for what the rest
 * of a character may follow. */
int screen_stream(struct screen *s, bool err, const char *p, size_t n);
/* No more will come: frees all. */
void screen_stream_end(struct screen *s, bool err);
/* A line of ours follows: not in the child's colours. */
void screen_reset_colour(struct screen *s);
/* What the prompt is, of a long line its end: valid until the next call. */
const char *screen_prompt(struct screen *s, const char *otherwise);
/* The prompt, with what was typed behind it, has become a line above. */
void screen_accept_prompt(struct screen *s);
/* What is there of the last line is a line: no more of it will come. */
void screen_end_line(struct screen *s);
void screen_close(struct screen *s);
#endif
