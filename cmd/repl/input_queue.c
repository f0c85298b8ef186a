/* input_queue.c: lines typed at the prompt, until they are sent.
 *
 * The queue lies in repl->queue from queue_start to queue_end, each line with its end. It is needed
 * as a paste brings many lines at once, and the child may take only some of them, or, with a reply
 * rule, one after another. repl_request.c and repl_stream.c advance queue_start as they send. */
#include "repl/input_queue.h"
#include "repl/tilde_commands.h"
#include "util/log.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool append_bytes(struct repl *repl, const char *p, size_t n) {
    char *more;
    if (n == 0)
        return true;
    if (repl->queue_start > 0) {
        memmove(repl->queue, repl->queue + repl->queue_start, repl->queue_end - repl->queue_start);
        repl->queue_end -= repl->queue_start;
        repl->queue_start = 0;
    }
    if (repl->queue_end + n > repl->queue_size) {
        if (!(more = realloc(repl->queue, repl->queue_end + n)))
            return false;
        repl->queue = more;
        repl->queue_size = repl->queue_end + n;
    }
    memcpy(repl->queue + repl->queue_end, p, n);
    repl->queue_end += n;
    return true;
}

/* Queues a line, or all lines of a paste. */
static void append_text(struct repl *repl, const char *text) {
    size_t n = strlen(text);
    bool ended = n > 0 && text[n - 1] == '\n';
    if (append_bytes(repl, text, n) && (ended || append_bytes(repl, "\n", 1)))
        return;
    log_error("typing", NULL, "%s", strerror(ENOMEM));
}

/* Runs text if it is a `~` command. Returns what to send: text, or without its first character if
 * that stands there twice; NULL: nothing. A paste or a password is never taken for a command. */
static char *handle_tilde(struct repl *repl, char *text) {
    char c = repl->run->s->escape_char;
    if (repl->echo_off || strchr(text, '\n') || !c || text[0] != c)
        return text;
    if (text[1] == c)
        return text + 1;
    return tilde_commands_run(repl, text) ? NULL : text;
}

bool input_queue_take_line(void *data, char *text) {
    struct repl *repl = data;
    if (!text)
        repl->input_closing = true;
    else if ((text = handle_tilde(repl, text)))
        repl_state_note_sending(repl);
    if (text || repl->input_closing || repl->done)
        screen_accept_prompt(&repl->screen);
    if (text)
        append_text(repl, text);
    return text != NULL;
}

void input_queue_clear(struct repl *repl) {
    repl->queue_start = repl->queue_end = 0;
}
