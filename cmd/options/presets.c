/* presets.c: options and commands for well-known programs, by a name (-a), and the user's own. */
#include "options/presets.h"
#include "options/option_error.h"
#include "options/preset_table.h"
#include "util/suggest.h"
#include "util/log.h"
#include "util/read_all.h"
#include "util/shellwords.h"
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PRESET_FOUND = -1, MAX_FILE_SIZE = 64 << 10, PATH_ROOM = 4096,
       NAME_ROOM = 33 };

/* --- the user's file --------------------------------------------------------------------- */

struct preset_file {
    char path[PATH_ROOM];
    char *text;
    struct paragraph_reader paragraphs;
};

/* $XDG_CONFIG_HOME/dualpipe/presets, else that of ~/.config; false: neither is known. */
static bool build_presets_path(char *path) {
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

/* One that isn't there is empty. The text is the caller's, unless something is wrong. */
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
    char **words;
    int n;
};

/* FOUND: the next of the file; 0: there are no more; else what is wrong has been said. */
static int next_user_preset(struct preset_file *f, struct user_preset *preset) {
    const char *why;
    int r = shellwords_next_paragraph(&f->paragraphs, &preset->paragraph, &why);
    if (r == 0)
        return 0;
    preset->words =
        r > 0 ? shellwords_split(preset->paragraph.text, preset->paragraph.text_size, &preset->n, &why)
              : NULL;
    return preset->words ? PRESET_FOUND : report_line_error(f, preset->paragraph.line, why);
}

static bool has_preset_name(const struct user_preset *preset, const char *name) {
    return strlen(name) == preset->paragraph.name_size &&
           memcmp(name, preset->paragraph.name, preset->paragraph.name_size) == 0;
}

static void note_similar_name(char *suggestion, const struct user_preset *preset, const char *name) {
    char own_name[NAME_ROOM];
    if (preset->paragraph.name_size >= sizeof own_name)
        return;
    snprintf(own_name, sizeof own_name, "%.*s", (int)preset->paragraph.name_size, preset->paragraph.name);
    if (suggest_is_similar(own_name, name))
        strcpy(suggestion, own_name);
}

/* The file is read to its end, so that what is wrong in it is always said. */
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

/* The user's own of that name, if there is one, with the file that it lies in: the caller's. */
static int look_up_user_preset(const char *name, struct preset_file *f, struct user_preset *found,
                               char *suggestion) {
    int status = open_preset_file(f);
    *found = (struct user_preset){0};
    *suggestion = 0;
    return status == PRESET_FOUND ? find_user_preset(f, name, found, suggestion) : status;
}

/* --- by name ----------------------------------------------------------------------------- */

static const struct preset_row *find_row(const char *name) {
    const struct preset_row *row = preset_table;
    while (row->name && strcmp(row->name, name) != 0)
        row++;
    return row->name ? row : NULL;
}

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

static int split_row(struct preset *p, const struct preset_row *row) {
    const char *why;
    p->argv = shellwords_split(row->args, strlen(row->args), &p->argc, &why);
    if (!p->argv)
        log_error("preset", row->name, "%s", why);
    return p->argv ? PRESET_FOUND : PARSE_FAILED;
}

int presets_find(struct preset *p, const char *name) {
    static char program[] = "dualpipe";
    const struct preset_row *row = find_row(name);
    struct user_preset own;
    struct preset_file file;
    char suggestion[NAME_ROOM];
    int status = look_up_user_preset(name, &file, &own, suggestion);
    *p = (struct preset){own.words, own.n, ""};
    if (status == PRESET_FOUND && own.words)
        snprintf(p->place, sizeof p->place, "%.200s:%d", file.path, own.paragraph.line);
    else if (status == PRESET_FOUND)
        status = row ? split_row(p, row) : report_unknown_preset(name, suggestion);
    free(file.text);
    if (status == PRESET_FOUND)
        p->argv[0] = program;
    else
        free(own.words);
    return status;
}

/* --- by program -------------------------------------------------------------------------- */

/* A word of the list, and behind it at most a version. */
static bool list_has_program(const char *list, const char *name) {
    size_t n;
    for (; *list; list += n + (list[n] == ' ')) {
        n = strcspn(list, " ");
        if (strncmp(list, name, n) == 0 && strspn(name + n, "0123456789.") == strlen(name + n))
            return true;
    }
    return false;
}

const char *presets_for_program(const char *command) {
    const char *slash = strrchr(command, '/'), *name = slash ? slash + 1 : command;
    for (const struct preset_row *row = preset_table; row->name; row++)
        if (list_has_program(row->programs, name))
            return row->name;
    return NULL;
}

/* --- shown ------------------------------------------------------------------------------- */

static void print_user_preset(const struct preset_file *f, const struct user_preset *preset) {
    printf("%.*s: yours, %s:%d\n%.*s", (int)preset->paragraph.name_size, preset->paragraph.name, f->path,
           preset->paragraph.line, (int)preset->paragraph.text_size, preset->paragraph.text);
    if (preset->paragraph.text[preset->paragraph.text_size - 1] != '\n')
        putchar('\n');
}

int presets_show(const char *name) {
    const struct preset_row *row = find_row(name);
    struct user_preset own;
    struct preset_file file;
    char suggestion[NAME_ROOM];
    int status = look_up_user_preset(name, &file, &own, suggestion);
    if (status == PRESET_FOUND && own.words)
        print_user_preset(&file, &own);
    else if (status == PRESET_FOUND && row)
        printf("%s: %s\n%s\n\n%s\n", name, row->summary, row->args, row->example);
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
