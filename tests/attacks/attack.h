/* attack.h: what the attacks share: the facts that the judge tells them about the world outside,
 * and the lines by which they report what they got. An attack returns 0 if it succeeded, else an
 * errno. */
#ifndef ATTACK_H
#define ATTACK_H
#include <stddef.h>

struct attack {
    const char *name;
    int (*run)(void);
};
/* Each table ends with an entry whose name is NULL. */
extern const struct attack file_attacks[], change_attacks[], process_attacks[], network_attacks[],
    resource_attacks[], kernel_attacks[], terminal_attacks[];

/* The VALUE of a NAME=VALUE argument; "" and 0 if there is no such argument. */
const char *fact(const char *name);
long fact_number(const char *name);
/* A path below the user's home. The result stays valid for the next three calls. */
const char *in_home(const char *name);

/* Returns errno if the result of a system call is negative, else 0. */
int refused(long result);
/* Print one line that begins with "got"; bytes that are not printable become dots. */
void show(const void *data, size_t size);
int show_fd(int fd);
int show_file(const char *path);
/* Runs ACT in a forked child and returns its errno; EINTR if a signal killed the child. */
int in_child(int (*act)(void));

#endif
