/* implied_preset.c: what a command gets by itself, without -a: the preset of a program that is
 * known, or a terminal as its stdout.
 *
 * Nothing is implied where the user has said something about the program's protocol
 * (protocol_options), or where an argument may make another program of it: a preset applies only
 * with arguments that its row calls harmless (preset_command.c), a terminal only to the filters
 * below. So a script, a -c, a wrapper such as env or ssh, and an option that isn't known here leave
 * a command as it is.
 *
 * The filters answer each line with a line, and hold their output back on a pipe. To know that
 * their arguments keep it so, each has a check of its own. */
#include "options/implied_preset.h"
#include "options/option_table.h"
#include "options/parser_state.h"
#include "options/preset_command.h"
#include "util/shellwords.h"
#include <string.h>

static const enum option_id protocol_options[] = {
    OPT_COUNT, OPT_UNTIL,    OPT_PROMPT, OPT_FENCE, OPT_ID,    OPT_LENGTH,   OPT_BYTES,
    OPT_WRAP,
    OPT_IDLE,  OPT_FRESH,    OPT_AWAIT,  OPT_READY, OPT_SETUP, OPT_NO_REPLY, OPT_ASYNC,
    OPT_QUIT,  OPT_FRAME,    OPT_IO,     OPT_PTY,   OPT_AS,    OPT_UNBUFFER, OPT_BUILTIN,
    OPT_HOSTS, OPT_VIA,      OPT_WINDOW,
};

static bool describes_protocol(uint64_t given) {
    for (size_t i = 0; i < sizeof protocol_options / sizeof *protocol_options; i++)
        if (given & option_bit(protocol_options[i]))
            return true;
    return false;
}

const struct preset_row *implied_preset_find(uint64_t given, char *const *argv) {
    const struct preset_row *row = preset_table_find_program(argv[0]);
    return row && !describes_protocol(given) && preset_command_fits(row, argv) ? row : NULL;
}

/* --- filters ----------------------------------------------------------------------------- */

/* Whether a set of tr may hold a line end: by an escape, a class, or a range of control
 * characters. */
static bool may_hold_line_end(const char *set) {
    static const char *const classes[] = {"[:space:]", "[:cntrl:]"};
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (strstr(set, classes[i]))
            return true;
    for (const char *p = set; *p; p++) {
        if (*p == '\\' && (!p[1] || !strchr("\\-[]", *++p)))
            return true;
        if (*p > 0 && *p < ' ')
            return true;
    }
    return false;
}

static bool is_line_tr(char *const *arguments) {
    int sets = 0;
    for (; *arguments; arguments++) {
        bool is_option = **arguments == '-' && (*arguments)[1] && sets == 0;
        if (is_option && strspn(*arguments + 1, "ds") != strlen(*arguments + 1))
            return false;
        if (!is_option && (++sets > 2 || may_hold_line_end(*arguments)))
            return false;
    }
    return sets > 0;
}

static bool is_line_cut(char *const *arguments) {
    return *arguments &&
           preset_command_takes("-b: -c: -d: -f: -n --complement --bytes: --characters: "
                                "--delimiter: --fields: --output-delimiter:",
                                arguments);
}

static bool is_line_rev(char *const *arguments) {
    return !*arguments;
}

static bool is_line_nl(char *const *arguments) {
    return preset_command_takes("-b: -f: -h: -i: -n: -p -s: -v: -w:", arguments);
}

static bool is_line_numfmt(char *const *arguments) {
    return preset_command_takes(
        "-d: --delimiter: --field: --format: --from: --from-unit: --grouping --invalid: "
        "--padding: --round: --suffix: --to: --to-unit:",
        arguments);
}

/* The end of the part of a sed command that begins at p, at its delimiter; NULL: it has none, or
 * the part may hold a line end. */
static const char *end_of_part(const char *p, char delimiter) {
    for (; *p && *p != delimiter; p++) {
        if (*p == '\n' || (*p == '\\' && (p[1] == 'n' || p[1] == '\n' || !p[1])))
            return NULL;
        p += *p == '\\';
    }
    return *p ? p : NULL;
}

/* Whether the script is one s or y command that keeps a line a line. */
static bool is_line_script(const char *script) {
    const char *p = script;
    bool substitutes = *p == 's';
    char delimiter = (substitutes || *p == 'y') && p[1] ? p[1] : 0;
    if (!delimiter || delimiter == '\\' || delimiter == '\n')
        return false;
    if (!(p = end_of_part(p + 2, delimiter)) || !(p = end_of_part(p + 1, delimiter)))
        return false;
    return strspn(p + 1, substitutes ? "gIi0123456789" : "") == strlen(p + 1);
}

static bool is_line_sed(char *const *arguments) {
    int scripts = 0;
    for (; *arguments; arguments++) {
        if (strcmp(*arguments, "-E") == 0 || strcmp(*arguments, "-r") == 0)
            continue;
        if (strcmp(*arguments, "-e") == 0 && *++arguments == NULL)
            return false;
        if (++scripts > 1 || !is_line_script(*arguments))
            return false;
    }
    return scripts == 1;
}

static const struct filter {
    const char *program;
    bool (*is_by_line)(char *const *arguments); /* they leave it a line for a line */
} filters[] = {
    {"tr", is_line_tr}, {"cut", is_line_cut},       {"rev", is_line_rev},
    {"nl", is_line_nl}, {"numfmt", is_line_numfmt}, {"sed", is_line_sed},
};

static bool holds_line_end(char *const *arguments) {
    while (*arguments && !strchr(*arguments, '\n'))
        arguments++;
    return *arguments;
}

bool implied_preset_needs_terminal(uint64_t given, char *const *argv) {
    const char *name = shellwords_program_name(argv[0]);
    if (describes_protocol(given) || holds_line_end(argv + 1))
        return false;
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++)
        if (strcmp(filters[i].program, name) == 0)
            return filters[i].is_by_line(argv + 1);
    return false;
}
