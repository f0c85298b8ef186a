/* requests.c: the source of requests: -e and -f options, or else the messages of stdin.
 *
 * Stdin is read by the attached handle run->stdio. A request that goes to the child as it stands on
 * stdin is not copied: the chunk points into the handle's buffer (dualpipe_peek), and its bytes are
 * consumed only when the next chunk is taken (requests_done). Whatever has to be changed on the way
 * is put together in src->built: a text or file of the command line, a message that changes its
 * frame (--io differs from --frame), a last line without its end.
 *
 * Stdin has two readers. take_line serves lines that go out as lines; it can hand out many at once
 * for a pool that accepts batches. take_message decodes every other kind of frame.
 *
 * Callers: the loops of modes/batch.c and repl/repl_request.c. A failure is reported here, and the
 * run's exit status set, so that they need only stop.
 *
 * Trap: a request's bytes are consumed only after it was submitted. requests_close can thus seek
 * stdin back, and the next program that reads it sees the first request that was not sent. */
#include "modes/requests.h"
#include "util/escape.h"
#include "util/frames.h"
#include "util/log.h"
#include "run/exit_status.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    EXCERPT_BYTES = 32,     /* shown of a request in a message */
    FILE_GROWTH = 65536,    /* the least that a file's buffer grows by */
    MAX_LINES_BYTES = 65536 /* in a chunk of several lines */
};

/* --- errors ------------------------------------------------------------------------------ */

static enum requests_result fail_run(struct request_source *src, const char *outcome, int status) {
    exit_status_set(src->run, outcome, status);
    return REQUESTS_FAILED;
}

static enum requests_result report_too_long(struct request_source *src, const char *p, size_t n) {
    char excerpt[4 * EXCERPT_BYTES + 1], label[40];
    snprintf(label, sizeof label, "request %lld", src->taken_count + 1);
    if (src->run->s->requests.count == 0 && src->run->s->io != DUALPIPE_FRAME_LINE)
        log_error(label, NULL, "passes --max-message with the frame at byte %llu of stdin: \"%s\"",
                  src->stream_offset + 1,
                  escape_bytes(p, n < EXCERPT_BYTES ? n : EXCERPT_BYTES, excerpt, sizeof excerpt));
    else
        log_error(label, NULL, "passes --max-message at byte %zu: \"%s\"", src->run->s->max_message,
                  escape_bytes(p, n < EXCERPT_BYTES ? n : EXCERPT_BYTES, excerpt, sizeof excerpt));
    return fail_run(src, "frame", STATUS_BAD_FRAME);
}

static enum requests_result report_unreadable(struct request_source *src, const char *file,
                                              int error) {
    log_error("reading", file, "%s", strerror(error));
    return fail_run(src, "failed", STATUS_DUALPIPE_FAILED);
}

/* --- requests that are put together ------------------------------------------------------ */

/* Makes frame, the result of frames_encode, the current request, or reports that call's error. */
static enum requests_result set_built_request(struct request_source *src,
                                              struct request_chunk *chunk, int error, char *frame) {
    enum dualpipe_frame_kind kind = src->run->s->frame;
    char label[40];
    free(src->built);
    src->built = error < 0 ? NULL : frame;
    chunk->data = src->built;
    if (error == 0)
        return REQUESTS_READY;
    src->chunk_bytes = 0; /* leave its bytes on stdin: they were not sent */
    snprintf(label, sizeof label, "request %lld", src->taken_count + 1);
    if (error == -ENOMEM)
        log_error(label, NULL, "%s", strerror(ENOMEM));
    else
        log_error(label, NULL, "it can't be written as %s: %s", frames_kind_name(kind),
                  frames_encode_error(kind, error));
    return error == -ENOMEM ? fail_run(src, "failed", STATUS_DUALPIPE_FAILED)
                        : fail_run(src, "frame", STATUS_BAD_FRAME);
}

static enum requests_result build_from_body(struct request_source *src, struct request_chunk *chunk,
                                            const char *p, size_t n) {
    char *frame;
    int error = frames_encode(src->run->s->frame, p, n, &frame, &chunk->size);
    return set_built_request(src, chunk, error, frame);
}

static enum requests_result build_from_text(struct request_source *src, struct request_chunk *chunk,
                                            const char *text) {
    char *frame;
    int error = frames_encode_text(src->run->s->frame, text, &frame, &chunk->size);
    enum requests_result result = set_built_request(src, chunk, error, frame);
    if (result == REQUESTS_READY && strlen(text) > src->run->s->max_message)
        return report_too_long(src, src->built, chunk->size);
    return result;
}

/* Reads a whole file into src->built. No size is taken from fstat: it may be a pipe, or growing. */
static enum requests_result read_request_file(struct request_source *src, const char *name,
                                              size_t *size) {
    bool is_stdin = strcmp(name, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    size_t room = 0, max = src->run->s->max_message, n = 0;
    ssize_t r = -1;
    int error;
    if (fd < 0)
        return report_unreadable(src, name, errno);
    do {
        if (n == room) {
            char *more = realloc(src->built, room += room + FILE_GROWTH);
            if (!more) {
                errno = ENOMEM;
                r = -1;
                break;
            }
            src->built = more;
        }
        r = read(fd, src->built + n, room - n);
        n += r > 0 ? (size_t)r : 0;
    } while ((r > 0 && n <= max) || (r < 0 && errno == EINTR));
    error = errno;
    if (!is_stdin)
        close(fd);
    *size = n;
    if (r < 0)
        return report_unreadable(src, is_stdin ? "standard input" : name, error);
    return n > max ? report_too_long(src, src->built, n) : REQUESTS_READY;
}

/* Whether a line end stands before the last byte. */
static bool has_several_lines(const char *p, size_t n) {
    return n > 1 && memchr(p, '\n', n - 1);
}

static enum requests_result build_from_file(struct request_source *src, struct request_chunk *chunk,
                                            const char *name) {
    enum dualpipe_frame_kind kind = src->run->s->frame;
    enum requests_result r = read_request_file(src, name, &chunk->size);
    chunk->data = src->built;
    if (r == REQUESTS_READY && chunk->opts->one_line &&
        has_several_lines(src->built, chunk->size)) {
        log_error("request", name, "-a %s takes one line a request: give these lines to -l",
                  src->run->s->preset);
        return fail_run(src, "failed", STATUS_DUALPIPE_FAILED);
    }
    if (r != REQUESTS_READY || kind == DUALPIPE_FRAME_LINE || kind == DUALPIPE_FRAME_CRLF)
        return r;
    return build_from_body(src, chunk, src->built, chunk->size);
}

/* Gives the request of the next -e or -f option. */
static enum requests_result next_input(struct request_source *src, struct request_chunk *chunk) {
    const struct settings *s = src->run->s;
    const struct input *input;
    enum requests_result result = REQUESTS_READY;
    if (src->next_input == s->requests.count)
        return REQUESTS_END;
    input = &s->requests.all[src->next_input];
    chunk->opts = &input->opts;
    chunk->size = 0;
    chunk->data = NULL;
    if (input->kind == INPUT_FILE)
        result = build_from_file(src, chunk, input->text);
    else if (input->kind == INPUT_TEXT)
        result = build_from_text(src, chunk, input->text);
    if (result == REQUESTS_READY)
        src->next_input++;
    return result;
}

/* --- requests from stdin ----------------------------------------------------------------- */

/* The buffer of stdin is empty and has ended: finds out whether by end of file or by an error. */
static enum requests_result check_stdin_end(struct request_source *src) {
    char byte;
    ssize_t r = dualpipe_read(src->run->stdio, &byte, 1, 0);
    return r < 0 ? report_unreadable(src, "standard input", (int)-r) : REQUESTS_END;
}

/* Gives the last line of stdin, to which a line end is added. */
static enum requests_result complete_last_line(struct request_source *src,
                                               struct request_chunk *chunk, const char *p,
                                               size_t n) {
    if (!(src->built = malloc(n + 1)))
        return report_unreadable(src, "standard input", ENOMEM);
    memcpy(src->built, p, n);
    src->built[n] = '\n';
    src->last_line_unterminated = true;
    src->chunk_bytes = n;
    chunk->data = src->built;
    chunk->size = n + 1;
    return REQUESTS_READY;
}

/* Returns how many of the n bytes' lines one chunk may take once stdin has been read to its end.
 * The chunks get smaller towards the end, so that no worker still has a large one when the others
 * are idle. */
static long fair_share(const struct request_source *src, long max, const char *p, size_t n) {
    int parts = 2 * src->run->s->workers;
    long lines;
    dualpipe_lines(p, n, max * parts, &lines);
    return (lines + parts - 1) / parts;
}

/* Gives up to max lines. The first of them is known to be complete. */
static enum requests_result take_lines(struct request_source *src, long max,
                                       struct request_chunk *chunk, const char *p, size_t n,
                                       bool ended) {
    long lines;
    if (ended && src->run->s->workers > 1)
        max = fair_share(src, max, p, n);
    chunk->data = p;
    chunk->size = src->chunk_bytes =
        dualpipe_lines(p, n < MAX_LINES_BYTES ? n : MAX_LINES_BYTES, max, &lines);
    if (lines == 0) /* the first line alone is longer than MAX_LINES_BYTES */
        chunk->size = src->chunk_bytes = dualpipe_lines(p, n, 1, &lines);
    chunk->count = (int)lines;
    return REQUESTS_READY;
}

/* Gives the next line, or up to max lines if max is not 0. */
static enum requests_result take_line(struct request_source *src, int max,
                                      struct request_chunk *chunk) {
    const char *p, *lf;
    int ended;
    size_t n = dualpipe_peek(src->run->stdio, &p, &ended);
    if (n > src->searched && (lf = memchr(p + src->searched, '\n', n - src->searched))) {
        chunk->data = p;
        chunk->size = src->chunk_bytes = (size_t)(lf - p) + 1;
        return max > 0 ? take_lines(src, max, chunk, p, n, ended) : REQUESTS_READY;
    }
    src->searched = n;
    if (n > src->run->s->max_message)
        return report_too_long(src, p, n);
    if (n == 0 && ended)
        return check_stdin_end(src);
    return ended ? complete_last_line(src, chunk, p, n) : REQUESTS_WAIT;
}

/* Reports what stands in place of a frame in the n bytes at p, which begin with the faulty one. A
 * netstring whose length could be read is at fault where its comma should be. */
static enum requests_result report_malformed(struct request_source *src, const char *p, size_t n,
                                             bool cut_short) {
    enum dualpipe_frame_kind kind = src->run->s->io;
    size_t fault = kind == DUALPIPE_FRAME_NETSTRING && src->frame.frame_size > 0
                       ? src->frame.frame_size - 1
                       : 0;
    char words[FRAMES_ERROR_SIZE];
    if (cut_short)
        fault = n;
    log_error("reading", "standard input", "%s",
              frames_describe_malformed(kind, src->stream_offset + fault, "", p + fault, n - fault,
                                        words));
    return fail_run(src, "frame", STATUS_BAD_FRAME);
}

/* Gives the next message of a kind other than lines, or of one kind that is sent as another. */
static enum requests_result take_message(struct request_source *src, struct request_chunk *chunk) {
    const struct settings *s = src->run->s;
    const char *p;
    int ended;
    size_t n = dualpipe_peek(src->run->stdio, &p, &ended);
    ssize_t used = 0;
    if (n > 0)
        used = dualpipe_frame_decode(s->io, p, n, s->max_message, &src->frame);
    else if (ended)
        return check_stdin_end(src);
    if (used == -EMSGSIZE)
        return report_too_long(src, p, n);
    if (used < 0 || (used == 0 && ended && !frames_ends_at_eof(s->io)))
        return report_malformed(src, p, n, used == 0);
    if (used == 0 && !ended)
        return REQUESTS_WAIT;
    src->chunk_bytes = used > 0 ? (size_t)used : n;
    if (used > 0 && s->io == s->frame) {
        chunk->data = p;
        chunk->size = src->chunk_bytes;
        return REQUESTS_READY;
    }
    return build_from_body(src, chunk, s->io == DUALPIPE_FRAME_RAW ? p : src->frame.data,
                           s->io == DUALPIPE_FRAME_RAW ? n : src->frame.size);
}

static enum requests_result next_from_stdin(struct request_source *src, int max,
                                            struct request_chunk *chunk) {
    const struct settings *s = src->run->s;
    chunk->opts = &s->stdin_opts;
    if (s->io == DUALPIPE_FRAME_LINE && s->frame == DUALPIPE_FRAME_LINE)
        return take_line(src, max, chunk);
    return take_message(src, chunk);
}

/* --- the source -------------------------------------------------------------------------- */

enum requests_result requests_next(struct request_source *src, int max,
                                   struct request_chunk *chunk) {
    enum requests_result r;
    requests_done(src);
    chunk->count = 0;
    r = src->run->s->requests.count > 0 ? next_input(src, chunk)
                                        : next_from_stdin(src, max, chunk);
    if (r == REQUESTS_READY) {
        chunk->number = src->taken_count + 1;
        src->taken_count += chunk->count > 0 ? chunk->count : 1;
    }
    return r;
}

void requests_done(struct request_source *src) {
    dualpipe_consume(src->run->stdio, src->chunk_bytes);
    if (src->chunk_bytes > 0) {
        src->searched = 0;
        src->frame = (struct dualpipe_frame_view){0};
    }
    src->stream_offset += src->chunk_bytes;
    src->chunk_bytes = 0;
    free(src->built);
    src->built = NULL;
}

bool requests_has_more(const struct request_source *src) {
    const char *p;
    size_t n;
    if (src->run->s->requests.count > 0)
        return src->next_input < src->run->s->requests.count;
    n = dualpipe_peek(src->run->stdio, &p, NULL);
    if (src->run->s->io != DUALPIPE_FRAME_LINE)
        return n > src->chunk_bytes &&
               dualpipe_frame_decode(src->run->s->io, p + src->chunk_bytes, n - src->chunk_bytes,
                                     SIZE_MAX, &(struct dualpipe_frame_view){0}) != 0;
    return n > src->chunk_bytes && memchr(p + src->chunk_bytes, '\n', n - src->chunk_bytes);
}

void requests_close(struct request_source *src, bool last_submitted, size_t unsent) {
    struct run_stats *stats = &src->run->stats;
    const char *p;
    off_t left;
    if (src->run->s->requests.count > 0) {
        stats->not_sent += src->run->s->requests.count - src->next_input + !last_submitted;
        requests_done(src);
        return;
    }
    if (!last_submitted)
        src->chunk_bytes = 0;
    requests_done(src);
    left = (off_t)dualpipe_peek(src->run->stdio, &p, NULL);
    stats->stdin_left = left > 0;
    if (src->run->s->io == src->run->s->frame && !src->last_line_unterminated)
        left += (off_t)unsent;
    if (left > 0)
        lseek(STDIN_FILENO, -left, SEEK_CUR);
}
