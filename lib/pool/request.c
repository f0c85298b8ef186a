/* request.c: one request and what has become of it: sent how far, answered by what. */
#include "pool/request.h"
#include "codec/rule.h"
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static void clear_buffer(struct buffer *b) {
    b->start = b->end = 0;
}

struct request_chunk *request_new(struct request_pool *requests) {
    struct request_chunk *r = requests->spare;
    if (r) {
        requests->spare = r->order_next;
    } else if ((r = calloc(1, sizeof *r))) {
        r->alloc_next = requests->allocated;
        requests->allocated = r;
        r->copy.max = r->body.max = r->err.max = PTRDIFF_MAX / 2;
    } else {
        return NULL;
    }
    memset(&r->order_next, 0, sizeof *r - offsetof(struct request_chunk, order_next));
    clear_buffer(&r->copy);
    clear_buffer(&r->body);
    clear_buffer(&r->err);
    r->status.code = r->status.signal = -1;
    r->scan.matched = -1;
    r->expects_reply = r->in_place = true;
    r->count = 1;
    return r;
}

static void free_buffers(struct request_chunk *r) {
    buffer_free(&r->copy);
    buffer_free(&r->body);
    buffer_free(&r->err);
}

/* Its memory is kept for the next one, unless it is much. */
void request_recycle(struct request_chunk *r, struct request_pool *requests) {
    enum { MOST_KEPT = 1048576 };
    if (r->copy.capacity + r->body.capacity + r->err.capacity > MOST_KEPT)
        free_buffers(r);
    r->order_next = requests->spare;
    requests->spare = r;
}

void request_pool_free(struct request_pool *requests) {
    while (requests->allocated) {
        struct request_chunk *r = requests->allocated;
        requests->allocated = r->alloc_next;
        free_buffers(r);
        free(r);
    }
}

int request_copy(struct request_chunk *r, const void *p) {
    return buffer_len(&r->copy) > 0 ? 0 : buffer_append(&r->copy, p, r->text_size);
}

int request_copy_unsent(struct request_chunk *r, const char *p) {
    if (buffer_len(&r->copy) > 0)
        return 0;
    r->copy_offset = r->sent > 0 && !r->is_batch ? r->sent - 1 : 0;
    return buffer_append(&r->copy, p + r->copy_offset, r->text_size - r->copy_offset);
}

const char *request_unsent(const struct request_chunk *r) {
    return r->borrowed_text ? r->borrowed_text + r->sent
                            : buffer_data(&r->copy) + (r->sent - r->copy_offset);
}

int request_append_fence(struct request_chunk *r) {
    size_t n = rule_format_fence(r->rule, r->token, NULL);
    bool open_ended;
    char *room;
    r->copy.end = r->copy.start + r->text_size; /* without the fence of an earlier try */
    if (!(room = buffer_extend(&r->copy, n + 1)))
        return -ENOMEM;
    if ((open_ended = room[-1] != '\n')) /* the fence is a line of its own */
        *room++ = '\n';
    rule_format_fence(r->rule, r->token, room);
    n += open_ended;
    buffer_commit(&r->copy, n);
    r->wire_size = r->text_size + n;
    return 0;
}

void request_copy_reply(struct request_chunk *r) {
    if (r->reply_size == 0 || r->reply == buffer_data(&r->body))
        return;
    if (buffer_append(&r->body, r->reply, r->reply_size) < 0) {
        r->reply_size = 0; /* they will not stay where they are */
        r->outcome = DUALPIPE_OUTCOME_NO_MEMORY;
        return;
    }
    r->reply = buffer_data(&r->body);
    r->reply_size = buffer_len(&r->body);
}

static int min_int(int a, int b) {
    return a < b ? a : b;
}

/* Of the first n requests what own holds. */
static size_t copied_size_of_first(const struct request_chunk *r, int n) {
    long lines;
    n -= min_int(n, r->uncopied_count);
    return dualpipe_lines(buffer_data(&r->copy), buffer_len(&r->copy), n, &lines);
}

void request_batch_answered(struct request_chunk *r, int n) {
    size_t size = copied_size_of_first(r, n);
    buffer_consume(&r->copy, size);
    r->copy_offset += size;
    r->uncopied_count -= min_int(n, r->uncopied_count);
    r->count -= n;
    r->answered_count += n;
}

static size_t min_size(size_t n, size_t most) {
    return n < most ? n : most;
}

/* What own holds is all of it now: those before it were answered. */
static void rebase_to_copy(struct request_chunk *r) {
    r->sent -= min_size(r->copy_offset, r->sent);
    r->text_size = r->wire_size = buffer_len(&r->copy);
    r->copy_offset = 0;
}

void request_make_single(struct request_chunk *r) {
    r->is_batch = false;
    if (buffer_len(&r->copy) > 0)
        rebase_to_copy(r);
}

/* What is kept of the request, and how far it was sent, goes to whose it is. */
static int split_copy(struct request_chunk *r, struct request_chunk *rest, int n) {
    size_t front = copied_size_of_first(r, n);
    struct buffer all = r->copy;
    if (buffer_append(&rest->copy, buffer_data(&all), front) < 0)
        return -ENOMEM;
    r->copy = rest->copy;
    rest->copy = all;
    rebase_to_copy(r);
    rest->sent = r->sent; /* of all that was kept */
    rest->copy_offset = front;
    r->sent = min_size(r->sent, front);
    buffer_consume(&rest->copy, front);
    rebase_to_copy(rest);
    return 0;
}

struct request_chunk *request_split(struct request_chunk *r, int n, struct request_pool *requests) {
    struct request_chunk *rest = request_new(requests);
    int bare = r->uncopied_count;
    if (!rest)
        return NULL;
    rest->text_size = rest->wire_size = rest->sent = r->sent;
    if (buffer_len(&r->copy) > 0 && split_copy(r, rest, n) < 0) {
        request_recycle(rest, requests);
        return NULL;
    }
    rest->rule = r->rule;
    rest->tag = r->tag;
    rest->number = r->number + r->answered_count + n;
    rest->count = r->count - n;
    rest->units_timeout_ms = r->units_timeout_ms;
    rest->worker_index = r->worker_index;
    rest->attempt = r->attempt;
    rest->requeues = r->requeues;
    rest->generation = r->generation;
    rest->is_batch = true;
    r->count = n;
    r->uncopied_count = min_int(n, bare);
    rest->uncopied_count = bare - r->uncopied_count;
    rest->order_next = r->order_next;
    r->order_next = rest;
    if (*requests->order_last == r)
        *requests->order_last = rest;
    requests->open_count++;
    return rest;
}

void request_rewind(struct request_chunk *r) {
    clear_buffer(&r->body);
    clear_buffer(&r->err);
    r->scan = (struct dualpipe_scan){.matched = -1};
    r->reply = NULL;
    r->reply_size = r->sent = 0;
    r->deadline = r->sent_at = r->last_heard = r->ended_at = 0;
    r->status = (struct dualpipe_status){.code = -1, .signal = -1};
    r->outcome = DUALPIPE_OUTCOME_ANSWERED;
    r->reason = NULL;
    r->error_offset = 0;
    r->in_place = true;
    r->got_any = r->reply_complete = r->must_requeue = r->fence_pending = false;
}
