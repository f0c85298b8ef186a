/* completion.h: the words to complete from: a preset's own, those of a file, those that the child
 * has printed. */
#ifndef VOCABULARY_H
#define VOCABULARY_H
#include <stddef.h>

/* A zeroed one has none. */
struct completion {
    const char *preset_completions;
    char *file_words;
    size_t file_size;
    char *output_ring; /* a ring of what was printed */
    size_t output_total;
};

/* What divides a line that is typed into words, for readline: ASCII that belongs to none. */
extern const char completion_word_breaks[];

/* words: between blanks, not copied. file: its words stand between blanks and line ends. NULL:
 * none. Afterwards completion_close. 0, or a negative errno, and nothing to close: -EISDIR,
 * -EINVAL is a terminal or disk; -EFBIG a file over 16 MiB. */
int completion_open(struct completion *c, const char *words, const char *file);

/* What the child has printed, at any cut; the last 64 KiB are kept. A memcpy of those at most. */
void completion_add_output(struct completion *c, const char *p, size_t n);

/* All words that begin with text, each once, in the order of strcmp, up to a NULL. The array and
 * each word are the caller's; NULL: there is none, or no memory.
 * Of what the child has printed a word is the longest run of letters, digits, _ - . : / and bytes
 * from 0x80 on (but for signs such as quotes and lines), without : before and . : - behind it, of 2
 * to 255 bytes, and not of punctuation alone; behind a blank a backslash may begin it. Escape
 * sequences are between words, and what the 64 KiB cut is none. */
char **completion_find(const struct completion *c, const char *text);

void completion_close(struct completion *c);
#endif
