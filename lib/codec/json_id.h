/* json_id.h: finds the top-level id and method of a JSON message, and compares ids. */
#ifndef JSON_ID_H
#define JSON_ID_H
#include <stdbool.h>
#include <stddef.h>

struct json_message {
    /* as it is written, possibly null; points into the message; the last one if there are two */
    const char *id;
    size_t id_size; /* 0 if there is none */
    bool has_method;
};

/* Parses n bytes. Returns whether they are one JSON object and nothing else, nested at most 1000
 * deep. */
bool json_id_parse(const char *p, size_t n, struct json_message *m);
/* Whether two ids are equal: strings by the characters they stand for, all other values as they are
 * written, so that 1 is not 1.0. Safe on any bytes. */
bool json_id_equal(const char *a, size_t na, const char *b, size_t nb);
#endif
