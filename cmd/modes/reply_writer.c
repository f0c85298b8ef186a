/* reply_writer.c: write replies to a batch's output in the form that the settings ask for.
 *
 * The form is a JSON object (--json), a message of another frame kind (--io differs from --frame),
 * or else the bytes as the child wrote them. */
#include "modes/reply_writer.h"
#include "modes/json_reply.h"
#include "run/exit_status.h"
#include "util/escape.h"
#include "util/frames.h"
#include "util/log.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PARTIAL_TEXT = 1900 }; /* bytes of the message that shows a part of a reply */

/* Writes the reply as messages of --io. If it can't be written so, the request counts as failed. */
static int write_converted(struct batch *b, const struct dualpipe_reply *r) {
    const struct settings *s = b->run->s;
    char label[40], *message;
    size_t size;
    int error;
    if (r->size == 0)
        return 0;
    if ((error = frames_convert(s->frame, s->io, r->data, r->size, &message, &size)) == 0) {
        error = output_write(&b->output, message, size);
        free(message);
        return error;
    }
    if (output_flush(&b->output) < 0)
        return -1;
    snprintf(label, sizeof label, "request %lld", (long long)r->number);
    log_error(label, NULL, "its reply can't be written as %s: %s", frames_kind_name(s->io),
              frames_encode_error(s->io, error));
    b->undelivered += r->outcome == DUALPIPE_OUTCOME_ANSWERED;
    if (s->keep_going) {
        exit_status_set(b->run, "failed", STATUS_REQUEST_FAILED);
        return output_write_empty_frame(&b->output);
    }
    exit_status_set(b->run, "frame", error == -ENOMEM ? STATUS_DUALPIPE_FAILED : STATUS_BAD_FRAME);
    b->run->stop_signal = b->run->stop_signal ? b->run->stop_signal : SIGTERM;
    return -1;
}

int reply_writer_put_bytes(struct batch *b, const struct dualpipe_reply *r) {
    return settings_passes_frames(b->run->s) ? output_write(&b->output, r->data, r->size)
                                            : write_converted(b, r);
}

/* Whether the last line of a reply lacks its end although the child ended well, and another child's
 * reply may follow: that one must begin on a new line. */
static bool lacks_terminator(const struct batch *b, const struct dualpipe_reply *r) {
    enum dualpipe_frame_kind kind = b->run->s->frame;
    return !b->streams_replies && !b->run->s->fresh && r->status.code == 0 &&
           kind <= DUALPIPE_FRAME_NUL && r->size > 0 &&
           r->data[r->size - 1] != (kind < DUALPIPE_FRAME_NUL ? '\n' : 0);
}

int reply_writer_put(struct batch *b, const struct dualpipe_reply *r) {
    if (b->run->s->verbose && r->size > 0)
        log_traffic('<', r->data, r->size);
    if (b->run->s->json)
        return json_reply_write(b, r);
    if (reply_writer_put_bytes(b, r) < 0)
        return -1;
    return settings_passes_frames(b->run->s) && lacks_terminator(b, r)
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
        return is_bad_frame ? 0 : output_write(&b->output, r->data, r->size);
    if (s->json)
        return json_reply_write(b, r);
    if (r->complete)
        return reply_writer_put_bytes(b, r);
    if (r->size > 0 && r->outcome != DUALPIPE_OUTCOME_MALFORMED)
        log_error("part of a reply", NULL, "%zu bytes: \"%s\"", r->size,
                  escape_bytes(r->data, r->size, text, sizeof text));
    return s->keep_going ? output_write_empty_frame(&b->output) : 0;
}
