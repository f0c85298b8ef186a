/* connect.c: a session as a handle: connected to, greeted, told what to do. */
#include "child/handle.h"
#include "base/clock.h"
#include "base/error.h"
#include "os/unix_socket.h"
#include "session/proto.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

int dualpipe_connect(dualpipe **dp, const char *path, int limit, struct dualpipe_failure *why) {
    int fd, r;
    *dp = NULL;
    if ((r = socket_connect(path, limit, &fd, why)) < 0)
        return r;
    /* A socket tells that its reader has gone without SIGPIPE. */
    if ((r = dualpipe_attach(dp, fd, fd, -1, DUALPIPE_SIGPIPE_IGNORED, 0)) < 0) {
        close(fd);
        return failed(why, "connecting to", path, NULL, r);
    }
    (*dp)->connected = true;
    return 0;
}

static int put_line(dualpipe *dp, const char *line, int limit) {
    ssize_t n = (ssize_t)strlen(line), r = dualpipe_write(dp, line, (size_t)n, limit);
    return r == n ? 0 : r < 0 ? (int)r : -ETIMEDOUT;
}

static struct dualpipe_session session_of(const struct wire *m) {
    size_t about = (size_t)wire_number(m, "about", 0), why = (size_t)wire_number(m, "why", 0);
    struct dualpipe_session s = {
        .server = (pid_t)wire_number(m, "pid", 0),
        .child = (pid_t)wire_number(m, "child", 0),
        .workers = (int)wire_number(m, "workers", 1),
        .clients = (int)wire_number(m, "clients", 0),
        .idle = wire_number(m, "idle", 0),
        .age = wire_number(m, "age", 0),
        .books = {.in = wire_number(m, "in", 0),
                  .answered = wire_number(m, "answered", 0),
                  .failed = wire_number(m, "failed", 0),
                  .dropped = wire_number(m, "dropped", 0)},
        .over = wire_number(m, "over", 0) > 0,
        .status = wire_status(m),
        .about = m->data,
        .about_size = about < m->size ? about : m->size,
    };
    s.last = m->data + s.about_size;
    s.last_size = m->size - s.about_size;
    s.why_size = why < s.last_size ? why : s.last_size;
    s.last_size -= s.why_size;
    s.why = s.last + s.last_size;
    return s;
}

static int take_hello(dualpipe *dp, struct dualpipe_session *s, int64_t until) {
    struct dualpipe_event e = {.dp = dp, .wants = DUALPIPE_IN};
    struct wire m;
    for (;;) {
        const char *p;
        int ended, r;
        size_t n = dualpipe_peek(dp, &p, &ended);
        if ((r = wire_take(p, n, &m)) == 1 && wire_is(&m, "wrong"))
            return -EPERM;
        if (r < 0 || (r == 1 && !wire_is(&m, "hello")))
            return -EPROTO;
        if (r == 1)
            break;
        if (ended)
            return n > 0 ? -EPROTO : -EPIPE;
        if (clock_left(until) == 0)
            return -ETIMEDOUT;
        if ((r = dualpipe_poll(&e, 1, clock_left(until))) < 0)
            return r;
    }
    *s = session_of(&m);
    dp->greeted = true;
    dp->told = (struct dualpipe_state){.pid = s->child, .holder = -1};
    dp->room = (int)wire_number(&m, "room", 1);
    dualpipe_consume(dp, m.whole);
    return 0;
}

int dualpipe_greet(dualpipe *dp, struct dualpipe_session *s, int limit) {
    int64_t until = clock_after(limit);
    int r = put_line(dp, WIRE_GREETING, limit);
    return r < 0 && r != -EPIPE ? r : take_hello(dp, s, until); /* it may have said why it closed */
}

int dualpipe_tell(dualpipe *dp, enum dualpipe_word word, int limit) {
    static const char *const lines[] = {"collect\n", "follow\n", "stop\n"};
    return put_line(dp, lines[word], limit);
}
