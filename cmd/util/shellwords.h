/* shellwords.h: splits a command line into words as a shell does, and a text of presets into
 * paragraphs. Pure: bytes in, words out. */
#ifndef SHELLWORDS_H
#define SHELLWORDS_H
#include <stddef.h>
#include <string.h>

/* The name of the program that a command's first word runs: what is behind its last slash. */
static inline const char *shellwords_program_name(const char *command) {
    const char *slash = strrchr(command, '/');
    return slash ? slash + 1 : command;
}

/* Splits at blanks. '...', "..." and backslashes quote, # begins a comment, nothing is expanded.
 * words[0] is NULL, for the caller to set to the program's name, and *n counts it. Returns one
 * allocation that the caller frees, or NULL with *error set. */
char **shellwords_split(const char *text, size_t size, int *n, const char **error);

/* A text that is being read, and the number of its next line, from 1. */
struct paragraph_reader {
    const char *next, *end;
    int line;
};
struct paragraph {
    /* The name's line, and the lines that follow it, up to an empty one. */
    const char *name, *text;
    size_t name_size, text_size;
    int line; /* where it begins; after an error, the line with the error */
};
/* Returns 1 with *p filled, 0 if there are no more, or -1 with *error set. */
int shellwords_next_paragraph(struct paragraph_reader *reader, struct paragraph *p,
                              const char **error);
#endif
