/* sandbox_plan.h: what a sandbox will be, decided before the fork.
 *
 * sandbox_plan_init(), start the child, sandbox_plan_free(). When a new process reports a struct
 * sandbox_fault, sandbox_plan_explain() makes a message of it; sandbox_plan_lost_layers() tells
 * what to skip in another attempt. */
#ifndef SANDBOX_PLAN_H
#define SANDBOX_PLAN_H
#include "sandbox/sandbox.h"

/* Fills *s from the options, leaving out the layers in skipped_layers (bits 1 << layer). Call
 * sandbox_plan_free() afterwards even if this fails. Returns 0, or a negative errno with *why
 * set. */
int sandbox_plan_init(struct sandbox *s, const struct dualpipe_options *o, unsigned skipped_layers,
                      struct dualpipe_error *why);
void sandbox_plan_free(struct sandbox *s);

/* Tells whether the child will be able to see the path. */
bool sandbox_plan_shows(const struct sandbox *s, const char *path);

/* The layers that have to be skipped if this one is unavailable, as bits. All layers up to
 * LAYER_CAPABILITIES work only inside the namespaces, so losing one of them loses the
 * namespaces. */
static inline unsigned sandbox_plan_lost_layers(enum sandbox_layer layer) {
    return layer <= LAYER_CAPABILITIES ? 1U << LAYER_NAMESPACES : 1U << layer;
}
/* The layer's name in messages. */
const char *sandbox_plan_layer_name(enum sandbox_layer layer);
/* Records the layer in s->failed_layer, and fills *why with what failed and its likely cause. error
 * is a positive errno; returns -error. */
int sandbox_plan_explain(struct sandbox *s, const struct sandbox_fault *fault, int error,
                         struct dualpipe_error *why);
#endif
