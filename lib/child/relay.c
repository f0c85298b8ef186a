/* relay.c: the raw two-way pump: bytes both ways as they come, moved by the kernel where it
 * can, else through one buffer each way. */
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
    BULK_BYTES = 32768,       /* a move this large asks for larger pipes */
    SMALL_BYTES = 262144,     /* a move smaller than this, in a fast stream, is worth a nap */
    SHORT_BYTES = 4096,       /* and one smaller than this took all that was there */
    FAST_BYTES = 1 << 18,     /* in FAST_NS */
    FAST_NS = 1000000,
    NAP_NS = 100000,
};

/* One direction. */
struct flow {
    struct dualpipe *child;
    struct inlet *from;
    struct outlet *to;
    bool splices;  /* it can */
    bool copies;   /* but the messages are small, and a write wakes its reader sooner */
    bool large, readable, done;
    bool drained; /* a short move a moment ago left nothing in its source */
    bool fast;
    size_t burst; /* moved since burst_from */
    int64_t burst_from;
};

enum { TO_CHILD, FROM_CHILD, ERRORS, FLOWS };

struct relay {
    struct flow flows[FLOWS];
    int next;  /* to be driven */
    bool told; /* that the child has ended */
};

void relay_free(struct relay *r) {
    free(r);
}

#ifdef __linux__
/* splice(2) with SPLICE_F_NONBLOCK never waits between pipes and files; on sockets and terminals
 * it does, and what is opened to append refuses it. */
static bool can_splice(const struct flow *f) {
    enum fd_kind from = f->from->kind, to = fd_kind(f->to->fd);
    if (from != FD_OWN && from != FD_PIPE && from != FD_FILE)
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
    sigpipe_hold(&guard);
    r = splice_now(f);
    sigpipe_release(&guard, r == -EPIPE);
    return r;
}

static void enlarge(struct flow *f) {
    f->large = true;
    fd_enlarge(f->to->fd);
    fd_enlarge(f->from->fd);
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
static void enlarge(struct flow *f) {
    f->large = true;
}
#endif

/* What is moved past us. */
static void count(struct flow *f, ssize_t taken) {
    if (f->from == &f->child->out)
        f->child->received += (uint64_t)taken;
    f->child->process.meter.stirred = true;
}

/* How much can be passed on. To a terminal of lines those that are whole: it gives the child no
 * other, and so nothing has gone of one that turns out to be too long. */
static size_t passable(const struct flow *f, bool *too_long) {
    const struct buffer *held = &f->from->held;
    size_t n = buffer_held(held);
    *too_long = false;
    if (!f->child->cooked || f->to != &f->child->in)
        return n;
    n = terminal_lines(buffer_data(held), n, f->child->line, too_long);
    return f->from->ended && !*too_long ? buffer_held(held) : n;
}

static ssize_t take_in(struct flow *f) {
    const struct buffer *held = &f->from->held;
    bool hosts = f->to == &f->child->in;
    ssize_t r = hosts ? inlet_take(f->from, f->readable)
                      : channel_take(f->child, f->from, f->readable);
    f->readable = false;
    if (r <= 0)
        return r;
    if (f->child->seen)
        f->child->seen(f->child->seen_data, !hosts,
                       buffer_data(held) + buffer_held(held) - r, (size_t)r);
    return r;
}

static ssize_t pass_on(struct flow *f, size_t n) {
    struct buffer *held = &f->from->held;
    ssize_t r = f->to == &f->child->in ? channel_send(f->child, buffer_data(held), n)
                                       : outlet_write(f->to, buffer_data(held), n);
    if (r > 0)
        buffer_consume(held, (size_t)r);
    return r;
}

/* More is taken in when all that can be passed on has been. */
static ssize_t copy_once(struct flow *f) {
    bool too_long;
    size_t n = passable(f, &too_long);
    ssize_t r = 0;
    if (n == 0 && !too_long && !f->from->ended && (r = take_in(f)) >= 0)
        n = passable(f, &too_long);
    if (n > 0)
        return pass_on(f, n);
    return too_long || r == -ENOBUFS ? -EMSGSIZE : r;
}

/* > 0 moved, 0: the source has ended and all of it is through, -EAGAIN, or another errno. */
static ssize_t move(struct flow *f) {
    if (f->splices && !f->copies && buffer_held(&f->from->held) == 0) {
        ssize_t r = splice_once(f);
        if (r > 0)
            count(f, r);
        if (r != -EINVAL && r != -ENOSYS)
            return r;
        f->splices = false; /* a file system that knows no splice */
    }
    return copy_once(f);
}

/* What a child still says to nobody is for who stops it to drop, or it would be stuck. */
static void finish_flow(struct flow *f, bool at_end) {
    f->done = true;
    if (at_end || f->from != &f->child->out)
        f->from->ended = true;
}

/* How fast it flows, but through a terminal, which holds too little to gather in; the clock is
 * read for every so many bytes, not for each message. */
static void measure(struct flow *f, size_t moved) {
    int64_t now;
    if ((f->burst += moved) < FAST_BYTES)
        return;
    now = clock_ns();
    f->fast = now - f->burst_from < FAST_NS && f->from->kind != FD_PTY && f->to->kind != FD_PTY;
    f->burst = 0;
    f->burst_from = now;
}

/* A source of many small writes wakes us for each. While bytes flow fast a short nap gathers
 * them: fewer wake-ups, and larger pieces for the reader. One that gathers nothing is the last. */
static void nap(struct flow *f, size_t moved) {
    struct timespec t = {.tv_nsec = NAP_NS};
    if (moved < SHORT_BYTES)
        f->fast = false;
    else
        ppoll(NULL, 0, &t, NULL);
}

/* Small messages are, until larger ones come: the first splice takes from a pipe of somebody's
 * that it can be read without waiting. */
static bool is_for_copying(const struct flow *f, size_t moved) {
    return f->splices && !f->fast && moved < BULK_BYTES && inlet_never_waits(f->from);
}

/* Not all of it could be passed on: it is not taken for its end. */
static void lose_input(struct inlet *i, int error) {
    buffer_consume(&i->held, buffer_held(&i->held));
    i->error = error;
}

/* 1 moved, 0 not now, or an error of the outlet; -EMSGSIZE: a line is too long for the child. */
static int drive(struct flow *f) {
    ssize_t r;
    if (f->done || f->drained)
        return 0;
    r = move(f);
    if (r == -EAGAIN)
        return 0;
    if (r == -EMSGSIZE && f->to == &f->child->in)
        return -EMSGSIZE;
    if (r < 0 && r != -EPIPE && r != -EBADF && f->to == &f->child->in)
        lose_input(f->from, (int)r);
    if (r <= 0) {
        finish_flow(f, r == 0);
        return r < 0 ? (int)r : f->from->error; /* what can't be taken in is no end of file */
    }
    f->drained = r < SHORT_BYTES && !f->from->ended;
    f->copies = is_for_copying(f, (size_t)r);
    if (f->splices)
        f->readable = false;
    if (r >= BULK_BYTES && !f->large)
        enlarge(f);
    measure(f, (size_t)r);
    if (f->fast && r < SMALL_BYTES)
        nap(f, (size_t)r);
    return 1;
}

static void init_flow(struct flow *f, struct dualpipe *child, struct inlet *from,
                      struct outlet *to) {
    *f = (struct flow){.child = child, .from = from, .to = to};
    f->done = from->fd < 0 || to->fd < 0;
    f->splices = !f->done && !child->seen && !from->allowance && can_splice(f);
    f->copies = is_for_copying(f, 0);
}

void dualpipe_watch(dualpipe *child, dualpipe_watcher *seen, void *data) {
    child->seen = seen;
    child->seen_data = data;
}

/* Nobody takes its errors: as with a program whose stderr is closed. */
static void settle_errors(dualpipe *child, const struct flow *f) {
    if (f->done)
        fd_close(&child->err.fd);
}

static int begin(dualpipe *child, dualpipe *host) {
    struct relay *r = calloc(1, sizeof *r);
    if (!r)
        return -ENOMEM;
    init_flow(&r->flows[TO_CHILD], child, &host->out, &child->in);
    init_flow(&r->flows[FROM_CHILD], child, &child->out, &host->in);
    init_flow(&r->flows[ERRORS], child, &child->err, &host->err_to);
    settle_errors(child, &r->flows[ERRORS]);
    child->relay = r;
    return 0;
}

/* The child's input ends, or it takes none: that side is closed for good. */
static void settle_input(dualpipe *child, struct flow *f) {
    if (f->done && child->in.fd >= 0)
        dualpipe_end(child);
}

/* Drives the flows from where the last round left off, until one has moved something: a reply
 * is looked for first on the side that was not just heard. 1, 0, or why the output failed or
 * the input can't be passed on. */
static int pump(dualpipe *child, struct relay *r) {
    for (int i = 0; i < FLOWS; i++) {
        int flow = (r->next + i) % FLOWS, moved = drive(&r->flows[flow]);
        if (moved == -EMSGSIZE && flow == TO_CHILD)
            return moved;
        if (flow == TO_CHILD)
            settle_input(child, &r->flows[flow]);
        else if (flow == ERRORS)
            settle_errors(child, &r->flows[flow]);
        if (moved < 0 && (flow == FROM_CHILD || (flow == ERRORS && r->flows[flow].from->error)))
            return moved; /* a stderr of ours that nobody takes is no failure */
        if (moved > 0) {
            r->next = flow + 1;
            return 1;
        }
    }
    return 0;
}

enum { FDS_OF_FLOW = 2, OF_END = 2, MOST_MORE = 8 };
enum { MOST = FLOWS * FDS_OF_FLOW + OF_END + MOST_MORE };

/* A flow waits for its source, then for room; the side not waited for tells of its end only. */
static int flow_fds(const struct flow *f, struct pollfd *fds) {
    bool too_long, full = f->readable || passable(f, &too_long) > 0;
    fds[0] = (struct pollfd){.fd = f->done || full ? -1 : f->from->fd, .events = POLLIN};
    fds[1] = (struct pollfd){.fd = f->done ? -1 : f->to->write_fd, .events = full ? POLLOUT : 0};
    return FDS_OF_FLOW;
}

static bool note_flow(dualpipe *child, struct flow *f, const struct pollfd *fds) {
    if (fds[0].revents)
        f->readable = true;
    if (fds[1].revents & POLLOUT && f->splices)
        f->readable = false; /* both sides are ready: what is missing shows at the next move */
    if (fds[1].revents & (POLLERR | POLLHUP | POLLNVAL)) {
        finish_flow(f, false);
        if (f->to == &child->in)
            settle_input(child, f);
        else if (f->from == &child->err)
            settle_errors(child, f);
        else
            return false;
    }
    return true;
}

/* 1 there may be something to move, 2 limit passed or *more has something, -EPIPE. */
static int wait_for_work(dualpipe *child, struct relay *r, struct dualpipe_event *more, int n,
                         int limit) {
    struct dualpipe_event end = {.dp = child, .wants = DUALPIPE_ENDED};
    struct pollfd fds[MOST];
    int used = 0, of_end, ready;
    bool open = true;
    for (int i = 0; i < FLOWS; i++)
        used += flow_fds(&r->flows[i], fds + used);
    of_end = child->process.ended ? 0 : dualpipe_pollfds(&end, 1, fds + used, OF_END, &limit);
    used += of_end;
    used += dualpipe_pollfds(more, n, fds + used, MOST - used, &limit);
    ready = poll(fds, (nfds_t)used, limit);
    if (ready < 0)
        return errno == EINTR ? 2 : -errno;
    for (int i = 0; i < FLOWS; i++)
        open = note_flow(child, &r->flows[i], fds + i * FDS_OF_FLOW) && open;
    dualpipe_step(&end, 1, fds + FLOWS * FDS_OF_FLOW, of_end);
    of_end += FLOWS * FDS_OF_FLOW;
    if (dualpipe_step(more, n, fds + of_end, used - of_end) > 0)
        return 2;
    return !open ? -EPIPE : ready == 0 ? 2 : 1;
}

/* Nothing moved: what was drained may have filled. */
static void look_again(struct relay *r) {
    for (int i = 0; i < FLOWS; i++)
        r->flows[i].drained = false;
}

static bool over(const dualpipe *child, const struct relay *r) {
    return child->process.ended && r->flows[FROM_CHILD].done && r->flows[ERRORS].done;
}

/* What can be done without waiting: 1 something moved, 0 nothing; -EAGAIN: all is over; 2: the
 * child's end is news; another error: the output failed. */
static int move_on(dualpipe *child, struct relay *r) {
    int moved = pump(child, r);
    if (moved != 0)
        return moved;
    if (over(child, r))
        return -EAGAIN;
    if (child->process.ended && !r->told) {
        r->told = true;
        return 2;
    }
    look_again(r);
    return 0;
}

int dualpipe_relay(dualpipe *child, dualpipe *host, struct dualpipe_event *more, int n,
                   int limit) {
    struct wait wait;
    int r;
    if (!child->relay && (r = begin(child, host)) < 0)
        return r;
    if (n > MOST_MORE)
        return -EINVAL;
    process_look(&child->process, child->grace);
    if ((r = move_on(child, child->relay)) != 0)
        return r == -EAGAIN ? 0 : r;
    wait_begin(&wait, &child->pace);
    while (limit != 0 && r == 0 && wait_yield(&wait, &child->pace))
        r = move_on(child, child->relay);
    if (r == 0)
        r = wait_for_work(child, child->relay, more, n, limit);
    wait_end(&wait, &child->pace);
    return r == -EAGAIN ? 0 : r;
}
