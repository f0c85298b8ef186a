/* completion.h: the words that Tab completes: those of the preset, of a file (--words), and those
 * that the child has printed.
 *
 * completion_open, completion_add_output for all that the child prints, completion_find for each
 * Tab, completion_close. A zeroed struct has no words. */
#ifndef REPL_COMPLETION_H
#define REPL_COMPLETION_H
#include <stddef.h>

struct completion {
    const char *preset_words; /* separated by blanks; NULL: none */
    char *file_words;         /* the whole file; NULL: none */
    size_t file_size;
    char *output_ring;   /* the last 64 KiB that the child printed */
    size_t output_total; /* all bytes that it printed; modulo the ring's size: where the next go */
};

/* The ASCII characters that separate words of a typed line, for readline. */
extern const char completion_word_breaks[];

/* Takes words, separated by blanks and not copied, and the words of a file, separated by blanks and
 * line ends; NULL: none. Returns 0, or a negative errno with nothing to close: -EISDIR; -EINVAL: it
 * is a terminal or a disk; -EFBIG: it is over 16 MiB. */
int completion_open(struct completion *c, const char *words, const char *file);
void completion_close(struct completion *c);

/* Keeps the last 64 KiB of what the child has printed, which may be cut anywhere. Costs a memcpy;
 * words are looked for only by completion_find. */
void completion_add_output(struct completion *c, const char *p, size_t n);

/* Returns all words that begin with text, each once, in the order of strcmp, up to a NULL. The
 * array and each word are to be freed. NULL: there is none, or no memory.
 *
 * In what the child has printed, a word is the longest run of letters, digits, _ - . : / and bytes
 * from 0x80 on, except UTF-8 symbols such as quotes and lines. A : at its beginning and . : - at
 * its end don't belong to it. It has 2 to 255 bytes and is not punctuation alone; a backslash after
 * a blank may begin it. Escape sequences separate words. The word or sequence that the 64 KiB cut
 * is left out. */
char **completion_find(const struct completion *c, const char *text);
#endif
