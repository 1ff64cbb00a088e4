/*
 * The life of alerts as a script: each step is a line of support_snapshot, and what follows from it
 * one line of effects: "+redis/CRITICAL" raised, "~" updated, "-redis/CRITICAL:recovered" resolved,
 * "q+redis/CRITICAL" and "q-" a quiet mark set and ended.
 */
#ifndef HEALTHD_TESTS_UNIT_ALERT_LIFE_H
#define HEALTHD_TESTS_UNIT_ALERT_LIFE_H

#include <stdlib.h>
#include <string.h>

#include "core/alert_rules.h"
#include "core/text.h"
#include "tests/support/support_health.h"
#include "tests/test.h"

#define LIFE_START_US ((int64_t)1795488330289500)
#define SECOND_US     ((int64_t)1000000)

#define LIFE_QUIETS_MAX 8

typedef struct {
    config_t *config; /* what the rules look at of one */
    alert_book_t *book;
    int64_t now_us;
    int64_t since_start_us;
    quiet_t quiets[LIFE_QUIETS_MAX]; /* as they stand on disk; owned */
    size_t n_quiets;
} life_t;

static inline void life_end_quiet(life_t *life, const quiet_t *quiet)
{
    size_t n = 0;
    for (size_t i = 0; i < life->n_quiets; i++) {
        if (strcmp(life->quiets[i].component, quiet->component) == 0 &&
            life->quiets[i].level == quiet->level) {
            free(life->quiets[i].component);
            free(life->quiets[i].alert_id);
        } else {
            life->quiets[n++] = life->quiets[i];
        }
    }
    life->n_quiets = n;
}

/* What the disk remembers of EFFECTS beside the alerts. */
static inline void life_write(life_t *life, const alert_effects_t *effects)
{
    for (size_t i = 0; i < effects->n_effects; i++) {
        const alert_effect_t *effect = &effects->effects[i];
        if (effect->type == EFFECT_EVENT)
            continue;
        life_end_quiet(life, effect->quiet);
        if (effect->type == EFFECT_QUIET_SET) {
            assert_true(life->n_quiets < LIFE_QUIETS_MAX);
            quiet_t *quiet = &life->quiets[life->n_quiets++];
            *quiet = *effect->quiet;
            quiet->component = strdup(quiet->component);
            quiet->alert_id = strdup(quiet->alert_id);
        }
    }
}

/* The targets of environment-only mode, to be ended with config_destroy. */
static inline config_t *life_config(bool alert_degraded_targets)
{
    config_t *config = support_config(NULL);
    config->alert_degraded_targets = alert_degraded_targets;
    return config;
}

static inline int life_setup(void **state)
{
    life_t *life = calloc(1, sizeof *life);
    if (!life)
        return -1;
    *life = (life_t){.config = life_config(false), .now_us = LIFE_START_US};
    life->book = alert_book_new(life->config);
    *state = life;
    return life->book ? 0 : -1;
}

static inline int life_teardown(void **state)
{
    life_t *life = *state;
    alert_book_destroy(&life->book);
    while (life->n_quiets > 0)
        life_end_quiet(life, &life->quiets[0]);
    config_destroy(&life->config);
    free(life);
    return 0;
}

#define LIFE_TEST(name) cmocka_unit_test_setup_teardown(name, life_setup, life_teardown)

/* A book that knows nothing. */
static inline void life_begin_anew(life_t *life, bool alert_degraded_targets)
{
    alert_book_destroy(&life->book);
    while (life->n_quiets > 0)
        life_end_quiet(life, &life->quiets[0]);
    config_destroy(&life->config);
    *life = (life_t){.config = life_config(alert_degraded_targets), .now_us = LIFE_START_US};
    life->book = alert_book_new(life->config);
    assert_non_null(life->book);
}

/* The process ends and begins again with what stood on disk. */
static inline void life_restart(life_t *life)
{
    alert_book_t *book = alert_book_new(life->config);
    assert_non_null(book);
    for (size_t i = 0; i < alert_book_count(life->book); i++) {
        alert_t from_disk = {0};
        assert_int_equal(alert_copy(alert_book_at(life->book, i), &from_disk), 0);
        assert_int_equal(alert_book_restore_alert(book, &from_disk), 0);
        alert_clear(&from_disk); /* deep copies were made */
    }
    for (size_t i = 0; i < life->n_quiets; i++)
        assert_int_equal(alert_book_restore_quiet(book, &life->quiets[i]), 0);
    alert_book_destroy(&life->book);
    life->book = book;
    life->since_start_us = 0;
}

static inline void life_append_effect(text_t *text, const alert_effect_t *effect)
{
    static const char *const kinds[ALERT_EVENT_KIND_COUNT] = {"+", "~", "-"};
    if (effect->type != EFFECT_EVENT) {
        const char *component = strcmp(effect->quiet->component, EMERGENCY_STOP) == 0
                                    ? "stop"
                                    : effect->quiet->component;
        text_appendf(text, "%s%s%s/%s", text->size ? " " : "",
                     effect->type == EFFECT_QUIET_SET ? "q+" : "q-", component,
                     severity_name(effect->quiet->level));
        return;
    }
    const alert_t *alert = effect->alert;
    const char *component =
        strcmp(alert->component, EMERGENCY_STOP) == 0 ? "stop" : alert->component;
    text_appendf(text, "%s%s%s/%s", text->size ? " " : "", kinds[effect->kind], component,
                 severity_name(alert->level));
    if (effect->kind == ALERT_RESOLVED)
        text_appendf(text, ":%s", resolution_name(alert->resolution));
    /* An event and the alert that it is about agree. */
    assert_int_equal(alert->resolution != RESOLUTION_NONE, effect->kind == ALERT_RESOLVED);
    assert_int_equal(alert->resolved_at_us, effect->kind == ALERT_RESOLVED ? effect->at_us : 0);
    assert_true(alert->raised_at_us >= LIFE_START_US);
}

static inline void life_assert_effects(const char *what, const alert_effects_t *effects,
                                       const char *expected)
{
    text_t text = {0};
    for (size_t i = 0; i < effects->n_effects; i++)
        life_append_effect(&text, &effects->effects[i]);
    char *told = text_take(&text);
    if (strcmp(told, expected) != 0)
        fail_msg("[%s] gives [%s] instead of [%s]", what, told, expected);
    free(told);
}

/* A step a second later, without a look at the effects. */
static inline alert_effects_t life_step_quietly(life_t *life, const char *line)
{
    life->now_us += SECOND_US;
    life->since_start_us += SECOND_US;
    snapshot_t snapshot = support_snapshot(line);
    alert_effects_t effects = {0};
    assert_int_equal(
        alert_book_step(life->book, &snapshot, life->now_us, life->since_start_us, &effects), 0);
    snapshot_clear(&snapshot); /* nothing of it is borrowed */
    return effects;
}

static inline void life_step(life_t *life, const char *line, const char *expected)
{
    const alert_effects_t effects = life_step_quietly(life, line);
    for (size_t i = 0; i < effects.n_effects; i++) {
        if (effects.effects[i].type == EFFECT_EVENT)
            assert_int_equal(effects.effects[i].at_us, life->now_us);
    }
    life_write(life, &effects);
    life_assert_effects(line, &effects, expected);
}

/* The active alert of COMPONENT ("stop": the emergency stop), or NULL; there is at most one. */
static inline const alert_t *life_active(const life_t *life, const char *component)
{
    const alert_t *found = NULL;
    const char *name = strcmp(component, "stop") == 0 ? EMERGENCY_STOP : component;
    for (size_t i = 0; i < alert_book_count(life->book); i++) {
        const alert_t *alert = alert_book_at(life->book, i);
        if (alert->resolution == RESOLUTION_NONE && strcmp(alert->component, name) == 0) {
            assert_null(found);
            found = alert;
        }
    }
    return found;
}

/* Clears the active alert of COMPONENT a second later. */
static inline void life_clear(life_t *life, const char *component, const char *expected)
{
    const alert_t *alert = life_active(life, component);
    assert_non_null(alert);
    alert_effects_t effects;
    life->now_us += SECOND_US;
    life->since_start_us += SECOND_US;
    assert_int_equal(alert_book_begin_clear(life->book, alert->alert_id, life->now_us, &effects),
                     0);
    life_write(life, &effects);
    life_assert_effects("clear", &effects, expected);
    alert_book_end_clear(life->book, true);
}

#endif
