/* screen.h: what a child says to a person: whole lines above the prompt; its last, unfinished line
 * is the prompt. */
#ifndef SCREEN_H
#define SCREEN_H
#include "run/run.h"

struct screen {
    struct run *run;
    void (*heard)(void *data, const char *p, size_t n); /* all that comes; NULL: nobody listens */
    void *data;
    bool out, err; /* whether our stdout, our stderr is the terminal */
    bool coloured; /* it has set a colour and not taken it back */
    char *line; /* the unfinished one, as it came */
    size_t n, room;
    char *safe; /* room for what is shown of some bytes */
    size_t safe_room;
};

void screen_open(struct screen *s, struct run *r);
/* Shows what comes of the child's stdout or stderr; where that is no terminal it goes there as it
 * is. 0, or -1: the run must stop. */
int screen_put(struct screen *s, bool err, const char *p, size_t n);
/* As screen_put, for whoever has no prompt: nothing waits for its line's end, but for what the rest
 * of a character may follow. */
int screen_pass(struct screen *s, bool err, const char *p, size_t n);
/* No more will come: frees all. */
void screen_pass_rest(struct screen *s, bool err);
/* A line of ours follows: not in the child's colours. */
void screen_settle(struct screen *s);
/* What the prompt is, of a long line its end: valid until the next call. */
const char *screen_prompt(struct screen *s, const char *otherwise);
/* The prompt, with what was typed behind it, has become a line above. */
void screen_accept(struct screen *s);
/* What is there of the last line is a line: no more of it will come. */
void screen_break(struct screen *s);
void screen_close(struct screen *s);
#endif
