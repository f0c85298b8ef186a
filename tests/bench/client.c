/* The least a program can do to ask a session: connect, send a line, write what comes back; or all
 * of it N times on one connection. The limit of the session list, with nothing else in it. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int session_connect(const char *path)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (strlen(path) >= sizeof name.sun_path || fd < 0)
        return -1;
    strcpy(name.sun_path, path);
    return connect(fd, (struct sockaddr *)&name, sizeof name) == 0 ? fd : -1;
}

static int ask(int fd, const char *line, size_t size)
{
    char bytes[4096];
    size_t held = 0;
    ssize_t n;

    if (write(fd, line, size) != (ssize_t)size)
        return 125;
    while (held < sizeof bytes && (n = read(fd, bytes + held, sizeof bytes - held)) > 0) {
        held += (size_t)n;
        if (bytes[held - 1] == '\n')
            return write(1, bytes, held) == (ssize_t)held ? 0 : 125;
    }
    return 125;
}

int main(int argc, char **argv)
{
    int fd = argc > 2 ? session_connect(argv[1]) : -1;
    long times = argc > 3 ? strtol(argv[3], NULL, 10) : 1;
    size_t size = fd < 0 ? 0 : strlen(argv[2]);
    int status = fd < 0 ? 125 : 0;

    if (size > 0)
        argv[2][size++] = '\n'; /* where its 0 was */
    while (status == 0 && times-- > 0)
        status = ask(fd, argv[2], size);
    return status;
}
