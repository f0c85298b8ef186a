/* Fuzzes lists of hosts and launchers: the name of a host is no option and has no blank; a quoted
 * command splits into its words again; only {} and {q} insert the command. */
#include "../../cmd/options/hosts.h"
#include "../../cmd/options/launcher.h"
#include "../../cmd/util/shellwords.h"
#include "fuzz.h"
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MOST_WORDS = 8, LONGEST = 100 };

/* Replaces open in the files of the command, see tests/fuzz/run: the list names itself. */
int fuzz_open(const char *path, int flags, ...);
int fuzz_open(const char *path, int flags, ...) {
    int fd = memfd_create("list", flags & O_CLOEXEC ? MFD_CLOEXEC : 0);
    dprintf(fd, "#\n%s\nb:3 #", strchr(path, '/') + 1);
    lseek(fd, 0, SEEK_SET);
    return fd;
}

static void hosts_of_text(const char *text) {
    struct hosts h;
    int line, total = 0;
    const char *why = hosts_parse(&h, text, &line);
    if (!why)
        why = hosts_assign_workers(&h, 2);
    for (int i = 0; !why && i < h.count; i++) {
        must(*h.all[i].name && *h.all[i].name != '-', "no name of a host");
        must(!strpbrk(h.all[i].name, " \t,"), "a name of several words");
        must(h.all[i].workers > 0 && h.all[i].workers <= HOSTS_WORKERS_MAX, "a number of workers");
        total += h.all[i].workers;
    }
    must(why || (h.count > 0 && total == h.workers && total <= HOSTS_WORKERS_MAX),
         "workers are lost");
    for (int i = 0; !why && i < h.workers; i++)
        total -= hosts_for_worker(&h, i)->workers > 0;
    must(why || total == 0, "a worker without a host");
    hosts_free(&h);
}

static void quote(char **command, int n) {
    const char *why = NULL;
    size_t size;
    int again = 0;
    char *text = launcher_quote_words(command, &size), **words;
    must(text && strlen(text) == size, "quoted, it has another length");
    words = shellwords_split(text, size, &again, &why);
    must(words && again == n + 1, "quoted, there are more or fewer");
    for (int i = 0; i < n; i++)
        must(strcmp(words[i + 1], command[i]) == 0, "quoted, one is another");
    free(words);
    free(text);
}

static void launch(const char *prefix, char **command, int ncommand) {
    const char *why = NULL;
    int n, got = 0, marks = 0, want;
    bool quoted = false;
    char **words = shellwords_split(prefix, strlen(prefix), &n, &why), **all;
    if (!words)
        return;
    for (int i = 1; i < n; i++) {
        marks += strcmp(words[i], "{}") == 0;
        quoted |= strstr(words[i], "{q}") != NULL;
    }
    want = n - 1 - marks + (marks > 0 || quoted ? marks : 1) * ncommand;
    all = launcher_build_argv(words + 1, command, "host", 4096);
    while (all && all[got])
        got++;
    must(all && got == want, "words are lost, or come from nowhere");
    free(all);
    free(words);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fuzz_input in = {data, size};
    char hosts[LONGEST + 1], prefix[LONGEST + 1], texts[MOST_WORDS][LONGEST + 1];
    char *command[MOST_WORDS + 1] = {NULL};
    int n = 0;
    take_text(&in, hosts, LONGEST);
    take_text(&in, prefix, LONGEST);
    do
        take_text(&in, command[n] = texts[n], LONGEST);
    while (++n < MOST_WORDS && in.left > 0);
    command[n] = NULL;
    hosts_of_text(hosts);
    quote(command, n);
    launch(prefix, command, n);
    return 0;
}
