/* rule_scan_lines.h: what the pool asks about a scan of lines; the scan itself is
 * dualpipe_rule_scan(). */
#ifndef RULE_SCAN_LINES_H
#define RULE_SCAN_LINES_H
#include "dualpipe.h"
#include <stdbool.h>

/* The bytes of the reply that may still come; SIZE_MAX until a number of bytes or a length line has
 * told. */
size_t rule_scan_lines_bytes_left(const struct dualpipe_scan *s);
/* Whether the fence ended the complete reply. If not, the fence line is still to come. */
bool rule_scan_lines_at_fence(const struct dualpipe_scan *s);
#endif
