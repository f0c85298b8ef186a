/* sandbox.h: what a sandbox is to be, and what can fail of it. */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H
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

struct sandbox_fault {
    enum sandbox_layer layer;
    int path_index; /* of LAYER_PATH: which */
};
#endif
