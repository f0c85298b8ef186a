/* preset_table.h: the built-in presets. */
#ifndef PRESET_TABLE_H
#define PRESET_TABLE_H

struct preset_row {
    const char *name;
    const char *args;     /* options, and after "--" the command: split like a shell's words */
    const char *summary;  /* one line for --help=presets */
    const char *programs; /* names of programs it is made for, with spaces between them; a program
                             may have a version appended, as in python3.11 */
    const char *example;  /* a call and what it prints, for --help=NAME */
};
extern const struct preset_row preset_table[]; /* the last row has no name */
/* The names of those whose program takes each line for a request of its own, with spaces between
 * them. */
extern const char preset_table_one_line[];
#endif
