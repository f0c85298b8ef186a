/* The copy relays: a child behind two pipes, 64 KiB at a time both ways, as plain C does it;
 * one waits in poll, the other yields and tries again for 20 microseconds first. */
#define _GNU_SOURCE
#include "bench.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <unistd.h>

struct flow {
    int from, to; /* -1: gone */
    size_t start, end;
    char bytes[BLOCK];
};

static bool flow_done(const struct flow *flow)
{
    return flow->from < 0 && flow->start == flow->end;
}

static bool flow_read(struct flow *flow)
{
    ssize_t n = read(flow->from, flow->bytes, sizeof flow->bytes);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (n < 0)
        fail("read");
    if (n == 0)
        flow->from = -1;
    flow->start = 0;
    flow->end = (size_t)n;
    return true;
}

static bool flow_write(struct flow *flow)
{
    ssize_t n = write(flow->to, flow->bytes + flow->start, flow->end - flow->start);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (n < 0 && errno != EPIPE)
        fail("write");
    if (n < 0) {
        flow->from = -1;
        flow->start = flow->end;
    } else {
        flow->start += (size_t)n;
    }
    return true;
}

/* One read if the block is empty, one write if it is not; whether anything moved. */
static bool flow_step(struct flow *flow)
{
    bool moved = false;

    if (flow->start == flow->end && flow->from >= 0)
        moved = flow_read(flow);
    if (flow->start < flow->end)
        moved |= flow_write(flow);
    return moved;
}

static struct pollfd flow_wanted(const struct flow *flow)
{
    if (flow->start < flow->end)
        return (struct pollfd){.fd = flow->to, .events = POLLOUT};
    return (struct pollfd){.fd = flow->from, .events = POLLIN};
}

static void flows_wait(struct flow *const flows[2], bool ready[2])
{
    struct pollfd wanted[2] = {flow_wanted(flows[0]), flow_wanted(flows[1])};

    while (poll(wanted, 2, -1) < 0)
        if (errno != EINTR)
            fail("poll");
    ready[0] = wanted[0].revents;
    ready[1] = wanted[1].revents;
}

static void close_when_done(struct flow *flow)
{
    if (flow_done(flow) && flow->to >= 0) {
        close(flow->to);
        flow->to = -1;
    }
}

static int relay(char **argv, bool yields)
{
    static struct flow there, back;
    struct flow *const flows[2] = {&there, &back};
    struct child child = exec_start(argv);
    bool ready[2] = {false, false};
    long long idle_since = 0;

    signal(SIGPIPE, SIG_IGN);
    there.to = child.in;
    back.from = child.out;
    back.to = 1;
    for (int fd = 0; fd < 2; fd++)
        set_nonblocking(fd);
    set_nonblocking(child.in);
    set_nonblocking(child.out);
    while (!flow_done(&back)) {
        bool moved = false;
        for (int i = 0; i < 2; i++)
            if (yields || ready[i])
                moved |= flow_step(flows[i]);
        close_when_done(&there);
        if (moved && yields) {
            idle_since = 0;
            continue;
        }
        if (yields && !idle_since)
            idle_since = nanoseconds();
        if (yields && nanoseconds() - idle_since < SPIN_NS)
            sched_yield();
        else if (!flow_done(&back))
            flows_wait(flows, ready);
    }
    return child_wait(&child);
}

int verb_relay_copy(char **argv)
{
    return relay(argv, false);
}

int verb_relay_yield(char **argv)
{
    return relay(argv, true);
}
