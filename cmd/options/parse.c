/* parse.c: the words of the command line and of a preset, option by option; the only file that
 * knows getopt. */
#include "options/parse.h"
#include "util/frames.h"
#include "util/suggest.h"
#include "util/log.h"
#include <getopt.h>
#include <stdio.h>
#include <string.h>

static void fill_tables(struct option *words, char *letters) {
    *letters++ = '+'; /* options end at the first operand */
    *letters++ = ':';
    for (int i = 0; i < option_count; i++) {
        const struct option_row *row = &option_rows[i];
        bool optional = row->value && *row->value == '[';
        int takes = optional ? optional_argument : row->value ? required_argument : no_argument;
        words[i] = (struct option){row->word, takes, NULL, (int)row->name};
        if (!row->letter)
            continue;
        *letters++ = row->letter;
        if (takes == required_argument)
            *letters++ = ':';
    }
    words[option_count] = (struct option){0};
    *letters = 0;
}

static const struct option_row *row_of(int code) {
    for (int i = 0; i < option_count; i++)
        if ((int)option_rows[i].name == code || (code < 256 && option_rows[i].letter == code))
            return &option_rows[i];
    return NULL;
}

static int unknown_word(const char *typed) {
    char word[64];
    snprintf(word, sizeof word, "%.*s", (int)strcspn(typed, "="), typed);
    for (int i = 0; i < option_count; i++)
        if (near(option_rows[i].word, word)) {
            say_error("unknown option", typed, "did you mean --%s?", option_rows[i].word);
            return USAGE;
        }
    for (int i = 0; i < option_count; i++)
        if (strncmp(option_rows[i].word, word, strlen(word)) == 0 && word[0]) {
            say_error("option", typed, "could be --%s and others: write it out",
                      option_rows[i].word);
            return USAGE;
        }
    say_error("unknown option", typed, "--help=all lists them; -- ends the options");
    return USAGE;
}

static int refused(char **argv, int code) {
    const struct option_row *row = optopt ? row_of(optopt) : NULL;
    const char *typed = argv[optind - 1];
    char letter[2] = {(char)optopt, 0};
    if (code == ':')
        return row ? option_wrong(row->word, NULL, "a value is missing") : USAGE;
    if (row && row->name == OPT_LINE)
        return option_wrong("line", NULL, "takes no value: to send a line use -e TEXT");
    if (row)
        return option_wrong(row->word, NULL, "takes no value");
    if (optopt && optopt < 256) {
        say_error("unknown option", letter, "--help=all lists them; -- ends the options");
        return USAGE;
    }
    return unknown_word(typed + strspn(typed, "-"));
}

struct foreseen {
    bool fresh;
    int frame, io; /* -1: none is given */
    const char *preset, *second;
};

/* The first operand may name a session; options go on behind it. */
static bool is_session(int argc, char **argv, bool dashes) {
    return optind < argc && argv[optind][0] == '@' && !dashes;
}

/* Whether `--` has ended the options, seen by what getopt passed for it. */
static bool passed_dashes(char **argv, int before) {
    return optind == before + 1 && strcmp(argv[before], "--") == 0;
}

/* Options that hold for those before them too: --fresh and --frame are of the whole run, and a
 * preset comes first. */
static void foresee_words(struct foreseen *f, int argc, char **argv, bool again) {
    struct option words[MOST_OPTIONS];
    char letters[2 * MOST_OPTIONS];
    int code, kind, before = 1;
    fill_tables(words, letters);
    opterr = optind = 0;
    while ((code = getopt_long(argc, argv, letters, words, NULL)) != -1) {
        before = optind;
        f->fresh |= code == OPT_FRESH;
        if (code == OPT_FRAME && (kind = frames_kind(optarg)) >= 0)
            f->frame = kind;
        if (code == OPT_IO && (kind = frames_kind(optarg)) >= 0)
            f->io = kind;
        if (code == OPT_AS || code == 'a') {
            f->second = f->preset ? optarg : NULL;
            f->preset = f->preset ? f->preset : optarg;
        }
    }
    if (again && is_session(argc, argv, passed_dashes(argv, before)))
        foresee_words(f, argc - optind, argv + optind, false);
}

static struct foreseen foresee(int argc, char **argv) {
    struct foreseen f = {.frame = -1, .io = -1};
    foresee_words(&f, argc, argv, true);
    return f;
}

/* What the user asks for comes before what the preset does. */
static int foresee_preset(struct settings *s, struct foreseen *users, struct preset *preset) {
    struct foreseen f;
    int status;
    if (users->second)
        return option_wrong("as", users->second, "one preset a call: another is given before");
    if ((status = preset_find(preset, users->preset)) != GO_ON)
        return status;
    s->preset = users->preset;
    s->preset_words = preset->words;
    f = foresee(preset->n, preset->words);
    users->fresh |= f.fresh;
    users->frame = users->frame < 0 ? f.frame : users->frame;
    if (!f.preset)
        return GO_ON;
    say_error("preset", s->preset, "a preset names no other: leave out -a %s", f.preset);
    return USAGE;
}

int reader_foresee(struct parser *p, int argc, char **argv, struct preset *preset) {
    struct foreseen f = foresee(argc, argv);
    int status = GO_ON;
    *preset = (struct preset){0};
    if (f.preset)
        status = foresee_preset(p->s, &f, preset);
    p->s->fresh = f.fresh;
    if (f.frame < 0 && f.fresh && !f.preset && f.io > DUALPIPE_CRLF)
        f.frame = DUALPIPE_RAW; /* all of what the child is sent and says: it may hold line ends */
    if (f.frame >= 0)
        p->s->frame = (enum dualpipe_kind)f.frame;
    return status;
}

static int read_words(struct parser *p, int argc, char **argv, char ***operands) {
    struct option words[MOST_OPTIONS];
    char letters[2 * MOST_OPTIONS];
    const struct option_row *row;
    int code, status, before = 1;
    fill_tables(words, letters);
    opterr = optind = 0;
    while ((code = getopt_long(argc, argv, letters, words, NULL)) != -1) {
        before = optind;
        if (code == '?' || code == ':')
            return refused(argv, code);
        if (!(row = row_of(code)))
            continue;
        if ((status = options_apply(p, row, optarg)) != GO_ON)
            return status;
    }
    *operands = argv + optind;
    if (p->s->session || !is_session(argc, argv, passed_dashes(argv, before)))
        return GO_ON;
    p->s->session = argv[optind];
    return read_words(p, argc - optind, argv + optind, operands);
}

int reader_read(struct parser *p, int argc, char **argv, char ***operands) {
    return read_words(p, argc, argv, operands);
}

/* What is wrong in the user's own is said with its place. Its rules stand as if for a request
 * before the user's first: one of the user's begins a new set. */
int reader_read_preset(struct parser *p, struct preset *preset) {
    int status;
    say_within(preset->place);
    status = reader_read(p, preset->n, preset->words, &p->s->preset_argv);
    if (status == GO_ON && *preset->place)
        status = rules_check(p);
    say_within("");
    if (status == GO_ON)
        status = rules_keep(p);
    p->preset_builtin = p->builtin;
    p->builtin = false;
    if (!p->s->preset_argv || !p->s->preset_argv[0])
        p->s->preset_argv = NULL;
    rules_use(p);
    return status;
}
