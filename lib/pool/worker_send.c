/* worker_send.c: requests and their fences as they are sent. */
#include "pool/worker_send.h"
#include "codec/rule.h"
#include "child/handle.h"
#include "pool/inflight.h"
#include "pool/worker.h"
#include <errno.h>
#include <stdio.h>

enum {
    LENT_LEAST = 65536, /* a pipe's room */
    MOST_LARGE = 8,     /* workers whose pipes are enlarged: the user has room for 32 or so */
};

/* Its rest lies at p. */
static void write_some(struct worker *w, struct request *r, const char *p) {
    ssize_t written = 0;
    if (r->sent < r->wire_size)
        written = dualpipe_write(w->child, p, r->wire_size - r->sent, 0);
    if (written >= 0) {
        r->sent += (size_t)written;
    } else if (written == -EMSGSIZE && r->sent == 0) {
        struct request *next = r->queue_next;
        inflight_fail(w, r, DUALPIPE_OUTCOME_TOO_LONG, NULL); /* nothing of it went */
        w->sending = inflight_next_unsent(next);
        return;
    } else if (written != -ETIMEDOUT && written != -ENOBUFS) {
        w->input_closed = true; /* a reply may come all the same */
        dualpipe_close_stdin(w->child);
        if (written != -EPIPE)
            w->desync_reason = "it could not be written to";
    }
    if (r->sent < r->wire_size)
        return;
    r->borrowed_text = NULL;
    w->sending = inflight_next_unsent(r->queue_next);
    if (w->options->flags & DUALPIPE_POOL_ONE_SHOT && !r->discards_reply)
        dualpipe_close_stdin(w->child);
}

void worker_send_more(struct worker *w) {
    struct request *r = w->sending;
    while (r && !w->input_closed && !w->desync_reason) {
        write_some(w, r, request_unsent(r));
        if (w->sending == r)
            return; /* no more goes now */
        r = w->sending;
    }
}

/* While bytes are lent nothing else is put: they are worth it only if they are many. */
static bool may_borrow_text(const struct worker *w, const struct request *r) {
    return w->options->flags & DUALPIPE_POOL_ZERO_COPY && w->options->workers == 1 &&
           !r->discards_reply && !r->is_batch && buffer_len(&r->copy) == 0 &&
           r->wire_size - r->sent >= LENT_LEAST;
}

void worker_send_or_copy(struct worker *w, struct request *r, const char *from,
                         const char *p) {
    w->sending = r;
    if (w->options->flags & DUALPIPE_POOL_ZERO_COPY && r->wire_size - r->sent >= LENT_LEAST &&
        w->options->workers <= MOST_LARGE)
        handle_enlarge_pipes(w->child);
    write_some(w, r, from);
    if (w->sending != r)
        return;
    if (may_borrow_text(w, r)) {
        r->borrowed_text = p;
    } else if (request_copy_unsent(r, p) < 0) {
        worker_setup_failed(w, DUALPIPE_OUTCOME_NO_MEMORY);
        worker_stop(w, 0); /* half a request can't be taken back */
    }
}

/* Gives it its token, and keeps what will be needed again. */
static int assign_token_and_id(struct worker *w, struct request *r, const void *p) {
    bool fenced = r->expects_reply && r->text_size > 0 && rule_has_fence(r->rule);
    bool by_id = rule_matches_by_id(r->rule);
    bool unsure = w->options->max_start_failures > 0 && w->child->received == 0;
    struct span id;
    bool starved = false;
    r->wire_size = r->text_size;
    r->in_place = !by_id;
    if (p &&
        (fenced || by_id || unsure || w->sending || r->attempt < w->options->retries ||
         w->options->flags & DUALPIPE_POOL_KEEP_REQUESTS) &&
        request_copy(r, p) < 0)
        return -ENOMEM;
    r->has_id = by_id &&
                rule_request_id(r->rule, buffer_data(&r->copy), r->text_size, &id, &starved);
    if (starved)
        return -ENOMEM;
    if (r->has_id) {
        r->id = buffer_data(&r->copy) + id.start;
        r->id_size = id.end - id.start;
    }
    if (!fenced)
        return 0;
    snprintf(r->token, sizeof r->token, "dp%016llxn%llu", (unsigned long long)w->token_salt,
             (unsigned long long)++w->token_count);
    r->scan.token = r->token;
    return request_append_fence(r);
}

int worker_send(struct worker *w, struct request *r, const void *p) {
    const char *from = p;
    if (assign_token_and_id(w, r, p) < 0)
        return -ENOMEM;
    if (buffer_len(&r->copy) > 0)
        from = buffer_data(&r->copy);
    r->sent_at = inflight_timestamp(w);
    if (w->options->flags & DUALPIPE_POOL_TRACE_SENT && r->wire_size > 0)
        worker_notify(
            w, DUALPIPE_POOL_EVENT_SENDING,
            (struct dualpipe_pool_event){.data = from, .size = r->wire_size, .number = r->number});
    inflight_append(w, r);
    r->worker_index = w->index;
    r->attempt += !r->discards_reply;
    if (worker_is_adaptive(w) && w->inflight_count == 0 && !r->discards_reply)
        window_begin(&w->window);
    w->sent_count += r->discards_reply ? 0 : r->count;
    w->inflight_count += r->discards_reply ? 0 : r->count;
    w->must_rescan = true;
    r->generation = w->children_started;
    if (w->sending)
        return 0;
    worker_send_or_copy(w, r, from, p);
    return 0;
}
