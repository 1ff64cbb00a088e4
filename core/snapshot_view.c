#include "core/snapshot_view.h"

#include <stdlib.h>
#include <string.h>

static void free_target(target_state_t *target)
{
    target_state_clear(target);
    *target = (target_state_t){0};
}

static void free_failures(snapshot_t *snapshot)
{
    for (size_t i = 0; i < snapshot->n_critical_failures; i++)
        free(snapshot->critical_failures[i].text);
    free(snapshot->critical_failures);
    snapshot->critical_failures = NULL;
    snapshot->n_critical_failures = 0;
}

static void free_connectivity(snapshot_t *snapshot)
{
    for (size_t i = 0; i < snapshot->n_connectivity; i++)
        connectivity_clear(&snapshot->connectivity[i]);
    free(snapshot->connectivity);
    snapshot->connectivity = NULL;
    snapshot->n_connectivity = 0;
}

static void free_targets(snapshot_t *snapshot)
{
    for (size_t i = 0; i < snapshot->n_targets; i++)
        free_target(&snapshot->targets[i]);
    free(snapshot->targets);
    snapshot->targets = NULL;
    snapshot->n_targets = 0;
}

/* Whether every changed target has its place: both lists are in configuration order. */
static bool has_place_for_all(const snapshot_t *whole, const snapshot_t *changes)
{
    size_t at = 0;
    for (size_t i = 0; i < changes->n_targets; i++, at++) {
        while (at < whole->n_targets &&
               strcmp(whole->targets[at].name, changes->targets[i].name) != 0)
            at++;
        if (at == whole->n_targets)
            return false;
    }
    return true;
}

static void move_changed_targets(snapshot_t *whole, snapshot_t *changes)
{
    size_t at = 0;
    for (size_t i = 0; i < changes->n_targets; i++, at++) {
        while (strcmp(whole->targets[at].name, changes->targets[i].name) != 0)
            at++;
        free_target(&whole->targets[at]);
        whole->targets[at] = changes->targets[i];
        changes->targets[i] = (target_state_t){0};
    }
}

snapshot_view_outcome_t snapshot_view_apply(snapshot_view_t *view, snapshot_t *snapshot)
{
    snapshot_t *whole = &view->whole;
    if (view->is_known && snapshot->version <= whole->version)
        return SNAPSHOT_OLD;
    if (!snapshot->is_whole) {
        if (!view->is_known || snapshot->base_version != whole->version ||
            !has_place_for_all(whole, snapshot))
            return SNAPSHOT_GAP;
        move_changed_targets(whole, snapshot);
        free_targets(snapshot);
        snapshot->targets = whole->targets;
        snapshot->n_targets = whole->n_targets;
    } else {
        free_targets(whole);
    }
    free_failures(whole);
    free_connectivity(whole);
    *whole = *snapshot;
    whole->is_whole = true;
    whole->base_version = 0;
    *snapshot = (snapshot_t){0};
    view->is_known = true;
    return SNAPSHOT_APPLIED;
}

const target_state_t *snapshot_target_at(const snapshot_t *snapshot, const char *name)
{
    for (size_t i = 0; i < snapshot->n_targets; i++) {
        if (strcmp(snapshot->targets[i].name, name) == 0)
            return &snapshot->targets[i];
    }
    return NULL;
}

void snapshot_view_clear(snapshot_view_t *view)
{
    free_targets(&view->whole);
    free_failures(&view->whole);
    free_connectivity(&view->whole);
    *view = (snapshot_view_t){0};
}
