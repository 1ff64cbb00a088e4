/*
 * What readers outside see of snapshots and alerts (REST bodies, stream payloads, PUB maps): one
 * walk over the structs with two writers, so that JSON and msgpack can never say different things.
 */
#ifndef HEALTHD_PROTO_RENDER_H
#define HEALTHD_PROTO_RENDER_H

#include <msgpack.h>

#include <healthd/alert_event.h>
#include <healthd/snapshot.h>

typedef enum { RENDER_JSON, RENDER_MSGPACK } render_format_t;

/* A payload above this many bytes is made smaller, step by step (contract of streams and PUB). */
#define RENDER_MAX_PAYLOAD_BYTES ((size_t)1 << 20)

/*
 * The body of GET /health/system from SNAPSHOT (borrows; is_whole), appended to OUT. Its `version`
 * grows while the process runs, so that a SUB client sees order and restarts. Where
 * MAX_BYTES is not 0 and the body would be longer, it leaves out `details`, then the OK entries of
 * `snapshot`, and says "truncated":true. Returns 0, or -1 where memory ran out.
 */
int render_system(const snapshot_t *snapshot, size_t max_bytes, render_format_t format,
                  msgpack_sbuffer *out);

/* Counts of the targets of a whole snapshot, as GET /health/metrics shows them. */
typedef struct {
    unsigned total_services;
    unsigned services_ok, services_degraded, services_down;
    unsigned infra_ok, infra_degraded, infra_down;
} snapshot_counts_t;

snapshot_counts_t snapshot_counts(const snapshot_t *snapshot);

/* The body of GET /health/metrics once there is a result. ALERTS are the active ones. */
int render_metrics(const snapshot_t *snapshot, const alert_t *alerts, size_t n_alerts,
                   render_format_t format, msgpack_sbuffer *out);

/*
 * One alert as outsiders see it; with resolved_at and resolution added where WITH_END. Where
 * DURABLE is false, "durable":false is added: the disk refused the event.
 */
int render_alert(const alert_t *alert, bool with_end, bool is_durable, render_format_t format,
                 msgpack_sbuffer *out);

/*
 * {"alerts":[...],"count":N}, and "limit":LIMIT where LIMIT is not 0. Ended alerts of the list
 * carry resolved_at and resolution.
 */
int render_alerts(const alert_t *alerts, size_t n_alerts, int64_t limit, render_format_t format,
                  msgpack_sbuffer *out);

/* The answer to an order to probe: RESULT (borrows) as one JSON object; NULL members are null, but
 * `measured` is left out. */
int render_probe_result(const probe_result_t *result, msgpack_sbuffer *out);

/* {"outcome":"paused",...}: the answer to a pause of TARGET. */
int render_pause(const char *target, const pause_t *pause, render_format_t format,
                 msgpack_sbuffer *out);

/* Appends TEXT (n bytes of UTF-8, borrows) as a JSON string with its quotes. 0, or -1: memory. */
int render_json_string(const char *text, size_t n, msgpack_sbuffer *out);

#endif
