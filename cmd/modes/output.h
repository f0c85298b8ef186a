/* output.h: the run's stdout: replies gathered into large writes, and the sanitizing of what an
 * untrusted child prints to a terminal.
 *
 * Replies: output_open, output_write..., output_flush before any wait of unknown length (or within
 * output_flush_delay), output_finish, output_close. None of these waits for our reader but
 * output_finish: what he doesn't take is kept, and output_is_stalled says so. Sanitizing:
 * output_sanitize_begin before a mode runs, output_sanitize_end after it. */
#ifndef MODES_OUTPUT_H
#define MODES_OUTPUT_H
#include "run/run.h"

struct output {
    struct run *run;
    char *buffer;       /* from start to end are bytes that are not written yet */
    size_t capacity, start, end;
    size_t whole_end;   /* up to here they are of whole replies */
    int64_t held_since; /* first wait that these bytes were held through; 0: none yet */
    bool is_stalled;    /* our stdout did not take all of them when it was last asked */
    bool failed;        /* a write failed, so that nothing more may be written */
};

/* Returns 0, or -1 after reporting that there is no memory. */
int output_open(struct output *out, struct run *r);
void output_close(struct output *out);
/* Those that write return 0, or -1: the run must stop. */
int output_write(struct output *out, const char *p, size_t n);
/* Writes an empty message of --io, which stands in the place of a failed reply. */
int output_write_empty_frame(struct output *out);
int output_flush(struct output *out);
/* Writes all that is left, however slow our reader is. */
int output_finish(struct output *out);
/* A reply has been written whole. */
void output_end_reply(struct output *out);
/* Drops what our reader has not taken of a reply that won't be whole. */
void output_drop_part(struct output *out);
/* How many bytes are held. */
size_t output_pending(const struct output *out);
static inline bool output_is_stalled(const struct output *out) {
    return out->is_stalled;
}
/* Returns for how many microseconds from now the pending bytes may still be held; the first call
 * since they came starts that time. 0: flush. */
int64_t output_flush_delay(struct output *out, int64_t now);

/* If a sandboxed child may write to our terminal and no prompt is shown, makes run_write escape
 * whatever could drive the terminal, until output_sanitize_end. Returns whether it does. */
bool output_sanitize_begin(struct run *r);
/* Writes what was held back of an unfinished character, and ends the sanitizing. */
void output_sanitize_end(struct run *r);
#endif
