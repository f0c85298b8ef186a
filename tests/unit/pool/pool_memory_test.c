/* Tests that replies that have to wait for their turn take bounded memory: while the first
 * request is stuck, the children are read no further than that. */
#include "pool_fixture.h"

enum { MOST_MB = 64, SLACK_MB = 110, LONG = 8000000 }; /* slack: buffers and rounding */

/* A child function: replies to "stuck" once the file go exists, and to other lines with *data
 * bytes and argv[1]. */
static int gate(int argc, char **argv, void *data) {
    static const char zeros[10000];
    int *size = data;
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, stdin) > 0) {
        if (strcmp(line, "stuck\n") == 0) {
            while (access("go", F_OK) < 0)
                poll(NULL, 0, 5);
            printf("stuck\n");
        }
        for (int i = 0; *line == 'x' && i < *size; i += (int)sizeof zeros)
            fwrite(zeros, 1, sizeof zeros, stdout);
        printf("%s", argv[1]);
        fflush(stdout);
    }
    free(line);
    return argc;
}

static long used_mb(void) {
    long pages = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (f && fscanf(f, "%*s %ld", &pages) != 1)
        pages = 0;
    if (f)
        fclose(f);
    return pages * sysconf(_SC_PAGESIZE) / (1 << 20);
}

/* Whether the pool still makes progress. */
static bool moves(dualpipe_pool *pool) {
    struct dualpipe_pollitem e[4];
    int limit = scaled(500), n = dualpipe_pool_pollitems(pool, e, 4, &limit);
    return dualpipe_poll(e, n, limit) > 0 && dualpipe_pool_get(pool, &got, 0) == -ETIMEDOUT;
}

/* Submits requests for as long as the pool makes progress; returns their number. */
static int put_all(dualpipe_pool *pool, const char *text, int most) {
    int in = 0;
    do
        while (in < most && dualpipe_pool_room(pool) > 0 && submit(pool, text) >= 0)
            in++;
    while (in < most && moves(pool));
    return in;
}

struct trial {
    const char *what, *request;
    int size; /* bytes of a reply */
    struct dualpipe_pool_options o;
};

static void hold(const struct trial *t, int most) {
    char *argv[] = {WORD("gate"), WORD(t->o.rule ? "> " : "\n"), NULL};
    struct dualpipe_options child = {.argv = argv, .function = gate, .err = DUALPIPE_STDERR_RELAY,
                                     .data = (void *)(uintptr_t)&t->size};
    struct dualpipe_pool_options o = t->o;
    dualpipe_pool *pool;
    long before = used_mb(), more;
    int in, out = 0;
    unlink("go");
    o.child = &child;
    pool = pool_of(NULL, o);
    submit_for(pool, "stuck\n", 0);
    in = put_all(pool, t->request, most);
    more = used_mb() - before;
    printf("# %s: %d requests, %ld MiB more\n", t->what, in, more);
    ok(in > 0 && in < most, "%s: no more is taken in than can be held", t->what);
    if (!SANITIZED)
        ok(more < MOST_MB + SLACK_MB, "%s: in bounded memory", t->what);
    make_file("go");
    ok(dualpipe_pool_get(pool, &got, SOON) == 1 && got.number == 1 && !got.outcome,
       "%s: the first comes", t->what);
    while (out < in && dualpipe_pool_get(pool, &got, SOON) == 1 && got.number == out + 2 &&
           !got.outcome)
        out++;
    is(out, in, "then all, in order, none failed");
    dualpipe_pool_close(pool);
}

int main(void) {
    static char large[4 << 20];
    dualpipe_rule *prompt = rule_of((struct dualpipe_rule_options){.prompt = "> "});
    int fds = open_fds();
    begin();
    hold(&(struct trial){"long replies", "x\n", LONG, {.workers = 3}}, 200);
    hold(&(struct trial){"prompts", "x\n", LONG, {.workers = 3, .rule = prompt}}, 200);
    memset(large, '-', sizeof large - 2);
    large[sizeof large - 2] = '\n';
    hold(
        &(struct trial){
            "long requests", large, 0, {.workers = 3, .flags = DUALPIPE_POOL_KEEP_REQUESTS}},
        200);
    hold(&(struct trial){"short replies", "x\n", 0, {.workers = 2, .window = 64}}, 1000000);
    dualpipe_rule_free(prompt);
    ok(is_left_clean(fds), "no descriptor and no child is left");
    return done();
}
