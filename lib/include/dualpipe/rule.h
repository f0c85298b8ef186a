/* rule.h: where a reply ends. A rule is compiled once and used for any number of replies.
 *
 * A typical use with a pool (dualpipe/pool.h), which does the scanning:
 *
 *     dualpipe_rule_new()      compile the options; on -EINVAL show the error's hint
 *     ... dualpipe_pool_options.rule or dualpipe_request.rule ...
 *     dualpipe_rule_free()     after the pool has been closed
 *
 * With a read loop of your own:
 *
 *     dualpipe_rule_scan()     look for the end of the reply in the bytes that came, until it
 *                              returns DUALPIPE_SCAN_COMPLETE */
#ifndef DUALPIPE_RULE_H
#define DUALPIPE_RULE_H
#include "dualpipe/frame.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef struct dualpipe_rule dualpipe_rule;

/* If several ends are set, the first one that is met ends the reply. Patterns are matched against
 * the bodies of frames, which mostly are lines. They are POSIX extended regular expressions over
 * bytes in the C locale: `^` and `$` also match at line ends, \n \t and \r stand for their bytes, a
 * backslash before any other letter or digit is refused, so there are no back-references, and `.`
 * is any byte but NUL and LF. A pattern that needs too many states, as one with large repetitions
 * can, is refused; the others are matched in one pass over the text. "Group 1" is what the first
 * parentheses match, and must exist. Of the two kinds of lines, patterns don't see a CR before the
 * LF, and `\r$` means the same as `$`. Lists end in NULL, and may be NULL. */
struct dualpipe_rule_options {
    size_t size;                   /* 0, or sizeof(struct dualpipe_rule_options) */
    enum dualpipe_frame_kind kind; /* of the child's output. Only the two kinds of lines allow
                                      prompt, fence, length, bytes and match_partial_line; of
                                      DUALPIPE_FRAME_RAW there are bytes, idle_ms, until_eof and
                                      prompt alone */
    long count; /* the reply is so many frames; 0: 1 if nothing else is set; -1: no reply comes */
    const char *const *end_patterns; /* the reply ends with the first frame that matches one of
                                        these, and includes it. A pattern with N \n in it is matched
                                        against the last N+1 lines, N being at most 8; of other
                                        kinds than lines, \n is a byte of the body */
    int match_partial_line; /* end_patterns also match a last line without its LF, once no more is
                               there to read: for what to await before a first request */
    const char *prompt;     /* the reply ends where this matches at the very end of the output, in
                               a complete line or not, and no more is there to read. The match and
                               a line end after it are cut off. A pattern with N \n in it is
                               matched against the last N+1 lines that are not blank, at most the
                               last 4096 bytes; [[:space:]] counts as \n, but not at its end */
    const char *fence;      /* a line to send after each request, in which `{}` is replaced by a
                               token that was never used before. The reply ends at the first line
                               that ends in the token; the token, quotes around it and its line end
                               are cut off, what stands before it on its line is kept. A line that
                               ends in the whole fence is its echo and is cut out, unless the fence
                               is `{}` alone, in quotes or not */
    const char *id;         /* the reply is the frame whose group 1 equals the request's, in any
                               order. A request that doesn't match expects no reply. "json": the
                               top-level "id" of a message without "method": strings are compared by
                               the characters they stand for, numbers by their value, null is no
                               id. A batch, an array of messages, is answered by an array without
                               methods that has one of its ids. Other frames are unsolicited; a
                               request of the child, whose id is null or up to 64 KiB long, is
                               answered with error -32601. Can be combined with no_reply and
                               notifications only */
    const char *length;     /* group 1 of the first line is the number of bytes that follow that
                               line, before a line end, which is awaited and is part of the reply;
                               a first line that doesn't match is the whole reply */
    size_t bytes;           /* the reply is so many bytes */
    int idle_ms;            /* the reply ends after so many milliseconds of silence behind its
                               first byte, or a later one: a guess. It cuts no frame short, except
                               of lines and DUALPIPE_FRAME_RAW */
    int until_eof;          /* the reply ends at the end of the child's output */
    const char *const *no_reply;      /* requests that match expect no reply */
    const char *const *notifications; /* frames that match belong to no reply, wherever they come */
    const char *const *errors; /* a whole reply says that the program refused or failed its request
                                  if one of its frames matches, or of DUALPIPE_FRAME_RAW one of its
                                  lines. A pattern with N \n in it is matched against N+1 lines in a
                                  row. Of a line its first 64 KiB count. These three end no reply:
                                  a pool looks at them, see DUALPIPE_OUTCOME_ERROR */
    const char *const *stderr_errors; /* the same, if a line matches that the child wrote on stderr
                                         before the reply's end; needs DUALPIPE_STDERR_RELAY */
    int json_errors; /* the same, if a frame is a JSON object, or an array with one, whose member
                        "error" is not null, and has no code -32800 or -32801: these say that the
                                                cancelled, or overtaken by a change */
    const char *wrap; /* a text to send in place of each request, in which `{text}` is replaced by
                         the request without its last line end, `{q}` by the same in single quotes
                         for a shell, `{size}` by its size in bytes in decimal, and `{}` by a token
                         as in fence. The reply ends as with fence, or at the first line that ends
                         in the token, one blank and a decimal number of up to three digits: the
                         status of the request. Not with fence. A request with a NUL byte is refused
                         if the text has `{q}`. Set-up and shutdown texts of a pool are requests
                         too, but one in which `{}` stands is sent as it is, with the token in that
                         place */
    int status_errors; /* as errors, if that status is not 0 */
};
/* Compile a rule. Sets *r; free it with dualpipe_rule_free. why may be NULL. -EINVAL: why->object
 * is the pattern, why->offset where it goes wrong, why->hint what to write instead; or why->object
 * is NULL, and why->hint says which options don't go together.
 * -ENOMEM. */
DUALPIPE_API int dualpipe_rule_new(dualpipe_rule **r, const struct dualpipe_rule_options *o,
                                   struct dualpipe_error *why);
/* Free it. NULL does nothing. Returns NULL. */
DUALPIPE_API dualpipe_rule *dualpipe_rule_free(dualpipe_rule *r);

/* Whether a request of n bytes expects a reply: 0 or 1. */
DUALPIPE_API int dualpipe_rule_expects_reply(const dualpipe_rule *r, const void *request, size_t n);
/* The milliseconds of silence that end a reply, or DUALPIPE_FOREVER. */
DUALPIPE_API int dualpipe_rule_idle_timeout(const dualpipe_rule *r);
/* Whether several requests may be sent to a child before their replies came. 0 for prompt, idle_ms,
 * until_eof and match_partial_line, where a reply ends because nothing follows it. */
DUALPIPE_API int dualpipe_rule_allows_pipelining(const dualpipe_rule *r);

/* --- Scanning ---------------------------------------------------------------------------- */

/* The progress through one reply; zeroed, it is at the reply's start. All offsets count from the
 * call's p. */
struct dualpipe_scan {
    const char *token; /* set by the caller before the first call: the fence's token, which it
                          keeps; NULL: no fence was sent */
    size_t from, to;   /* result: these bytes belong to the reply for certain */
    size_t next;       /* result: where the next piece begins; bytes between to and next are cut
                          off */
    size_t consumed;   /* result: bytes that the caller must not pass again */
    size_t id_offset, id_size; /* result, of rules by id with COMPLETE and CHILD_REQUEST: where the
                                  frame's id lies; it may be empty. With BAD_FRAME and TOO_LONG:
                                  where the wrong bytes lie; no bytes if the frame was cut short */
    size_t max_frame; /* set by the caller: the longest body of a frame in bytes; 0: any. Not for
                         lines */
    int status;       /* result, with COMPLETE: the status behind the token of a wrap; -1: none */
    int matched;      /* result: the index of the end pattern that matched; -1: another end */
    long replies;     /* set by the caller: look for so many replies in a row, of a rule by count
                         alone; 0: 1 */
    long frames;      /* result: frames of the reply that have been passed */
    uint64_t internal[16]; /* private to dualpipe_rule_scan */
};
/* Bits for dualpipe_rule_scan: what is known of the bytes after p + n. */
enum dualpipe_scan_flags {
    DUALPIPE_SCAN_DRAINED = 1, /* none are there to read at the moment */
    DUALPIPE_SCAN_EOF = 2      /* none will come */
};
enum dualpipe_scan_result {
    DUALPIPE_SCAN_MORE,         /* the reply is not complete: call again with more bytes */
    DUALPIPE_SCAN_COMPLETE,     /* it is. By an id: this frame is the reply to the request that has
                                   the id */
    DUALPIPE_SCAN_ECHO,         /* to..next is to be cut out: the echo of the fence, or an empty
                                   line before a frame with a header. Call again with the bytes from
                                   `consumed` on, without waiting for more */
    DUALPIPE_SCAN_NOTIFICATION, /* to..next is an unsolicited frame, or a line of text before a
                                   frame with a header. Call again likewise */
    DUALPIPE_SCAN_CHILD_REQUEST, /* as NOTIFICATION: by "json", a request of the child, with its id
                                  */
    DUALPIPE_SCAN_BAD_FRAME, /* what follows is no frame, or is cut short; this scan can't go on.
                                from..to is certain all the same */
    DUALPIPE_SCAN_TOO_LONG   /* the same: the frame's body is longer than max_frame */
};
/* Look for the reply's end in the n bytes at p, which begin where the last call's `consumed` ended.
 * flags are bits of enum dualpipe_scan_flags. After DUALPIPE_SCAN_COMPLETE the scan is done: what
 * follows `next` belongs to the next reply. */
DUALPIPE_API enum dualpipe_scan_result dualpipe_rule_scan(const dualpipe_rule *r,
                                                          struct dualpipe_scan *s, const char *p,
                                                          size_t n, int flags);
#ifdef __cplusplus
}
#endif
#endif
