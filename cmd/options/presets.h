/* presets.h: -a NAME: options and a command under one name, either from the user's file or built
 * in. A user's preset hides a built-in one of the same name. */
#ifndef PRESETS_H
#define PRESETS_H
#include <stdbool.h>

/* A preset as an argument vector: argv[0] is the name of a program, as in main. */
struct preset {
    char **argv; /* one allocation, which the caller frees */
    int argc;
    bool one_line;   /* a request must be one line */
    char place[256]; /* FILE:LINE of a user's preset, for messages; empty if built in */
};
/* Finds a preset. Returns PARSE_CONTINUE with *p filled, or the status to end with, reported. */
int presets_find(struct preset *p, const char *name);
/* Prints the preset for --help=NAME. Returns 0; -1 if there is none; or the status to end with if
 * the user's file has an error, which has been reported. */
int presets_show(const char *name);
/* Prints all presets for --help=presets. Returns 0, or as presets_show. */
int presets_list(void);
/* The built-in preset for a command, found by the last part of its path; NULL: none, or it is an
 * interpreter that runs a script, which may speak anything. */
const char *presets_for_command(char *const *argv);
/* Whether the command is the program of the preset, own_program, by this or another path, version
 * or name. */
bool presets_has_program(const char *preset, const char *own_program, const char *command);
/* Whether the preset's program takes the operand as the file to work on: sqlite3 takes one that is
 * no command. */
bool presets_takes_file(const char *own_program, const char *operand);
#endif
