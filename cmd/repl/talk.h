/* talk.h: what a person at a terminal and a child say to each other. */
#ifndef TALK_H
#define TALK_H
#include "modes/batch.h"
#include "repl/transcript.h"
#include "run/screen.h"
#include "repl/completion.h"

struct repl {
    struct run *run;
    struct screen screen;
    struct completion completion;
    struct transcript transcript;
    struct batch batch; /* of a child that is asked: an option says where replies end */
    struct request_opts opts; /* of what is typed */
    char name[64], prompt[72];
    char *history_file;      /* the file; NULL: none */
    char *queue;        /* lines that have not been sent yet, with their ends */
    size_t queue_start, queue_end, queue_size;
    char
        *expected_echo; /* of the last line what a child that edits lines itself is about to show */
    size_t echo_left;
    /* Points of run_now; 0: never. */
    int64_t sent_at;  /* the last line was sent, or the child started */
    int64_t first_output_at;  /* what came first behind that */
    int64_t prompt_shown_at;  /* the prompt was last put on the screen */
    int64_t output_closed_at; /* the child's output ended */
    int interrupts_pending; /* Ctrl-C, not seen to yet */
    int last_signal;  /* what the user has last sent to the child */
    bool interrupt_sent; /* Ctrl-C has been sent since the last line, and the reply not come */
    bool resized;
    bool request_pending; /* a request is */
    bool output_flowing;   /* output has come just now */
    bool echo_off;    /* what is typed is not shown, kept or recorded */
    bool latency_reported;      /* how long nothing came */
    bool has_sent;     /* something has been sent */
    bool silence_reported;    /* that nothing comes */
    bool input_closing;    /* its input is to end, or has */
    bool input_closed;     /* it has */
    bool quit_requested;   /* by ~. */
    bool restart_requested;     /* a fresh child is wanted */
    bool done;
};

/* Whether lines are requests whose replies are awaited. */
static inline bool repl_state_has_rule(const struct repl *repl) {
    return repl->run->s->pairs_replies;
}
/* The child, if there is one. */
dualpipe *repl_state_child(const struct repl *repl);
/* A signal to it. */
void repl_state_signal(struct repl *repl, int signo);
/* What has been said is recorded no longer. */
void repl_state_close_transcript(struct repl *repl);
/* Whether a line that begins with the escape character is for us; then it is seen to, and blanks at
 * its end are cut off. */
bool tilde_commands_run(struct repl *repl, char *line);

/* A line that was typed, or a paste of several; NULL: the end. data is the talk. Whether it is one
 * for the child. */
bool input_queue_take_line(void *data, char *text);
/* Forgets what has not been sent. */
void input_queue_clear(struct repl *repl);
/* Something is being sent; it has been. */
void repl_state_note_sending(struct repl *repl);
void repl_state_record_sent(struct repl *repl, const char *p, size_t n);

/* Sends what goes of what was typed. */
void repl_stream_send(struct repl *repl);
/* Shows some of what has come. -1: it is over. */
int repl_stream_show(struct repl *repl, bool has_ended);

/* Asks and shows replies as far as that goes without waiting. -1: it is over. */
int repl_request_pump(struct repl *repl);
#endif
