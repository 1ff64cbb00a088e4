/* One observation of one target, as a collector or the event bus reports it to the aggregator. */
#ifndef HEALTHD_PROBE_RESULT_H
#define HEALTHD_PROBE_RESULT_H

#include <healthd/measurement.h>
#include <healthd/pause.h>
#include <healthd/status.h>
#include <healthd/wire.h>

/* A latency that was not measured. */
#define LATENCY_NONE ((int64_t)-1)
/* Bytes of a target's body as JSON text, at most: 256 KiB of bytes that are no UTF-8 triple. */
#define DETAILS_MAX_BYTES ((size_t)1 << 20)
/* Bytes of an error text, at most. */
#define ERROR_MAX_BYTES 512
/* Bytes of what is kept of a failed check as JSON text, at most. */
#define EVIDENCE_MAX_BYTES ((size_t)32 << 10)
/* Bytes of the id of a stream entry, at most. */
#define ENTRY_ID_MAX_BYTES 64

typedef struct {
    char *target;           /* its name */
    int status;             /* status_t: OK, DEGRADED or DOWN */
    int reason;             /* reason_t: why it is not OK */
    int64_t finished_at_us; /* Unix time, UTC */
    int64_t latency_us;     /* LATENCY_NONE where the check got no answer */
    char *error;            /* text for people, or NULL */
    char *details;          /* valid JSON text of any type, or NULL */
    char *entry_id;    /* emergency stop: the stream entry that made or cleared it; else NULL */
    bool is_clear;     /* emergency stop: an operator cleared the trip of entry_id */
    uint64_t order_id; /* newest order (proto/order.h) that it answers; 0: none */
    measurement_t *measurement; /* or NULL */
    char *evidence;             /* where it is not OK: JSON object of what came back, or NULL */
    bool is_dry_run;         /* of an order whose result is told to who asked, and to nobody else */
    int64_t started_mono_us; /* when the check began, monotonic, of this process; 0: not told */
} probe_result_t;

WIRE_MESSAGE(probe_result)

/* The results of one turn of a collector's loop; of the alert manager also pauses. */
typedef struct {
    probe_result_t *results;
    size_t n_results;
    pause_change_t *pauses;
    size_t n_pauses;
} probe_results_t;

WIRE_MESSAGE(probe_results)

#endif
