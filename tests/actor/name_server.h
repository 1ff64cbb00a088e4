/*
 * A name server on an actor's own loop, for tests of what looks names up:
 *   good.test    127.0.0.9
 *   two.test     127.0.0.9 and 127.0.0.1, in this order
 *   dual.test    127.0.0.9 and ::1
 *   half.test    127.0.0.9; no answer about IPv6
 *   broken.test  SERVFAIL
 *   silent.test  no answer
 *   any other    NXDOMAIN
 */
#ifndef HEALTHD_TESTS_ACTOR_NAME_SERVER_H
#define HEALTHD_TESTS_ACTOR_NAME_SERVER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "actors/io/resolve.h"
#include "tests/test.h"

enum {
    NAME_SERVER_QUESTION_BYTES = 512,
    NAME_SERVER_HEADER_BYTES = 12,
    NAME_SERVER_TYPE_A = 1,
    NAME_SERVER_TYPE_AAAA = 28
};

typedef struct {
    char file[32]; /* that names it */
    int fd;
    epoll_source_t *source;
    unsigned n_questions; /* for addresses of IPv4 */
} name_server_t;

/* Bytes of the question's name at BYTES, its end included; its text is given in NAME. */
static inline size_t name_server_read_name(const uint8_t *bytes, char name[256])
{
    size_t at = 0;
    size_t n = 0;
    while (bytes[at]) {
        if (n)
            name[n++] = '.';
        memcpy(name + n, bytes + at + 1, bytes[at]);
        n += bytes[at];
        at += bytes[at] + 1u;
    }
    name[n] = '\0';
    return at + 1;
}

/* Appends the record of the address 127.0.0.LAST at END; gives the new end. */
static inline size_t name_server_put_address(uint8_t *bytes, size_t end, uint8_t last)
{
    const uint8_t record[] = {
        0xC0, NAME_SERVER_HEADER_BYTES, 0, NAME_SERVER_TYPE_A, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0,
        last};
    bytes[7]++; /* answers */
    memcpy(bytes + end, record, sizeof record);
    return end + sizeof record;
}

/* The same of the address ::1. */
static inline size_t name_server_put_loopback_v6(uint8_t *bytes, size_t end)
{
    const uint8_t record[] = {0xC0, NAME_SERVER_HEADER_BYTES,
                              0,    NAME_SERVER_TYPE_AAAA,
                              0,    1,
                              0,    0,
                              0,    60,
                              0,    16,
                              0,    0,
                              0,    0,
                              0,    0,
                              0,    0,
                              0,    0,
                              0,    0,
                              0,    0,
                              0,    1};
    bytes[7]++; /* answers */
    memcpy(bytes + end, record, sizeof record);
    return end + sizeof record;
}

static inline void name_server_on_question(void *context, uint32_t events)
{
    (void)events;
    name_server_t *server = context;
    uint8_t bytes[NAME_SERVER_QUESTION_BYTES + 64];
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    ssize_t n = recvfrom(server->fd, bytes, NAME_SERVER_QUESTION_BYTES, MSG_DONTWAIT,
                         (struct sockaddr *)&from, &size);
    if (n <= NAME_SERVER_HEADER_BYTES)
        return;
    char name[256];
    size_t end = NAME_SERVER_HEADER_BYTES +
                 name_server_read_name(bytes + NAME_SERVER_HEADER_BYTES, name) + 4;
    bool is_v4 = bytes[end - 3] == NAME_SERVER_TYPE_A;
    server->n_questions += is_v4;
    bool is_half = strcmp(name, "half.test") == 0;
    if (strcmp(name, "silent.test") == 0 || (is_half && !is_v4))
        return;
    bool has_two = strcmp(name, "two.test") == 0;
    bool is_dual = strcmp(name, "dual.test") == 0;
    bool is_good = has_two || is_half || is_dual || strcmp(name, "good.test") == 0;
    bool is_broken = strcmp(name, "broken.test") == 0;
    bytes[2] = 0x84; /* an answer, authoritative */
    bytes[3] = is_good ? 0 : is_broken ? 2 : 3;
    memset(bytes + 6, 0, 6);
    if (is_good && is_v4)
        end = name_server_put_address(bytes, end, 9);
    if (has_two && is_v4)
        end = name_server_put_address(bytes, end, 1);
    if (is_dual && !is_v4)
        end = name_server_put_loopback_v6(bytes, end);
    assert_int_equal(sendto(server->fd, bytes, end, 0, (struct sockaddr *)&from, size), end);
}

/* Writes TEXT into the file of name servers; a new one takes its place, as with a network manager.
 */
static inline void name_server_write_file(name_server_t *server, const char *text)
{
    char fresh[] = "/tmp/healthd_names_XXXXXX";
    int fd = mkstemp(fresh);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    if (!server->file[0])
        (void)snprintf(server->file, sizeof server->file, "%s", fresh);
    else
        assert_int_equal(rename(fresh, server->file), 0);
}

/* Answers what RESOLVE asks. */
static inline void name_server_begin(name_server_t *server, actor_t *actor, resolve_t *resolve)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    *server = (name_server_t){.fd = socket(AF_INET, SOCK_DGRAM, 0)};
    assert_true(server->fd >= 0);
    assert_int_equal(bind(server->fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(server->fd, (struct sockaddr *)&address, &size), 0);
    server->source =
        epoll_add(actor_epoll(actor), server->fd, EPOLLIN, name_server_on_question, server);
    assert_non_null(server->source);
    name_server_write_file(server, "nameserver 127.0.0.1\n");
    assert_int_equal(resolve_use_file(resolve, server->file, ntohs(address.sin_port)), 0);
}

static inline void name_server_end(name_server_t *server)
{
    epoll_remove(&server->source);
    close(server->fd);
    (void)unlink(server->file);
}

#endif
