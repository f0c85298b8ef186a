/* attack.h: what the attacks share: the facts that they are told of the world outside, and how they
 * say what they have got. An attack gives 0 once it has done what it tried, or an errno. */
#ifndef ATTACK_H
#define ATTACK_H
#include <stddef.h>

struct attack {
    const char *name;
    int (*run)(void);
};
/* Each ends with a name of NULL. */
extern const struct attack file_attacks[], change_attacks[], process_attacks[], network_attacks[],
    resource_attacks[], kernel_attacks[], terminal_attacks[];

/* Words NAME=VALUE of the command line; "" and 0 if there is none. */
const char *fact(const char *name);
long fact_number(const char *name);
/* A path below the user's home; good until the next but three. */
const char *in_home(const char *name);

/* The errno of a call that gave a negative result, else 0. */
int refused(long result);
/* One line that begins with "got"; what is no text in it is shown as dots. */
void show(const void *data, size_t size);
int show_fd(int fd);
int show_file(const char *path);
/* Runs ACT in a child, whose errno or death it gives: EINTR stands for a signal. */
int in_child(int (*act)(void));

#endif
