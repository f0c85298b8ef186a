/* server_log.c: the log of a session server: news that no client is there to read.
 * The log is the server's stderr, through util/log.h; this file decides which clients that come and
 * go are worth a line, and keeps the file short. */
#include "session/server_log.h"
#include "session/paths.h"
#include "util/log.h"
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LOG_SIZE_MAX = 1 << 20 };

static const struct settings *settings;
static bool is_log_file; /* stderr is the log file; else it is still the caller's */

void server_log_open(const struct settings *s) {
    settings = s;
    is_log_file = false;
}

void server_log_begin(void) {
    if (settings->listen)
        return;
    is_log_file = true;
    log_set_quiet(false);
}

void server_log_truncate(void) {
    struct stat st;
    if (is_log_file && fstat(STDERR_FILENO, &st) == 0 && S_ISREG(st.st_mode) &&
        st.st_size > LOG_SIZE_MAX && ftruncate(STDERR_FILENO, 0) == 0)
        log_note("log", settings->session_name, "it begins anew: it had %lld bytes",
                 (long long)st.st_size);
}

void server_log_client_event(void *data, const struct dualpipe_client_info *info) {
    static const char *const verbs[] = {"came", "refused", "left", "closed"};
    char when[32], lost[40] = "";
    time_t now = time(NULL);
    struct tm utc;
    (void)data;
    if (!is_log_file && !settings->listen)
        return; /* the caller who starts the session need not know */
    if (info->event == DUALPIPE_CLIENT_CONNECTED && !settings->verbose)
        return; /* its line is written when it leaves */
    if (info->event == DUALPIPE_CLIENT_DISCONNECTED && info->replies_lost == 0 && !settings->listen)
        return; /* nothing was lost, and the file should stay short */
    server_log_truncate();
    gmtime_r(&now, &utc);
    strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &utc);
    if (info->replies_lost > 0)
        snprintf(lost, sizeof lost, ", %lld not waited for", (long long)info->replies_lost);
    log_note("client", when, "uid %ld, pid %ld: %s%s%s, %lld asked%s", (long)info->uid,
             (long)info->pid, verbs[info->event], info->reason ? ": " : "",
             info->reason ? info->reason : "", (long long)info->requests, lost);
}

void server_log_remove(void) {
    char path[SESSION_PATH_MAX];
    paths_sibling(settings, PATHS_LOG_SUFFIX, path);
    if (!settings->listen)
        unlink(path);
}
