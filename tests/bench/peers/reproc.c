/* Each line of stdin asked of the command through the library reproc, in lockstep.
 * Built only where pkg-config finds reproc: the bench names it as absent otherwise. */
#include <reproc/reproc.h>

#include <stdio.h>
#include <string.h>

static int ask(reproc_t *process, const char *line, size_t size)
{
    uint8_t reply[65536];
    size_t sent = 0;
    int n = 0;

    while (sent < size) {
        n = reproc_write(process, (const uint8_t *)line + sent, size - sent);
        if (n < 0)
            return n;
        sent += (size_t)n;
    }
    do {
        n = reproc_read(process, REPROC_STREAM_OUT, reply, sizeof reply);
        if (n <= 0)
            return n < 0 ? n : -1;
        fwrite(reply, 1, (size_t)n, stdout);
    } while (reply[n - 1] != '\n');
    return 0;
}

int main(int argc, char **argv)
{
    static char line[65536];
    reproc_t *process = reproc_new();
    int status = -1;

    if (argc < 2 || !process)
        return 125;
    if (reproc_start(process, (const char *const *)argv + 1, (reproc_options){0}) < 0)
        return 127;
    while (fgets(line, sizeof line, stdin))
        if (ask(process, line, strlen(line)) < 0)
            return 1;
    reproc_close(process, REPROC_STREAM_IN);
    status = reproc_wait(process, REPROC_INFINITE);
    reproc_destroy(process);
    return status < 0 ? 1 : status;
}
