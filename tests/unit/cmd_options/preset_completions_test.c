/* Tests cmd/options/preset_completions.c: each list belongs to an existing preset, and has each
 * word once. */
#include "../../../cmd/options/preset_table.c"
#include "../../../cmd/options/preset_completions.c"
#include "../../../cmd/repl/completion.c"
#include "../harness.h"

enum { ROWS = sizeof preset_word_lists / sizeof *preset_word_lists };

static bool is_preset(const char *name) {
    const struct preset_row *row = preset_table;
    while (row->name && strcmp(row->name, name) != 0)
        row++;
    return row->name != NULL;
}

static bool has_word(const char *preset, const char *word) {
    struct completion v;
    char **words;
    bool found = false;
    completion_open(&v, preset_completions(preset), NULL);
    words = completion_find(&v, word);
    for (size_t i = 0; words && words[i]; i++) {
        found = found || strcmp(words[i], word) == 0;
        free(words[i]);
    }
    free(words);
    completion_close(&v);
    return found;
}

/* Returns how many words of a list are repeated. */
static int repeated(const char *words) {
    struct matches f = {.prefix = ""};
    size_t n;
    add_listed_words(&f, words, strlen(words));
    n = f.count;
    sort_unique(&f);
    n -= f.count;
    free(f.words);
    return (int)n;
}

int main(void) {
    static const char *const known[][2] = {
        {"bc", "scale"},       {"sqlite3", ".tables"},       {"sqlite3", "select"},
        {"psql", "\\dt"},      {"psql", "select"},           {"redis", "hgetall"},
        {"python", "lambda"},  {"python", "isinstance"},     {"node", "console.log"},
        {"lua", "string.sub"}, {"octave", "endwhile"},       {"r", "data.frame"},
        {"sh", "esac"},        {"gdb", "breakpoints"},       {"smt", "check-sat"},
        {"gtp", "genmove"},    {"uci", "setoption"},         {"mcp", "tools/list"},
        {"jsonrpc", "method"}, {"lsp", "textDocument/hover"}};
    begin();
    for (size_t i = 0; i < ROWS; i++) {
        ok(is_preset(preset_word_lists[i].preset), "%s is a preset", preset_word_lists[i].preset);
        is(repeated(preset_word_lists[i].words), 0, "its words are there once");
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        ok(has_word(known[i][0], known[i][1]), "%s has %s", known[i][0], known[i][1]);
    ok(!preset_completions("dc") && !preset_completions("no such"), "of others no word is known");
    return done();
}
