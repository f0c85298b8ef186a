/* json_id.h: finds the top-level id, method and error of a JSON message, or those of a batch of
 * messages, and compares ids. */
#ifndef JSON_ID_H
#define JSON_ID_H
#include <stdbool.h>
#include <stddef.h>

struct json_message {
    /* as it is written, possibly null; points into the message; the last one if there are two. Of a
     * batch: all of the batch, if one of its messages has an id that is not null */
    const char *id;
    size_t id_size;  /* 0 if there is none */
    bool has_method; /* of a batch: one of its messages that have an id has one */
    bool is_batch;   /* an array of messages */
    /* the value of the member "error", unless it is null or says that the request was cancelled or
     * overtaken by a change; NULL: there is none. Of a batch: the first */
    const char *error;
    size_t error_size;
};

/* Parses n bytes. Returns whether they are one JSON object, or one array that is not empty, and
 * nothing else, nested at most 1000 deep. */
bool json_id_parse(const char *p, size_t n, struct json_message *m);
/* Whether two ids are equal: strings by the characters they stand for, numbers by their value, so
 * that 1 is 1.0, batches by an id in both, all other values as they are written. Safe on any
 * bytes. */
bool json_id_equal(const char *a, size_t na, const char *b, size_t nb);
/* Whether one id is a string and the other is not, and both are else the same: "1" and 1. */
bool json_id_alike(const char *a, size_t na, const char *b, size_t nb);
#endif
