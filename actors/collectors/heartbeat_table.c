#include "actors/collectors/heartbeat_table.h"

#include <stdlib.h>
#include <string.h>

#include "store/heartbeats.h"

static void take_over(beat_t *beat, beat_t *before, now_t now)
{
    const beat_t fresh = *beat;
    *beat = *before;
    beat->target = fresh.target;
    beat->settings = fresh.settings;
    heartbeat_reconfigure(&beat->state, beat->settings, now);
    before->state.record.log = NULL;
}

int heartbeat_table_init(heartbeat_table_t *self, const config_t *config, heartbeat_table_t *before,
                         now_t now)
{
    beat_t *beats = calloc(config->n_targets + 1, sizeof *beats);
    if (!beats)
        return -1;
    size_t n = 0;
    for (size_t i = 0; i < config->n_targets; i++) {
        const target_t *target = &config->targets[i];
        if (target->type != PROBE_HEARTBEAT)
            continue;
        heartbeat_record_t nothing = HEARTBEAT_NOTHING;
        beat_t *beat = &beats[n++];
        beat->target = target;
        beat->settings = target->options;
        heartbeat_begin(&beat->state, beat->settings, &nothing, now);
    }
    *self = (heartbeat_table_t){.beats = beats, .n = n};
    for (size_t i = 0; before && i < before->n; i++) {
        beat_t *beat = heartbeat_table_at(self, config, before->beats[i].target->name);
        if (beat)
            take_over(beat, &before->beats[i], now);
    }
    return 0;
}

void heartbeat_table_clear(heartbeat_table_t *self)
{
    for (size_t i = 0; i < self->n; i++)
        heartbeat_record_clear(&self->beats[i].state.record);
    free(self->beats);
    *self = (heartbeat_table_t){.n = 0};
}

beat_t *heartbeat_table_at(const heartbeat_table_t *self, const config_t *config, const char *name)
{
    long at = config_target_at(config, name);
    if (at < 0)
        return NULL;
    const target_t *target = &config->targets[at];
    size_t low = 0;
    size_t high = self->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (self->beats[middle].target == target)
            return &self->beats[middle];
        if (self->beats[middle].target < target)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* --- the store --- */

/* What is loaded, and the names of what is to be removed. */
typedef struct {
    heartbeat_table_t *table;
    const config_t *config;
    now_t now;
    char **gone;
    size_t n_gone;
} loading_t;

static int keep_gone(loading_t *loading, const char *name)
{
    char **gone = realloc(loading->gone, (loading->n_gone + 1) * sizeof *gone);
    if (!gone)
        return -1;
    loading->gone = gone;
    gone[loading->n_gone] = strdup(name);
    return gone[loading->n_gone++] ? 0 : -1;
}

static int keep_row(void *context, const char *name, heartbeat_record_t *record)
{
    loading_t *loading = context;
    beat_t *beat = heartbeat_table_at(loading->table, loading->config, name);
    if (!beat)
        return keep_gone(loading, name);
    heartbeat_record_clear(&beat->state.record);
    heartbeat_begin(&beat->state, beat->settings, record, loading->now);
    return 0;
}

int heartbeat_table_load(heartbeat_table_t *self, const config_t *config, store_t *store, now_t now,
                         store_error_t *reterr)
{
    loading_t loading = {.table = self, .config = config, .now = now};
    int rc = heartbeats_load(store, keep_row, &loading, reterr);
    for (size_t i = 0; i < loading.n_gone; i++) {
        store_error_t refused; /* the next start tries again */
        if (rc == 0 && loading.gone[i])
            (void)heartbeats_remove(store, loading.gone[i], &refused);
        free(loading.gone[i]);
    }
    free(loading.gone);
    return rc;
}
