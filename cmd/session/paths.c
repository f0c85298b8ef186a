/* paths.c: the session directory and the paths in it.
 *
 * Names live in $XDG_RUNTIME_DIR/dualpipe, else in /tmp/dualpipe-UID. A user who can put a socket
 * in the place of ours gets our requests. So that directory is trusted only if it is ours with mode
 * 0700; and a socket given by its path, @/PATH, only if others can't write to the directory it lies
 * in, or that directory has the sticky bit. */
#include "session/paths.h"
#include "run/run.h"
#include "util/log.h"
#include "run/exit_status.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SOCKET_PATH_MAX = 107 }; /* as many bytes as a socket address has room for */

static const char name_characters[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.+";

static bool ends_with(const char *name, const char *suffix) {
    size_t n = strlen(name), size = strlen(suffix);
    return n > size && strcmp(name + n - size, suffix) == 0;
}

bool paths_is_session_name(const char *name) {
    return *name && strspn(name, name_characters) == strlen(name) && *name != '.' && *name != '-' &&
           !ends_with(name, PATHS_LOCK_SUFFIX) && !ends_with(name, PATHS_LOG_SUFFIX) &&
           !ends_with(name, PATHS_TURN_SUFFIX);
}

/* NULL if no other user can read the directory, write to it, or put a link in its place; else the
 * reason not to trust it. */
static const char *check_private_dir(const char *dir) {
    struct stat st;
    if (lstat(dir, &st) < 0)
        return strerror(errno);
    if (!S_ISDIR(st.st_mode))
        return "it is no directory";
    if (st.st_uid != geteuid())
        return "it is another user's";
    return st.st_mode & 077 ? "others have a right to it: its mode must be 0700" : NULL;
}

/* Stats the directory that path, which has a slash, lies in. */
static bool stat_parent(const char *path, struct stat *st) {
    char dir[SESSION_PATH_MAX];
    int n = (int)(strrchr(path, '/') - path);
    snprintf(dir, sizeof dir, "%.*s", n > 0 ? n : 1, path);
    return stat(dir, st) == 0;
}

/* Whether other users could replace what lies at the path by something of theirs. */
static bool is_in_unsafe_dir(const char *path) {
    struct stat st;
    return stat_parent(path, &st) && st.st_mode & S_IWOTH && !(st.st_mode & S_ISVTX);
}

/* Makes the directory unless it is there. sudo(8) and su(1) may leave XDG_RUNTIME_DIR as it was: a
 * directory that we made in another user's would be in that user's way. NULL, or the error. */
static const char *make_private_dir(const char *dir) {
    struct stat st;
    if (lstat(dir, &st) == 0)
        return NULL;
    if (stat_parent(dir, &st) && st.st_uid != geteuid() && st.st_uid != 0)
        return "it would be in another user's";
    if (mkdir(dir, 0700) < 0)
        return errno == EEXIST ? NULL : strerror(errno);
    return chmod(dir, 0700) < 0 ? strerror(errno) : NULL; /* the umask may be too strict */
}

/* Returns false if the path is too long. */
static bool build_session_dir(char *dir) {
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    int n = runtime && *runtime == '/'
                ? snprintf(dir, SESSION_PATH_MAX, "%s/dualpipe", runtime)
                : snprintf(dir, SESSION_PATH_MAX, "/tmp/dualpipe-%lu", (unsigned long)geteuid());
    return n < SESSION_PATH_MAX;
}

bool paths_is_session(const char *name) {
    char dir[SESSION_PATH_MAX], path[SESSION_PATH_MAX];
    struct stat st;
    return paths_is_session_name(name) && build_session_dir(dir) &&
           snprintf(path, sizeof path, "%s/%s", dir, name) < SESSION_PATH_MAX &&
           lstat(path, &st) == 0 && S_ISSOCK(st.st_mode) && st.st_uid == geteuid();
}

bool paths_session_dir(char *dir, bool make, int *status) {
    const char *why;
    *status = 0;
    if (!build_session_dir(dir)) {
        log_error("sessions", getenv("XDG_RUNTIME_DIR"), "%s", strerror(ENAMETOOLONG));
        *status = STATUS_DUALPIPE_FAILED;
        return false;
    }
    if (make && (why = make_private_dir(dir))) {
        log_error("making a directory", dir, "%s", why);
        *status = STATUS_DUALPIPE_FAILED;
        return false;
    }
    if (!make && access(dir, F_OK) < 0 && errno == ENOENT)
        return false;
    if (!(why = check_private_dir(dir)))
        return true;
    log_error("sessions", dir, "%s", why);
    *status = STATUS_DUALPIPE_FAILED;
    return false;
}

/* Says why the name is no good. Returns the exit status. */
static int path_error(const struct settings *s, const char *why) {
    log_error("session", s->session_name, "%s", why);
    return STATUS_DUALPIPE_FAILED;
}

int paths_resolve(struct settings *s, bool make) {
    const char *name = s->session_name + 1;
    char dir[SESSION_PATH_MAX];
    int status, n;
    if (*name != '/' && !paths_is_session_name(name))
        return path_error(s,
                          "a name is meant, of letters, digits and . _ - +, or a path from / on");
    if (*name == '/') {
        s->session_path = strdup(name);
    } else {
        if (!paths_session_dir(dir, make, &status) && status)
            return status;
        n = snprintf(NULL, 0, "%s/%s", dir, name) + 1;
        if ((s->session_path = malloc((size_t)n)))
            snprintf(s->session_path, (size_t)n, "%s/%s", dir, name);
    }
    if (!s->session_path)
        return path_error(s, strerror(ENOMEM));
    if (strlen(s->session_path) > SOCKET_PATH_MAX)
        return path_error(s, "its socket's path is longer than 107 bytes");
    if (*name == '/' && is_in_unsafe_dir(name))
        return path_error(s, "everybody can write to its directory");
    return 0;
}

void paths_sibling(const struct settings *s, const char *suffix, char *path) {
    snprintf(path, SESSION_PATH_MAX, "%s%s", s->session_path, suffix);
}
