#include "proto/render_measured.h"

#include "core/scalar.h"

/* Only what was reached stands there. */
static void put_phases(writer_t *writer, const measurement_t *measurement)
{
    const struct {
        const char *key;
        int64_t us;
    } phases[] = {
        {"resolve", measurement->resolve_us},   {"connect", measurement->connect_us},
        {"tls", measurement->tls_us},           {"first_byte", measurement->first_byte_us},
        {"transfer", measurement->transfer_us},
    };
    writer_begin_map_at(writer, "phases_ms", sizeof phases / sizeof phases[0]);
    for (size_t i = 0; i < sizeof phases / sizeof phases[0]; i++)
        if (phases[i].us != MEASURED_NONE)
            writer_put_us_as_ms(writer, phases[i].key, phases[i].us);
    writer->format->end_map(writer);
}

static void put_conditions(writer_t *writer, const measurement_t *measurement)
{
    writer_begin_list_at(writer, "conditions", measurement->n_conditions);
    for (size_t i = 0; i < measurement->n_conditions; i++) {
        const measured_condition_t *condition = &measurement->conditions[i];
        writer->format->begin_map(writer, 4);
        writer_put_text(writer, "condition", condition->text);
        writer_put_text(writer, "outcome", condition_outcome_name(condition->outcome));
        writer_put_text_or_null(writer, "actual", condition->actual);
        writer_put_boolean(writer, "degraded", condition->is_degraded);
        writer->format->end_map(writer);
    }
    writer->format->end_list(writer);
}

static void put_values(writer_t *writer, const measurement_t *measurement)
{
    writer_begin_map_at(writer, "values", measurement->n_values);
    for (size_t i = 0; i < measurement->n_values; i++) {
        char number[SCALAR_NUMBER_TEXT_BYTES];
        scalar_number_text(measurement->values[i].number, number);
        writer_put_json(writer, measurement->values[i].name, number);
    }
    writer->format->end_map(writer);
}

static void put_integer_if(writer_t *writer, const char *key, int64_t value)
{
    if (value != MEASURED_NONE)
        writer_put_integer(writer, key, value);
}

static void put_text_if(writer_t *writer, const char *key, const char *text)
{
    if (text)
        writer_put_text(writer, key, text);
}

void render_measured(writer_t *writer, const measurement_t *measurement)
{
    writer_begin_map_at(writer, "measured", 0);
    put_text_if(writer, "ip", measurement->ip);
    put_integer_if(writer, "http_code", measurement->http_code);
    put_text_if(writer, "http_version", measurement->http_version);
    put_text_if(writer, "tls_version", measurement->tls_version);
    put_integer_if(writer, "redirects", measurement->n_redirects);
    put_integer_if(writer, "content_length_bytes", measurement->content_length_bytes);
    for (size_t i = 0; i < measurement->n_numbers; i++)
        writer_put_integer(writer, measured_kind_name(measurement->numbers[i].kind),
                           measurement->numbers[i].value);
    writer_put_boolean(writer, "reused_connection", measurement->was_reused);
    put_phases(writer, measurement);
    if (measurement->cert_expires_at_us > 0) {
        writer_begin_map_at(writer, "certificate", 2);
        writer_put_timestamp(writer, "expires_at", measurement->cert_expires_at_us);
        writer_put_timestamp_or_null(writer, "leaf_expires_at",
                                     measurement->cert_leaf_expires_at_us);
        writer->format->end_map(writer);
    }
    put_conditions(writer, measurement);
    if (measurement->n_values > 0)
        put_values(writer, measurement);
    writer->format->end_map(writer);
}
