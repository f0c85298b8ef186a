/* sandbox_enter.h: the layers that shut a child in: each is asked of the kernel between fork and exec,
 * and each can be refused by itself. */
#ifndef SANDBOX_H
#define SANDBOX_H
#include "dualpipe.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum sandbox_layer {
    LAYER_NAMESPACES,
    LAYER_IDENTITY,
    LAYER_MOUNTS,
    LAYER_PROC,
    LAYER_CAPABILITIES,
    LAYER_NO_NEW_PRIVS,
    LAYER_LANDLOCK,
    LAYER_SECCOMP,
    LAYER_DESCRIPTORS,
    LAYER_SELF_TEST,
    LAYER_COUNT,
    LAYER_PATH = LAYER_COUNT /* none: what was asked to be seen */
};

struct sandbox_path {
    const char *given_name; /* as it was asked for; the host's */
    char *real_path; /* absolute, without links */
    bool is_writable;
    int mount_fd;   /* in the keeper: what is to be mounted there */
};

/* All that is known before the fork. */
struct sandbox {
    bool has_namespaces, is_function;
    enum sandbox_layer failed_layer; /* the last that was told to have failed; LAYERS: none */
    unsigned skipped_layers; /* bits 1 << layer: they can't be had, and are left out */
    struct dualpipe_limits limits; /* those asked for, and defaults */
    uid_t uid;
    gid_t gid;
    bool changes_user; /* uid and gid are not ours: we are root */
    bool has_terminal;
    bool is_trial;   /* to see what can be had: nothing is run */
    bool shows_passwd;  /* /etc/passwd may be read */
    int landlock_abi;      /* of Landlock */
    struct sandbox_path *paths; /* a directory before what is in it */
    int path_count;
    char **env;        /* NULL: as it is */
    char *command_path;     /* NULL: as it is */
    char *start_directory;        /* where it starts; NULL: as it is */
    char home[300], tmpfs_options[64];
};

/* Fills *s from the options. Afterwards sandbox_plan_free, in any case. 0, or a negative errno. */
int sandbox_plan_init(struct sandbox *s, const struct dualpipe_options *o, unsigned without,
                      struct dualpipe_error *why);
void sandbox_plan_free(struct sandbox *s);

/* Whether the child will see what is there. */
bool sandbox_plan_shows(const struct sandbox *s, const char *path);

/* What of the system is seen, up to a NULL. */
extern const char *const sandbox_enter_system_paths[];
/* The version of Landlock, or a negative errno. */
int sandbox_enter_landlock_abi(void);

struct sandbox_fault {
    enum sandbox_layer layer;
    int path_index; /* of LAYER_PATH: which */
};
/* In the first process of new namespaces: its identity, its file system, no capabilities. -1:
 * errno, and which layer. This and the next are async-signal-safe. */
int sandbox_enter_namespaces(struct sandbox *s, struct sandbox_fault *fault);
/* In the child, last of all. */
int sandbox_enter_restrictions(const struct sandbox *s, struct sandbox_fault *fault);

/* What has to be left out with a layer: all that the namespaces hold falls with one of them. */
static inline unsigned sandbox_plan_lost_layers(enum sandbox_layer layer) {
    return layer <= LAYER_CAPABILITIES ? 1U << LAYER_NAMESPACES : 1U << layer;
}
const char *sandbox_plan_layer_name(enum sandbox_layer layer);
/* Fills *why: what failed, and its likely cause. Returns -error. */
int sandbox_plan_explain(struct sandbox *s, const struct sandbox_fault *fault, int error,
                         struct dualpipe_error *why);
#endif
