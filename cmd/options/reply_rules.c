/* reply_rules.c: the options that say where a reply ends: sets that stand for the requests behind
 * them. */
#include "options/parser.h"
#include "util/frames.h"
#include "util/log.h"
#include "util/units.h"
#include <string.h>

static void begin_list(struct list *l) {
    if (l->used)
        l->all += l->n + 1;
    l->n = l->used ? 0 : l->n;
    l->used = false;
}

/* A rule that comes after a request begins a new set. */
static void touch_rule(struct parser *p, const char *option) {
    struct draft *d = &p->draft;
    if (d->used)
        d->rule = (struct dualpipe_rule_options){0};
    if (d->used)
        begin_list(&d->until);
    p->sets += d->used;
    d->used = false;
    d->pending = option;
    p->compiled = NULL;
}

static void add_to_list(struct parser *p, struct list *l, const char *option, const char *value) {
    begin_list(l);
    l->all[l->n++] = value;
    p->draft.pending = option;
    p->compiled = NULL;
}

static int bad_pattern(const struct parser *p, const struct dualpipe_failure *why) {
    static const char step[] = "understanding the ";
    const char *what = why->step;
    if (!why->subject && why->advice)
        return option_wrong("frame", frames_name(p->s->frame), why->advice);
    if (strncmp(what, step, sizeof step - 1) == 0)
        what += sizeof step - 1;
    say_error(what, why->subject, "at byte %zu: %s", why->position + 1,
              why->advice ? why->advice : strerror(ENOMEM));
    return USAGE;
}

static int make_rule(struct parser *p, const struct dualpipe_rule_options *o,
                     dualpipe_rule **rule) {
    struct dualpipe_failure why;
    if (dualpipe_rule_new(rule, o, &why) < 0)
        return bad_pattern(p, &why);
    p->rules[p->nrules++] = *rule;
    return GO_ON;
}

static int compile(struct parser *p, bool at_end) {
    struct draft *d = &p->draft;
    d->rule.until = d->until.all;
    d->rule.no_reply = d->no_reply.all;
    d->rule.async = d->async.all;
    d->rule.at_end = at_end;
    d->rule.kind = p->s->frame;
    if (d->rule.prompt || d->rule.idle)
        p->unpiped = d->rule.prompt ? "--prompt" : "--idle";
    return make_rule(p, &d->rule, &p->compiled);
}

/* A session has one rule; requests that draw no reply may have theirs. */
static void keep_for_session(struct parser *p) {
    if (p->kept_set > 0 && p->kept_set != p->sets + 1)
        p->two_rules = true;
    p->kept = p->draft.rule;
    p->kept_set = p->sets + 1;
    p->s->session_rule = p->compiled;
}

/* A set-up text of --fresh has a reply like any other's: the child goes on. */
int rules_set_terms(struct parser *p, struct terms *terms, bool is_setup) {
    bool differs = is_setup && p->s->fresh;
    int status = p->compiled && !differs ? GO_ON : compile(p, p->s->fresh && !is_setup);
    *terms = (struct terms){p->compiled, p->draft.timeout};
    if (!is_setup && p->draft.rule.count != -1)
        keep_for_session(p);
    if (differs)
        p->compiled = NULL;
    return status;
}

static int set_count(struct parser *p, const char *value) {
    const char *why = parse_number(value, 0, 1000000000, &p->draft.rule.count);
    if (why)
        return option_wrong("count", value, why);
    if (p->draft.rule.count == 0)
        p->draft.rule.count = -1;
    return GO_ON;
}

static int set_idle(struct parser *p, const struct option_row *row, const char *value) {
    int64_t us;
    int status = option_time(row, value, &us, false);
    if (status == GO_ON)
        p->draft.rule.idle = us == FOREVER ? 0 : limit_ms(us);
    return status;
}

static int set_bytes(struct parser *p, const char *value) {
    const char *why = parse_size(value, &p->draft.rule.bytes);
    return why ? option_wrong("bytes", value, why) : GO_ON;
}

int rules_apply(struct parser *p, const struct option_row *row, const char *value) {
    struct draft *d = &p->draft;
    switch (row->name) {
    case OPT_NO_REPLY: add_to_list(p, &d->no_reply, "--no-reply", value); return GO_ON;
    case OPT_ASYNC: add_to_list(p, &d->async, "--async", value); return GO_ON;
    case OPT_UNTIL:
        touch_rule(p, "-u");
        d->until.all[d->until.n++] = value;
        return GO_ON;
    case OPT_PROMPT:
        touch_rule(p, "-p");
        d->rule.prompt = value;
        if (p->s->requests.n == 0)
            p->first_prompt = value;
        return GO_ON;
    case OPT_FENCE: touch_rule(p, "--fence"); d->rule.fence = value; return GO_ON;
    case OPT_ID: touch_rule(p, "--id"); d->rule.id = value; return GO_ON;
    case OPT_LENGTH: touch_rule(p, "--length"); d->rule.length = value; return GO_ON;
    case OPT_BYTES: touch_rule(p, "--bytes"); return set_bytes(p, value);
    case OPT_COUNT: touch_rule(p, "-n"); return set_count(p, value);
    case OPT_IDLE: touch_rule(p, "--idle"); return set_idle(p, row, value);
    default: d->pending = "-t"; return option_time(row, value, &d->timeout, false);
    }
}

void rules_use(struct parser *p) {
    p->draft.used = p->draft.until.used = p->draft.no_reply.used = p->draft.async.used = true;
    p->draft.pending = NULL;
}

/* A preset's rule is a session's, though no request uses it. */
int rules_keep(struct parser *p) {
    const char *unpiped = p->unpiped;
    int status = p->compiled ? GO_ON : compile(p, p->s->fresh);
    if (status == GO_ON && p->draft.rule.count != -1) {
        p->kept = p->draft.rule;
        p->s->session_rule = p->compiled;
    }
    p->unpiped = unpiped;
    return status;
}

int rules_settle_session(struct parser *p) {
    if (p->s->session_rule)
        return GO_ON;
    p->draft.rule = (struct dualpipe_rule_options){0};
    begin_list(&p->draft.until);
    p->compiled = NULL;
    return rules_keep(p);
}

/* What is awaited before the first request: of --ready, else of -p if that stands for it. */
int rules_set_ready(struct parser *p) {
    const char *until[] = {p->ready, NULL};
    bool by_line = p->s->frame == DUALPIPE_LINE || p->s->frame == DUALPIPE_CRLF;
    struct dualpipe_rule_options o = {.kind = p->s->frame, .until = until, .unfinished = by_line};
    if (p->ready && strcmp(p->ready, "none") == 0)
        return GO_ON;
    if (!p->ready)
        o = (struct dualpipe_rule_options){.kind = p->s->frame, .prompt = p->first_prompt};
    return p->ready || p->first_prompt ? make_rule(p, &o, &p->s->ready) : GO_ON;
}

int rules_check(struct parser *p) {
    struct parser copy = *p;
    struct terms terms;
    int status = rules_set_terms(p, &terms, false);
    if (status == GO_ON)
        status = rules_set_ready(p);
    copy.rules = p->rules;
    copy.nrules = p->nrules;
    p->s->ready = NULL;
    *p = copy;
    return status;
}
