/* preset_completions.h: words of the programs that presets are made for, to complete from in
 * interactive mode. */
#ifndef PRESET_COMPLETIONS_H
#define PRESET_COMPLETIONS_H

/* The words of a built-in preset's program, with spaces between them; NULL if none are known. */
const char *preset_completions(const char *preset);
#endif
