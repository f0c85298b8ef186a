/* runqueue.h: whose request is next. */
#ifndef RUNQUEUE_H
#define RUNQUEUE_H
#include "session/server_state.h"

/* turns.c */
void runqueue_push(struct conn *c);
void runqueue_remove(struct conn *c);
#endif
