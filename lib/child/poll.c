/* poll.c: the poll set: what each handle waits for, the wait, and what it found. */
#include "child/handle.h"
#include "base/clock.h"
#include <errno.h>
#include <stdlib.h>

enum { STREAMS = DUALPIPE_IN | DUALPIPE_ERR, MOST_FDS = 64, SLICE_MS = 10 };

/* One entry of the poll set, and the event it stands for. */
struct slot {
    int fd;
    short events, means;
};

static void take(struct dualpipe_event *e, struct inlet *i, short means, bool ready) {
    ssize_t r = channel_take(e->dp, i, ready);
    if (r != -EAGAIN && r != -ENOBUFS)
        e->has |= means;
}

/* What is known, or can be had, without asking the kernel to wait. A child's errors are not asked
 * for each time that its answer is: poll(2) tells of them. */
static int sweep(struct dualpipe_event *events, int n, bool errors) {
    int found = 0;
    for (int i = 0; i < n; i++) {
        struct dualpipe_event *e = &events[i];
        if (!e->dp)
            continue;
        if (e->wants & DUALPIPE_IN && inlet_never_waits(&e->dp->out))
            take(e, &e->dp->out, DUALPIPE_IN, false);
        if (e->wants & DUALPIPE_ERR && (errors || !(e->wants & DUALPIPE_IN)) &&
            inlet_never_waits(&e->dp->err))
            take(e, &e->dp->err, DUALPIPE_ERR, false);
        if (e->wants & DUALPIPE_ENDED && e->dp->process.ended)
            e->has |= DUALPIPE_ENDED;
        found += e->has != 0;
    }
    return found;
}

static int slots_of_fd(const struct dualpipe_event *e, struct slot *s) {
    int events = (e->wants & DUALPIPE_IN ? POLLIN : 0) | (e->wants & DUALPIPE_OUT ? POLLOUT : 0);
    s[0] = (struct slot){e->fd, (short)events, e->wants};
    return 1;
}

static int slots_of(const struct dualpipe_event *e, struct slot *s) {
    const struct dualpipe *dp = e->dp;
    int n = 0;
    if (!dp)
        return slots_of_fd(e, s);
    if (dp->ends > 0)
        s[n++] = (struct slot){dp->in.write_fd, POLLOUT, 0};
    else if (e->wants & (DUALPIPE_OUT | DUALPIPE_GONE) && dp->in.fd >= 0)
        s[n++] = (struct slot){dp->in.write_fd, e->wants & DUALPIPE_OUT ? POLLOUT : 0,
                               e->wants & (DUALPIPE_OUT | DUALPIPE_GONE)};
    if (e->wants & DUALPIPE_IN && inlet_wants(&dp->out))
        s[n++] = (struct slot){dp->out.fd, POLLIN, DUALPIPE_IN};
    if (e->wants & DUALPIPE_ERR && inlet_wants(&dp->err))
        s[n++] = (struct slot){dp->err.fd, POLLIN, DUALPIPE_ERR};
    if (dp->process.pidfd >= 0 && !dp->process.ended &&
        (e->wants & DUALPIPE_ENDED || dp->process.stopping))
        s[n++] = (struct slot){dp->process.pidfd, POLLIN, DUALPIPE_ENDED};
    return n;
}

/* When something is due though nothing comes: a SIGKILL, a look at the time that it uses, or
 * one where no pidfd tells. */
static int due(const struct dualpipe_event *e) {
    struct process *p = &e->dp->process;
    bool blind = p->pid && !p->ended && p->pidfd < 0 && (e->wants & DUALPIPE_ENDED || p->stopping);
    int64_t look_at = p->ended ? CLOCK_NEVER : meter_due(&p->meter);
    int left = clock_left(look_at < p->kill_at ? look_at : p->kill_at);
    if (e->wants & DUALPIPE_ENDED && p->ended)
        return 0;
    return blind && (left < 0 || left > SLICE_MS) ? SLICE_MS : left;
}

int dualpipe_pollfds(const struct dualpipe_event *events, int n, struct pollfd *fds, int nfds,
                     int *limit) {
    struct slot s[4];
    int used = 0;
    for (int i = 0; i < n; i++) {
        int left, more = slots_of(&events[i], s);
        for (int k = 0; k < more; k++, used++)
            if (used < nfds)
                fds[used] = (struct pollfd){.fd = s[k].fd, .events = s[k].events};
        left = events[i].dp ? due(&events[i]) : -1;
        if (left >= 0 && (*limit < 0 || left < *limit))
            *limit = left;
    }
    return used;
}

static void note_ready(struct dualpipe_event *e, const struct slot *s, short revents) {
    if (!e->dp && revents & (POLLIN | POLLHUP | POLLERR | POLLNVAL) && s->means & DUALPIPE_IN)
        e->has |= DUALPIPE_IN;
    else if (s->means == DUALPIPE_IN && revents)
        take(e, &e->dp->out, DUALPIPE_IN, true);
    else if (s->means == DUALPIPE_ERR && revents)
        take(e, &e->dp->err, DUALPIPE_ERR, true);
    if (s->means & DUALPIPE_OUT && revents & POLLOUT)
        e->has |= DUALPIPE_OUT;
    if (s->means & (DUALPIPE_OUT | DUALPIPE_GONE) && revents & (POLLERR | POLLHUP | POLLNVAL))
        e->has |= DUALPIPE_GONE;
}

static void look_after_process(struct dualpipe_event *e) {
    struct process *p = &e->dp->process;
    if (p->stopping)
        process_tick(p);
    if (e->wants & DUALPIPE_ENDED && (p->ended || process_check(p)))
        e->has |= DUALPIPE_ENDED;
    else if (p->stopping)
        process_check(p);
}

int dualpipe_step(struct dualpipe_event *events, int n, const struct pollfd *fds, int nfds) {
    struct slot s[4];
    int used = 0, found = 0;
    for (int i = 0; i < n; i++) {
        struct dualpipe_event *e = &events[i];
        int more = slots_of(e, s);
        bool ended = false;
        e->has = 0;
        for (int k = 0; k < more && used < nfds; k++, used++) {
            if (s[k].means == DUALPIPE_ENDED)
                ended = fds[used].revents != 0;
            else if (fds[used].revents)
                note_ready(e, &s[k], fds[used].revents);
        }
        if (e->dp && e->dp->ends > 0)
            channel_tick(e->dp);
        if (e->dp)
            process_look(&e->dp->process, e->dp->grace);
        if (e->dp && (ended || e->dp->process.ended || e->dp->process.stopping ||
                      e->dp->process.pidfd < 0))
            look_after_process(e);
        found += e->has != 0;
    }
    return found;
}

/* Whose answer is waited for: the first child's, and nothing that has to be written. */
static struct pace *find_pace(const struct dualpipe_event *events, int n) {
    for (int i = 0; i < n; i++) {
        const struct dualpipe_event *e = &events[i];
        if (e->dp && e->wants & DUALPIPE_IN && !(e->wants & DUALPIPE_OUT) &&
            inlet_never_waits(&e->dp->out))
            return &e->dp->pace;
    }
    return NULL;
}

static int sleep_for(struct dualpipe_event *events, int n, int limit) {
    struct pollfd some[MOST_FDS], *fds = some;
    int64_t until = clock_after(limit);
    int found = 0, nfds = MOST_FDS;
    if (4 * n > MOST_FDS) {
        nfds = 4 * n;
        if (!(fds = malloc((size_t)nfds * sizeof *fds)))
            return -ENOMEM;
    }
    do {
        int left = clock_left(until), used = dualpipe_pollfds(events, n, fds, nfds, &left);
        int ready = poll(fds, (nfds_t)used, left);
        if (ready < 0 && errno != EINTR)
            found = -errno;
        else
            found = dualpipe_step(events, n, fds, ready < 0 ? 0 : used);
    } while (found == 0 && clock_left(until) != 0);
    if (fds != some)
        free(fds);
    return found;
}

/* Whether there is anything to ask that a read of ours has not answered already. */
static bool is_swept(const struct dualpipe_event *events, int n) {
    for (int i = 0; i < n; i++)
        if (!events[i].dp || events[i].wants & ~STREAMS || channel_is_hosts(events[i].dp) ||
            events[i].dp->process.stopping)
            return false;
    return true;
}

/* A flood must not keep waiting what is due. */
static void hurry(struct dualpipe *dp) {
    if (dp->ends > 0)
        channel_tick(dp);
    if (dp->process.stopping)
        process_tick(&dp->process);
    process_look(&dp->process, dp->grace);
}

int dualpipe_poll(struct dualpipe_event *events, int n, int limit) {
    struct pace *pace;
    struct wait wait;
    int found;
    for (int i = 0; i < n; i++) {
        events[i].has = 0;
        if (events[i].dp)
            hurry(events[i].dp);
    }
    if ((found = sweep(events, n, limit == 0)) > 0)
        return found;
    if (limit == 0)
        return is_swept(events, n) ? 0 : sleep_for(events, n, 0);
    if (!(pace = find_pace(events, n)))
        return sleep_for(events, n, limit);
    wait_begin(&wait, pace);
    while (wait_yield(&wait, pace) && (found = sweep(events, n, false)) == 0)
        ;
    if (found == 0)
        found = sleep_for(events, n, limit);
    wait_end(&wait, pace);
    return found;
}
