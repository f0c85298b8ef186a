/* Tests cmd/util/suggest.c: which words are similar enough to be suggested, by a table and against
 * a plain recursive edit distance. */
#include "../../../cmd/util/suggest.c"
#include "../harness.h"

static const struct {
    const char *meant, *typed;
    bool similar;
} known[] = {{"calc", "calc", true},
             {"calc", "cal", true},
             {"calc", "calcs", true},
             {"calc", "cald", true},
             {"calc", "clac", false},
             {"calc", "ca", false},
             {"a", "", true},
             {"ab", "", false},
             {"timeout", "timeuot", true},
             {"timeout", "tiemuot", false},
             {"persist", "presist", true},
             {"unordered", "unorderd", true},
             {"window", "wndow", true},
             {"window", "wnidwo", false},
             {"sessions", "sesions", true},
             {"sandbox", "sand", false},
             {"retries", "retires", true},
             {"max-requests", "max-request", true},
             {"max-requests", "mx-rqusts", true},
             {"max-requests", "m-rqts", false}};

static void known_words(void) {
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        ok(suggest_is_similar(known[i].meant, known[i].typed) == known[i].similar,
           "\"%s\" for \"%s\": %s", known[i].typed, known[i].meant,
           known[i].similar ? "yes" : "no");
}

static void long_words(void) {
    char longest[MAX_WORD + 2], other[MAX_WORD + 2];
    memset(longest, 'x', sizeof longest);
    memset(other, 'x', sizeof other);
    longest[MAX_WORD] = other[MAX_WORD] = 0;
    other[3] = 'y';
    ok(suggest_is_similar(longest, other), "words of %d bytes", (int)MAX_WORD);
    longest[MAX_WORD] = 'x';
    longest[MAX_WORD + 1] = 0;
    ok(!suggest_is_similar(longest, other), "a longer word is similar to none");
    ok(!suggest_is_similar(other, longest), "nor is one similar to it");
}

static int plain_distance(const char *a, const char *b) {
    int best, other;
    if (!*a || !*b)
        return (int)strlen(*a ? a : b);
    if (*a == *b)
        return plain_distance(a + 1, b + 1);
    best = plain_distance(a + 1, b + 1);
    other = plain_distance(a + 1, b);
    best = other < best ? other : best;
    other = plain_distance(a, b + 1);
    return 1 + (other < best ? other : best);
}

static void like_the_definition(void) {
    unsigned seed = 3;
    int wrong = 0, similar = 0;
    for (int i = 0; i < 3000; i++) {
        char a[9] = "", b[9] = "";
        for (int k = 0; k < 8; k++) {
            seed = seed * 1103515245 + 12345;
            if ((seed >> 8) % 9 > 1)
                a[strlen(a)] = (char)('a' + (seed >> 12) % 3);
            if ((seed >> 16) % 9 > 1)
                b[strlen(b)] = (char)('a' + (seed >> 20) % 3);
        }
        bool want = plain_distance(a, b) <= (strlen(b) < 6 ? 1 : (int)strlen(b) / 3);
        similar += want;
        wrong += edit_distance(a, b) != plain_distance(a, b);
        wrong += edit_distance(a, b) != edit_distance(b, a);
        wrong += suggest_is_similar(a, b) != want;
    }
    is(wrong, 0, "3000 pairs of words have the distance of its definition");
    ok(similar > 100 && similar < 2900, "some pairs are similar, others not: %d", similar);
}

int main(void) {
    begin();
    known_words();
    long_words();
    like_the_definition();
    return done();
}
