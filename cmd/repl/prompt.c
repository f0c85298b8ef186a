/* prompt.c: the prompt: its text, and when it is shown.
 *
 * The child's own unfinished last line is the prompt, if there is one (screen_prompt()); else the
 * text is the command's name. It is held back for a moment after a line was sent, so that the child
 * can answer, which would take it away again; and while output flows it is drawn rarely. */
#include "repl/prompt.h"
#include "repl/readline.h"
#include "util/escape.h"
#include <stdio.h>
#include <string.h>

static const int64_t prompt_hold = 20000;   /* for the child to answer before the prompt is shown */
static const int64_t redraw_delay = 50000;  /* between prompts while output flows */

void prompt_set_text(struct repl *repl) {
    char safe[sizeof repl->name];
    snprintf(repl->prompt, sizeof repl->prompt, "%s> ",
             escape_bytes(repl->name, strlen(repl->name), safe, sizeof safe));
}

void prompt_show(struct repl *repl, int64_t now) {
    dualpipe *child = repl_state_child(repl);
    repl->echo_off = child && dualpipe_echo(child) == 0;
    readline_conceal(repl->echo_off);
    if (!readline_is_shown()) {
        repl->prompt_shown_at = now;
        screen_reset_colour(&repl->screen);
    }
    readline_show_prompt(screen_prompt(&repl->screen, repl->prompt));
}

int64_t prompt_show_or_delay(struct repl *repl, int64_t now) {
    if (!readline_is_shown()) {
        if (repl->output_flowing && now < repl->prompt_shown_at + redraw_delay)
            return 1; /* more output may be ready, and would take it away at once */
        if (!repl_state_has_rule(repl) && repl->first_output_at == 0 &&
            now < repl->sent_at + prompt_hold)
            return repl->sent_at + prompt_hold - now;
    }
    prompt_show(repl, now);
    return 0;
}
