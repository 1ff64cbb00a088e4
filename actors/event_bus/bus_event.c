#include "actors/event_bus/bus_event.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "core/uuid.h"
#include "proto/render.h"

/* Moves the text in BUFFER to BODY unless RC says that it is not whole; ends BUFFER. 0, or -1. */
static int take_body(int rc, msgpack_sbuffer *buffer, char **body)
{
    if (rc == 0 && msgpack_sbuffer_write(buffer, "", 1) == 0)
        *body = msgpack_sbuffer_release(buffer);
    msgpack_sbuffer_destroy(buffer);
    return *body ? 0 : -1;
}

/* Gives the row its type and its id, made of ID. 0, or -1 where memory ran out: it is then
 * cleared. */
static int name_row(outbound_t *row, const char *event_type, const uint8_t id[UUID_RANDOM_BYTES])
{
    char correlation_id[UUID_TEXT_BYTES];
    uuid_v4(id, correlation_id);
    row->event_type = strdup(event_type);
    row->correlation_id = strdup(correlation_id);
    if (row->event_type && row->correlation_id)
        return 0;
    outbound_clear(row);
    return -1;
}

int bus_event_of_snapshot(const snapshot_t *whole, outbound_t *ret)
{
    outbound_t row = {.event_time_us = whole->taken_at_us};
    msgpack_sbuffer buffer;
    msgpack_sbuffer_init(&buffer);
    uint8_t random[UUID_RANDOM_BYTES];
    ssize_t n = getrandom(random, sizeof random, 0);
    assert(n == sizeof random); /* whole below 256 bytes, getrandom(2) */
    int rc = render_system(whole, RENDER_MAX_PAYLOAD_BYTES, RENDER_JSON, &buffer);
    if (take_body(rc, &buffer, &row.body) || name_row(&row, "health.snapshot_updated", random))
        return -1;
    *ret = row;
    return 0;
}

int bus_event_of_alert(const alert_event_t *event, outbound_t *ret)
{
    bool is_end = event->kind == ALERT_RESOLVED;
    const char *event_type = is_end ? "health.alert_resolved" : "health.alert_raised";
    uint8_t id[UUID_RANDOM_BYTES];
    uuid_bytes_of(event_type, event->alert->alert_id, id);
    outbound_t row = {.event_time_us = event->at_us, .is_alert = true};
    msgpack_sbuffer buffer;
    msgpack_sbuffer_init(&buffer);
    int rc = render_alert(event->alert, is_end, event->is_durable, RENDER_JSON, &buffer);
    if (take_body(rc, &buffer, &row.body) || name_row(&row, event_type, id))
        return -1;
    *ret = row;
    return 0;
}
