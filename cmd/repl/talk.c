/* talk.c: the child that a person talks to, told or asked. */
#include "util/log.h"
#include "repl/talk.h"
#include <string.h>

dualpipe *talk_child(const struct talk *t) {
    return talk_asks(t) ? t->batch.asked : t->run->child;
}

void talk_signal(struct talk *t, int signo) {
    t->signalled = signo;
    if (t->batch.pool)
        dualpipe_pool_signal(t->batch.pool, signo);
    else if (t->run->child)
        dualpipe_signal(t->run->child, signo);
}

void talk_end_record(struct talk *t) {
    int error = record_close(&t->record);
    if (error < 0)
        say_error("recording", NULL, "it is not whole: %s", strerror(-error));
}
