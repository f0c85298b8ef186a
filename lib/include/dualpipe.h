/* dualpipe.h: all of libdualpipe: talk to programs behind stdin and stdout.
 *
 * dualpipe/child.h    a child: read and write without deadlock, wait for many (libdualpipe(3))
 * dualpipe/frame.h    messages in a stream of bytes (dualpipe_frame(3))
 * dualpipe/rule.h     where a reply ends (dualpipe_rule(3))
 * dualpipe/pool.h     requests to one child or many, and their replies (dualpipe_pool(3))
 * dualpipe/session.h  a pool behind a Unix socket, and its clients (dualpipe_server(3)) */
#ifndef DUALPIPE_H
#define DUALPIPE_H
#include "dualpipe/child.h"
#include "dualpipe/frame.h"
#include "dualpipe/pool.h"
#include "dualpipe/rule.h"
#include "dualpipe/session.h"
#endif
