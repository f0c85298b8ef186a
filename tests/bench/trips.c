/* Round trips: the line client in three ways of waiting and with a window, the child that answers
 * and proves lockstep, and the client of the hop list. */
#define _GNU_SOURCE
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TRIP = 16 };

/* Reads once, with one of three ways of waiting; 0 is the end of file. */
typedef size_t reader(int fd, char *bytes, size_t room);

static size_t read_blocking(int fd, char *bytes, size_t room)
{
    ssize_t n;

    do
        n = read(fd, bytes, room);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        fail("read");
    return (size_t)n;
}

static void await_input(int fd)
{
    struct pollfd wanted = {.fd = fd, .events = POLLIN};

    while (poll(&wanted, 1, -1) < 0)
        if (errno != EINTR)
            fail("poll");
}

static size_t read_polled(int fd, char *bytes, size_t room)
{
    await_input(fd);
    return read_blocking(fd, bytes, room);
}

static size_t read_yielding(int fd, char *bytes, size_t room)
{
    long long start = 0;

    for (;;) {
        ssize_t n = read(fd, bytes, room);
        if (n >= 0)
            return (size_t)n;
        if (errno != EAGAIN && errno != EINTR)
            fail("read");
        if (!start)
            start = nanoseconds();
        if (nanoseconds() - start < SPIN_NS)
            sched_yield();
        else
            await_input(fd);
    }
}

/* The next line of stdin, its end included; the length 0 is the end. */
static char *next_line(size_t *length)
{
    static char buffer[BLOCK];
    static size_t start, end;

    for (;;) {
        char *line = buffer + start;
        char *stop = memchr(line, '\n', end - start);
        if (stop) {
            *length = (size_t)(stop - line) + 1;
            start += *length;
            return line;
        }
        memmove(buffer, line, end - start);
        end -= start;
        start = 0;
        size_t n = read_blocking(0, buffer + end, sizeof buffer - end);
        if (n == 0) {
            *length = end;
            return buffer;
        }
        end += n;
    }
}

static int lockstep(char **argv, reader *read_some)
{
    static char replies[BLOCK];
    size_t used = 0, length;
    struct child child = exec_start(argv);
    char *line;

    if (read_some == read_yielding)
        set_nonblocking(child.out);
    while (line = next_line(&length), length > 0) {
        write_all(child.in, line, length);
        do {
            if (used == sizeof replies) {
                write_all(1, replies, used);
                used = 0;
            }
            size_t n = read_some(child.out, replies + used, sizeof replies - used);
            if (n == 0)
                return 1;
            used += n;
        } while (replies[used - 1] != '\n');
    }
    write_all(1, replies, used);
    close(child.in);
    return child_wait(&child);
}

int verb_lockstep(char **argv)
{
    return lockstep(argv, read_blocking);
}

int verb_lockstep_poll(char **argv)
{
    return lockstep(argv, read_polled);
}

int verb_lockstep_yield(char **argv)
{
    return lockstep(argv, read_yielding);
}

static unsigned long count_lines(const char *bytes, size_t size)
{
    const char *end = bytes + size;
    unsigned long lines = 0;

    while (bytes < end && (bytes = memchr(bytes, '\n', (size_t)(end - bytes)))) {
        lines++;
        bytes++;
    }
    return lines;
}

/* The report is two numbers: lines answered, and reads that held more than one of them. */
int verb_echoline(char **argv)
{
    static char bytes[BLOCK];
    unsigned long lines = 0, ahead = 0;
    size_t n;

    while ((n = read_blocking(0, bytes, sizeof bytes)) > 0) {
        unsigned long more = count_lines(bytes, n);
        lines += more;
        ahead += more > 1;
        write_all(1, bytes, n);
    }
    if (ahead)
        fprintf(stderr, "echoline: %lu reads held more than one line\n", ahead);
    if (argv[0]) {
        FILE *report = fopen(argv[0], "w");
        if (!report || fprintf(report, "%lu %lu\n", lines, ahead) < 0 || fclose(report) != 0)
            fail(argv[0]);
    }
    return ahead > 0;
}

/* The lines of stdin asked with up to so many under way. */
int verb_window(char **argv)
{
    static char batch[BLOCK], replies[BLOCK];
    unsigned long long most = number(argv[0]), under_way = 0;
    struct child child = exec_start(argv + 1);
    size_t used = 0, length = 1, n;

    do {
        size_t size = 0;
        while (under_way < most && length > 0 && size < BLOCK / 2) {
            char *line = next_line(&length);
            memcpy(batch + size, line, length);
            size += length;
            under_way += length > 0;
        }
        write_all(child.in, batch, size);
        if (under_way == 0)
            break;
        if (used > BLOCK / 2) {
            write_all(1, replies, used);
            used = 0;
        }
        n = read_blocking(child.out, replies + used, sizeof replies - used);
        under_way -= count_lines(replies + used, n);
        used += n;
    } while (n > 0);
    write_all(1, replies, used);
    close(child.in);
    return child_wait(&child);
}

int verb_client(char **argv)
{
    unsigned long long trips = number(argv[0]);
    struct child child = exec_start(argv + 1);
    char request[TRIP + 8], reply[TRIP];

    for (unsigned long long i = 0; i < trips; i++) {
        snprintf(request, sizeof request, "%015llu\n", i);
        write_all(child.in, request, TRIP);
        for (size_t got = 0; got < TRIP;) {
            size_t n = read_blocking(child.out, reply + got, TRIP - got);
            if (n == 0) {
                fprintf(stderr, "client: the relay ended at trip %llu\n", i);
                return 1;
            }
            got += n;
        }
        if (memcmp(request, reply, TRIP) != 0) {
            fprintf(stderr, "client: trip %llu brought another reply\n", i);
            return 1;
        }
    }
    close(child.in);
    return child_wait(&child);
}
