/* presets.c: -a NAME: options and a command under one name.
 *
 * A user's preset lies in $XDG_CONFIG_HOME/dualpipe/presets, or ~/.config/dualpipe/presets: a
 * paragraph each. Its first line is the name, and its further lines are a command line as in a
 * shell (util/shellwords.c). It hides a built-in one of the same name. An error anywhere in the
 * file is reported whichever preset was looked up; therefore the file is always read to its end.
 *
 * Functions that search return PRESET_FOUND, which is PARSE_CONTINUE, if the file could be read:
 * whether the preset is there, its words tell (NULL: it is not). After a message they return the
 * status to end with. The text of the file must outlive struct user_preset, which points into it;
 * the words of a preset are an allocation of their own. */
#include "options/presets.h"
#include "options/option_error.h"
#include "options/preset_command.h"
#include "options/preset_table.h"
#include "util/log.h"
#include "util/read_all.h"
#include "util/shellwords.h"
#include "util/suggest.h"
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    PRESET_FOUND = PARSE_CONTINUE,
    MAX_FILE_SIZE = 64 << 10,
    PATH_ROOM = 4096, /* bytes of the file's path */
    NAME_ROOM = 33,   /* bytes of a name that is suggested */
};

/* --- the user's file --------------------------------------------------------------------- */

struct preset_file {
    char path[PATH_ROOM];
    char *text;
    struct paragraph_reader paragraphs;
};

/* Returns false if the environment names no directory, or one too long. */
static bool build_presets_path(char path[PATH_ROOM]) {
    const char *home = getenv("XDG_CONFIG_HOME"), *subdirectory = "";
    if (!home || *home != '/') {
        home = getenv("HOME");
        subdirectory = "/.config";
    }
    return home && *home && strlen(home) + 40 < PATH_ROOM &&
           snprintf(path, PATH_ROOM, "%s%s/dualpipe/presets", home, subdirectory) > 0;
}

static int report_file_error(struct preset_file *f, const char *why) {
    log_error("presets", f->path, "%s", why);
    free(f->text);
    f->text = NULL;
    return PARSE_FAILED;
}

/* Reads the file; one that doesn't exist counts as empty. The caller frees f->text, which is NULL
 * after an error. */
static int open_preset_file(struct preset_file *f) {
    ssize_t n;
    int fd;
    *f = (struct preset_file){0};
    if (!build_presets_path(f->path))
        return PRESET_FOUND;
    if ((fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)) < 0)
        return errno == ENOENT || errno == ENOTDIR ? PRESET_FOUND
                                                   : report_file_error(f, strerror(errno));
    n = (f->text = malloc(MAX_FILE_SIZE + 1)) ? read_all(fd, f->text, MAX_FILE_SIZE + 1) : -ENOMEM;
    close(fd);
    if (n < 0 || n > MAX_FILE_SIZE)
        return report_file_error(f, n < 0 ? strerror((int)-n) : "it is larger than 64 KiB");
    f->paragraphs = (struct paragraph_reader){f->text, f->text + n, 1};
    return PRESET_FOUND;
}

static int report_line_error(const struct preset_file *f, int line, const char *why) {
    char place[PATH_ROOM + 16];
    snprintf(place, sizeof place, "%s:%d", f->path, line);
    log_error("presets", place, "%s", why);
    return PARSE_FAILED;
}

struct user_preset {
    struct paragraph paragraph;
    char **words; /* owned by the caller that found it; NULL: not found */
    int n;
};

/* Returns PRESET_FOUND with the next preset of the file, 0 after the last one, or a status after an
 * error. */
static int next_user_preset(struct preset_file *f, struct user_preset *preset) {
    const char *why;
    struct paragraph *paragraph = &preset->paragraph;
    int r = shellwords_next_paragraph(&f->paragraphs, paragraph, &why);
    if (r == 0)
        return 0;
    preset->words = NULL;
    if (r > 0)
        preset->words = shellwords_split(paragraph->text, paragraph->text_size, &preset->n, &why);
    return preset->words ? PRESET_FOUND : report_line_error(f, paragraph->line, why);
}

static bool has_preset_name(const struct user_preset *preset, const char *name) {
    return strlen(name) == preset->paragraph.name_size &&
           memcmp(name, preset->paragraph.name, preset->paragraph.name_size) == 0;
}

/* Copies the preset's name to suggestion, of NAME_ROOM bytes, if the user may have meant it. */
static void note_similar_name(char *suggestion, const struct user_preset *preset,
                              const char *name) {
    const struct paragraph *paragraph = &preset->paragraph;
    char own_name[NAME_ROOM];
    if (paragraph->name_size >= sizeof own_name)
        return;
    snprintf(own_name, sizeof own_name, "%.*s", (int)paragraph->name_size, paragraph->name);
    if (suggest_is_similar(own_name, name))
        strcpy(suggestion, own_name);
}

/* Searches the whole file. Without a preset of that name found->words stays NULL. */
static int find_user_preset(struct preset_file *f, const char *name, struct user_preset *found,
                            char *suggestion) {
    struct user_preset preset;
    int r;
    while ((r = next_user_preset(f, &preset)) == PRESET_FOUND) {
        if (has_preset_name(&preset, name) && !found->words) {
            *found = preset;
            continue;
        }
        free(preset.words);
        if (has_preset_name(&preset, name))
            return report_line_error(f, preset.paragraph.line, "this name was there before");
        note_similar_name(suggestion, &preset, name);
    }
    return r == 0 ? PRESET_FOUND : r;
}

/* Opens the file and searches it. The caller frees f->text and found->words, whatever this
 * returns. */
static int look_up_user_preset(const char *name, struct preset_file *f, struct user_preset *found,
                               char *suggestion) {
    int status = open_preset_file(f);
    *found = (struct user_preset){0};
    *suggestion = 0;
    return status == PRESET_FOUND ? find_user_preset(f, name, found, suggestion) : status;
}

/* --- by name ----------------------------------------------------------------------------- */

static int report_unknown_preset(const char *name, const char *suggestion) {
    for (const struct preset_row *row = preset_table; row->name && !*suggestion; row++)
        if (row->name[1] && suggest_is_similar(row->name, name))
            suggestion = row->name;
    if (*suggestion)
        log_error("no such preset", name, "did you mean %s? --help=presets lists them", suggestion);
    else
        log_error("no such preset", name, "--help=presets lists them");
    return PARSE_FAILED;
}

/* Makes a preset of a built-in row, as it is for the command. */
static int split_row(struct preset *p, const struct preset_row *row, char *const *command) {
    const char *args = preset_command_row_args(row, command), *why;
    p->row = row;
    p->row_args = args;
    p->argv = shellwords_split(args, strlen(args), &p->argc, &why);
    if (!p->argv)
        log_error("preset", row->name, "%s", why);
    return p->argv ? PRESET_FOUND : PARSE_FAILED;
}

static int find_built_in(struct preset *p, const char *name, char *const *command,
                         const char *suggestion) {
    const struct preset_row *row = preset_table_find(name);
    return row ? split_row(p, row, command) : report_unknown_preset(name, suggestion);
}

int presets_find(struct preset *p, const char *name, char *const *command, bool built_in) {
    static char program[] = "dualpipe";
    struct user_preset own = {0};
    struct preset_file file = {0};
    char suggestion[NAME_ROOM] = "";
    int status = PRESET_FOUND;
    if (!built_in)
        status = look_up_user_preset(name, &file, &own, suggestion);
    *p = (struct preset){.argv = own.words, .argc = own.n};
    if (status == PRESET_FOUND && own.words)
        snprintf(p->place, sizeof p->place, "%.200s:%d", file.path, own.paragraph.line);
    else if (status == PRESET_FOUND)
        status = find_built_in(p, name, command, suggestion);
    free(file.text);
    if (status == PRESET_FOUND)
        p->argv[0] = program;
    else
        free(own.words);
    return status;
}

/* --- for --help -------------------------------------------------------------------------- */

static void print_user_preset(const struct preset_file *f, const struct user_preset *preset) {
    const struct paragraph *paragraph = &preset->paragraph;
    printf("%.*s: yours, %s:%d\n%.*s", (int)paragraph->name_size, paragraph->name, f->path,
           paragraph->line, (int)paragraph->text_size, paragraph->text);
    if (paragraph->text[paragraph->text_size - 1] != '\n')
        putchar('\n');
}

/* The programs to which the preset applies by itself, and the arguments that they may have. */
static void print_programs(const struct preset_row *row) {
    const char *p = row->harmless;
    if (!p || !*row->programs)
        return;
    printf("By itself: %s", row->programs);
    for (size_t n, size; *p; p += n + (p[n] == ' ')) {
        n = strcspn(p, " ");
        size = strcspn(p, ": ");
        if (*p == '?' || *p == '*')
            printf(*p == '*' ? " [FILE ...]" : " [OPERAND]");
        else if (*p == '=')
            printf(" %.*s", (int)n - 1, p + 1);
        else if (size == n)
            printf(" [%.*s]", (int)n, p);
        else if (size + 1 == n)
            printf(" [%.*s VALUE]", (int)size, p);
        else
            printf(" [%.*s %.*s]", (int)size, p, (int)(n - size - 1), p + size + 1);
    }
    putchar('\n');
}

int presets_show(const char *name) {
    const struct preset_row *row = preset_table_find(name);
    struct user_preset own;
    struct preset_file file;
    char suggestion[NAME_ROOM];
    int status = look_up_user_preset(name, &file, &own, suggestion);
    if (status == PRESET_FOUND && own.words)
        print_user_preset(&file, &own);
    else if (status == PRESET_FOUND && row) {
        printf("%s: %s\n%s\n", name, row->summary, row->args);
        print_programs(row);
        printf("\n%s\n", row->example);
    }
    if (status == PRESET_FOUND && (own.words || row))
        status = 0;
    free(own.words);
    free(file.text);
    return status;
}

int presets_list(void) {
    struct user_preset preset;
    struct preset_file file;
    int status = open_preset_file(&file), shown = 0;
    if (status != PRESET_FOUND)
        return status;
    puts("Presets (-a NAME; --help=NAME shows what it stands for):");
    for (const struct preset_row *row = preset_table; row->name; row++)
        printf("  %-9s %s\n", row->name, row->summary);
    printf("\nYour own, in %s:\n", *file.path ? file.path : "~/.config/dualpipe/presets");
    for (; (status = next_user_preset(&file, &preset)) == PRESET_FOUND; free(preset.words), shown++)
        printf("  %.*s\n", (int)preset.paragraph.name_size, preset.paragraph.name);
    if (status == 0 && shown == 0)
        puts("  none: dualpipe-presets(7) tells how to write one");
    free(file.text);
    return status;
}
