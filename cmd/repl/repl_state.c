/* repl_state.c: what both ways of talking to the child do with the state of the prompt. */
#include "repl/repl_state.h"
#include "util/log.h"
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

void repl_state_note_sending(struct repl *repl) {
    repl->sent_at = run_now(repl->run);
    repl->first_output_at = 0;
    repl->has_sent = true;
    repl->latency_reported = repl->interrupt_sent = false;
}

void repl_state_record_sent(struct repl *repl, const char *p, size_t n) {
    if (!repl->echo_off)
        transcript_add(&repl->transcript, '>', p, n);
}
