/* preset_table.h: the built-in presets. */
#ifndef PRESET_TABLE_H
#define PRESET_TABLE_H
#include <stdbool.h>

struct preset_row {
    const char *name;
    const char *args;     /* options, and after "--" the command: split like a shell's words */
    const char *summary;  /* one line for --help=presets */
    const char *programs; /* names of programs it is made for, with spaces between them; a program
                             may have a version appended, as in python3.11 */
    const char *example;  /* a call and what it prints, for --help=NAME */
    /* The arguments with which the preset's rule still holds, with spaces between them: an
     * option, one with a value as -x:, with that value alone as -x:value, ? for an operand, *
     * for any number of them, =word for one that must be there. NULL: the preset never applies
     * by itself. */
    const char *harmless;
    bool is_protocol; /* many programs speak it: with -a the operands are always a command */
    const char *whole; /* the options with a command of the user's own, such as docker exec; NULL:
                          those of args */
    const char *plain; /* the same if that ends in the program with -i: it reads statements, so it
                          can be given what args have as an argument */
    bool is_one_line; /* the program takes each line for a request of its own */
};
extern const struct preset_row preset_table[]; /* the last row has no name */

/* The row of that name; NULL: none. */
const struct preset_row *preset_table_find(const char *name);
/* The row for the program that the command runs, found by the last part of its path; NULL: none. */
const struct preset_row *preset_table_find_program(const char *command);
/* Whether the program is one that the row is made for. */
bool preset_table_row_has_program(const struct preset_row *row, const char *command);
#endif
