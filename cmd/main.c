/* main.c: the command dualpipe.
 *
 * main goes through the layers in order: options (parse_command_line), the session named by @NAME
 * if there is one (session_enter), the run (run_open), and the mode. Each of the first two returns
 * -1 to go on, or the exit status, if it has done all that was wanted or reported an error. What
 * the run ends with stands in struct run; run_close makes the exit status of it, or dies by a
 * signal. */
#include "modes/batch.h"
#include "modes/output.h"
#include "modes/stream.h"
#include "options/parse.h"
#include "options/sandbox.h"
#include "options/validate.h"
#include "repl/repl.h"
#include "run/exit_status.h"
#include "run/sandbox_report.h"
#include "run/status_report.h"
#include "session/follow.h"
#include "session/paths.h"
#include "session/serve.h"
#include "session/session.h"
#include "util/log.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Opens /dev/null on those of the descriptors 0, 1 and 2 that are closed, so that no file we open
 * later becomes our stdin, stdout or stderr. It is opened for reading on 0 and 1: a closed stdin
 * then is at its end, and writing to a closed stdout still fails. */
static void fill_standard_descriptors(void) {
    static const int modes[] = {O_RDONLY, O_RDONLY, O_WRONLY};
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", modes[fd]) != fd) {
            log_error("opening", "/dev/null", "%s: a standard descriptor is closed",
                      strerror(errno));
            _exit(STATUS_DUALPIPE_FAILED);
        }
}

/* Help and lists are written by stdio. Returns status, or that of a failed write. */
static int flush_stdout(int status) {
    if (fflush(stdout) == 0)
        return status;
    log_error("writing", "standard output", "%s", strerror(errno));
    return STATUS_OUTPUT_FAILED;
}

int main(int argc, char **argv) {
    struct settings s;
    struct run r;
    int status;
    fill_standard_descriptors();
    if (argc < 1) {
        log_error("starting", NULL, "no argument names the program");
        return STATUS_DUALPIPE_FAILED;
    }
    if ((status = parse_command_line(&s, argc, argv)) < 0 && (status = session_enter(&s)) < 0 &&
        (status = run_open(&r, &s)) == 0) {
        r.is_session = paths_is_session;
        sandbox_report_missing(&r);
        output_sanitize_begin(&r);
        if (s.is_server)
            serve_run(&r);
        else if (s.follow)
            follow_run(&r);
        else if (s.mode == MODE_STREAM)
            stream_run(&r);
        else if (s.mode == MODE_REQUEST)
            batch_run(&r);
        else
            repl_run(&r);
        output_sanitize_end(&r);
        status_report_end(&r);
        status = run_close(&r);
    }
    dualpipe_close(s.connection, NULL);
    parse_free_settings(&s);
    return flush_stdout(status);
}
