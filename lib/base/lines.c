/* lines.c: counts line feeds in bulk (dualpipe_lines).
 *
 * A memchr() for each line would cost more than all other work on short lines. Whole blocks are
 * counted first, in a loop that compilers turn into a few vector instructions; memchr() finds only
 * the line ends of the last block. */
#include "dualpipe.h"
#include <string.h>

enum { BLOCK_SIZE = 64 };

/* Counts the line feeds of one whole block; at most 64, so a byte is wide enough for the sum. */
static int count_block_lfs(const char *p) {
    unsigned char n = 0;
    for (int i = 0; i < BLOCK_SIZE; i++)
        n = (unsigned char)(n + (p[i] == '\n'));
    return n;
}

size_t dualpipe_lines(const char *p, size_t n, long most, long *lines) {
    const char *cur = p, *end = p + n, *lf;
    long count = 0;
    for (int in_block; end - cur >= BLOCK_SIZE && count + (in_block = count_block_lfs(cur)) <= most;
         cur += BLOCK_SIZE)
        count += in_block;
    while (count < most && cur < end && (lf = memchr(cur, '\n', (size_t)(end - cur)))) {
        cur = lf + 1;
        count++;
    }
    *lines = count;
    lf = count > 0 ? memrchr(p, '\n', (size_t)(cur - p)) : NULL;
    return lf ? (size_t)(lf - p) + 1 : 0;
}
