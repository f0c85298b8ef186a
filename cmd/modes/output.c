/* output.c: where replies go: our stdout, by large writes that hold nothing back. */
#include "modes/output.h"
#include "util/log.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { HELD_MOST = 65536, HELD_US = 1000, DIRECT_LEAST = 32768 };

int sink_open(struct sink *s, struct run *r) {
    *s = (struct sink){.run = r, .held = malloc(HELD_MOST)};
    if (s->held)
        return 0;
    say_error("starting", NULL, "%s", strerror(ENOMEM));
    return -1;
}

/* What was cut short is not gone on with. */
static int write_out(struct sink *s, const char *p, size_t n) {
    if (!s->cut && run_write(s->run, false, p, n) < 0)
        s->cut = true;
    return s->cut ? -1 : 0;
}

int sink_flush(struct sink *s) {
    size_t n = s->n;
    s->n = 0;
    s->since = 0;
    return n == 0 ? 0 : write_out(s, s->held, n);
}

int sink_put(struct sink *s, const char *p, size_t n) {
    if (n > HELD_MOST - s->n && sink_flush(s) < 0)
        return -1;
    if (n >= DIRECT_LEAST && s->n == 0)
        return write_out(s, p, n);
    memcpy(s->held + s->n, p, n);
    s->n += n;
    return 0;
}

int sink_put_empty(struct sink *s) {
    struct dualpipe_wrap w;
    dualpipe_frame(s->run->s->io, "", 0, &w);
    return sink_put(s, w.head, w.nhead) < 0 ? -1 : sink_put(s, w.tail, w.ntail);
}

bool sink_holds(const struct sink *s) {
    return s->n > 0;
}

/* The clock is read where a wait begins anyway, not for each piece. */
int64_t sink_patience(struct sink *s, int64_t now) {
    int64_t left;
    if (s->since == 0)
        s->since = now;
    left = s->since + HELD_US - now;
    return left > 0 ? left : 0;
}

void sink_close(struct sink *s) {
    free(s->held);
}
