/* Tests lib/process/process.c and spawn.c: every exit code and signal is reported as it was; a
 * command that can't be run makes the start itself fail, and leaves nothing. */
#include "../harness.h"
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

static int give_back(int argc, char **argv, void *data) {
    (void)argc, (void)argv;
    return *(int *)data;
}

static int die_of(int argc, char **argv, void *data) {
    (void)argc, (void)argv;
    kill(getpid(), *(int *)data);
    pause();
    return 0;
}

static int exit_with(int argc, char **argv, void *data) {
    (void)argc, (void)argv;
    exit(*(int *)data);
}

static int count_arguments(int argc, char **argv, void *data) {
    (void)data;
    return argc * 10 + (argv == NULL || argv[argc] == NULL);
}

static void all_codes(void) {
    int good = 1;
    for (int code = 0; code < 256; code++) {
        struct dualpipe_status s = finish(call(give_back, &code));
        good = good && s.code == code && s.signal == -1 && !s.stopped && !s.core;
    }
    ok(good, "a function's 256 return values are the exit codes");
    good = 1;
    for (int code = 0; code < 256; code += 51) {
        char script[32];
        struct dualpipe_status s;
        snprintf(script, sizeof script, "exit %d", code);
        s = finish(shell(script));
        good = good && s.code == code && s.signal == -1 && !s.stopped;
    }
    ok(good, "a command's exit codes");
}

static void odd_codes(void) {
    int over = 259, under = -1, three = 3;
    is(finish(call(give_back, &over)).code, 3, "of a larger value the low 8 bits");
    is(finish(call(give_back, &under)).code, 255, "of a negative one too");
    is(finish(call(exit_with, &three)).code, 3, "a function may call exit");
}

static void all_signals(void) {
    static const int signals[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGILL,  SIGABRT, SIGBUS,  SIGFPE,
                                  SIGKILL, SIGUSR1, SIGSEGV, SIGUSR2, SIGPIPE, SIGALRM, SIGTERM,
                                  SIGXCPU, SIGVTALRM, SIGPROF, SIGSYS, SIGTRAP};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        int signo = signals[i];
        struct dualpipe_status s = finish(call(die_of, &signo));
        ok(s.signal == signo && s.code == -1 && !s.stopped, "death by signal %d", signo);
    }
}

static void function_arguments(void) {
    char one[] = "one", two[] = "two";
    char *argv[] = {one, two, NULL}, *none[] = {NULL};
    struct dualpipe_options o = {.argv = argv, .function = count_arguments};
    is(finish(launch(o)).code, 21, "a function's arguments, with their NULL");
    o.argv = none;
    is(finish(launch(o)).code, 1, "none of them");
    o.argv = NULL;
    is(finish(launch(o)).code, 1, "and argv NULL is none");
}

static void put_file(const char *name, const char *text, mode_t mode) {
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, mode);
    if (fd < 0 || write(fd, text, strlen(text)) < 0)
        perror(name);
    fchmod(fd, mode);
    close(fd);
}

static int start_of(const char *name, const char *directory, struct dualpipe_error *why) {
    char *argv[] = {(char *)(uintptr_t)name, NULL};
    struct dualpipe_options o = {.argv = argv, .directory = directory};
    dualpipe *dp = (dualpipe *)&o;
    int fds = open_fds(), r = dualpipe_start(&dp, &o, why);
    if (r == 0)
        return 1000 + finish(dp).code;
    if (dp || open_fds() != fds || waitpid(-1, NULL, WNOHANG) != -1 || errno != ECHILD)
        return -9999; /* a descriptor or a child is left */
    return r;
}

static void start_fails(const char *name, int error, const char *text) {
    struct dualpipe_error why = {0};
    int r = start_of(name, NULL, &why);
    is(r, error, text);
    ok(r >= 0 || (why.operation && *why.operation && why.object && strcmp(why.object, name) == 0),
       "and why: %s %s", why.operation ? why.operation : "?", why.object ? why.object : "?");
    is(start_of(name, NULL, NULL), error, "or not why");
}

static void make_files(void) {
    put_file("plain", "#!/bin/sh\n", 0644);
    put_file("script", "#!/bin/sh\nexit 5\n", 0755);
    put_file("bare", "exit 6\n", 0755);
    put_file("empty", "", 0755);
    put_file("orphan", "#!/no/such/interpreter\n", 0755);
    put_file("busy", "", 0755);
    mkdir("dir", 0755);
    if (symlink("loop2", "loop1") < 0 || symlink("loop1", "loop2") < 0)
        perror("symlink");
}

static void cannot_run(void) {
    start_fails("no-such-command-anywhere", -ENOENT, "a command that is not in PATH");
    start_fails("./missing", -ENOENT, "a file that is not there");
    start_fails("", -ENOENT, "an empty name");
    start_fails("./plain", -EACCES, "a file that is not executable");
    start_fails("./dir", -EISDIR, "a directory");
    start_fails("./loop1", -ELOOP, "a loop of links");
    start_fails("./orphan", -ENOEXEC, "a script whose interpreter is missing");
    start_fails("./script/x", -ENOTDIR, "a path through a file");
    is(start_of("./script", NULL, NULL), 1005, "a script runs");
    is(start_of("./bare", NULL, NULL), 1006, "one without #! too, by sh");
    is(start_of("./empty", NULL, NULL), 1000, "and an empty one");
}

static void cannot_run_busy(void) {
    int from = open("/bin/true", O_RDONLY), to = open("busy", O_WRONLY | O_TRUNC), r;
    char bytes[65536];
    ssize_t n;
    while ((n = read(from, bytes, sizeof bytes)) > 0)
        if (write(to, bytes, (size_t)n) != n)
            perror("busy");
    close(from);
    r = start_of("./busy", NULL, NULL);
    if (r == 1000)
        skip("a file that is being written", "this kernel runs it");
    else
        is(r, -ETXTBSY, "a file that is being written");
    close(to);
    is(start_of("./busy", NULL, NULL), 1000, "and runs when it is written no longer");
}

/* A name with a slash is resolved from the child's directory, as exec does. */
static void other_directory(void) {
    struct dualpipe_error why = {0};
    is(start_of("/bin/true", "./none", &why), -ENOENT, "a directory that is not there");
    ok(why.object && strcmp(why.object, "./none") == 0, "is what is named");
    is(start_of("/bin/true", "./plain", &why), -ENOTDIR, "nor is a file one");
    put_file("dir/inside", "#!/bin/sh\nexit 8\n", 0755);
    is(start_of("./inside", "dir", NULL), 1008,
       "a relative name is found in the child's directory");
    is(start_of("./script", "dir", &why), -ENOENT, "and not in the host's");
    ok(!why.hint, "nor is an interpreter said to be missing");
}

static void in_path(void) {
    char *old = getenv("PATH") ? strdup(getenv("PATH")) : NULL, path[2 * PATH_MAX + 32];
    snprintf(path, sizeof path, "/none:%s/dir:%s", scratch, scratch);
    put_file("dir/script", "", 0644);
    setenv("PATH", path, 1);
    is(start_of("script", NULL, NULL), 1005, "PATH: what can't be run is passed over");
    is(start_of("plain", NULL, NULL), -EACCES, "PATH: but is the reason if nothing can");
    is(start_of("dir", NULL, NULL), -ENOENT, "PATH: a directory is no command");
    setenv("PATH", "", 1);
    is(start_of("script", NULL, NULL), 1005, "PATH: an empty one is the current directory");
    setenv("PATH", "/none::/none2", 1);
    is(start_of("bare", NULL, NULL), 1006, "PATH: and so is an empty part");
    unsetenv("PATH");
    is(start_of("true", NULL, NULL), 1000, "PATH: without one the usual places");
    if (old)
        setenv("PATH", old, 1);
    free(old);
}

static void too_big(void) {
    size_t size = 4 << 20;
    char *big = malloc(size);
    char *argv[] = {WORD("true"), big, NULL};
    dualpipe *dp = NULL;
    memset(big, 'x', size);
    big[size - 1] = 0;
    is(dualpipe_start(&dp, &(struct dualpipe_options){.argv = argv}, NULL), -E2BIG,
       "arguments that are too long");
    free(big);
    is(dualpipe_start(&dp, &(struct dualpipe_options){0}, NULL), -EINVAL, "no command at all");
    ok(!dp, "gives no handle");
}

/* At every small limit of descriptors the start succeeds, or fails and leaves none open. */
static void few_descriptors(void) {
    struct rlimit before, few;
    int fds = open_fds(), started = 0, refused = 0, other = 0;
    getrlimit(RLIMIT_NOFILE, &before);
    for (rlim_t n = 3; n < 3 + 24; n++) {
        char *argv[] = {WORD("/bin/true"), NULL};
        dualpipe *dp = NULL;
        int r;
        few = (struct rlimit){.rlim_cur = n, .rlim_max = before.rlim_max};
        setrlimit(RLIMIT_NOFILE, &few);
        r = dualpipe_start(
            &dp, &(struct dualpipe_options){.argv = argv, .err = DUALPIPE_STDERR_RELAY}, NULL);
        setrlimit(RLIMIT_NOFILE, &before);
        started += r == 0 && finish(dp).code == 0;
        refused += r == -EMFILE && !dp;
        other += r != 0 && r != -EMFILE;
    }
    ok(started > 0 && refused > 0 && other == 0 && started + refused == 24,
       "at the limit of descriptors: %d start, %d are -EMFILE", started, refused);
    is(open_fds(), fds, "and none stays open");
}

static void usage_is_told(void) {
    struct dualpipe_status s = finish(shell("i=0; while [ $i -lt 30000 ]; do i=$((i+1)); done"));
    ok(s.code == 0 && s.maxrss_kb > 0 && s.cpu_ms >= 0, "what it used: %ld KiB, %ld ms",
       s.maxrss_kb, s.cpu_ms);
}

int main(void) {
    struct rlimit none = {0};
    begin();
    setrlimit(RLIMIT_CORE, &none);
    setenv("PATH", "/usr/bin:/bin", 1); /* without folders that this user can't search */
    all_codes();
    odd_codes();
    all_signals();
    make_files();
    cannot_run();
    cannot_run_busy();
    other_directory();
    in_path();
    too_big();
    few_descriptors();
    usage_is_told();
    function_arguments();
    is(waitpid(-1, NULL, WNOHANG), -1, "no process is left");
    return done();
}
