/* changes.c: attacks that change files and directories outside the sandbox. */
#include "attack.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static int write_to(const char *path, int flags) {
    const char *token = fact("token");
    int fd = open(path, O_WRONLY | O_CLOEXEC | flags, 0600), error;
    if (fd < 0)
        return errno;
    error = refused(write(fd, token, strlen(token)));
    close(fd);
    return error;
}

static int write_file(void) {
    return write_to(in_home("write"), O_APPEND);
}

static int create(void) {
    return write_to(in_home("create"), O_CREAT);
}

static int write_below(const char *dir) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", dir, fact("token"));
    return write_to(path, O_CREAT);
}

static int tmp(void) {
    return write_below("/tmp");
}

static int shm(void) {
    return write_below("/dev/shm");
}

static int unlink_of(void) {
    return refused(unlink(in_home("unlink")));
}

static int rename_of(void) {
    return refused(rename(in_home("rename"), in_home("renamed")));
}

static int link_of(void) {
    return refused(link(in_home("secret"), in_home("link")));
}

/* Links a foreign file into a directory of our own, then reads it there. */
static int link_out(void) {
    const char *const places[] = {"linked", "/tmp/linked", in_home("box/linked")};
    int error = 0;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (!(error = refused(link(in_home("secret"), places[i])))) {
            error = show_file(places[i]);
            unlink(places[i]);
            return error;
        }
    }
    return error;
}

static int rename_out(void) {
    return refused(rename(in_home("renameout"), in_home("box/renamed")));
}

static int symlink_of(void) {
    return refused(symlink("/etc/passwd", in_home("symlink")));
}

static int mkdir_of(void) {
    return refused(mkdir(in_home("mkdir"), 0700));
}

static int rmdir_of(void) {
    return refused(rmdir(in_home("rmdir")));
}

static int mknod_of(void) {
    return refused(mkfifo(in_home("mknod"), 0600));
}

static int truncate_of(void) {
    return refused(truncate(in_home("truncate"), 0));
}

static int chmod_of(void) {
    return refused(chmod(in_home("chmod"), 0666));
}

/* A successful chown clears the setuid bit, which the judge sees. */
static int chown_of(void) {
    return refused(chown(in_home("chown"), (uid_t)-1, getgid()));
}

static int utime_of(void) {
    const struct timespec times[2] = {{1000, 0}, {1000, 0}};
    return refused(utimensat(AT_FDCWD, in_home("utime"), times, 0));
}

static int setxattr_of(void) {
    return refused(setxattr(in_home("setxattr"), "user.token", "1", 1, 0));
}

/* Replaces a program: the next start of it would run our file. */
static int replace_program(void) {
    char path[512];
    int error;
    snprintf(path, sizeof path, "%s.new", fact("spare"));
    if ((error = write_to(path, O_CREAT | O_TRUNC)))
        return error;
    return refused(rename(path, fact("spare")));
}

const struct attack change_attacks[] = {
    {"write", write_file},
    {"create", create},
    {"tmp", tmp},
    {"shm", shm},
    {"unlink", unlink_of},
    {"rename", rename_of},
    {"link", link_of},
    {"linkout", link_out},
    {"renameout", rename_out},
    {"symlink", symlink_of},
    {"mkdir", mkdir_of},
    {"rmdir", rmdir_of},
    {"mknod", mknod_of},
    {"truncate", truncate_of},
    {"chmod", chmod_of},
    {"chown", chown_of},
    {"utime", utime_of},
    {"setxattr", setxattr_of},
    {"own-exe", replace_program},
    {NULL, NULL},
};
