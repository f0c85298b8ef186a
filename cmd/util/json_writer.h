/* json_writer.h: bytes as JSON has them: a string if they are UTF-8, else base64 in a member whose name
 * says so. */
#ifndef JSON_WRITER_H
#define JSON_WRITER_H
#include <stdbool.h>
#include <stddef.h>

/* Each returns where it has written to. A byte takes six at most, quotes two. */
char *json_writer_raw(char *to, const char *words);
char *json_writer_string(char *to, const char *p, size_t n);
char *json_writer_base64(char *to, const char *bytes, size_t n);
/* Whether they are UTF-8, and can be a string. */
bool json_writer_is_utf8(const char *bytes, size_t n);
/* ,"NAME":"..." or ,"NAME_base64":"..." */
char *json_writer_member(char *to, const char *name, const char *p, size_t n);
#endif
