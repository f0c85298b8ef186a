/* sandbox_probe.c: what of a sandbox can be had here: each layer is tried, and what fails is left out of
 * the next try. */
#include "base/error.h"
#include "os/fd.h"
#include "process/process.h"
#include "sandbox/sandbox_plan.h"
#include <errno.h>
#include <fcntl.h>

static void record_failed_layer(struct dualpipe_sandbox_layer *all, enum sandbox_layer layer,
                                int error, const struct dualpipe_error *why) {
    enum sandbox_layer last = layer;
    if (layer <= LAYER_CAPABILITIES)
        last = LAYER_CAPABILITIES; /* these can't be had without those before */
    for (enum sandbox_layer i = layer; i <= last; i++) {
        all[i].error = error;
        all[i].cause = i == layer ? why->hint : "it needs the ones before";
    }
}

/* What can't be told from here, since no process comes so far. */
static void record_untried_layers(struct dualpipe_sandbox_layer *all, unsigned passed, int error,
                                  const struct dualpipe_error *why) {
    for (enum sandbox_layer i = 0; i < LAYER_COUNT; i++)
        if (all[i].error == 0 && !(passed & 1U << i)) {
            all[i].error = error;
            all[i].cause = why->hint ? why->hint : "not tried";
        }
}

/* An error: what is left can't be had either. */
static int try_all_layers(const struct dualpipe_limits *l, int null,
                          struct dualpipe_sandbox_layer *all) {
    struct dualpipe_error why = {0};
    struct sandbox s;
    unsigned without = 0, passed = 0;
    int r;
    while ((r = process_try_sandbox(l, null, without, &s, &why)) < 0) {
        unsigned more = without;
        all[LAYER_LANDLOCK].version = s.landlock_abi;
        if (s.failed_layer < LAYER_COUNT) {
            record_failed_layer(all, s.failed_layer, r, &why);
            if (s.failed_layer <= LAYER_CAPABILITIES)
                passed = (1U << s.failed_layer) - 1;
            more |= sandbox_plan_lost_layers(s.failed_layer);
        }
        if (more == without) {
            record_untried_layers(all, passed, r, &why);
            return r;
        }
        without = more;
    }
    all[LAYER_LANDLOCK].version = s.landlock_abi;
    return 0;
}

int dualpipe_sandbox_check(const struct dualpipe_limits *l, struct dualpipe_sandbox_layer *layers,
                           int n) {
    struct dualpipe_sandbox_layer all[LAYER_COUNT] = {0};
    struct dualpipe_limits asked = {0};
    int r, null = open("/dev/null", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (null < 0)
        return -errno;
    if (fd_move_above_stdio(&null) < 0) {
        fd_close(&null);
        return -EMFILE;
    }
    if (l) {
        asked.sandbox =
            l->sandbox == DUALPIPE_SANDBOX_NO_NAMESPACES ? l->sandbox : DUALPIPE_SANDBOX_STRICT;
        asked.user = l->user;
    } else {
        asked.sandbox = DUALPIPE_SANDBOX_STRICT;
    }
    for (enum sandbox_layer i = 0; i < LAYER_COUNT; i++)
        all[i].name = sandbox_plan_layer_name(i);
    r = try_all_layers(&asked, null, all);
    fd_close(&null);
    if (r < 0 && l && l->sandbox == DUALPIPE_SANDBOX_BEST_EFFORT)
        return r;
    for (int i = 0; i < n && i < LAYER_COUNT; i++)
        layers[i] = all[i];
    return LAYER_COUNT;
}
