/* Tests cmd/util/shellwords.c: how a command line is split into words, compared with what sh makes
 * of it, and how a file of presets is split into paragraphs. */
#include "../../../cmd/util/shellwords.c"
#include "../harness.h"

/* Returns the words, each in <>, or "! " and the error. */
static const char *split(const char *text, size_t size) {
    static char out[2048];
    const char *why = "no reason";
    char *exact = malloc(size ? size : 1); /* exact size, so that ASan catches a read past it */
    int n = -1, used = 0;
    char **words;
    memcpy(exact, text, size);
    words = shellwords_split(exact, size, &n, &why);
    if (!words)
        snprintf(out, sizeof out, "! %s", why);
    for (int i = 1; words && i < n; i++)
        used += snprintf(out + used, sizeof out - (size_t)used, "<%s>", words[i]);
    if (words && n == 1)
        *out = 0;
    if (words && (words[0] || words[n]))
        snprintf(out, sizeof out, "words[0] or the last one is not NULL");
    free(words);
    free(exact);
    return out;
}

static bool splits(const char *text, size_t size, const char *want) {
    const char *got = split(text, size);
    if (strcmp(got, want) != 0)
        printf("# got:  %s\n# want: %s\n", got, want);
    return strcmp(got, want) == 0;
}

static const struct {
    const char *what, *text, *words;
} known[] = {
    {"an empty text has no words", "", ""},
    {"nor have blanks", " \t\r\n ", ""},
    {"words between blanks", " a  bc\td\ne\r\n", "<a><bc><d><e>"},
    {"single quotes keep all bytes", "'a b' '\\n' '\"' '#'", "<a b><\\n><\"><#>"},
    {"double quotes keep blanks", "\"a b\" \"'\"", "<a b><'>"},
    {"in double quotes a backslash quotes four bytes", "\"\\\"\\\\\\$\\`\"", "<\"\\$`>"},
    {"and stays before others", "\"\\n\\'\"", "<\\n\\'>"},
    {"an empty word", "'' \"\"", "<><>"},
    {"quotes within a word", "a'b c'\"d e\"f", "<ab cd ef>"},
    {"a backslash quotes any byte", "a\\ b \\' \\\\ \\#x", "<a b><'><\\><#x>"},
    {"a comment ends with its line", "a # b 'c\nd", "<a><d>"},
    {"a # within a word is none", "a#b c#", "<a#b><c#>"},
    {"a line goes on after a backslash", "a\\\nb \\\n c", "<ab><c>"},
    {"in double quotes too", "\"a\\\nb\"", "<ab>"},
    {"but not in single quotes", "'a\\\nb'", "<a\\\nb>"},
    {"nothing is expanded", "$HOME *.c ~ a=b `x` $(y)", "<$HOME><*.c><~><a=b><`x`><$(y)>"},
    {"a single quote that is not closed", "a 'b", "! a ' is not closed"},
    {"a double quote that is not closed", "\"b\\\"", "! a \" is not closed"},
    {"a backslash at the end", "a\\", "! it ends in a backslash"}};

static void known_texts(void) {
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        ok(splits(known[i].text, strlen(known[i].text), known[i].words), "%s", known[i].what);
    ok(splits("a\0b", 3, "! a NUL byte"), "a NUL byte");
}

/* Reads lines of text and prints the words that sh makes of each, or ! if it complains. The texts
 * have no $, ` or operator, and globbing is off. */
static const char by_shell[] = "set -f\n"
                               "while IFS= read -r text; do\n"
                               "(eval \"for word in $text\n"
                               "do printf '<%s>' \\\"\\$word\\\"; done\") || printf '!'\n"
                               "echo\n"
                               "done <texts 2>/dev/null\n";

enum { MOST_TEXTS = 500, TEXT_SIZE = 64 };

static void write_file(const char *name, const char *text) {
    FILE *file = fopen(name, "w");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        printf("# %s: %s\n", name, strerror(errno));
}

static void random_text(char *text, unsigned *seed) {
    static const char *const parts[] = {"a", "b", "\\", "'", "\"", " ", "\\ ", "\\'", "''", "x y"};
    strcpy(text, "w");
    for (int i = 0; i < 8; i++) {
        *seed = *seed * 1103515245 + 12345;
        strcat(text, parts[(*seed >> 8) % (sizeof parts / sizeof *parts)]);
    }
    if (text[strlen(text) - 1] == '\\')
        strcat(text, "z"); /* or the line would go on */
}

static void like_a_shell(void) {
    static char all[MOST_TEXTS * TEXT_SIZE], want[600];
    unsigned seed = 7;
    int texts = (int)fewer(MOST_TEXTS), agreed = 0, complaints = 0;
    const char *text = all;
    FILE *sh;
    for (int i = 0; i < texts; i++) {
        random_text(all + strlen(all), &seed);
        strcat(all, "\n");
    }
    write_file("texts", all);
    write_file("script", by_shell);
    if (!(sh = popen("sh ./script", "r")))
        abort();
    for (size_t n; *text && fgets(want, sizeof want, sh); text += n + 1) {
        n = strcspn(text, "\n");
        want[strcspn(want, "\n")] = 0;
        complaints += *want == '!';
        if (*want == '!' ? *split(text, n) == '!' : splits(text, n, want))
            agreed++;
        else
            printf("# sh: %s, of: %.*s\n", want, (int)n, text);
    }
    ok(pclose(sh) == 0 && agreed == texts, "%d of %d random texts give the words that sh makes",
       agreed, texts);
    ok(complaints > texts / 20 && complaints < texts * 19 / 20, "%d of them are errors in both",
       complaints);
}

/* Quoting any bytes and splitting them again gives one word of these bytes. */
static void any_bytes(void) {
    char all[256], text[1024], *to = text;
    const char *why;
    char **words;
    int n;
    for (int c = 1; c < 256; c++)
        all[c - 1] = (char)c;
    all[255] = 0;
    for (const char *c = all; *c; c++) {
        if (*c != '\n')
            *to++ = '\\';
        else
            *to++ = '"';
        *to++ = *c;
        if (*c == '\n')
            *to++ = '"';
    }
    words = shellwords_split(text, (size_t)(to - text), &n, &why);
    ok(words && n == 2 && strcmp(words[1], all) == 0, "every byte can be quoted");
    free(words);
    words = shellwords_split(text, (size_t)1 << 24, &n, &why);
    ok(!words && why && *why, "a text of 16 MiB is refused, before it is read");
}

/* Returns LINE:NAME=TEXT| of each paragraph, or ends with "! LINE error". */
static const char *paragraphs(const char *text) {
    static char out[1024];
    struct paragraph_reader reader = {text, text + strlen(text), 1};
    struct paragraph p = {0};
    const char *why = "no reason";
    int r, used = 0;
    *out = 0;
    while ((r = shellwords_next_paragraph(&reader, &p, &why)) == 1)
        used += snprintf(out + used, sizeof out - (size_t)used, "%d:%.*s=%.*s|", p.line,
                         (int)p.name_size, p.name, (int)p.text_size, p.text);
    if (r < 0)
        snprintf(out + used, sizeof out - (size_t)used, "! %d %.12s", p.line, why);
    return out;
}

static const struct {
    const char *what, *text, *want;
} files[] = {
    {"an empty file", "", ""},
    {"blank lines and comments", "\n # a\n\t\n#b", ""},
    {"a name and its line", "bc\nbc -q\n", "1:bc=bc -q\n|"},
    {"the last line may be unfinished", "bc\nbc", "1:bc=bc|"},
    {"several lines", "a\n-n 1\nsh\n", "1:a=-n 1\nsh\n|"},
    {"an empty line ends it", "a\nx\n\nb\ny\n", "1:a=x\n|4:b=y\n|"},
    {"so does a line of blanks", "a\nx\n \t\r\nb\ny", "1:a=x\n|4:b=y|"},
    {"blanks around a name", "  a-1.+_ \r\nx", "1:a-1.+_=x|"},
    {"comments before a name", "# a\n\n#\nb\n# c\nx", "4:b=# c\nx|"},
    {"a name of two words", "a\nx\n\nb c\ny", "1:a=x\n|! 4 a name is me"},
    {"a name that begins with -", "-a\nx", "! 1 a name is me"},
    {"a name with a slash", "a/b\nx", "! 1 a name is me"},
    {"a name without a command", "a\n\nb\nx", "! 1 a command li"},
    {"nor at the end", "a", "! 1 a command li"}};

static void known_files(void) {
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        const char *got = paragraphs(files[i].text);
        if (!ok(strcmp(got, files[i].want) == 0, "paragraphs: %s", files[i].what))
            printf("# got:  %s\n# want: %s\n", got, files[i].want);
    }
}

int main(void) {
    begin();
    known_texts();
    like_a_shell();
    any_bytes();
    known_files();
    return done();
}
