/* progress.h: the line on stderr that tells how far a batch is (--progress).
 *
 * Call progress_open once, progress_show whenever progress_due has reached 0, and progress_show
 * with last set at the end. */
#ifndef MODES_PROGRESS_H
#define MODES_PROGRESS_H
#include "modes/batch_state.h"

/* Chooses b->progress_style from the settings and from what stderr is. */
void progress_open(struct batch *b);
/* Writes the line now. last: the run is over, so the line stays if --progress was given and is
 * cleared if not. */
void progress_show(struct batch *b, bool last);
/* Returns how many microseconds after now the next line is due; UNITS_FOREVER: never. */
int64_t progress_due(const struct batch *b, int64_t now);
#endif
