/* poll.c: the poll set: what each handle waits for, the wait, and what it found. */
#include "child/handle.h"
#include "base/clock.h"
#include <errno.h>
#include <stdlib.h>

enum { STREAMS = DUALPIPE_POLL_STDOUT | DUALPIPE_POLL_STDERR, MOST_FDS = 64, SLICE_MS = 10 };

/* One entry of the poll set, and the event it stands for. */
struct poll_slot {
    int fd;
    short events, reports;
};

static void recv_stream(struct dualpipe_pollitem *e, struct reader *reader, short means,
                        bool ready) {
    ssize_t r = handle_recv(e->dp, reader, ready);
    if (r != -EAGAIN && r != -ENOBUFS)
        e->revents |= means;
}

/* What is known, or can be had, without asking the kernel to wait. A child's errors are not asked
 * for each time that its answer is: poll(2) tells of them. */
static int read_without_poll(struct dualpipe_pollitem *events, int n, bool errors) {
    int found = 0;
    for (int i = 0; i < n; i++) {
        struct dualpipe_pollitem *e = &events[i];
        if (!e->dp)
            continue;
        if (e->events & DUALPIPE_POLL_STDOUT && reader_never_blocks(&e->dp->out))
            recv_stream(e, &e->dp->out, DUALPIPE_POLL_STDOUT, false);
        if (e->events & DUALPIPE_POLL_STDERR && (errors || !(e->events & DUALPIPE_POLL_STDOUT)) &&
            reader_never_blocks(&e->dp->err))
            recv_stream(e, &e->dp->err, DUALPIPE_POLL_STDERR, false);
        if (e->events & DUALPIPE_POLL_EXIT && e->dp->process.has_ended)
            e->revents |= DUALPIPE_POLL_EXIT;
        found += e->revents != 0;
    }
    return found;
}

static int fd_slots(const struct dualpipe_pollitem *e, struct poll_slot *s) {
    int events = (e->events & DUALPIPE_POLL_STDOUT ? POLLIN : 0) |
                 (e->events & DUALPIPE_POLL_STDIN ? POLLOUT : 0);
    s[0] = (struct poll_slot){e->fd, (short)events, e->events};
    return 1;
}

static int item_slots(const struct dualpipe_pollitem *e, struct poll_slot *s) {
    const struct dualpipe *dp = e->dp;
    int n = 0;
    if (!dp)
        return fd_slots(e, s);
    if (dp->eof_chars_due > 0)
        s[n++] = (struct poll_slot){dp->in.write_fd, POLLOUT, 0};
    else if (e->events & (DUALPIPE_POLL_STDIN | DUALPIPE_POLL_HUP) && dp->in.fd >= 0)
        s[n++] = (struct poll_slot){dp->in.write_fd, e->events & DUALPIPE_POLL_STDIN ? POLLOUT : 0,
                               e->events & (DUALPIPE_POLL_STDIN | DUALPIPE_POLL_HUP)};
    if (e->events & DUALPIPE_POLL_STDOUT && reader_wants_input(&dp->out))
        s[n++] = (struct poll_slot){dp->out.fd, POLLIN, DUALPIPE_POLL_STDOUT};
    if (e->events & DUALPIPE_POLL_STDERR && reader_wants_input(&dp->err))
        s[n++] = (struct poll_slot){dp->err.fd, POLLIN, DUALPIPE_POLL_STDERR};
    if (dp->process.exit_fd >= 0 && !dp->process.has_ended &&
        (e->events & DUALPIPE_POLL_EXIT || dp->process.is_stopping))
        s[n++] = (struct poll_slot){dp->process.exit_fd, POLLIN, DUALPIPE_POLL_EXIT};
    return n;
}

/* When something is due though nothing comes: a SIGKILL, a look at the time that it uses, or
 * one where no pidfd tells. */
static int next_due_ms(const struct dualpipe_pollitem *e) {
    struct process *p = &e->dp->process;
    bool blind = p->pid && !p->has_ended && p->exit_fd < 0 &&
                 (e->events & DUALPIPE_POLL_EXIT || p->is_stopping);
    int64_t look_at = p->has_ended ? CLOCK_NEVER : cputime_next_check(&p->cputime);
    int left = clock_remaining_ms(look_at < p->kill_deadline ? look_at : p->kill_deadline);
    if (e->events & DUALPIPE_POLL_EXIT && p->has_ended)
        return 0;
    return blind && (left < 0 || left > SLICE_MS) ? SLICE_MS : left;
}

int dualpipe_pollfds(const struct dualpipe_pollitem *events, int n, struct pollfd *fds, int nfds,
                     int *limit) {
    struct poll_slot s[4];
    int used = 0;
    for (int i = 0; i < n; i++) {
        int left, more = item_slots(&events[i], s);
        for (int k = 0; k < more; k++, used++)
            if (used < nfds)
                fds[used] = (struct pollfd){.fd = s[k].fd, .events = s[k].events};
        left = events[i].dp ? next_due_ms(&events[i]) : -1;
        if (left >= 0 && (*limit < 0 || left < *limit))
            *limit = left;
    }
    return used;
}

static void apply_revents(struct dualpipe_pollitem *e, const struct poll_slot *s, short revents) {
    if (!e->dp && revents & (POLLIN | POLLHUP | POLLERR | POLLNVAL) &&
        s->reports & DUALPIPE_POLL_STDOUT)
        e->revents |= DUALPIPE_POLL_STDOUT;
    else if (s->reports == DUALPIPE_POLL_STDOUT && revents)
        recv_stream(e, &e->dp->out, DUALPIPE_POLL_STDOUT, true);
    else if (s->reports == DUALPIPE_POLL_STDERR && revents)
        recv_stream(e, &e->dp->err, DUALPIPE_POLL_STDERR, true);
    if (s->reports & DUALPIPE_POLL_STDIN && revents & POLLOUT)
        e->revents |= DUALPIPE_POLL_STDIN;
    if (s->reports & (DUALPIPE_POLL_STDIN | DUALPIPE_POLL_HUP) &&
        revents & (POLLERR | POLLHUP | POLLNVAL))
        e->revents |= DUALPIPE_POLL_HUP;
}

static void check_process(struct dualpipe_pollitem *e) {
    struct process *p = &e->dp->process;
    if (p->is_stopping)
        process_kill_if_due(p);
    if (e->events & DUALPIPE_POLL_EXIT && (p->has_ended || process_poll_exit(p)))
        e->revents |= DUALPIPE_POLL_EXIT;
    else if (p->is_stopping)
        process_poll_exit(p);
}

int dualpipe_step(struct dualpipe_pollitem *events, int n, const struct pollfd *fds, int nfds) {
    struct poll_slot s[4];
    int used = 0, found = 0;
    for (int i = 0; i < n; i++) {
        struct dualpipe_pollitem *e = &events[i];
        int more = item_slots(e, s);
        bool ended = false;
        e->revents = 0;
        for (int k = 0; k < more && used < nfds; k++, used++) {
            if (s[k].reports == DUALPIPE_POLL_EXIT)
                ended = fds[used].revents != 0;
            else if (fds[used].revents)
                apply_revents(e, &s[k], fds[used].revents);
        }
        if (e->dp && e->dp->eof_chars_due > 0)
            handle_send_eof(e->dp);
        if (e->dp)
            process_check_cputime(&e->dp->process, e->dp->grace);
        if (e->dp && (ended || e->dp->process.has_ended || e->dp->process.is_stopping ||
                      e->dp->process.exit_fd < 0))
            check_process(e);
        found += e->revents != 0;
    }
    return found;
}

/* Whose answer is waited for: the first child's, and nothing that has to be written. */
static struct spin *spin_for(const struct dualpipe_pollitem *events, int n) {
    for (int i = 0; i < n; i++) {
        const struct dualpipe_pollitem *e = &events[i];
        if (e->dp && e->events & DUALPIPE_POLL_STDOUT && !(e->events & DUALPIPE_POLL_STDIN) &&
            reader_never_blocks(&e->dp->out))
            return &e->dp->spin;
    }
    return NULL;
}

static int poll_until(struct dualpipe_pollitem *events, int n, int limit) {
    struct pollfd some[MOST_FDS], *fds = some;
    int64_t until = clock_deadline(limit);
    int found = 0, nfds = MOST_FDS;
    if (4 * n > MOST_FDS) {
        nfds = 4 * n;
        if (!(fds = malloc((size_t)nfds * sizeof *fds)))
            return -ENOMEM;
    }
    do {
        int left = clock_remaining_ms(until), used = dualpipe_pollfds(events, n, fds, nfds, &left);
        int ready = poll(fds, (nfds_t)used, left);
        if (ready < 0 && errno != EINTR)
            found = -errno;
        else
            found = dualpipe_step(events, n, fds, ready < 0 ? 0 : used);
    } while (found == 0 && clock_remaining_ms(until) != 0);
    if (fds != some)
        free(fds);
    return found;
}

/* Whether there is anything to ask that a read of ours has not answered already. */
static bool reads_tell_all(const struct dualpipe_pollitem *events, int n) {
    for (int i = 0; i < n; i++)
        if (!events[i].dp || events[i].events & ~STREAMS || handle_is_host(events[i].dp) ||
            events[i].dp->process.is_stopping)
            return false;
    return true;
}

/* A flood must not keep waiting what is due. */
static void run_timers(struct dualpipe *dp) {
    if (dp->eof_chars_due > 0)
        handle_send_eof(dp);
    if (dp->process.is_stopping)
        process_kill_if_due(&dp->process);
    process_check_cputime(&dp->process, dp->grace);
}

int dualpipe_poll(struct dualpipe_pollitem *events, int n, int limit) {
    struct spin *spin;
    struct spin_wait wait;
    int found;
    for (int i = 0; i < n; i++) {
        events[i].revents = 0;
        if (events[i].dp)
            run_timers(events[i].dp);
    }
    if ((found = read_without_poll(events, n, limit == 0)) > 0)
        return found;
    if (limit == 0)
        return reads_tell_all(events, n) ? 0 : poll_until(events, n, 0);
    if (!(spin = spin_for(events, n)))
        return poll_until(events, n, limit);
    spin_begin(&wait, spin);
    while (spin_once(&wait, spin) && (found = read_without_poll(events, n, false)) == 0)
        ;
    if (found == 0)
        found = poll_until(events, n, limit);
    spin_end(&wait, spin);
    return found;
}
