/* pty_fixture.h: starts and stops children on a terminal, for the tests in this folder. */
#ifndef PTY_FIXTURE_H
#define PTY_FIXTURE_H
#include "../harness.h"
#include <signal.h>

enum { LONG_GRACE = 3600000 }; /* milliseconds; a test that waits for it is ended by SIGALRM */

static inline dualpipe *start_on(enum dualpipe_transport transport, const char *script) {
    char *argv[] = SHELL(script);
    return launch((struct dualpipe_options){
        .argv = argv, .transport = transport, .grace = LONG_GRACE});
}

static inline struct dualpipe_status kill_and_close(dualpipe *dp) {
    dualpipe_stop(dp, SIGKILL);
    return finish(dp);
}
#endif
