/* rule_scan_lines.h: where a reply ends in lines. */
#ifndef RULE_SCAN_LINES_H
#define RULE_SCAN_LINES_H
#include "dualpipe.h"
#include <stdbool.h>

/* Whether what ended a whole reply was its fence: else that is still to come. */
bool rule_scan_lines_at_fence(const struct dualpipe_scan *s);
#endif
