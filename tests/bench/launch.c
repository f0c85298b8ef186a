/* The least a program can do to start another: posix_spawnp, wait, its status.
 * The limit of the start list, so a program of its own with nothing else in it. */
#include <spawn.h>
#include <stddef.h>
#include <sys/wait.h>

extern char **environ;

int main(int argc, char **argv)
{
    int status;
    pid_t pid;

    if (argc < 2 || posix_spawnp(&pid, argv[1], NULL, NULL, argv + 1, environ) != 0)
        return 127;
    if (waitpid(pid, &status, 0) != pid)
        return 125;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
