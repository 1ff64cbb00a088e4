#include "actors/supervisor/child_types.h"

#include "actors/aggregator/aggregator.h"
#include "actors/alert_manager/alert_manager.h"
#include "actors/collectors/collectors.h"
#include "actors/event_bus/event_bus.h"
#include "actors/publisher/publisher.h"
#include "gateway/gateway.h"

static bool has_bus(const config_t *config)
{
    return config->redis_url != NULL;
}

const child_type_t child_types[N_CHILD_TYPES] = {
    {.name = "alert manager", .fn = alert_manager_actor, .owns_disk = true, .reads_health = true},
    {.name = "aggregator", .fn = aggregator_actor, .knows_targets = true},
    {.name = "publisher",
     .fn = publisher_actor,
     .is_leaf = true,
     .reads_health = true,
     .reads_alerts = true},
    {.name = "event bus",
     .fn = event_bus_actor,
     .is_wanted = has_bus,
     .is_leaf = true,
     .owns_disk = true,
     .reads_health = true,
     .reads_alerts = true},
    {.name = "gateway", .fn = gateway_actor, .reads_health = true, .reads_alerts = true},
#define COLLECTOR(NAME, name_)                                                                     \
    {.name = #name_ " collector",                                                                  \
     .fn = name_##_collector_actor,                                                                \
     .type = PROBE_##NAME,                                                                         \
     .is_collector = true,                                                                         \
     .owns_disk = PROBE_##NAME == PROBE_HEARTBEAT,                                                 \
     .is_leaf = true},
    PROBE_TYPES(COLLECTOR, COLLECTOR)
#undef COLLECTOR
};

static bool has_type(const config_t *config, probe_type_t type)
{
    for (size_t i = 0; i < config->n_targets + config->n_internal; i++) {
        if (config->targets[i].type == type)
            return true;
    }
    return false;
}

bool child_is_wanted(const child_type_t *child, const config_t *config)
{
    if (child->is_collector)
        return has_type(config, child->type);
    return !child->is_wanted || child->is_wanted(config);
}
