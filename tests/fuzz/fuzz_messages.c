/*
 * Every decoder of a message. The first byte chooses the message, the rest is its bytes. What
 * decodes must encode, decode and encode again to the same bytes, and so must its copy.
 */
#include <stdlib.h>
#include <string.h>

#include <healthd/alert_event.h>
#include <healthd/finding.h>
#include <healthd/measurement.h>
#include <healthd/probe_result.h>
#include <healthd/snapshot.h>

#include "proto/order.h"
#include "proto/query.h"
#include "proto/render.h"
#include "proto/vitals.h"

/* Messages are appended, so that the corpus keeps its meaning. */
static const wire_schema_t *const schemas[] = {
    &probe_result_schema,   &probe_results_schema,
    &target_state_schema,   &critical_failure_schema,
    &snapshot_schema,       &alert_schema,
    &alert_event_schema,    &query_schema,
    &answer_schema,         &order_schema,
    &measurement_schema,    &measured_condition_schema,
    &measured_value_schema, &finding_schema,
    &evidence_schema,       &pause_change_schema,
    &pause_schema,          &vitals_schema,
    &vital_schema,          &connectivity_schema,
    &ping_schema,           &measured_heartbeat_schema,
};

static void require(int holds)
{
    if (!holds)
        abort();
}

static void check_copy(const wire_schema_t *schema, const void *msg,
                       const msgpack_sbuffer *expected)
{
    void *copy = calloc(1, schema->size);
    require(copy && !wire_copy(schema, msg, copy));
    msgpack_sbuffer again;
    msgpack_sbuffer_init(&again);
    require(!wire_encode(schema, copy, &again));
    require(again.size == expected->size && !memcmp(again.data, expected->data, again.size));
    msgpack_sbuffer_destroy(&again);
    wire_destroy(schema, &copy);
}

/* What outsiders get of a snapshot is well formed, whatever its details say they are. */
static void check_bodies(const snapshot_t *snapshot)
{
    msgpack_sbuffer out;
    msgpack_sbuffer_init(&out);
    require(!render_system(snapshot, 0, RENDER_MSGPACK, &out));
    require(wire_well_formed(out.data, out.size));
    out.size = 0;
    require(!render_system(snapshot, 1, RENDER_MSGPACK, &out));
    require(wire_well_formed(out.data, out.size));
    require(!render_system(snapshot, 1, RENDER_JSON, &out));
    msgpack_sbuffer_destroy(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    const wire_schema_t *schema = schemas[data[0] % (sizeof schemas / sizeof schemas[0])];
    wire_error_t error = {.message = ""};
    void *msg = NULL;
    if (wire_decode(schema, data + 1, size - 1, &msg, &error)) {
        require(!msg && error.message[0] && error.reason[0]);
        return 0;
    }
    require(wire_well_formed(data + 1, size - 1));
    msgpack_sbuffer once, twice;
    msgpack_sbuffer_init(&once);
    msgpack_sbuffer_init(&twice);
    void *back = NULL;
    require(!wire_encode(schema, msg, &once));
    require(!wire_decode(schema, once.data, once.size, &back, &error));
    require(!wire_encode(schema, back, &twice));
    require(once.size == twice.size && !memcmp(once.data, twice.data, once.size));
    check_copy(schema, msg, &once);
    if (schema == &snapshot_schema)
        check_bodies(msg);
    wire_destroy(schema, &msg);
    wire_destroy(schema, &back);
    msgpack_sbuffer_destroy(&once);
    msgpack_sbuffer_destroy(&twice);
    return 0;
}
