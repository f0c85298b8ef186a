/* json_writer.h: writes bytes as JSON: a string if they are valid UTF-8, else base64 in a member
 * with the suffix _base64.
 *
 * The caller provides the room: at most six bytes per byte of a string, and two for the quotes.
 * Each function that takes `to` returns the end of what it wrote. */
#ifndef JSON_WRITER_H
#define JSON_WRITER_H
#include <stdbool.h>
#include <stddef.h>

/* Text that is JSON already. */
char *json_writer_raw(char *to, const char *text);
char *json_writer_string(char *to, const char *p, size_t n);
char *json_writer_base64(char *to, const char *bytes, size_t n);
/* Tells whether the bytes are valid UTF-8 and so can be a JSON string. */
bool json_writer_is_utf8(const char *bytes, size_t n);
/* Writes ,"NAME":"..." or ,"NAME_base64":"...". */
char *json_writer_member(char *to, const char *name, const char *p, size_t n);
#endif
