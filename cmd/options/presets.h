/* presets.h: -a NAME: options and a command under one name, either from the user's file or built
 * in. A user's preset hides a built-in one of the same name. */
#ifndef PRESETS_H
#define PRESETS_H
#include "options/preset_table.h"
#include <stdbool.h>

/* A preset as an argument vector: argv[0] is the name of a program, as in main. */
struct preset {
    char **argv; /* one allocation, which the caller frees */
    int argc;
    const struct preset_row *row; /* of a built-in one; NULL: the user's */
    const char *row_args; /* which options of the row these are */
    char place[256]; /* FILE:LINE of a user's preset, for messages; empty if built in */
};
/* Finds a preset for the command that the user has given, which may be empty; if built_in, among
 * those built in alone. Returns PARSE_CONTINUE with *p filled, or the status to end with,
 * reported. */
int presets_find(struct preset *p, const char *name, char *const *command, bool built_in);
/* Prints the preset for --help=NAME. Returns 0; -1 if there is none; or the status to end with if
 * the user's file has an error, which has been reported. */
int presets_show(const char *name);
/* Prints all presets for --help=presets. Returns 0, or as presets_show. */
int presets_list(void);
#endif
