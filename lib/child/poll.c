/* poll.c: waits for handles and descriptors: dualpipe_poll, dualpipe_pollfds, dualpipe_step.
 *
 * A poll item names a handle and the events wanted; item_slots() turns it into at most four struct
 * pollfd. dualpipe_pollfds() writes them, the host or poll_until() calls poll(2), and
 * dualpipe_step() reads them back in the same order, reads the ready streams into their buffers and
 * sets revents. The trap: both calls derive the slots from the handle, so its state must not change
 * between them.
 *
 * dualpipe_poll() tries the cheap things first. It runs what is due, then reads every stream that
 * cannot block; if that yields nothing it yields the processor a few times while replies have been
 * quick lately (spin.c), and only then sleeps in poll(2). An early read costs one system call and
 * usually saves a poll and a sleep.
 *
 * Timers have no descriptor: next_due_ms() lowers the timeout to the next SIGKILL, CPU check or,
 * without a pidfd, the next look for an exit. */
#include "child/handle.h"
#include "base/clock.h"
#include <errno.h>
#include <stdlib.h>

enum {
    STREAM_EVENTS = DUALPIPE_POLL_STDOUT | DUALPIPE_POLL_STDERR,
    STACK_FDS = 64,
    BLIND_POLL_MS = 10
};

/* One struct pollfd, and the item events that it reports. */
struct poll_slot {
    int fd;
    short events, reports;
};

/* Reads one stream; the event is set for bytes and for the end of the stream alike. */
static void recv_stream(struct dualpipe_pollitem *item, struct reader *reader, short event,
                        bool ready) {
    ssize_t r = handle_recv(item->dp, reader, ready);
    if (r != -EAGAIN && r != -ENOBUFS)
        item->revents |= event;
}

/* Reads all that can be read without waiting, and notes exits that are known. stderr is left to
 * poll(2) while stdout is waited for, unless with_stderr is set: reading it each time would cost a
 * system call per reply. */
static int read_without_poll(struct dualpipe_pollitem *items, int n, bool with_stderr) {
    int found = 0;
    for (int i = 0; i < n; i++) {
        struct dualpipe_pollitem *item = &items[i];
        if (!item->dp)
            continue;
        if (item->events & DUALPIPE_POLL_STDOUT && reader_never_blocks(&item->dp->out))
            recv_stream(item, &item->dp->out, DUALPIPE_POLL_STDOUT, false);
        if (item->events & DUALPIPE_POLL_STDERR &&
            (with_stderr || !(item->events & DUALPIPE_POLL_STDOUT)) &&
            reader_never_blocks(&item->dp->err))
            recv_stream(item, &item->dp->err, DUALPIPE_POLL_STDERR, false);
        if (item->events & DUALPIPE_POLL_EXIT && item->dp->process.has_ended)
            item->revents |= DUALPIPE_POLL_EXIT;
        found += item->revents != 0;
    }
    return found;
}

static int fd_slots(const struct dualpipe_pollitem *item, struct poll_slot *slots) {
    int events = (item->events & DUALPIPE_POLL_STDOUT ? POLLIN : 0) |
                 (item->events & DUALPIPE_POLL_STDIN ? POLLOUT : 0);
    slots[0] = (struct poll_slot){item->fd, (short)events, item->events};
    return 1;
}

static int item_slots(const struct dualpipe_pollitem *item, struct poll_slot *slots) {
    const struct dualpipe *dp = item->dp;
    int n = 0;
    if (!dp)
        return item->events ? fd_slots(item, slots) : 0;
    if (dp->eof_chars_due > 0)
        slots[n++] = (struct poll_slot){dp->in.write_fd, POLLOUT, 0};
    else if (item->events & (DUALPIPE_POLL_STDIN | DUALPIPE_POLL_HUP) && dp->in.fd >= 0)
        slots[n++] =
            (struct poll_slot){dp->in.write_fd, item->events & DUALPIPE_POLL_STDIN ? POLLOUT : 0,
                               item->events & (DUALPIPE_POLL_STDIN | DUALPIPE_POLL_HUP)};
    if (item->events & DUALPIPE_POLL_STDOUT && reader_wants_input(&dp->out))
        slots[n++] = (struct poll_slot){dp->out.fd, POLLIN, DUALPIPE_POLL_STDOUT};
    if (item->events & DUALPIPE_POLL_STDERR && reader_wants_input(&dp->err))
        slots[n++] = (struct poll_slot){dp->err.fd, POLLIN, DUALPIPE_POLL_STDERR};
    if (dp->process.exit_fd >= 0 && !dp->process.has_ended &&
        (item->events & DUALPIPE_POLL_EXIT || dp->process.is_stopping))
        slots[n++] = (struct poll_slot){dp->process.exit_fd, POLLIN, DUALPIPE_POLL_EXIT};
    return n;
}

/* Milliseconds until something is due although no descriptor becomes ready: SIGKILL, a check of the
 * CPU time, or a look for the exit of a child that has no pidfd. -1: nothing. */
static int next_due_ms(const struct dualpipe_pollitem *item) {
    struct process *p = &item->dp->process;
    bool lacks_exit_fd = p->pid && !p->has_ended && p->exit_fd < 0 &&
                         (item->events & DUALPIPE_POLL_EXIT || p->is_stopping);
    int64_t cputime_check = p->has_ended ? CLOCK_NEVER : cputime_next_check(&p->cputime);
    int remaining_ms =
        clock_remaining_ms(cputime_check < p->kill_deadline ? cputime_check : p->kill_deadline);
    if (item->events & DUALPIPE_POLL_EXIT && p->has_ended)
        return 0;
    return lacks_exit_fd && (remaining_ms < 0 || remaining_ms > BLIND_POLL_MS) ? BLIND_POLL_MS
                                                                               : remaining_ms;
}

int dualpipe_pollfds(const struct dualpipe_pollitem *items, int n, struct pollfd *fds, int nfds,
                     int *timeout_ms) {
    struct poll_slot slots[4];
    int used = 0;
    for (int i = 0; i < n; i++) {
        int remaining_ms, count = item_slots(&items[i], slots);
        for (int k = 0; k < count; k++, used++)
            if (used < nfds)
                fds[used] = (struct pollfd){.fd = slots[k].fd, .events = slots[k].events};
        remaining_ms = items[i].dp ? next_due_ms(&items[i]) : -1;
        if (remaining_ms >= 0 && (*timeout_ms < 0 || remaining_ms < *timeout_ms))
            *timeout_ms = remaining_ms;
    }
    return used;
}

/* Turns the revents of one slot into those of its item, and reads a stream that is ready. */
static void apply_revents(struct dualpipe_pollitem *item, const struct poll_slot *slot,
                          short revents) {
    if (!item->dp && revents & (POLLIN | POLLHUP | POLLERR | POLLNVAL) &&
        slot->reports & DUALPIPE_POLL_STDOUT)
        item->revents |= DUALPIPE_POLL_STDOUT;
    else if (slot->reports == DUALPIPE_POLL_STDOUT && revents)
        recv_stream(item, &item->dp->out, DUALPIPE_POLL_STDOUT, true);
    else if (slot->reports == DUALPIPE_POLL_STDERR && revents)
        recv_stream(item, &item->dp->err, DUALPIPE_POLL_STDERR, true);
    if (slot->reports & DUALPIPE_POLL_STDIN && revents & POLLOUT)
        item->revents |= DUALPIPE_POLL_STDIN;
    if (slot->reports & (DUALPIPE_POLL_STDIN | DUALPIPE_POLL_HUP) &&
        revents & (POLLERR | POLLHUP | POLLNVAL)) {
        item->revents |= DUALPIPE_POLL_HUP;
        if (item->dp)
            item->dp->stdin_hung_up = true;
    }
}

static void check_process(struct dualpipe_pollitem *item) {
    struct process *p = &item->dp->process;
    if (p->is_stopping)
        process_kill_if_due(p);
    if (item->events & DUALPIPE_POLL_EXIT && (p->has_ended || process_poll_exit(p)))
        item->revents |= DUALPIPE_POLL_EXIT;
    else if (p->is_stopping)
        process_poll_exit(p);
}

int dualpipe_step(struct dualpipe_pollitem *items, int n, const struct pollfd *fds, int nfds) {
    struct poll_slot slots[4];
    int used = 0, found = 0;
    for (int i = 0; i < n; i++) {
        struct dualpipe_pollitem *item = &items[i];
        int count = item_slots(item, slots);
        bool ended = false;
        item->revents = 0;
        for (int k = 0; k < count && used < nfds; k++, used++) {
            if (slots[k].reports == DUALPIPE_POLL_EXIT)
                ended = fds[used].revents != 0;
            else if (fds[used].revents)
                apply_revents(item, &slots[k], fds[used].revents);
        }
        if (item->dp && item->dp->eof_chars_due > 0)
            handle_send_eof(item->dp);
        if (item->dp)
            process_check_cputime(&item->dp->process, item->dp->grace);
        if (item->dp && (ended || item->dp->process.has_ended || item->dp->process.is_stopping ||
                         item->dp->process.exit_fd < 0))
            check_process(item);
        found += item->revents != 0;
    }
    return found;
}

/* Chooses the handle that decides about spinning by its recent replies: the first child that output
 * is wanted of, if nothing is to be written to it. */
static struct spin *spin_for(const struct dualpipe_pollitem *items, int n) {
    for (int i = 0; i < n; i++) {
        const struct dualpipe_pollitem *item = &items[i];
        if (item->dp && item->events & DUALPIPE_POLL_STDOUT &&
            !(item->events & DUALPIPE_POLL_STDIN) && reader_never_blocks(&item->dp->out))
            return &item->dp->spin;
    }
    return NULL;
}

/* Sleeps in poll(2) until an item has an event or the timeout passes. */
static int poll_until(struct dualpipe_pollitem *items, int n, int timeout_ms) {
    struct pollfd on_stack[STACK_FDS], *fds = on_stack;
    int64_t deadline = clock_deadline(timeout_ms);
    int found = 0, nfds = STACK_FDS;
    if (4 * n > STACK_FDS) {
        nfds = 4 * n;
        if (!(fds = malloc((size_t)nfds * sizeof *fds)))
            return -ENOMEM;
    }
    do {
        int remaining_ms = clock_remaining_ms(deadline),
            used = dualpipe_pollfds(items, n, fds, nfds, &remaining_ms);
        int ready = poll(fds, (nfds_t)used, remaining_ms);
        if (ready < 0 && errno != EINTR)
            found = -errno;
        else
            found = dualpipe_step(items, n, fds, ready < 0 ? 0 : used);
    } while (found == 0 && clock_remaining_ms(deadline) != 0);
    if (fds != on_stack)
        free(fds);
    return found;
}

/* Whether the reads have told all that poll(2) could tell about these items. */
static bool reads_tell_all(const struct dualpipe_pollitem *items, int n) {
    for (int i = 0; i < n; i++)
        if (!items[i].dp || items[i].events & ~STREAM_EVENTS || handle_is_host(items[i].dp) ||
            items[i].dp->process.is_stopping)
            return false;
    return true;
}

/* Does what is due even if output never stops coming. */
static void run_timers(struct dualpipe *dp) {
    if (dp->eof_chars_due > 0)
        handle_send_eof(dp);
    if (dp->process.is_stopping)
        process_kill_if_due(&dp->process);
    process_check_cputime(&dp->process, dp->grace);
}

int dualpipe_poll(struct dualpipe_pollitem *items, int n, int timeout_ms) {
    struct spin *spin;
    struct spin_wait wait;
    int found;
    for (int i = 0; i < n; i++) {
        items[i].revents = 0;
        if (items[i].dp)
            run_timers(items[i].dp);
    }
    if ((found = read_without_poll(items, n, timeout_ms == 0)) > 0)
        return found;
    if (timeout_ms == 0)
        return reads_tell_all(items, n) ? 0 : poll_until(items, n, 0);
    if (!(spin = spin_for(items, n)))
        return poll_until(items, n, timeout_ms);
    spin_begin(&wait, spin);
    while (spin_once(&wait, spin) && (found = read_without_poll(items, n, false)) == 0)
        ;
    if (found == 0)
        found = poll_until(items, n, timeout_ms);
    spin_end(&wait, spin);
    return found;
}
