/* request.c: the memory of requests, and operations that need nothing but one request.
 *
 * Requests are never freed before their pool is: request_recycle() keeps them in a spare list with
 * their buffers, so that a request costs no allocation once the pool has warmed up. Every request
 * ever allocated is also in the list `allocated`, by which request_pool_free() finds those that are
 * still in flight or held.
 *
 * The text of a request may be in three places: at the host's address for the duration of a call,
 * at the host's address until it is all sent (borrowed_text), or in `copy`. The copy may hold the
 * fence too, and may begin later than the text: copy_offset bytes before it were sent and are not
 * needed again. In a batch, answered requests leave the copy line by line, while `sent` and
 * copy_offset go on counting from the start of the text that was written last.
 *
 * The trap: a batch grows by worker_extend_batch(), which forgets the text sent before. The first
 * uncopied_count requests of the batch are then in no copy at all, so the lines in `copy` belong to
 * the requests after these. request_split() depends on it.
 *
 * The other files of the room call these functions; no function here looks at a worker. */
#include "pool/request.h"
#include "codec/rule.h"
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SPARE_BUFFERS = 1048576 }; /* bytes of buffers that a spare request keeps */

/* --- Memory --- */

static void clear_buffer(struct buffer *b) {
    b->start = b->end = 0;
}

static void forget_errors(struct request *r) {
    if (r->errors)
        rule_errors_begin(r->errors);
}

struct request *request_new(struct request_pool *requests) {
    struct request *r = requests->spare;
    if (r) {
        requests->spare = r->order_next;
    } else if ((r = calloc(1, sizeof *r))) {
        r->alloc_next = requests->allocated;
        requests->allocated = r;
        r->copy.max = r->body.max = r->err.max = PTRDIFF_MAX / 2;
    } else {
        return NULL;
    }
    memset(&r->order_next, 0, sizeof *r - offsetof(struct request, order_next));
    clear_buffer(&r->copy);
    clear_buffer(&r->body);
    clear_buffer(&r->err);
    forget_errors(r);
    r->status.code = r->status.signal = -1;
    r->scan.matched = r->scan.status = -1;
    r->expects_reply = r->in_place = true;
    r->count = 1;
    return r;
}

static void free_buffers(struct request *r) {
    buffer_free(&r->copy);
    buffer_free(&r->body);
    buffer_free(&r->err);
    if (r->errors)
        rule_errors_free(r->errors);
    free(r->errors);
    r->errors = NULL;
}

void request_recycle(struct request *r, struct request_pool *requests) {
    if (r->copy.capacity + r->body.capacity + r->err.capacity > MAX_SPARE_BUFFERS)
        free_buffers(r);
    r->order_next = requests->spare;
    requests->spare = r;
}

void request_pool_free(struct request_pool *requests) {
    while (requests->allocated) {
        struct request *r = requests->allocated;
        requests->allocated = r->alloc_next;
        free_buffers(r);
        free(r);
    }
}

/* --- The text --- */

int request_copy(struct request *r, const void *p) {
    return buffer_len(&r->copy) > 0 ? 0 : buffer_append(&r->copy, p, r->text_size);
}

/* A batch is copied from the start of its last text, because request_split() must find its lines;
 * any other request from one byte before the first that is unsent. */
int request_copy_unsent(struct request *r, const char *p) {
    if (buffer_len(&r->copy) > 0)
        return 0;
    r->copy_offset = r->sent > 0 && !r->is_batch ? r->sent - 1 : 0;
    return buffer_append(&r->copy, p + r->copy_offset, r->text_size - r->copy_offset);
}

const char *request_unsent(const struct request *r) {
    return r->borrowed_text ? r->borrowed_text + r->sent
                            : buffer_data(&r->copy) + r->wire_offset + (r->sent - r->copy_offset);
}

/* The pool's own text may print the token itself. */
static size_t format_wrap(const struct request *r, char *out) {
    const char *text = r->text_size > 0 ? buffer_data(&r->copy) : "";
    return r->number == 0 && fence_is_in_text(text, r->text_size)
               ? fence_fill_text(text, r->text_size, r->token, out)
               : rule_format_fence(r->rule, r->token, text, r->text_size, out);
}

static int append_wrapped(struct request *r) {
    size_t n = format_wrap(r, NULL);
    char *room = buffer_extend(&r->copy, n);
    if (!room)
        return -ENOMEM;
    format_wrap(r, room);
    buffer_commit(&r->copy, n);
    r->wire_offset = r->text_size;
    r->wire_size = n;
    return 0;
}

int request_append_fence(struct request *r) {
    size_t n;
    bool lacks_newline;
    char *room;
    r->copy.end = r->copy.start + r->text_size; /* drops the fence of an earlier attempt */
    if (rule_wraps(r->rule))
        return append_wrapped(r);
    n = rule_format_fence(r->rule, r->token, NULL, 0, NULL);
    if (!(room = buffer_extend(&r->copy, n + 1)))
        return -ENOMEM;
    /* The fence must be a line of its own. */
    if ((lacks_newline = r->text_size > 0 && room[-1] != '\n'))
        *room++ = '\n';
    rule_format_fence(r->rule, r->token, NULL, 0, room);
    n += lacks_newline;
    buffer_commit(&r->copy, n);
    r->wire_size = r->text_size + n;
    return 0;
}

/* --- The reply --- */

void request_copy_reply(struct request *r) {
    if (r->reply_size == 0 || r->reply == buffer_data(&r->body))
        return;
    if (buffer_append(&r->body, r->reply, r->reply_size) < 0) {
        r->reply_size = 0; /* the bytes will not stay where they are */
        r->outcome = DUALPIPE_OUTCOME_NO_MEMORY;
        return;
    }
    r->reply = buffer_data(&r->body);
    r->reply_size = buffer_len(&r->body);
}

/* --- Whether the reply says that the request failed --- */

static bool has_errors(struct request *r) {
    if (!r->errors && (r->errors = calloc(1, sizeof *r->errors)))
        rule_errors_begin(r->errors);
    return r->errors;
}

void request_note_stderr(struct request *r, const char *p, size_t n) {
    if (r->expects_reply && r->rule->errors.stderr_lines.count > 0 && has_errors(r))
        rule_errors_add(r->errors, r->rule, true, p, n);
}

void request_note_reply(struct request *r) {
    if (r->expects_reply && rule_has_errors(r->rule) && has_errors(r))
        rule_errors_add_reply(r->errors, r->rule, r->reply, r->reply_size);
}

/* Without memory to look, the reply can't be trusted. */
void request_judge(struct request *r) {
    if (r->outcome == DUALPIPE_OUTCOME_ANSWERED && r->scan.status > 0 && r->rule->errors.status) {
        r->outcome = DUALPIPE_OUTCOME_ERROR;
        return;
    }
    if (!r->expects_reply || !rule_has_errors(r->rule) || r->outcome != DUALPIPE_OUTCOME_ANSWERED)
        return;
    if (r->errors)
        rule_errors_end(r->errors, r->rule);
    if (!r->errors || r->errors->out_of_memory) {
        r->outcome = DUALPIPE_OUTCOME_NO_MEMORY;
    } else if (r->errors->found) {
        r->outcome = DUALPIPE_OUTCOME_ERROR;
        r->reason = r->errors->said;
    }
}

/* --- Batches --- */

static int min_int(int a, int b) {
    return a < b ? a : b;
}

static size_t min_size(size_t a, size_t b) {
    return a < b ? a : b;
}

/* How many bytes of `copy` belong to the first n unanswered requests. */
static size_t copied_size_of_first(const struct request *r, int n) {
    long lines;
    n -= min_int(n, r->uncopied_count);
    return dualpipe_lines(buffer_data(&r->copy), buffer_len(&r->copy), n, &lines);
}

void request_batch_answered(struct request *r, int n) {
    size_t size = copied_size_of_first(r, n);
    buffer_consume(&r->copy, size);
    r->copy_offset += size;
    r->uncopied_count -= min_int(n, r->uncopied_count);
    r->count -= n;
    r->answered_count += n;
}

/* Makes the copy the whole text: the requests before it were answered, so offsets and sizes need
 * not count them any more. */
static void rebase_to_copy(struct request *r) {
    r->sent -= min_size(r->copy_offset, r->sent);
    r->text_size = r->wire_size = buffer_len(&r->copy);
    r->copy_offset = 0;
}

/* Divides the copy, and how far it was sent, between the first n requests (r) and the rest. */
static int split_copy(struct request *r, struct request *rest, int n) {
    size_t front = copied_size_of_first(r, n);
    struct buffer all = r->copy;
    if (buffer_append(&rest->copy, buffer_data(&all), front) < 0)
        return -ENOMEM;
    r->copy = rest->copy; /* the larger part stays in its buffer */
    rest->copy = all;
    rebase_to_copy(r);
    rest->sent = r->sent; /* counted from the start of the undivided copy, until rebased */
    rest->copy_offset = front;
    r->sent = min_size(r->sent, front);
    buffer_consume(&rest->copy, front);
    rebase_to_copy(rest);
    return 0;
}

struct request *request_split(struct request *r, int n, struct request_pool *requests) {
    struct request *rest = request_new(requests);
    int uncopied = r->uncopied_count;
    if (!rest)
        return NULL;
    rest->text_size = rest->wire_size = rest->sent = r->sent; /* all sent, if there is no copy */
    if (buffer_len(&r->copy) > 0 && split_copy(r, rest, n) < 0) {
        request_recycle(rest, requests);
        return NULL;
    }
    rest->rule = r->rule;
    rest->tag = r->tag;
    rest->number = r->number + r->answered_count + n;
    rest->count = r->count - n;
    rest->timeout_ms = r->timeout_ms;
    rest->worker_index = r->worker_index;
    rest->attempt = r->attempt;
    rest->requeues = r->requeues;
    rest->generation = r->generation;
    rest->is_batch = true;
    rest->wire_end = r->wire_end;
    r->wire_end = 0; /* its line ends aren't kept */
    r->count = n;
    r->uncopied_count = min_int(n, uncopied);
    rest->uncopied_count = uncopied - r->uncopied_count;
    rest->order_next = r->order_next;
    r->order_next = rest;
    if (*requests->order_last == r)
        *requests->order_last = rest;
    requests->open_count++;
    return rest;
}

void request_make_single(struct request *r) {
    r->is_batch = false;
    if (buffer_len(&r->copy) > 0)
        rebase_to_copy(r);
}

/* --- Another attempt --- */

void request_rewind(struct request *r) {
    clear_buffer(&r->body);
    clear_buffer(&r->err);
    forget_errors(r);
    r->scan = (struct dualpipe_scan){.matched = -1, .status = -1};
    r->reply = NULL;
    r->reply_size = r->sent = 0;
    r->wire_end = 0;
    r->deadline = r->sent_at = r->last_output_at = r->ended_at = r->started_us = 0;
    r->status = (struct dualpipe_status){.code = -1, .signal = -1};
    r->outcome = DUALPIPE_OUTCOME_ANSWERED;
    r->reason = NULL;
    r->error_offset = 0;
    r->in_place = true;
    r->got_any = r->reply_complete = r->must_requeue = r->fence_pending = r->is_unread = false;
    r->is_final = false;
    r->launch_ms = 0;
}
