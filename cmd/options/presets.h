/* presets.h: options and commands for well-known programs, by a name (-a), and the user's own. */
#ifndef PRESETS_H
#define PRESETS_H

/* Its words as a command line: words[0] is a program's name. */
struct preset {
    char **argv; /* one piece of memory, the caller's */
    int argc;
    char place[256]; /* of the user's own, as FILE:LINE; else empty */
};
/* -1: *p is filled; else what is wrong has been said, and the status to end with. */
int presets_find(struct preset *p, const char *name);

/* The built-in one made for a program, by the command's name; NULL: none is. */
const char *presets_for_program(const char *command);
/* Its one line, what it stands for, an example: 0, or the status of what is wrong; -1: no such. */
int presets_show(const char *name);
int presets_list(void);
#endif
