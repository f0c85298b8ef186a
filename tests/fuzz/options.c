/* Fuzzes the command line: the lines of the input are its arguments. No file is opened: the
 * command gets /dev/null instead. */
#include "../../cmd/options/parse.h"
#include "../../cmd/util/log.h"
#include "fuzz.h"
#include <fcntl.h>
#include <unistd.h>

enum { MOST_ARGUMENTS = 16, LONGEST = 60 };

/* Replace open and fopen in the files of the command, see tests/fuzz/run. */
int fuzz_open(const char *path, int flags, ...);
FILE *fuzz_fopen(const char *path, const char *mode);

static int opened[2 * MOST_ARGUMENTS], nopened;

int fuzz_open(const char *path, int flags, ...) {
    if (!*path || nopened == 2 * MOST_ARGUMENTS)
        return -1;
    return opened[nopened++] = open("/dev/null", flags & ~(O_CREAT | O_TRUNC));
}

FILE *fuzz_fopen(const char *path, const char *mode) {
    return *path ? fopen("/dev/null", mode) : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static char program[] = "dualpipe";
    struct fuzz_input in = {data, size};
    char texts[MOST_ARGUMENTS][LONGEST + 1], *argv[MOST_ARGUMENTS + 2] = {program};
    struct settings s;
    int argc = 1, status;
    while (in.left > 0 && argc <= MOST_ARGUMENTS) {
        argv[argc] = texts[argc - 1];
        take_text(&in, argv[argc], LONGEST);
        tame(argv[argc++]);
    }
    log_set_quiet(false);
    status = parse_command_line(&s, argc, argv);
    must(status >= -1 && status <= 255, "a status that is none");
    must(status != -1 || (s.argv && s.argv[0]), "it goes on without a command");
    parse_free_settings(&s);
    while (nopened > 0)
        close(opened[--nopened]);
    return 0;
}
