/* paths.c: where sessions are: a directory that is ours alone, or a path that was given. */
#include "session/session.h"
#include "util/log.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LONGEST_PATH = 107 }; /* of a socket, whose address has no more room */

static const char letters[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.+";

static bool ends_in(const char *name, const char *end) {
    size_t n = strlen(name), size = strlen(end);
    return n > size && strcmp(name + n - size, end) == 0;
}

bool session_is_name(const char *name) {
    return *name && strspn(name, letters) == strlen(name) && *name != '.' && *name != '-' &&
           !ends_in(name, ".dualpipe-lock") && !ends_in(name, ".dualpipe-log") &&
           !ends_in(name, ".dualpipe-turn");
}

/* One of our own, that nobody else can write to, or put a link in the place of. */
static const char *judge(const char *dir) {
    struct stat st;
    if (lstat(dir, &st) < 0)
        return strerror(errno);
    if (!S_ISDIR(st.st_mode))
        return "it is no directory";
    if (st.st_uid != geteuid())
        return "it is another user's";
    return st.st_mode & 077 ? "others have a right to it: its mode must be 0700" : NULL;
}

static bool look_above(const char *path, struct stat *st) {
    char dir[SESSION_PATH];
    int n = (int)(strrchr(path, '/') - path);
    snprintf(dir, sizeof dir, "%.*s", n > 0 ? n : 1, path);
    return stat(dir, st) == 0;
}

/* Whether others could put something of theirs in the place of what lies at the path. */
static bool is_exposed(const char *path) {
    struct stat st;
    return look_above(path, &st) && st.st_mode & S_IWOTH && !(st.st_mode & S_ISVTX);
}

/* sudo(8) and su(1) may keep the variable: what we made would be in the way of whose it is. */
static const char *make_directory(const char *dir) {
    struct stat st;
    if (lstat(dir, &st) == 0)
        return NULL;
    if (look_above(dir, &st) && st.st_uid != geteuid() && st.st_uid != 0)
        return "it would be in another user's";
    if (mkdir(dir, 0700) < 0)
        return errno == EEXIST ? NULL : strerror(errno);
    return chmod(dir, 0700) < 0 ? strerror(errno) : NULL; /* the umask may have taken too much */
}

bool session_directory(char *dir, bool make, int *status) {
    const char *runtime = getenv("XDG_RUNTIME_DIR"), *why;
    int n = runtime && *runtime == '/'
                ? snprintf(dir, SESSION_PATH, "%s/dualpipe", runtime)
                : snprintf(dir, SESSION_PATH, "/tmp/dualpipe-%lu", (unsigned long)geteuid());
    *status = 0;
    if (n >= SESSION_PATH) {
        say_error("sessions", runtime, "%s", strerror(ENAMETOOLONG));
        *status = STATUS_OURS;
        return false;
    }
    if (make && (why = make_directory(dir))) {
        say_error("making a directory", dir, "%s", why);
        *status = STATUS_OURS;
        return false;
    }
    if (!make && access(dir, F_OK) < 0 && errno == ENOENT)
        return false;
    if (!(why = judge(dir)))
        return true;
    say_error("sessions", dir, "%s", why);
    *status = STATUS_OURS;
    return false;
}

static int wrong(const struct settings *s, const char *why) {
    say_error("session", s->session, "%s", why);
    return STATUS_OURS;
}

int session_path(struct settings *s, bool make) {
    const char *name = s->session + 1;
    char dir[SESSION_PATH];
    int status, n;
    if (*name != '/' && !session_is_name(name))
        return wrong(s, "a name is meant, of letters, digits and . _ - +, or a path from / on");
    if (*name == '/') {
        s->session_path = strdup(name);
    } else {
        if (!session_directory(dir, make, &status) && status)
            return status;
        n = snprintf(NULL, 0, "%s/%s", dir, name) + 1;
        if ((s->session_path = malloc((size_t)n)))
            snprintf(s->session_path, (size_t)n, "%s/%s", dir, name);
    }
    if (!s->session_path)
        return wrong(s, strerror(ENOMEM));
    if (strlen(s->session_path) > LONGEST_PATH)
        return wrong(s, "its socket's path is longer than 107 bytes");
    if (*name == '/' && is_exposed(name))
        return wrong(s, "everybody can write to its directory");
    return 0;
}
