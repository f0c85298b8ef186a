/* sandbox_probe.c: dualpipe_sandbox_check(), which finds out what layers of a sandbox work here.
 *
 * The only reliable test is to start a sandbox. Each trial starts one without the layers that
 * failed so far, and runs nothing in it; the layer that fails is noted and left out of the next
 * trial. A layer is known to work when a trial has passed it. */
#include "base/error.h"
#include "os/fd.h"
#include "process/process.h"
#include "sandbox/sandbox_plan.h"
#include <errno.h>
#include <fcntl.h>

/* Notes a layer's error and cause, and with it those that depend on it. */
static void record_failed_layer(struct dualpipe_sandbox_layer *all, enum sandbox_layer layer,
                                int error, const struct dualpipe_error *why) {
    enum sandbox_layer last = layer;
    if (layer <= LAYER_CAPABILITIES)
        last = LAYER_CAPABILITIES; /* each of these needs the ones before it */
    for (enum sandbox_layer i = layer; i <= last; i++) {
        all[i].error = error;
        all[i].cause = i == layer ? why->hint : "it needs the ones before";
    }
}

/* Marks the layers of which nothing is known, since no trial got that far. */
static void record_untried_layers(struct dualpipe_sandbox_layer *all, unsigned passed, int error,
                                  const struct dualpipe_error *why) {
    for (enum sandbox_layer i = 0; i < LAYER_COUNT; i++)
        if (all[i].error == 0 && !(passed & 1U << i)) {
            all[i].error = error;
            all[i].cause = why->hint ? why->hint : "not tried";
        }
}

/* Tries until a sandbox works or no layer is left to leave out. A negative errno means that the
 * remaining layers can't be had either. */
static int try_all_layers(const struct dualpipe_limits *l, int null_fd,
                          struct dualpipe_sandbox_layer *all) {
    struct dualpipe_error why = {0};
    struct sandbox sandbox;
    unsigned skipped = 0, passed = 0;
    int r;
    while ((r = process_try_sandbox(l, null_fd, skipped, &sandbox, &why)) < 0) {
        unsigned more_skipped = skipped;
        all[LAYER_LANDLOCK].version = sandbox.landlock_abi;
        if (sandbox.failed_layer < LAYER_COUNT) {
            record_failed_layer(all, sandbox.failed_layer, r, &why);
            if (sandbox.failed_layer <= LAYER_CAPABILITIES)
                passed = (1U << sandbox.failed_layer) - 1;
            more_skipped |= sandbox_plan_lost_layers(sandbox.failed_layer);
        }
        if (more_skipped == skipped) {
            record_untried_layers(all, passed, r, &why);
            return r;
        }
        skipped = more_skipped;
    }
    all[LAYER_LANDLOCK].version = sandbox.landlock_abi;
    return 0;
}

int dualpipe_sandbox_check(const struct dualpipe_limits *l, struct dualpipe_sandbox_layer *layers,
                           int n) {
    struct dualpipe_sandbox_layer all[LAYER_COUNT] = {0};
    struct dualpipe_limits wanted = {0};
    int r, null_fd = open("/dev/null", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (null_fd < 0)
        return -errno;
    if (fd_move_above_stdio(&null_fd) < 0) {
        fd_close(&null_fd);
        return -EMFILE;
    }
    if (l) {
        wanted.sandbox =
            l->sandbox == DUALPIPE_SANDBOX_NO_NAMESPACES ? l->sandbox : DUALPIPE_SANDBOX_STRICT;
        wanted.user = l->user;
    } else {
        wanted.sandbox = DUALPIPE_SANDBOX_STRICT;
    }
    for (enum sandbox_layer i = 0; i < LAYER_COUNT; i++)
        all[i].name = sandbox_plan_layer_name(i);
    r = try_all_layers(&wanted, null_fd, all);
    fd_close(&null_fd);
    if (r < 0 && l && l->sandbox == DUALPIPE_SANDBOX_BEST_EFFORT)
        return r;
    for (int i = 0; i < n && i < LAYER_COUNT; i++)
        layers[i] = all[i];
    return LAYER_COUNT;
}
