/* Tests lib/pool/worker_interrupt.c: a request that is given up is interrupted, its child goes on
 * with its state, and no interrupt reaches a later request. The child is a function that records
 * which request it was at when a signal came. */
#include "../schedules.h"
#include "pool_fixture.h"
#include <signal.h>

enum { MOST_NUMBERS = 1024, IDLE = 0 };

/* Shared with the children. */
struct notes_of_signals {
    int hits[MOST_NUMBERS];      /* by request; IDLE: at none */
    volatile int is_at;          /* the last request that was begun */
};
static struct notes_of_signals *notes;

/* --- the child --------------------------------------------------------------------------- */

static volatile sig_atomic_t was_hit;
static volatile int current;

static void on_signal(int signo) {
    notes->hits[current]++;
    was_hit = 1;
    (void)signo;
}

static void put_line(const char *text) {
    char line[128];
    obey_write(1, line, (size_t)snprintf(line, sizeof line, "%s\n", text));
}

/* Reads a line, however often a signal comes; false: the end. */
static bool read_line(char *line, size_t size) {
    for (size_t n = 0; n < size - 1;) {
        ssize_t r = read(0, line + n, 1);
        if (r == 0 || (r < 0 && errno != EINTR))
            return false;
        if (r < 0)
            continue;
        if (line[n++] == '\n') {
            line[n - 1] = 0;
            return true;
        }
    }
    return false;
}

/* Waits for a signal, or so many microseconds; negative: for the signal alone. */
static void work(int us) {
    int64_t end = harness_us() + us;
    while (!was_hit && (us < 0 || harness_us() < end))
        if (us < 0)
            poll(NULL, 0, 1);
}

/* A request is "NUMBER WORD US": by the word,
 *   add     adds 1 to what the child keeps, and prints it
 *   work    works for so many microseconds, or until it is interrupted; then prints its number
 *   part    prints a part at once, then works on
 *   dies    has no handler    ignores  hears no signal     late   goes on once there is a file "go"
 *   drops   goes on, and drops the line after its fence    mute   answers its fence, and no more
 *   falls   answers its fence, and dies
 * Any other line is a fence, and is printed. */
static int answer(int argc, char **argv, void *data) {
    struct sigaction action = {.sa_handler = on_signal};
    char line[128], word[32];
    int kept = 0, us, number;
    int drops = 0; /* the line after so many others is dropped, if that is not 0 */
    bool mute = false, falls;
    (void)argc, (void)argv, (void)data;
    sigaction(SIGINT, &action, NULL);
    while (read_line(line, sizeof line)) {
        if (mute || (drops > 0 && --drops == 0))
            continue;
        if (sscanf(line, "%d %31s %d", &number, word, &us) != 3) {
            put_line(line);
            current = IDLE;
            continue;
        }
        was_hit = 0;
        current = number;
        if (strcmp(word, "dies") == 0 || strcmp(word, "ignores") == 0)
            signal(SIGINT, *word == 'd' ? SIG_DFL : SIG_IGN);
        if (strcmp(word, "part") == 0)
            put_line("part");
        notes->is_at = number;
                if (strcmp(word, "add") == 0)
            snprintf(word, sizeof word, "%d", ++kept);
        else
            work(us);
        while (strcmp(word, "late") == 0 && access("go", F_OK) < 0)
            poll(NULL, 0, 1);
        drops = strcmp(word, "drops") == 0 ? 2 : 0;
        mute = strcmp(word, "mute") == 0;
        put_line(word);
        falls = strcmp(word, "falls") == 0;
        if ((mute || falls) && read_line(line, sizeof line))
            put_line(line);
        if (falls)
            return 3;
    }
    return 0;
}

/* --- the host ---------------------------------------------------------------------------- */

static dualpipe_rule *fence;

static dualpipe_pool *open_pool(struct dualpipe_pool_options o, int grace) {
    static char *argv[] = {WORD("answer"), NULL};
    static struct dualpipe_options child;
    memset(notes, 0, sizeof *notes);
    child = (struct dualpipe_options){.function = answer, .argv = argv, .grace = grace};
    o.child = &child;
    o.rule = fence;
    o.interrupt_signal = SIGINT;
    return pool_of(NULL, o);
}

/* Waits until the child is at the request of this number. The pool may have to send it first. */
static bool begins(dualpipe_pool *pool, int number) {
    for (long end = now_ms() + SOON; notes->is_at != number && now_ms() < end;)
        if (dualpipe_pool_get(pool, &got, 1) == 1)
            return false;
    return notes->is_at == number;
}

static bool asks(dualpipe_pool *pool, int number, const char *word, int us, int limit) {
    static char texts[MOST_NUMBERS][48];
    snprintf(texts[number], sizeof texts[number], "%d %s %d\n", number, word, us);
    return submit_for(pool, texts[number], limit) >= 0;
}

/* The child has kept what it was told, and is in step. */
static bool adds(dualpipe_pool *pool, int number, const char *kept) {
    return asks(pool, number, "add", 0, 0) && reply_is(pool, kept);
}

/* The next child adds, or the same one if it was not replaced. */
static bool adds_after_loss(dualpipe_pool *pool, int number) {
    return asks(pool, number, "add", 0, 0) && dualpipe_pool_get(pool, &got, SOON) == 1 &&
           is_text(got.data, got.size, count_events("replaced") > 0 ? "1\n" : "2\n");
}

static bool close_pool(dualpipe_pool *pool, int fds) {
    bool ends = ends_by_itself(pool);
    dualpipe_pool_close(pool);
    return ends && is_left_clean(fds);
}

static void survives(void) {
    int fds = open_fds();
    dualpipe_pool *pool = open_pool((struct dualpipe_pool_options){0}, scaled(2000));
    ok(adds(pool, 1, "1\n"), "a child keeps something");
    asks(pool, 2, "part", -1, scaled(200));
    ok(outcome_is(pool, DUALPIPE_OUTCOME_TIMED_OUT, "part\npart\n") && got.interrupted,
       "a request whose limit passes is interrupted; what had come is given");
    ok(adds(pool, 3, "2\n"), "the child goes on, and keeps it");
    asks(pool, 4, "work", -1, 0);
    ok(begins(pool, 4) && dualpipe_pool_interrupt(pool, 4) == 1, "so is one that is cancelled");
    ok(outcome_is(pool, DUALPIPE_OUTCOME_CANCELLED, "work\n") && got.interrupted,
       "its outcome is another");
    asks(pool, 5, "work", -1, 0);
    ok(begins(pool, 5) && dualpipe_pool_interrupt(pool, 0) == 1 &&
           outcome_is(pool, DUALPIPE_OUTCOME_CANCELLED, "work\n"),
       "the oldest is meant without a number");
    ok(dualpipe_pool_interrupt(pool, 0) == 0 && dualpipe_pool_interrupt(pool, 5) == 0,
       "what is finished can't be cancelled");
    ok(adds(pool, 6, "3\n"), "the child still goes on");
    ok(notes->hits[2] == 1 && notes->hits[4] == 1 && notes->hits[5] == 1 &&
           notes->hits[IDLE] + notes->hits[1] + notes->hits[3] + notes->hits[6] == 0,
       "each of the three was hit once, nothing else was");
    ok(stats_are(pool, 6, 3, 3), "they count as failed");
    ok(count_events("replaced") == 0 && count_events("late") == 0, "no reply is late");
    ok(close_pool(pool, fds), "it ends by itself");
    ok(strstr(event_log, "ended 0/") != NULL, "with its own status");
}

static void does_not_survive(void) {
    int fds = open_fds();
    struct dualpipe_pool_options o = {.flags = DUALPIPE_POOL_REPLACE};
    dualpipe_pool *pool = open_pool(o, 100);
    adds(pool, 1, "1\n");
    asks(pool, 2, "dies", -1, scaled(200));
    ok(outcome_is(pool, DUALPIPE_OUTCOME_TIMED_OUT, "") && !got.interrupted &&
           got.status.signal == SIGINT,
       "a child that dies of it: the request has timed out, and the reply says of what");
    ok(adds(pool, 3, "1\n"), "another child is asked next, which has nothing kept");
    asks(pool, 4, "ignores", 1000 * scaled(400), scaled(50));
    ok(outcome_is(pool, DUALPIPE_OUTCOME_TIMED_OUT, "") && !got.interrupted,
       "one that ignores it: the request is given up without it");
    ok(adds_after_loss(pool, 5), "its late reply is discarded, or it is replaced");
    dualpipe_pool_close(pool);
    pool = open_pool(o, 100);
    adds(pool, 1, "1\n");
    asks(pool, 2, "late", -1, scaled(400));
    ok(outcome_is(pool, DUALPIPE_OUTCOME_TIMED_OUT, "") && !got.interrupted,
       "one that is too late: so too");
    make_file("go");
    ok(adds_after_loss(pool, 3),
       "when it has come, the child is asked on, or it was replaced");
    ok(notes->hits[2] == 1 && notes->hits[3] == 0, "only that request was hit");
    dualpipe_pool_close(pool);
    pool = open_pool(o, scaled(2000));
    adds(pool, 1, "1\n");
    asks(pool, 2, "drops", -1, scaled(200));
    ok(outcome_is(pool, DUALPIPE_OUTCOME_TIMED_OUT, "drops\n") && adds(pool, 3, "2\n"),
       "a fence that is dropped with the signal is sent once more");
    asks(pool, 4, "mute", -1, scaled(200));
    ok(outcome_is(pool, DUALPIPE_OUTCOME_TIMED_OUT, "mute\n"), "what answers only its own fence");
    ok(adds(pool, 5, "1\n") && count_events("replaced") == 1, "is replaced, before it is asked");
    asks(pool, 6, "falls", -1, scaled(200));
    ok(outcome_is(pool, DUALPIPE_OUTCOME_TIMED_OUT, "falls\n") && adds(pool, 7, "1\n") &&
           count_events("ended 3/") == 1,
       "and so is what dies behind its fence: the signal may have come to an idle child");
    dualpipe_pool_close(pool);
    ok(is_left_clean(fds), "nothing is left");
}

static void several(void) {
    int fds = open_fds();
    struct dualpipe_pool_options o = {.window = 4};
    dualpipe_pool *pool = open_pool(o, scaled(2000));
    adds(pool, 1, "1\n");
    asks(pool, 2, "work", 1000 * 100, 0);
    asks(pool, 3, "add", 0, 0);
    ok(begins(pool, 2) && dualpipe_pool_interrupt(pool, 2) == 1 &&
           outcome_is(pool, DUALPIPE_OUTCOME_CANCELLED, "") && !got.interrupted,
       "a request with another sent behind it is given up without a signal");
    ok(reply_is(pool, "2\n") && count_events("late") == 1, "the other is answered");
    asks(pool, 4, "work", 1000 * 50, 0);
    asks(pool, 5, "work", -1, 0);
    ok(dualpipe_pool_interrupt(pool, 5) == 1 && reply_is(pool, "work\n") &&
           outcome_is(pool, DUALPIPE_OUTCOME_CANCELLED, "work\n"),
       "the last is interrupted when it is its turn");
    ok(adds(pool, 6, "3\n") && notes->hits[2] + notes->hits[4] + notes->hits[IDLE] == 0,
       "no other was hit");
    ok(close_pool(pool, fds), "it ends by itself");

    o = (struct dualpipe_pool_options){.workers = 2, .flags = DUALPIPE_POOL_UNORDERED};
    pool = open_pool(o, scaled(2000));
    asks(pool, 1, "work", -1, 0);
    ok(begins(pool, 1), "one child works");
    asks(pool, 2, "work", -1, 0);
    ok(dualpipe_pool_get(pool, &got, 0) == -ETIMEDOUT && begins(pool, 2), "and another one");
    ok(dualpipe_pool_interrupt(pool, 2) == 1 &&
           outcome_is(pool, DUALPIPE_OUTCOME_CANCELLED, "work\n") && got.number == 2,
       "one of them is interrupted");
    ok(dualpipe_pool_interrupt(pool, 0) == 1 &&
           outcome_is(pool, DUALPIPE_OUTCOME_CANCELLED, "work\n") && got.number == 1,
       "then the other");
    ok(notes->hits[1] == 1 && notes->hits[2] == 1 && notes->hits[IDLE] == 0, "each once");
    ok(close_pool(pool, fds), "it ends by itself");
}

static void not_begun(void) {
    int fds = open_fds();
    struct dualpipe_pool_options o = {.window = DUALPIPE_WINDOW_AUTO};
    dualpipe_pool *pool = open_pool(o, scaled(2000));
    asks(pool, 1, "work", -1, 0);
    asks(pool, 2, "add", 0, 0);
    ok(begins(pool, 1) && dualpipe_pool_interrupt(pool, 2) == 1 &&
           dualpipe_pool_interrupt(pool, 1) == 1,
       "one that waits can be cancelled too");
    ok(outcome_is(pool, DUALPIPE_OUTCOME_CANCELLED, "work\n") &&
           fails_with(pool, DUALPIPE_OUTCOME_CANCELLED) && got.sent == 0,
       "nothing of it is sent");
    ok(adds(pool, 3, "1\n"), "the child goes on");
    ok(close_pool(pool, fds), "it ends by itself");
}

/* A reply may end as the signal is sent: at every time between, whatever the child is at is hit or
 * nothing is, but never a later request. */
static void races(void) {
    int fds = open_fds(), rounds = (int)fewer(3000), kept = 0, counts[2] = {0}, bad = 0;
    dualpipe_pool *pool = open_pool((struct dualpipe_pool_options){0}, scaled(2000));
    char want[16];
    seed = (unsigned)now_ms();
    printf("# seed %u\n", seed);
    for (int i = 0; i < rounds && !bad; i++) {
        int number = 2 * i % (MOST_NUMBERS - 2) + 1, us = 50 + pick(300);
        int64_t at;
        notes->hits[number] = notes->hits[number + 1] = notes->is_at = 0;
        asks(pool, number, "work", us, 0);
        begins(pool, number);
        at = harness_us() + (toss(2) ? pick(us) : us - 60 + pick(120));
        while (harness_us() < at && dualpipe_pool_get(pool, &got, 0) == -ETIMEDOUT)
            ;
        if (dualpipe_pool_oldest(pool, &got) == 1) {
            dualpipe_pool_interrupt(pool, 0);
            bad += dualpipe_pool_get(pool, &got, SOON) != 1;
        }
        bad += !is_text(got.data, got.size, "work\n");
        counts[got.interrupted]++;
        snprintf(want, sizeof want, "%d\n", ++kept);
        bad += !adds(pool, number + 1, want) || notes->hits[number + 1] > 0;
    }
    ok(bad == 0,
       "%d requests, cancelled as their replies end: %d in time, %d interrupted, of these %d hit "
       "an idle child; none reaches the next request, and what the child keeps stays",
       rounds, counts[0], counts[1], notes->hits[IDLE]);
    ok(close_pool(pool, fds), "it ends by itself");
}

static void without(void) {
    int fds = open_fds();
    static const char echo[] = "while read -r n w; do echo \"$n\"; sleep $w; done";
    struct dualpipe_pool_options o = {.rule = fence};
    dualpipe_pool *pool = pool_of(echo, o);
    submit(pool, "a .05\n");
    ok(dualpipe_pool_interrupt(pool, 1) == 1 && dualpipe_pool_get(pool, &got, SOON) == 1 &&
           got.outcome == DUALPIPE_OUTCOME_CANCELLED && !got.interrupted,
       "without a signal a request is given up when it is cancelled");
    submit(pool, "b 0\n");
    ok(reply_is(pool, "b\n") && count_events("late") == 1, "and its late reply discarded");
    dualpipe_pool_close(pool);
    ok(is_left_clean(fds), "nothing is left");
}

int main(void) {
    begin();
    notes = mmap(NULL, sizeof *notes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    fence = rule_of((struct dualpipe_rule_options){.fence = "{}"});
    survives();
    does_not_survive();
    several();
    not_begun();
    races();
    without();
    dualpipe_rule_free(fence);
    munmap(notes, sizeof *notes);
    return done();
}
