/* preset_completions.h: the words of the programs that presets are for, to complete from. */
#ifndef PRESET_COMPLETIONS_H
#define PRESET_COMPLETIONS_H

/* The words of the program's own, between blanks; NULL: none are known. */
const char *preset_completions(const char *preset);
#endif
