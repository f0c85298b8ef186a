/* Sources and children that move many bytes: zeros, numbered lines, requests, a copy, a child
 * that writes before it reads. Also what only uses a processor, and what tells the time. */
#define _GNU_SOURCE
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

static char block[2 * BLOCK];

static size_t read_block(size_t size)
{
    ssize_t n;

    do
        n = read(0, block, size);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        fail("read");
    return (size_t)n;
}

static void write_zeros(unsigned long long bytes)
{
    while (bytes > 0) {
        size_t size = bytes < sizeof block ? (size_t)bytes : sizeof block;
        write_all(1, block, size);
        bytes -= size;
    }
}

int verb_zeros(char **argv)
{
    write_zeros(number(argv[0]));
    return 0;
}

static int write_numbers(unsigned long long count, int width)
{
    for (unsigned long long i = 1; i <= count; i++)
        if (printf("%0*llu\n", width, i) < 0)
            fail("write");
    if (fflush(stdout) != 0)
        fail("write");
    return 0;
}

int verb_lines(char **argv)
{
    return write_numbers(number(argv[0]), 1);
}

int verb_requests(char **argv)
{
    return write_numbers(number(argv[0]), 15);
}

int verb_cat(char **argv)
{
    size_t n;

    (void)argv;
    while ((n = read_block(sizeof block)) > 0)
        write_all(1, block, n);
    return 0;
}

int verb_writefirst(char **argv)
{
    unsigned long long bytes = number(argv[0]), got = 0;
    size_t n;

    write_zeros(bytes);
    while ((n = read_block(BLOCK)) > 0)
        got += n;
    printf("%llu\n", got);
    return fflush(stdout) != 0 || got != bytes;
}

int verb_busy(char **argv)
{
    (void)argv;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (volatile unsigned long turns = 0;; turns++)
        if (turns % (1UL << 30) == 0 && getppid() == 1)
            return 0;
}

int verb_clock(char **argv)
{
    (void)argv;
    printf("%lld\n", nanoseconds() / 1000000);
    return 0;
}
