/* history_fixture.h: what the tests of cmd/repl/history.c need: a file of lines in the scratch
 * folder, and a way to read it. It includes history.c itself, to see its static functions and the
 * modes of the files it creates. */
#ifndef HISTORY_FIXTURE_H
#define HISTORY_FIXTURE_H
#include "../harness.h"
#include <sys/stat.h>

/* All permission bits that any file created by history.c ever had. */
static mode_t widest;
static inline int open_noting(const char *path, int flags, mode_t mode) {
    struct stat st;
    int fd = open(path, flags, mode);
    if (fd >= 0 && flags & O_CREAT && fstat(fd, &st) == 0)
        widest |= st.st_mode & 07777;
    return fd;
}
#define open open_noting
#include "../../../cmd/repl/history.c"
#undef open

static char file[PATH_MAX + 8];

/* The path of a file in the scratch folder. The result stays valid for the next three calls. */
static inline const char *in_box(const char *name) {
    static char paths[4][PATH_MAX + 32];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", scratch, name);
    return path;
}

static inline void set_file(const char *path, const char *text, size_t n) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (write(fd, text, n) != (ssize_t)n)
        printf("# could not write %s\n", path);
    close(fd);
}

#define SET(text) set_file(file, text, sizeof text - 1)

static inline bool file_is(const char *path, const char *text) {
    static char got[256];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = read(fd, got, sizeof got - 1);
    close(fd);
    got[n > 0 ? n : 0] = 0;
    if (strcmp(got, text) == 0)
        return true;
    printf("# got %zd bytes: %s\n", n, got);
    return false;
}

static inline int mode_of(const char *path) {
    struct stat st;
    return lstat(path, &st) < 0 ? -1 : (int)(st.st_mode & 07777);
}

/* The lines that were read, each after a blank. */
struct lines_read {
    char text[256];
    size_t lines, longest;
};
static inline void add_line(void *data, const char *line) {
    struct lines_read *t = data;
    size_t n = strlen(line), used = strlen(t->text);
    t->lines++;
    t->longest = n > t->longest ? n : t->longest;
    snprintf(t->text + used, sizeof t->text - used, " %.40s", line);
}

static inline struct lines_read lines_of(const char *path, size_t most) {
    struct lines_read t = {0};
    int r = history_read(path, most, add_line, &t);
    if (r < 0)
        snprintf(t.text, sizeof t.text, "error %d", r);
    return t;
}

static inline bool history_is(size_t most, const char *want) {
    struct lines_read t = lines_of(file, most);
    if (strcmp(t.text, want) != 0)
        printf("# got%s\n", t.text);
    return strcmp(t.text, want) == 0;
}

static inline int files_in_box(void) {
    DIR *all = opendir(scratch);
    int n = -2;
    while (readdir(all))
        n++;
    closedir(all);
    return n;
}

static inline void enter_box(void) {
    begin();
    snprintf(file, sizeof file, "%s/file", scratch);
}
#endif
