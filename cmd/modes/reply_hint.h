/* reply_hint.h: what the last bytes of a reply without an end suggest. */
#ifndef MODES_REPLY_HINT_H
#define MODES_REPLY_HINT_H
#include "modes/batch_state.h"

/* Keeps the end of a piece of a reply, which has more pieces to come. */
void reply_hint_note_piece(struct batch *b, const struct dualpipe_reply *piece);
/* Keeps a message that answers no request. */
void reply_hint_note_unsolicited(struct batch *b, const char *p, size_t n);
/* Makes b->tail the end of all that came of the request's reply: its pieces, and these n bytes
 * behind them. */
void reply_hint_add(struct batch *b, int64_t number, const char *p, size_t n);
/* Says why b->tail, or a message that answers no request, may be the reply's end although the rule
 * doesn't see it, in out; opts: the request's. Returns out, or NULL: nothing is found. */
const char *reply_hint_find(const struct batch *b, const struct request_opts *opts, char *out,
                            size_t size);
/* The same for n bytes that came before the first request, where --ready's rule sees no end. */
const char *reply_hint_find_ready(const struct settings *s, const char *p, size_t n);
#endif
