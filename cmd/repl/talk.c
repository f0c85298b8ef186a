/* talk.c: the child that a person talks to, told or asked. */
#include "util/log.h"
#include "repl/talk.h"
#include <string.h>

dualpipe *repl_state_child(const struct repl *repl) {
    return repl_state_has_rule(repl) ? repl->batch.current_child : repl->run->child;
}

void repl_state_signal(struct repl *repl, int signo) {
    repl->last_signal = signo;
    if (repl->batch.pool)
        dualpipe_pool_signal(repl->batch.pool, signo);
    else if (repl->run->child)
        dualpipe_signal(repl->run->child, signo);
}

void repl_state_close_transcript(struct repl *repl) {
    int error = transcript_close(&repl->transcript);
    if (error < 0)
        log_error("recording", NULL, "it is not whole: %s", strerror(-error));
}
