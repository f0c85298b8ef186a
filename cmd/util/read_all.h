/* read_all.h: reads a file to its end. */
#ifndef READ_ALL_H
#define READ_ALL_H
#include <errno.h>
#include <sys/types.h>
#include <unistd.h>

/* Reads up to the end of the file, or until room bytes are full. Returns the number of bytes, or a
 * negative errno. */
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
