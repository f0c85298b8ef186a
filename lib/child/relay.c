/* relay.c: carries bytes both ways between a child and the host (dualpipe_relay).
 *
 * There are three flows: host to stdin, stdout to host, stderr to host. Each moves bytes from a
 * reader to a writer, by splice(2) where both ends allow it, else through the buffer of the reader.
 * One call of dualpipe_relay() drives the flows until one has moved something, and otherwise spins
 * briefly and then sleeps in poll(2), so the caller may do other work between calls.
 *
 * A flow waits for its source, and once that is readable for room in its sink. When its source has
 * ended and all is through, the flow is done: the input flow then closes the stdin of the child.
 * The relay ends when the child has ended and both of its output flows are done.
 *
 * Measurements shaped it (tests/bench). Small messages are copied, because a write wakes the reader
 * sooner than a splice does. A fast stream of small writes is coalesced by sleeping 0.1 ms, which
 * saves most wake-ups. A large move enlarges the pipes. The trap is splice on a shared pipe: it
 * makes the kernel refuse RWF_NOWAIT on that pipe from then on. */
#include "child/handle.h"
#include "base/clock.h"
#include "os/pty.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
    SPLICE_SIZE = 1 << 20,
    BULK_SIZE = 32768,       /* a move of so many bytes enlarges the pipes */
    COALESCE_BELOW = 262144, /* in a fast stream a smaller move is followed by a coalescing delay */
    DRAINED_BELOW = 4096,    /* a smaller move has taken all that was there */
    /* a stream is fast if so many bytes take less than FAST_SAMPLE_NS */
    RATE_SAMPLE_BYTES = 1 << 18,
    FAST_SAMPLE_NS = 1000000,
    COALESCE_NS = 100000,
};

/* One direction. */
struct flow {
    struct dualpipe *child;
    struct reader *from;
    struct writer *to;
    bool can_splice;   /* both ends allow splice(2) */
    bool prefers_copy; /* but messages are small, and a write wakes its reader sooner */
    bool enlarged, readable, done;
    bool source_drained; /* the last move was short, so its source is probably empty now */
    bool fast;
    size_t burst_bytes; /* bytes moved since burst_start_ns */
    int64_t burst_start_ns;
};

enum { TO_CHILD, FROM_STDOUT, FROM_STDERR, FLOW_COUNT };

struct relay {
    struct flow flows[FLOW_COUNT];
    int next_flow;      /* the flow to drive first */
    bool exit_reported; /* the caller has been told that the child has ended */
};

#ifdef __linux__
/* splice(2) with SPLICE_F_NONBLOCK never waits between pipes and files. On sockets and terminals it
 * does, and a file opened with O_APPEND refuses it. */
static bool can_splice(const struct flow *f) {
    enum fd_kind from = f->from->kind, to = fd_kind(f->to->fd);
    if (from != FD_NONBLOCKING && from != FD_PIPE && from != FD_FILE)
        return false;
    if (to == FD_FILE && (fcntl(f->to->fd, F_GETFL) & O_APPEND))
        return false;
    return to == FD_PIPE || to == FD_FILE;
}

static ssize_t splice_now(struct flow *f) {
    ssize_t r;
    do
        r = splice(f->from->fd, NULL, f->to->fd, NULL, SPLICE_SIZE,
                   SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
    while (r < 0 && errno == EINTR);
    return r < 0 ? -errno : r;
}

static ssize_t splice_once(struct flow *f) {
    struct sigpipe_guard guard;
    ssize_t r;
    if (!f->to->mask_sigpipe)
        return splice_now(f);
    fd_sigpipe_block(&guard);
    r = splice_now(f);
    fd_sigpipe_restore(&guard, r == -EPIPE);
    return r;
}

static void enlarge_pipes(struct flow *f) {
    f->enlarged = true;
    fd_enlarge_pipe(f->to->fd);
    fd_enlarge_pipe(f->from->fd);
}
#else
static bool can_splice(const struct flow *f) {
    (void)f;
    return false;
}
static ssize_t splice_once(struct flow *f) {
    (void)f;
    return -EINVAL;
}
static void enlarge_pipes(struct flow *f) {
    f->enlarged = true;
}
#endif

/* Accounts for bytes that the kernel moved past handle_recv() and handle_send(). */
static void count_spliced(struct flow *f, ssize_t taken) {
    if (f->from == &f->child->out)
        f->child->received += (uint64_t)taken;
    f->child->process.cputime.had_io = true;
}

/* How many buffered bytes can be passed on. A cooked terminal is sent whole lines only, so that
 * nothing of a line that turns out to be too long has been sent. */
static size_t sendable_bytes(const struct flow *f, bool *too_long) {
    const struct buffer *buf = &f->from->buf;
    size_t n = buffer_len(buf);
    *too_long = false;
    if (!f->child->is_cooked || f->to != &f->child->in)
        return n;
    n = pty_sendable_lines(buffer_data(buf), n, f->child->unfinished_len, too_long);
    return f->from->ended && !*too_long ? buffer_len(buf) : n;
}

static ssize_t read_source(struct flow *f) {
    const struct buffer *buf = &f->from->buf;
    bool from_host = f->to == &f->child->in;
    ssize_t r =
        from_host ? reader_fill(f->from, f->readable) : handle_recv(f->child, f->from, f->readable);
    f->readable = false;
    if (r <= 0)
        return r;
    if (f->child->relay_tap)
        f->child->relay_tap(f->child->relay_tap_data, !from_host,
                            buffer_data(buf) + buffer_len(buf) - r, (size_t)r);
    return r;
}

static ssize_t write_sink(struct flow *f, size_t n) {
    struct buffer *buf = &f->from->buf;
    ssize_t r = f->to == &f->child->in ? handle_send(f->child, buffer_data(buf), n)
                                       : writer_write(f->to, buffer_data(buf), n);
    if (r > 0)
        buffer_consume(buf, (size_t)r);
    return r;
}

/* Passes on what is buffered; reads more only when nothing is. */
static ssize_t copy_once(struct flow *f) {
    bool too_long;
    size_t n = sendable_bytes(f, &too_long);
    ssize_t r = 0;
    if (n == 0 && !too_long && !f->from->ended && (r = read_source(f)) >= 0)
        n = sendable_bytes(f, &too_long);
    if (n > 0)
        return write_sink(f, n);
    return too_long || r == -ENOBUFS ? -EMSGSIZE : r;
}

/* Returns the bytes moved; 0 if the source has ended and all of it is through; -EAGAIN; or another
 * negative errno. */
static ssize_t move_bytes(struct flow *f) {
    if (f->can_splice && !f->prefers_copy && buffer_len(&f->from->buf) == 0) {
        ssize_t r = splice_once(f);
        if (r > 0)
            count_spliced(f, r);
        if (r != -EINVAL && r != -ENOSYS)
            return r;
        f->can_splice = false; /* the file system does not support it */
    }
    return copy_once(f);
}

/* Ends a flow. Unless its source is at its end, stdout of the child stays readable, so that
 * dualpipe_close() can drain it: a child that is blocked writing would never exit. */
static void finish_flow(struct flow *f, bool at_end) {
    f->done = true;
    if (at_end || f->from != &f->child->out)
        f->from->ended = true;
}

/* Measures how fast the flow is, reading the clock once for RATE_SAMPLE_BYTES. Terminals never
 * count as fast: their buffer is too small to gather anything in. */
static void measure_rate(struct flow *f, size_t moved) {
    int64_t now;
    if ((f->burst_bytes += moved) < RATE_SAMPLE_BYTES)
        return;
    now = clock_now_ns();
    f->fast = now - f->burst_start_ns < FAST_SAMPLE_NS && f->from->kind != FD_PTY &&
              f->to->kind != FD_PTY;
    f->burst_bytes = 0;
    f->burst_start_ns = now;
}

/* A source of many small writes wakes us for each of them. In a fast stream a short delay gathers
 * them into larger pieces. A delay that gathers nothing is the last one. */
static void coalesce_delay(struct flow *f, size_t moved) {
    struct timespec t = {.tv_nsec = COALESCE_NS};
    if (moved < DRAINED_BELOW)
        f->fast = false;
    else
        ppoll(NULL, 0, &t, NULL);
}

/* Small messages are copied until larger ones come: the first splice from a shared pipe ends
 * reading it with RWF_NOWAIT. */
static bool prefers_copy(const struct flow *f, size_t moved) {
    return f->can_splice && !f->fast && moved < BULK_SIZE && reader_never_blocks(f->from);
}

/* Discards input that could not be passed on, so that its error is not mistaken for end of file. */
static void drop_input(struct reader *reader, int error) {
    buffer_consume(&reader->buf, buffer_len(&reader->buf));
    reader->error = error;
}

/* Returns 1 if bytes were moved, 0 if not, -EMSGSIZE if a line is too long for the child's
 * terminal, or another error of the sink or source. */
static int drive_flow(struct flow *f) {
    ssize_t r;
    if (f->done || f->source_drained)
        return 0;
    r = move_bytes(f);
    if (r == -EAGAIN)
        return 0;
    if (r == -EMSGSIZE && f->to == &f->child->in)
        return -EMSGSIZE;
    if (r < 0 && r != -EPIPE && r != -EBADF && f->to == &f->child->in)
        drop_input(f->from, (int)r);
    if (r <= 0) {
        finish_flow(f, r == 0);
        /* a read error of the source is not an end of file */
        return r < 0 ? (int)r : f->from->error;
    }
    f->source_drained = r < DRAINED_BELOW && !f->from->ended;
    f->prefers_copy = prefers_copy(f, (size_t)r);
    if (f->can_splice)
        f->readable = false;
    if (r >= BULK_SIZE && !f->enlarged)
        enlarge_pipes(f);
    measure_rate(f, (size_t)r);
    if (f->fast && r < COALESCE_BELOW)
        coalesce_delay(f, (size_t)r);
    return 1;
}

static void init_flow(struct flow *f, struct dualpipe *child, struct reader *from,
                      struct writer *to) {
    *f = (struct flow){.child = child, .from = from, .to = to};
    f->done = from->fd < 0 || to->fd < 0;
    f->can_splice = !f->done && !child->relay_tap && !from->quota && can_splice(f);
    f->prefers_copy = prefers_copy(f, 0);
}

void dualpipe_relay_tap(dualpipe *child, dualpipe_relay_callback *callback, void *data) {
    child->relay_tap = callback;
    child->relay_tap_data = data;
}

/* Closes stderr if it cannot be passed on, as for a program that is run with stderr closed. */
static void close_unread_stderr(dualpipe *child, const struct flow *f) {
    if (f->done)
        fd_close(&child->err.fd);
}

static int begin_relay(dualpipe *child, dualpipe *host) {
    struct relay *r = calloc(1, sizeof *r);
    if (!r)
        return -ENOMEM;
    init_flow(&r->flows[TO_CHILD], child, &host->out, &child->in);
    init_flow(&r->flows[FROM_STDOUT], child, &child->out, &host->in);
    init_flow(&r->flows[FROM_STDERR], child, &child->err, &host->host_err);
    close_unread_stderr(child, &r->flows[FROM_STDERR]);
    child->relay = r;
    return 0;
}

/* Closes stdin when the input has ended or the child takes no more. */
static void close_finished_stdin(dualpipe *child, struct flow *f) {
    if (f->done && child->in.fd >= 0)
        dualpipe_close_stdin(child);
}

/* Drives the flows in turn until one has moved something, beginning after the one that moved last:
 * after a request its reply is looked for first. Returns 1, 0, or why the output failed or the
 * input cannot be passed on. */
static int drive_flows(dualpipe *child, struct relay *r) {
    for (int i = 0; i < FLOW_COUNT; i++) {
        int flow = (r->next_flow + i) % FLOW_COUNT, moved = drive_flow(&r->flows[flow]);
        if (moved == -EMSGSIZE && flow == TO_CHILD)
            return moved;
        if (flow == TO_CHILD)
            close_finished_stdin(child, &r->flows[flow]);
        else if (flow == FROM_STDERR)
            close_unread_stderr(child, &r->flows[flow]);
        if (moved < 0 &&
            (flow == FROM_STDOUT || (flow == FROM_STDERR && r->flows[flow].from->error)))
            return moved; /* a stderr of the host that cannot be written is not an error */
        if (moved > 0) {
            r->next_flow = flow + 1;
            return 1;
        }
    }
    return 0;
}

enum { FDS_PER_FLOW = 2, EXIT_FDS = 2, MAX_EXTRA_ITEMS = 8 };
enum { MAX_FDS = FLOW_COUNT * FDS_PER_FLOW + EXIT_FDS + MAX_EXTRA_ITEMS };

/* Each flow polls its source, or, once there is something to move, its sink. The sink is always
 * polled for errors. */
static int flow_fds(const struct flow *f, struct pollfd *fds) {
    bool too_long, full = f->readable || sendable_bytes(f, &too_long) > 0;
    fds[0] = (struct pollfd){.fd = f->done || full ? -1 : f->from->fd, .events = POLLIN};
    fds[1] = (struct pollfd){.fd = f->done ? -1 : f->to->write_fd, .events = full ? POLLOUT : 0};
    return FDS_PER_FLOW;
}

static bool apply_flow_revents(dualpipe *child, struct flow *f, const struct pollfd *fds) {
    if (fds[0].revents)
        f->readable = true;
    if (fds[1].revents & POLLOUT && f->can_splice)
        f->readable = false; /* both sides are ready: the next move shows which one is not */
    if (fds[1].revents & (POLLERR | POLLHUP | POLLNVAL)) {
        finish_flow(f, false);
        if (f->to == &child->in)
            close_finished_stdin(child, f);
        else if (f->from == &child->err)
            close_unread_stderr(child, f);
        else
            return false;
    }
    return true;
}

/* Returns 1 if there may be something to move; 2 if the timeout has passed or `extra` has events;
 * -EPIPE if the output is closed. */
static int poll_flows(dualpipe *child, struct relay *r, struct dualpipe_pollitem *extra, int n,
                      int timeout_ms) {
    struct dualpipe_pollitem exit_item = {.dp = child, .events = DUALPIPE_POLL_EXIT};
    struct pollfd fds[MAX_FDS];
    int used = 0, exit_fds, ready;
    bool output_open = true;
    for (int i = 0; i < FLOW_COUNT; i++)
        used += flow_fds(&r->flows[i], fds + used);
    exit_fds = child->process.has_ended
                   ? 0
                   : dualpipe_pollfds(&exit_item, 1, fds + used, EXIT_FDS, &timeout_ms);
    used += exit_fds;
    used += dualpipe_pollfds(extra, n, fds + used, MAX_FDS - used, &timeout_ms);
    ready = poll(fds, (nfds_t)used, timeout_ms);
    if (ready < 0)
        return errno == EINTR ? 2 : -errno;
    for (int i = 0; i < FLOW_COUNT; i++)
        output_open =
            apply_flow_revents(child, &r->flows[i], fds + i * FDS_PER_FLOW) && output_open;
    dualpipe_step(&exit_item, 1, fds + FLOW_COUNT * FDS_PER_FLOW, exit_fds);
    exit_fds += FLOW_COUNT * FDS_PER_FLOW;
    if (dualpipe_step(extra, n, fds + exit_fds, used - exit_fds) > 0)
        return 2;
    return !output_open ? -EPIPE : ready == 0 ? 2 : 1;
}

/* Nothing has moved: the sources that seemed empty may have more by now. */
static void clear_drained(struct relay *r) {
    for (int i = 0; i < FLOW_COUNT; i++)
        r->flows[i].source_drained = false;
}

static bool is_finished(const dualpipe *child, const struct relay *r) {
    return child->process.has_ended && r->flows[FROM_STDOUT].done && r->flows[FROM_STDERR].done;
}

/* Does all that can be done without waiting. Returns 1 if something moved, 0 if not, -EAGAIN if the
 * relay is finished, 2 if the exit of the child is to be reported, or another error if the output
 * failed. */
static int relay_without_wait(dualpipe *child, struct relay *r) {
    int moved = drive_flows(child, r);
    if (moved != 0)
        return moved;
    if (is_finished(child, r))
        return -EAGAIN;
    if (child->process.has_ended && !r->exit_reported) {
        r->exit_reported = true;
        return 2;
    }
    clear_drained(r);
    return 0;
}

int dualpipe_relay(dualpipe *child, dualpipe *host, struct dualpipe_pollitem *extra, int n,
                   int timeout_ms) {
    struct spin_wait wait;
    int r;
    if (!child->relay && (r = begin_relay(child, host)) < 0)
        return r;
    if (n > MAX_EXTRA_ITEMS)
        return -EINVAL;
    process_check_cputime(&child->process, child->grace);
    if ((r = relay_without_wait(child, child->relay)) != 0)
        return r == -EAGAIN ? 0 : r;
    spin_begin(&wait, &child->spin);
    while (timeout_ms != 0 && r == 0 && spin_once(&wait, &child->spin))
        r = relay_without_wait(child, child->relay);
    if (r == 0)
        r = poll_flows(child, child->relay, extra, n, timeout_ms);
    spin_end(&wait, &child->spin);
    return r == -EAGAIN ? 0 : r;
}
