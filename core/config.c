#include "core/config.h"

#include <stdlib.h>
#include <string.h>

#include "core/hash.h"

/* Open addressing over the positions of the targets; half empty, so that a look-up ends. */
struct config_index {
    size_t n_slots; /* a power of two */
    long *slots;    /* position, or -1 */
};

void config_unseal(config_t *config)
{
    if (config->index)
        free(config->index->slots);
    free(config->index);
    config->index = NULL;
}

int config_seal(config_t *config)
{
    config_unseal(config);
    config_index_t *index = calloc(1, sizeof *index);
    config->index = index;
    if (!index)
        return -1;
    index->n_slots = 8;
    size_t n = config->n_targets + config->n_internal;
    while (index->n_slots < 2 * n)
        index->n_slots *= 2;
    index->slots = malloc(index->n_slots * sizeof *index->slots);
    if (!index->slots)
        return -1;
    for (size_t i = 0; i < index->n_slots; i++)
        index->slots[i] = -1;
    for (size_t i = 0; i < n; i++) {
        size_t slot = (size_t)hash_of_text(config->targets[i].name) & (index->n_slots - 1);
        while (index->slots[slot] != -1)
            slot = (slot + 1) & (index->n_slots - 1);
        index->slots[slot] = (long)i; /* behind an earlier one of the same name */
    }
    return 0;
}

long config_probed_at(const config_t *config, const char *name)
{
    const config_index_t *index = config->index;
    size_t slot = (size_t)hash_of_text(name) & (index->n_slots - 1);
    for (; index->slots[slot] != -1; slot = (slot + 1) & (index->n_slots - 1)) {
        if (strcmp(config->targets[index->slots[slot]].name, name) == 0)
            return index->slots[slot];
    }
    return -1;
}

long config_target_at(const config_t *config, const char *name)
{
    long at = config_probed_at(config, name);
    return at < (long)config->n_targets ? at : -1;
}

void target_clear(target_t *target)
{
    free(target->name);
    free(target->url);
    free(target->error_prefix);
    free(target->labels);
    *target = (target_t){.name = NULL};
}

void config_destroy(config_t **config_p)
{
    config_t *config = *config_p;
    if (!config)
        return;
    for (size_t i = 0; i < config->n_targets + config->n_internal; i++)
        target_clear(&config->targets[i]);
    free(config->targets);
    for (size_t i = 0; i < config->n_connectivity; i++) {
        free(config->connectivity[i].name);
        matchers_clear(&config->connectivity[i].applies_to);
    }
    free(config->connectivity);
    for (size_t i = 0; i < config->n_publish; i++)
        free(config->publish[i]);
    free(config->publish);
    for (size_t i = 0; i < config->n_metric_labels; i++)
        free(config->metric_labels[i]);
    free(config->metric_labels);
    config_shared_clear(&config->shared);
    group_set_clear(&config->groups);
    config_unseal(config);
    text_pool_destroy(&config->pool);
    free(config->settings);
    free(config->settings_shown);
    free(config->instance_name);
    free(config->file);
    free(config->variable_keys);
    free(config->overridden);
    free(config->redis_url);
    free(config->bus_stream_prefix);
    free(config->bus_group_prefix);
    free(config->bus_service_name);
    free(config->listen);
    free(config->state_dir);
    free(config->token);
    free(config);
    *config_p = NULL;
}
