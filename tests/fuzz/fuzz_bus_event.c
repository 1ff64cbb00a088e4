/*
 * An entry of the emergency stop's streams. The first byte chooses stream and form, the rest is the
 * payload or, cut at NULs, names and values. Invariant: what is understood has data that is JSON of
 * an object, and reads the same when it comes again as a payload.
 */
#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include <healthd/probe_result.h>

#include "core/trip.h"

enum { FIELDS_MAX = 16 };

/* Cuts BYTES at NULs into pairs. Gives how many. */
static size_t cut(const char *bytes, size_t n, trip_field_t *fields)
{
    size_t n_texts = 0;
    for (size_t at = 0; at < n && n_texts < 2 * (size_t)FIELDS_MAX; n_texts++) {
        const char *end = memchr(bytes + at, 0, n - at);
        size_t size = end ? (size_t)(end - bytes) - at : n - at;
        trip_field_t *field = &fields[n_texts / 2];
        if (n_texts % 2 == 0)
            *field = (trip_field_t){.name = bytes + at, .name_bytes = size, .value = ""};
        else {
            field->value = bytes + at;
            field->value_bytes = size;
        }
        at += size + 1;
    }
    return (n_texts + 1) / 2;
}

static void check(const trip_event_t *event)
{
    size_t n = strlen(event->data);
    assert(n <= DETAILS_MAX_BYTES);
    json_t *json = json_loadb(event->data, n, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, NULL);
    assert(json_is_object(json));
    json_decref(json);
    assert((event->effect == TRIP_TRIPS) == (event->reason != NULL));
    assert(!event->reason || strlen(event->reason) <= TRIP_REASON_MAX_BYTES);
}

static void check_again(const trip_event_t *event)
{
    trip_field_t field = {"payload", strlen("payload"), event->data, strlen(event->data)};
    trip_event_t again = {0};
    trip_error_t error;
    if (field.value_bytes > TRIP_PAYLOAD_MAX_BYTES)
        return;
    int rc = trip_event_parse(event->type, &field, 1, &again, &error);
    assert(rc == 0);
    assert(again.effect == event->effect);
    assert(strcmp(again.data, event->data) == 0);
    trip_event_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    trip_event_type_t type = (trip_event_type_t)(data[0] % TRIP_EVENT_TYPE_COUNT);
    const char *rest = (const char *)data + 1;
    trip_field_t fields[FIELDS_MAX] = {
        {"payload", strlen("payload"), rest, size - 1},
    };
    size_t n_fields = data[0] & 0x80 ? cut(rest, size - 1, fields) : 1;
    trip_event_t event = {0};
    trip_error_t error;
    if (trip_event_parse(type, fields, n_fields, &event, &error))
        return 0;
    check(&event);
    check_again(&event);
    trip_t trip = {0};
    assert(trip_apply_event(&trip, (entry_id_t){5, 1}, &event) ==
           (event.effect != TRIP_CHANGES_NOTHING));
    trip_clear(&trip);
    trip_event_clear(&event);
    return 0;
}
