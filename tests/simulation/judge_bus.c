/* What reached the bus, and the emergency stop. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "tests/simulation/simulation.h"

/* --- events that went out --- */

/* Hash of the alert's id in a payload. */
static uint64_t id_hash_of(const char *body)
{
    static const char key[] = "\"alert_id\":\"";
    const char *id = strstr(body, key);
    if (!id)
        return 0;
    id += sizeof key - 1;
    return judge_hash_bytes(id, strcspn(id, "\""));
}

static bool needs_no_delivery(const told_t *told)
{
    return told->kind == ALERT_UPDATED || told->correlation_hash;
}

static void pass_delivered(judge_t *self)
{
    while (self->n_delivered < self->n_told && needs_no_delivery(&self->told[self->n_delivered]))
        self->n_delivered++;
}

void judge_added(simulation_t *sim, const outbound_t *row)
{
    judge_t *self = &sim->judge;
    story("the bus has %s %.8s %.60s", row->event_type, row->correlation_id,
          row->is_alert ? row->body : "");
    if (!row->is_alert)
        return;
    self->n_checks++;
    uint64_t id_hash = id_hash_of(row->body);
    const life_t *life = judge_life_at(sim, id_hash);
    if (!life->id_hash) {
        judge_fail(sim, "bus_order", "the bus has an event that was never told: %.200s", row->body);
        return;
    }
    bool is_end = strcmp(row->event_type, "health.alert_resolved") == 0;
    size_t at = is_end ? life->resolved : life->raised;
    told_t *told = at == SIZE_MAX ? NULL : &self->told[at];
    if (!told || told->at_us != row->event_time_us) {
        /* Of a time that the alert log has forgotten; the event itself said that it might. */
        if (!strstr(row->body, "\"durable\":false"))
            judge_fail(sim, "bus_order", "the bus has an event that the log has not: %.200s",
                       row->body);
        return;
    }
    uint64_t correlation_hash = judge_hash_text(row->correlation_id);
    if (told->correlation_hash && told->correlation_hash != correlation_hash)
        judge_fail(sim, "bus_repeat", "event %zu is repeated with another correlation id: %.200s",
                   at + 1, row->body);
    bool is_repeat = told->correlation_hash != 0;
    pass_delivered(self);
    if (!is_repeat && at != self->n_delivered)
        judge_fail(sim, "bus_order", "event %zu is with the bus before event %zu", at + 1,
                   self->n_delivered + 1);
    told->correlation_hash = correlation_hash;
}

/* With Redis up and the disk well, what was told is with the bus within two intervals. */
static void check_arrival(simulation_t *sim)
{
    judge_t *self = &sim->judge;
    int64_t patience_us = 2000 * (int64_t)sim->world.interval_ms + 2 * MINUTE_US;
    pass_delivered(self);
    if (sim->redis.state != REDIS_UP || disk_is_in_trouble() || self->n_delivered == self->n_told ||
        self->n_delivered != self->n_delivered_before)
        self->waits_since_us = clock_mono_us();
    if (self->waits_since_us < sim->daemon.begun_us)
        self->waits_since_us = sim->daemon.begun_us;
    self->n_delivered_before = self->n_delivered;
    if (clock_mono_us() - self->waits_since_us > patience_us)
        judge_fail(sim, "bus_arrives", "event %zu does not reach the bus", self->n_delivered + 1);
}

/* --- the emergency stop: the newest entry wins, a clear its own --- */

static bool is_over(verdict_t a, verdict_t b)
{
    int order = entry_id_compare(a.id, b.id);
    return order > 0 || (order == 0 && a.says > b.says);
}

static bool is_same(verdict_t a, verdict_t b)
{
    return entry_id_compare(a.id, b.id) == 0 && a.says == b.says;
}

static bool trips(verdict_t verdict)
{
    return verdict.says == SAYS_STATE_TRIPS || verdict.says == SAYS_TRIPPED;
}

static verdict_t verdict_of(const trip_t *trip)
{
    return (verdict_t){.id = trip->entry_id, .says = (says_t)trip->by};
}

void judge_heard(simulation_t *sim, entry_id_t id, says_t says)
{
    judge_t *self = &sim->judge;
    verdict_t verdict = {.id = id, .says = says};
    if (says == SAYS_NOTHING)
        return;
    if (self->n_heard == self->heard_capacity) {
        self->heard_capacity = self->heard_capacity ? 2 * self->heard_capacity : 64;
        self->heard = realloc(self->heard, self->heard_capacity * sizeof *self->heard);
        assert(self->heard);
    }
    self->heard[self->n_heard++] = verdict;
    if (is_over(verdict, self->stop))
        self->stop = verdict;
    if (says == SAYS_CLEAR && is_over(verdict, self->cleared))
        self->cleared = verdict;
}

void judge_stop_stored(simulation_t *sim)
{
    verdict_t now = verdict_of(ledger_trip(sim->daemon.ledger));
    if (disk_is_dead())
        return;
    sim->judge.stop_stored = now;
    sim->judge.is_stop_suspect = false;
    sim->judge.n_stop_refusals_seen = disk_n_refusals();
}

static bool was_heard(const judge_t *self, verdict_t verdict)
{
    for (size_t i = 0; i < self->n_heard; i++)
        if (is_same(self->heard[i], verdict))
            return true;
    return false;
}

void judge_ledger_opened(simulation_t *sim, const trip_t *trip)
{
    judge_t *self = &sim->judge;
    verdict_t found = verdict_of(trip);
    verdict_t stored = self->stop_stored;
    verdict_t with_clear = is_over(self->cleared, stored) ? self->cleared : stored;
    if (!is_same(found, with_clear) &&
        !(self->is_stop_suspect && was_heard(self, found) && is_over(found, stored)))
        judge_fail(sim, "durable",
                   "the emergency stop is at %llu-%llu (%d) after the start, not "
                   "at %llu-%llu (%d)",
                   (unsigned long long)found.id.time_ms, (unsigned long long)found.id.sequence,
                   (int)found.says, (unsigned long long)with_clear.id.time_ms,
                   (unsigned long long)with_clear.id.sequence, (int)with_clear.says);
    /* What was found may still be unsynced, and be gone after the next end. */
    self->is_stop_suspect = !is_same(found, with_clear);
    self->stop = is_over(self->cleared, found) ? self->cleared : found;
}

void judge_at_rest(simulation_t *sim)
{
    const daemon_t *daemon = &sim->daemon;
    if (!daemon->is_up)
        return;
    check_arrival(sim);
    if (daemon->is_spacing || ledger_is_dirty(daemon->ledger))
        return;
    const judge_t *self = &sim->judge;
    const trip_t *trip = ledger_trip(daemon->ledger);
    if (!is_same(verdict_of(trip), self->stop) || trip->is_tripped != trips(self->stop))
        judge_fail(sim, "stop", "the bus is at %llu-%llu (%d), not at %llu-%llu (%d)",
                   (unsigned long long)trip->entry_id.time_ms,
                   (unsigned long long)trip->entry_id.sequence, (int)trip->by,
                   (unsigned long long)self->stop.id.time_ms,
                   (unsigned long long)self->stop.id.sequence, (int)self->stop.says);
    const target_state_t *stop = snapshot_target_at(&daemon->published.whole, EMERGENCY_STOP);
    if (!stop || (stop->status == STATUS_DOWN) != trips(self->stop))
        judge_fail(sim, "stop", "it is shown as %s, but is at %llu-%llu (%d)",
                   stop ? status_name(stop->status) : "nothing",
                   (unsigned long long)self->stop.id.time_ms,
                   (unsigned long long)self->stop.id.sequence, (int)self->stop.says);
}

void judge_at_the_end(simulation_t *sim)
{
    judge_t *self = &sim->judge;
    const redis_t *redis = &sim->redis;
    if (!sim->daemon.is_up) {
        judge_fail(sim, "restart", "healthd does not start though all is well");
        return;
    }
    pass_delivered(self);
    if (self->n_delivered < self->n_told)
        judge_fail(sim, "bus_arrives", "event %zu never reached the bus", self->n_delivered + 1);
    if (self->n_durable < self->n_told && !self->is_suspect)
        judge_fail(sim, "durable", "event %zu never reached the disk", self->n_durable + 1);
    if (redis->n_settled < redis->n_entries)
        judge_fail(sim, "stop", "%zu entries were never acknowledged",
                   redis->n_entries - redis->n_settled);
    verdict_t best = self->cleared;
    for (size_t i = 0; i < redis->n_entries; i++) {
        verdict_t verdict = {.id = redis->entries[i].id, .says = redis->entries[i].says};
        if (redis->entries[i].state == ENTRY_DONE && verdict.says && is_over(verdict, best))
            best = verdict;
    }
    if (is_over(best, verdict_of(ledger_trip(sim->daemon.ledger))))
        judge_fail(sim, "stop", "entry %llu-%llu was acknowledged and had no effect",
                   (unsigned long long)best.id.time_ms, (unsigned long long)best.id.sequence);
}
