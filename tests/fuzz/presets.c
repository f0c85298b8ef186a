/* Fuzzes the file of presets: its paragraphs must lie within it, one after the other; the words
 * of a command line hold no more bytes than it does, and give the same words when they are quoted
 * and split again. */
#include "../../cmd/util/shellwords.h"
#include "fuzz.h"

/* Returns the words as a command line, each in quotes. The caller frees it. */
static char *quoted(char **words, int n) {
    size_t room = 1;
    char *text, *to;
    for (int i = 1; i < n; i++)
        room += 4 * strlen(words[i]) + 3;
    if (!(to = text = malloc(room)))
        abort();
    for (int i = 1; i < n; i++) {
        *to++ = '\'';
        for (const char *c = words[i]; *c; c++)
            if (*c == '\'')
                to += sprintf(to, "'\\''");
            else
                *to++ = *c;
        *to++ = '\'';
        *to++ = ' ';
    }
    *to = 0;
    return text;
}

static void words_of(const char *text, size_t size, bool again) {
    const char *why = NULL;
    size_t letters = 0;
    int n, m;
    char **words = shellwords_split(text, size, &n, &why), **same, *plain;
    must(words || why, "nothing, and no reason");
    if (!words)
        return;
    must(!words[0] && !words[n] && n >= 1, "no room for a name, or no end");
    for (int i = 1; i < n; i++)
        letters += strlen(words[i]);
    must(letters <= size && (size_t)n <= size / 2 + 2, "more came out than went in");
    if (again) {
        plain = quoted(words, n);
        same = shellwords_split(plain, strlen(plain), &m, &why);
        must(same && m == n, "quoted, there are more or fewer");
        for (int i = 1; i < n; i++)
            must(strcmp(words[i], same[i]) == 0, "quoted, one is another");
        free(same);
        free(plain);
    }
    free(words);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size ? size : 1); /* exact size, so that ASan catches a read past the end */
    struct paragraph_reader all = {text, text + size, 1};
    struct paragraph p;
    const char *why = NULL, *from = text;
    int r, line = 0;
    if (!text)
        abort();
    if (size)
        memcpy(text, data, size);
    words_of(text, size, true);
    while ((r = shellwords_next_paragraph(&all, &p, &why)) == 1) {
        must(p.name >= from && p.name_size > 0, "a name that is none");
        must(p.text >= p.name + p.name_size && p.text_size > 0, "a command line before its name");
        from = p.text + p.text_size;
        must(from <= text + size && all.next == from, "more than there is");
        must(p.line > line, "a line number that falls");
        line = p.line;
        words_of(p.text, p.text_size, true);
    }
    must(r == 0 || why, "something is wrong, but what?");
    free(text);
    return 0;
}
