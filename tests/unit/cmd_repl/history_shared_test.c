/* Tests cmd/repl/history.c under concurrency and failure: many sessions at once lose nothing; a
 * full disk or a kill leaves the file complete, and no lock. */
#include "history_fixture.h"
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* --- a full disk, a lock ----------------------------------------------------------------- */

static int limited_status(rlim_t size, bool ignored, int (*f)(void)) {
    int status = -1;
    pid_t pid = fork();
    if (pid == 0) {
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){size, size});
        signal(SIGXFSZ, ignored ? SIG_IGN : SIG_DFL);
        _exit(f());
    }
    waitpid(pid, &status, 0);
    return status;
}

static int add_more(void) {
    return -history_add(file, "four");
}

static int trim_some(void) {
    return -history_trim(file, 3);
}

static void survives_a_full_disk(void) {
    SET("one\ntwo\n");
    is(limited_status(11, true, add_more), ENOSPC << 8, "a line that goes in part fails");
    ok(file_is(file, "one\ntwo\n"), "and is taken back");
    is(limited_status(8, true, add_more), EFBIG << 8, "one that doesn't go fails");
    ok(file_is(file, "one\ntwo\n"), "and leaves nothing");
    SET("one\ntwo\nthree\nfour\n");
    is(limited_status(9, true, trim_some), EFBIG << 8, "a trim that finds no room fails");
    ok(file_is(file, "one\ntwo\nthree\nfour\n"), "the old file is whole");
    is(files_in_box(), 1, "the new one is gone");
    ok(WIFSIGNALED(limited_status(9, false, trim_some)), "one that dies of it");
    ok(file_is(file, "one\ntwo\nthree\nfour\n"), "leaves the old file whole too");
    is(history_trim(file, 3), 0, "the next trim");
    is(files_in_box(), 1, "removes what it has left");
    ok(file_is(file, "two\nthree\nfour\n"), "and does its work");
    unlink(file);
}

/* Whether the process has the file open. */
static bool has_opened(void *data) {
    char link[64], to[128];
    for (int fd = 3; fd < 32; fd++) {
        ssize_t n;
        snprintf(link, sizeof link, "/proc/%d/fd/%d", (int)*(pid_t *)data, fd);
        n = readlink(link, to, sizeof to - 1);
        to[n < 0 ? 0 : n] = 0;
        if (strcmp(to, file) == 0)
            return true;
    }
    return false;
}

static void waits_for_the_lock(void) {
    int fd, status = -1, ends[2];
    pid_t pid;
    char none;
    SET("a\na\n");
    fd = open(file, O_RDONLY | O_CLOEXEC);
    flock(fd, LOCK_EX);
    is(history_add(file, "b"), -EWOULDBLOCK, "a lock that is held is not waited for without end");
    ok(history_is(9, " a"), "what is there is read all the same");
    if (pipe(ends) < 0)
        return;
    if ((pid = fork()) == 0) {
        close(fd);
        close(ends[0]);
        close(ends[1]);
        _exit(history_add(file, "b") ? 1 : 0);
    }
    close(ends[1]);
    is(read(ends[0], &none, 1), 0, "a session has let go of ours");
    close(ends[0]);
    ok(until(has_opened, &pid), "a session waits");
    rename(file, in_box("old"));
    SET("new\n");
    close(fd);
    waitpid(pid, &status, 0);
    is(status, 0, "for the lock of a file that is replaced meanwhile");
    ok(file_is(file, "new\nb\n"), "and adds to the one that is there now");
    unlink(in_box("old"));
    unlink(file);
}

/* --- many at once ------------------------------------------------------------------------ */

enum { WRITERS = 8, TRIMMERS = 2, EACH = 500, KILLS = 300 };

static void write_lines(int who) {
    char line[80];
    for (int i = 0; i < EACH; i++) {
        int r;
        snprintf(line, sizeof line, "writer %d says line %d of %*d", who, i, 1 + i % 40, EACH);
        while ((r = history_add(file, line)) == -EWOULDBLOCK)
            ;
        if (r < 0)
            _exit(1);
    }
    _exit(0);
}

/* Adds and trims again and again until it is killed. */
static void trim_lines(void) {
    int r;
    for (unsigned i = 0;; i++) {
        char line[40];
        snprintf(line, sizeof line, "passing");
        if ((r = history_add(file, line)) == 0)
            r = history_trim(file, SIZE_MAX);
        if (r < 0 && r != -EWOULDBLOCK)
            _exit(1);
    }
}

struct count {
    int next[WRITERS]; /* number of the next line of each writer */
    int wrong, others;
};
static void count_line(void *data, const char *line) {
    struct count *c = data;
    char want[80];
    int who, i;
    if (strcmp(line, "passing") == 0) {
        c->others++;
        return;
    }
    c->wrong++;
    if (sscanf(line, "writer %d says line %d", &who, &i) != 2 || who < 0 || who >= WRITERS)
        return;
    snprintf(want, sizeof want, "writer %d says line %d of %*d", who, i, 1 + i % 40, EACH);
    if (strcmp(line, want) == 0 && i == c->next[who]++)
        c->wrong--;
}

static pid_t start_process(int who) {
    pid_t pid = fork();
    if (pid == 0 && who < WRITERS)
        write_lines(who);
    if (pid == 0)
        trim_lines();
    return pid;
}

static void shares(void) {
    pid_t all[WRITERS + TRIMMERS];
    struct count c = {0};
    int status, lost = 0, failed = 0;
    for (int i = 0; i < WRITERS + TRIMMERS; i++)
        all[i] = start_process(i);
    for (int i = 0; i < WRITERS + TRIMMERS; i++) {
        if (i >= WRITERS)
            kill(all[i], SIGKILL);
        waitpid(all[i], &status, 0);
        failed += i < WRITERS ? status != 0 : !WIFSIGNALED(status);
    }
    is(failed, 0, "many sessions add while others trim, and none fails");
    is(history_read(file, SIZE_MAX, count_line, &c), 0, "what they have left is read");
    for (int i = 0; i < WRITERS; i++)
        lost += EACH - c.next[i];
    is(lost, 0, "no line is lost");
    is(c.wrong, 0, "none is torn, or out of its session's order");
    ok(c.others <= 1, "what was there twice is there once");
    is(history_trim(file, 1), 0, "the next trim finds no lock");
    is(files_in_box(), 1, "and leaves no file but one");
    unlink(file);
}

static int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Runs a trim in a process of its own and kills it after `most` nanoseconds (0: never); returns
 * the time it took. */
static int64_t trim_for(int64_t most) {
    int64_t began = now_ns();
    pid_t pid = fork();
    if (pid == 0)
        _exit(history_trim(file, 100) ? 1 : 0);
    while (most && now_ns() - began < most)
        ;
    if (most)
        kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    return now_ns() - began;
}

/* Kills the trim at moments from its start to after its end. */
static void survives_a_kill(void) {
    char text[4096];
    size_t n = 0, lines;
    int bad = 0, cut = 0;
    int64_t whole;
    for (int i = 0; i < 300; i++)
        n += (size_t)sprintf(text + n, "line %d\n", i);
    set_file(file, text, n);
    whole = trim_for(0);
    for (int i = 1; i <= KILLS; i++) {
        set_file(file, text, n);
        trim_for(whole * i / (KILLS - KILLS / 4));
        lines = lines_of(file, SIZE_MAX).lines;
        cut += lines == 100;
        bad += lines != 100 && lines != 300;
        bad += history_add(file, "next") != 0;
    }
    is(bad, 0, "a trim that is killed leaves the old file or the new, and no lock");
    printf("# %d of %d were trimmed\n", cut, KILLS);
    set_file(file, text, n);
    is(history_trim(file, 100), 0, "the next trim");
    is(files_in_box(), 1, "leaves no file but one");
    unlink(file);
}

int main(void) {
    int fds = open_fds();
    enter_box();
    survives_a_full_disk();
    waits_for_the_lock();
    shares();
    survives_a_kill();
    is(open_fds(), fds, "nothing stays open");
    return done();
}
