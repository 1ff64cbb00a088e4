/* Results, snapshots and the status of the system, from the contract's text alone. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/simulation/simulation.h"

/* --- what each target must show --- */

void judge_health_begin(simulation_t *sim)
{
    judge_t *self = &sim->judge;
    self->version = 0;
    self->status = SYSTEM_UNKNOWN;
    self->is_settled = false;
    self->network = (network_t){.sight = SIGHT_UNKNOWN};
    for (int at = 0; at < WORLD_CHECKED; at++)
        self->expected[at] =
            (expected_t){.status = STATUS_UNKNOWN, .reason = REASON_NONE, .latency_us = -1};
    for (int at = 0; at < WORLD_CHECKED; at++)
        self->shown_status[at] = STATUS_UNKNOWN;
}

const target_t *judge_settings(const simulation_t *sim, const char *name)
{
    for (size_t i = 0; i < sim->daemon.config.n_targets; i++)
        if (strcmp(sim->daemon.targets[i].name, name) == 0)
            return &sim->daemon.targets[i];
    return NULL;
}

/* Results on SIDE among the last WINDOW of those since the shown status turned; WINDOW 0: of those
 * that end the list without another between them. */
static unsigned count_side(const expected_t *expected, char side, unsigned window)
{
    unsigned n = 0;
    for (size_t i = 0; i < expected->n_sides && (window == 0 || i < window); i++) {
        char one = expected->sides[expected->n_sides - 1 - i];
        if (window == 0 && one != side)
            break;
        n += one == side;
    }
    return n;
}

/* So many results on the other side of what is shown turn it, one after another or of so many last
 * ones; one that agrees is shown. */
static bool turns(expected_t *expected, const target_t *target, int status)
{
    if (!expected->is_known)
        return true;
    char side = status > expected->status ? '-' : status < expected->status ? '+' : '=';
    if (expected->n_sides == sizeof expected->sides)
        memmove(expected->sides, expected->sides + 1, --expected->n_sides);
    expected->sides[expected->n_sides++] = side;
    if (side == '-')
        return count_side(expected, side, target->failure_window) >= target->failure_threshold;
    return side == '=' ||
           count_side(expected, side, target->success_window) >= target->success_threshold;
}

/* Weights from 0.8 to 1.2 on the changes among the last results. */
static void judge_flapping(const simulation_t *sim, expected_t *expected, int status)
{
    const flap_settings_t *flap = &sim->world.flap;
    if (flap->window == 0)
        return;
    if (expected->n_results == sizeof expected->results / sizeof expected->results[0])
        memmove(expected->results, expected->results + 1,
                --expected->n_results * sizeof expected->results[0]);
    expected->results[expected->n_results++] = status;
    double sum = 0;
    for (size_t i = 1; i < expected->n_results; i++) {
        size_t age = expected->n_results - 1 - i;
        if (age < flap->window && expected->results[i] != expected->results[i - 1])
            sum += 1.2 - 0.4 * (double)age / (flap->window - 1);
    }
    double ratio = sum / flap->window;
    if (ratio > flap->high || ratio < flap->low)
        expected->is_flapping = ratio > flap->high;
}

static bool is_flapping_unknown(const simulation_t *sim, const expected_t *expected)
{
    return !expected->is_flapping && expected->n_results < sim->world.flap.window;
}

void judge_count(simulation_t *sim, int at, const target_t *target, const probe_result_t *result)
{
    expected_t *expected = &sim->judge.expected[at];
    judge_flapping(sim, expected, result->status);
    if (!turns(expected, target, result->status))
        return;
    if (!expected->is_known || expected->status != result->status)
        expected->n_sides = 0;
    expected->is_known = true;
    expected->status = result->status;
    expected->reason = result->reason;
    expected->latency_us = result->latency_us < 0 ? -1 : (result->latency_us + 5) / 10 * 10;
    expected->checked_at_us = result->finished_at_us;
}

void judge_result(simulation_t *sim, const probe_result_t *result)
{
    size_t number = 0;
    if (world_is_address(result->target, &number)) {
        judge_address(sim, number, result);
        return;
    }
    int at = judge_component(sim, result->target);
    const target_t *target = judge_settings(sim, result->target);
    if (at < 0 || at >= WORLD_CHECKED || !target)
        return;
    sim->judge.expected[at].last_mono_us = clock_mono_us();
    if (!judge_is_unseen(sim, at, target, result))
        judge_count(sim, at, target, result);
}

void judge_expire(simulation_t *sim)
{
    judge_end_waits(sim);
    for (int at = 0; at < WORLD_CHECKED; at++) {
        expected_t *expected = &sim->judge.expected[at];
        const target_t *target = judge_settings(sim, sim->world.places[at].settings.name);
        if (!target || !expected->is_known)
            continue;
        int64_t interval_us = (int64_t)target->check_interval_ms * 1000;
        int64_t late_us = interval_us + (int64_t)target->timeout_ms * 1000 + 2 * SECOND_US;
        int64_t limit_us = 3 * interval_us > late_us ? 3 * interval_us : late_us;
        if (clock_mono_us() - expected->last_mono_us <= limit_us)
            continue;
        expected->is_known = false;
        expected->n_sides = 0;
        expected->status = STATUS_UNKNOWN;
        expected->reason = REASON_STALE;
        expected->latency_us = -1;
    }
}

static void check_shown(simulation_t *sim, const snapshot_t *whole)
{
    if (whole->n_targets != sim->daemon.config.n_targets)
        judge_fail(sim, "shown", "%zu targets instead of %zu", whole->n_targets,
                   sim->daemon.config.n_targets);
    for (size_t i = 0; i < whole->n_targets; i++) {
        const target_state_t *shown = &whole->targets[i];
        int at = judge_component(sim, shown->name);
        if (at < 0 || at >= WORLD_CHECKED)
            continue;
        const expected_t *expected = &sim->judge.expected[at];
        if (shown->status != expected->status || shown->reason != expected->reason ||
            shown->latency_us != expected->latency_us ||
            shown->checked_at_us != expected->checked_at_us)
            judge_fail(sim, "shown", "%s is shown as %s with %lld us, but %s with %lld us counts",
                       shown->name, status_name(shown->status), (long long)shown->latency_us,
                       status_name(expected->status), (long long)expected->latency_us);
        if (shown->is_flapping != expected->is_flapping ||
            shown->is_flapping_unknown != is_flapping_unknown(sim, expected))
            judge_fail(sim, "flapping", "%s %s, but %s", shown->name,
                       shown->is_flapping ? "flaps" : "is calm",
                       expected->is_flapping ? "flaps" : "is not known to");
    }
}

/* --- the status of the system (contract, section 4) --- */

typedef struct {
    char lines[2 * WORLD_TARGETS + 1][CRITICAL_FAILURE_MAX_BYTES];
    size_t n;
    bool is_degraded, is_unknown;
    double sum_ms, max_ms;
    size_t n_latencies;
} verdict_lines_t;

static void add_line(verdict_lines_t *lines, const char *prefix, const char *text)
{
    (void)snprintf(lines->lines[lines->n++], sizeof lines->lines[0], "%s%.900s", prefix, text);
}

/* Rows one, two, five and six for targets of KIND. */
static void judge_kind(const snapshot_t *whole, int kind, verdict_lines_t *lines)
{
    for (size_t i = 0; i < whole->n_targets; i++) {
        const target_state_t *target = &whole->targets[i];
        if (target->kind != kind)
            continue;
        if (target->status == STATUS_DOWN && target->is_critical)
            add_line(lines, kind == KIND_SERVICE ? "Service: " : "Infrastructure: ", target->name);
        if (target->status == STATUS_DEGRADED ||
            (target->status == STATUS_DOWN && !target->is_critical))
            lines->is_degraded = true;
        if (target->status == STATUS_UNKNOWN)
            lines->is_unknown = true;
        if (kind == KIND_SERVICE && target->latency_us >= 0) {
            double ms = (double)target->latency_us / 1000;
            lines->sum_ms += ms;
            lines->max_ms = lines->n_latencies == 0 || ms > lines->max_ms ? ms : lines->max_ms;
            lines->n_latencies++;
        }
    }
}

static void judge_latency(const simulation_t *sim, const snapshot_t *whole, verdict_lines_t *lines)
{
    const config_t *config = &sim->daemon.config;
    for (size_t i = 0; i < whole->n_targets; i++) {
        const target_state_t *target = &whole->targets[i];
        if (target->kind != KIND_SERVICE || target->latency_us < 0)
            continue;
        double ms = (double)target->latency_us / 1000;
        if (!isnan(config->latency_degraded_ms) && ms > config->latency_degraded_ms)
            lines->is_degraded = true;
        bool is_listed = target->status == STATUS_DOWN && target->is_critical;
        if (!isnan(config->latency_critical_ms) && ms > config->latency_critical_ms && !is_listed)
            add_line(lines, "Latency: ", target->name);
    }
}

static bool is_same_number(double a, double b)
{
    return (isnan(a) && isnan(b)) || fabs(a - b) < 1e-6;
}

static void check_status(simulation_t *sim, const snapshot_t *whole)
{
    static verdict_lines_t lines;
    lines.n = lines.n_latencies = 0;
    lines.is_degraded = lines.is_unknown = false;
    lines.sum_ms = lines.max_ms = 0;
    judge_kind(whole, KIND_SERVICE, &lines);
    judge_kind(whole, KIND_INFRASTRUCTURE, &lines);
    judge_latency(sim, whole, &lines);
    const target_state_t *stop = snapshot_target_at(whole, EMERGENCY_STOP);
    if (stop && stop->status == STATUS_DOWN)
        add_line(&lines, "Emergency Stop System: ", stop->error ? stop->error : "Unknown");
    int status = lines.n             ? SYSTEM_CRITICAL
                 : lines.is_degraded ? SYSTEM_DEGRADED
                 : lines.is_unknown  ? SYSTEM_UNKNOWN
                                     : SYSTEM_OK;
    if (whole->status != status)
        judge_fail(sim, "status", "version %llu is %s, but should be %s",
                   (unsigned long long)whole->version, system_status_name(whole->status),
                   system_status_name(status));
    if (whole->n_critical_failures != lines.n)
        judge_fail(sim, "status", "%zu critical failures instead of %zu",
                   whole->n_critical_failures, lines.n);
    for (size_t i = 0; i < lines.n && i < whole->n_critical_failures; i++)
        if (strcmp(whole->critical_failures[i].text, lines.lines[i]) != 0)
            judge_fail(sim, "status", "critical failure %zu is \"%s\" instead of \"%s\"", i,
                       whole->critical_failures[i].text, lines.lines[i]);
    double avg_ms = lines.n_latencies ? lines.sum_ms / (double)lines.n_latencies : (double)NAN;
    double max_ms = lines.n_latencies ? lines.max_ms : (double)NAN;
    if (!is_same_number(whole->avg_service_latency_ms, avg_ms) ||
        !is_same_number(whole->max_service_latency_ms, max_ms))
        judge_fail(sim, "status", "latencies %f and %f instead of %f and %f",
                   whole->avg_service_latency_ms, whole->max_service_latency_ms, avg_ms, max_ms);
}

/* --- versions --- */

static uint64_t hash_of(const snapshot_t *whole)
{
    uint64_t hash = (uint64_t)whole->status;
    for (size_t i = 0; i < whole->n_targets; i++) {
        const target_state_t *target = &whole->targets[i];
        const int64_t numbers[] = {target->status, target->reason, target->latency_us,
                                   target->checked_at_us, target->since_us};
        hash = hash * 31 + judge_hash_text(target->name);
        hash = hash * 31 + judge_hash_bytes(numbers, sizeof numbers);
        hash = hash * 31 + judge_hash_text(target->details ? target->details : "");
    }
    return hash;
}

void judge_snapshot(simulation_t *sim, const snapshot_t *changes, const snapshot_t *whole)
{
    judge_t *self = &sim->judge;
    self->n_checks++;
    if (changes->version != self->version + 1 || changes->base_version != self->version ||
        changes->is_whole != (self->version == 0) || whole->version != changes->version)
        judge_fail(sim, "versions", "version %llu against %llu follows version %llu",
                   (unsigned long long)changes->version, (unsigned long long)changes->base_version,
                   (unsigned long long)self->version);
    if (changes->is_status_changed != (whole->status != self->status))
        judge_fail(sim, "versions", "version %llu is wrong about a change of the status",
                   (unsigned long long)changes->version);
    self->version = changes->version;
    self->status = whole->status;
    self->view_hashes[whole->version % JUDGE_VIEWS] = hash_of(whole);
    judge_network(sim, whole);
    check_shown(sim, whole);
    judge_groups(sim, whole);
    check_status(sim, whole);
}

void judge_view(simulation_t *sim, const snapshot_t *state)
{
    judge_t *self = &sim->judge;
    self->n_checks++;
    if (state->version > self->version)
        judge_fail(sim, "versions", "a reader has version %llu, which was never published",
                   (unsigned long long)state->version);
    if (state->version + JUDGE_VIEWS > self->version &&
        self->view_hashes[state->version % JUDGE_VIEWS] != hash_of(state))
        judge_fail(sim, "versions", "a reader's version %llu is not the published one",
                   (unsigned long long)state->version);
}
