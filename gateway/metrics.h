/*
 * The text that Prometheus reads (exposition format 0.0.4), from one table of names. Label values
 * come from the configuration and from closed lists, never from answers of targets.
 */
#ifndef HEALTHD_GATEWAY_METRICS_H
#define HEALTHD_GATEWAY_METRICS_H

#include <stdbool.h>
#include <stddef.h>

#include <healthd/alert_event.h>
#include <healthd/snapshot.h>

#include "core/config.h"
#include "core/text.h"
#include "gateway/process_stats.h"
#include "gateway/request_counts.h"
#include "gateway/vitals_book.h"

/* What the text is made from; a family whose part is NULL or empty is left out. */
typedef struct {
    const snapshot_t *snapshot; /* whole */
    const config_t *config;     /* of its targets; goes with the snapshot */
    const alert_t *alerts;      /* the active ones; may be NULL where there are none */
    size_t n_alerts;
    bool knows_alerts; /* that there are none is known too */
    const process_stats_t *process;
    const request_counts_t *requests;
    const vitals_book_t *vitals;
    bool shows_build;
    int64_t config_loaded_at_us; /* Unix time; 0: not known */
    bool is_config_refused;      /* a newer one was refused since */
} metrics_input_t;

/* Appends every family that INPUT has something for to OUT. */
void metrics_write(const metrics_input_t *input, text_t *out);

/* Appends a table of every family, for docs/metrics.md. */
void metrics_write_reference(text_t *out);

#endif
