/* server_state.h: clients of a socket in front of a pool: who they are, what they ask, whose turn it
 * is. */
#ifndef SERVICE_H
#define SERVICE_H
#include "base/buffer.h"
#include "dualpipe.h"
#include "pool/pool.h"
#include "os/unix_socket.h"
#include "os/poller.h"
#include "session/proto.h"
#include <stdbool.h>

struct client;

/* A request that a client has asked, and the pool was given. */
struct job {
    struct job *next;      /* of the same client, in the order of their asking */
    struct client *client; /* NULL: it has gone */
    int64_t n;             /* its number, the client's */
    struct buffer held;    /* messages to it, while its turn has not come */
    bool done;             /* its reply is whole */
    bool plain;
    bool failed;           /* of a plain one: what is behind it would seem to be its reply */
};

enum speaks { SPEAKS_UNKNOWN, SPEAKS_PLAIN, SPEAKS_SESSION };

struct client {
    struct client *next, *before; /* of all */
    struct client *behind;        /* in the line of those that have a request ready */
    dualpipe_server *server;
    int fd;
    uid_t uid;
    pid_t pid;
    enum speaks speaks;
    struct buffer in, out;
    struct job *first, *last;
    int64_t asked, lost; /* lost: replies that it was not there to take */
    int interest;         /* what it is watched for; 0: it isn't */
    size_t counted;       /* of its bytes in the server's held */
    struct dualpipe_body body; /* of a plain one: how far its first message has been looked at */
    struct wire request;  /* the first that it has asked, and that waits for its turn; its whole is
                             what it takes of in, 0: there is none */
    char *made;           /* it is no piece of in, but this */
    int64_t n, until;     /* its number; when it has waited too long */
    int limit;
    bool quiet;           /* it draws no reply, says the client */
    bool in_line;
    bool greeted, follows;
    bool ended;           /* it sends no more */
    bool hung;            /* it has gone: what it had asked is finished, and dropped */
    bool leaves;          /* it is closed, once it has taken what there is for it */
    bool knows;           /* a reply has told it that the child has ended */
    bool hears;           /* what there is for it ends with that: then it is to close its end */
    bool gone;            /* it is to be closed now: why */
    enum dualpipe_visit how;
    const char *why;
    int64_t stuck;        /* since when it takes nothing, or is amid a message; 0: it isn't */
};

enum service_state {
    SERVICE_OPEN,
    SERVICE_OVER,     /* the child has ended: somebody is still to be told */
    SERVICE_DRAINING, /* nobody is let in, no more is asked */
    SERVICE_ENDING,   /* the clients are closed, the children end */
    SERVICE_ENDED,
};

enum { LAST_WORDS = 4096, LATE = 16 };

struct dualpipe_server {
    struct dualpipe_server_options o;
    struct dualpipe_pool_options pool_options;
    dualpipe_listener *hosts_listener;
    void *hosts_data;
    dualpipe_pool *pool;
    struct listener listener;
    struct watch watch;      /* of the listener and the clients */
    enum service_state state;
    struct client *clients;
    int nclients, most_clients;
    struct client *line, *line_last; /* whose turn is next */
    struct job *sending;     /* that the pool is just being given */
    struct job *current;     /* the last given to the only child */
    int jobs;                /* under way in the pool */
    size_t held;             /* bytes that are to go to clients */
    long pid;                /* ours */
    bool alone;              /* there is one child, whose end is the session's */
    bool pieces;             /* replies come as the child writes them */
    bool listening;          /* the listener is watched */
    bool told;               /* somebody knows that the child has ended */
    struct client *hearing;  /* is being told so: others are greeted when it has gone */
    int64_t hear_until;      /* or then */
    const char *why;         /* it had to be stopped; NULL: it hadn't */
    bool started, died;
    struct dualpipe_status status;
    dualpipe *child;         /* of the first worker; NULL: none */
    struct buffer last;      /* what it wrote last, that nobody was told */
    dualpipe_rule *none;     /* by which no reply is drawn */
    bool any_gone;
    struct { int64_t number, n; struct client *client; } late[LATE];
    int nlate;
    int64_t begun, used;     /* clock: since when there is no client */
    int64_t due;             /* the next look at the clock */
    int64_t drain_until;
    int64_t accept_at;       /* descriptors were used up: no sooner than this */
};

/* client.c: one client's bytes. Each may set gone: client_bury is called later. */
struct client *client_new(dualpipe_server *s, int fd, uid_t uid, pid_t pid);
void client_read(struct client *c);
/* Looks for the next whole request, and stands in line with it. */
void client_look(struct client *c);
/* The request that waited is seen to: the next. */
void client_go_on(struct client *c);
/* Bytes for it; flushed as far as that goes. */
void client_put(struct client *c, const void *p, size_t n);
void client_flush(struct client *c);
/* A message of the session protocol: the head, without its size, and data. */
void client_tell(struct client *c, const char *head, const void *p, size_t n);
void client_expel(struct client *c, enum dualpipe_visit how, const char *why);
/* What it is watched for now; it may have nothing more to do here. */
void client_settle(struct client *c);
/* The state that its child is in. */
void client_tell_state(struct client *c);
/* What it has asked is answered, then it is closed. */
void client_stop_reading(struct client *c);
/* It is told no more of what it has asked, though that is finished. */
void client_forsake(struct client *c);
void client_free(struct client *c);

/* answer.c: what the pool gives and tells, to whom it belongs. */
void service_deliver(dualpipe_server *s, const struct dualpipe_reply *r);
/* A request of so many bytes that was not given to the pool. */
void service_refuse(struct job *j, size_t size, enum dualpipe_outcome outcome, const char *why);
/* What came unasked before it, and nobody was told. */
void service_tell_stray(struct client *c, const struct job *j);
void service_hear(void *data, const struct dualpipe_notice *n);
/* It is told that the child has ended. */
void service_let_hear(struct client *c);
/* false: somebody is just being told that the child has ended, which one is enough for. */
bool service_greet(struct client *c);

/* door.c */
/* Whether newcomers are looked for. */
void service_listen(dualpipe_server *s, bool on);
void service_let_in(dualpipe_server *s);
/* Those that have gone are freed. */
void service_bury(dualpipe_server *s);

/* Its bytes may have become more: too many in all expel the client that holds the most. */
void service_count(struct client *c);

/* turns.c */
void service_enter_line(struct client *c);
void service_leave_line(struct client *c);
/* The request that waits is given to the pool, or has waited too long. false: it goes on waiting
 * for what becomes of the child. */
bool service_ask(struct client *c);
/* Each client in line is given one request's turn, then stands behind the others. Whether the
 * pool has nothing under way, and no children. */
bool service_go_round(dualpipe_server *s);
/* What all in line wait for is not begun any more. */
void service_refuse_line(dualpipe_server *s);

/* service.c */
void service_note_due(dualpipe_server *s, int64_t at);
#endif
