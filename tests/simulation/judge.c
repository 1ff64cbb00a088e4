#include "tests/simulation/judge.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alert_component.h"
#include "tests/simulation/simulation.h"

void judge_begin(simulation_t *sim)
{
    sim->judge = (judge_t){.lives_capacity = 256};
    sim->judge.lives = calloc(sim->judge.lives_capacity, sizeof *sim->judge.lives);
    assert(sim->judge.lives);
}

void judge_end(simulation_t *sim)
{
    free(sim->judge.told);
    free(sim->judge.lives);
    free(sim->judge.heard);
    sim->judge.told = NULL;
    sim->judge.lives = NULL;
    sim->judge.heard = NULL;
}

void judge_fail(simulation_t *sim, const char *invariant, const char *format, ...)
{
    judge_t *self = &sim->judge;
    if (judge_has_failed(sim))
        return;
    (void)snprintf(self->invariant, sizeof self->invariant, "%s", invariant);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(self->text, sizeof self->text, format, args);
    va_end(args);
    story("BREACH of %s: %s", self->invariant, self->text);
}

bool judge_has_failed(const simulation_t *sim)
{
    return sim->judge.invariant[0] != '\0';
}

int judge_component(const simulation_t *sim, const char *name)
{
    if (strcmp(name, "system") == 0)
        return JUDGE_SYSTEM;
    if (strcmp(name, EMERGENCY_STOP) == 0)
        return JUDGE_STOP;
    if (strcmp(name, STORAGE_TROUBLE_COMPONENT) == 0)
        return JUDGE_STORAGE;
    if (strcmp(name, ALERT_OVERDUE) == 0)
        return JUDGE_OVERDUE;
    if (strcmp(name, ALERT_BLIND) == 0)
        return JUDGE_BLIND;
    for (int at = 0; at < WORLD_TARGETS; at++)
        if (strcmp(sim->world.places[at].settings.name, name) == 0)
            return at;
    const char *suffix = strstr(name, FLAPPING_SUFFIX);
    for (int at = 0; suffix && at < WORLD_TARGETS; at++) {
        const char *target = sim->world.places[at].settings.name;
        if (strlen(target) == (size_t)(suffix - name) &&
            strncmp(target, name, strlen(target)) == 0 && strcmp(suffix, FLAPPING_SUFFIX) == 0)
            return JUDGE_FLAPPING + at;
    }
    return -1;
}

/* --- hashes --- */

uint64_t judge_hash_bytes(const void *bytes, size_t n)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a, never 0 in practice and never to be 0 */
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ ((const unsigned char *)bytes)[i]) * 1099511628211u;
    return hash | 1;
}

uint64_t judge_hash_text(const char *text)
{
    return judge_hash_bytes(text, strlen(text));
}

uint64_t judge_hash_alert(const alert_t *alert)
{
    msgpack_sbuffer buffer;
    msgpack_sbuffer_init(&buffer);
    alert_t stored = *alert; /* as it lies on disk */
    stored.is_unwritten = false;
    int rc = alert_encode(&stored, &buffer);
    assert(rc == 0);
    uint64_t hash = judge_hash_bytes(buffer.data, buffer.size);
    msgpack_sbuffer_destroy(&buffer);
    return hash;
}

uint64_t judge_hash_event(const alert_event_t *event)
{
    alert_event_t durable = *event; /* as it lies in the log */
    alert_t stored = *event->alert;
    stored.is_unwritten = false;
    durable.alert = &stored;
    durable.is_durable = true;
    msgpack_sbuffer buffer;
    msgpack_sbuffer_init(&buffer);
    int rc = alert_event_encode(&durable, &buffer);
    assert(rc == 0);
    uint64_t hash = judge_hash_bytes(buffer.data, buffer.size);
    msgpack_sbuffer_destroy(&buffer);
    return hash;
}

/* --- the lives of alerts --- */

life_t *judge_life_at(simulation_t *sim, uint64_t id_hash)
{
    judge_t *self = &sim->judge;
    size_t at = (size_t)(id_hash >> 8) & (self->lives_capacity - 1);
    while (self->lives[at].id_hash && self->lives[at].id_hash != id_hash)
        at = (at + 1) & (self->lives_capacity - 1);
    return &self->lives[at];
}

static void grow_lives(simulation_t *sim)
{
    judge_t *self = &sim->judge;
    life_t *old = self->lives;
    size_t n_old = self->lives_capacity;
    if (2 * self->n_lives < n_old)
        return;
    self->lives_capacity = 2 * n_old;
    self->lives = calloc(self->lives_capacity, sizeof *self->lives);
    assert(self->lives);
    for (size_t i = 0; i < n_old; i++)
        if (old[i].id_hash)
            *judge_life_at(sim, old[i].id_hash) = old[i];
    free(old);
}

static void live(simulation_t *sim, size_t at, const char *alert_id)
{
    judge_t *self = &sim->judge;
    const told_t *told = &self->told[at];
    grow_lives(sim);
    life_t *life = judge_life_at(sim, told->id_hash);
    if (told->kind == ALERT_RAISED) {
        if (life->id_hash)
            judge_fail(sim, "unique_id", "%s is given twice", alert_id);
        self->n_lives += life->id_hash == 0;
        *life = (life_t){.id_hash = told->id_hash, .raised = at, .resolved = SIZE_MAX, .last = at};
        return;
    }
    if (!life->id_hash || life->is_lost || life->is_ended) {
        judge_fail(sim, "one_end", "event %zu about %s, which %s", at + 1, alert_id,
                   life->is_ended ? "has ended before" : "was never raised");
        return;
    }
    life->last = at;
    if (told->kind == ALERT_RESOLVED) {
        life->is_ended = true;
        life->resolved = at;
    }
}

void judge_set_told(simulation_t *sim, size_t at, const alert_event_t *event)
{
    judge_t *self = &sim->judge;
    if (at >= self->told_capacity) {
        self->told_capacity = self->told_capacity ? 2 * self->told_capacity : 256;
        self->told = realloc(self->told, self->told_capacity * sizeof *self->told);
        assert(self->told);
    }
    self->told[at] = (told_t){
        .kind = event->kind,
        .at_us = event->at_us,
        .component = judge_component(sim, event->alert->component),
        .level = event->alert->level,
        .id_hash = judge_hash_text(event->alert->alert_id),
        .body_hash = judge_hash_event(event),
        .alert_hash = judge_hash_alert(event->alert),
    };
    self->n_told = at + 1;
}

void judge_tell(simulation_t *sim, const alert_event_t *event)
{
    judge_t *self = &sim->judge;
    self->n_checks++;
    if (event->seq != self->n_told + 1) {
        judge_fail(sim, "sequence", "event %llu follows %zu", (unsigned long long)event->seq,
                   self->n_told);
        return;
    }
    judge_set_told(sim, self->n_told, event);
    self->is_trouble = !event->is_durable;
    if (event->is_durable) { /* and so all before it */
        self->n_durable = self->n_told;
        self->n_refusals_seen = disk_n_refusals();
        self->is_suspect = false;
    }
    live(sim, self->n_told - 1, event->alert->alert_id);
}

void judge_relive(simulation_t *sim)
{
    judge_t *self = &sim->judge;
    for (size_t i = 0; i < self->lives_capacity; i++) {
        life_t *life = &self->lives[i];
        if (life->id_hash)
            *life = (life_t){.id_hash = life->id_hash,
                             .is_lost = true,
                             .raised = SIZE_MAX,
                             .resolved = SIZE_MAX,
                             .last = SIZE_MAX};
    }
    for (size_t at = 0; at < self->n_told; at++) {
        life_t *life = judge_life_at(sim, self->told[at].id_hash);
        if (life->is_lost && self->told[at].kind == ALERT_RAISED) {
            life->is_lost = false;
            life->raised = at;
            life->last = at;
            continue;
        }
        live(sim, at, "(read from the log)");
    }
}
