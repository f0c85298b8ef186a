/* chaos REQUESTS DIRECTORY COMMAND...: feeds REQUESTS requests to the command while it kills one of
 * the command's children every 50 ms, then reports what is wrong.
 *
 * The command must run `chaos child DIRECTORY` as its children. They share files in DIRECTORY: pids
 * (the process of each child), log (each request when it was read, and its negative once its reply
 * is written), in, out and err (the command's streams). From these follow the checks: every request
 * has its own reply or an empty line, none was repeated after a reply to it began, the statistics
 * agree with the output, and no child is left. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { KILL_EVERY_MS = 50, ENDS_WITHIN_MS = 300000, MOST_CHILDREN = 100000 };

static int wrong;
static void report(bool good, const char *what, long got) {
    if (!good)
        printf("# wrong: %s: %ld\n", what, got);
    wrong += !good;
}

static int open_or_die(const char *name, int flags) {
    int fd = open(name, flags | O_CLOEXEC, 0600);
    if (fd < 0) {
        fprintf(stderr, "chaos: %s: %s\n", name, strerror(errno));
        exit(2);
    }
    return fd;
}

/* --- the child --------------------------------------------------------------------------- */

static void log_number(int fd, int number) {
    if (write(fd, &number, sizeof number) != sizeof number)
        _exit(2);
}

/* Logs the number of each request before its reply, and the negative number after it. */
static int be_child(void) {
    int log = open_or_die("log", O_WRONLY | O_APPEND | O_CREAT);
    char line[64];
    log_number(open_or_die("pids", O_WRONLY | O_APPEND | O_CREAT), getpid());
    while (fgets(line, sizeof line, stdin)) {
        int number = atoi(line);
        log_number(log, number);
        printf("%d is %ld\n", number, number * 7L);
        fflush(stdout);
        log_number(log, -number);
    }
    return 0;
}

/* --- the killing ------------------------------------------------------------------------- */

static pid_t pids[MOST_CHILDREN];

static long read_pids(void) {
    int fd = open("pids", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, pids, sizeof pids);
    if (fd >= 0)
        close(fd);
    return n > 0 ? n / (long)sizeof *pids : 0;
}

static pid_t parent_of(pid_t pid) {
    char name[64];
    FILE *stat;
    int parent = -1;
    snprintf(name, sizeof name, "/proc/%d/stat", (int)pid);
    if (!(stat = fopen(name, "re")))
        return -1;
    if (fscanf(stat, "%*d (%*[^)]) %*c %d", &parent) != 1)
        parent = -1;
    fclose(stat);
    return parent;
}

/* Kills a random child of the command that still lives; false if there is none. */
static long kill_one(pid_t command) {
    pid_t living[64];
    int n = 0;
    for (long i = read_pids(); i-- > 0 && n < 64;)
        if (parent_of(pids[i]) == command)
            living[n++] = pids[i];
    return n > 0 && kill(living[rand() % n], SIGKILL) == 0;
}

static int wait_killing(pid_t command, long *killed) {
    int status;
    for (int ms = 0; ms < ENDS_WITHIN_MS; ms += KILL_EVERY_MS) {
        poll(NULL, 0, KILL_EVERY_MS);
        if (waitpid(command, &status, WNOHANG) == command)
            return status;
        *killed += kill_one(command);
    }
    report(false, "it does not end", command);
    kill(command, SIGKILL);
    waitpid(command, &status, 0);
    return status;
}

/* --- the judging ------------------------------------------------------------------------- */

/* Each request has one line of output: its reply, or an empty line if it failed; in the order of
 * the requests unless the command runs with --unordered. Returns the number of replies. */
static long judge_output(long n, bool ordered) {
    FILE *out = fdopen(open_or_die("out", O_RDONLY), "r");
    char *seen = calloc((size_t)n + 1, 1), line[64];
    long lines = 0, answered = 0;
    while (fgets(line, sizeof line, out)) {
        long number = 0, answer = 0;
        lines++;
        if (strcmp(line, "\n") == 0)
            continue;
        answered++;
        if (sscanf(line, "%ld is %ld\n", &number, &answer) != 2 || answer != number * 7)
            report(false, "a wrong reply in line", lines);
        else if (number < 1 || number > n || seen[number]++)
            report(false, "answered twice", number);
        else if (ordered && number != lines)
            report(false, "not in its place", lines);
    }
    report(lines == n, "lines", lines);
    fclose(out);
    free(seen);
    return answered;
}

/* A request may be repeated only if no byte of its reply can have arrived, and only with --retries.
 * Returns the number of requests that were sent more than once. */
static long judge_log(long n, bool retries) {
    FILE *log = fdopen(open_or_die("log", O_RDONLY), "r");
    char *asked = calloc((size_t)n + 1, 1), *replied = calloc((size_t)n + 1, 1);
    long again = 0;
    int number;
    while (fread(&number, sizeof number, 1, log) == 1) {
        if (labs(number) > n || number == 0)
            report(false, "the log has number", number);
        else if (number < 0)
            replied[-number] = 1;
        else if (replied[number])
            report(false, "asked again after its reply", number);
        else
            again += asked[number]++ > 0;
    }
    report(retries || again == 0, "asked more than once", again);
    fclose(log);
    free(asked);
    free(replied);
    return again;
}

static void judge_stats(long n, long answered) {
    FILE *err = fdopen(open_or_die("err", O_RDONLY), "r");
    char line[256];
    long in = n, good = n, bad = 0;
    while (fgets(line, sizeof line, err))
        sscanf(line, "dualpipe: requests: in %ld, answered %ld, failed %ld", &in, &good, &bad);
    report(in == n && good == answered && in == good + bad, "the statistics have answered", good);
    fclose(err);
}

static bool is_gone(pid_t pid) {
    for (int ms = 0; ms < 5000; ms++, poll(NULL, 0, 1))
        if (kill(pid, 0) < 0)
            return true;
    return false;
}

/* --- the run --------------------------------------------------------------------------- */

static void write_input(long n) {
    FILE *in = fdopen(open_or_die("in", O_WRONLY | O_CREAT | O_TRUNC), "w");
    for (long i = 1; i <= n; i++)
        fprintf(in, "%ld\n", i);
    fclose(in);
}

static pid_t start(char **argv) {
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    dup2(open_or_die("in", O_RDONLY), 0);
    dup2(open_or_die("out", O_WRONLY | O_CREAT | O_TRUNC), 1);
    dup2(open_or_die("err", O_WRONLY | O_CREAT | O_TRUNC), 2);
    execvp(argv[0], argv);
    _exit(127);
}

int main(int argc, char **argv) {
    bool ordered = true, retries = false;
    long n, killed = 0, answered;
    int status;
    if (argc > 2 && strcmp(argv[1], "child") == 0)
        return chdir(argv[2]) < 0 ? 2 : be_child();
    if (argc < 4 || (n = atol(argv[1])) < 1 || chdir(argv[2]) < 0)
        return 2;
    for (int i = 3; i < argc; i++) {
        ordered &= strcmp(argv[i], "--unordered") != 0;
        retries |= strncmp(argv[i], "--retries", 9) == 0;
    }
    srand((unsigned)time(NULL) ^ (unsigned)getpid());
    unlink("log");
    unlink("pids");
    write_input(n);
    status = wait_killing(start(argv + 3), &killed);
    answered = judge_output(n, ordered);
    judge_stats(n, answered);
    report(WIFEXITED(status) && WEXITSTATUS(status) == (answered == n ? 0 : 123), "status",
           WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
    printf("# %ld answered, %ld failed, %ld asked again, %ld killed\n", answered, n - answered,
           judge_log(n, retries), killed);
    for (long i = read_pids(); i-- > 0;)
        report(is_gone(pids[i]), "a child is left", pids[i]);
    return wrong > 0;
}
