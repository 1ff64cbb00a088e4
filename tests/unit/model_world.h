/* A health model with what it was told, for the tests of its rules. */
#ifndef HEALTHD_TESTS_UNIT_MODEL_WORLD_H
#define HEALTHD_TESTS_UNIT_MODEL_WORLD_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/model.h"
#include "tests/support/support_health.h"
#include "tests/test.h"

#define START_WALL_US ((int64_t)1795488330289500)
#define START_MONO_US ((int64_t)5000000)
#define SECOND_US     ((int64_t)1000000)

typedef struct {
    config_t *config;
    model_t *model;
    now_t now;
    snapshot_t snapshot; /* the last one looked at; borrowed from the model */
} world_t;

/* A result of a target. */
typedef struct {
    const char *name;
    status_t status;
    int64_t latency_us;
} change_t;

#define NONE LATENCY_NONE

static inline int world_setup(void **state)
{
    world_t *world = calloc(1, sizeof *world);
    if (!world)
        return -1;
    world->now = (now_t){.wall_us = START_WALL_US, .mono_us = START_MONO_US};
    world->config = support_config(NULL);
    world->model = model_new(world->config, world->now);
    *state = world;
    return world->model ? 0 : -1;
}

static inline int world_teardown(void **state)
{
    world_t *world = *state;
    model_destroy(&world->model);
    config_destroy(&world->config);
    free(world);
    return 0;
}

#define WORLD_TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

/* A model of the same world in which nothing was seen yet. */
static inline void begin_anew(world_t *world)
{
    model_destroy(&world->model);
    world->now = (now_t){.wall_us = START_WALL_US, .mono_us = START_MONO_US};
    world->model = model_new(world->config, world->now);
    assert_non_null(world->model);
}

static inline void pass(world_t *world, int64_t us)
{
    world->now.wall_us += us;
    world->now.mono_us += us;
}

static inline model_outcome_t give(world_t *world, const char *name, status_t status,
                                   int64_t latency_us)
{
    probe_result_t result = {
        .target = support_text(name),
        .status = (int)status,
        .reason = status == STATUS_OK ? REASON_NONE : REASON_STATUS,
        .finished_at_us = world->now.wall_us,
        .latency_us = latency_us,
    };
    return model_apply(world->model, &result, world->now);
}

/* A result of every probed target: services in 10 ms, infrastructure in 9 s, which never counts. */
static inline void give_all_ok(world_t *world)
{
    for (size_t i = 0; i < world->config->n_targets; i++) {
        const target_t *target = &world->config->targets[i];
        if (target->type != PROBE_PASSIVE)
            assert_int_equal(give(world, target->name, STATUS_OK,
                                  target->kind == KIND_SERVICE ? 10000 : 9000000),
                             MODEL_APPLIED);
    }
}

/* What the stream entry ENTRY_ID says of the emergency stop; TEXT: its reason. */
static inline model_outcome_t give_stop(world_t *world, status_t status, const char *entry_id,
                                        const char *text)
{
    probe_result_t result = {
        .target = support_text(EMERGENCY_STOP),
        .status = (int)status,
        .reason = status == STATUS_OK ? REASON_NONE : REASON_EMERGENCY_STOP,
        .finished_at_us = world->now.wall_us,
        .latency_us = LATENCY_NONE,
        .error = text ? strdup(text) : NULL,
        .entry_id = entry_id ? strdup(entry_id) : NULL,
    };
    model_outcome_t outcome = model_apply(world->model, &result, world->now);
    free(result.error);
    free(result.entry_id);
    return outcome;
}

static inline model_outcome_t clear_stop(world_t *world, const char *entry_id)
{
    probe_result_t result = {
        .target = support_text(EMERGENCY_STOP),
        .finished_at_us = world->now.wall_us,
        .latency_us = LATENCY_NONE,
        .entry_id = strdup(entry_id),
        .is_clear = true,
    };
    model_outcome_t outcome = model_apply(world->model, &result, world->now);
    free(result.entry_id);
    return outcome;
}

static inline bool look(world_t *world)
{
    bool is_due = model_evaluate(world->model);
    model_next_snapshot(world->model, false, world->now, &world->snapshot);
    return is_due;
}

/* Looks, and asserts status and critical failures ("a|b"). */
static inline void assert_system(world_t *world, const char *what, system_status_t status,
                                 const char *failures)
{
    (void)look(world);
    char text[1024] = "";
    for (size_t i = 0; i < world->snapshot.n_critical_failures; i++) {
        (void)strncat(text, i ? "|" : "", sizeof text - strlen(text) - 1);
        (void)strncat(text, world->snapshot.critical_failures[i].text,
                      sizeof text - strlen(text) - 1);
    }
    if (world->snapshot.status != (int)status || strcmp(text, failures) != 0)
        fail_msg("%s: %s [%s] instead of %s [%s]", what, system_status_name(world->snapshot.status),
                 text, system_status_name((int)status), failures);
}

#endif
