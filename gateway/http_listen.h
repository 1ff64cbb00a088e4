/* The socket that REST listens on, made by us for the sake of its error texts. */
#ifndef HEALTHD_GATEWAY_HTTP_LISTEN_H
#define HEALTHD_GATEWAY_HTTP_LISTEN_H

#include <stdbool.h>

/*
 * Listens on ADDRESS ("address:port", "[::1]:port"; "[::]" takes IPv4 too). Gives the descriptor,
 * which the caller closes; -1 with *RET_REASON, a text that needs no freeing.
 */
int http_listen(const char *address, const char **ret_reason);

/* Whether ADDRESS can be reached from this machine alone. */
bool http_listen_is_loopback(const char *address);

#endif
