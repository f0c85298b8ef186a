/* interactive.h: what a person at a terminal and a child say to each other. */
#ifndef INTERACTIVE_H
#define INTERACTIVE_H
#include "batch.h"
#include "screen.h"

struct talk {
    struct run *run;
    struct screen screen;
    struct batch batch;    /* of a child that is asked: an option says where replies end */
    dualpipe *child;       /* either; NULL: none */
    char *typed;           /* lines that have not been sent yet, with their ends */
    size_t from, to, room;
    char name[64];         /* of what we talk to */
    char prompt[72];
    int64_t sent, heard, shown; /* points of run_now: the last line; what came behind it; when the
                                   prompt was put on the screen */
    bool under_way;  /* a request is */
    bool hinted;     /* that nothing comes */
    bool ending;     /* its input has ended */
    bool again;      /* a fresh child is wanted */
    bool over;
};

/* Whether the line was one for us, and seen to. */
bool escape_line(struct talk *t, const char *line);
/* The limit of the replies to what is typed from now on, in microseconds. */
#endif
