/* Tests lib/base/options.h: options structs of callers that were built with older and newer headers
 * are taken in, and what this library doesn't know is refused. */
#include "base/options.h"
#include "../harness.h"

struct version1 {
    size_t size;
    long a;
};
struct version2 {
    size_t size;
    long a, b, c;
};
struct version3 {
    struct version2 known;
    long d[3];
};

int main(void) {
    struct version2 own;
    struct version1 older = {sizeof older, 7};
    struct version2 same = {.a = 1, .b = 2, .c = 3};
    struct version3 newer = {.known = {.size = sizeof newer, .a = 4, .b = 5, .c = 6}};
    begin();

    is(options_copy(&own, sizeof own, &same), 0, "size 0 is taken as this version's");
    ok(own.a == 1 && own.b == 2 && own.c == 3, "and all members are copied");
    is((long)own.size, sizeof own, "the copy knows its own size");

    memset(&own, -1, sizeof own);
    is(options_copy(&own, sizeof own, &older), 0, "a shorter struct is an older version's");
    ok(own.a == 7 && own.b == 0 && own.c == 0, "and the members that it lacks are 0");

    is(options_copy(&own, sizeof own, &newer), 0, "a longer struct with zeros is accepted");
    ok(own.a == 4 && own.b == 5 && own.c == 6, "and the members that are known are copied");
    for (int i = 0; i < 3; i++) {
        struct version3 asks = newer;
        asks.d[i] = 1;
        is(options_copy(&own, sizeof own, &asks), -E2BIG, "an unknown member that is set: -E2BIG");
    }

    older.size = sizeof older.size - 1;
    is(options_copy(&own, sizeof own, &older), -EINVAL, "a size that can't be one: -EINVAL");
    is(options_copy(&own, sizeof own, NULL), -EINVAL, "no struct: -EINVAL");

    is((long)options_stride(&same, sizeof same), sizeof same, "size 0 in an array: this version's");
    is((long)options_stride(&newer, sizeof same), sizeof newer, "else its own");
    return done();
}
