/* sandbox_plan.h: what a sandbox is to be, as far as it is known before the fork. */
#ifndef SANDBOX_PLAN_H
#define SANDBOX_PLAN_H
#include "sandbox/sandbox.h"

/* Fills *s from the options. Afterwards sandbox_plan_free, in any case. 0, or a negative errno. */
int sandbox_plan_init(struct sandbox *s, const struct dualpipe_options *o, unsigned without,
                      struct dualpipe_error *why);
void sandbox_plan_free(struct sandbox *s);

/* Whether the child will see what is there. */
bool sandbox_plan_shows(const struct sandbox *s, const char *path);

/* What has to be left out with a layer: all that the namespaces hold falls with one of them. */
static inline unsigned sandbox_plan_lost_layers(enum sandbox_layer layer) {
    return layer <= LAYER_CAPABILITIES ? 1U << LAYER_NAMESPACES : 1U << layer;
}
const char *sandbox_plan_layer_name(enum sandbox_layer layer);
/* Fills *why: what failed, and its likely cause. Returns -error. */
int sandbox_plan_explain(struct sandbox *s, const struct sandbox_fault *fault, int error,
                         struct dualpipe_error *why);
#endif
