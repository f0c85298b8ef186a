/* Tests cmd/util/json_writer.c: how bytes become JSON strings, base64 and members, which bytes
 * count as UTF-8, and that reading the result gives the bytes back. */
#include "../../../cmd/util/json_writer.c"
#include "../harness.h"

#define BYTES(text) text, sizeof text - 1

static bool writes(char *(*write)(char *, const char *, size_t), const char *p, size_t n,
                   const char *want) {
    char out[2000], *end;
    memset(out, '?', sizeof out);
    end = write(out, p, n);
    if ((size_t)(end - out) == strlen(want) && memcmp(out, want, strlen(want)) == 0 && *end == '?')
        return true;
    printf("# got:  %.*s\n# want: %s\n", (int)(end - out), out, want);
    return false;
}

static void strings(void) {
    ok(writes(json_writer_string, BYTES(""), "\"\""), "an empty string");
    ok(writes(json_writer_string, BYTES("a\"b\\c/"), "\"a\\\"b\\\\c/\""), "quote and backslash");
    ok(writes(json_writer_string, BYTES("\n\t\r"), "\"\\n\\t\\r\""), "LF, TAB and CR");
    ok(writes(json_writer_string, BYTES("\0\1\33\37 \177"),
              "\"\\u0000\\u0001\\u001b\\u001f \177\""), "other control bytes, as \\u00XX");
    ok(writes(json_writer_string, BYTES("\303\251\360\237\220\232"),
              "\"\303\251\360\237\220\232\""), "UTF-8 as it is");
}

/* Returns what one escaped byte stands for, and moves on; -1: not JSON. */
static int unescape(const char **at) {
    unsigned c = 0;
    if ((unsigned char)**at < 0x20 || **at == '"')
        return -1;
    if (**at != '\\')
        return (unsigned char)*(*at)++;
    switch (*++*at) {
    case 'n': c = '\n'; break;
    case 't': c = '\t'; break;
    case 'r': c = '\r'; break;
    case '"': case '\\': c = (unsigned char)**at; break;
    case 'u':
        if (sscanf(*at + 1, "%4x", &c) != 1)
            return -1;
        *at += 4;
        break;
    default: return -1;
    }
    ++*at;
    return (int)c;
}

static void every_byte(void) {
    char all[256], out[6 * 256 + 2] = {0}, *end;
    const char *at = out + 1;
    int wrong = 0;
    for (int c = 0; c < 256; c++)
        all[c] = (char)c;
    end = json_writer_string(out, all, 256);
    for (int c = 0; c < 256; c++)
        wrong += unescape(&at) != c;
    ok(wrong == 0 && at == end - 1 && *at == '"', "a string of all bytes reads back as them");
    for (int i = 0; i < 256; i++)
        all[i] = 1;
    is((long)(json_writer_string(out, all, 256) - out), 6 * 256 + 2,
       "a byte takes 6 at most, the quotes 2");
}

static void base64(void) {
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    int wrong = 0;
    ok(writes(json_writer_base64, BYTES(""), "\"\""), "base64 of nothing");
    ok(writes(json_writer_base64, BYTES("f"), "\"Zg==\""), "of one byte (RFC 4648)");
    ok(writes(json_writer_base64, BYTES("fo"), "\"Zm8=\""), "of two");
    ok(writes(json_writer_base64, BYTES("foo"), "\"Zm9v\""), "of three");
    ok(writes(json_writer_base64, BYTES("foobar"), "\"Zm9vYmFy\""), "of six");
    ok(writes(json_writer_base64, BYTES("\377\376\0\373\377"), "\"//4A+/8=\""), "of any bytes");
    for (size_t n = 0; n < 100; n++) {
        char bytes[100], out[200], back[100] = "", *end;
        size_t at = 0;
        unsigned bits = 0, have = 0;
        for (size_t i = 0; i < n; i++)
            bytes[i] = (char)(i * 151 + n * 7);
        end = json_writer_base64(out, bytes, n);
        wrong += (size_t)(end - out) != (n + 2) / 3 * 4 + 2;
        for (const char *c = out + 1; c < end - 1 && *c != '='; c++) {
            const char *digit = strchr(digits, *c);
            wrong += !digit;
            bits = bits << 6 | (unsigned)(digit ? digit - digits : 0);
            if ((have += 6) >= 8)
                back[at++] = (char)(bits >> (have -= 8));
        }
        wrong += at != n || memcmp(bytes, back, n) != 0;
    }
    is(wrong, 0, "texts of each length up to 99 decode to themselves");
}

static const struct {
    const char *what, *p;
    size_t n;
    bool valid;
} texts[] = {
    {"nothing", BYTES(""), true},
    {"ASCII, NUL and DEL", BYTES("a\0\177"), true},
    {"two bytes", BYTES("\302\200\337\277"), true},
    {"three bytes", BYTES("\340\240\200\357\277\277"), true},
    {"four bytes", BYTES("\360\220\200\200\364\217\277\277"), true},
    {"a lone continuation", BYTES("a\200"), false},
    {"two bytes for ASCII", BYTES("\301\277"), false},
    {"three bytes for two", BYTES("\340\237\277"), false},
    {"four bytes for three", BYTES("\360\217\277\277"), false},
    {"a surrogate", BYTES("\355\240\200"), false},
    {"just below the surrogates", BYTES("\355\237\277"), true},
    {"just above them", BYTES("\356\200\200"), true},
    {"above U+10FFFF", BYTES("\364\220\200\200"), false},
    {"a byte that is never used", BYTES("\365\200\200\200"), false},
    {"ISO 8859-1", BYTES("caf\351"), false},
    {"cut short", BYTES("\342\202"), false},
    {"a wrong second byte", BYTES("\342(\241"), false},
    {"a wrong last byte", BYTES("\360\237\220("), false}};

static void utf8(void) {
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        ok(json_writer_is_utf8(texts[i].p, texts[i].n) == texts[i].valid, "%s: %s",
           texts[i].valid ? "UTF-8" : "not UTF-8", texts[i].what);
}

/* Every code point, encoded by its definition, is valid; with any byte missing it is not. */
static void every_code_point(void) {
    int wrong = 0;
    for (unsigned v = 0x80; v < 0x110000; v += v < 0x1000 ? 1 : 61) {
        char p[4];
        size_t n = v < 0x800 ? 2 : v < 0x10000 ? 3 : 4;
        bool surrogate = v >= 0xd800 && v < 0xe000;
        p[0] = (char)((0xf00U >> n) | (v >> 6 * (n - 1)));
        for (size_t i = 1; i < n; i++)
            p[i] = (char)(0x80 | (v >> 6 * (n - 1 - i) & 0x3f));
        wrong += json_writer_is_utf8(p, n) == surrogate;
        wrong += json_writer_is_utf8(p, n - 1) || json_writer_is_utf8(p + 1, n - 1);
    }
    is(wrong, 0, "code points are valid unless they are surrogates or cut");
}

static char *member(char *to, const char *p, size_t n) {
    return json_writer_member(to, "reply", p, n);
}

static void members(void) {
    ok(writes(member, BYTES("a\n"), ",\"reply\":\"a\\n\""), "a member that is text");
    ok(writes(member, BYTES("\377"), ",\"reply_base64\":\"/w==\""), "one that is not UTF-8");
    ok(writes(member, BYTES(""), ",\"reply\":\"\""), "an empty one");
}

int main(void) {
    begin();
    strings();
    every_byte();
    base64();
    utf8();
    every_code_point();
    members();
    return done();
}
