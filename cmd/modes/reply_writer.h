/* reply_writer.h: write replies to a batch's output in the form that the settings ask for.
 *
 * All functions return 0, or -1: the run must stop. */
#ifndef MODES_REPLY_WRITER_H
#define MODES_REPLY_WRITER_H
#include "modes/batch_state.h"

/* Writes a reply, or a piece of one: as JSON, converted to the frames of --io, or as it came. */
int reply_writer_put(struct batch *b, const struct dualpipe_reply *r);
/* Writes a reply's bytes, converted to the frames of --io if those are another kind. */
int reply_writer_put_bytes(struct batch *b, const struct dualpipe_reply *r);
/* Writes what came of a failed reply to where it may go; with --keep-going an empty message stands
 * in its place. */
int reply_writer_put_partial(struct batch *b, const struct dualpipe_reply *r);
/* Writes an empty message, in the place of a reply that has failed. */
int reply_writer_put_nothing(struct batch *b);
#endif
