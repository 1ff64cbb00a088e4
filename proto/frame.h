/*
 * A message on an inproc socket: one frame with the message's name, on which a SUB can filter, and
 * one with the msgpack map. ROUTER and DEALER ends carry the peer's identity before them.
 */
#ifndef HEALTHD_PROTO_FRAME_H
#define HEALTHD_PROTO_FRAME_H

#include <czmq.h>

#include <healthd/wire.h>

/*
 * Encodes MSG (borrows) and sends it under its schema's name. IDENTITY (borrows) is the peer on a
 * ROUTER, or NULL. Never waits. Returns 0, or -1 where memory ran out, the message is longer than
 * WIRE_MAX_BYTES or the socket took nothing.
 */
int frame_send(zsock_t *socket, const wire_schema_t *schema, const void *msg, zframe_t *identity);

/* What frame_recv received; the frames are owned by it. */
typedef struct {
    zframe_t *identity; /* of the peer on a ROUTER, else NULL */
    char name[64];      /* of the message */
    zframe_t *payload;
} frame_t;

/*
 * Receives one message without waiting. On a ROUTER the identity is split off. Gives FRAME, to be
 * ended with frame_clear. Returns 1 with a message, 0 where none is waiting, -1 where what came is
 * no message of ours (it is then gone).
 */
int frame_recv(zsock_t *socket, frame_t *frame);

/* Decodes the payload as SCHEMA, which must be the one that the name frame says; as wire_decode. */
int frame_decode(const frame_t *frame, const wire_schema_t *schema, void **ret,
                 wire_error_t *reterr);

void frame_clear(frame_t *frame);

#endif
