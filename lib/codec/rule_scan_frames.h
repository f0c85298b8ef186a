/* rule_scan_frames.h: where a reply ends in frames. */
#ifndef RULE_SCAN_FRAMES_H
#define RULE_SCAN_FRAMES_H
#include "dualpipe.h"
#include <stdbool.h>

/* dualpipe_rule_scan of frames that are neither lines nor bytes. */
enum dualpipe_scan_result rule_scan_frames(const dualpipe_rule *r, struct dualpipe_scan *s,
                                           const char *p, size_t n, int input_state, bool *nomem);
/* Whether bytes of a frame have come that is not all there. */
bool rule_scan_frames_in_frame(const struct dualpipe_scan *s);
#endif
