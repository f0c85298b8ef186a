/* json_id.h: what a JSON message says of itself at its top level. */
#ifndef JSON_ID_H
#define JSON_ID_H
#include <stdbool.h>
#include <stddef.h>

struct json_message {
    const char *id; /* as it is written, null too; of two the last */
    size_t id_size; /* 0: there is none */
    bool has_method;
};

/* Whether the n bytes are an object and nothing else, nested at most 1000 deep. */
bool json_id_parse(const char *p, size_t n, struct json_message *m);
/* Whether two values are the same: strings by the characters they stand for, all else as it is
 * written, so that 1 is not 1.0. Safe on any bytes. */
bool json_id_equal(const char *a, size_t na, const char *b, size_t nb);
#endif
