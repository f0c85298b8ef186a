/* sandbox.h: the description of a sandbox, shared by sandbox_plan (which makes it before the fork)
 * and sandbox_enter (which applies it in the new processes). Only types live here. */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H
#include "dualpipe.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The layers of a sandbox, in the order in which dualpipe_sandbox_check() lists them. Those up to
 * LAYER_CAPABILITIES exist only together with the namespaces. */
enum sandbox_layer {
    LAYER_NAMESPACES,   /* of user, PID, mount, network, IPC, UTS and cgroup */
    LAYER_IDENTITY,     /* its user and group */
    LAYER_MOUNTS,       /* a file system of its own */
    LAYER_PROC,         /* a /proc that shows only its own processes */
    LAYER_CAPABILITIES, /* dropped, also for later execs */
    LAYER_NO_NEW_PRIVS,
    LAYER_LANDLOCK,    /* rights over files, TCP, signals */
    LAYER_SECCOMP,     /* refused system calls */
    LAYER_DESCRIPTORS, /* none of the host's stay open */
    LAYER_SELF_TEST,   /* the restrictions prove effective */
    LAYER_COUNT,
    LAYER_PATH = LAYER_COUNT /* not a layer: one of the paths that the caller named */
};

/* A file or directory of the host that the child may see. */
struct sandbox_path {
    /* The name as the caller gave it, for messages; the caller owns it. */
    const char *given_name;
    char *real_path; /* absolute, without symbolic links; allocated */
    bool is_writable;
    int mount_fd; /* in the nsinit process: the detached mount to attach here */
};

/* Everything about a sandbox that is known before the fork. Afterwards only failed_layer (in the
 * parent) and mount_fd of the paths (in nsinit) change. */
struct sandbox {
    /* Whether the child gets namespaces of its own, and whether it is a function of ours, not a
     * command. */
    bool has_namespaces, is_function;
    enum sandbox_layer failed_layer; /* the last that failed; LAYER_COUNT: none has */
    unsigned skipped_layers;         /* bits 1 << layer: unavailable, so left out */
    struct dualpipe_limits limits;   /* as given, with the sandbox's defaults filled in */
    uid_t uid;
    gid_t gid;
    bool changes_user; /* we are root, and uid and gid differ from ours */
    bool has_terminal;
    bool is_trial;              /* only finds out which layers work; runs nothing */
    bool shows_passwd;          /* a given path makes /etc/passwd readable */
    int landlock_abi;           /* version of Landlock; 0: none */
    struct sandbox_path *paths; /* a directory comes before what it contains */
    int path_count;
    char **env;            /* for the child: one allocation, ends in NULL */
    char *command_path;    /* the command, made absolute; NULL: argv[0] will do */
    char *start_directory; /* our own, if the child can see it; NULL: home */
    /* The value of HOME, and the mount options of the child's /tmp. */
    char home[300], tmpfs_options[64];
};

/* What failed, reported from the new process to the parent together with errno. */
struct sandbox_fault {
    enum sandbox_layer layer;
    int path_index; /* for LAYER_PATH: index in paths */
};
#endif
