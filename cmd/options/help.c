/* help.c: --help and --version, made from the table of options. */
#include "options/help.h"
#include "builtins/builtins.h"
#include "options/option_error.h"
#include "options/option_table.h"
#include "options/presets.h"
#include "util/log.h"
#include <stdio.h>
#include <string.h>

void help_version(void) {
    puts("dualpipe " VERSION);
}

/* The option on the left, its help on the right. */
static void print_row(const struct option_row *row) {
    char left[40], letter[8] = "    ";
    if (row->letter)
        snprintf(letter, sizeof letter, "-%c, ", row->letter);
    if (row->value_hint && *row->value_hint == '[')
        snprintf(left, sizeof left, "%s--%s[=%.*s]", letter, row->long_name,
                 (int)strlen(row->value_hint) - 2, row->value_hint + 1);
    else
        snprintf(left, sizeof left, "%s--%s%s%s", letter, row->long_name,
                 row->value_hint ? "=" : "", row->value_hint ? row->value_hint : "");
    printf("  %-26s %s\n", left, row->help);
}

static void print_options(bool all) {
    puts("usage: dualpipe [option ...] [--] command [argument ...]");
    if (all)
        puts("       dualpipe [option ...] -b builtin [argument ...]");
    puts("       dualpipe [option ...] @session [option ...] [[--] command [argument ...]]\n"
         "Ask a program: send requests, know where replies end, stop waiting when told.\n");
    for (int i = 0; i < option_table_count; i++)
        if (all || option_table[i].is_common)
            print_row(&option_table[i]);
    puts("\nWith none of the request options bytes pass both ways; at a terminal you type.");
    puts(all ? "TIME: a number with ms, s, m, h or d (none: s), or inf. SIZE: with k, M or G.\n"
               "KIND: line crlf nul netstring u8 u16 u32 u32le varint header pktline raw.\n"
               "REGEX: POSIX extended, with \\n, \\t and \\r.\n"
               "Status: the child's; 120 our output failed, 121 a --limit, 122 a broken message,\n"
               "123 a request failed, 124 a limit of time, 125 dualpipe failed, 126 can't run,\n"
               "127 not found.\n"
               "\nBuiltins:"
             : "  dualpipe -e '2^100' bc                   one question\n"
               "  dualpipe -t 1 -l -- bc < sums > results  one answer a line, a second each\n"
               "  dualpipe -a bc -e 'x=6*7' @calc          kept: dualpipe -e x @calc prints 42\n"
               "\n--help=all shows every option; dualpipe(1) is the manual.");
    if (all)
        builtins_print();
}

int help_show(const char *topic) {
    const char *text;
    int status;
    if (!topic || strcmp(topic, "all") == 0) {
        print_options(topic != NULL);
        return 0;
    }
    if (strcmp(topic, "presets") == 0)
        return presets_list();
    if ((status = presets_show(topic)) >= 0)
        return status;
    if (!(text = builtins_help(topic))) {
        log_error("option --help", topic,
                  "no such topic: all, presets, a preset, or a builtin "
                  "that --help=all lists");
        return PARSE_FAILED;
    }
    printf("%s: %s\n", topic, text);
    return 0;
}
