/* long_reply.h: replies that are longer than --max-reply says: cut, and kept whole in a file. */
#ifndef MODES_LONG_REPLY_H
#define MODES_LONG_REPLY_H
#include "modes/batch_state.h"

/* Whether replies of the run can be cut. Returns 0, or -1 after reporting that they can't. */
int long_reply_open(struct batch *b);
/* Frees what is left of a reply that did not end. */
void long_reply_close(struct batch *b);

enum long_reply_result {
    LONG_REPLY_STOP = -1, /* the run must stop */
    LONG_REPLY_MORE,      /* it is a piece, and was taken */
    LONG_REPLY_GIVE       /* *r is to be written, or has failed */
};
/* Takes what the pool gives, before anything else is done with it. With --max-reply pieces are
 * gathered, and the last one becomes the whole reply, cut if it is too long; its bytes are valid
 * until the next call. Without it all is to be given. */
enum long_reply_result long_reply_take(struct batch *b, struct dualpipe_reply *r);

/* What became of the reply, if it is the one that was taken last: NULL if it was not cut. */
const struct long_reply *long_reply_cut(const struct batch *b, const struct dualpipe_reply *r);
#endif
