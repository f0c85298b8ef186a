/* presets.c: options and commands for well-known programs, by a name (-a), and the user's own. */
#include "options/presets.h"
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

enum { USAGE = 125, FOUND = -1, LARGEST_FILE = 64 << 10, LONGEST_PATH = 4096,
       LONGEST_NAME = 33 };

/* --- the user's file --------------------------------------------------------------------- */

struct file {
    char path[LONGEST_PATH];
    char *text;
    struct paragraphs all;
};

/* $XDG_CONFIG_HOME/dualpipe/presets, else that of ~/.config; false: neither is known. */
static bool file_path(char *path) {
    const char *home = getenv("XDG_CONFIG_HOME"), *below = "";
    if (!home || *home != '/') {
        home = getenv("HOME");
        below = "/.config";
    }
    return home && *home && strlen(home) + 40 < LONGEST_PATH &&
           snprintf(path, LONGEST_PATH, "%s%s/dualpipe/presets", home, below) > 0;
}

static int file_wrong(struct file *f, const char *why) {
    say_error("presets", f->path, "%s", why);
    free(f->text);
    f->text = NULL;
    return USAGE;
}

/* One that isn't there is empty. The text is the caller's, unless something is wrong. */
static int file_open(struct file *f) {
    ssize_t n;
    int fd;
    *f = (struct file){0};
    if (!file_path(f->path))
        return FOUND;
    if ((fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)) < 0)
        return errno == ENOENT || errno == ENOTDIR ? FOUND : file_wrong(f, strerror(errno));
    n = (f->text = malloc(LARGEST_FILE + 1)) ? whole_read(fd, f->text, LARGEST_FILE + 1) : -ENOMEM;
    close(fd);
    if (n < 0 || n > LARGEST_FILE)
        return file_wrong(f, n < 0 ? strerror((int)-n) : "it is larger than 64 KiB");
    f->all = (struct paragraphs){f->text, f->text + n, 1};
    return FOUND;
}

static int line_wrong(const struct file *f, int line, const char *why) {
    char place[LONGEST_PATH + 16];
    snprintf(place, sizeof place, "%s:%d", f->path, line);
    say_error("presets", place, "%s", why);
    return USAGE;
}

struct own {
    struct paragraph p;
    char **words;
    int n;
};

/* FOUND: the next of the file; 0: there are no more; else what is wrong has been said. */
static int file_next(struct file *f, struct own *one) {
    const char *why;
    int r = paragraphs_next(&f->all, &one->p, &why);
    if (r == 0)
        return 0;
    one->words = r > 0 ? words_split(one->p.text, one->p.text_size, &one->n, &why) : NULL;
    return one->words ? FOUND : line_wrong(f, one->p.line, why);
}

static bool is_named(const struct own *one, const char *name) {
    return strlen(name) == one->p.name_size && memcmp(name, one->p.name, one->p.name_size) == 0;
}

static void note_near(char *meant, const struct own *one, const char *name) {
    char own[LONGEST_NAME];
    if (one->p.name_size >= sizeof own)
        return;
    snprintf(own, sizeof own, "%.*s", (int)one->p.name_size, one->p.name);
    if (near(own, name))
        strcpy(meant, own);
}

/* The file is read to its end, so that what is wrong in it is always said. */
static int find_own(struct file *f, const char *name, struct own *found, char *meant) {
    struct own one;
    int r;
    while ((r = file_next(f, &one)) == FOUND) {
        if (is_named(&one, name) && !found->words) {
            *found = one;
            continue;
        }
        free(one.words);
        if (is_named(&one, name))
            return line_wrong(f, one.p.line, "this name was there before");
        note_near(meant, &one, name);
    }
    return r == 0 ? FOUND : r;
}

/* The user's own of that name, if there is one, with the file that it lies in: the caller's. */
static int look_up(const char *name, struct file *f, struct own *found, char *meant) {
    int status = file_open(f);
    *found = (struct own){0};
    *meant = 0;
    return status == FOUND ? find_own(f, name, found, meant) : status;
}

/* --- by name ----------------------------------------------------------------------------- */

static const struct preset_row *row_named(const char *name) {
    const struct preset_row *row = preset_rows;
    while (row->name && strcmp(row->name, name) != 0)
        row++;
    return row->name ? row : NULL;
}

static int unknown(const char *name, const char *meant) {
    for (const struct preset_row *row = preset_rows; row->name && !*meant; row++)
        if (row->name[1] && near(row->name, name))
            meant = row->name;
    if (*meant)
        say_error("no such preset", name, "did you mean %s? --help=presets lists them", meant);
    else
        say_error("no such preset", name, "--help=presets lists them");
    return USAGE;
}

static int take_row(struct preset *p, const struct preset_row *row) {
    const char *why;
    p->words = words_split(row->line, strlen(row->line), &p->n, &why);
    if (!p->words)
        say_error("preset", row->name, "%s", why);
    return p->words ? FOUND : USAGE;
}

int preset_find(struct preset *p, const char *name) {
    static char program[] = "dualpipe";
    const struct preset_row *row = row_named(name);
    struct own own;
    struct file f;
    char meant[LONGEST_NAME];
    int status = look_up(name, &f, &own, meant);
    *p = (struct preset){own.words, own.n, ""};
    if (status == FOUND && own.words)
        snprintf(p->place, sizeof p->place, "%.200s:%d", f.path, own.p.line);
    else if (status == FOUND)
        status = row ? take_row(p, row) : unknown(name, meant);
    free(f.text);
    if (status == FOUND)
        p->words[0] = program;
    else
        free(own.words);
    return status;
}

/* --- by program -------------------------------------------------------------------------- */

/* A word of the list, and behind it at most a version. */
static bool is_among(const char *list, const char *name) {
    size_t n;
    for (; *list; list += n + (list[n] == ' ')) {
        n = strcspn(list, " ");
        if (strncmp(list, name, n) == 0 && strspn(name + n, "0123456789.") == strlen(name + n))
            return true;
    }
    return false;
}

const char *preset_for(const char *command) {
    const char *slash = strrchr(command, '/'), *name = slash ? slash + 1 : command;
    for (const struct preset_row *row = preset_rows; row->name; row++)
        if (is_among(row->programs, name))
            return row->name;
    return NULL;
}

/* --- shown ------------------------------------------------------------------------------- */

static void show_own(const struct file *f, const struct own *one) {
    printf("%.*s: yours, %s:%d\n%.*s", (int)one->p.name_size, one->p.name, f->path, one->p.line,
           (int)one->p.text_size, one->p.text);
    if (one->p.text[one->p.text_size - 1] != '\n')
        putchar('\n');
}

int preset_show(const char *name) {
    const struct preset_row *row = row_named(name);
    struct own own;
    struct file f;
    char meant[LONGEST_NAME];
    int status = look_up(name, &f, &own, meant);
    if (status == FOUND && own.words)
        show_own(&f, &own);
    else if (status == FOUND && row)
        printf("%s: %s\n%s\n\n%s\n", name, row->what, row->line, row->example);
    if (status == FOUND && (own.words || row))
        status = 0;
    free(own.words);
    free(f.text);
    return status;
}

int presets_list(void) {
    struct own one;
    struct file f;
    int status = file_open(&f), shown = 0;
    if (status != FOUND)
        return status;
    puts("Presets (-a NAME; --help=NAME shows what it stands for):");
    for (const struct preset_row *row = preset_rows; row->name; row++)
        printf("  %-9s %s\n", row->name, row->what);
    printf("\nYour own, in %s:\n", *f.path ? f.path : "~/.config/dualpipe/presets");
    for (; (status = file_next(&f, &one)) == FOUND; free(one.words), shown++)
        printf("  %.*s\n", (int)one.p.name_size, one.p.name);
    if (status == 0 && shown == 0)
        puts("  none: dualpipe-presets(7) tells how to write one");
    free(f.text);
    return status;
}
