/* main.c: the command dualpipe: read the options, choose a mode, run it, return the status. */
#include "options/validate.h"
#include "modes/modes.h"
#include "run/status_report.h"
#include "util/log.h"
#include "session/session.h"
#include "modes/shown.h"
#include "options/sandbox.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Nothing that we open may land on 0, 1 or 2. Reading a closed stdin gives end of file; writing
 * to a closed stdout fails as it should. */
static void fill_standard_descriptors(void) {
    static const int modes[] = {O_RDONLY, O_RDONLY, O_WRONLY};
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", modes[fd]) != fd) {
            say_error("opening", "/dev/null", "%s: a standard descriptor is closed",
                      strerror(errno));
            _exit(STATUS_OURS);
        }
}

static int flushed(int status) {
    if (fflush(stdout) == 0)
        return status;
    say_error("writing", "standard output", "%s", strerror(errno));
    return STATUS_OUTPUT;
}

int main(int argc, char **argv) {
    struct settings s;
    struct run r;
    int status;
    fill_standard_descriptors();
    if (argc < 1) {
        say_error("starting", NULL, "no argument names the program");
        return STATUS_OURS;
    }
    if ((status = cmdline_parse(&s, argc, argv)) < 0 && (status = session_enter(&s)) < 0 &&
        (status = run_open(&r, &s)) == 0) {
        shut_announce(&r);
        shown_open(&r);
        if (s.serves)
            run_serve(&r);
        else if (s.follow)
            run_follow(&r);
        else if (s.mode == MODE_STREAM)
            run_stream(&r);
        else if (s.mode == MODE_REQUEST)
            run_requests(&r);
        else
            run_interactive(&r);
        shown_close(&r);
        report_end(&r);
        status = run_close(&r);
    }
    dualpipe_close(s.connection, NULL);
    cmdline_free(&s);
    return flushed(status);
}
