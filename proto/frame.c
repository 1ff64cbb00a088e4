#include "proto/frame.h"

#include "core/cleanup.h"

/* Sends one frame; never waits. */
static int send_part(zsock_t *socket, const void *bytes, size_t len, int flags)
{
    zframe_t *part = zframe_new(bytes, len);
    if (!part)
        return -1;
    int rc = zframe_send(&part, socket, flags | ZFRAME_DONTWAIT);
    zframe_destroy(&part); /* NULL once it was sent */
    return rc;
}

int frame_send(zsock_t *socket, const wire_schema_t *schema, const void *msg, zframe_t *identity)
{
    CLEANUP(msgpack_sbuffer_destroy) msgpack_sbuffer payload;
    msgpack_sbuffer_init(&payload);
    if (wire_encode(schema, msg, &payload) || payload.size > WIRE_MAX_BYTES)
        return -1;
    /* Inproc takes a message whole or not at all, so only the first frame can be refused. */
    if (identity && zframe_send(&identity, socket, ZFRAME_MORE | ZFRAME_REUSE | ZFRAME_DONTWAIT))
        return -1;
    if (send_part(socket, schema->name, strlen(schema->name), ZFRAME_MORE))
        return -1;
    return send_part(socket, payload.data, payload.size, 0);
}

/* Takes the frames of MESSAGE into FRAME; -1 where they are not a name and a payload. */
static int split(zmsg_t *message, bool has_identity, frame_t *frame)
{
    if (zmsg_size(message) != (has_identity ? 3 : 2))
        return -1;
    if (has_identity)
        frame->identity = zmsg_pop(message);
    zframe_t *name = zmsg_first(message);
    size_t length = zframe_size(name);
    if (!length || length >= sizeof frame->name || memchr(zframe_data(name), '\0', length))
        return -1;
    memcpy(frame->name, zframe_data(name), length);
    frame->name[length] = '\0';
    if (zframe_size(zmsg_last(message)) > WIRE_MAX_BYTES)
        return -1;
    zmsg_remove(message, name);
    zframe_destroy(&name);
    frame->payload = zmsg_pop(message);
    return 0;
}

int frame_recv(zsock_t *socket, frame_t *frame)
{
    *frame = (frame_t){.name = ""};
    if (!(zsock_events(socket) & ZMQ_POLLIN))
        return 0;
    CLEANUP(zmsg_destroy) zmsg_t *message = zmsg_recv(socket);
    if (!message)
        return 0;
    if (split(message, zsock_type(socket) == ZMQ_ROUTER, frame)) {
        frame_clear(frame);
        return -1;
    }
    return 1;
}

int frame_decode(const frame_t *frame, const wire_schema_t *schema, void **ret,
                 wire_error_t *reterr)
{
    if (!strcmp(frame->name, schema->name))
        return wire_decode(schema, zframe_data(frame->payload), zframe_size(frame->payload), ret,
                           reterr);
    *reterr = (wire_error_t){.reason = "another message came"};
    (void)snprintf(reterr->message, sizeof reterr->message, "%s", schema->name);
    return -1;
}

void frame_clear(frame_t *frame)
{
    zframe_destroy(&frame->identity);
    zframe_destroy(&frame->payload);
    frame->name[0] = '\0';
}
