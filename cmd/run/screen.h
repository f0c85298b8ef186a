/* screen.h: shows the output of a child to a person at a terminal. Bytes that could control the
 * terminal are escaped.
 *
 * With a prompt (interactive mode): screen_open, screen_write for each output, screen_prompt before
 * a line is edited, screen_accept_prompt when it was entered, screen_close.
 * Without one (a sandboxed child in the other modes): screen_open, screen_stream,
 * screen_stream_end. */
#ifndef SCREEN_H
#define SCREEN_H
#include "run/run_state.h"

struct screen {
    struct run *run;
    /* Is given all output as it comes, before it is shown; NULL: not wanted. */
    void (*on_output)(void *data, const char *p, size_t n);
    void *on_output_data;
    bool stdout_is_tty, stderr_is_tty; /* whether ours are terminals */
    bool colour_is_set; /* the output set a colour and has not reset it */
    char *line;         /* the last line as far as it has come; in screen_stream only the part that
                           can't be shown yet */
    size_t line_len, line_room;
    char *safe_text;    /* the buffer that output is sanitized into */
    size_t safe_room;
};

void screen_open(struct screen *s, struct run *r);

/* Shows output of the child's stdout (err: stderr): whole lines at once, while an unfinished last
 * line is held, as it may be a prompt. Where ours is no terminal the bytes are written as they are.
 * Returns 0, or -1 if the run must stop. */
int screen_write(struct screen *s, bool err, const char *p, size_t n);
/* The same without a prompt: holds nothing but an unfinished character or a CR that may belong to
 * a line end. */
int screen_stream(struct screen *s, bool err, const char *p, size_t n);
/* Shows what screen_stream still holds, and frees all. */
void screen_stream_end(struct screen *s, bool err);

/* The unfinished last line, sanitized for readline; of a long one its end. Otherwise, if the output
 * ended with a whole line, returns otherwise. Valid until the next call. */
const char *screen_prompt(struct screen *s, const char *otherwise);
/* Forgets the prompt: readline has printed it as a line, with what was typed after it. */
void screen_accept_prompt(struct screen *s);
/* Shows the unfinished line as a whole one: its rest will not come. */
void screen_end_line(struct screen *s);
/* Resets the child's colours before a line of ours. */
void screen_reset_colour(struct screen *s);
/* Shows what is left, resets colours, and frees all. */
void screen_close(struct screen *s);
#endif
