/* frame.h: messages in a stream of bytes: find where each ends, and wrap one to be sent.
 *
 * A typical use, in order, on bytes that are read into a buffer:
 *
 *     dualpipe_frame_decode()  take the first frame; 0 means that more bytes are needed
 *     dualpipe_frame_encode()  give what has to stand before and after a body to be sent
 *
 * Pure functions: they keep no state, take no memory and do no input or output. */
#ifndef DUALPIPE_FRAME_H
#define DUALPIPE_FRAME_H
#include "dualpipe/child.h"
#ifdef __cplusplus
extern "C" {
#endif

/* How messages are marked off in a stream. A frame is a body between a head and a tail. */
enum dualpipe_frame_kind {
    DUALPIPE_FRAME_LINE,      /* ends in LF, which the body can't hold */
    DUALPIPE_FRAME_CRLF,      /* ends in LF; a CR before it isn't part of the body. Written with
                                 CR LF */
    DUALPIPE_FRAME_NUL,       /* ends in a zero byte */
    DUALPIPE_FRAME_NETSTRING, /* `5:hello,` (cr.yp.to/proto/netstrings.txt) */
    DUALPIPE_FRAME_U8,        /* follows its length in 1 byte */
    DUALPIPE_FRAME_U16,       /* in 2 bytes, the most significant first */
    DUALPIPE_FRAME_U32,       /* in 4 bytes, the most significant first */
    DUALPIPE_FRAME_U32LE,     /* in 4 bytes, the least significant first: native messaging of
                                 browsers */
    DUALPIPE_FRAME_VARINT,    /* follows its length in LEB128, as protobuf delimits messages; at
                                 most 10 bytes, in which superfluous zeros are accepted */
    DUALPIPE_FRAME_HEADER,    /* follows header lines and an empty line: LSP, DAP. One of the lines,
                                 and only one, must be like `Content-Length: 5`. The header has at
                                 most 8 KiB, in lines that end in CR LF or LF. Nothing may stand
                                 between two frames; dualpipe_rule_scan() skips empty lines and
                                 lines of text there */
    DUALPIPE_FRAME_PKTLINE,   /* git's pkt-line: follows its length in four hexadecimal digits that
                                 count themselves too, at most 65520 in all. The packets `0000`,
                                 `0001` and `0002` are given as bodies of these four bytes, which
                                 therefore can't be data */
    DUALPIPE_FRAME_RAW        /* no frames: bytes as they come */
};

/* The first frame of some bytes. Zero it at the start of each frame. For the next call, whose bytes
 * begin with the same bytes and go on, leave it as the last call did: only new bytes are looked at
 * where the kind allows that. */
struct dualpipe_frame_view {
    const char *data;  /* result: the body, within the bytes of the call */
    size_t size;       /* result: of the body, in bytes */
    size_t frame_size; /* result, for a frame that is incomplete or whose tail is wrong: its size
                          with head and tail; 0 while that is unknown */
    size_t scanned;    /* private to dualpipe_frame_decode */
};
/* Take the first frame of the n bytes at p. Returns its size with head and tail. 0: it is not
 * complete; if no more bytes will come, it is cut short. With DUALPIPE_FRAME_RAW the answer is 0
 * for up to max bytes: all are one message. -EBADMSG: no frame can begin with these bytes, which is
 * told at the first byte that shows it. -EMSGSIZE: the body is longer than max bytes, told as soon
 * as that is known. -EINVAL: there is no such kind. */
DUALPIPE_API ssize_t dualpipe_frame_decode(enum dualpipe_frame_kind kind, const void *p, size_t n,
                                           size_t max, struct dualpipe_frame_view *view);

enum {
    DUALPIPE_FRAME_HEAD_MAX = 48, /* bytes that have room for any head */
    DUALPIPE_FRAME_TAIL_MAX = 8   /* and for any tail */
};
/* The bytes that stand before and after a body. */
struct dualpipe_frame_envelope {
    size_t head_size, tail_size;
    char head[DUALPIPE_FRAME_HEAD_MAX], tail[DUALPIPE_FRAME_TAIL_MAX];
};
/* Fill *envelope with what makes a frame of the size bytes at body. Returns 0. -EBADMSG: the body
 * holds bytes that this kind can't carry. -EMSGSIZE: it is longer than this kind can say.
 * -EINVAL: there is no such kind. */
DUALPIPE_API int dualpipe_frame_encode(enum dualpipe_frame_kind kind, const void *body, size_t size,
                                       struct dualpipe_frame_envelope *envelope);

/* Count lines: returns how many bytes the complete lines at p take, of at most `most` lines, and
 * sets *lines to their number. */
DUALPIPE_API size_t dualpipe_lines(const char *p, size_t n, long most, long *lines);
#ifdef __cplusplus
}
#endif
#endif
