/* Tests sessions (lib/session): a server runs in a thread of its own; handles, pools and bare
 * requests talk to it. */
#include "../harness.h"
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define ECHO "while read -r a; do echo $a; done"

static const char path[] = "s"; /* the socket, in the scratch folder */
static struct {
    struct dualpipe_server_options o;
    struct dualpipe_pool_options pool;
    pthread_t thread;
    int result;
    char rejections[2000]; /* what the server said about clients that it turned away */
} serving;

static void note_rejection(void *data, const struct dualpipe_client_info *info) {
    size_t n = strlen(serving.rejections);
    (void)data;
    if (info->event == DUALPIPE_CLIENT_REJECTED || info->event == DUALPIPE_CLIENT_EVICTED)
        snprintf(serving.rejections + n, sizeof serving.rejections - n, "%s: %s;",
                 info->event == DUALPIPE_CLIENT_EVICTED ? "evicted" : "rejected",
                 info->reason ? info->reason : "");
}

static void *serve(void *data) {
    dualpipe_server *s = data;
    while ((serving.result = dualpipe_server_run(s, 50)) == 1)
        ;
    dualpipe_server_close(s);
    return NULL;
}

static bool open_session(const char *script, struct dualpipe_server_options o,
                  struct dualpipe_pool_options pool) {
    static char *argv[] = SHELL("");
    static struct dualpipe_options child;
    struct dualpipe_error why;
    dualpipe_server *s;
    argv[2] = WORD(script);
    child =
        (struct dualpipe_options){.argv = argv, .err = DUALPIPE_STDERR_RELAY, .grace = scaled(500)};
    pool.child = &child;
    serving.pool = pool;
    serving.rejections[0] = 0;
    o.pool = &serving.pool;
    o.path = path;
    o.client_callback = note_rejection;
    if (dualpipe_server_open(&s, &o, &why) < 0) {
        printf("# %s: %s\n", why.operation, why.hint ? why.hint : "");
        return false;
    }
    return pthread_create(&serving.thread, NULL, serve, s) == 0;
}

static dualpipe *connect_client(void) {
    dualpipe *dp;
    return dualpipe_session_connect(&dp, path, SOON, NULL) == 0 ? dp : NULL;
}

static void end_session(void) {
    struct dualpipe_session_info s;
    dualpipe *dp = connect_client();
    if (dp && dualpipe_session_hello(dp, &s, SOON) == 0)
        dualpipe_session_command(dp, DUALPIPE_SESSION_SHUTDOWN, SOON);
    dualpipe_close(dp, NULL);
    pthread_join(serving.thread, NULL);
    is(serving.result, 0, "it ends");
    ok(access(path, F_OK) < 0, "and its socket is gone");
}

static dualpipe_pool *pool_on(dualpipe *dp, unsigned flags) {
    struct dualpipe_pool_options o = {.session = dp, .flags = flags};
    dualpipe_pool *pool = NULL;
    dualpipe_pool_open(&pool, &o, NULL);
    return pool;
}

static int ask_on(dualpipe_pool *pool, const char *text, int limit, struct dualpipe_reply *r) {
    struct dualpipe_request q = {.data = text, .size = strlen(text), .timeout = limit};
    int error = dualpipe_pool_put(pool, &q);
    return error < 0 ? error : dualpipe_pool_get(pool, r, SOON);
}

/* --- as a handle ------------------------------------------------------------------------- */

static void handles(void) {
    struct dualpipe_request q = {.data = "one\n", .size = 4, .timeout = SOON};
    struct dualpipe_reply r;
    struct stat st;
    dualpipe *a, *b;
    open_session(ECHO, (struct dualpipe_server_options){0}, (struct dualpipe_pool_options){0});
    ok(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600, "the socket is 0600");
    a = connect_client();
    b = connect_client();
    ok(takes(a, "a1\na2\n") && takes(b, "b1\n"), "two handles write");
    ok(says_line(b, "b1\n") && says_line(a, "a1\n") && says_line(a, "a2\n"),
       "and each reads its own");
    ok(dualpipe_ask(a, &q, &r) == 0 && r.outcome == DUALPIPE_OUTCOME_ANSWERED && r.size == 4,
       "one asks");
    takes(b, "last, without its end");
    dualpipe_close_stdin(b);
    ok(says(b, "last, without its end\n") && says_no_more(b), "what is asked last is answered");
    dualpipe_close(a, NULL);
    dualpipe_close(b, NULL);
    end_session();
}

static bool are_so_many(int clients) {
    struct dualpipe_session_info s = {0};
    dualpipe *dp = connect_client();
    if (dp && dualpipe_session_hello(dp, &s, SOON) < 0)
        s.clients = 0;
    dualpipe_close(dp, NULL);
    return s.clients == clients;
}

/* True once the only client is this call. */
static bool are_none(void *data) {
    (void)data;
    return are_so_many(1);
}

/* --- as a pool --------------------------------------------------------------------------- */

static void pools(void) {
    struct dualpipe_reply r;
    struct dualpipe_diagnosis state;
    dualpipe *dp;
    dualpipe_pool *pool;
    open_session("while read -r a; do [ $a != late ] || until [ -e go ]; do sleep 0.01; done; "
                 "echo $a; echo e$a >&2; done",
          (struct dualpipe_server_options){0}, (struct dualpipe_pool_options){0});
    dp = connect_client();
    pool = pool_on(dp, DUALPIPE_POOL_KEEP_REQUESTS);
    ok(pool && ask_on(pool, "0\n", 0, &r) == 1 && r.outcome == DUALPIPE_OUTCOME_ANSWERED &&
           r.size == 2 && memcmp(r.data, "0\n", 2) == 0 && r.request_size == 2,
       "a pool asks a session");
    ok(ask_on(pool, "late\n", 100, &r) == 1 && r.outcome == DUALPIPE_OUTCOME_TIMED_OUT && r.child,
       "a limit passes there");
    ok(dualpipe_diagnose(r.child, &state, 0) == 0 && state.pid > 0, "and tells the child's state");
    ok(ask_on(pool, "0\n", 50, &r) == 1 && r.outcome == DUALPIPE_OUTCOME_TIMED_OUT && r.sent == 0,
       "nothing is sent while a late reply may still come, within the limit");
    make_file("go");
    ok(ask_on(pool, "next\n", 0, &r) == 1 && r.outcome == DUALPIPE_OUTCOME_ANSWERED && r.size == 5,
       "the late reply is awaited and dropped");
    dualpipe_pool_end(pool);
    is(dualpipe_pool_get(pool, &r, SOON), 0, "it ends, and the session goes on");
    dualpipe_pool_close(pool);
    dualpipe_close(dp, NULL);
    end_session();
}

static bool is_over(void *data) {
    struct dualpipe_session_info *s = data;
    dualpipe *dp = connect_client();
    bool over = dp && dualpipe_session_hello(dp, s, SOON) == 0 && s->ended;
    dualpipe_close(dp, NULL);
    return over;
}

static void its_end(void) {
    struct dualpipe_session_info s;
    struct dualpipe_reply r;
    dualpipe *dp;
    dualpipe_pool *pool;
    open_session("read a; exit 7", (struct dualpipe_server_options){0},
          (struct dualpipe_pool_options){0});
    dp = connect_client();
    pool = pool_on(dp, DUALPIPE_POOL_STREAM_REPLIES);
    ok(ask_on(pool, "a\n", 0, &r) == 1 && r.outcome == DUALPIPE_OUTCOME_CHILD_ENDED &&
           r.status.code == 7,
       "the child ends: its status comes with the failure");
    while (dualpipe_pool_get(pool, &r, 100) == 1)
        ;
    dualpipe_pool_close(pool);
    dualpipe_close(dp, NULL);
    pthread_join(serving.thread, NULL);
    is(serving.result, 0, "and the session has ended");
    open_session("sleep 0.05; echo last; exit 6", (struct dualpipe_server_options){0},
          (struct dualpipe_pool_options){0});
    ok(until(is_over, &s), "a session whose child has ended stays");
    dp = connect_client();
    dualpipe_session_hello(dp, &s, SOON);
    ok(s.status.code == 6 && s.last_output_size == 5, "unasked it keeps status and last output");
    dualpipe_session_command(dp, DUALPIPE_SESSION_REAP, SOON);
    pthread_join(serving.thread, NULL);
    dualpipe_close(dp, NULL);
}

/* A client that was sent the exit notice but hasn't read it doesn't count as told. */
static void exit_notice(void) {
    static const char asked[] = "ask n=1 size=2\na\nask n=2 quiet=1 size=2\nb\n";
    static const char *const silent[] = {"b", NULL};
    struct dualpipe_rule_options o = {.no_reply = silent};
    struct dualpipe_session_info s = {0};
    dualpipe_rule *rule = NULL;
    dualpipe *dp;
    dualpipe_rule_new(&rule, &o, NULL);
    open_session("read a; echo $a; read b; exit 6", (struct dualpipe_server_options){0},
                 (struct dualpipe_pool_options){.rule = rule});
    dp = connect_client();
    dualpipe_session_hello(dp, &s, SOON);
    takes(dp, asked);
    ok(until(is_over, &s) && s.status.code == 6, "its end is known, beside one who was there");
    dualpipe_close(dp, NULL);
    ok(until(are_none, NULL) && is_over(&s), "and stays so when that has gone without a word");
    dp = connect_client();
    dualpipe_session_hello(dp, &s, SOON);
    dualpipe_session_command(dp, DUALPIPE_SESSION_REAP, SOON);
    pthread_join(serving.thread, NULL);
    is(serving.result, 0, "until a client has been told");
    dualpipe_close(dp, NULL);
    dualpipe_rule_free(rule);
}

/* The word that lets the session go may come in two parts, and stand in a request. */
static void exit_notice_in_parts(void) {
    struct dualpipe_session_info s = {0};
    dualpipe *dp;
    open_session("read a; exit 6", (struct dualpipe_server_options){0},
                 (struct dualpipe_pool_options){0});
    dp = connect_client();
    dualpipe_session_hello(dp, &s, SOON);
    takes(dp, "ask n=1 size=2\na\n");
    ok(until(is_over, &s), "a child has ended while a client is there");
    takes(dp, "ask n=2 size=8\ncollect\n");
    takes(dp, "coll");
    ok(is_over(&s), "what only looks like `collect` lets no session go");
    takes(dp, "ect\n");
    pthread_join(serving.thread, NULL);
    is(serving.result, 0, "one in two parts does");
    dualpipe_close(dp, NULL);
}

/* A service's host tells how the child ended: the session doesn't wait for a client. */
static void ends_with_child(void) {
    struct dualpipe_server_options o = {.ends_with_child = 1};
    struct dualpipe_reply r;
    dualpipe *dp;
    dualpipe_pool *pool;
    open_session("exit 3", o, (struct dualpipe_pool_options){0});
    pthread_join(serving.thread, NULL);
    is(serving.result, 0, "with ends_with_child it ends though no client comes");
    open_session(ECHO, o, (struct dualpipe_pool_options){0});
    dp = connect_client();
    pool = pool_on(dp, 0);
    ok(ask_on(pool, "a\n", 0, &r) == 1 && r.outcome == DUALPIPE_OUTCOME_ANSWERED,
       "it answers as ever");
    dualpipe_pool_signal(pool, SIGKILL);
    pthread_join(serving.thread, NULL);
    while (dualpipe_pool_get(pool, &r, SOON) == 1 || dualpipe_pool_room(pool) >= 0)
        ;
    is(dualpipe_pool_room(pool), -EPIPE, "and a client that is there is told");
    dualpipe_pool_close(pool);
    dualpipe_close(dp, NULL);
}

/* --- requests that could shift another's reply ------------------------------------------- */

static bool is_refused(dualpipe_pool *pool, struct dualpipe_request q, const char *why) {
    struct dualpipe_reply r = {0};
    bool fine = dualpipe_pool_put(pool, &q) == 0 && dualpipe_pool_get(pool, &r, SOON) == 1 &&
                r.outcome == DUALPIPE_OUTCOME_REFUSED && r.sent == 0 && strstr(r.reason, why);
    if (!fine)
        printf("# outcome %d: %s\n", (int)r.outcome, r.reason ? r.reason : "");
    return fine;
}

static bool is_answered(dualpipe_pool *pool, struct dualpipe_request q, const char *reply) {
    struct dualpipe_reply r = {0};
    bool fine = dualpipe_pool_put(pool, &q) == 0 && dualpipe_pool_get(pool, &r, SOON) == 1 &&
                r.outcome == DUALPIPE_OUTCOME_ANSWERED && r.size == strlen(reply) &&
                memcmp(r.data, reply, r.size) == 0;
    if (!fine)
        printf("# outcome %d: %.*s\n", (int)r.outcome, (int)r.size, r.data ? r.data : "");
    return fine;
}

static struct dualpipe_request text(const char *data, const dualpipe_rule *rule) {
    return (struct dualpipe_request){.data = data, .size = strlen(data), .rule = rule};
}

static void apart_by_count(const dualpipe_rule *silent) {
    struct dualpipe_request batch = text("a\nb\n", NULL);
    dualpipe *dp;
    dualpipe_pool *pool;
    open_session(ECHO, (struct dualpipe_server_options){0}, (struct dualpipe_pool_options){0});
    dp = connect_client();
    pool = pool_on(dp, 0);
    ok(is_refused(pool, text("a\nb\n", NULL), "more than one line"), "by count: two lines");
    ok(is_refused(pool, text("a", NULL), "no end"), "half a line");
    ok(is_refused(pool, text("", NULL), "nothing is sent"), "nothing at all");
    ok(is_refused(pool, text("a\n", silent), "--no-reply"), "one that expects no reply");
    batch.count = 2;
    is(dualpipe_pool_put(pool, &batch), -EINVAL, "a batch");
    ok(is_answered(pool, text("c\n", NULL), "c\n"), "after these one is answered rightly");
    dualpipe_pool_close(pool);
    dualpipe_close(dp, NULL);
    end_session();
}

/* A session by this rule, with a client of it. */
static dualpipe_pool *open_apart(const struct dualpipe_rule_options *o, dualpipe_rule **rule,
                                 dualpipe **dp) {
    dualpipe_rule_new(rule, o, NULL);
    open_session(ECHO, (struct dualpipe_server_options){0},
                 (struct dualpipe_pool_options){.rule = *rule});
    *dp = connect_client();
    return pool_on(*dp, 0);
}

static void close_apart(dualpipe_pool *pool, dualpipe *dp, dualpipe_rule *rule) {
    dualpipe_pool_close(pool);
    dualpipe_close(dp, NULL);
    end_session();
    dualpipe_rule_free(rule);
}

static void apart_by_fence(const dualpipe_rule *silent) {
    dualpipe_rule *rule = NULL;
    dualpipe *dp;
    dualpipe_pool *pool = open_apart(&(struct dualpipe_rule_options){.fence = "{}"}, &rule, &dp);
    ok(is_answered(pool, text("a\nb", NULL), "a\nb\n"), "by fence: lines, the last unfinished");
    ok(is_answered(pool, text("lost\n", silent), ""), "one that expects no reply, and draws one");
    ok(is_refused(pool, text("", NULL), "nothing is sent"), "but not nothing");
    ok(is_answered(pool, text("c\n", NULL), "c\n"), "after these one is answered rightly");
    close_apart(pool, dp, rule);
}

static void apart_by_id(const dualpipe_rule *silent) {
    dualpipe_rule *rule = NULL;
    dualpipe *dp;
    dualpipe_pool *pool =
        open_apart(&(struct dualpipe_rule_options){.id = "^([0-9]+)"}, &rule, &dp);
    ok(is_refused(pool, text("1\n2\n", NULL), "more than one line"), "by id: two lines");
    ok(is_refused(pool, text("1", NULL), "no end"), "half a line");
    ok(is_answered(pool, text("1 lost\n", silent), ""), "one that expects no reply, and draws one");
    ok(is_answered(pool, text("1 mine\n", NULL), "1 mine\n"), "the next with its id has its own");
    close_apart(pool, dp, rule);
}

/* Two frames, half a frame and no frame, of each kind that isn't lines. */
static void apart_by_frame(void) {
    static const struct {
        enum dualpipe_frame_kind kind;
        const char *one;
        size_t size;
    } frames[] = {{DUALPIPE_FRAME_CRLF, "a\r\n", 3},
                  {DUALPIPE_FRAME_NUL, "a", 2},
                  {DUALPIPE_FRAME_NETSTRING, "1:a,", 4},
                  {DUALPIPE_FRAME_U8, "\1a", 2},
                  {DUALPIPE_FRAME_U16, "\0\1a", 3},
                  {DUALPIPE_FRAME_U32, "\0\0\0\1a", 5},
                  {DUALPIPE_FRAME_U32LE, "\1\0\0\0a", 5},
                  {DUALPIPE_FRAME_VARINT, "\1a", 2},
                  {DUALPIPE_FRAME_HEADER, "Content-Length: 1\r\n\r\na", 22},
                  {DUALPIPE_FRAME_PKTLINE, "0005a", 5}};
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
        struct dualpipe_rule_options o = {.kind = frames[i].kind};
        struct dualpipe_request q = {.size = frames[i].size * 2};
        struct dualpipe_reply r;
        char two[64];
        dualpipe_rule *rule = NULL;
        dualpipe *dp;
        dualpipe_pool *pool;
        bool fine;
        memcpy(two, frames[i].one, frames[i].size);
        memcpy(two + frames[i].size, frames[i].one, frames[i].size);
        dualpipe_rule_new(&rule, &o, NULL);
        open_session("exec cat", (struct dualpipe_server_options){0},
                     (struct dualpipe_pool_options){.rule = rule});
        dp = connect_client();
        pool = pool_on(dp, 0);
        q.data = two;
        fine = is_refused(pool, q, "");
        q.size = frames[i].size - 1;
        fine &= is_refused(pool, q, "");
        q.size = frames[i].size;
        fine &= dualpipe_pool_put(pool, &q) == 0 && dualpipe_pool_get(pool, &r, SOON) == 1 &&
                r.outcome == DUALPIPE_OUTCOME_ANSWERED && r.size == q.size &&
                memcmp(r.data, two, q.size) == 0;
        ok(fine, "frames of kind %d: two and half a one are refused, one is answered",
           (int)frames[i].kind);
        dualpipe_pool_close(pool);
        dualpipe_close(dp, NULL);
        end_session();
        dualpipe_rule_free(rule);
    }
}

static void apart(void) {
    struct dualpipe_rule_options none = {.count = -1}, raw = {.kind = DUALPIPE_FRAME_RAW,
                                                              .bytes = 1};
    dualpipe_rule *silent = NULL, *rule = NULL;
    dualpipe_rule_new(&silent, &none, NULL);
    apart_by_count(silent);
    apart_by_fence(silent);
    apart_by_id(silent);
    apart_by_frame();
    dualpipe_rule_new(&rule, &raw, NULL);
    ok(!open_session(ECHO, (struct dualpipe_server_options){0},
                     (struct dualpipe_pool_options){.rule = rule}),
       "raw bytes, whose requests have no end, make no session");
    dualpipe_rule_free(rule);
    dualpipe_rule_free(silent);
}

/* --- abandoned replies ------------------------------------------------------------------- */

#define DEAF "while read -r a; do [ $a != never ] || exec sleep 1000; echo $a; done"

static char reason[100];

static void note_reason(void *data, const struct dualpipe_pool_event *n) {
    (void)data;
    if (n->type == DUALPIPE_POOL_EVENT_CHILD_ENDED)
        snprintf(reason, sizeof reason, "%s", n->reason ? n->reason : "none");
}

/* Sends a request that is never answered, and disconnects at once, or after limit milliseconds. */
static void ask_in_vain(int limit) {
    dualpipe *dp = connect_client();
    dualpipe_pool *pool = limit ? pool_on(dp, 0) : NULL;
    struct dualpipe_reply r;
    if (limit)
        ok(ask_on(pool, "never\n", limit, &r) == 1 && r.outcome == DUALPIPE_OUTCOME_TIMED_OUT,
           "one lets its limit pass");
    else
        ok(takes(dp, "never\n"), "one asks and goes");
    dualpipe_pool_close(pool);
    dualpipe_close(dp, NULL);
}

static void wedged(int limit, int window, const char *why) {
    dualpipe *dp;
    dualpipe_pool *pool;
    struct dualpipe_reply r;
    struct dualpipe_pool_options o = {.callback = note_reason};
    open_session(DEAF, (struct dualpipe_server_options){.abandoned_reply_timeout = 50},
                 (struct dualpipe_pool_options){.window = window});
    ask_in_vain(limit);
    o.session = dp = connect_client();
    reason[0] = 0;
    dualpipe_pool_open(&pool, &o, NULL);
    ok(ask_on(pool, "1\n", 0, &r) == 1 && r.outcome != DUALPIPE_OUTCOME_ANSWERED,
       "the next is not");
    while (dualpipe_pool_get(pool, &r, SOON) == 1 || dualpipe_pool_room(pool) >= 0)
        ;
    ok(strcmp(reason, why) == 0, "but told that the child was stopped, and why");
    printf("# %s\n", reason);
    dualpipe_pool_close(pool);
    dualpipe_close(dp, NULL);
    pthread_join(serving.thread, NULL);
    is(serving.result, 0, "and the session has ended");
}

static void replaced(void) {
    dualpipe *dp;
    dualpipe_pool *pool;
    struct dualpipe_reply r;
    open_session(DEAF, (struct dualpipe_server_options){.abandoned_reply_timeout = 50},
                 (struct dualpipe_pool_options){.workers = 2});
    ask_in_vain(0);
    ask_in_vain(0);
    dp = connect_client();
    pool = pool_on(dp, 0);
    ok(ask_on(pool, "1\n", 0, &r) == 1 && r.outcome == DUALPIPE_OUTCOME_ANSWERED,
       "of several one is replaced, and the next answered");
    dualpipe_pool_close(pool);
    dualpipe_close(dp, NULL);
    end_session();
}

static void stopped(void) {
    struct dualpipe_session_info s;
    dualpipe *dp, *waits;
    char some[64];
    ssize_t n;
    open_session(DEAF,
                 (struct dualpipe_server_options){.abandoned_reply_timeout = 10 * SOON,
                                                  .client_stall_timeout = 10 * SOON},
                 (struct dualpipe_pool_options){0});
    ask_in_vain(0);
    waits = connect_client();
    takes(waits, "1\n");
    dp = connect_client();
    ok(dualpipe_session_hello(dp, &s, SOON) == 0 &&
           dualpipe_session_command(dp, DUALPIPE_SESSION_SHUTDOWN, SOON) == 0,
       "told to end");
    while ((n = dualpipe_read(dp, some, sizeof some, SOON)) > 0)
        ;
    is(n, 0, "it doesn't wait for a reply that no client wants");
    dualpipe_close(dp, NULL);
    dualpipe_close(waits, NULL);
    pthread_join(serving.thread, NULL);
    is(serving.result, 0, "and ends");
}

/* --- replies in doubt --------------------------------------------------------------------- */

static void note_doubt(void *data, const struct dualpipe_pool_event *n) {
    int *doubts = data;
    *doubts += n->type == DUALPIPE_POOL_EVENT_UNEXPECTED_BYTES && !n->proven;
}

/* Puts the request on this pool; a child reads it and waits for a file of its name. */
static bool put_and_wait(dualpipe_pool *pool, const char *line, const char *file) {
    struct dualpipe_request q = {.data = line, .size = strlen(line)};
    return dualpipe_pool_put(pool, &q) == 0 && until(file_exists, WORD(file));
}

static void in_doubt(void) {
    int doubts[2] = {0, 0};
    struct dualpipe_reply r;
    dualpipe *dp[2];
    dualpipe_pool *pool[2];
    open_session("while read -r a; do : >read-$a; until [ -e $a ]; do sleep 0.01; done; "
                 "[ $a = b ] && echo b || printf 'a\\nmore\\n'; done",
                 (struct dualpipe_server_options){0}, (struct dualpipe_pool_options){.workers = 2});
    for (int i = 0; i < 2; i++) {
        struct dualpipe_pool_options o = {.session = dp[i] = connect_client(),
                                          .callback = note_doubt,
                                          .callback_data = &doubts[i]};
        dualpipe_pool_open(&pool[i], &o, NULL);
    }
    ok(put_and_wait(pool[0], "a\n", "read-a") && put_and_wait(pool[1], "b\n", "read-b"),
       "two children are asked by two clients");
    make_file("a");
    ok(dualpipe_pool_get(pool[0], &r, SOON) == 1 && r.size == 2, "one prints more than its reply");
    make_file("b");
    ok(dualpipe_pool_get(pool[1], &r, SOON) == 1 && r.size == 2, "then the other answers");
    for (int i = 0; i < 2; i++) {
        dualpipe_pool_end(pool[i]);
        is(dualpipe_pool_get(pool[i], &r, SOON), 0, "its client leaves");
        dualpipe_pool_close(pool[i]);
        dualpipe_close(dp[i], NULL);
    }
    ok(doubts[0] == 1 && doubts[1] == 0, "and the one whose reply it was is told, no other");
    end_session();
    unlink("a"), unlink("b"), unlink("read-a"), unlink("read-b");
}

/* --- clients that are a burden ----------------------------------------------------------- */

/* True once one client is left beside this call. */
static bool are_alone(void *data) {
    (void)data;
    return are_so_many(2);
}

static void burdens(void) {
    dualpipe *good, *slow;
    bool fine = true;
    open_session("while read -r n; do head -c $n /dev/zero | tr '\\0' x; echo; done",
                 (struct dualpipe_server_options){.client_stall_timeout = scaled(200),
                                                  .client_buffer_max = 1 << 20},
                 (struct dualpipe_pool_options){0});
    good = connect_client();
    slow = connect_client();
    takes(slow, "500000\n");
    for (int i = 0; i < 20; i++)
        fine &= takes(good, "3\n") && says_line(good, "xxx\n");
    ok(fine, "beside one that doesn't read, another is answered");
    ok(until(are_alone, NULL), "it is closed in time");
    dualpipe_close(slow, NULL);
    dualpipe_close(good, NULL);
    slow = connect_client();
    takes(slow, "half a request");
    ok(dualpipe_read(slow, (char[9]){0}, 9, SOON) <= 0,
       "a client that stops within a request is closed too");
    dualpipe_close(slow, NULL);
    end_session();
    ok(strstr(serving.rejections, "evicted: it does not take its replies") != NULL,
       "both are told");
    ok(strstr(serving.rejections, "evicted: it does not finish its request") != NULL, "with why");
}

static void connect_errors(void) {
    struct dualpipe_error why;
    dualpipe *dp;
    dualpipe_server *s;
    struct dualpipe_server_options o = {.pool = &serving.pool, .path = path};
    char longest[200];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    is(dualpipe_session_connect(&dp, path, SOON, &why), -ENOENT, "no session is there");
    is(dualpipe_session_connect(&dp, longest, SOON, &why), -ENAMETOOLONG, "a path too long");
    is(dualpipe_session_connect(&dp, "", SOON, &why), -EINVAL, "an empty one");
    open_session(ECHO, (struct dualpipe_server_options){.idle_exit_timeout = scaled(300)},
                 (struct dualpipe_pool_options){0});
    is(dualpipe_server_open(&s, &o, &why), -EADDRINUSE, "one is served there");
    pthread_join(serving.thread, NULL);
    is(serving.result, 0, "without clients it ends by itself");
    is(dualpipe_session_connect(&dp, path, SOON, NULL), -ENOENT, "and is gone");
}

static int files_here(void) {
    DIR *all = opendir(".");
    int n = -2;
    while (readdir(all))
        n++;
    closedir(all);
    return n;
}

int main(void) {
    int fds = open_fds();
    begin();
    handles();
    pools();
    its_end();
    exit_notice();
    exit_notice_in_parts();
    ends_with_child();
    apart();
    wedged(0, 1, "a reply that no client waited for did not end");
    wedged(50, 1, "its late reply did not come");
    wedged(0, 2, "a reply that no client waited for did not end");
    wedged(50, DUALPIPE_WINDOW_AUTO, "its late reply did not come");
    replaced();
    stopped();
    in_doubt();
    burdens();
    connect_errors();
    is(open_fds(), fds, "no descriptor is left");
    unlink("go");
    ok(access("s.dualpipe-lock", F_OK) < 0 && files_here() == 0, "and no file");
    return done();
}
