/* follow.c: --follow: prints the notifications of a session. A subscribed connection is opened as a
 * pool without requests, and its events bring them. */
#include "session/follow.h"
#include "modes/batch.h"
#include "run/exit_status.h"
#include "run/run.h"
#include "session/wait.h"
#include "util/log.h"
#include "session/session.h"
#include "util/units.h"
#include <errno.h>

static void on_pool_event(void *data, const struct dualpipe_pool_event *event) {
    struct run *r = data;
    if (event->type == DUALPIPE_POOL_EVENT_NOTIFICATION)
        run_write(r, false, event->data, event->size);
    else if (event->type == DUALPIPE_POOL_EVENT_CHILD_ENDED)
        r->last_status = event->status;
}

void follow_run(struct run *r) {
    struct dualpipe_pool_options o = {
        .session = r->s->connection, .callback = on_pool_event, .callback_data = r};
    struct dualpipe_reply unused; /* no reply comes, as nothing is requested */
    dualpipe_pool *pool;
    int error = dualpipe_pool_open(&pool, &o, NULL);
    if (error == 0)
        error =
            dualpipe_session_command(r->s->connection, DUALPIPE_SESSION_SUBSCRIBE, WAIT_DEFAULT_MS);
    while (error == 0) {
        struct dualpipe_pollitem items[3] = {{.dp = r->stdio, .events = DUALPIPE_POLL_HUP}};
        int ms = -1, n = dualpipe_pool_pollitems(pool, items + 1, 1, &ms);
        if (run_wait(r, items, n + 1, ms < 0 ? UNITS_FOREVER : (int64_t)ms * 1000) < 0)
            break;
        if (items[0].revents & DUALPIPE_POLL_HUP) {
            exit_status_output_failed(r, EPIPE);
            break;
        }
        dualpipe_pool_get(pool, &unused, 0);
        if (dualpipe_pool_room(pool) < 0)
            break;
    }
    if (error < 0)
        log_error("session", r->s->session_name, "it has gone");
    if (error < 0)
        exit_status_set(r, "failed", STATUS_DUALPIPE_FAILED);
    dualpipe_pool_close(pool);
}
