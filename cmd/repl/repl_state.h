/* repl_state.h: the state of the interactive prompt, shared by the files of this folder, and the
 * few operations on it that both ways of talking to the child need.
 *
 * Without a reply rule the child's output is shown as it comes (repl_stream.c); with a rule every
 * line is a request whose reply is awaited (repl_request.c). */
#ifndef REPL_REPL_STATE_H
#define REPL_REPL_STATE_H
#include "modes/batch_state.h"
#include "repl/completion.h"
#include "repl/transcript.h"
#include "run/screen.h"

struct repl {
    struct run *run;
    struct screen screen;
    struct completion completion;
    struct transcript transcript;
    struct batch batch;       /* the pool, with a reply rule; without one only batch_open'ed */
    struct request_opts opts; /* of typed requests; ~t changes their time limit */
    char name[64];            /* the child's, for messages and the prompt */
    char prompt[72];          /* shown while the child prints none of its own */
    char *history_file;       /* NULL: none */

    char *queue; /* typed lines not sent yet, each with its line end: queue_start to queue_end */
    size_t queue_start, queue_end, queue_size;
    char *expected_echo; /* what the child will echo of the last line; NULL: nothing */
    size_t echo_left;    /* how many bytes at the end of that have not come yet */

    /* Points of run_now, in microseconds; 0: never. */
    int64_t sent_at;          /* the last line was sent, or the child started */
    int64_t first_output_at;  /* the first output after that */
    int64_t prompt_shown_at;  /* the prompt was last put on the screen */
    int64_t output_closed_at; /* the child closed its output; UNITS_FOREVER: the user was told */

    int interrupts_pending; /* Ctrl-C was typed so often and not handled yet */
    int last_signal;        /* the last the user sent to this child; 0: none */
    bool interrupt_sent;    /* Ctrl-C has been handled since the last line was sent */
    bool resized;           /* the terminal's size changed and the child doesn't know yet */
    bool request_pending;   /* with a rule: the reply of a request is awaited */
    bool output_flowing;    /* output came since the last wait began */
    bool echo_off;          /* what is typed is not shown, saved or recorded: a password */
    bool latency_reported;  /* -v has said how long the output took to come */
    bool has_sent;          /* a line has been sent to this child */
    bool silence_reported;  /* the hint that nothing comes was given, or output came */

    /* How the conversation ends. */
    bool input_closing;     /* Ctrl-D: the child's stdin is to be closed, or is */
    bool input_closed;      /* the child's stdin is closed */
    bool quit_requested;    /* by ~. */
    bool restart_requested; /* by ~r */
    bool done;              /* leave the loop of this child */
};

/* Whether each line is a request whose reply is awaited. */
static inline bool repl_state_has_rule(const struct repl *repl) {
    return repl->run->s->pairs_replies;
}
/* Returns the child; NULL: there is none now. */
dualpipe *repl_state_child(const struct repl *repl);
/* Sends the child a signal on behalf of the user. */
void repl_state_signal(struct repl *repl, int signo);
/* Notes that a line goes to the child, which starts the clock of its reply. */
void repl_state_note_sending(struct repl *repl);
/* Adds bytes that were sent to the transcript, unless they are a password. */
void repl_state_record_sent(struct repl *repl, const char *p, size_t n);
/* Ends the transcript and reports whether it is complete; harmless if there is none. */
void repl_state_close_transcript(struct repl *repl);
#endif
