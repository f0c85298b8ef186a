/* long_reply.c: replies that are longer than --max-reply says: cut, and kept whole in a file.
 *
 * The pool gives pieces where it can (pool_setup.c), so that a long reply takes no more memory than
 * SIZE and its longest line. Its first SIZE bytes are gathered in struct long_reply; once there are
 * more, all of it goes to a file, or what is beyond is dropped. Either way the reply is read to its
 * end, so the child stays in step.
 *
 *   state     what came beyond SIZE                   at the end of the reply
 *   FITS      nothing                                 it is given as it is
 *   KEPT      is in the file, behind what came first  it is given cut; a note names the file
 *   DROPPED   is gone: there is no DIR                the request fails: a frame that is too long
 *   LOST      is gone: the file can't be written      the same, and the run ends with 120
 *
 * FITS becomes one of the others, and KEPT may become LOST. A request that has failed otherwise
 * keeps its outcome; the part that came of its reply is cut and kept in the same way. */
#include "modes/long_reply.h"
#include "options/option_error.h"
#include "run/exit_status.h"
#include "util/frames.h"
#include "util/log.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    MAX_NAMES = 1000,      /* that are tried for a file, as long as others have them */
    MIN_CAPACITY = 4096    /* bytes for the beginning of a reply */
};

int long_reply_open(struct batch *b) {
    const struct settings *s = b->run->s;
    b->long_reply.fd = -1;
    if (s->max_reply == 0 || frames_ends_at_eof(s->frame))
        return 0;
    option_error("max-reply", NULL,
                 "replies in frames of this kind can't be cut: use --max-message");
    exit_status_set(b->run, "failed", STATUS_DUALPIPE_FAILED);
    return -1;
}

/* --- the file ---------------------------------------------------------------------------- */

/* Makes a file of its own. Another may have the name, as numbers of processes come again. */
static int create_file(struct long_reply *l, const char *dir) {
    for (int i = 1; i <= MAX_NAMES; i++) {
        char more[16] = "";
        if (i > 1)
            snprintf(more, sizeof more, ".%d", i);
        free(l->path);
        if (asprintf(&l->path, "%s/reply-%ld-%lld%s", dir, (long)getpid(), (long long)l->number,
                     more) < 0) {
            l->path = NULL;
            return -ENOMEM;
        }
        l->fd = open(l->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0600);
        if (l->fd >= 0 || errno != EEXIST)
            break;
    }
    return l->fd < 0 ? -errno : 0;
}

static int append_to_file(struct long_reply *l, const char *p, size_t n) {
    while (n > 0) {
        ssize_t written = write(l->fd, p, n);
        if (written < 0 && errno != EINTR)
            return -errno;
        if (written < 0)
            continue;
        p += written;
        n -= (size_t)written;
        l->written += (uint64_t)written;
    }
    return 0;
}

/* Closes the file, if there is one; one that has nothing is removed. A full disk of another machine
 * may tell that only now. */
static int close_file(struct long_reply *l) {
    int error = l->fd >= 0 && close(l->fd) < 0 ? -errno : 0;
    if (l->fd >= 0 && l->path && l->written == 0)
        unlink(l->path);
    l->fd = -1;
    return error;
}

static void lose_file(struct long_reply *l, int error) {
    close_file(l);
    l->state = LONG_REPLY_LOST;
    l->error = -error;
}

/* --- gathering --------------------------------------------------------------------------- */

static int gather(struct long_reply *l, const char *p, size_t n, size_t max) {
    size_t needed = l->size + n, grown = l->capacity > 0 ? 2 * l->capacity : MIN_CAPACITY;
    char *more;
    if (needed > l->capacity) {
        grown = grown > max ? max : grown;
        grown = grown < needed ? needed : grown;
        if (!(more = realloc(l->data, grown)))
            return -ENOMEM;
        l->data = more;
        l->capacity = grown;
    }
    if (n > 0)
        memcpy(l->data + l->size, p, n);
    l->size += n;
    return 0;
}

/* Takes n bytes that lie beyond SIZE. */
static void take_excess(struct long_reply *l, const char *p, size_t n, const char *dir) {
    int error = 0;
    if (l->state == LONG_REPLY_FITS) {
        l->state = dir ? LONG_REPLY_KEPT : LONG_REPLY_DROPPED;
        if (dir && (error = create_file(l, dir)) == 0)
            error = append_to_file(l, l->data, l->size);
    }
    if (l->state == LONG_REPLY_KEPT && error == 0)
        error = append_to_file(l, p, n);
    if (error < 0)
        lose_file(l, error);
}

static int add(struct batch *b, const char *p, size_t n) {
    const struct settings *s = b->run->s;
    struct long_reply *l = &b->long_reply;
    size_t room = s->max_reply - l->size, first = n < room ? n : room;
    if (gather(l, p, first, s->max_reply) < 0) {
        log_error("reply", NULL, "%s", strerror(ENOMEM));
        exit_status_set(b->run, "failed", STATUS_DUALPIPE_FAILED);
        return -1;
    }
    l->came += n;
    if (n > first)
        take_excess(l, p + first, n - first, s->max_reply_dir);
    return 0;
}

static void begin_anew(struct long_reply *l, int64_t number) {
    close_file(l);
    free(l->path);
    *l = (struct long_reply){
        .number = number, .data = l->data, .capacity = l->capacity, .fd = -1};
}

void long_reply_close(struct batch *b) {
    begin_anew(&b->long_reply, 0);
    free(b->long_reply.data);
}

/* --- the end of a reply ------------------------------------------------------------------ */

/* So many of the n bytes that none of them begins a character of UTF-8 whose end is missing. */
static size_t whole_characters(const char *p, size_t n) {
    for (size_t i = 1; i <= 3 && i <= n; i++) {
        unsigned char c = (unsigned char)p[n - i];
        size_t length = c >= 0xf8 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
        if (c < 0x80 || c >= 0xc0)
            return length > i ? n - i : n;
    }
    return n;
}

/* The reply has come whole, but can't be given: the request has failed. */
static void refuse(struct batch *b, struct dualpipe_reply *r) {
    b->undelivered += r->outcome == DUALPIPE_OUTCOME_ANSWERED;
    r->outcome = DUALPIPE_OUTCOME_TOO_LONG;
    r->complete = 0;
    r->reason = NULL;
    b->long_reply.is_refused = true;
}

static void report_cut(struct batch *b, const struct dualpipe_reply *r) {
    const struct long_reply *l = &b->long_reply;
    char label[40];
    snprintf(label, sizeof label, "request %lld", (long long)r->number);
    if (l->state == LONG_REPLY_KEPT && !b->run->s->json)
        log_note(label, l->path, "it has all %llu bytes of the reply, which is cut after %zu",
                 (unsigned long long)l->came, r->size);
    else if (l->state == LONG_REPLY_LOST)
        log_error(label, l->path, "%s: it has %llu of the reply's %llu bytes", strerror(l->error),
                  (unsigned long long)l->written, (unsigned long long)l->came);
}

/* Makes *r all that was gathered. Without DIR request_failure.c tells of it. */
static int finish(struct batch *b, struct dualpipe_reply *r) {
    struct long_reply *l = &b->long_reply;
    bool is_whole = r->outcome == DUALPIPE_OUTCOME_ANSWERED ||
                    r->outcome == DUALPIPE_OUTCOME_ERROR || r->complete;
    int error = close_file(l);
    l->is_over = true;
    if (l->state == LONG_REPLY_KEPT && error < 0)
        lose_file(l, error);
    r->data = l->data;
    r->size = l->size;
    if (l->state == LONG_REPLY_FITS)
        return 0;
    r->size = whole_characters(l->data, l->size);
    if (is_whole && l->state != LONG_REPLY_KEPT)
        refuse(b, r);
    if (!b->output.failed && output_flush(&b->output) < 0)
        return -1;
    report_cut(b, r);
    if (l->state == LONG_REPLY_LOST)
        exit_status_set(b->run, "output", STATUS_OUTPUT_FAILED);
    return 0;
}

enum long_reply_result long_reply_take(struct batch *b, struct dualpipe_reply *r) {
    size_t max = b->run->s->max_reply;
    struct long_reply *l = &b->long_reply;
    if (max == 0)
        return LONG_REPLY_GIVE;
    if (l->is_over || l->number != r->number)
        begin_anew(l, r->number);
    if (!r->partial && l->came == 0 && r->size <= max) {
        l->is_over = true;
        return LONG_REPLY_GIVE;
    }
    if (add(b, r->data, r->size) < 0)
        return LONG_REPLY_STOP;
    if (r->partial)
        return LONG_REPLY_MORE;
    return finish(b, r) < 0 ? LONG_REPLY_STOP : LONG_REPLY_GIVE;
}

const struct long_reply *long_reply_cut(const struct batch *b, const struct dualpipe_reply *r) {
    const struct long_reply *l = &b->long_reply;
    return l->number == r->number && l->is_over && l->state != LONG_REPLY_FITS ? l : NULL;
}
