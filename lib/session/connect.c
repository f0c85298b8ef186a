/* connect.c: the public calls on one connection to a session: connect, hello, command.
 *
 * A session is an ordinary attached handle (struct dualpipe) whose two ends are one socket, with
 * is_session set. Without a greeting the server treats it as a plain client: the handle
 * writes bare requests and reads replies. dualpipe_session_hello() switches to the protocol of
 * proto.h and keeps what the handle needs of the answer: how many requests may be sent ahead and
 * the child's pid. pool_backend.c goes on from there. */
#include "child/handle.h"
#include "base/clock.h"
#include "base/error.h"
#include "os/unix_socket.h"
#include "session/proto.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

int dualpipe_session_connect(dualpipe **dp, const char *path, int timeout,
                             struct dualpipe_error *why) {
    int fd, r;
    *dp = NULL;
    if (!path)
        return error_set(why, "connecting", NULL, "no path is given", -EINVAL);
    if ((r = unix_socket_connect(path, timeout, &fd, why)) < 0)
        return r;
    /* The handle sends with MSG_NOSIGNAL, so SIGPIPE need not be blocked around its writes. */
    if ((r = dualpipe_attach(dp, fd, fd, -1, DUALPIPE_START_SIGPIPE_IGNORED, 0)) < 0) {
        close(fd);
        return error_set(why, "connecting to", path, NULL, r);
    }
    (*dp)->is_session = true;
    return 0;
}

/* 0, or a negative errno. */
static int send_line(dualpipe *dp, const char *line, int timeout) {
    ssize_t n = (ssize_t)strlen(line), r = dualpipe_write(dp, line, (size_t)n, timeout);
    return r == n ? 0 : r < 0 ? (int)r : -ETIMEDOUT;
}

/* The data of a hello are the description, the last output, the reason and the part of a reply that
 * has come, one after another; the head gives the sizes of all but the second. */
static struct dualpipe_session_info parse_hello(const struct proto_msg *msg) {
    size_t about = (size_t)proto_number(msg, "about", 0), why = (size_t)proto_number(msg, "why", 0),
           part = (size_t)proto_number(msg, "part", 0);
    struct dualpipe_session_info info = {
        .server_pid = (pid_t)proto_number(msg, "pid", 0),
        .child_pid = (pid_t)proto_number(msg, "child", 0),
        .workers = (int)proto_number(msg, "workers", 1),
        .clients = (int)proto_number(msg, "clients", 0),
        .idle_ms = proto_number(msg, "idle", 0),
        .age_ms = proto_number(msg, "age", 0),
        .stats = {.submitted = proto_number(msg, "in", 0),
                  .answered = proto_number(msg, "answered", 0),
                  .failed = proto_number(msg, "failed", 0),
                  .late_discarded = proto_number(msg, "dropped", 0)},
        .running_pid = (pid_t)proto_number(msg, "running", 0),
        .running_ms = proto_number(msg, "for", 0),
        .ended = proto_number(msg, "over", 0) > 0,
        .status = proto_status(msg),
        .description = msg->data,
        .description_size = about < msg->size ? about : msg->size,
    };
    info.last_output = msg->data + info.description_size;
    info.last_output_size = msg->size - info.description_size;
    info.part_size = part < info.last_output_size ? part : info.last_output_size;
    info.last_output_size -= info.part_size;
    info.reason_size = why < info.last_output_size ? why : info.last_output_size;
    info.last_output_size -= info.reason_size;
    info.reason = info.last_output + info.last_output_size;
    info.part = info.reason + info.reason_size;
    return info;
}

/* Waits for the answer to the greeting. Its bytes stay valid until the next call on the handle. */
static int recv_hello(dualpipe *dp, struct dualpipe_session_info *info, int64_t deadline) {
    struct dualpipe_pollitem item = {.dp = dp, .events = DUALPIPE_POLL_STDOUT};
    struct proto_msg msg;
    for (;;) {
        const char *p;
        int ended, r;
        size_t n = dualpipe_peek(dp, &p, &ended);
        if ((r = proto_parse(p, n, &msg)) == 1 && proto_is(&msg, "wrong"))
            return -EPERM;
        if (r < 0 || (r == 1 && !proto_is(&msg, "hello")))
            return -EPROTO;
        if (r == 1)
            break;
        if (ended)
            return n > 0 ? -EPROTO : -EPIPE;
        if (clock_remaining_ms(deadline) == 0)
            return -ETIMEDOUT;
        if ((r = dualpipe_poll(&item, 1, clock_remaining_ms(deadline))) < 0)
            return r;
    }
    *info = parse_hello(&msg);
    dp->session_greeted = true;
    dp->session_diagnosis = (struct dualpipe_diagnosis){.pid = info->child_pid, .pipe_holder = -1};
    dp->session_room = (int)proto_number(&msg, "room", 1);
    dualpipe_consume(dp, msg.total_size);
    return 0;
}

int dualpipe_session_hello(dualpipe *dp, struct dualpipe_session_info *info, int timeout) {
    int64_t deadline = clock_deadline(timeout);
    int r = send_line(dp, PROTO_GREETING, timeout);
    return r < 0 && r != -EPIPE ? r : recv_hello(dp, info, deadline); /* it may say why it closed */
}

/* Messages that come before the answer are not ours: this client has asked nothing. */
static int recv_cancelling(dualpipe *dp, int64_t deadline) {
    struct dualpipe_pollitem item = {.dp = dp, .events = DUALPIPE_POLL_STDOUT};
    struct proto_msg msg;
    for (;;) {
        const char *p;
        int ended, r, count;
        size_t n = dualpipe_peek(dp, &p, &ended);
        if ((r = proto_parse(p, n, &msg)) == 1) {
            bool is_answer = proto_is(&msg, "cancelling");
            count = (int)proto_number(&msg, "count", 0);
            dualpipe_consume(dp, msg.total_size);
            if (is_answer)
                return count;
            continue;
        }
        if (r < 0 || ended)
            return r < 0 ? -EPROTO : -EPIPE;
        if (clock_remaining_ms(deadline) == 0)
            return -ETIMEDOUT;
        if ((r = dualpipe_poll(&item, 1, clock_remaining_ms(deadline))) < 0)
            return r;
    }
}

int dualpipe_session_cancel(dualpipe *dp, int timeout) {
    int64_t deadline = clock_deadline(timeout);
    int r = send_line(dp, "cancel running=1\n", timeout);
    return r < 0 ? r : recv_cancelling(dp, deadline);
}

int dualpipe_session_command(dualpipe *dp, enum dualpipe_session_verb verb, int timeout) {
    static const char *const lines[] = {"collect\n", "follow\n", "stop\n"}; /* by verb */
    if ((unsigned)verb >= sizeof lines / sizeof *lines)
        return -EINVAL;
    return send_line(dp, lines[verb], timeout);
}
