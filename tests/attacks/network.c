/* network.c: attacks that send to a socket outside the sandbox, or accept a connection from it. */
#include "attack.h"
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

static struct sockaddr_in local(const char *port) {
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons((unsigned short)fact_number(port))};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return a;
}

/* Sends the token to the socket at ADDRESS and closes FD. */
static int send_token(int fd, const void *address, socklen_t size, int connected) {
    const char *token = fact("token");
    int error;
    if (fd < 0)
        return errno;
    if (connected) {
        error = refused(connect(fd, address, size));
        if (!error)
            error = refused(write(fd, token, strlen(token)));
    } else
        error = refused(sendto(fd, token, strlen(token), 0, address, size));
    close(fd);
    return error;
}

static int inet(int type, int protocol, const char *port) {
    struct sockaddr_in a = local(port);
    return send_token(socket(AF_INET, type | SOCK_CLOEXEC, protocol), &a, sizeof a,
                      type == SOCK_STREAM);
}

static int tcp(void) {
    return inet(SOCK_STREAM, 0, "tcp");
}

static int mptcp(void) {
    return inet(SOCK_STREAM, IPPROTO_MPTCP, "mptcp");
}

static int udp(void) {
    return inet(SOCK_DGRAM, 0, "udp");
}

/* Opens a connection without calling connect. */
static int fastopen(void) {
    struct sockaddr_in a = local("tcp");
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), error;
    const char *token = fact("token");
    if (fd < 0)
        return errno;
    error = refused(sendto(fd, token, strlen(token), MSG_FASTOPEN, (void *)&a, sizeof a));
    close(fd);
    return error;
}

/* Listens on a port and waits up to 3 seconds for the token that the judge sends there. */
static int bind_tcp(void) {
    struct sockaddr_in a = local("bind");
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1, error;
    struct timeval limit = {.tv_sec = 3};
    if (fd < 0)
        return errno;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    error = refused(bind(fd, (void *)&a, sizeof a));
    if (!error)
        error = refused(listen(fd, 1));
    if (!error) {
        int client = accept(fd, NULL, NULL);
        error = client < 0 ? errno : show_fd(client);
    }
    close(fd);
    return error;
}

static socklen_t unix_address(struct sockaddr_un *a, const char *name, int abstract) {
    *a = (struct sockaddr_un){.sun_family = AF_UNIX};
    snprintf(a->sun_path + abstract, sizeof a->sun_path - 1, "%s", name);
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name) + 1);
}

static int unix_path(void) {
    struct sockaddr_un a;
    socklen_t size = unix_address(&a, fact("stream"), 0);
    return send_token(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), &a, size, 1);
}

static int unix_abstract(void) {
    struct sockaddr_un a;
    socklen_t size = unix_address(&a, fact("abstract"), 1);
    return send_token(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), &a, size, 1);
}

/* Uses socketpair, so that no call of socket is made. */
static int from_pair(const char *name, int abstract) {
    struct sockaddr_un a;
    socklen_t size = unix_address(&a, name, abstract);
    int fds[2], error;
    if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds) < 0)
        return errno;
    error = send_token(fds[0], &a, size, 0);
    if (error)
        error = send_token(dup(fds[1]), &a, size, 1);
    close(fds[1]);
    return error;
}

static int pair_path(void) {
    return from_pair(fact("dgram"), 0);
}

static int pair_abstract(void) {
    return from_pair(fact("abstractdgram"), 1);
}

/* Occupies an abstract name, so that another program can't listen there. */
static int pair_name(void) {
    struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "\0attack"};
    int fds[2], error;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
        return errno;
    error = refused(bind(fds[0], (void *)&a, sizeof a));
    close(fds[0]);
    close(fds[1]);
    return error;
}

static int netlink(void) {
    struct {
        struct nlmsghdr head;
        struct ifinfomsg info;
    } ask = {{sizeof ask, RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, 1, 0}, {0}};
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), error;
    if (fd < 0)
        return errno;
    error = refused(send(fd, &ask, sizeof ask, 0));
    if (!error)
        error = show_fd(fd);
    close(fd);
    return error;
}

static int made(int fd) {
    if (fd < 0)
        return errno;
    close(fd);
    return 0;
}

static int vsock(void) {
    return made(socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static int packet(void) {
    return made(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0x300));
}

static int raw(void) {
    return made(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP));
}

static int alg(void) {
    return made(socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
}

/* A socket pair must work inside the sandbox too. */
static int pair(void) {
    char c = 0;
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
        return errno;
    return write(fds[0], "x", 1) == 1 && read(fds[1], &c, 1) == 1 && c == 'x' ? 0 : EIO;
}

const struct attack network_attacks[] = {
    {"tcp", tcp},
    {"mptcp", mptcp},
    {"udp", udp},
    {"fastopen", fastopen},
    {"bind", bind_tcp},
    {"unixpath", unix_path},
    {"unixabs", unix_abstract},
    {"pairpath", pair_path},
    {"pairabs", pair_abstract},
    {"pairname", pair_name},
    {"netlink", netlink},
    {"vsock", vsock},
    {"packet", packet},
    {"raw", raw},
    {"alg", alg},
    {"socketpair", pair},
    {NULL, NULL},
};
