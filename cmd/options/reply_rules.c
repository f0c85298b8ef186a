/* reply_rules.c: the options that tell where a reply ends. They form sets: the rule options before
 * a request describe its rule, and the first rule option after a request begins a new set.
 *
 *     -u '^ok' -e a -e b  -n 2 -e c        a and b end by -u, c ends after two lines
 *
 * The builder holds the set. reply_rules_assign compiles it when the first request needs it;
 * further requests share the compiled rule until an option changes the builder, which sets
 * compiled_rule to NULL. -t, --no-reply, --async and --error belong to the builder too, but
 * outlive a set: -t until it is given anew, the lists until one of their own options follows a
 * request.
 * reply_rules_mark_used causes all this by marking every part as used.
 *
 * A session has a single rule, that of the last request which expects a reply. Two sets used by
 * such requests are noted (has_two_rules) and refused by session_options.c; requests without a
 * reply (-n 0) may have their own.
 *
 * The trap: with --fresh a reply ends at end of file, but a --setup text must not wait for that, as
 * its child goes on. So each --setup text compiles a rule of its own, which no request shares. */
#include "options/reply_rules.h"
#include "options/option_error.h"
#include "util/frames.h"
#include "util/log.h"
#include "util/units.h"
#include <errno.h>
#include <string.h>

/* --- building a rule --------------------------------------------------------------------- */

/* Begins a new list after the used one, of which a NULL is the end. A list that no request uses is
 * added to. */
static void begin_pattern_list(struct pattern_list *list) {
    if (list->is_used)
        list->patterns += list->count + 1;
    list->count = list->is_used ? 0 : list->count;
    list->is_used = false;
}

/* What of a set outlives it. */
static struct dualpipe_rule_options only_errors(const struct dualpipe_rule_options *o) {
    return (struct dualpipe_rule_options){.json_errors = o->json_errors,
                                          .status_errors = o->status_errors};
}

/* Called for each rule option but those lists: begins a new set if a request uses the old one. */
static void touch_builder(struct parser *p, const char *option) {
    struct rule_builder *builder = &p->builder;
    if (builder->is_used) {
        builder->rule = only_errors(&builder->rule);
        begin_pattern_list(&builder->until);
        p->sets_begun++;
        builder->is_used = false;
    }
    builder->unused_option = option;
    p->compiled_rule = NULL;
}

/* Adds a value of --no-reply or --async. */
static void add_pattern(struct parser *p, struct pattern_list *list, const char *option,
                        const char *value) {
    begin_pattern_list(list);
    list->patterns[list->count++] = value;
    p->builder.unused_option = option;
    p->compiled_rule = NULL;
}

/* Adds a value of --error. The patterns for replies and for stderr and the words json and status
 * are one list: what begins it anew begins all of them. */
static void add_error(struct parser *p, const char *option, const char *value) {
    struct rule_builder *builder = &p->builder;
    struct pattern_list *lists[] = {&builder->errors, &builder->stderr_errors};
    static const char prefix[] = "stderr:";
    bool is_none = strcmp(value, "none") == 0, is_json = strcmp(value, "json") == 0;
    bool is_status = strcmp(value, "status") == 0;
    bool is_stderr = strncmp(value, prefix, sizeof prefix - 1) == 0;
    if (is_none || builder->errors.is_used)
        builder->rule.json_errors = builder->rule.status_errors = 0;
    for (int i = 0; i < 2; i++) {
        lists[i]->is_used |= is_none;
        begin_pattern_list(lists[i]);
    }
    builder->rule.json_errors |= is_json;
    builder->rule.status_errors |= is_status;
    if (is_stderr)
        add_pattern(p, &builder->stderr_errors, option, value + sizeof prefix - 1);
    else if (!is_none && !is_json && !is_status)
        add_pattern(p, &builder->errors, option, value);
    if (is_stderr)
        p->stderr_watch = STDERR_WATCHED_BY_USER;
    else if (is_none && p->s->requests.count == 0) /* else those before it look there */
        p->stderr_watch = STDERR_UNWATCHED;
    builder->unused_option = option;
    p->compiled_rule = NULL;
}

/* The library calls its operation "understanding the pattern" or "... fence"; the message begins
 * with the last word of that. */
static int report_bad_pattern(const struct parser *p, const struct dualpipe_error *why) {
    static const char prefix[] = "understanding the ";
    const char *what = why->operation;
    if (!why->object && why->hint)
        return option_error("frame", frames_kind_name(p->s->frame), why->hint);
    if (strncmp(what, prefix, sizeof prefix - 1) == 0)
        what += sizeof prefix - 1;
    log_error(what, why->object, "at byte %zu: %s", why->offset + 1,
              why->hint ? why->hint : strerror(ENOMEM));
    return PARSE_FAILED;
}

/* Compiles a rule, which p->rules then owns. */
static int make_rule(struct parser *p, const struct dualpipe_rule_options *options,
                     dualpipe_rule **rule) {
    struct dualpipe_error why;
    if (dualpipe_rule_new(rule, options, &why) < 0)
        return report_bad_pattern(p, &why);
    p->rules[p->rule_count++] = *rule;
    return PARSE_CONTINUE;
}

static int compile_builder(struct parser *p, bool until_eof) {
    struct rule_builder *builder = &p->builder;
    builder->rule.end_patterns = builder->until.patterns;
    builder->rule.no_reply = builder->no_reply.patterns;
    builder->rule.notifications = builder->async.patterns;
    builder->rule.errors = builder->errors.patterns;
    builder->rule.stderr_errors = builder->stderr_errors.patterns;
    builder->rule.until_eof = until_eof;
    builder->rule.kind = p->s->frame;
    if (builder->rule.prompt || builder->rule.idle_ms)
        p->unpipelined_option = builder->rule.prompt ? "prompt" : "idle";
    return make_rule(p, &builder->rule, &p->compiled_rule);
}

/* --- the options ------------------------------------------------------------------------- */

static int set_count(struct parser *p, const char *value) {
    const char *why = units_parse_number(value, 0, 1000000000, &p->builder.rule.count);
    if (why)
        return option_error("count", value, why);
    if (p->builder.rule.count == 0)
        p->builder.rule.count = -1; /* the library's number for no reply: its 0 is the default */
    return PARSE_CONTINUE;
}

static int set_idle(struct parser *p, const struct option_row *row, const char *value) {
    int64_t us;
    int status = option_error_check_time(row->long_name, value, &us, false);
    if (status == PARSE_CONTINUE)
        p->builder.rule.idle_ms = us == UNITS_FOREVER ? 0 : units_timeout_ms(us);
    return status;
}

static int set_bytes(struct parser *p, const char *value) {
    const char *why = units_parse_size(value, &p->builder.rule.bytes);
    return why ? option_error("bytes", value, why) : PARSE_CONTINUE;
}

int reply_rules_apply(struct parser *p, const struct option_row *row, const char *value) {
    struct rule_builder *builder = &p->builder;
    switch (row->id) {
    case OPT_NO_REPLY:
        add_pattern(p, &builder->no_reply, row->long_name, value);
        return PARSE_CONTINUE;
    case OPT_ASYNC: add_pattern(p, &builder->async, row->long_name, value); return PARSE_CONTINUE;
    case OPT_ERROR: add_error(p, row->long_name, value); return PARSE_CONTINUE;
    case OPT_UNTIL:
        touch_builder(p, row->long_name);
        builder->until.patterns[builder->until.count++] = value;
        return PARSE_CONTINUE;
    case OPT_PROMPT:
        touch_builder(p, row->long_name);
        builder->rule.prompt = value;
        if (p->s->requests.count == 0)
            p->first_prompt = value;
        return PARSE_CONTINUE;
    case OPT_FENCE:
        touch_builder(p, row->long_name);
        builder->rule.fence = value;
        return PARSE_CONTINUE;
    case OPT_WRAP:
        touch_builder(p, row->long_name);
        builder->rule.wrap = value;
        return PARSE_CONTINUE;
    case OPT_ID: touch_builder(p, row->long_name); builder->rule.id = value; return PARSE_CONTINUE;
    case OPT_LENGTH:
        touch_builder(p, row->long_name);
        builder->rule.length = value;
        return PARSE_CONTINUE;
    case OPT_BYTES: touch_builder(p, row->long_name); return set_bytes(p, value);
    case OPT_COUNT: touch_builder(p, row->long_name); return set_count(p, value);
    case OPT_IDLE: touch_builder(p, row->long_name); return set_idle(p, row, value);
    default:
        builder->unused_option = row->long_name;
        return option_error_check_time(row->long_name, value, &builder->timeout, false);
    }
}

/* --- for requests ------------------------------------------------------------------------ */

void reply_rules_mark_used(struct parser *p) {
    p->builder.is_used = p->builder.until.is_used = p->builder.no_reply.is_used =
        p->builder.async.is_used = p->builder.errors.is_used = p->builder.stderr_errors.is_used =
            true;
    p->builder.unused_option = NULL;
}

/* Takes the current set as the session's rule. Sets are counted from 1. */
static void note_session_rule(struct parser *p) {
    if (p->session_rule_set > 0 && p->session_rule_set != p->sets_begun + 1)
        p->has_two_rules = true;
    p->session_rule_options = p->builder.rule;
    p->session_rule_set = p->sets_begun + 1;
    p->s->session_rule = p->compiled_rule;
}

/* Whether no option says where a reply ends, so that it is one message. */
static bool is_default_rule(const struct parser *p) {
    const struct dualpipe_rule_options *o = &p->builder.rule;
    return o->count == 0 && o->bytes == 0 && o->idle_ms == 0 && !o->prompt && !o->fence &&
           !o->wrap && !o->id && !o->length && p->builder.until.count == 0 && !p->s->fresh;
}

int reply_rules_assign(struct parser *p, struct request_opts *opts, bool is_setup) {
    bool is_own_rule = is_setup && p->s->fresh;
    int status = PARSE_CONTINUE;
    if (!p->compiled_rule || is_own_rule)
        status = compile_builder(p, p->s->fresh && !is_setup);
    *opts = (struct request_opts){.rule = p->compiled_rule,
                                  .timeout = p->builder.timeout,
                                  .id = p->builder.rule.id,
                                  .has_fence = p->builder.rule.fence || p->builder.rule.wrap,
                                  .one_line = p->one_line_preset && p->sets_begun == 0};
    p->s->uses_default_rule |= !is_setup && is_default_rule(p);
    if (!is_setup && p->builder.rule.count != -1)
        note_session_rule(p);
    if (is_own_rule)
        p->compiled_rule = NULL;
    return status;
}

int reply_rules_compile_ready(struct parser *p) {
    const char *until[] = {p->ready_pattern, NULL};
    /* Bytes without frames are looked at by line here, as the pattern says what a line must be. */
    enum dualpipe_frame_kind kind =
        p->s->frame == DUALPIPE_FRAME_RAW ? DUALPIPE_FRAME_LINE : p->s->frame;
    bool by_line = kind == DUALPIPE_FRAME_LINE || kind == DUALPIPE_FRAME_CRLF;
    struct dualpipe_rule_options options = {
        .kind = kind, .end_patterns = until, .match_partial_line = by_line};
    if (p->ready_pattern && strcmp(p->ready_pattern, "none") == 0)
        return PARSE_CONTINUE;
    if (!p->ready_pattern)
        options = (struct dualpipe_rule_options){.kind = p->s->frame, .prompt = p->first_prompt};
    p->s->implied_ready = p->ready_pattern ? NULL : p->first_prompt;
    return p->ready_pattern || p->first_prompt ? make_rule(p, &options, &p->s->ready_rule)
                                               : PARSE_CONTINUE;
}

int reply_rules_check(struct parser *p) {
    struct parser saved = *p;
    struct request_opts opts;
    int status = reply_rules_assign(p, &opts, false);
    if (status == PARSE_CONTINUE)
        status = reply_rules_compile_ready(p);
    saved.rules = p->rules;
    saved.rule_count = p->rule_count;
    p->s->ready_rule = NULL;
    *p = saved;
    return status;
}

/* --- for a session ----------------------------------------------------------------------- */

/* No request uses this rule yet, so compiling it must not forbid a window. */
int reply_rules_keep_for_session(struct parser *p) {
    const char *unpipelined = p->unpipelined_option;
    int status = p->compiled_rule ? PARSE_CONTINUE : compile_builder(p, p->s->fresh);
    if (status == PARSE_CONTINUE && p->builder.rule.count != -1) {
        p->session_rule_options = p->builder.rule;
        p->s->session_rule = p->compiled_rule;
    }
    p->unpipelined_option = unpipelined;
    return status;
}

int reply_rules_default_for_session(struct parser *p) {
    if (p->s->session_rule)
        return PARSE_CONTINUE;
    p->builder.rule = only_errors(&p->builder.rule);
    begin_pattern_list(&p->builder.until);
    p->compiled_rule = NULL;
    return reply_rules_keep_for_session(p);
}
