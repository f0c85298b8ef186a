/* suggest.c: finds out whether a word is likely to be a misspelling of another. */
#include "util/suggest.h"
#include <string.h>

enum { MAX_WORD = 32 };

static int min_int(int a, int b) {
    return a < b ? a : b;
}

/* Levenshtein's distance, computed row by row. */
static int edit_distance(const char *a, const char *b) {
    int row[MAX_WORD + 1], n = (int)strlen(b);
    for (int j = 0; j <= n; j++)
        row[j] = j;
    for (int i = 1; a[i - 1]; i++) {
        int diagonal = row[0];
        row[0] = i;
        for (int j = 1; j <= n; j++) {
            int change = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = min_int(change, min_int(row[j], row[j - 1]) + 1);
        }
    }
    return row[n];
}

bool suggest_is_similar(const char *meant, const char *typed) {
    size_t n = strlen(typed);
    if (n > MAX_WORD || strlen(meant) > MAX_WORD)
        return false;
    return edit_distance(meant, typed) <= (n < 6 ? 1 : (int)n / 3);
}
