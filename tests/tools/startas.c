/* startas [-0] [-n FD] [-p FD] [-i] COMMAND...: executes the command in odd surroundings: -0 with
 * an empty argv, -n with O_NONBLOCK on FD, -p with a pipe buffer of 4 KiB on FD, -i with SIGCHLD
 * ignored. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv) {
    static char *none[] = {NULL};
    int option, empty = 0, fd;
    while ((option = getopt(argc, argv, "+0n:p:i")) != -1)
        switch (option) {
        case '0': empty = 1; break;
        case 'n':
            fd = atoi(optarg);
            if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0)
                perror("startas -n");
            break;
        case 'p':
            if (fcntl(atoi(optarg), F_SETPIPE_SZ, 4096) < 0)
                perror("startas -p");
            break;
        case 'i': signal(SIGCHLD, SIG_IGN); break;
        default: return 2;
        }
    if (optind >= argc)
        return 2;
    if (empty)
        execv(argv[optind], none);
    else
        execvp(argv[optind], argv + optind);
    perror(argv[optind]);
    return 127;
}
