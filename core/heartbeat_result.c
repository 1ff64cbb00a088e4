#include "core/heartbeat_result.h"

#include <stdlib.h>
#include <string.h>

/* Whether a verdict is about a run that ended, and not about one that is awaited. */
static bool is_of_run(const heartbeat_verdict_t *verdict)
{
    return verdict->reason == REASON_NONE || verdict->reason == REASON_JOB_FAILED;
}

/* Nothing of a connection was seen. */
static check_seen_t nothing_seen(void)
{
    check_seen_t seen = {.n_redirects = MEASURED_NONE, .content_length_bytes = MEASURED_NONE};
    for (size_t i = 0; i < CONDITION_PHASES; i++)
        seen.phase_us[i] = LATENCY_NONE;
    return seen;
}

static check_answer_t answer_of(const heartbeat_record_t *record,
                                const heartbeat_verdict_t *verdict)
{
    check_answer_t answer = {.verdict = verdict->status,
                             .reason = verdict->reason,
                             .text = verdict->text,
                             .exit_code = record->exit_code,
                             .output = record->log,
                             .n_output = record->log ? strlen(record->log) : 0,
                             .said_by = verdict->reason == REASON_JOB_FAILED ? CONDITION_EXIT_CODE
                                                                             : CONDITION_REASON};
    if (record->exit_code >= 0)
        answer.present |= CONDITION_BIT(CONDITION_EXIT_CODE);
    if (record->log)
        answer.present |= CONDITION_BIT(CONDITION_OUTPUT);
    return answer;
}

/* Adds the times of the pings to the measurement of RET. */
static int add_times(const heartbeat_record_t *record, const heartbeat_verdict_t *verdict,
                     probe_result_t *ret)
{
    measured_heartbeat_t *times = malloc(sizeof *times);
    if (!times)
        return -1;
    *times = (measured_heartbeat_t){.last_ping_at_us = record->last_ping_us,
                                    .started_at_us = record->started_us,
                                    .expected_at_us = verdict->expected_us,
                                    .deadline_at_us = verdict->deadline_us,
                                    .exit_code =
                                        record->exit_code >= 0 ? record->exit_code : MEASURED_NONE};
    ret->measurement->heartbeat = times;
    return 0;
}

int heartbeat_result(const target_t *target, const heartbeat_t *heartbeat,
                     const heartbeat_verdict_t *verdict, condition_workspace_t *workspace,
                     now_t now, probe_result_t *ret)
{
    const heartbeat_record_t *record = &heartbeat->record;
    const check_seen_t seen = nothing_seen();
    const check_answer_t answer = answer_of(record, verdict);
    const check_outcome_t outcome = {.latency_us =
                                         is_of_run(verdict) ? record->runtime_us : LATENCY_NONE,
                                     .finished_at_us = now.wall_us,
                                     .http_code = MEASURED_NONE,
                                     .seen = &seen,
                                     .answer = &answer,
                                     .workspace = workspace};
    target_t plain = *target; /* its texts are borrowed for the call */
    if (!is_of_run(verdict))
        plain.conditions = NULL;
    if (verdict->status == STATUS_UNKNOWN)
        plain.expects_failure = false;
    if (check_answer(&plain, &outcome, ret))
        return -1;
    if (add_times(record, verdict, ret) == 0)
        return 0;
    probe_result_clear(ret);
    return -1;
}
