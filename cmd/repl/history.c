/* history.c: the history file of the prompt, which several sessions share.
 *
 * Lines are appended as they are typed (history_add), so several prompts can use one file at once.
 * The file only grows meanwhile; when a prompt ends, history_trim replaces it with a file of the
 * last lines, each once. history_read gives a new prompt the same lines.
 *
 * To read, struct lines loads the end of the file and walks it backwards, line by line. A hash
 * table over the lines kept so far drops each line that was met before, since the later one counts.
 *
 * Locking: a shared lock to read, an exclusive one to add and trim, on the file itself. As a trim
 * renames another file into its place, a process that waited for the lock may hold that of the old
 * file: open_locked therefore compares the descriptor with the path, and begins again.
 *
 * Callers: repl/readline.c, and repl/repl.c for the path. Nothing here reports: errors are returned
 * as a negative errno. */
#include "repl/history.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { MAX_LINE = 64 << 10, MAX_READ = 16 << 20, MAX_NAME = 200 }; /* bytes */
enum { LOCK_WAIT_MS = 2000, RETRY_MS = 2 };

/* --- the path ---------------------------------------------------------------------------- */

/* Returns the directory of history files, with a slash at its end, to be freed. The part of it
 * after its first *below bytes may be created if it is missing. NULL: errno says why. */
static char *default_directory(size_t *below) {
    const char *home = getenv("XDG_STATE_HOME"), *state = "";
    char *path = NULL;
    *below = 0;
    if (!home || *home != '/') {
        home = getenv("HOME");
        state = "/.local/state";
        *below = home ? strlen(home) : 0;
    }
    if (!home || *home != '/')
        errno = ENOENT;
    else if (asprintf(&path, "%s%s/dualpipe/history/", home, state) < 0)
        path = NULL;
    return path;
}

/* Makes a file name of name, a different one for each: characters that would make it a path or a
 * hidden file become %XX. A long one is cut, so that a trim can append to it for its new file. */
static void encode_name(char *to, const char *name) {
    const char *end = to + MAX_NAME;
    strcpy(to, *name ? "" : "%");
    for (const char *c = name; *c && to < end; c++)
        if (*c == '/' || *c == '%' || (*c == '.' && c == name))
            to += sprintf(to, "%%%02X", (unsigned)*c);
        else
            to += sprintf(to, "%c", *c);
}

char *history_path(const char *given, const char *name) {
    char *directory, *path;
    size_t n;
    if (given)
        return strdup(given);
    if (!(directory = default_directory(&n)))
        return NULL;
    n = strlen(directory);
    if ((path = realloc(directory, n + MAX_NAME + 4)))
        encode_name(path + n, name);
    else
        free(directory);
    return path;
}

static int make_directory(const char *path) {
    if (mkdir(path, 0700) == 0)
        return chmod(path, 0700); /* the umask may have removed bits that we need */
    return errno == EEXIST ? 0 : -1;
}

/* Creates the missing directories of a path in the default place; of any other path: -ENOENT. */
static int make_directories(const char *path) {
    size_t below;
    char *directory = default_directory(&below), *slash;
    int r = directory && strncmp(path, directory, strlen(directory)) == 0 ? 0 : -ENOENT;
    for (slash = directory ? directory + below : NULL;
         r == 0 && (slash = strchr(slash + 1, '/'));) {
        *slash = 0;
        if (make_directory(directory) < 0)
            r = -errno;
        *slash = '/';
    }
    free(directory);
    return r;
}

/* --- the file, locked -------------------------------------------------------------------- */

static long monotonic_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Opens path if it is a regular file, and fills *st. Anything else is refused, without waiting for
 * a fifo's other end or taking a terminal. */
static int open_regular(const char *path, int flags, struct stat *st) {
    int fd = open(path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
    int error = fd < 0 ? -errno : fstat(fd, st) < 0 ? -errno : S_ISREG(st->st_mode) ? 0 : -EINVAL;
    if (error == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return error;
}

/* Whether path still names the file of *st: a trim may have replaced it while we waited. */
static bool is_still_at(const struct stat *st, const char *path) {
    struct stat there;
    return stat(path, &there) == 0 && there.st_ino == st->st_ino && there.st_dev == st->st_dev;
}

/* Returns a descriptor of path's file, locked (LOCK_EX or LOCK_SH) until it is closed, and fills
 * *st once it is; or a negative errno. */
static int open_locked(const char *path, int flags, int lock, struct stat *st) {
    long limit = monotonic_ms() + LOCK_WAIT_MS;
    int fd, error = -EWOULDBLOCK;
    do {
        if ((fd = open_regular(path, flags, st)) < 0)
            return fd;
        while ((error = flock(fd, lock | LOCK_NB) < 0 ? -errno : 0) < 0 &&
               (error == -EINTR || error == -EWOULDBLOCK) && monotonic_ms() < limit)
            poll(NULL, 0, RETRY_MS);
        if (error == 0 && is_still_at(st, path) && fstat(fd, st) == 0)
            return fd;
        close(fd);
    } while (error == 0 && monotonic_ms() < limit);
    return error < 0 ? error : -EWOULDBLOCK;
}

/* --- its lines --------------------------------------------------------------------------- */

struct line {
    char *text;
    size_t size;
};
struct lines {
    char *text; /* the end of the file, with room for one more byte */
    size_t size;
    struct line *kept; /* the newest first */
    size_t nkept;
    uint32_t *table; /* hash table of kept: an index from 1; 0: free */
    size_t table_mask;
};

static void lines_free(struct lines *l) {
    free(l->text);
    free(l->kept);
    free(l->table);
}

/* Loads the last MAX_READ bytes of a file, from the beginning of a line. */
static int lines_load(struct lines *l, int fd, off_t size) {
    off_t from = size > MAX_READ ? size - MAX_READ : 0;
    size_t want = (size_t)(size - from), n = 0;
    ssize_t r = 1;
    char *lf;
    if (!(l->text = malloc(want + 1)))
        return -ENOMEM;
    while (n < want && (r = pread(fd, l->text + n, want - n, from + (off_t)n)) != 0)
        if (r > 0)
            n += (size_t)r;
        else if (errno != EINTR)
            return -errno;
    l->size = n;
    if (from > 0) {
        lf = memchr(l->text, '\n', n);
        l->size = lf ? (size_t)(l->text + n - (lf + 1)) : 0;
        memmove(l->text, l->text + n - l->size, l->size);
    }
    return 0;
}

/* Allocates kept and table for max lines, or for as many as the text can have. */
static int lines_reserve(struct lines *l, size_t max) {
    size_t room = 1, slots = 4;
    for (size_t i = 0; i < l->size && room < max; i++)
        room += l->text[i] == '\n';
    while (slots < 2 * room)
        slots *= 2;
    l->kept = malloc(room * sizeof *l->kept);
    l->table = calloc(slots, sizeof *l->table);
    l->table_mask = slots - 1;
    return l->kept && l->table ? 0 : -ENOMEM;
}

static size_t hash_line(const struct line *line) {
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < line->size; i++)
        h = (h ^ (unsigned char)line->text[i]) * 1099511628211u;
    return (size_t)(h ^ h >> 32);
}

/* Keeps the line unless an equal one is kept. */
static void keep_unique_line(struct lines *l, const struct line *line) {
    const struct line *other;
    size_t slot = hash_line(line) & l->table_mask;
    for (; l->table[slot]; slot = (slot + 1) & l->table_mask) {
        other = &l->kept[l->table[slot] - 1];
        if (other->size == line->size && memcmp(other->text, line->text, line->size) == 0)
            return;
    }
    l->kept[l->nkept++] = *line;
    l->table[slot] = (uint32_t)l->nkept;
}

/* Keeps max lines, from the last one backwards: of equal ones thus the one that was typed last. */
static void keep_newest(struct lines *l, size_t max) {
    char *end = l->text + l->size;
    struct line line;
    if (l->size > 0 && end[-1] == '\n')
        end--;
    for (; l->nkept < max; end = line.text - 1) {
        for (line.text = end; line.text > l->text && line.text[-1] != '\n';)
            line.text--;
        line.size = (size_t)(end - line.text);
        if (line.size > 0 && line.size <= MAX_LINE && !memchr(line.text, 0, line.size))
            keep_unique_line(l, &line);
        if (line.text == l->text)
            return;
    }
}

static int lines_read(struct lines *l, int fd, off_t size, size_t max) {
    int r = lines_load(l, fd, size);
    if (r == 0 && (r = lines_reserve(l, max)) == 0)
        keep_newest(l, max);
    return r;
}

/* --- reading, adding, trimming ----------------------------------------------------------- */

int history_read(const char *path, size_t max, void (*each)(void *data, const char *line),
                 void *data) {
    struct lines l = {0};
    struct stat st;
    int r, fd = open_locked(path, O_RDONLY, LOCK_SH, &st);
    if (fd == -EWOULDBLOCK || fd == -ENOLCK || fd == -ENOSYS)
        fd = open_regular(path, O_RDONLY, &st); /* unlocked: at worst the last line is incomplete */
    if (fd < 0)
        return fd == -ENOENT ? 0 : fd;
    r = lines_read(&l, fd, st.st_size, max);
    close(fd);
    while (r == 0 && l.nkept > 0) {
        struct line *line = &l.kept[--l.nkept];
        line->text[line->size] = 0;
        each(data, line->text);
    }
    lines_free(&l);
    return r;
}

/* Appends the line by one write, and cuts the file back if only a part of it was written. */
static int append_line(int fd, off_t size, const char *line, size_t n) {
    char lf = '\n', last = '\n';
    struct iovec parts[] = {{&lf, 1}, {(char *)(uintptr_t)line, n}, {&lf, 1}};
    ssize_t want, r;
    int skip_lf;
    if (size > 0 && pread(fd, &last, 1, size - 1) < 0)
        return -errno;
    skip_lf = last == '\n'; /* else the last line has no end: add it first */
    want = (ssize_t)n + 2 - skip_lf;
    while ((r = writev(fd, parts + skip_lf, 3 - skip_lf)) < 0 && errno == EINTR)
        ;
    if (r == want)
        return 0;
    if (r < 0)
        return -errno;
    return ftruncate(fd, size) < 0 ? -errno : -ENOSPC;
}

int history_add(const char *path, const char *line) {
    enum { FLAGS = O_RDWR | O_APPEND | O_CREAT };
    size_t n = strlen(line);
    struct stat st;
    int fd, r;
    if (memchr(line, '\n', n) || n > MAX_LINE)
        return n > MAX_LINE ? -EMSGSIZE : -EINVAL;
    if (n == 0)
        return 0;
    fd = open_locked(path, FLAGS, LOCK_EX, &st);
    if (fd == -ENOENT)
        fd = (r = make_directories(path)) < 0 ? r : open_locked(path, FLAGS, LOCK_EX, &st);
    if (fd < 0)
        return fd;
    if (st.st_size == 0)
        (void)!fchmod(fd, 0600); /* the umask may have removed bits that others need */
    r = append_line(fd, st.st_size, line, n);
    close(fd);
    return r;
}

/* Moves the kept lines to the front of the text, oldest first, and ends each with an LF. */
static void lines_compact(struct lines *l) {
    char *to = l->text;
    while (l->nkept > 0) {
        const struct line *line = &l->kept[--l->nkept];
        memmove(to, line->text, line->size);
        to += line->size;
        *to++ = '\n';
    }
    l->size = (size_t)(to - l->text);
}

static int write_kept_lines(int fd, const struct lines *l, const struct stat *old) {
    size_t done = 0;
    ssize_t r;
    if (fchmod(fd, 0600) < 0 || fchown(fd, old->st_uid, (gid_t)-1) < 0)
        return -errno;
    while (done < l->size)
        if ((r = write(fd, l->text + done, l->size - done)) > 0)
            done += (size_t)r;
        else if (r == 0 || errno != EINTR)
            return r == 0 ? -EIO : -errno;
    return fsync(fd) < 0 ? -errno : 0;
}

static int rename_into_place(const char *fresh, const char *path, const struct stat *old) {
    if (!is_still_at(old, path))
        return -ESTALE; /* another program, which takes no lock, has moved it */
    return rename(fresh, path) < 0 ? -errno : 0;
}

/* Replaces the locked file with one of the kept lines. The new file is named after the locked one's
 * inode number: no other process uses that name while we hold the lock, so that what a killed one
 * has left there can be removed. */
static int replace_file(const char *path, const struct lines *l, const struct stat *old) {
    char *real = realpath(path, NULL), *fresh = NULL;
    int fd = -1, r = 0;
    if (!real || asprintf(&fresh, "%s.%jx", real, (uintmax_t)old->st_ino) < 0) {
        free(real);
        return -errno;
    }
    if ((unlink(fresh) < 0 && errno != ENOENT) ||
        (fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) < 0)
        r = -errno;
    if (r == 0) {
        r = write_kept_lines(fd, l, old);
        if (close(fd) < 0 && r == 0)
            r = -errno;
        if (r < 0 || (r = rename_into_place(fresh, real, old)) < 0)
            unlink(fresh);
    }
    free(real);
    free(fresh);
    return r;
}

int history_trim(const char *path, size_t max) {
    struct lines l = {0};
    struct stat st;
    int r, fd = open_locked(path, O_RDWR, LOCK_EX, &st);
    if (fd < 0)
        return fd == -ENOENT ? 0 : fd;
    r = lines_read(&l, fd, st.st_size, max);
    if (r == 0) {
        lines_compact(&l);
        if (l.size != (size_t)st.st_size) /* of the same size, it has the same lines */
            r = replace_file(path, &l, &st);
    }
    close(fd);
    lines_free(&l);
    return r;
}
