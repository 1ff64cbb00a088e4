/* The bodies of a snapshot: system and metrics. Those of alerts are in render_alerts.c. */
#include "proto/render.h"

#include <math.h>

#include "proto/writer.h"

/* What a body that is too long leaves out; each step leaves out what those before it did. */
typedef enum { LEAVE_OUT_NOTHING, LEAVE_OUT_DETAILS, LEAVE_OUT_OK_ENTRIES } leave_out_t;

/* Beyond it (30,000 years) a number is no latency. */
#define LATENCY_MAX_MS 1e15

/* The two groups of targets, in the order and under the keys that bodies show. */
static const struct {
    target_kind_t kind;
    const char *list_key;  /* of the names by status */
    const char *entry_key; /* inside `snapshot` */
} groups[] = {
    {KIND_SERVICE, "services", "services"},
    {KIND_INFRASTRUCTURE, "infrastructure", "infra"},
};
#define GROUP_COUNT (sizeof groups / sizeof groups[0])

static const struct {
    status_t status;
    const char *key;
} lists[] = {{STATUS_OK, "ok"}, {STATUS_DEGRADED, "degraded"}, {STATUS_DOWN, "down"}};
#define LIST_COUNT (sizeof lists / sizeof lists[0])

typedef struct {
    size_t of[KIND_COUNT][STATUS_COUNT];
} tally_t;

static tally_t tally(const snapshot_t *snapshot)
{
    tally_t n = {{{0}}};
    for (size_t i = 0; i < snapshot->n_targets; i++)
        n.of[snapshot->targets[i].kind][snapshot->targets[i].status]++;
    return n;
}

snapshot_counts_t snapshot_counts(const snapshot_t *snapshot)
{
    tally_t n = tally(snapshot);
    const size_t *services = n.of[KIND_SERVICE];
    const size_t *infra = n.of[KIND_INFRASTRUCTURE];
    return (snapshot_counts_t){
        .total_services = (unsigned)(services[STATUS_OK] + services[STATUS_DEGRADED] +
                                     services[STATUS_DOWN] + services[STATUS_UNKNOWN]),
        .services_ok = (unsigned)services[STATUS_OK],
        .services_degraded = (unsigned)services[STATUS_DEGRADED],
        .services_down = (unsigned)services[STATUS_DOWN],
        .infra_ok = (unsigned)infra[STATUS_OK],
        .infra_degraded = (unsigned)infra[STATUS_DEGRADED],
        .infra_down = (unsigned)infra[STATUS_DOWN],
    };
}

/* Milliseconds rounded to 2 decimals, or null. */
static void put_ms(writer_t *writer, const char *key, double ms)
{
    writer->format->key(writer, key);
    if (ms >= 0 && ms < LATENCY_MAX_MS)
        writer->format->hundredths(writer, llround(ms * 100));
    else
        writer->format->nil(writer);
}

static void put_performance(writer_t *writer, const snapshot_t *snapshot)
{
    put_ms(writer, "avg_service_latency_ms", snapshot->avg_service_latency_ms);
    put_ms(writer, "max_service_latency_ms", snapshot->max_service_latency_ms);
}

static void put_names(writer_t *writer, const snapshot_t *snapshot, int kind, int status)
{
    for (size_t i = 0; i < snapshot->n_targets; i++)
        if (snapshot->targets[i].kind == kind && snapshot->targets[i].status == status)
            writer->format->text(writer, snapshot->targets[i].name);
}

static void put_lists(writer_t *writer, const snapshot_t *snapshot, const tally_t *n)
{
    for (size_t group = 0; group < GROUP_COUNT; group++) {
        target_kind_t kind = groups[group].kind;
        writer_begin_map_at(writer, groups[group].list_key, LIST_COUNT);
        for (size_t list = 0; list < LIST_COUNT; list++) {
            writer_begin_list_at(writer, lists[list].key, n->of[kind][lists[list].status]);
            put_names(writer, snapshot, (int)kind, (int)lists[list].status);
            writer->format->end_list(writer);
        }
        writer->format->end_map(writer);
    }
}

static void put_critical_failures(writer_t *writer, const snapshot_t *snapshot)
{
    writer_begin_list_at(writer, "critical_failures", snapshot->n_critical_failures);
    for (size_t i = 0; i < snapshot->n_critical_failures; i++)
        writer->format->text(writer, snapshot->critical_failures[i].text);
    writer->format->end_list(writer);
}

/* One target of `snapshot`. An UNKNOWN one shows nothing of the result that went stale, a paused
 * one what its pause says. */
static void put_entry(writer_t *writer, const target_state_t *target, leave_out_t leave_out)
{
    bool is_known = target->status != STATUS_UNKNOWN;
    bool is_service = target->kind == KIND_SERVICE;
    bool has_details = is_known && is_service && target->details && leave_out == LEAVE_OUT_NOTHING;
    bool has_error = (is_known || target->pause) && target->error;
    bool has_reason = target->reason != REASON_NONE;
    bool has_labels = target->labels != NULL;
    bool has_critical = is_service || !target->is_critical; /* contract: infrastructure is */
    writer_begin_map_at(writer, target->name,
                        2u + has_details + has_error + has_critical + has_reason +
                            target->is_flapping + has_labels);
    writer_put_text(writer, "status", status_name(target->status));
    writer_put_us_as_ms(writer, "latency_ms", is_known ? target->latency_us : LATENCY_NONE);
    if (has_details)
        writer_put_json(writer, "details", target->details);
    if (has_error)
        writer_put_text(writer, "error", target->error);
    if (has_critical)
        writer_put_boolean(writer, "critical", target->is_critical);
    if (has_reason)
        writer_put_text(writer, "reason", reason_name(target->reason));
    if (target->is_flapping)
        writer_put_boolean(writer, "flapping", true);
    if (has_labels)
        writer_put_json(writer, "labels", target->labels);
    writer->format->end_map(writer);
}

static void put_entries(writer_t *writer, const snapshot_t *snapshot, const tally_t *n,
                        leave_out_t leave_out)
{
    bool leaves_ok = leave_out == LEAVE_OUT_OK_ENTRIES;
    writer_begin_map_at(writer, "snapshot", 1 + GROUP_COUNT);
    writer_put_timestamp(writer, "timestamp", snapshot->taken_at_us);
    for (size_t group = 0; group < GROUP_COUNT; group++) {
        target_kind_t kind = groups[group].kind;
        const size_t *of = n->of[kind];
        size_t count = of[STATUS_DEGRADED] + of[STATUS_DOWN] + of[STATUS_UNKNOWN];
        writer_begin_map_at(writer, groups[group].entry_key,
                            leaves_ok ? count : count + of[STATUS_OK]);
        for (size_t i = 0; i < snapshot->n_targets; i++) {
            const target_state_t *target = &snapshot->targets[i];
            bool is_left_out = leaves_ok && target->status == STATUS_OK;
            if (target->kind == (int)kind && !is_left_out)
                put_entry(writer, target, leave_out);
        }
        writer->format->end_map(writer);
    }
    writer->format->end_map(writer);
}

static void put_system(writer_t *writer, const snapshot_t *snapshot, leave_out_t leave_out)
{
    tally_t n = tally(snapshot);
    bool is_truncated = leave_out != LEAVE_OUT_NOTHING;
    writer->format->begin_map(writer, 8u + is_truncated);
    writer_put_text(writer, "status", system_status_name(snapshot->status));
    writer_put_timestamp(writer, "timestamp", snapshot->taken_at_us);
    put_lists(writer, snapshot, &n);
    put_critical_failures(writer, snapshot);
    writer_begin_map_at(writer, "performance", 2);
    put_performance(writer, snapshot);
    writer->format->end_map(writer);
    put_entries(writer, snapshot, &n, leave_out);
    writer_put_integer(writer, "version", (int64_t)snapshot->version);
    if (is_truncated)
        writer_put_boolean(writer, "truncated", true);
    writer->format->end_map(writer);
}

int render_system(const snapshot_t *snapshot, size_t max_bytes, render_format_t format,
                  msgpack_sbuffer *out)
{
    writer_state_t state = WRITER_FULL;
    for (int step = LEAVE_OUT_NOTHING; state == WRITER_FULL && step <= LEAVE_OUT_OK_ENTRIES;
         step++) {
        /* After the last step there is nothing left to leave out: that body goes as it is. */
        size_t limit_bytes = step == LEAVE_OUT_OK_ENTRIES ? 0 : max_bytes;
        writer_t writer;
        writer_init(&writer, format, limit_bytes, out);
        put_system(&writer, snapshot, (leave_out_t)step);
        state = writer_finish(&writer);
    }
    return state == WRITER_FINE ? 0 : -1;
}

int render_metrics(const snapshot_t *snapshot, const alert_t *alerts, size_t n_alerts,
                   render_format_t format, msgpack_sbuffer *out)
{
    snapshot_counts_t counts = snapshot_counts(snapshot);
    int64_t n[SEVERITY_COUNT] = {0};
    for (size_t i = 0; i < n_alerts; i++)
        n[alerts[i].level]++;

    writer_t writer;
    writer_init(&writer, format, 0, out);
    writer.format->begin_map(&writer, 4);
    writer_put_timestamp(&writer, "timestamp", snapshot->taken_at_us);
    writer_begin_map_at(&writer, "counters", 7);
    writer_put_integer(&writer, "total_services", counts.total_services);
    writer_put_integer(&writer, "services_ok", counts.services_ok);
    writer_put_integer(&writer, "services_degraded", counts.services_degraded);
    writer_put_integer(&writer, "services_down", counts.services_down);
    writer_put_integer(&writer, "infra_ok", counts.infra_ok);
    writer_put_integer(&writer, "infra_degraded", counts.infra_degraded);
    writer_put_integer(&writer, "infra_down", counts.infra_down);
    writer.format->end_map(&writer);
    writer_begin_map_at(&writer, "gauges", 3);
    writer_put_integer(&writer, "system_status_code", snapshot->status);
    put_performance(&writer, snapshot);
    writer.format->end_map(&writer);
    writer_begin_map_at(&writer, "alerts", 3);
    writer_put_integer(&writer, "active_count", (int64_t)n_alerts);
    writer_put_integer(&writer, "critical_count", n[SEVERITY_CRITICAL]);
    writer_put_integer(&writer, "warning_count", n[SEVERITY_WARNING]);
    writer.format->end_map(&writer);
    writer.format->end_map(&writer);
    return writer_finish(&writer) == WRITER_FINE ? 0 : -1;
}
