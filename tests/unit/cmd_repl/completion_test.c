/* Tests cmd/repl/completion.c: which words it finds in the output of a child, cut anywhere; words
 * of a preset and of a file; each word once, in order. */
#include "../../../cmd/repl/completion.c"
#include "../harness.h"
#include <sys/resource.h>
#include <sys/stat.h>

/* Returns the words that begin with text, each after a blank. */
static const char *words_found(const struct completion *c, const char *text) {
    static char all[512];
    char **words = completion_find(c, text);
    size_t n = 0;
    *all = 0;
    for (size_t i = 0; words && words[i]; i++) {
        if (n < sizeof all)
            n += (size_t)snprintf(all + n, sizeof all - n, " %s", words[i]);
        free(words[i]);
    }
    free(words);
    return all;
}

static int finds_words(const struct completion *c, const char *text, const char *want,
                       const char *what) {
    const char *got = words_found(c, text);
    int good = ok(strcmp(got, want) == 0, "%s", what);
    if (!good)
        printf("# got%s\n# not%s\n", got, want);
    return good;
}

/* Adds the text at once, and byte by byte. */
static void words_are(const char *printed, const char *want, const char *what) {
    struct completion v, w;
    completion_open(&v, NULL, NULL);
    completion_open(&w, NULL, NULL);
    completion_add_output(&v, printed, strlen(printed));
    for (const char *p = printed; *p; p++)
        completion_add_output(&w, p, 1);
    if (finds_words(&v, "", want, what) && strcmp(words_found(&w, ""), want) != 0)
        ok(0, "%s: byte by byte", what);
    completion_close(&v);
    completion_close(&w);
}

static void hears_words(void) {
    words_are("", "", "nothing has no words");
    words_are("x = scale(2) + length\n", " length scale", "names of 2 bytes or more");
    words_are("beta alpha beta Zeta", " Zeta alpha beta", "each once, in the order of bytes");
    words_are("<module 'os.path' from '/usr/lib/os.py'>, os.path.join(a,bb)",
          " /usr/lib/os.py bb from module os.path os.path.join", "of Python");
    words_are(".tables  artist|album_id\n--verbose, -v; -q.",
          " --verbose -q -v .tables album_id artist", "of sqlite3 and of a shell");
    words_are("std::vector<int> at foo.c:12: error: gen-move... end-",
          " at end error foo.c:12 gen-move int std::vector",
          "joints stay within a word, not after it");
    words_are(":help ::x1 a/b c/", " a/b c/ help x1", "nor colons before it");
    words_are("-- ---- ... :: // -> - | .- 1 42", " 42", "punctuation alone is none");
    words_are("\\dt  \\d+ 'a\\nb' \"\\xy\" C:\\dir \\ \\\\zz", " \\d \\dt dir nb xy zz",
          "a backslash begins a word after a blank");
    words_are("na\303\257ve \316\261\316\262 \303\251", " na\303\257ve \303\251 \316\261\316\262",
          "bytes from 0x80 on belong to words");
    words_are(
        "\342\200\230foo\342\200\231 \342\224\202bar\342\224\200\342\224\200\302\240baz\342\200",
        " bar baz\342\200 foo", "but for signs");
}

static void hears_no_sequences(void) {
    words_are("\33[1;31mred\33[0m \33[?25lhidden\33[Kmore", " hidden more red", "colours are none");
    words_are("\33]0;a title\7one \33]8;;http://x.y\33\\two\33]8;;\33\\ \33Pq\33\\three",
          " one three two", "nor are titles and links");
    words_are("\33]0;never ends\nfoo \33(Bbar \33=baz \33", " bar baz foo",
          "nor others, or what is cut");
    words_are("a1\bb1 \1c1\177d1 \33[31\nxx", " a1 b1 c1 d1 xx", "control bytes divide words");
}

static void keeps_the_last(void) {
    struct completion v;
    char *much = malloc(3 * RING_SIZE);
    memset(much, ' ', 3 * RING_SIZE);
    memcpy(much, "first", 5);
    memcpy(much + 3 * RING_SIZE - 4, "last", 4);
    completion_open(&v, NULL, NULL);
    completion_add_output(&v, much, RING_SIZE);
    finds_words(&v, "", " first", "64 KiB are kept");
    completion_add_output(&v, "s second", 8);
    finds_words(&v, "", " second", "no more; a word cut is none");
    completion_add_output(&v, much, 3 * RING_SIZE);
    finds_words(&v, "", " last", "of much at once the end");
    completion_add_output(&v, "ing ", 4);
    finds_words(&v, "", " lasting", "which may go on");
    completion_add_output(&v, "\33[1;31mred next", 15);
    completion_add_output(&v, much + 9, RING_SIZE - 12);
    finds_words(&v, "", " next", "a sequence cut is no word");
    memset(much, 'x', RING_SIZE + 300);
    much[RING_SIZE] = ' ';
    completion_add_output(&v, much, RING_SIZE + 257);
    finds_words(&v, "", "", "a word over 255 bytes is none");
    completion_add_output(&v, " y\0zz", 5);
    finds_words(&v, "", " zz", "a NUL divides");
    completion_close(&v);
    completion_add_output(&v, "more", 4);
    finds_words(&v, "", "", "what is closed hears nothing");
    free(much);
}

/* Adds many pieces, and compares each time with the last 64 KiB added at once. */
static void wraps(void) {
    struct completion v, w;
    char *all = malloc(4 * RING_SIZE);
    size_t n = 0, size, seed = 1;
    int wrong = 0;
    for (int i = 0; n + 16 < 4 * RING_SIZE; i++)
        n += (size_t)sprintf(all + n, "w%d\n", i);
    completion_open(&v, NULL, NULL);
    for (size_t at = 0; at < n; at += size) {
        seed = (seed * 1103515245 + 12345) % 2147483648;
        size = seed % (seed % 7 ? 900 : 20000);
        size = size < n - at ? size : n - at;
        completion_add_output(&v, all + at, size);
        if (at + size < RING_SIZE || seed % 5)
            continue;
        completion_open(&w, NULL, NULL);
        w.output_total = 1;
        completion_add_output(&w, all + at + size - RING_SIZE, RING_SIZE);
        wrong += strcmp(words_found(&v, ""), words_found(&w, "")) != 0;
        completion_close(&w);
    }
    is(wrong, 0, "the ring is what was heard last, however it was cut");
    completion_close(&v);
    free(all);
}

static void finds_given(void) {
    struct completion v;
    char path[] = "words.XXXXXX";
    int fd = mkstemp(path);
    dprintf(fd, "select\r\nmy-table  a\tna\"me\n\n%c/x;y", 0);
    is(completion_open(&v, "select from  .help \\d", path), 0, "words of a preset and of a file");
    finds_words(&v, "", " .help /x;y \\d a from my-table na\"me select", "are taken as they are");
    completion_add_output(&v, "selected sel se", 15);
    finds_words(&v, "sel", " sel select selected", "those that begin so");
    finds_words(&v, "from", " from", "the text alone is one too");
    ok(!completion_find(&v, "nothing"), "none is NULL");
    completion_close(&v);
    is(ftruncate(fd, LARGEST_FILE + 1), 0, "a file");
    is(completion_open(&v, NULL, path), -EFBIG, "over 16 MiB is refused");
    is(ftruncate(fd, LARGEST_FILE), 0, "a file");
    is(completion_open(&v, NULL, path), 0, "of 16 MiB is not");
    completion_close(&v);
    close(fd);
    unlink(path);
    is(completion_open(&v, NULL, path), -ENOENT, "nor is one that is not there taken");
    is(completion_open(&v, NULL, "/tmp"), -EISDIR, "nor a directory");
    is(completion_open(&v, NULL, "/dev/null"), 0, "the null device has no words");
    completion_close(&v);
    mkfifo(path, 0600);
    is(completion_open(&v, NULL, path), 0, "a fifo without a writer doesn't block");
    completion_close(&v);
    unlink(path);
    completion_close(&v);
    v = (struct completion){0};
    finds_words(&v, "", "", "a zeroed one has none");
    completion_close(&v);
}

/* The bytes at which readline divides a line are exactly those that can't be in a word. */
static void divides_alike(void) {
    int wrong = 0;
    for (char c = ' '; c < DELETE; c++) {
        char text[] = {'a', c, 'b', 0};
        bool within = is_word_byte(text + 1, text + 3),
             divides = strchr(completion_word_breaks, c) != NULL;
        if (within == divides && c != '\\')
            wrong++;
    }
    is(wrong, 0, "a byte belongs to words or divides a line");
}

int main(void) {
    int fds = open_fds();
    begin();
    hears_words();
    hears_no_sequences();
    keeps_the_last();
    wraps();
    finds_given();
    divides_alike();
    is(open_fds(), fds, "nothing stays open");
    return done();
}
