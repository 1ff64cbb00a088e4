/* The system's status: every row of the rules, and the targets that make those hold that do. */
#include <math.h>

#include "core/explain_parts.h"

/* Targets named in a text; the others stand below it. */
#define NAMES_MAX 3

static const struct {
    const char *rule;
    const char *title;
    int makes; /* system_status_t */
} rows[VERDICT_NO_ROW] = {
    [VERDICT_SERVICE_DOWN] = {"service_down", "a critical service is DOWN", SYSTEM_CRITICAL},
    [VERDICT_INFRASTRUCTURE_DOWN] = {"infrastructure_down",
                                     "a critical infrastructure target is DOWN", SYSTEM_CRITICAL},
    [VERDICT_EMERGENCY_STOP] = {"emergency_stop", "the emergency stop is tripped", SYSTEM_CRITICAL},
    [VERDICT_LATENCY_CRITICAL] = {"latency_critical",
                                  "the latency of a service is above the critical limit",
                                  SYSTEM_CRITICAL},
    [VERDICT_SERVICE_DEGRADED] = {"service_degraded",
                                  "a service is DEGRADED, or one that is not critical DOWN",
                                  SYSTEM_DEGRADED},
    [VERDICT_INFRASTRUCTURE_DEGRADED] = {"infrastructure_degraded",
                                         "an infrastructure target is DEGRADED, or one that is not "
                                         "critical DOWN",
                                         SYSTEM_DEGRADED},
    [VERDICT_LATENCY_DEGRADED] = {"latency_degraded", "the latency of a service is above the limit",
                                  SYSTEM_DEGRADED},
    [VERDICT_TARGET_UNKNOWN] = {"target_unknown", "a target is UNKNOWN", SYSTEM_UNKNOWN},
    [VERDICT_ALL_PAUSED] = {"all_paused", "every target is paused or waits for its first ping",
                            SYSTEM_UNKNOWN},
};

const char *explain_row_title(verdict_row_t row)
{
    return rows[row].title;
}

int explain_row_makes(verdict_row_t row)
{
    return rows[row].makes;
}

/* The targets that make one row hold: how many, and the first of them. */
typedef struct {
    size_t n;
    size_t first[EXPLAIN_TARGETS_MAX];
} hits_t;

typedef struct {
    hits_t rows[VERDICT_NO_ROW];
    size_t n_judged;
    size_t n_paused;
    double max_latency_ms; /* of services; NAN: none is known */
} verdict_t;

static void hit(verdict_t *verdict, verdict_row_t row, size_t at)
{
    hits_t *hits = &verdict->rows[row];
    if (hits->n < EXPLAIN_TARGETS_MAX)
        hits->first[hits->n] = at;
    hits->n++;
}

static void gather_target(const model_t *model, size_t at, verdict_t *verdict)
{
    const target_state_t *shown = &model->shown[at];
    verdict_row_t row = verdict_row_of(shown);
    if (row != VERDICT_NO_ROW)
        hit(verdict, row, at);
    if (shown->kind == KIND_NONE)
        return;
    if (shown->pause)
        verdict->n_paused++;
    else if (!verdict_leaves_out(shown))
        verdict->n_judged++;
    if (verdict_counts_latency(shown))
        verdict->max_latency_ms = fmax(verdict->max_latency_ms, explain_latency_ms(shown));
    if (verdict_is_slow(shown, model->config->latency_critical_ms))
        hit(verdict, VERDICT_LATENCY_CRITICAL, at);
    if (verdict_is_slow(shown, model->config->latency_degraded_ms))
        hit(verdict, VERDICT_LATENCY_DEGRADED, at);
}

static void gather(const model_t *model, verdict_t *ret)
{
    *ret = (verdict_t){.max_latency_ms = (double)NAN};
    for (size_t i = 0; i < model->config->n_targets; i++)
        gather_target(model, i, ret);
    for (size_t i = 0; ret->n_judged == 0 && i < model->config->n_targets; i++)
        if (model->shown[i].kind != KIND_NONE)
            hit(ret, VERDICT_ALL_PAUSED, i);
}

/* The first row that holds; VERDICT_NO_ROW: the system is OK. */
static verdict_row_t deciding_row(const verdict_t *verdict)
{
    verdict_row_t row = 0;
    while (row < VERDICT_NO_ROW && verdict->rows[row].n == 0)
        row++;
    return row;
}

/* "a critical service is DOWN: risk_guard, scheduler" */
static void say_row(const model_t *model, const verdict_t *verdict, verdict_row_t row,
                    text_t *sentence)
{
    const hits_t *hits = &verdict->rows[row];
    text_append_string(sentence, rows[row].title);
    for (size_t i = 0; i < hits->n && i < NAMES_MAX; i++) {
        text_append_string(sentence, i ? ", " : ": ");
        explain_say(sentence, model->shown[hits->first[i]].name);
    }
    if (hits->n > NAMES_MAX)
        text_appendf(sentence, " and %zu more", hits->n - NAMES_MAX);
}

static void put_hit(const target_state_t *shown, text_t *out)
{
    text_t sentence = {0};
    explain_say_state(&sentence, shown);
    explain_begin(out, "target", true, &sentence);
    explain_string(out, "name", shown->name);
    explain_string(out, "status", status_name(shown->status));
    explain_string(out, "reason", reason_name(shown->reason));
    explain_string(out, "error", shown->error);
    explain_number(out, "latency_ms", explain_latency_ms(shown));
    explain_time(out, "since", shown->since_us);
    explain_children(out);
    explain_end(out);
}

static void put_row(const model_t *model, const verdict_t *verdict, verdict_row_t row, text_t *out)
{
    const hits_t *hits = &verdict->rows[row];
    text_t sentence = {0};
    say_row(model, verdict, row, &sentence);
    explain_begin(out, rows[row].rule, hits->n > 0, &sentence);
    explain_boolean(out, "decides", row == deciding_row(verdict));
    explain_string(out, "makes", system_status_name(rows[row].makes));
    explain_integer(out, "n_targets", (int64_t)hits->n);
    if (row == VERDICT_LATENCY_CRITICAL || row == VERDICT_LATENCY_DEGRADED) {
        explain_number(out, "limit_ms",
                       row == VERDICT_LATENCY_CRITICAL ? model->config->latency_critical_ms
                                                       : model->config->latency_degraded_ms);
        explain_number(out, "max_service_latency_ms", verdict->max_latency_ms);
    }
    explain_children(out);
    for (size_t i = 0; i < hits->n && i < EXPLAIN_TARGETS_MAX; i++)
        put_hit(&model->shown[hits->first[i]], out);
    explain_end(out);
}

static void say_system(const model_t *model, const verdict_t *verdict, int status, text_t *sentence)
{
    verdict_row_t decides = deciding_row(verdict);
    text_appendf(sentence, "The system is %s", system_status_name(status));
    if (decides == VERDICT_NO_ROW) {
        text_appendf(sentence,
                     ": no rule that makes it worse holds (targets judged: %zu, paused: %zu)",
                     verdict->n_judged, verdict->n_paused);
    } else {
        text_append_string(sentence, " because ");
        say_row(model, verdict, decides, sentence);
    }
    for (verdict_row_t row = decides; row < VERDICT_NO_ROW; row++) {
        if (row == decides || verdict->rows[row].n == 0 || rows[row].makes != status)
            continue;
        text_append_string(sentence, "; and ");
        say_row(model, verdict, row, sentence);
    }
    text_append_string(sentence, ".");
}

void explain_system(const model_t *model, now_t now, text_t *out)
{
    verdict_t verdict;
    gather(model, &verdict);
    verdict_row_t decides = deciding_row(&verdict);
    int status = decides == VERDICT_NO_ROW ? SYSTEM_OK : rows[decides].makes;
    text_t sentence = {0};
    text_append_string(out, "{");
    explain_string(out, "status", system_status_name(status));
    explain_integer(out, "version", (int64_t)model->last.version);
    explain_time(out, "at", now.wall_us);
    explain_integer(out, "n_judged", (int64_t)verdict.n_judged);
    explain_integer(out, "n_paused", (int64_t)verdict.n_paused);
    say_system(model, &verdict, status, &sentence);
    explain_sentence(out, &sentence);
    for (verdict_row_t row = 0; row < VERDICT_NO_ROW; row++)
        put_row(model, &verdict, row, out);
    text_append_string(out, "]}");
}
