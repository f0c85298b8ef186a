/* request.c: one request and what has become of it: sent how far, answered by what. */
#include "pool/request.h"
#include "codec/rule.h"
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static void empty(struct buffer *b) {
    b->start = b->end = 0;
}

struct exchange *exchange_new(struct exchanges *all) {
    struct exchange *x = all->spare;
    if (x) {
        all->spare = x->next;
    } else if ((x = calloc(1, sizeof *x))) {
        x->made = all->made;
        all->made = x;
        x->own.max = x->body.max = x->err.max = PTRDIFF_MAX / 2;
    } else {
        return NULL;
    }
    memset(&x->next, 0, sizeof *x - offsetof(struct exchange, next));
    empty(&x->own);
    empty(&x->body);
    empty(&x->err);
    x->status.code = x->status.signal = -1;
    x->scan.which = -1;
    x->awaits = x->solid = true;
    x->count = 1;
    return x;
}

static void free_buffers(struct exchange *x) {
    buffer_free(&x->own);
    buffer_free(&x->body);
    buffer_free(&x->err);
}

/* Its memory is kept for the next one, unless it is much. */
void exchange_spare(struct exchange *x, struct exchanges *all) {
    enum { MOST_KEPT = 1048576 };
    if (x->own.size + x->body.size + x->err.size > MOST_KEPT)
        free_buffers(x);
    x->next = all->spare;
    all->spare = x;
}

void exchange_free_all(struct exchanges *all) {
    while (all->made) {
        struct exchange *x = all->made;
        all->made = x->made;
        free_buffers(x);
        free(x);
    }
}

int exchange_keep_request(struct exchange *x, const void *p) {
    return buffer_held(&x->own) > 0 ? 0 : buffer_put(&x->own, p, x->request);
}

int exchange_keep_rest(struct exchange *x, const char *p) {
    if (buffer_held(&x->own) > 0)
        return 0;
    x->gone = x->sent > 0 && !x->several ? x->sent - 1 : 0;
    return buffer_put(&x->own, p + x->gone, x->request - x->gone);
}

const char *exchange_rest(const struct exchange *x) {
    return x->lent ? x->lent + x->sent : buffer_data(&x->own) + (x->sent - x->gone);
}

int exchange_add_fence(struct exchange *x) {
    size_t n = rule_fence(x->rule, x->token, NULL);
    bool open_ended;
    char *room;
    x->own.end = x->own.start + x->request; /* without the fence of an earlier try */
    if (!(room = buffer_extend(&x->own, n + 1)))
        return -ENOMEM;
    if ((open_ended = room[-1] != '\n')) /* the fence is a line of its own */
        *room++ = '\n';
    rule_fence(x->rule, x->token, room);
    n += open_ended;
    buffer_commit(&x->own, n);
    x->size = x->request + n;
    return 0;
}

void exchange_keep_data(struct exchange *x) {
    if (x->ndata == 0 || x->data == buffer_data(&x->body))
        return;
    if (buffer_put(&x->body, x->data, x->ndata) < 0) {
        x->ndata = 0; /* they will not stay where they are */
        x->outcome = DUALPIPE_NO_MEMORY;
        return;
    }
    x->data = buffer_data(&x->body);
    x->ndata = buffer_held(&x->body);
}

static int fewer(int a, int b) {
    return a < b ? a : b;
}

/* Of the first n requests what own holds. */
static size_t size_of_first(const struct exchange *x, int n) {
    long lines;
    n -= fewer(n, x->bare);
    return dualpipe_lines(buffer_data(&x->own), buffer_held(&x->own), n, &lines);
}

void exchange_pass(struct exchange *x, int n) {
    size_t size = size_of_first(x, n);
    buffer_consume(&x->own, size);
    x->gone += size;
    x->bare -= fewer(n, x->bare);
    x->count -= n;
    x->ripe += n;
}

static size_t at_most(size_t n, size_t most) {
    return n < most ? n : most;
}

/* What own holds is all of it now: those before it were answered. */
static void forget_gone(struct exchange *x) {
    x->sent -= at_most(x->gone, x->sent);
    x->request = x->size = buffer_held(&x->own);
    x->gone = 0;
}

void exchange_make_single(struct exchange *x) {
    x->several = false;
    if (buffer_held(&x->own) > 0)
        forget_gone(x);
}

/* What is kept of the request, and how far it was sent, goes to whose it is. */
static int split_request(struct exchange *x, struct exchange *z, int n) {
    size_t front = size_of_first(x, n);
    struct buffer all = x->own;
    if (buffer_put(&z->own, buffer_data(&all), front) < 0)
        return -ENOMEM;
    x->own = z->own;
    z->own = all;
    forget_gone(x);
    z->sent = x->sent; /* of all that was kept */
    z->gone = front;
    x->sent = at_most(x->sent, front);
    buffer_consume(&z->own, front);
    forget_gone(z);
    return 0;
}

struct exchange *exchange_split(struct exchange *x, int n, struct exchanges *all) {
    struct exchange *z = exchange_new(all);
    int bare = x->bare;
    if (!z)
        return NULL;
    z->request = z->size = z->sent = x->sent;
    if (buffer_held(&x->own) > 0 && split_request(x, z, n) < 0) {
        exchange_spare(z, all);
        return NULL;
    }
    z->rule = x->rule;
    z->tag = x->tag;
    z->number = x->number + x->ripe + n;
    z->count = x->count - n;
    z->limit = x->limit;
    z->worker = x->worker;
    z->attempt = x->attempt;
    z->bounces = x->bounces;
    z->generation = x->generation;
    z->several = true;
    x->count = n;
    x->bare = fewer(n, bare);
    z->bare = bare - x->bare;
    z->next = x->next;
    x->next = z;
    if (*all->last == x)
        *all->last = z;
    all->open++;
    return z;
}

void exchange_rewind(struct exchange *x) {
    empty(&x->body);
    empty(&x->err);
    x->scan = (struct dualpipe_scan){.which = -1};
    x->data = NULL;
    x->ndata = x->sent = 0;
    x->until = x->begun = x->heard = x->ended = 0;
    x->status = (struct dualpipe_status){.code = -1, .signal = -1};
    x->outcome = DUALPIPE_ANSWERED;
    x->reason = NULL;
    x->offset = 0;
    x->solid = true;
    x->came = x->whole = x->again = x->unfenced = false;
}
