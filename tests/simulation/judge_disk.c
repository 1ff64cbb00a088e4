/* What a start finds on the disk, against what was told before the end. */
#include <assert.h>
#include <string.h>

#include "store/sql.h"
#include "tests/simulation/simulation.h"

static uint64_t hash_active(const simulation_t *sim)
{
    uint64_t hash = 1;
    const alert_book_t *book = sim->daemon.book;
    for (size_t i = 0; i < alert_book_count(book); i++)
        if (alert_book_at(book, i)->resolution == RESOLUTION_NONE)
            hash += judge_hash_alert(alert_book_at(book, i));
    return hash;
}

/* While the disk has refused something since all was last known to be written, or where the end
 * comes in the midst of a write, more may be on disk than was told; never less. */
void judge_daemon_ends(simulation_t *sim, bool is_torn)
{
    judge_t *self = &sim->judge;
    if (!sim->daemon.is_up) /* the start itself failed: memory was never beyond the disk */
        is_torn = true;
    self->is_suspect = self->is_suspect || is_torn || self->n_refusals_seen != disk_n_refusals();
    self->is_stop_suspect =
        self->is_stop_suspect || is_torn || self->n_stop_refusals_seen != disk_n_refusals();
    self->active_hash = self->is_suspect ? 0 : hash_active(sim);
}

void judge_bus_ends(simulation_t *sim)
{
    sim->judge.is_stop_suspect = true; /* closing writes what it can */
}

/* --- the log --- */

/* Place of the oldest alert that must still be there: all but the newest 1,000 may go. */
static size_t oldest_kept(const judge_t *self)
{
    size_t n = 0;
    for (size_t at = self->n_told; at-- > 0;)
        if (self->told[at].kind == ALERT_RAISED && ++n >= ALERT_LOG_KEPT_ALERTS)
            return at;
    return 0;
}

static void check_missing(simulation_t *sim, size_t from, size_t to, size_t oldest)
{
    judge_t *self = &sim->judge;
    for (size_t at = from; at < to; at++) {
        const life_t *life = judge_life_at(sim, self->told[at].id_hash);
        bool is_old = life->is_ended && life->raised < oldest;
        bool is_old_update =
            self->told[at].kind == ALERT_UPDATED && at + ALERT_LOG_KEPT_UPDATES < self->n_told;
        if (!is_old && !is_old_update)
            judge_fail(sim, "durable", "event %zu, which was told, is not in the log", at + 1);
    }
}

/* An event that is on disk and was not told as durable. It may be unsynced still (the process died
 * before, the kernel had it), so it counts as durable only with the next commit. */
static void adopt(simulation_t *sim, const alert_event_t *event)
{
    judge_t *self = &sim->judge;
    size_t at = (size_t)event->seq - 1;
    if (!self->is_suspect)
        judge_fail(sim, "durable", "event %zu is in the log and was never told as durable", at + 1);
    if (at < self->n_told && self->told[at].body_hash == judge_hash_event(event))
        return;
    story("event %llu %s (%d) was found on the disk", (unsigned long long)event->seq,
          event->alert->alert_id, event->kind);
    judge_set_told(sim, at, event);
    entry_id_t id;
    const alert_t *alert = event->alert;
    if (event->kind == ALERT_RESOLVED && alert->resolution == RESOLUTION_CLEARED &&
        judge_component(sim, alert->component) == JUDGE_STOP && alert->entry_id &&
        entry_id_parse(alert->entry_id, &id) == 0)
        judge_heard(sim, id, SAYS_CLEAR);
}

static void take_row(simulation_t *sim, size_t seq, const void *body, size_t n)
{
    judge_t *self = &sim->judge;
    if (seq <= self->n_durable) {
        if (judge_hash_bytes(body, n) != self->told[seq - 1].body_hash)
            judge_fail(sim, "durable", "event %zu is another one than was told", seq);
        return;
    }
    alert_event_t *event = NULL;
    wire_error_t error;
    if (alert_event_decode(body, n, &event, &error) || event->seq != seq)
        judge_fail(sim, "durable", "event %zu cannot be read", seq);
    else
        adopt(sim, event);
    alert_event_destroy(&event);
}

static void check_log(simulation_t *sim)
{
    judge_t *self = &sim->judge;
    store_error_t error;
    sql_t *sql =
        sql_prepare(sim->daemon.store, "SELECT seq, body FROM alert_event ORDER BY seq", &error);
    assert(sql);
    size_t oldest = oldest_kept(self);
    size_t last = 0;
    while (sql_step(sql, &error) > 0 && !judge_has_failed(sim)) {
        size_t n = 0;
        size_t seq = (size_t)sql_i64(sql, 0);
        const void *body = sql_blob(sql, 1, &n);
        if (seq > last + 1 && seq - 1 <= self->n_told)
            check_missing(sim, last, seq - 1, oldest);
        else if (seq > last + 1)
            judge_fail(sim, "sequence", "event %zu follows %zu in the log", seq, last);
        take_row(sim, seq, body, n);
        last = seq;
    }
    sql_reset(sql);
    if (last < self->n_durable)
        judge_fail(sim, "durable", "event %zu, which was told as durable, is not in the log",
                   self->n_durable);
    self->n_told = last;
    self->n_delivered = self->n_delivered < last ? self->n_delivered : last;
    judge_relive(sim);
}

/* --- alerts and quiet marks --- */

static void check_alert(simulation_t *sim, const alert_t *alert)
{
    const judge_t *self = &sim->judge;
    const life_t *life = judge_life_at(sim, judge_hash_text(alert->alert_id));
    if (!life->id_hash || life->is_lost ||
        life->is_ended != (alert->resolution != RESOLUTION_NONE) ||
        self->told[life->last].alert_hash != judge_hash_alert(alert))
        judge_fail(sim, "restart", "%s is not as its last event left it", alert->alert_id);
}

static void check_alerts(simulation_t *sim, const alert_log_content_t *content)
{
    judge_t *self = &sim->judge;
    size_t n_active = 0;
    size_t n_alerts = 0;
    uint64_t hash = 1;
    for (size_t i = 0; i < self->lives_capacity; i++) {
        bool is_there = self->lives[i].id_hash && !self->lives[i].is_lost;
        n_alerts += is_there;
        n_active += is_there && !self->lives[i].is_ended;
    }
    if (n_alerts > ALERT_LOG_KEPT_ALERTS)
        n_alerts = ALERT_LOG_KEPT_ALERTS;
    if (content->n_active != n_active || content->n_history != n_alerts ||
        content->last_seq != self->n_told)
        judge_fail(sim, "restart", "%zu active of %zu alerts instead of %zu of %zu",
                   content->n_active, content->n_history, n_active, n_alerts);
    for (size_t i = 0; i < content->n_active; i++) {
        check_alert(sim, &content->active[i]);
        hash += judge_hash_alert(&content->active[i]);
    }
    for (size_t i = 0; i < content->n_history; i++)
        check_alert(sim, &content->history[i]);
    if (self->active_hash && self->active_hash != hash)
        judge_fail(sim, "restart", "the active alerts were others before the end");
}

static entry_id_t entry_of(const alert_log_content_t *content, const char *alert_id)
{
    entry_id_t id = {0};
    for (size_t i = 0; i < content->n_history; i++)
        if (strcmp(content->history[i].alert_id, alert_id) == 0 && content->history[i].entry_id)
            (void)entry_id_parse(content->history[i].entry_id, &id); /* 0-0 where it is none */
    return id;
}

static void check_quiet(simulation_t *sim, const alert_log_content_t *content)
{
    judge_t *self = &sim->judge;
    mark_t found[JUDGE_COMPONENTS][SEVERITY_COUNT] = {{{0}}};
    for (size_t i = 0; i < content->n_quiet; i++) {
        const quiet_t *quiet = &content->quiet[i];
        int at = judge_component(sim, quiet->component);
        if (at >= 0 && at != JUDGE_STORAGE)
            found[at][quiet->level] =
                (mark_t){.is_set = true, .entry_id = entry_of(content, quiet->alert_id)};
    }
    for (int at = 0; at < JUDGE_COMPONENTS; at++)
        for (int level = 0; level < SEVERITY_COUNT; level++) {
            if (!self->is_suspect && found[at][level].is_set != self->marks[at][level].is_set)
                judge_fail(sim, "restart", "component %d level %s is%s quiet", at,
                           severity_name(level), found[at][level].is_set ? "" : " not");
            self->marks[at][level] = found[at][level];
        }
}

void judge_restart(simulation_t *sim, const alert_log_content_t *content)
{
    sim->judge.n_checks++;
    sim->judge.is_trouble = false;
    sim->judge.was_storage_cleared = false;
    disk_set_judged(true);
    check_log(sim);
    if (!judge_has_failed(sim)) {
        check_alerts(sim, content);
        check_quiet(sim, content);
    }
    judge_alert_restart(sim);
    disk_set_judged(false);
}
