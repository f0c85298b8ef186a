/* Tests lib/codec/json_id.c: which texts are JSON objects, their id and method, which ids are
 * equal, and that any bytes, cut anywhere, are safe to read. */
#include "codec/json_id.h"
#include "../harness.h"

/* Parses a copy that is exactly as long as the text, so that ASan catches a read past its end. */
static bool reads(const char *text, size_t n, char id[64], bool *method) {
    char *copy = malloc(n ? n : 1);
    struct json_message m;
    bool object;
    if (!copy)
        abort();
    memcpy(copy, text, n);
    object = json_id_parse(copy, n, &m);
    snprintf(id, 64, "%.*s", object ? (int)m.id_size : 0, m.id_size ? m.id : "");
    *method = m.has_method;
    free(copy);
    return object;
}

static void known_objects(void) {
    static const struct { const char *text, *id; bool method; } all[] = {
        {"{}", "", false},
        {" {\t}\r\n", "", false},
        {"{\"id\":1}", "1", false},
        {"{\"id\" : \"a b\" , \"method\" : \"m\"}", "\"a b\"", true},
        {"{\"x\":{\"id\":1,\"method\":2},\"y\":[{\"id\":3}]}", "", false},
        {"{\"id\":null}", "null", false},
        {"{\"id\":1,\"id\":null}", "null", false},
        {"{\"id\":null,\"id\":12}", "12", false},
        {"{\"id\":{\"a\":[1,2,[]]}}", "{\"a\":[1,2,[]]}", false},
        {"{\"a\":\"}\\\"]\",\"id\":-1.5e+3}", "-1.5e+3", false},
        {"{\"a\":\"\\u00e9\\\\\",\"id\":0}", "0", false},
        {"{\"a\":[true,false,null,[],{}],\"method\":1}", "", true},
        {"{\"\":\"\xff\xc3\",\"id\":\"\x7f\"}", "\"\x7f\"", false},
        {"{\"ID\":1,\"Method\":2,\"idx\":3}", "", false},
        {"[{\"id\":1}]", "[{\"id\":1}]", false},
        {" [ {\"id\":1,\"method\":2} , 3 ] ", "[ {\"id\":1,\"method\":2} , 3 ]", true},
        {"[{\"method\":2},{\"id\":3}]", "[{\"method\":2},{\"id\":3}]", false},
        {"[{\"id\":null},{\"method\":1},[{\"id\":1}]]", "", false}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        char id[64];
        bool method, object = reads(all[i].text, strlen(all[i].text), id, &method);
        ok(object && strcmp(id, all[i].id) == 0 && method == all[i].method, "%s is of '%s'%s",
           all[i].text, all[i].id, all[i].method ? ", with a method" : "");
    }
}

static void other_texts(void) {
    static const char *const all[] = {
        "", " ", "x", "1", "null", "\"id\"", "[]", "[{\"id\":1}", "[{\"id\":1},]", "[{\"id\":1}]x",
        "[,1]", "{", "{\"id\"", "{\"id\":",
        "{\"id\":1", "{\"id\":1,", "{\"id\":1,}", "{,}", "{\"id\" 1}", "{id:1}", "{'id':1}",
        "{\"id\":1}}", "{\"id\":1} {}", "{\"a\":[1,]}", "{\"a\":[,1]}", "{\"a\":[1}", "{\"a\":{1]}",
        "{\"a\":[1]]}", "{\"a\":01}", "{\"a\":+1}", "{\"a\":1.}", "{\"a\":.5}", "{\"a\":1e}",
        "{\"a\":-}", "{\"a\":tru}", "{\"a\":nul}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12g4\"}",
        "{\"a\":\"\n\"}", "{\"a\":\"\\\"}", "{\"a\":{\"b\"}}", "{\"a\":{\"b\":}}", "{\"a\":{1:2}}",
        "{\"a\":[1 2]}"};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        char id[64];
        bool method;
        ok(!reads(all[i], strlen(all[i]), id, &method), "%s is no object", all[i]);
    }
}

/* Nesting of any depth must fit in a stack of known size. */
static void nests(void) {
    static char text[3000];
    static const int deep[] = {999, 1000, 1001, 1400};
    struct json_message m;
    for (size_t i = 0; i < 4; i++) {
        int n = snprintf(text, sizeof text, "{\"a\":");
        memset(text + n, '[', (size_t)deep[i]);
        memset(text + n + deep[i], ']', (size_t)deep[i]);
        strcpy(text + n + 2 * deep[i], "}");
        is(json_id_parse(text, strlen(text), &m), deep[i] <= 1000, "a value, nested so deep");
    }
}

/* Tries every prefix of a message, and every byte of it replaced. */
static void any_bytes(void) {
    static const char text[] =
        "{\"id\":\"a\\u00e9\",\"m\":[1.5e3,{\"x\":null,\"y\":[true]},\"\\n\"]} \n";
    char id[64], bent[sizeof text];
    bool method;
    int objects_cut = 0, bent_ones = 0;
    size_t n = sizeof text - 1;
    for (size_t i = 0; i < n - 2; i++)
        objects_cut += reads(text, i, id, &method);
    is(objects_cut, 0, "no beginning of an object is one");
    for (size_t i = 0; i < n; i++)
        for (int c = 0; c < 256; c++) {
            memcpy(bent, text, n);
            bent[i] = (char)c;
            bent_ones += reads(bent, n, id, &method);
        }
    ok(bent_ones > 256 && bent_ones < (int)n * 256, "any byte anywhere: read, or refused");
}

/* Compares copies of exact size, in both orders. */
static bool ids_are_same(const char *a, size_t na, const char *b, size_t nb) {
    char *x = malloc(na ? na : 1), *y = malloc(nb ? nb : 1);
    bool is_same;
    if (!x || !y)
        abort();
    memcpy(x, a, na);
    memcpy(y, b, nb);
    is_same = json_id_equal(x, na, y, nb);
    if (json_id_equal(y, nb, x, na) != is_same)
        abort();
    free(x);
    free(y);
    return is_same;
}

static void known_ids(void) {
    static const struct { const char *a, *b; bool same; } all[] = {
        {"1", "1", true}, {"1", "2", false}, {"1", "1.0", true}, {"1", "10", false},
        {"1e0", "1E0", true}, {"1", "1e0", true}, {"100", "1e2", true}, {"0.001", "1E-3", true},
        {"12.50", "1.25e1", true}, {"12.5", "125", false}, {"12.5", "1.25", false},
        {"-1", "1", false}, {"-0.0", "0", true}, {"0e9", "0", true}, {"10", "1", false},
        {"9007199254740993", "9007199254740992", false}, {"1e400", "10e399", true},
        {"1e400", "1e401", false}, {"1e99999999999999999999", "1e99999999999999999998", false},
        {"1e+5", "100000", true}, {"01", "1", false}, {"1.", "1", false}, {"1e", "1", false},
        {"1.5.0", "1.5", false}, {"true", "true", true}, {"true", "false", false},
        {"[{\"id\":1},{\"id\":\"b\"}]", "[{\"id\":\"b\"}, {\"id\":1.0}]", true},
        {"[{\"id\":1},{\"id\":2}]", "[{\"id\":2}]", true},
        {"[{\"id\":1}]", "[{\"id\":2}]", false}, {"[{\"id\":1}]", "1", false},
        {"[{\"id\":null}]", "[{\"id\":null} ]", false}, {"[{\"id\":1}", "[{\"id\":1}", true},
        {"1", "\"1\"", false}, {"null", "\"null\"", false},
        {"[\"/\"]", "[\"/\"]", true}, {"[\"/\"]", "[\"\\/\"]", false}, {"\"\"", "\"\"", true},
        {"\"\"", "\"a\"", false}, {"\"ab\"", "\"abc\"", false}, {"\"A/\"", "\"A\\/\"", true},
        {"\"A/\"", "\"\\u0041\\u002f\"", true}, {"\"\\u002F\"", "\"\\/\"", true},
        {"\"\xc3\xa9\"", "\"\\u00e9\"", true}, {"\"\xc3\xa9\"", "\"\\u00e8\"", false},
        {"\"\xc3\xa9\"", "\"\\u00c3\\u00a9\"", false}, {"\"\xe2\x82\xac\"", "\"\\u20AC\"", true},
        {"\"\xf0\x9f\x98\x80\"", "\"\\ud83d\\ude00\"", true},
        {"\"\xf4\x8f\xbf\xbf\"", "\"\\uDBFF\\uDFFF\"", true},
        {"\"\xf0\x9f\x98\x80\"", "\"\\ude00\\ud83d\"", false},
        {"\"\\ud83d\\ude00\"", "\"\\ud83d\"", false}, {"\"\\ud83d\"", "\"\\uD83D\"", true},
        {"\"\\ud83dx\"", "\"\\ud83d\\u0078\"", true}, {"\"\\b\\f\\n\\r\\t\"",
        "\"\\u0008\\u000c\\u000a\\u000d\\u0009\"", true}, {"\"\\n\"", "\"n\"", false},
        {"\"\\\\\\\"\"", "\"\\u005c\\u0022\"", true}, {"\"\\\\n\"", "\"\\n\"", false},
        {"\"\\\\u0041\"", "\"A\"", false}, {"\"\\u0000\"", "\"\"", false}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        ok(ids_are_same(all[i].a, strlen(all[i].a), all[i].b, strlen(all[i].b)) == all[i].same,
           "%s is %s%s", all[i].a, all[i].same ? "" : "not ", all[i].b);
}

/* Tries every prefix of texts that are not values, and every byte replaced. */
static void any_values(void) {
    static const char text[] = "\"a\\u00e9\\n\\ud83d\\ude00/\"";
    char bent[sizeof text];
    size_t n = sizeof text - 1;
    int themselves = 0, cut_ones = 0, bent_ones = 0;
    for (size_t i = 0; i < n; i++) {
        themselves += ids_are_same(text, i, text, i);
        cut_ones += ids_are_same(text, i, text, n);
    }
    ok(themselves == (int)n && cut_ones == 0, "any beginning is itself, and none is the whole");
    for (size_t i = 0; i < n; i++)
        for (int c = 0; c < 256; c++) {
            memcpy(bent, text, n);
            bent[i] = (char)c;
            bent_ones += ids_are_same(bent, n, text, n);
        }
    is(bent_ones, (int)n + 5, "any byte anywhere: only the five letters of hex say the same");
}

int main(void) {
    begin();
    known_objects();
    other_texts();
    nests();
    any_bytes();
    known_ids();
    any_values();
    return done();
}
