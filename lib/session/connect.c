/* connect.c: a session as a handle: connected to, greeted, told what to do. */
#include "child/handle.h"
#include "base/clock.h"
#include "base/error.h"
#include "os/unix_socket.h"
#include "session/proto.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

int dualpipe_session_connect(dualpipe **dp, const char *path, int limit,
                             struct dualpipe_error *why) {
    int fd, r;
    *dp = NULL;
    if ((r = unix_socket_connect(path, limit, &fd, why)) < 0)
        return r;
    /* A socket tells that its reader has gone without SIGPIPE. */
    if ((r = dualpipe_attach(dp, fd, fd, -1, DUALPIPE_START_SIGPIPE_IGNORED, 0)) < 0) {
        close(fd);
        return error_set(why, "connecting to", path, NULL, r);
    }
    (*dp)->is_session = true;
    return 0;
}

static int send_line(dualpipe *dp, const char *line, int limit) {
    ssize_t n = (ssize_t)strlen(line), r = dualpipe_write(dp, line, (size_t)n, limit);
    return r == n ? 0 : r < 0 ? (int)r : -ETIMEDOUT;
}

static struct dualpipe_session_info parse_hello(const struct proto_msg *m) {
    size_t about = (size_t)proto_number(m, "about", 0), why = (size_t)proto_number(m, "why", 0);
    struct dualpipe_session_info s = {
        .server_pid = (pid_t)proto_number(m, "pid", 0),
        .child_pid = (pid_t)proto_number(m, "child", 0),
        .workers = (int)proto_number(m, "workers", 1),
        .clients = (int)proto_number(m, "clients", 0),
        .idle_ms = proto_number(m, "idle", 0),
        .age_ms = proto_number(m, "age", 0),
        .stats = {.submitted = proto_number(m, "in", 0),
                  .answered = proto_number(m, "answered", 0),
                  .failed = proto_number(m, "failed", 0),
                  .late_discarded = proto_number(m, "dropped", 0)},
        .ended = proto_number(m, "over", 0) > 0,
        .status = proto_status(m),
        .description = m->data,
        .description_size = about < m->size ? about : m->size,
    };
    s.last_output = m->data + s.description_size;
    s.last_output_size = m->size - s.description_size;
    s.reason_size = why < s.last_output_size ? why : s.last_output_size;
    s.last_output_size -= s.reason_size;
    s.reason = s.last_output + s.last_output_size;
    return s;
}

static int recv_hello(dualpipe *dp, struct dualpipe_session_info *s, int64_t until) {
    struct dualpipe_pollitem e = {.dp = dp, .events = DUALPIPE_POLL_STDOUT};
    struct proto_msg m;
    for (;;) {
        const char *p;
        int ended, r;
        size_t n = dualpipe_peek(dp, &p, &ended);
        if ((r = proto_parse(p, n, &m)) == 1 && proto_is(&m, "wrong"))
            return -EPERM;
        if (r < 0 || (r == 1 && !proto_is(&m, "hello")))
            return -EPROTO;
        if (r == 1)
            break;
        if (ended)
            return n > 0 ? -EPROTO : -EPIPE;
        if (clock_remaining_ms(until) == 0)
            return -ETIMEDOUT;
        if ((r = dualpipe_poll(&e, 1, clock_remaining_ms(until))) < 0)
            return r;
    }
    *s = parse_hello(&m);
    dp->session_greeted = true;
    dp->session_diagnosis = (struct dualpipe_diagnosis){.pid = s->child_pid, .pipe_holder = -1};
    dp->session_room = (int)proto_number(&m, "room", 1);
    dualpipe_consume(dp, m.total_size);
    return 0;
}

int dualpipe_session_hello(dualpipe *dp, struct dualpipe_session_info *s, int limit) {
    int64_t until = clock_deadline(limit);
    int r = send_line(dp, PROTO_GREETING, limit);
    return r < 0 && r != -EPIPE ? r : recv_hello(dp, s, until); /* it may have said why it closed */
}

int dualpipe_session_command(dualpipe *dp, enum dualpipe_session_verb word, int limit) {
    static const char *const lines[] = {"collect\n", "follow\n", "stop\n"};
    return send_line(dp, lines[word], limit);
}
