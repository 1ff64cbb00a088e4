#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/config_build_parts.h"

static const config_value_t *value_at(const config_build_t *build, schema_section_t section,
                                      size_t key)
{
    return &build->sections[section].values[key];
}

/* Copies the first text of a key to *RET; 0 also where it has none, -1: out of memory. */
static int copy_text(const config_build_t *build, schema_section_t section, size_t key, char **ret)
{
    const config_value_t *value = value_at(build, section, key);
    if (value->n_texts == 0)
        return 0;
    *ret = strdup(value->texts[0]);
    return *ret ? 0 : -1;
}

/* Copies the texts of VALUE. 0, or -1 with what was copied given all the same. */
static int copy_list(const config_value_t *value, char ***ret, size_t *ret_n)
{
    *ret = calloc(value->n_texts + 1, sizeof(char *));
    for (size_t i = 0; *ret && i < value->n_texts; i++) {
        (*ret)[i] = strdup(value->texts[i]);
        if (!(*ret)[i])
            return -1;
        (*ret_n)++;
    }
    return *ret ? 0 : -1;
}

static int copy_lists(const config_build_t *build, config_t *config)
{
    return copy_list(value_at(build, SECTION_PUBLISH, PUBLISH_ENDPOINTS), &config->publish,
                     &config->n_publish) ||
                   copy_list(value_at(build, SECTION_GATEWAY, GATEWAY_METRIC_LABELS),
                             &config->metric_labels, &config->n_metric_labels)
               ? -1
               : 0;
}

static int copy_texts(const config_build_t *build, config_t *config)
{
    const struct {
        schema_section_t section;
        size_t key;
        char **ret;
    } rows[] = {
        {SECTION_INSTANCE, INSTANCE_NAME, &config->instance_name},
        {SECTION_INSTANCE, INSTANCE_STATE_DIR, &config->state_dir},
        {SECTION_BUS, BUS_URL, &config->redis_url},
        {SECTION_BUS, BUS_STREAM_PREFIX, &config->bus_stream_prefix},
        {SECTION_BUS, BUS_GROUP_PREFIX, &config->bus_group_prefix},
        {SECTION_BUS, BUS_SERVICE_NAME, &config->bus_service_name},
        {SECTION_GATEWAY, GATEWAY_LISTEN, &config->listen},
        {SECTION_GATEWAY, GATEWAY_TOKEN, &config->token},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (copy_text(build, rows[i].section, rows[i].key, rows[i].ret))
            return -1;
    }
    return copy_lists(build, config);
}

static double latency_of(const config_build_t *build, size_t key)
{
    const config_value_t *value = value_at(build, SECTION_SYSTEM, key);
    return value->node ? (double)value->integer : (double)NAN;
}

static flap_settings_t flap_of(const config_build_t *build)
{
    const config_value_t *flap = build->sections[SECTION_FLAP_DETECTION].values;
    return (flap_settings_t){
        .window = flap[FLAP_ENABLED].integer ? (uint32_t)flap[FLAP_WINDOW].integer : 0,
        .high = flap[FLAP_HIGH].real,
        .low = flap[FLAP_LOW].real,
    };
}

static void copy_numbers(const config_build_t *build, config_t *config)
{
    const config_value_t *system = build->sections[SECTION_SYSTEM].values;
    const config_value_t *bus = build->sections[SECTION_BUS].values;
    const config_value_t *gateway = build->sections[SECTION_GATEWAY].values;
    const config_value_t *publish = build->sections[SECTION_PUBLISH].values;
    const config_value_t *logging = build->sections[SECTION_LOGGING].values;
    config->check_interval_ms = (uint32_t)build->defaults[0].values[TARGET_CHECK_INTERVAL].integer;
    config->latency_degraded_ms = latency_of(build, SYSTEM_LATENCY_DEGRADED);
    config->latency_critical_ms = latency_of(build, SYSTEM_LATENCY_CRITICAL);
    const config_value_t *probing = build->sections[SECTION_PROBING].values;
    config->max_in_flight = (uint32_t)probing[PROBING_MAX_IN_FLIGHT].integer;
    config->max_in_flight_per_host = (uint32_t)probing[PROBING_MAX_IN_FLIGHT_PER_HOST].integer;
    config->staleness = system[SYSTEM_STALENESS].real;
    config->flap = flap_of(build);
    config->alert_degraded_targets =
        value_at(build, SECTION_ALERTING, ALERTING_DEGRADED)->integer != 0;
    config->alert_overdue = value_at(build, SECTION_ALERTING, ALERTING_OVERDUE)->integer != 0;
    config->notify_after_ms = (uint32_t)build->defaults[0].values[TARGET_NOTIFY_AFTER].integer;
    config->bus_max_length = (uint32_t)bus[BUS_MAX_LENGTH].integer;
    config->spool_max_bytes = bus[BUS_SPOOL_MAX_SIZE].integer;
    config->publish_high_water_mark = (uint32_t)publish[PUBLISH_HIGH_WATER_MARK].integer;
    config->anonymous_role = (role_t)gateway[GATEWAY_ANONYMOUS_ROLE].integer;
    config->max_connections = (uint32_t)gateway[GATEWAY_MAX_CONNECTIONS].integer;
    config->log_level = (log_level_t)logging[LOGGING_LEVEL].integer;
    config->log_is_json = logging[LOGGING_FORMAT].integer != 0;
}

config_given_t config_build_given(const config_build_t *build)
{
    if (!build->has_file)
        return (config_given_t){.bus_url = false};
    return (config_given_t){
        .bus_url = value_at(build, SECTION_BUS, BUS_URL)->node,
        .listen = value_at(build, SECTION_GATEWAY, GATEWAY_LISTEN)->node,
        .token = value_at(build, SECTION_GATEWAY, GATEWAY_TOKEN)->node,
        .endpoints = value_at(build, SECTION_PUBLISH, PUBLISH_ENDPOINTS)->node,
        .state_dir = value_at(build, SECTION_INSTANCE, INSTANCE_STATE_DIR)->node,
        .level = value_at(build, SECTION_LOGGING, LOGGING_LEVEL)->node,
        .format = value_at(build, SECTION_LOGGING, LOGGING_FORMAT)->node,
    };
}

int config_build_copy_values(const config_build_t *build, config_t *config)
{
    copy_numbers(build, config);
    return copy_texts(build, config);
}
