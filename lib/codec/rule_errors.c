/* rule_errors.c: whether a reply, or what came on stderr meanwhile, says that the request failed.
 *
 * Lines are taken as they come, so that a reply of any size can be looked at while it is handed on:
 * of each stream only the unfinished line is kept, and in front of it the lines that a pattern with
 * line ends in it may need. A line longer than MAX_LINE is cut there for the patterns. Frames other
 * than lines, and JSON, are looked at once the reply is whole.
 *
 * The line that is found is kept for a message. Often it is only the heading of what is wrong:
 *
 *     Traceback (most recent call last):            File "<stdin>", line 1
 *       File "<stdin>", line 1, in <module>           1 +
 *     ZeroDivisionError: division by zero             ^
 *                                                 SyntaxError: invalid syntax
 *
 * So if it is indented or ends in a colon, the next line of the same stream that begins with a
 * letter takes its place, if one comes. */
#include "codec/rule_errors.h"
#include "codec/json_id.h"
#include "codec/rule.h"
#include <stdint.h>
#include <string.h>

enum { MAX_LINE = 65536 }; /* bytes of a line that the patterns see */

static void clear_lines(struct rule_errors_lines *l) {
    l->text.start = l->text.end = l->line = 0;
    l->text.max = PTRDIFF_MAX / 2;
}

void rule_errors_begin(struct rule_errors *e) {
    clear_lines(&e->reply);
    clear_lines(&e->err);
    e->found = e->out_of_memory = false;
    e->awaits_rest = NULL;
    e->said[0] = 0;
}

void rule_errors_free(struct rule_errors *e) {
    buffer_free(&e->reply.text);
    buffer_free(&e->err.text);
}

/* --- what was found --- */

static void keep_said(struct rule_errors *e, const char *p, size_t n) {
    n = n < RULE_ERRORS_SAID_MAX ? n : RULE_ERRORS_SAID_MAX;
    memcpy(e->said, p, n);
    e->said[n] = 0;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Whether the line is only the heading of what is wrong. */
static bool is_heading(const char *p, size_t n) {
    size_t end = n;
    while (end > 0 && is_blank(p[end - 1]))
        end--;
    return end > 0 && (is_blank(p[0]) || p[end - 1] == ':');
}

/* The n bytes at p match; the first of their lines says it. */
static void note_match(struct rule_errors *e, const struct rule_errors_lines *l, const char *p,
                       size_t n) {
    const char *lf = n > 0 ? memchr(p, '\n', n) : NULL;
    size_t size = lf ? (size_t)(lf - p) : n;
    size -= size > 0 && p[size - 1] == '\r';
    e->found = true;
    e->awaits_rest = is_heading(p, size) ? l : NULL;
    keep_said(e, p, size);
}

/* --- lines --- */

static const struct regex_list *patterns_of(const struct rule_errors *e, const dualpipe_rule *rule,
                                            const struct rule_errors_lines *l) {
    return l == &e->err ? &rule->errors.stderr_lines : &rule->errors.lines;
}

/* Where the line begins that is so many lines before the one at `line`, or the first that is
 * kept. */
static size_t earlier_line(const char *text, size_t line, int count) {
    for (; count > 0 && line > 0; count--)
        for (line--; line > 0 && text[line - 1] != '\n'; line--)
            ;
    return line;
}

static int most_newlines(const struct regex_list *patterns) {
    int most = 0;
    for (int i = 0; i < patterns->count; i++)
        most = patterns->items[i].newlines > most ? patterns->items[i].newlines : most;
    return most;
}

/* The unfinished line is whole. */
static void end_line(struct rule_errors *e, const dualpipe_rule *rule,
                     struct rule_errors_lines *l) {
    const struct regex_list *patterns = patterns_of(e, rule, l);
    const char *text = buffer_data(&l->text);
    size_t n = buffer_len(&l->text);
    int kept = most_newlines(patterns);
    n -= n > l->line && text[n - 1] == '\r';
    if (e->awaits_rest == l && n > l->line && is_letter(text[l->line])) {
        keep_said(e, text + l->line, n - l->line);
        e->awaits_rest = NULL;
    }
    for (int i = 0; i < patterns->count && !e->found; i++) {
        size_t from = earlier_line(text, l->line, patterns->items[i].newlines);
        if (rule_lines_match(&patterns->items[i], text + from, n - from))
            note_match(e, l, text + from, n - from);
    }
    if (kept == 0) {
        clear_lines(l);
        return;
    }
    if (buffer_append(&l->text, "\n", 1) < 0)
        e->out_of_memory = true;
    text = buffer_data(&l->text);
    n = buffer_len(&l->text);
    buffer_consume(&l->text, earlier_line(text, n, kept));
    l->line = buffer_len(&l->text);
}

static bool is_done(const struct rule_errors *e, const struct rule_errors_lines *l) {
    return e->found && e->awaits_rest != l;
}

void rule_errors_add(struct rule_errors *e, const dualpipe_rule *rule, bool is_stderr,
                     const char *p, size_t n) {
    struct rule_errors_lines *l = is_stderr ? &e->err : &e->reply;
    const char *end = p + n;
    if (patterns_of(e, rule, l)->count == 0)
        return;
    while (p < end && !is_done(e, l)) {
        const char *lf = memchr(p, '\n', (size_t)(end - p)), *to = lf ? lf : end;
        size_t held = buffer_len(&l->text) - l->line, part = (size_t)(to - p);
        size_t room = held < MAX_LINE ? MAX_LINE - held : 0;
        if (buffer_append(&l->text, p, part < room ? part : room) < 0)
            e->out_of_memory = true;
        if (lf)
            end_line(e, rule, l);
        p = to + (lf != NULL);
    }
}

void rule_errors_end(struct rule_errors *e, const dualpipe_rule *rule) {
    struct rule_errors_lines *all[] = {&e->reply, &e->err};
    for (int i = 0; i < 2; i++)
        if (buffer_len(&all[i]->text) > all[i]->line && !is_done(e, all[i]))
            end_line(e, rule, all[i]);
}

/* --- frames and JSON --- */

static void look_at_body(struct rule_errors *e, const dualpipe_rule *rule, const char *p,
                         size_t n) {
    const struct regex_list *patterns = &rule->errors.lines;
    int count = rule_kind_is_framed(rule->kind) ? patterns->count : 0; /* else lines do */
    struct json_message m;
    if (rule->errors.json && json_id_parse(p, n, &m) && m.error) {
        e->found = true;
        keep_said(e, m.error, m.error_size);
    }
    for (int i = 0; i < count && !e->found; i++)
        if (regex_matches(&patterns->items[i], p, n))
            note_match(e, NULL, p, n);
}

/* What is left of a frame that was not ended counts as one, as a last line does. */
static void look_at_bodies(struct rule_errors *e, const dualpipe_rule *rule, const char *p,
                           size_t n) {
    struct dualpipe_frame_view body = {0};
    ssize_t used;
    while (n > 0 && !e->found &&
           (used = dualpipe_frame_decode(rule->kind, p, n, SIZE_MAX, &body)) > 0) {
        look_at_body(e, rule, body.data, body.size);
        p += used;
        n -= (size_t)used;
        body = (struct dualpipe_frame_view){0};
    }
    if (n > 0 && !e->found)
        look_at_body(e, rule, p, n);
}

void rule_errors_add_reply(struct rule_errors *e, const dualpipe_rule *rule, const char *p,
                           size_t n) {
    if (rule_errors_need_all(rule))
        look_at_bodies(e, rule, p, n);
    if (!rule_kind_is_framed(rule->kind))
        rule_errors_add(e, rule, false, p, n);
}
