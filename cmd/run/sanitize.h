/* sanitize.h: a child's output made harmless for a terminal.
 *
 * Pure functions. screen.c cuts output into pieces by sanitize_piece_length() and
 * sanitize_cut_char_length(), and sanitize_bytes() makes each piece safe. */
#ifndef SANITIZE_H
#define SANITIZE_H
#include <stdbool.h>
#include <stddef.h>

enum {
    SANITIZE_PIECE_SIZE = 16384, /* bytes that are sanitized at once */
    SANITIZE_EXPANSION = 8       /* bytes that one byte becomes at most: a tab in a prompt */
};

/* Writes n bytes into safe, which has room for SANITIZE_EXPANSION times as many, and returns the
 * length. in_prompt: for readline. raw: the child may use any CSI sequence. A CR before a line end
 * is dropped. */
size_t sanitize_bytes(char *safe, const char *p, size_t n, bool in_prompt, bool raw);
/* How many bytes from p on are printable ASCII, tabs and line ends: the common case, which needs no
 * sanitizing. */
size_t sanitize_plain_length(const char *p, size_t n);
/* The length of the escape sequence at p, if it only sets colours and the like (SGR); with any set,
 * if it is any CSI sequence. 0 if there is none. */
size_t sanitize_sequence_length(const char *p, size_t n, bool any);
/* How many of n bytes to sanitize at once: up to a line end if there is one, else so that no
 * sequence, character or CR LF is split. */
size_t sanitize_piece_length(const char *p, size_t n);
/* How many of the last bytes are the beginning of a UTF-8 character that is not complete yet. */
size_t sanitize_cut_char_length(const char *p, size_t n);
/* Whether the byte is one of a UTF-8 character but not its first. */
bool sanitize_is_continuation(char c);
#endif
