/* talk.h: what a person at a terminal and a child say to each other. */
#ifndef TALK_H
#define TALK_H
#include "modes/batch.h"
#include "repl/transcript.h"
#include "run/screen.h"
#include "repl/completion.h"

struct talk {
    struct run *run;
    struct screen screen;
    struct vocabulary words;
    struct record record;
    struct batch batch; /* of a child that is asked: an option says where replies end */
    struct terms terms; /* of what is typed */
    char name[64], prompt[72];
    char *history;      /* the file; NULL: none */
    char *typed;        /* lines that have not been sent yet, with their ends */
    size_t from, to, room;
    char *echo; /* of the last line what a child that edits lines itself is about to show */
    size_t echo_left;
    /* Points of run_now; 0: never. */
    int64_t since;  /* the last line was sent, or the child started */
    int64_t heard;  /* what came first behind that */
    int64_t shown;  /* the prompt was last put on the screen */
    int64_t closed; /* the child's output ended */
    int interrupts; /* Ctrl-C, not seen to yet */
    int signalled;  /* what the user has last sent to the child */
    bool impatient; /* Ctrl-C has been sent since the last line, and the reply not come */
    bool resized;
    bool under_way; /* a request is */
    bool flowing;   /* output has come just now */
    bool unseen;    /* what is typed is not shown, kept or recorded */
    bool told;      /* how long nothing came */
    bool asked;     /* something has been sent */
    bool hinted;    /* that nothing comes */
    bool ending;    /* its input is to end, or has */
    bool ended;     /* it has */
    bool leaving;   /* by ~. */
    bool again;     /* a fresh child is wanted */
    bool over;
};

/* Whether lines are requests whose replies are awaited. */
static inline bool talk_asks(const struct talk *t) {
    return t->run->s->asks;
}
/* The child, if there is one. */
dualpipe *talk_child(const struct talk *t);
/* A signal to it. */
void talk_signal(struct talk *t, int signo);
/* What has been said is recorded no longer. */
void talk_end_record(struct talk *t);
/* Whether a line that begins with the escape character is for us; then it is seen to, and blanks at
 * its end are cut off. */
bool talk_escape(struct talk *t, char *line);

/* A line that was typed, or a paste of several; NULL: the end. data is the talk. Whether it is one
 * for the child. */
bool typed_line(void *data, char *text);
/* Forgets what has not been sent. */
void typed_drop(struct talk *t);
/* Something is being sent; it has been. */
void typed_goes(struct talk *t);
void typed_sent(struct talk *t, const char *p, size_t n);

/* Sends what goes of what was typed. */
void told_send(struct talk *t);
/* Shows some of what has come. -1: it is over. */
int told_hear(struct talk *t, bool has_ended);

/* Asks and shows replies as far as that goes without waiting. -1: it is over. */
int asked_go_on(struct talk *t);
#endif
