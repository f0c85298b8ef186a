/* reply_writer.c: write replies to a batch's output in the form that the settings ask for.
 *
 * The form is a JSON object (--json), a message of another frame kind (--io differs from --frame),
 * or else the bytes as the child wrote them.
 *
 * Bytes as they came may lack a last line end. Whether one belongs there is known only when more
 * follows, so it is written in front of the next reply that has a byte (unended_number), and the
 * last one stays as it is. */
#include "modes/reply_writer.h"
#include "modes/json_reply.h"
#include "modes/long_reply.h"
#include "run/exit_status.h"
#include "util/escape.h"
#include "util/frames.h"
#include "util/log.h"
#include "util/shellwords.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PARTIAL_TEXT = 1900 }; /* bytes of the message that shows a part of a reply */

/* --- replies apart ----------------------------------------------------------------------- */

/* Whether the reply may lack its last line end although it is whole, so that the next one has to
 * begin on a new line: by a fence, which tells the end anywhere in a line, or if it is cut. At a
 * prompt the screen sees to that. */
static bool may_be_unended(const struct batch *b, const struct dualpipe_reply *r) {
    const struct settings *s = b->run->s;
    const struct request_opts *opts = r->tag;
    return ((opts && opts->has_fence) || long_reply_cut(b, r)) && s->frame == DUALPIPE_FRAME_LINE &&
           s->mode != MODE_INTERACTIVE;
}

/* Ends the last line of the reply that was written last, unless that was a piece of this one. */
static int end_last_line(struct batch *b, int64_t number) {
    bool is_due = b->unended_number != 0 && b->unended_number != number;
    b->unended_number = 0;
    return is_due ? output_write_empty_frame(&b->output) : 0;
}

/* Writes bytes of a reply as they came. An empty one is nothing, so that the last of all that has
 * any bytes keeps its missing line end. */
static int write_as_it_came(struct batch *b, const struct dualpipe_reply *r) {
    if (r->size == 0)
        return 0;
    if (end_last_line(b, r->number) < 0)
        return -1;
    if (r->data[r->size - 1] != '\n' && may_be_unended(b, r))
        b->unended_number = r->number;
    return output_write(&b->output, r->data, r->size);
}

int reply_writer_put_nothing(struct batch *b) {
    return end_last_line(b, 0) < 0 ? -1 : output_write_empty_frame(&b->output);
}

/* --- whole replies ----------------------------------------------------------------------- */

/* A reply that came whole can't be written as it was asked for: the request counts as failed. */
static int refuse_reply(struct batch *b, const struct dualpipe_reply *r, const char *form,
                        const char *why, int status) {
    char label[40];
    if (output_flush(&b->output) < 0)
        return -1;
    snprintf(label, sizeof label, "request %lld", (long long)r->number);
    log_error(label, NULL, "its reply can't be written as %s: %s", form, why);
    b->undelivered += r->outcome == DUALPIPE_OUTCOME_ANSWERED;
    if (b->run->s->keep_going) {
        exit_status_set(b->run, "failed", STATUS_REQUEST_FAILED);
        return reply_writer_put_nothing(b);
    }
    exit_status_set(b->run, "frame", status);
    b->run->stop_signal = b->run->stop_signal ? b->run->stop_signal : SIGTERM;
    return -1;
}

/* Writes the reply as messages of --io. */
static int write_converted(struct batch *b, const struct dualpipe_reply *r) {
    const struct settings *s = b->run->s;
    char *message;
    size_t size;
    int error;
    if (r->size == 0)
        return 0;
    if ((error = frames_convert(s->frame, s->io, r->data, r->size, &message, &size)) == 0) {
        error = output_write(&b->output, message, size);
        free(message);
        return error;
    }
    return refuse_reply(b, r, frames_kind_name(s->io), frames_encode_error(s->io, error),
                        error == -ENOMEM ? STATUS_DUALPIPE_FAILED : STATUS_BAD_FRAME);
}

/* Writes the reply as one line: an empty one is an empty line. */
static int write_one_line(struct batch *b, const struct dualpipe_reply *r) {
    static const char way_out[] = "with -l each line of input has one: use --json, or give the "
                                  "requests by -e";
    char why[200];
    long lines = 1;
    for (size_t i = 0; i + 1 < r->size; i++)
        lines += r->data[i] == '\n';
    if (lines == 1 && (r->size == 0 || r->data[r->size - 1] == '\n'))
        return r->size == 0 ? output_write_empty_frame(&b->output)
                            : output_write(&b->output, r->data, r->size);
    if (lines == 1)
        return output_write(&b->output, r->data, r->size) < 0
                   ? -1
                   : output_write_empty_frame(&b->output);
    snprintf(why, sizeof why, "it has %ld, and %s", lines, way_out);
    return refuse_reply(b, r, "one line", why, STATUS_BAD_FRAME);
}

int reply_writer_put_bytes(struct batch *b, const struct dualpipe_reply *r) {
    if (settings_is_line_for_line(b->run->s))
        return write_one_line(b, r);
    return settings_passes_frames(b->run->s) ? write_as_it_came(b, r) : write_converted(b, r);
}

/* Whether the last line of a reply lacks its end although the child ended well, and another
 * reply may follow: that one must begin on a new line. */
static bool lacks_terminator(const struct batch *b, const struct dualpipe_reply *r) {
    enum dualpipe_frame_kind kind = b->run->s->frame;
    return !b->streams_replies && !b->run->s->fresh && r->status.code == 0 &&
           kind <= DUALPIPE_FRAME_NUL && r->size > 0 &&
           r->data[r->size - 1] != (kind < DUALPIPE_FRAME_NUL ? '\n' : 0);
}

/* Says of the first reply that it has colours, as some programs give them on a terminal although
 * NO_COLOR and TERM say not to. */
static void note_colours(struct batch *b, const struct dualpipe_reply *r) {
    const struct settings *s = b->run->s;
    const char *program;
    if (s->transport != DUALPIPE_TRANSPORT_UNBUFFER || r->number != 1 ||
        !memmem(r->data, r->size, "\033[", 2))
        return;
    program = settings_program(s);
    log_note("colours", program, "its replies have some, as on a terminal: try %s",
             strcmp(shellwords_program_name(program), "jq") == 0
                 ? "jq -M"
                 : "--color=never or what else turns them off in it");
}

int reply_writer_put(struct batch *b, const struct dualpipe_reply *r) {
    note_colours(b, r);
    if (b->run->s->verbose && r->size > 0)
        log_traffic('<', r->data, r->size);
    if (b->run->s->json)
        return json_reply_write(b, r);
    if (reply_writer_put_bytes(b, r) < 0)
        return -1;
    return settings_passes_frames(b->run->s) && b->unended_number == 0 && lacks_terminator(b, r)
               ? output_write_empty_frame(&b->output)
               : 0;
}

/* A part goes to stdout if earlier pieces of the reply went there, but not if it is too long or
 * malformed: then it would look like a whole reply. A complete reply also goes there although the
 * request failed, by the status of a child of its own. Any other part is shown on stderr. */
int reply_writer_put_partial(struct batch *b, const struct dualpipe_reply *r) {
    const struct settings *s = b->run->s;
    char text[MAX_PARTIAL_TEXT];
    bool is_bad_frame =
        r->outcome == DUALPIPE_OUTCOME_TOO_LONG || r->outcome == DUALPIPE_OUTCOME_MALFORMED;
    if (b->streams_replies)
        return is_bad_frame ? 0 : write_as_it_came(b, r);
    if (s->json)
        return json_reply_write(b, r);
    if (r->complete)
        return reply_writer_put_bytes(b, r);
    if (r->size > 0 && r->outcome != DUALPIPE_OUTCOME_MALFORMED)
        log_error("part of a reply", NULL, "%zu bytes: \"%s\"", r->size,
                  escape_bytes(r->data, r->size, text, sizeof text));
    return s->keep_going ? reply_writer_put_nothing(b) : 0;
}
