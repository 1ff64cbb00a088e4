/*
 * The exec collector: runs a program of this machine for each check, by the contract of Nagios'
 * plugins (docs/probes/exec.md). Owns the programs; emits probe_results.
 */
#include "core/probes/exec.h"

#include <stdio.h>
#include <string.h>

#include "actors/collectors/collector.h"
#include "actors/collectors/collectors.h"
#include "actors/collectors/exec_run.h"
#include "core/perfdata.h"
#include "core/scalar.h"

/* Programs under way at once, at most; those that are due beyond them wait. */
#define EXEC_PROGRAMS_MAX 64
/* Programs that were killed and do not end; with more no check is made. */
#define EXEC_STUCK_MAX 64

typedef struct {
    const target_t *target;
    int64_t started_us; /* monotonic */
} probe_t;

typedef struct {
    actor_t *actor;
    collector_t *collector;
    exec_runs_t *runs;
    condition_workspace_t *workspace;
    probe_t probes[EXEC_PROGRAMS_MAX]; /* by place */
} self_t;

static const exec_settings_t *settings_of(const target_t *target)
{
    return target->options;
}

/* --- the end of a check --- */

static void fail(self_t *self, size_t at, reason_t fault, const char *text, int64_t latency_us)
{
    const target_t *target = self->probes[at].target;
    bool is_verdict = fault == REASON_TIMEOUT_RESPONSE || fault == REASON_RESOURCES;
    check_outcome_t outcome = {
        .fault = fault,
        .fault_status = is_verdict ? STATUS_OK : settings_of(target)->unknown,
        .fault_text = text,
        .latency_us = latency_us,
        .workspace = self->workspace,
    };
    collector_finish(self->collector, at, &outcome, check_answer);
}

/* The program ended by itself with a code. */
static void answer(self_t *self, size_t at, const exec_result_t *result)
{
    perfdata_t data;
    char value[SCALAR_NUMBER_TEXT_BYTES];
    char text[ERROR_MAX_BYTES + 1];
    size_t n_output = result->n_output;
    while (n_output > 0 && strchr("\r\n", result->output[n_output - 1]))
        n_output--;
    perfdata_read(result->output, n_output, &data);
    int n_text = (int)perfdata_text_bytes(result->output, n_output);
    if (n_text > ERROR_MAX_BYTES)
        n_text = ERROR_MAX_BYTES;
    (void)snprintf(text, sizeof text, "%.*s", n_text, result->output);
    if (!text[0])
        (void)snprintf(text, sizeof text, "exit code %d", result->end.code);
    check_answer_t answer = {
        .present = CONDITION_BIT(CONDITION_EXIT_CODE) | CONDITION_BIT(CONDITION_OUTPUT),
        .output = result->output,
        .n_output = n_output,
        .exit_code = result->end.code,
        .values = data.values,
        .n_values = data.n,
        .text = text,
        .said_by = CONDITION_EXIT_CODE,
    };
    exec_judge(settings_of(self->probes[at].target), result->end.code, &answer.verdict,
               &answer.reason);
    if (data.n > 0) {
        scalar_number_text(data.values[0].number, value);
        answer.value = value;
        answer.present |= CONDITION_BIT(CONDITION_VALUE);
    }
    check_outcome_t outcome = {
        .latency_us = result->latency_us, .answer = &answer, .workspace = self->workspace};
    collector_finish(self->collector, at, &outcome, check_answer);
}

static void on_done(void *context, size_t at, const exec_result_t *result)
{
    self_t *self = context;
    char text[80];
    if (result->force == EXEC_TIMED_OUT) {
        fail(self, at, REASON_TIMEOUT_RESPONSE, NULL, result->latency_us);
    } else if (result->force == EXEC_WROTE_TOO_MUCH) {
        (void)snprintf(text, sizeof text, "the program wrote over %zu bytes and was ended",
                       settings_of(self->probes[at].target)->output_limit_bytes +
                           EXEC_OUTPUT_SPARE_BYTES);
        fail(self, at, REASON_OUTPUT_LIMIT, text, result->latency_us);
    } else if (result->end.is_killed) {
        const char *name = sigabbrev_np(result->end.code);
        (void)snprintf(text, sizeof text, "signal %d (SIG%s) ended the program", result->end.code,
                       name ? name : "?");
        fail(self, at, REASON_KILLED, text, result->latency_us);
    } else {
        answer(self, at, result);
    }
}

/* --- the begin of a check --- */

static void begin_probe(void *context, size_t at, const target_t *target)
{
    self_t *self = context;
    const exec_settings_t *settings = settings_of(target);
    const char *argv[EXEC_ARGS_MAX + 2] = {exec_url_program(target->url)};
    const char *env[EXEC_ENVIRONMENT_MAX + 1];
    memcpy(argv + 1, settings->args, settings->n_args * sizeof *argv);
    exec_environment(settings, env);
    const process_plan_t plan = {.path = argv[0],
                                 .argv = argv,
                                 .env = env,
                                 .folder = settings->working_directory,
                                 .user = settings->has_user ? &settings->user : NULL,
                                 .has_no_new_privileges = settings->keeps_privileges_low};
    self->probes[at] = (probe_t){.target = target, .started_us = clock_mono_us()};
    process_error_t error = {.text = "too many killed programs do not end", .is_ours = true};
    if (exec_runs_n_stuck(self->runs) < EXEC_STUCK_MAX &&
        exec_run_start(self->runs, at, &plan, (int64_t)target->timeout_ms * 1000,
                       settings->output_limit_bytes, &error) == 0)
        return;
    char text[ERROR_MAX_BYTES];
    (void)snprintf(text, sizeof text, "%s: %.200s", argv[0], error.text);
    fail(self, at, error.is_ours ? REASON_RESOURCES : REASON_NOT_EXECUTABLE, text,
         clock_mono_us() - self->probes[at].started_us);
}

static int grow(void *context, size_t n_probes)
{
    (void)context;
    (void)n_probes; /* all places are there */
    return 0;
}

void exec_collector_actor(zsock_t *pipe, void *args)
{
    self_t self = {.actor = actor_new(pipe, "exec_collector", args)};
    const collector_handlers_t collector = {.type = PROBE_EXEC,
                                            .n_most = EXEC_PROGRAMS_MAX,
                                            .begin = begin_probe,
                                            .grow = grow,
                                            .context = &self};
    self.collector = collector_new(self.actor, args, &collector);
    self.runs = exec_runs_new(self.actor, on_done, &self);
    self.workspace = actor_must(self.actor, condition_workspace_new());
    actor_run(self.actor);
    exec_runs_destroy(&self.runs);
    condition_workspace_destroy(&self.workspace);
    collector_destroy(&self.collector);
    actor_destroy(&self.actor);
}
