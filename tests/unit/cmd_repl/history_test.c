/* Tests cmd/repl/history.c: typed lines are kept, each once, in a file that only its owner can
 * read; a path that isn't a regular file, or can't be written, is refused. */
#include "history_fixture.h"
#include <grp.h>
#include <sys/wait.h>

/* --- where it lies ----------------------------------------------------------------------- */

static int lies_at(const char *given, const char *name, const char *want) {
    char *path = history_path(given, name);
    int good = path && strcmp(path, want) == 0;
    if (!good)
        printf("# got %s\n", path ? path : strerror(errno));
    free(path);
    return good;
}

static void lies_somewhere(void) {
    char *path, name[400];
    setenv("XDG_STATE_HOME", "/s", 1);
    setenv("HOME", "/h", 1);
    ok(lies_at(NULL, "bc", "/s/dualpipe/history/bc"), "by name below XDG_STATE_HOME");
    ok(lies_at("mine", "bc", "mine"), "or where one says");
    ok(lies_at(NULL, "../a/b", "/s/dualpipe/history/%2E.%2Fa%2Fb"), "no name leads out of it");
    ok(lies_at(NULL, "", "/s/dualpipe/history/%"), "an empty name is one");
    ok(lies_at(NULL, "..", "/s/dualpipe/history/%2E."), "two dots are");
    ok(lies_at(NULL, "%2E.", "/s/dualpipe/history/%252E."), "and no name is another's");
    setenv("XDG_STATE_HOME", "state", 1);
    ok(lies_at(NULL, "bc", "/h/.local/state/dualpipe/history/bc"), "a relative one is none");
    setenv("XDG_STATE_HOME", "", 1);
    ok(lies_at(NULL, "bc", "/h/.local/state/dualpipe/history/bc"), "nor is an empty one");
    memset(name, '/', sizeof name - 1);
    name[sizeof name - 1] = 0;
    path = history_path(NULL, name);
    ok(path && strlen(strrchr(path, '/')) < 210, "a long name is cut");
    free(path);
    unsetenv("XDG_STATE_HOME");
    unsetenv("HOME");
    ok(!history_path(NULL, "bc") && errno == ENOENT, "no home: nowhere");
}

static void makes_directories(void) {
    char *path;
    mode_t umask_before = umask(0777);
    setenv("XDG_STATE_HOME", in_box("deep/state"), 1);
    path = history_path(NULL, "bc");
    is(access(in_box("deep"), F_OK), -1, "asking where makes nothing");
    is(history_add(path, "a"), 0, "the first line makes the directories");
    is(history_add(path, "b"), 0, "the next finds them");
    umask(umask_before);
    is(mode_of(path), 0600, "whatever the umask, the file is 0600");
    is(mode_of(in_box("deep/state/dualpipe/history")), 0700, "its directory is 0700");
    is(mode_of(in_box("deep")), 0700, "and all above");
    free(path);
    unsetenv("XDG_STATE_HOME");
    setenv("HOME", in_box("nobody"), 1);
    path = history_path(NULL, "bc");
    is(history_add(path, "a"), -ENOENT, "a home that is not there is not made");
    is(history_add(in_box("other/file"), "a"), -ENOENT, "nor is the directory of --history");
    is(files_in_box(), 1, "nothing else is made");
    free(path);
    remove_all(in_box("deep"));
}

/* --- lines ------------------------------------------------------------------------------- */

static void keeps_lines(void) {
    mode_t umask_before = umask(0);
    ok(history_is(9, ""), "a file that is not there has no lines");
    is(history_trim(file, 9), 0, "nor is it trimmed");
    is(access(file, F_OK), -1, "nor made by that");
    is(history_add(file, "one"), 0, "a line makes the file");
    is(mode_of(file), 0600, "with an umask of 0, it is 0600");
    history_add(file, "two words");
    history_add(file, "one");
    is(history_add(file, ""), 0, "an empty line is left out");
    is(history_add(file, "a\nb"), -EINVAL, "an LF in a line is wrong");
    ok(file_is(file, "one\ntwo words\none\n"), "lines are added as they are");
    ok(history_is(9, " two words one"), "each is read once, where it was last typed");
    ok(history_is(1, " one") && history_is(0, ""), "the last of them");
    is(history_trim(file, 9), 0, "a trim");
    ok(file_is(file, "two words\none\n"), "leaves each once");
    is(mode_of(file), 0600, "in a file that is 0600");
    is(history_trim(file, 1), 0, "another");
    ok(file_is(file, "one\n"), "the last of them");
    is(history_trim(file, 0), 0, "none");
    ok(file_is(file, ""), "is an empty file");
    is((long)widest, 0600, "and never was anything wider");
    umask(umask_before);
    SET("a\n\n\nb\na\nc");
    ok(history_is(9, " b a c"), "empty lines are none; the last needs no LF");
    is(history_add(file, "d"), 0, "a line after one without an LF");
    ok(file_is(file, "a\n\n\nb\na\nc\nd\n"), "does not become a part of it");
    SET("x\0y\nz\n");
    ok(history_is(9, " z"), "a line with a NUL is none");
    chmod(file, 0644);
    history_trim(file, 9);
    ok(file_is(file, "z\n") && mode_of(file) == 0600,
       "and a trim leaves it out, in a file of 0600");
    unlink(file);
}

static ino_t number_of(const char *path) {
    struct stat st;
    return stat(path, &st) < 0 ? 0 : st.st_ino;
}

static void trims_what_is_there(void) {
    ino_t number;
    SET("a\nb\n");
    number = number_of(file);
    is(history_trim(file, 2), 0, "nothing to trim");
    ok(number_of(file) == number, "leaves the very file");
    symlink("file", in_box("link"));
    is(history_trim(in_box("link"), 1), 0, "by a symlink");
    ok(number_of(file) != number && file_is(file, "b\n"), "its file is trimmed");
    ok(readlink(in_box("link"), (char[9]){0}, 9) == 4, "and it stays a symlink");
    is(history_add(in_box("link"), "c"), 0, "a line by a symlink");
    ok(file_is(file, "b\nc\n"), "goes to its file");
    unlink(file);
    is(history_add(in_box("link"), "d"), 0, "one that leads nowhere");
    ok(file_is(file, "d\n") && mode_of(file) == 0600, "makes its file");
    unlink(in_box("link"));
    unlink(file);
}

static void bounds_size(void) {
    enum { MANY = 17 << 20, WIDE = 1 << 10 };
    char *text = malloc(MANY);
    struct lines_read t;
    memset(text, 'x', MANY);
    text[70000] = '\n';
    set_file(file, text, 70000 + 10);
    t = lines_of(file, 9);
    ok(t.lines == 1 && t.longest == 9, "a line over 64 KiB is skipped");
    text[65537] = 0;
    is(history_add(file, text), -EMSGSIZE, "and is not taken");
    text[65536] = 0;
    is(history_add(file, text), 0, "one of 64 KiB is");
    t = lines_of(file, 9);
    ok(t.lines == 2 && t.longest == 65536, "and is read");
    memset(text, 'x', MANY);
    for (char *at = text; at < text + MANY; at += WIDE) {
        at[sprintf(at, "%d", (int)((at - text) / WIDE))] = '-';
        at[WIDE - 1] = '\n';
    }
    set_file(file, text, MANY);
    t = lines_of(file, SIZE_MAX);
    ok(t.lines == (16 << 20) / WIDE - 1 && strncmp(t.text, " 1025-x", 7) == 0,
       "of a huge file the last 16 MiB, from a whole line on");
    is(history_trim(file, 2), 0, "it is trimmed");
    t = lines_of(file, 9);
    ok(t.lines == 2 && strncmp(t.text, " 17406-x", 8) == 0, "to its last lines");
    memset(text, '\n', MANY);
    set_file(file, text, MANY);
    is((long)lines_of(file, SIZE_MAX).lines, 0, "all of it line ends: no line");
    free(text);
    unlink(file);
}

/* --- what goes wrong --------------------------------------------------------------------- */

static void all_fail(const char *path, int error, const char *what) {
    struct lines_read t = {0};
    int r = history_read(path, 9, add_line, &t), added = history_add(path, "a");
    int trimmed = history_trim(path, 0);
    if (!ok(r < 0 && added < 0 && trimmed < 0 && (!error || (r == error && added == error)),
            "%s is refused", what))
        printf("# read %d, add %d, trim %d\n", r, added, trimmed);
}

static void refuses_others(void) {
    mkfifo(in_box("fifo"), 0600);
    all_fail(in_box("fifo"), -EINVAL, "a fifo");
    all_fail(scratch, 0, "a directory");
    all_fail("/dev/zero", -EINVAL, "a device");
    all_fail("/dev/tty", 0, "a terminal");
    SET("a\n");
    all_fail(in_box("file/more"), -ENOTDIR, "a file for a directory");
    unlink(in_box("fifo"));
    unlink(file);
}

/* Runs f in a process without the privileges of root; 99 if it could not drop them. */
static int alone(int (*f)(void)) {
    int status = -1;
    pid_t pid = fork();
    if (pid == 0) {
        if (geteuid() == 0 && (setgroups(0, NULL) < 0 || setgid(65534) < 0 || setuid(65534) < 0))
            _exit(99);
        _exit(f());
    }
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + status;
}

static int try_unwritable(void) {
    int added = history_add(file, "b"), trimmed = history_trim(file, 1);
    int made = history_add(in_box("new"), "b");
    return (added != 0) * 1 + (trimmed != -EACCES) * 2 + (made != -EACCES) * 4;
}

static int try_unreadable(void) {
    return (lines_of(file, 9).lines > 0) * 1 + (history_add(file, "b") != -EACCES) * 2;
}

static int reaches_scratch(void) {
    return access(scratch, X_OK) == 0 ? 0 : 1;
}

static void refuses_without_rights(void) {
    int reached;
    reached = alone(reaches_scratch);
    if (reached != 0) {
        skip("rights that are missing", reached == 99 ? "root's can't be dropped"
                                        : "the scratch folder can't be reached without root's");
        return;
    }
    SET("a\na\n");
    chmod(file, 0666);
    chmod(scratch, 0555);
    is(alone(try_unwritable), 0, "in a directory that can't be written a trim fails");
    ok(file_is(file, "a\na\nb\n"), "and loses nothing");
    chmod(file, 0);
    is(alone(try_unreadable), 0, "nor is a file read or written without the right");
    chmod(scratch, 0755);
    unlink(file);
}

int main(void) {
    int fds = open_fds();
    enter_box();
    lies_somewhere();
    makes_directories();
    keeps_lines();
    trims_what_is_there();
    bounds_size();
    refuses_others();
    refuses_without_rights();
    is(open_fds(), fds, "nothing stays open");
    return done();
}
