/* follow.c: what a session says unasked, as it comes. */
#include "modes/batch.h"
#include "session/wait.h"
#include "util/log.h"
#include "session/session.h"
#include <errno.h>

/* Frames that answer nothing, on our stdout. */
static void hear(void *data, const struct dualpipe_notice *n) {
    struct run *r = data;
    if (n->news == DUALPIPE_UNASKED)
        run_write(r, false, n->data, n->size);
    else if (n->news == DUALPIPE_DIED)
        r->last = n->status;
}

void run_follow(struct run *r) {
    struct dualpipe_pool_options o = {.session = r->s->connection, .listener = hear, .data = r};
    struct dualpipe_reply none;
    dualpipe_pool *pool;
    int error = dualpipe_pool_open(&pool, &o, NULL);
    if (error == 0)
        error = dualpipe_tell(r->s->connection, DUALPIPE_FOLLOW, PATIENCE);
    while (error == 0) {
        struct dualpipe_event e[3] = {{.dp = r->host, .wants = DUALPIPE_GONE}};
        int ms = -1, n = dualpipe_pool_events(pool, e + 1, 1, &ms);
        if (run_wait(r, e, n + 1, ms < 0 ? FOREVER : (int64_t)ms * 1000) < 0)
            break;
        if (e[0].has & DUALPIPE_GONE) {
            run_output_failed(r, EPIPE);
            break;
        }
        dualpipe_pool_get(pool, &none, 0);
        if (dualpipe_pool_room(pool) < 0)
            break;
    }
    if (error < 0)
        say_error("session", r->s->session, "it has gone");
    if (error < 0)
        run_decide(r, "failed", STATUS_OURS);
    dualpipe_pool_close(pool);
}
