/* rule_scan_frames.h: finds the end of a reply in frames that are neither lines nor raw bytes. */
#ifndef RULE_SCAN_FRAMES_H
#define RULE_SCAN_FRAMES_H
#include "dualpipe.h"
#include <stdbool.h>

/* Does the work of dualpipe_rule_scan() for such a rule. *nomem is set when memory for a pattern
 * ran out. */
enum dualpipe_scan_result rule_scan_frames(const dualpipe_rule *r, struct dualpipe_scan *s,
                                           const char *p, size_t n, int input_state);
/* Whether a part of a frame has been read, but not all of it. */
bool rule_scan_frames_in_frame(const struct dualpipe_scan *s);
#endif
