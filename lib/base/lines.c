/* lines.c: where lines end, counted by blocks: a search for each would cost more than all else. */
#include "dualpipe.h"
#include <string.h>

enum { BLOCK = 64 };

/* Of a whole block: compilers make a few vector instructions of it. */
static int count_block_lfs(const char *p) {
    unsigned char n = 0;
    for (int i = 0; i < BLOCK; i++)
        n = (unsigned char)(n + (p[i] == '\n'));
    return n;
}

size_t dualpipe_lines(const char *p, size_t n, long most, long *lines) {
    const char *at = p, *end = p + n, *lf;
    long known = 0;
    for (int more; end - at >= BLOCK && known + (more = count_block_lfs(at)) <= most; at += BLOCK)
        known += more;
    while (known < most && at < end && (lf = memchr(at, '\n', (size_t)(end - at)))) {
        at = lf + 1;
        known++;
    }
    *lines = known;
    lf = known > 0 ? memrchr(p, '\n', (size_t)(at - p)) : NULL;
    return lf ? (size_t)(lf - p) + 1 : 0;
}
