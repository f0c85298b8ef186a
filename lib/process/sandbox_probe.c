/* sandbox_probe.c: what of a sandbox can be had here: each layer is tried, and what fails is left out of
 * the next try. */
#include "base/error.h"
#include "os/fd.h"
#include "process/process.h"
#include <errno.h>
#include <fcntl.h>

static void note(struct dualpipe_layer *all, enum sandbox_layer layer, int error,
                 const struct dualpipe_failure *why) {
    enum sandbox_layer last = layer;
    if (layer <= LAYER_CAPABILITIES)
        last = LAYER_CAPABILITIES; /* these can't be had without those before */
    for (enum sandbox_layer i = layer; i <= last; i++) {
        all[i].error = error;
        all[i].cause = i == layer ? why->advice : "it needs the ones before";
    }
}

/* What can't be told from here, since no process comes so far. */
static void give_up(struct dualpipe_layer *all, unsigned passed, int error,
                    const struct dualpipe_failure *why) {
    for (enum sandbox_layer i = 0; i < LAYERS; i++)
        if (all[i].error == 0 && !(passed & 1U << i)) {
            all[i].error = error;
            all[i].cause = why->advice ? why->advice : "not tried";
        }
}

/* An error: what is left can't be had either. */
static int try_all(const struct dualpipe_limits *l, int null, struct dualpipe_layer *all) {
    struct dualpipe_failure why = {0};
    struct sandbox s;
    unsigned without = 0, passed = 0;
    int r;
    while ((r = process_try(l, null, without, &s, &why)) < 0) {
        unsigned more = without;
        all[LAYER_LANDLOCK].version = s.abi;
        if (s.missing < LAYERS) {
            note(all, s.missing, r, &why);
            if (s.missing <= LAYER_CAPABILITIES)
                passed = (1U << s.missing) - 1;
            more |= sandbox_lost_with(s.missing);
        }
        if (more == without) {
            give_up(all, passed, r, &why);
            return r;
        }
        without = more;
    }
    all[LAYER_LANDLOCK].version = s.abi;
    return 0;
}

int dualpipe_sandbox_check(const struct dualpipe_limits *l, struct dualpipe_layer *layers, int n) {
    struct dualpipe_layer all[LAYERS] = {0};
    struct dualpipe_limits asked = {0};
    int r, null = open("/dev/null", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (null < 0)
        return -errno;
    if (fd_move_up(&null) < 0) {
        fd_close(&null);
        return -EMFILE;
    }
    if (l) {
        asked.sandbox = l->sandbox == DUALPIPE_NO_NAMESPACES ? l->sandbox : DUALPIPE_STRICT;
        asked.user = l->user;
    } else {
        asked.sandbox = DUALPIPE_STRICT;
    }
    for (enum sandbox_layer i = 0; i < LAYERS; i++)
        all[i].name = sandbox_layer_name(i);
    r = try_all(&asked, null, all);
    fd_close(&null);
    if (r < 0 && l && l->sandbox == DUALPIPE_BEST_EFFORT)
        return r;
    for (int i = 0; i < n && i < LAYERS; i++)
        layers[i] = all[i];
    return LAYERS;
}
