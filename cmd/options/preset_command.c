/* preset_command.c: which command runs with a preset, and with which arguments.
 *
 * A preset is a program and its arguments. Without operands it runs as it is. With some, the first
 * of them decides:
 *
 *     dualpipe -a sqlite3 my.db             no command: an argument of the preset's  EXTENDED
 *     dualpipe -a lua lua5.4                the preset's program, by another name    MERGED
 *     dualpipe -a sqlite3 sqlite3 my.db     the same, with a harmless argument       MERGED
 *     dualpipe -a bc bc -i                  an argument that the list doesn't have   AS_GIVEN
 *     dualpipe -a bc env bc -q              another command                          AS_GIVEN
 *     dualpipe git cat-file --batch         its list tells the whole command         AS_GIVEN
 *
 * The arguments that are harmless stand in the row (preset_table.h). A merged command is: program,
 * the user's options, the preset's arguments, the user's operands. The user's options come first,
 * since an argument of the preset may end the options, as python's -c does. */
#include "options/preset_command.h"
#include "util/shellwords.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- harmless arguments ------------------------------------------------------------------ */

/* A word of a row's list of harmless arguments. */
struct harmless_word {
    const char *text;
    size_t size; /* without the colon, and what follows it */
    bool takes_value;
    const char *value; /* the only one that it may have, up to the word's end; empty: any */
    size_t value_size;
};

/* Takes the next word of the list. Returns false at its end. */
static bool next_word(const char **list, struct harmless_word *word) {
    const char *p = *list + strspn(*list, " ");
    size_t n = strcspn(p, " "), size = strcspn(p, ": ");
    *list = p + n;
    *word = (struct harmless_word){.text = p, .size = size, .takes_value = size < n};
    if (word->takes_value) {
        word->value = p + size + 1;
        word->value_size = n - size - 1;
    }
    return n > 0;
}

static bool may_have_value(const struct harmless_word *word, const char *value) {
    return word->value_size == 0 || (strlen(value) == word->value_size &&
                                     strncmp(value, word->value, word->value_size) == 0);
}

/* How many operands the list allows. */
static int most_operands(const char *list) {
    struct harmless_word word;
    int most = 0;
    while (next_word(&list, &word)) {
        if (word.size == 1 && *word.text == '*')
            return INT_MAX;
        most += word.size == 1 && *word.text == '?';
    }
    return most;
}

/* Whether a short option without a value is in the list. */
static bool has_flag(const char *list, char letter) {
    struct harmless_word word;
    while (next_word(&list, &word))
        if (word.size == 2 && word.text[0] == '-' && word.text[1] == letter && !word.takes_value)
            return true;
    return false;
}

/* Whether the argument is several short options of the list in one word, as -lq. */
static bool is_bundle(const char *list, const char *argument) {
    const char *letter = argument + 1;
    while (*letter && has_flag(list, *letter))
        letter++;
    return letter > argument + 1 && !*letter;
}

/* How many words an option takes, itself and a value behind it; 0: it is not in the list. */
static int option_words(const char *list, char *const *arguments) {
    struct harmless_word word;
    const char *argument = *arguments, *rest;
    for (const char *at = list; next_word(&at, &word);) {
        if (strncmp(argument, word.text, word.size) != 0)
            continue;
        rest = argument + word.size;
        if (!*rest && word.takes_value)
            return arguments[1] && may_have_value(&word, arguments[1]) ? 2 : 0;
        if (!*rest)
            return 1;
        if (word.takes_value && (word.size == 2 || *rest == '='))
            return may_have_value(&word, rest + (*rest == '=')) ? 1 : 0;
    }
    return is_bundle(list, argument) ? 1 : 0;
}

/* Whether the argument is one that must be there; NULL: whether there are such. */
static bool is_required(const char *list, const char *argument) {
    struct harmless_word word;
    while (next_word(&list, &word))
        if (*word.text == '=' &&
            (!argument || (strlen(argument) == word.size - 1 &&
                           memcmp(argument, word.text + 1, word.size - 1) == 0)))
            return true;
    return false;
}

static int count_required(const char *list) {
    struct harmless_word word;
    int n = 0;
    while (next_word(&list, &word))
        n += *word.text == '=';
    return n;
}

static bool is_operand(const char *argument) {
    return *argument != '-' || !argument[1];
}

bool preset_command_takes(const char *harmless, char *const *arguments) {
    int operands = 0, required = 0, n;
    for (; *arguments; arguments += n) {
        n = 1;
        if (is_required(harmless, *arguments))
            required++;
        else if (is_operand(*arguments))
            operands++;
        else if ((n = option_words(harmless, arguments)) == 0)
            return false;
    }
    return operands <= most_operands(harmless) && required == count_required(harmless);
}

bool preset_command_fits(const struct preset_row *row, char *const *argv) {
    return row->harmless && preset_table_row_has_program(row, argv[0]) &&
           preset_command_takes(row->harmless, argv + 1);
}

const char *preset_command_advise(char *const *argv) {
    const struct preset_row *row = preset_table_find_program(argv[0]);
    return row && (!row->harmless || preset_command_fits(row, argv)) ? row->name : NULL;
}

/* --- what runs --------------------------------------------------------------------------- */

static bool is_executable(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* Whether a shell would run the word: an executable file, looked for in PATH if it has no slash. */
static bool is_command(const char *word) {
    const char *dir = getenv("PATH");
    char path[PATH_MAX];
    size_t n;
    int size;
    if (strchr(word, '/'))
        return is_executable(word);
    for (dir = dir ? dir : "/bin:/usr/bin"; *dir; dir += n + (dir[n] == ':')) {
        n = strcspn(dir, ":");
        size = snprintf(path, sizeof path, "%.*s/%s", n > 0 ? (int)n : 1, n > 0 ? dir : ".", word);
        if (size < PATH_MAX && is_executable(path))
            return true;
    }
    return false;
}

/* Whether the one operand behind a user's preset is its program, by another path or version. */
static bool is_same_program(char *const *preset_command, char *const *operands) {
    const struct preset_row row = {.programs = shellwords_program_name(preset_command[0])};
    return !operands[1] && preset_table_row_has_program(&row, operands[0]);
}

enum preset_command preset_command_choose(const struct preset_row *row,
                                          char *const *preset_command, char *const *operands) {
    if (row && row->harmless && is_required(row->harmless, NULL))
        return PRESET_COMMAND_AS_GIVEN;
    if (row ? preset_command_fits(row, operands) : is_same_program(preset_command, operands))
        return PRESET_COMMAND_MERGED;
    if ((row && row->is_protocol) || is_command(operands[0]))
        return PRESET_COMMAND_AS_GIVEN;
    if (row && row->harmless && is_operand(operands[0]) && most_operands(row->harmless) == 0)
        return PRESET_COMMAND_REFUSED;
    return PRESET_COMMAND_EXTENDED;
}

static bool has_word(char *const *words, const char *word) {
    while (*words && strcmp(*words, word) != 0)
        words++;
    return *words;
}

/* Whether the command ends in the row's program, which reads statements as a person would type
 * them: docker exec python3 -i. */
static bool ends_in_plain_program(const struct preset_row *row, char *const *command) {
    while (*command && !preset_table_row_has_program(row, *command))
        command++;
    return *command && preset_command_fits(row, command) && has_word(command, "-i");
}

const char *preset_command_row_args(const struct preset_row *row, char *const *command) {
    if (!row->whole || !command[0] ||
        preset_command_choose(row, NULL, command) != PRESET_COMMAND_AS_GIVEN)
        return row->args;
    return row->plain && ends_in_plain_program(row, command) ? row->plain : row->whole;
}

static size_t count_words(char *const *argv) {
    size_t n = 0;
    while (argv[n])
        n++;
    return n;
}

static char **append_words(char **to, char *const *words) {
    while (*words)
        *to++ = *words++;
    *to = NULL;
    return to;
}

/* Appends the options of argv, or its operands. */
static char **append_kind(char **to, const struct preset_row *row, char *const *argv,
                          bool operands) {
    int n;
    for (char *const *argument = argv + 1; *argument; argument += n) {
        bool is_one = is_operand(*argument);
        n = is_one ? 1 : option_words(row ? row->harmless : "", argument);
        for (int i = 0; i < n && is_one == operands; i++)
            *to++ = argument[i];
    }
    return to;
}

char **preset_command_merge(const struct preset_row *row, char *const *preset_command,
                            char *const *argv) {
    size_t n = count_words(preset_command) + count_words(argv);
    char **merged = malloc((n + 1) * sizeof *merged), **to = merged;
    if (!merged)
        return NULL;
    *to++ = argv[0];
    to = append_kind(to, row, argv, false);
    to = append_words(to, preset_command + 1);
    *append_kind(to, row, argv, true) = NULL;
    return merged;
}

char **preset_command_extend(char *const *preset_command, char *const *operands) {
    size_t n = count_words(preset_command) + count_words(operands);
    char **extended = malloc((n + 1) * sizeof *extended);
    if (extended)
        append_words(append_words(extended, preset_command), operands);
    return extended;
}
