/* example.so.c: a module for dualpipe --builtin example.so:FUNCTION. Each function is a
 * dualpipe_function: its stdin and stdout are the two pipes, its result is the child's exit
 * status. */
#include "dualpipe.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

DUALPIPE_API dualpipe_function words, arguments, leave;

/* Replies to each line with the number of words in it. */
int words(int argc, char **argv, void *data) {
    char *line = NULL;
    size_t room = 0;
    (void)argc, (void)argv, (void)data;
    while (getline(&line, &room, stdin) > 0) {
        int n = 0;
        for (char *word = strtok(line, " \t\n"); word; word = strtok(NULL, " \t\n"))
            n++;
        printf("%d\n", n);
        fflush(stdout);
    }
    free(line);
    return 0;
}

/* Prints its arguments, and whether data is NULL. Only its return flushes the output. */
int arguments(int argc, char **argv, void *data) {
    for (int i = 1; i < argc; i++)
        printf("%d of %d: %s\n", i, argc, argv[i]);
    printf("argv ends: %d, data is NULL: %d\n", argv[argc] == NULL, data == NULL);
    return 0;
}

/* Returns its argument as the exit status. */
int leave(int argc, char **argv, void *data) {
    (void)data;
    return argc > 1 ? atoi(argv[1]) : 0;
}
