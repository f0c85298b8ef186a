/* scan_state.h: the state that a scan keeps between two calls, hidden from callers in the array
 * `internal` of struct dualpipe_scan. Both scanners use it. Offsets count from the bytes of the
 * next call. */
#ifndef SCAN_STATE_H
#define SCAN_STATE_H
#include "dualpipe.h"

/* It lies over an array of uint64_t, which the compiler must know (may_alias). */
struct __attribute__((may_alias)) scan_state {
    size_t seen; /* how far line ends were searched; in other frames, what the decoder scanned */
    size_t line;     /* start of the line or frame that is not finished */
    size_t lines[8]; /* starts of the lines before it, the last first; in other frames [0] is the
                        number of bytes left of a frame that is streamed */
    size_t left;     /* bytes of the reply that may still come */
    int flags;       /* of the scanner */
};
_Static_assert(sizeof(struct scan_state) <= sizeof((struct dualpipe_scan *)0)->internal,
               "the state fits into the public struct");

static inline struct scan_state *scan_state(struct dualpipe_scan *s) {
    return (struct scan_state *)s->internal;
}
static inline const struct scan_state *scan_state_const(const struct dualpipe_scan *s) {
    return (const struct scan_state *)s->internal;
}
#endif
