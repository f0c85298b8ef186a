/* Tests cmd/options/hosts.c and cmd/options/launcher.c: lists of hosts, and commands put behind a
 * launcher. */
#include "../../../cmd/options/hosts.c"
#include "../../../cmd/util/units.c"
#include "../../../cmd/options/launcher.c"
#include "../harness.h"
#include <unistd.h>

/* --- hosts ------------------------------------------------------------------------------- */

/* As NAME:N of each, and the workers in their order; or what is wrong. */
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

static int are(const char *got, const char *want) {
    if (strcmp(got, want) == 0)
        return 1;
    printf("# got:  %s\n# want: %s\n", got, want);
    return 0;
}

static const char *of_file(const char *text) {
    FILE *f = fopen("./list", "w");
    if (!f || fputs(text, f) < 0 || fclose(f) != 0)
        return "no file";
    return hosts("./list", 1);
}

static void test_hosts(void) {
    const char *bad[] = {"", "a,", ",a", "a,,b", ":2", "u@", "@a", "u@:2", "-a", "u@-a", "a:",
                         "a:0", "a:x", "a:-1", "a:4097", "a:1:1", "::1", "[::1", "[::1]x",
                         "[::1]:", "[]", "a b", "a\tb", "a,b:4096"};
    ok(are(hosts("a", 1), "a:1 a"), "a host has one worker");
    ok(are(hosts("a,b:2,c", 1), "a:1 b:2 c:1 abcb"), "workers of each go in turn");
    ok(are(hosts("a,b:1", 3), "a:3 b:1 abaa"), "-j is for those that say no number");
    ok(are(hosts("u@a:2", 1), "u@a:2 u@au@a"), "a user");
    ok(are(hosts("[::1],x@[fe80::1%eth0]:2", 1),
           "::1:1 x@fe80::1%eth0:2 ::1x@fe80::1%eth0x@fe80::1%eth0"), "addresses in brackets");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ok(strncmp(hosts(bad[i], 1), "0 ", 2) == 0, "refused: \"%s\"", bad[i]);
    ok(are(of_file("# all\n\n  a:2 # the first\n\tb\r\nc"), "a:2 b:1 c:1 abca"), "a file");
    ok(are(of_file("\n#\n"), "0 it names no host"), "a file of none");
    ok(strncmp(of_file("a\n\na b\n"), "3 ", 2) == 0, "a file, wrong in its third line");
    ok(strncmp(of_file("a,b\n"), "1 ", 2) == 0, "one a line");
    ok(are(hosts("./no-such-file", 1), "0 No such file or directory"), "no such file");
    ok(are(hosts("./", 1), "0 Is a directory"), "a directory");
    unlink("./list");
}

/* --- launchers --------------------------------------------------------------------------- */

/* The words in <>. */
static const char *launched(char *const *prefix, char *const *command) {
    static char out[512];
    char **words = launcher_build_argv(prefix, command, "H", 7);
    int at = 0;
    for (int i = 0; words && words[i]; i++)
        at += snprintf(out + at, sizeof out - (size_t)at, "<%s>", words[i]);
    free(words);
    return out;
}
#define LIST(...) ((char *[]){__VA_ARGS__, NULL})

static void test_launchers(void) {
    char **c = LIST(WORD("a b"), WORD("it's"), WORD("{host}{q}"));
    ok(are(launched(LIST(WORD("x")), c), "<x><a b><it's><{host}{q}>"),
       "the command's words follow, and are not looked into");
    ok(are(launched(LIST(WORD("x"), WORD("{}"), WORD("y")), c), "<x><a b><it's><{host}{q}><y>"),
       "{} is the command's words");
    ok(are(launched(LIST(WORD("x"), WORD("-{}"), WORD("{q}")), LIST(WORD("a"))), "<x><-{}><'a'>"),
       "but not within a word");
    ok(are(launched(LIST(WORD("{host}:{n}"), WORD("{{n}}"), WORD("{m}")), LIST(WORD("a"))),
           "<H:7><{7}><{m}><a>"), "{host} and {n} are, anywhere; nothing else is");
    ok(are(launched(LIST(WORD("x"), WORD("cd /; {q}")), LIST(WORD("a b"), WORD("it's"), WORD(""))),
           "<x><cd /; 'a b' 'it'\\''s' ''>"), "{q}: quoted, within a word");
    ok(are(launched(LIST(WORD("x"), WORD("{}{q}")), LIST(WORD("a"))), "<x><{}'a'>"),
       "{} and {q} side by side");
}

/* What a shell makes of the quoted words, each behind a NUL. */
static int survives(char *const *words, size_t size, const char *want) {
    char got[2048], *quoted, command[2048];
    size_t n;
    FILE *f;
    if (!(quoted = launcher_quote_words(words, &n)))
        return 0;
    snprintf(command, sizeof command, "printf '%%s\\0' %s", quoted);
    free(quoted);
    if (!(f = popen(command, "r")))
        return 0;
    n = fread(got, 1, sizeof got, f);
    return pclose(f) == 0 && n == size && memcmp(got, want, n) == 0;
}

static void test_quoting(void) {
    char all[257], want[600];
    size_t n;
    char *words[] = {all, WORD(""), WORD("'"), WORD("''a'"), WORD("-e"), all, NULL};
    size_t at = 0;
    for (int i = 1; i < 256; i++)
        all[i - 1] = (char)i;
    all[255] = 0;
    for (int i = 0; words[i]; i++) {
        memcpy(want + at, words[i], strlen(words[i]) + 1);
        at += strlen(words[i]) + 1;
    }
    ok(survives(words, at, want), "quoted words of all bytes come back from a shell");
    free(launcher_quote_words(LIST(WORD("if")), &n));
    is((long)n, 4, "a word the shell knows is quoted too");
}

int main(void) {
    begin();
    test_hosts();
    test_launchers();
    test_quoting();
    return done();
}
