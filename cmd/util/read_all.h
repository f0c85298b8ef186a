/* read_all.h: files that are read whole. */
#ifndef READ_ALL_H
#define READ_ALL_H
#include <errno.h>
#include <sys/types.h>
#include <unistd.h>

/* Up to its end, or as there is room. How much, or a negative errno. */
static inline ssize_t read_all(int fd, char *to, size_t room) {
    size_t n = 0;
    ssize_t r = 1;
    while (n < room && (r = read(fd, to + n, room - n)) != 0)
        if (r > 0)
            n += (size_t)r;
        else if (errno != EINTR)
            return -errno;
    return (ssize_t)n;
}
#endif
