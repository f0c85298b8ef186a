/* preset_table.h: the presets that are built in. */
#ifndef PRESET_TABLE_H
#define PRESET_TABLE_H

struct preset_row {
    const char *name, *args; /* the options, and the command behind "--" */
    const char *summary;
    const char *programs; /* that it is for, between blanks; a version may stand behind each */
    const char *example;
};
extern const struct preset_row preset_table[]; /* up to one without a name */
#endif
