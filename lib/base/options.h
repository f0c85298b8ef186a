/* options.h: take in an options struct of a caller that was built with other headers.
 *
 * Every public options struct begins with size_t size, which is 0 or the caller's sizeof. Later
 * versions only append members, so a shorter struct lacks the last members, which are 0 then. (A
 * member must not be put where an older struct had padding: that is part of its size.) A
 * longer one comes from a newer caller: its further members must be 0, for this library can't do
 * what they ask for. The library copies each such struct at its door and works on the copy. */
#ifndef OPTIONS_H
#define OPTIONS_H
#include <errno.h>
#include <stddef.h>
#include <string.h>

/* Copies the struct at given into the own_size bytes at own, and sets the copy's size to own_size.
 * 0; -EINVAL: given is NULL, or its size can't be one; -E2BIG: it sets a member that is unknown
 * here. */
static inline int options_copy(void *own, size_t own_size, const void *given) {
    size_t size;
    if (!given)
        return -EINVAL;
    memcpy(&size, given, sizeof size);
    if (size == 0)
        size = own_size;
    if (size < sizeof size)
        return -EINVAL;
    for (size_t i = own_size; i < size; i++)
        if (((const char *)given)[i])
            return -E2BIG;
    memset(own, 0, own_size);
    memcpy(own, given, size < own_size ? size : own_size);
    memcpy(own, &own_size, sizeof own_size);
    return 0;
}

/* The bytes from one element to the next in an array of such structs. */
static inline size_t options_stride(const void *first, size_t own_size) {
    size_t size;
    memcpy(&size, first, sizeof size);
    return size ? size : own_size;
}
#endif
