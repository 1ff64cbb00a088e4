/*
 * What a snapshot carries beyond the fixed part of each target: the details and the conditions of
 * the results that are shown. Their sum is bounded, or the whole state could not be sent.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/model_parts.h"

/* Sizes are told apart by their highest bit. */
#define N_CLASSES (8 * sizeof(size_t))
/* Bytes that a condition costs beside its texts, about. */
#define CONDITION_COST_BYTES 64
/* Bytes that a number and its name cost, at most. */
#define VALUE_COST_BYTES (VALUE_NAME_MAX_BYTES + 33)

static size_t text_bytes(const char *text)
{
    return text ? strlen(text) : 0;
}

/* The emergency stop keeps its details: they say which trip it is. */
static size_t bulk_of(const target_state_t *shown)
{
    if (shown->kind == KIND_NONE)
        return 0;
    size_t bytes = text_bytes(shown->details);
    const measurement_t *measurement = shown->measurement;
    for (size_t i = 0; measurement && i < measurement->n_conditions; i++)
        bytes += CONDITION_COST_BYTES + text_bytes(measurement->conditions[i].text) +
                 text_bytes(measurement->conditions[i].actual);
    if (measurement)
        bytes += measurement->n_values * VALUE_COST_BYTES;
    return bytes;
}

static void count(model_t *model, size_t i, size_t bulk_bytes)
{
    model->bulk_bytes -= model->progress[i].bulk_bytes;
    model->bulk_bytes += bulk_bytes;
    model->progress[i].bulk_bytes = bulk_bytes;
}

void model_count_bulk(model_t *model, size_t i)
{
    count(model, i, bulk_of(&model->shown[i]));
}

void model_sum_bulk(model_t *model)
{
    model->bulk_bytes = 0;
    for (size_t i = 0; i < model->config->n_targets; i++)
        model->bulk_bytes += model->progress[i].bulk_bytes;
}

/* --- leaving out --- */

static unsigned class_of(size_t bytes)
{
    unsigned class = 0;
    while (bytes >>= 1)
        class ++;
    return class;
}

/* A note stands in place of the details of target I. Where memory for it runs out, nothing does. */
static void leave_out(model_t *model, size_t i)
{
    target_state_t *shown = &model->shown[i];
    free(shown->details);
    if (asprintf(&shown->details, "{\"left_out_bytes\":%zu}", model->progress[i].bulk_bytes) < 0)
        shown->details = NULL;
    measurement_t *measurement = shown->measurement;
    for (size_t j = 0; measurement && j < measurement->n_conditions; j++)
        measured_condition_clear(&measurement->conditions[j]);
    for (size_t j = 0; measurement && j < measurement->n_values; j++)
        measured_value_clear(&measurement->values[j]);
    if (measurement) {
        free(measurement->values);
        measurement->values = NULL;
        measurement->n_values = 0;
        free(measurement->conditions);
        measurement->conditions = NULL;
        measurement->n_conditions = 0;
    }
    count(model, i, 0); /* a note is short */
    model->progress[i].is_changed = true;
}

void model_fit_bulk(model_t *model)
{
    if (model->bulk_bytes <= SNAPSHOT_BULK_MAX_BYTES)
        return;
    size_t n = model->config->n_targets;
    size_t sums[N_CLASSES] = {0};
    for (size_t i = 0; i < n; i++)
        sums[class_of(model->progress[i].bulk_bytes)] += model->progress[i].bulk_bytes;
    size_t left_bytes = model->bulk_bytes;
    unsigned class = N_CLASSES - 1;
    while (left_bytes - sums[class] > SNAPSHOT_BULK_MAX_BYTES)
        left_bytes -= sums[class --];
    /* Larger ones all go; of this class as many as must, the same ones each time. */
    for (size_t i = n; i-- > 0;) {
        size_t bulk_bytes = model->progress[i].bulk_bytes;
        if (class_of(bulk_bytes) < class ||
            (class_of(bulk_bytes) == class && left_bytes <= SNAPSHOT_BULK_MAX_BYTES))
            continue;
        if (class_of(bulk_bytes) == class)
            left_bytes -= bulk_bytes;
        leave_out(model, i);
    }
}
