/* The secrets of a WebSocket client (RFC 6455): keys of requests and masks of frames. */
#ifndef HEALTHD_ACTORS_IO_WEBSOCKET_KEY_H
#define HEALTHD_ACTORS_IO_WEBSOCKET_KEY_H

#include "core/websocket.h"

/* A new key of 16 random bytes, and what a server must make of it (section 4.2.2). 0, or -1: there
 * is no randomness. */
int websocket_key_new(char ret_key[WEBSOCKET_KEY_BYTES], char ret_accept[WEBSOCKET_ACCEPT_BYTES]);

/* What a server makes of KEY. 0, or -1 where memory ran out. */
int websocket_key_accept(const char *key, char ret_accept[WEBSOCKET_ACCEPT_BYTES]);

/* A new mask. 0, or -1 likewise. */
int websocket_key_mask(unsigned char ret_mask[4]);

#endif
