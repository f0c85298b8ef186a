/* interrupter OPTION... -- COMMAND...: interrupts requests of a pool with one child at random
 * times, and checks each reply and the child's state. tests/real/interrupts calls it.
 *
 *     -S SEED    -w WRAP    -s SETUP, several
 *     -n U,C,I   how many interrupts of each kind there must be, see below
 *     -u TEXT    a request that doesn't end by itself, several
 *     -q TEXT    one that ends soon, several
 *     -c TEXT    one that prints the child's counter, a blank and its number
 *
 * Each text but -c adds 1 to the counter, and prints its number, for which `@` stands in the text,
 * once or more, a line each. So the whole of each reply is known, and so is the counter.
 *
 * The kinds:
 * - in user code: an endless request is cancelled, or its limit passes;
 * - close to an end: a quick one is cancelled, or the child is sent SIGINT past the pool, within
 *   200 us of the moment when its reply can be read; the moment is drawn round its usual time;
 * - idle: the child is sent SIGINT past the pool between two requests.
 *
 * The pool does nothing when it is asked to interrupt an idle child, so SIGINT is sent past it. Its
 * rule is kept then: the next that is sent is an empty request. Behind each interrupt the counter
 * is asked for: a request that must succeed. Prints a line of counts. */
#include <dualpipe.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { CLOSE_US = 200, SOON_MS = 60000, MOST_TEXTS = 32, MOST_REPORTS = 10 };

static struct {
    long user, close, idle; /* interrupts of the three kinds */
    long cut;               /* of those close to an end: the request was given up */
    long far;               /* of quick requests, further from the end */
    long wrong, lost;
} counts;
static dualpipe_pool *pool;
static dualpipe *child;
static const char *check_text;
static const char *last = "nothing"; /* the interrupt before this one */
static long number, counter;

static int64_t now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

static long below(long n) { return random() % n; }

static void die(const char *what, int error) {
    fprintf(stderr, "interrupter: %s: %s\n", what, strerror(-error));
    exit(2);
}

static void report(const char *what, const char *text, const struct dualpipe_reply *r) {
    if (++counts.wrong <= MOST_REPORTS)
        printf("# wrong: %s: request %ld: %s: outcome %d, status %d, %zu bytes: %.*s; last: %s\n",
               what, number, text, (int)r->outcome, r->request_status, r->size,
               r->size < 200 ? (int)r->size : 200, r->size ? r->data : "", last);
}

/* Sends the text with its number. */
static void put(const char *text, int timeout) {
    static char buffer[1 << 16];
    size_t n = 0;
    int e;
    number++;
    for (const char *p = text; *p && n < sizeof buffer - 32; p++)
        if (*p == '@')
            n += (size_t)sprintf(buffer + n, "%ld", number);
        else
            buffer[n++] = *p;
    buffer[n++] = '\n';
    struct dualpipe_request q = {.data = buffer, .size = n, .timeout = timeout};
    while ((e = dualpipe_pool_put(pool, &q)) == -EAGAIN)
        poll(NULL, 0, 1);
    if (e < 0)
        die("put", e);
}

/* Waits for the reply; false if none has come. */
static bool get(struct dualpipe_reply *r, int timeout) {
    int e = dualpipe_pool_get(pool, r, timeout);
    if (e < 0 && e != -ETIMEDOUT)
        die("get", e);
    if (e == 1 && r->child)
        child = r->child;
    return e == 1;
}

static void take(struct dualpipe_reply *r, const char *text) {
    if (!get(r, SOON_MS)) {
        printf("# wrong: request %ld: %s: no reply within a minute\n", number, text);
        exit(1);
    }
}

/* Whether the reply is the number in so many lines, the last of them cut anywhere. Sets *lines to
 * the whole ones, and *cut if there is part of one. */
static bool is_number(const struct dualpipe_reply *r, long *lines, bool *cut) {
    char want[32];
    size_t n = (size_t)sprintf(want, "%ld\n", number), rest = r->size % n;
    *lines = (long)(r->size / n);
    *cut = rest > 0;
    for (size_t i = 0; i < r->size; i++)
        if (r->data[i] != want[i % n])
            return false;
    return true;
}

/* The next requests must succeed; the counter must be what it was, or one more if may_count, and
 * just that if must_count. */
static void check(const char *behind, bool may_count, bool must_count) {
    struct dualpipe_reply r;
    char reply[100];
    long found = -1, echoed = -1;
    put(check_text, 0);
    take(&r, check_text);
    snprintf(reply, sizeof reply, "%.*s", (int)r.size, r.size ? r.data : "");
    if (r.outcome == DUALPIPE_OUTCOME_CHILD_ENDED) {
        counts.lost++;
        printf("# lost: the child ended behind: %s\n", behind);
        counter = 0;
        return;
    }
    if (r.outcome != DUALPIPE_OUTCOME_ANSWERED || r.request_status != 0 ||
        sscanf(reply, "%ld %ld", &found, &echoed) != 2 || echoed != number) {
        report("the next request", behind, &r);
        return;
    }
    if (found == 0 && counter > 0) {
        counts.lost++;
        printf("# lost: the counter behind: %s\n", behind);
    } else if (found != counter + 1 ? must_count || found != counter : !may_count)
        report("the counter", behind, &r);
    counter = found;
}

/* What is sent first after a signal that the pool knows nothing of. */
static void probe(const char *behind) {
    struct dualpipe_reply r;
    put("", 0);
    take(&r, "");
    if (r.outcome == DUALPIPE_OUTCOME_CHILD_ENDED)
        return; /* the check tells */
    if (r.outcome != DUALPIPE_OUTCOME_ANSWERED || r.size > 0)
        report("an empty request", behind, &r);
}

static void interrupt_user(const char *text) {
    struct dualpipe_reply r;
    long lines, delay = (1 + below(10)) * (1 + below(1500));
    bool by_limit = below(2) == 0, cut;
    int64_t start = now_us();
    put(text, by_limit ? 1 + (int)(delay / 1000) : 0);
    while (!by_limit && now_us() - start < delay)
        if (get(&r, 0)) {
            report("it ended", text, &r);
            return;
        }
    if (!by_limit)
        dualpipe_pool_interrupt(pool, 0);
    take(&r, text);
    if (r.outcome != (by_limit ? DUALPIPE_OUTCOME_TIMED_OUT : DUALPIPE_OUTCOME_CANCELLED) ||
        !is_number(&r, &lines, &cut))
        report("an endless request", text, &r);
    counts.user++;
    check(text, true, false);
    last = by_limit ? "limit" : "cancelled";
}

/* Whether some of the reply has come. */
static bool can_read(void) {
    struct dualpipe_pollitem item[2];
    struct pollfd fds[8];
    int timeout = SOON_MS, n = dualpipe_pool_pollitems(pool, item, 2, &timeout);
    n = dualpipe_pollfds(item, n, fds, 8, &timeout);
    if (timeout == 0)
        return true; /* the pool has it */
    poll(fds, (nfds_t)n, 0);
    for (int i = 0; i < n; i++)
        if ((fds[i].events & POLLIN) && (fds[i].revents & POLLIN))
            return true;
    return false;
}

/* The pool doesn't know of a signal past it, so what was given up by that counts as answered.
 * usual: microseconds that it takes, measured here; 0: unknown. */
static void interrupt_quick(const char *text, double *usual) {
    struct dualpipe_reply r;
    long lines;
    bool past_pool = below(2) == 0, behind = *usual == 0 || below(3) == 0, cut;
    long shift = behind ? below(CLOSE_US) : below(2 * CLOSE_US) - CLOSE_US;
    int64_t start = now_us(), end = 0, struck;
    put(text, 0);
    for (;;) {
        int64_t now = now_us();
        if (!end && can_read())
            end = now_us();
        if (behind ? end && now >= end + shift : now - start >= (int64_t)*usual + shift)
            break;
        if (now - start > 1000000) {
            printf("# nothing to read in 1 s: %s\n", text);
            break;
        }
    }
    if (past_pool && child)
        dualpipe_signal(child, SIGINT);
    else
        dualpipe_pool_interrupt(pool, 0);
    struck = now_us();
    take(&r, text);
    bool good = is_number(&r, &lines, &cut), whole = good && lines > 0 && !cut;
    if (!end || lines > 1)
        end = now_us(); /* its first bytes are not its end */
    bool by_pool = r.outcome == DUALPIPE_OUTCOME_CANCELLED && r.interrupted;
    bool answered = r.outcome == DUALPIPE_OUTCOME_ANSWERED && r.request_status == 0;
    if (!good || (!past_pool && (answered ? !whole : !by_pool)))
        report("a quick request", text, &r);
    if (whole)
        *usual = *usual > 0 ? *usual * 0.8 + (double)(end - start) * 0.2 : (double)(end - start);
    if (labs((long)(struck - end)) > CLOSE_US)
        counts.far++;
    else
        counts.close++, counts.cut += !answered || !whole;
    if (past_pool)
        probe(text);
    check(text, true, answered && (past_pool ? whole && lines == 1 : whole));
    last = past_pool ? "quick, past the pool" : "quick, cancelled";
}

static void interrupt_idle(void) {
    long before = below(1000), behind = below(CLOSE_US);
    for (int64_t start = now_us(); now_us() - start < before;)
        ;
    if (child)
        dualpipe_signal(child, SIGINT);
    for (int64_t start = now_us(); below(2) && now_us() - start < behind;)
        ;
    counts.idle++;
    probe("idle");
    check("idle", false, false);
    last = "idle";
}

int main(int argc, char **argv) {
    const char *endless[MOST_TEXTS], *quick[MOST_TEXTS];
    struct dualpipe_request setups[MOST_TEXTS] = {0};
    double usual[MOST_TEXTS] = {0};
    long users = 0, closes = 0, idles = 0, most;
    int endless_count = 0, quick_count = 0, setup_count = 0, option, e;
    struct dualpipe_rule_options rule_options = {0};
    struct dualpipe_error why;
    dualpipe_rule *rule;
    while ((option = getopt(argc, argv, "S:w:s:n:u:q:c:")) != -1)
        if (option == 'S')
            srandom((unsigned)atol(optarg));
        else if (option == 'w')
            rule_options.wrap = optarg;
        else if (option == 's' && setup_count < MOST_TEXTS)
            setups[setup_count++] = (struct dualpipe_request){.data = optarg,
                                                              .size = strlen(optarg)};
        else if (option == 'n')
            sscanf(optarg, "%ld,%ld,%ld", &users, &closes, &idles);
        else if (option == 'u' && endless_count < MOST_TEXTS)
            endless[endless_count++] = optarg;
        else if (option == 'q' && quick_count < MOST_TEXTS)
            quick[quick_count++] = optarg;
        else if (option == 'c')
            check_text = optarg;
        else
            return 2;
    if (optind == argc || !endless_count || !quick_count || !check_text || !rule_options.wrap)
        return 2;
    if ((e = dualpipe_rule_new(&rule, &rule_options, &why)) < 0)
        die("rule", e);
    struct dualpipe_options options = {.argv = argv + optind, .err = DUALPIPE_STDERR_INHERIT,
                                       .grace = 10000};
    struct dualpipe_pool_options pool_options = {
        .child = &options, .rule = rule, .setup_texts = setups, .setup_count = setup_count,
        .flags = DUALPIPE_POOL_REPLACE, .interrupt_signal = SIGINT};
    if ((e = dualpipe_pool_open(&pool, &pool_options, &why)) < 0)
        die(argv[optind], e);
    check("nothing", false, false);
    most = 100 + 4 * (users + closes + idles);
    while (most-- > 0 && counts.wrong + counts.lost < 100) {
        long kinds[3], n = 0;
        if (counts.user < users)
            kinds[n++] = 0;
        if (counts.close < closes)
            kinds[n++] = 1;
        if (counts.idle < idles)
            kinds[n++] = 2;
        if (n == 0)
            break;
        long kind = kinds[below(n)], i;
        if (kind == 0)
            interrupt_user(endless[below(endless_count)]);
        else if (kind == 1)
            i = below(quick_count), interrupt_quick(quick[i], &usual[i]);
        else
            interrupt_idle();
    }
    printf("user=%ld close=%ld cut=%ld far=%ld idle=%ld wrong=%ld lost=%ld\n", counts.user,
           counts.close, counts.cut, counts.far, counts.idle, counts.wrong, counts.lost);
    dualpipe_pool_close(pool);
    dualpipe_rule_free(rule);
    return 0;
}
