/* Tests cmd/options/launcher.c: how the words of a launcher and of a command become one command
 * line, and that a shell reads quoted words as they were. */
#include "../../../cmd/options/launcher.c"
#include "../harness.h"

static int is_same(const char *got, const char *want) {
    if (strcmp(got, want) == 0)
        return 1;
    printf("# got:  %s\n# want: %s\n", got, want);
    return 0;
}

/* Returns the words of the command line for host H, process 7, each in <>. */
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
    ok(is_same(launched(LIST(WORD("x")), c), "<x><a b><it's><{host}{q}>"),
       "the command's words follow, and are not looked into");
    ok(is_same(launched(LIST(WORD("x"), WORD("{}"), WORD("y")), c), "<x><a b><it's><{host}{q}><y>"),
       "{} is the command's words");
    ok(is_same(launched(LIST(WORD("x"), WORD("-{}"), WORD("{q}")), LIST(WORD("a"))),
               "<x><-{}><'a'>"),
       "but not within a word");
    ok(is_same(launched(LIST(WORD("{host}:{n}"), WORD("{{n}}"), WORD("{m}")), LIST(WORD("a"))),
           "<H:7><{7}><{m}><a>"), "{host} and {n} are, anywhere; nothing else is");
    ok(is_same(
           launched(LIST(WORD("x"), WORD("cd /; {q}")), LIST(WORD("a b"), WORD("it's"), WORD(""))),
           "<x><cd /; 'a b' 'it'\\''s' ''>"),
       "{q}: quoted, within a word");
    ok(is_same(launched(LIST(WORD("x"), WORD("{}{q}")), LIST(WORD("a"))), "<x><{}'a'>"),
       "{} and {q} side by side");
}

/* Whether a shell makes these words of the quoted ones. */
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
    test_launchers();
    test_quoting();
    return done();
}
