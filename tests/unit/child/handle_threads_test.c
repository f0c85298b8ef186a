/* Tests many threads at once, each with its own handles: each gets its own bytes and exit
 * statuses, and no descriptor of another thread. Meant mainly for TSan. */
#include "../harness.h"
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

enum { THREADS = 8, ROUNDS = 12, LINES = 50 };

/* Calls only functions that are safe after a fork in a threaded host. */
static int echo_bytes(int argc, char **argv, void *data) {
    char p[4096];
    ssize_t r;
    (void)argc, (void)argv;
    while ((r = read(0, p, sizeof p)) > 0)
        if (write(1, p, (size_t)r) != r)
            return 255;
    return *(int *)data;
}

static int talk(dualpipe *dp, int id) {
    char line[64];
    int good = 1;
    for (int i = 0; good && i < LINES; i++) {
        snprintf(line, sizeof line, "thread %d line %d\n", id, i);
        good = takes(dp, line) && says_line(dp, line);
    }
    return good;
}

static int one_function(int id) {
    dualpipe *dp = call(echo_bytes, &id);
    int good = dp && talk(dp, id);
    return good && finish(dp).code == id;
}

static int one_command(int id) {
    char script[64], *argv[] = {WORD("sh"), WORD("-c"), script, NULL};
    struct dualpipe_status s;
    dualpipe *dp;
    snprintf(script, sizeof script, "cat; echo err >&2; exit %d", id);
    dp = launch((struct dualpipe_options){.argv = argv, .err = DUALPIPE_STDERR_RELAY});
    if (!dp || !talk(dp, id))
        return 0;
    dualpipe_close_stdin(dp);
    return says_no_more(dp) && dualpipe_wait(dp, &s, SOON) == 0 && s.code == id &&
           finish(dp).code == id;
}

static int one_failure(void) {
    char *argv[] = {WORD("/no/such/command"), NULL};
    struct dualpipe_error why;
    dualpipe *dp;
    return dualpipe_start(&dp, &(struct dualpipe_options){.argv = argv}, &why) == -ENOENT && !dp;
}

static int one_rule(int id) {
    char pattern[32], text[64];
    const char *until[] = {pattern, NULL};
    struct dualpipe_scan s = {0};
    dualpipe_rule *r;
    int n, whole;
    snprintf(pattern, sizeof pattern, "^end %d$", id);
    if (dualpipe_rule_new(&r, &(struct dualpipe_rule_options){.end_patterns = until}, NULL) < 0)
        return 0;
    n = snprintf(text, sizeof text, "a\nend %d\nb\n", id);
    whole = (int)dualpipe_rule_scan(r, &s, text, (size_t)n, 0);
    dualpipe_rule_free(r);
    return whole == DUALPIPE_SCAN_COMPLETE && s.matched == 0;
}

static dualpipe_rule *shared;

static int one_shared(void) {
    struct dualpipe_scan s = {0};
    return dualpipe_rule_scan(shared, &s, "a\nb\nok\n", 7, 0) == DUALPIPE_SCAN_COMPLETE &&
           s.next == 7;
}

static void *do_rounds(void *data) {
    int id = *(int *)data, good = 0;
    for (int i = 0; i < ROUNDS; i++)
        good += one_function(id) + one_command(id) + one_failure() + one_rule(id) + one_shared();
    return (void *)(intptr_t)good;
}

/* Children of other threads must not hold the pipes of a child open: each ends once its stdin is
 * closed. */
static void *end_at_once(void *data) {
    int id = *(int *)data;
    long good = 0;
    for (int i = 0; i < ROUNDS; i++) {
        dualpipe *dp = shell("cat");
        dualpipe_close_stdin(dp);
        good += says_no_more(dp) && dualpipe_wait(dp, NULL, SOON) == 0;
        finish(dp);
    }
    (void)id;
    return (void *)(intptr_t)good;
}

static int ids[THREADS] = {1, 2, 3, 4, 5, 6, 7, 8};

static long run_all(void *(*f)(void *)) {
    pthread_t threads[THREADS];
    long good = 0;
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, f, &ids[i]);
    for (int i = 0; i < THREADS; i++) {
        void *got;
        pthread_join(threads[i], &got);
        good += (long)(intptr_t)got;
    }
    return good;
}

int main(void) {
    const char *until[] = {"^ok$", NULL};
    int fds;
    begin();
    fds = open_fds();
    dualpipe_rule_new(&shared, &(struct dualpipe_rule_options){.end_patterns = until}, NULL);
    is(run_all(do_rounds), THREADS * ROUNDS * 5, "each thread's children are its own");
    is(run_all(end_at_once), THREADS * ROUNDS, "no child holds another's stdin open");
    dualpipe_rule_free(shared);
    is(open_fds(), fds, "no descriptor is left");
    is(waitpid(-1, NULL, WNOHANG), -1, "no process is left");
    return done();
}
