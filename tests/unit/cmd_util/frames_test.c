/* Tests cmd/util/frames.c: the names of the kinds of frames, how texts become frames, how a buffer
 * is taken apart into bodies, how replies are converted from one kind to another, and the messages
 * about what is wrong. */
#include "../../../cmd/util/escape.c"
#include "../../../cmd/util/frames.c"
#include "../harness.h"

#define BYTES(text) text, sizeof text - 1
enum { KINDS = DUALPIPE_FRAME_RAW + 1 };

static void kinds(void) {
    char list[400] = "the kinds are ";
    int wrong = 0;
    for (int i = 0; i < KINDS; i++) {
        const char *name = frames_kind_name((enum dualpipe_frame_kind)i);
        wrong += frames_parse_kind(name) != i;
        strcat(list, i == 0 ? "" : i == KINDS - 1 ? " and " : ", ");
        strcat(list, name);
    }
    is(wrong, 0, "the name of each kind stands for it");
    ok(strcmp(frames_kind_list, list) == 0, "the list has all of them, in order");
    ok(frames_parse_kind("") == -1 && frames_parse_kind("Line") == -1 &&
           frames_parse_kind("lines") == -1, "other names are none");
    ok(frames_is_delimited(DUALPIPE_FRAME_NUL) && !frames_is_delimited(DUALPIPE_FRAME_RAW) &&
           !frames_is_delimited(DUALPIPE_FRAME_U8), "line, crlf and nul have a delimiter");
    ok(frames_ends_at_eof(DUALPIPE_FRAME_RAW) && !frames_ends_at_eof(DUALPIPE_FRAME_HEADER),
       "these and raw may end at end of file");
}

/* A message of max bytes in its frame must fit, with a byte to spare where the end is a delimiter
 * that the message may lack. */
static void sizes(void) {
    static char body[200];
    int wrong = 0;
    memset(body, 'b', sizeof body);
    for (int i = 0; i < KINDS; i++) {
        enum dualpipe_frame_kind kind = (enum dualpipe_frame_kind)i;
        char *frame = NULL;
        size_t n = 0;
        wrong += frames_encode(kind, body, sizeof body, &frame, &n) != 0 ||
                 frames_max_size(kind, sizeof body) < n;
        free(frame);
    }
    is(wrong, 0, "there is room for the longest message of each kind");
}

static bool encodes(enum dualpipe_frame_kind kind, bool text, const char *body, const char *want,
                    size_t size) {
    char *frame = NULL;
    size_t n = 0;
    int r = text ? frames_encode_text(kind, body, &frame, &n)
                 : frames_encode(kind, body, strlen(body), &frame, &n);
    bool good = r == 0 && n == size && memcmp(frame, want, n) == 0;
    if (!good)
        printf("# %d, %zu bytes: %.*s\n", r, n, (int)n, r == 0 ? frame : "");
    free(frame);
    return good;
}

static void encoding(void) {
    char *frame = NULL;
    size_t n = 0;
    ok(encodes(DUALPIPE_FRAME_LINE, false, "ab", BYTES("ab\n")), "a line");
    ok(encodes(DUALPIPE_FRAME_CRLF, false, "ab", BYTES("ab\r\n")), "a line with CR LF");
    ok(encodes(DUALPIPE_FRAME_NETSTRING, false, "ab", BYTES("2:ab,")), "a netstring");
    ok(encodes(DUALPIPE_FRAME_U16, false, "ab", BYTES("\0\2ab")), "a length of 2 bytes");
    ok(encodes(DUALPIPE_FRAME_RAW, false, "", BYTES("")), "an empty raw message");
    is(frames_encode(DUALPIPE_FRAME_LINE, "a\nb", 3, &frame, &n), -EBADMSG,
       "a line holds no line end");
    ok(encodes(DUALPIPE_FRAME_LINE, true, "a\nb", BYTES("a\nb\n")), "but a text may be two lines");
    ok(encodes(DUALPIPE_FRAME_NETSTRING, true, "a\nb", BYTES("3:a\nb,")), "or one netstring");
}

/* Returns the bodies, each in <>, and a ~ if the last one is unfinished. */
static const char *bodies(enum dualpipe_frame_kind kind, const char *p, size_t n) {
    static char out[400];
    struct dualpipe_frame_view b;
    size_t at = 0, used = 0;
    bool unfinished = false;
    while (frames_next_body(kind, p, n, &at, &b, &unfinished) && used < sizeof out - 50)
        used += (size_t)snprintf(out + used, sizeof out - used, "<%.*s>", (int)b.size, b.data);
    snprintf(out + used, sizeof out - used, "%s", unfinished ? "~" : "");
    return at == n ? out : "it stops early";
}

static const struct {
    const char *what;
    enum dualpipe_frame_kind kind;
    const char *p;
    size_t n;
    const char *want;
} buffers[] = {
    {"nothing", DUALPIPE_FRAME_LINE, BYTES(""), ""},
    {"two lines", DUALPIPE_FRAME_LINE, BYTES("a\n\n"), "<a><>"},
    {"an unfinished line", DUALPIPE_FRAME_LINE, BYTES("a\nb"), "<a><b>~"},
    {"CR LF", DUALPIPE_FRAME_CRLF, BYTES("a\r\nb\r\n"), "<a><b>"},
    {"NUL", DUALPIPE_FRAME_NUL, BYTES("a\0b\n\0"), "<a><b\n>"},
    {"netstrings", DUALPIPE_FRAME_NETSTRING, BYTES("1:a,0:,"), "<a><>"},
    {"half a netstring", DUALPIPE_FRAME_NETSTRING, BYTES("1:a,5:b"), "<a><5:b>~"},
    {"a malformed one", DUALPIPE_FRAME_NETSTRING, BYTES("1:a,x:b,"), "<a><x:b,>~"},
    {"raw bytes are one body", DUALPIPE_FRAME_RAW, BYTES("a\nb\n"), "<a\nb\n>"}};

static void taking_apart(void) {
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++) {
        const char *got = bodies(buffers[i].kind, buffers[i].p, buffers[i].n);
        if (!ok(strcmp(got, buffers[i].want) == 0, "bodies: %s", buffers[i].what))
            printf("# got:  %s\n# want: %s\n", got, buffers[i].want);
    }
}

static const struct {
    const char *what;
    enum dualpipe_frame_kind from, to;
    const char *p;
    size_t n;
    const char *want;
    size_t size;
} conversions[] = {
    {"lines to CR LF", DUALPIPE_FRAME_LINE, DUALPIPE_FRAME_CRLF, BYTES("a\nb\n"),
     BYTES("a\r\nb\r\n")},
    {"CR LF to lines, the last one unfinished", DUALPIPE_FRAME_CRLF, DUALPIPE_FRAME_LINE,
     BYTES("a\r\nb"), BYTES("a\nb\n")},
    {"packets to lines: a final LF is not doubled", DUALPIPE_FRAME_PKTLINE, DUALPIPE_FRAME_LINE,
     BYTES("0006a\n0005b"), BYTES("a\nb\n")},
    {"lines to one netstring", DUALPIPE_FRAME_LINE, DUALPIPE_FRAME_NETSTRING, BYTES("a\nb\n"),
     BYTES("3:a\nb,")},
    {"NULs to one netstring", DUALPIPE_FRAME_NUL, DUALPIPE_FRAME_NETSTRING, BYTES("a\0b\0"),
     BYTES("3:a\0b,")},
    {"netstrings are joined", DUALPIPE_FRAME_NETSTRING, DUALPIPE_FRAME_U8, BYTES("1:a,2:bc,"),
     BYTES("\3abc")},
    {"a netstring to a line", DUALPIPE_FRAME_NETSTRING, DUALPIPE_FRAME_LINE, BYTES("2:ab,"),
     BYTES("ab\n")},
    {"a message with a header to one line", DUALPIPE_FRAME_HEADER, DUALPIPE_FRAME_LINE,
     BYTES("Content-Length: 7\r\n\r\n{\r\n\n1}\n"), BYTES("{  1} \n")},
    {"to raw bytes", DUALPIPE_FRAME_U16, DUALPIPE_FRAME_RAW, BYTES("\0\1a\0\2\0b"),
     BYTES("a\0b")}};

static void converting(void) {
    char *message = NULL;
    size_t size;
    for (size_t i = 0; i < sizeof conversions / sizeof *conversions; i++) {
        int r = frames_convert(conversions[i].from, conversions[i].to, conversions[i].p,
                               conversions[i].n, &message, &size);
        if (!ok(r == 0 && size == conversions[i].size &&
                    memcmp(message, conversions[i].want, size) == 0,
                "converts %s", conversions[i].what))
            printf("# %d: %.*s\n", r, r == 0 ? (int)size : 0, message);
        if (r == 0)
            free(message);
    }
    is(frames_convert(DUALPIPE_FRAME_NETSTRING, DUALPIPE_FRAME_LINE, BYTES("3:a\nb,"), &message,
                      &size), -EBADMSG, "a body that holds a line end is no line");
    is(frames_convert(DUALPIPE_FRAME_PKTLINE, DUALPIPE_FRAME_LINE, BYTES("0007a\nb"), &message,
                      &size), -EBADMSG, "nor is such a packet");
    ok(strcmp(frames_encode_error(DUALPIPE_FRAME_LINE, -EBADMSG), "it holds a line end") == 0 &&
           strcmp(frames_encode_error(DUALPIPE_FRAME_NUL, -EBADMSG), "it holds a byte 0") == 0 &&
           strcmp(frames_encode_error(DUALPIPE_FRAME_U8, -EMSGSIZE), "it is too long for that") ==
               0,
       "the reason of each error");
}

static void malformed(void) {
    char words[FRAMES_ERROR_SIZE], many[300];
    ok(strcmp(frames_describe_malformed(DUALPIPE_FRAME_NETSTRING, 4, " of sh", BYTES("x\n"), words),
              "malformed netstring at byte 5 of sh: \"x\\n\"") == 0,
       "where a frame is malformed, counted from 1, and its first bytes");
    ok(strcmp(frames_describe_malformed(DUALPIPE_FRAME_U16, 7, "", "", 0, words),
              "malformed u16: cut short at byte 7") == 0, "where it is cut short");
    memset(many, 1, sizeof many);
    frames_describe_malformed(DUALPIPE_FRAME_NETSTRING, ~0ULL - 1, " of sh", many, sizeof many,
                              words);
    ok(strlen(words) < FRAMES_ERROR_SIZE && words[strlen(words) - 1] == '"' &&
           strstr(words, "\\x01\\x01"), "no more than the first 32 bytes, escaped");
}

int main(void) {
    begin();
    kinds();
    sizes();
    encoding();
    taking_apart();
    converting();
    malformed();
    return done();
}
