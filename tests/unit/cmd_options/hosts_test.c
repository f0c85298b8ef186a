/* Tests cmd/options/hosts.c: which lists of hosts are accepted, and how workers are dealt to them.
 */
#include "../../../cmd/options/hosts.c"
#include "../../../cmd/util/units.c"
#include "../harness.h"

/* Returns NAME:N of each host and the host of each worker in order, or the line and the error. */
static const char *hosts(const char *value, int by_default) {
    static char out[512];
    struct hosts h;
    int line, at = 0;
    const char *why = hosts_parse(&h, value, &line);
    why = why ? why : hosts_assign_workers(&h, by_default);
    if (why)
        at = snprintf(out, sizeof out, "%d %s", line, why);
    for (int i = 0; !why && i < h.count; i++)
        at += snprintf(out + at, sizeof out - (size_t)at, "%s:%d ", h.all[i].name,
                       h.all[i].workers);
    for (int i = 0; !why && i < h.workers; i++)
        at += snprintf(out + at, sizeof out - (size_t)at, "%s", hosts_for_worker(&h, i)->name);
    hosts_free(&h);
    return out;
}

static int is_same(const char *got, const char *want) {
    if (strcmp(got, want) == 0)
        return 1;
    printf("# got:  %s\n# want: %s\n", got, want);
    return 0;
}

static const char *hosts_in_file(const char *text) {
    FILE *f = fopen("./list", "w");
    if (!f || fputs(text, f) < 0 || fclose(f) != 0)
        return "no file";
    return hosts("./list", 1);
}

static void test_hosts(void) {
    const char *bad[] = {"", "a,", ",a", "a,,b", ":2", "u@", "@a", "u@:2", "-a", "u@-a", "a:",
                         "a:0", "a:x", "a:-1", "a:4097", "a:1:1", "::1", "[::1", "[::1]x",
                         "[::1]:", "[]", "a b", "a\tb", "a,b:4096"};
    ok(is_same(hosts("a", 1), "a:1 a"), "a host has one worker");
    ok(is_same(hosts("a,b:2,c", 1), "a:1 b:2 c:1 abcb"), "workers of each go in turn");
    ok(is_same(hosts("a,b:1", 3), "a:3 b:1 abaa"), "-j is for those that say no number");
    ok(is_same(hosts("u@a:2", 1), "u@a:2 u@au@a"), "a user");
    ok(is_same(hosts("[::1],x@[fe80::1%eth0]:2", 1),
           "::1:1 x@fe80::1%eth0:2 ::1x@fe80::1%eth0x@fe80::1%eth0"), "addresses in brackets");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ok(strncmp(hosts(bad[i], 1), "0 ", 2) == 0, "refused: \"%s\"", bad[i]);
    ok(is_same(hosts_in_file("# all\n\n  a:2 # the first\n\tb\r\nc"), "a:2 b:1 c:1 abca"),
       "a file");
    ok(is_same(hosts_in_file("\n#\n"), "0 it names no host"), "a file of none");
    ok(strncmp(hosts_in_file("a\n\na b\n"), "3 ", 2) == 0, "a file, wrong in its third line");
    ok(strncmp(hosts_in_file("a,b\n"), "1 ", 2) == 0, "one a line");
    ok(is_same(hosts("./no-such-file", 1), "0 No such file or directory"), "no such file");
    ok(is_same(hosts("./", 1), "0 Is a directory"), "a directory");
    unlink("./list");
}

int main(void) {
    begin();
    test_hosts();
    return done();
}
