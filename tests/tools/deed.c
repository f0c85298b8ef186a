/* deed [RULE...] [-t MS -e REQUEST]... -- COMMAND...: asks a child by the library, and prints of
 * each reply its text, the lines of its stderr behind "2: ", and [OUTCOME STATUS], as
 * tests/real/deeds compares them. RULE is of the options that presets use: --fence, --wrap,
 * --error=status, --error=PATTERN, --error=stderr:PATTERN, --setup, --interrupt. A child that ends
 * is replaced. */
#include <dualpipe.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 32 };
enum { FENCE = 256, WRAP, ERROR, SETUP, INTERRUPT };
static const struct option long_options[] = {
    {"fence", required_argument, NULL, FENCE}, {"wrap", required_argument, NULL, WRAP},
    {"error", required_argument, NULL, ERROR}, {"setup", required_argument, NULL, SETUP},
    {"interrupt", optional_argument, NULL, INTERRUPT}, {NULL, 0, NULL, 0}};

static const char *const outcomes[] = {
    [DUALPIPE_OUTCOME_ANSWERED] = "ok",      [DUALPIPE_OUTCOME_ERROR] = "error",
    [DUALPIPE_OUTCOME_TIMED_OUT] = "timeout", [DUALPIPE_OUTCOME_CHILD_ENDED] = "ended",
    [DUALPIPE_OUTCOME_OPEN] = "open",         [DUALPIPE_OUTCOME_CANCELLED] = "cancelled"};

static void fail(const char *what, int error, const struct dualpipe_error *why) {
    fprintf(stderr, "deed: %s: %s%s%s\n", what, strerror(-error), why && why->hint ? ": " : "",
            why && why->hint ? why->hint : "");
    exit(2);
}

/* A request: the text and a line end. */
static struct dualpipe_request request_of(const char *text, int timeout) {
    size_t size = strlen(text) + 1;
    char *data = malloc(size + 1);
    if (!data)
        abort();
    snprintf(data, size + 1, "%s\n", text);
    return (struct dualpipe_request){.data = data, .size = size, .timeout = timeout};
}

static void print_reply(const struct dualpipe_reply *r) {
    size_t n = sizeof outcomes / sizeof *outcomes;
    const char *outcome = (size_t)r->outcome < n ? outcomes[r->outcome] : NULL;
    int status = r->outcome == DUALPIPE_OUTCOME_CHILD_ENDED ? r->status.code : r->request_status;
    fwrite(r->data, 1, r->size, stdout);
    if (r->size && r->data[r->size - 1] != '\n')
        puts(" (no-eol)");
    for (const char *p = r->err, *end = p + r->err_size, *next; p < end; p = next) {
        const char *lf = memchr(p, '\n', (size_t)(end - p));
        next = lf ? lf + 1 : end;
        printf("2: %.*s\n", (int)((lf ? lf : end) - p), p);
    }
    printf("[%s", outcome ? outcome : "another outcome");
    if (status >= 0 && r->outcome != DUALPIPE_OUTCOME_TIMED_OUT)
        printf(" %d", status);
    puts("]");
}

int main(int argc, char **argv) {
    struct dualpipe_request setup[MOST], requests[MOST];
    const char *errors[MOST + 1] = {NULL}, *stderr_errors[MOST + 1] = {NULL};
    int setup_count = 0, count = 0, error_count = 0, stderr_count = 0, timeout = 0;
    struct dualpipe_rule_options rule = {.errors = errors, .stderr_errors = stderr_errors};
    struct dualpipe_options child = {.err = DUALPIPE_STDERR_RELAY};
    struct dualpipe_pool_options options = {.child = &child, .setup_texts = setup,
        .flags = DUALPIPE_POOL_KEEP_STDERR | DUALPIPE_POOL_REPLACE};
    struct dualpipe_error why = {0};
    struct dualpipe_reply reply;
    dualpipe_rule *compiled;
    dualpipe_pool *pool;
    int r, option;

    while ((option = getopt_long(argc, argv, "+t:e:", long_options, NULL)) != -1) {
        if (setup_count == MOST || count == MOST || error_count == MOST || stderr_count == MOST)
            fail("too many options", 0, NULL);
        switch (option) {
        case FENCE: rule.fence = optarg; break;
        case WRAP: rule.wrap = optarg; break;
        case ERROR:
            if (strcmp(optarg, "status") == 0)
                rule.status_errors = 1;
            else if (strncmp(optarg, "stderr:", 7) == 0)
                stderr_errors[stderr_count++] = optarg + 7;
            else
                errors[error_count++] = optarg;
            break;
        case SETUP:
            if (*optarg)
                setup[setup_count++] = request_of(optarg, 0);
            break;
        case INTERRUPT: options.interrupt_signal = SIGINT; break;
        case 't': timeout = atoi(optarg); break;
        case 'e': requests[count++] = request_of(optarg, timeout); break;
        default: return 2;
        }
    }
    child.argv = argv + optind;
    options.setup_count = setup_count;
    if ((r = dualpipe_rule_new(&compiled, &rule, &why)) < 0)
        fail("rule", r, &why);
    options.rule = compiled;
    if ((r = dualpipe_pool_open(&pool, &options, &why)) < 0)
        fail("open", r, &why);
    for (int i = 0; i < count; i++) {
        if ((r = dualpipe_pool_put(pool, &requests[i])) < 0)
            fail("put", r, NULL);
        if ((r = dualpipe_pool_get(pool, &reply, DUALPIPE_FOREVER)) != 1)
            fail("get", r, NULL);
        print_reply(&reply);
    }
    dualpipe_pool_close(pool);
    dualpipe_rule_free(compiled);
    for (int i = 0; i < setup_count; i++)
        free((void *)(uintptr_t)setup[i].data);
    for (int i = 0; i < count; i++)
        free((void *)(uintptr_t)requests[i].data);
    return 0;
}
