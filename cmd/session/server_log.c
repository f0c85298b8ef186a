/* server_log.c: what a session says that no call is told: on its stderr, mostly a file that is kept
 * short. */
#include "session/server_log.h"
#include "util/log.h"
#include "session/session.h"
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LOG_MOST = 1 << 20 };

static const struct settings *session;
static bool begun; /* else stderr is whose it was */

void log_open(const struct settings *s) {
    session = s;
    begun = false;
}

void log_begin(void) {
    if (session->listen)
        return;
    begun = true;
    say_quiet(false);
}

void log_bound(void) {
    struct stat st;
    if (begun && fstat(STDERR_FILENO, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > LOG_MOST &&
        ftruncate(STDERR_FILENO, 0) == 0)
        say_note("log", session->session, "it begins anew: it had %lld bytes",
                 (long long)st.st_size);
}

void log_visit(void *data, const struct dualpipe_visitor *v) {
    static const char *const words[] = {"came", "refused", "left", "closed"};
    char when[32], lost[40] = "";
    time_t now = time(NULL);
    struct tm utc;
    (void)data;
    if (!begun && !session->listen)
        return; /* that is of no concern to who starts it */
    if (v->visit == DUALPIPE_CAME && !session->verbose)
        return; /* it is said when it leaves */
    if (v->visit == DUALPIPE_LEFT && v->lost == 0 && !session->listen)
        return; /* nobody reads it */
    log_bound();
    gmtime_r(&now, &utc);
    strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &utc);
    if (v->lost > 0)
        snprintf(lost, sizeof lost, ", %lld not waited for", (long long)v->lost);
    say_note("client", when, "uid %ld, pid %ld: %s%s%s, %lld asked%s", (long)v->uid, (long)v->pid,
             words[v->visit], v->reason ? ": " : "", v->reason ? v->reason : "",
             (long long)v->asked, lost);
}

void log_remove(void) {
    char path[SESSION_PATH];
    snprintf(path, sizeof path, "%s.dualpipe-log", session->session_path);
    if (!session->listen)
        unlink(path);
}
