/*
 * Knows what must hold, from what went in and what came out alone: nothing here asks the code under
 * test what is right. The first breach ends the run.
 */
#ifndef HEALTHD_TESTS_SIMULATION_JUDGE_H
#define HEALTHD_TESTS_SIMULATION_JUDGE_H

#include <healthd/alert_event.h>
#include <healthd/snapshot.h>

#include "core/alert_rules.h"
#include "store/alert_log.h"
#include "tests/simulation/redis.h"
#include "tests/simulation/world.h"

typedef struct simulation simulation_t;

/* Components: the targets of the world, the system, the emergency stop, the state folder, checks
 * that are late. */
#define JUDGE_SYSTEM     WORLD_TARGETS
#define JUDGE_STOP       (WORLD_TARGETS + 1)
#define JUDGE_STORAGE    (WORLD_TARGETS + 2)
#define JUDGE_OVERDUE    (WORLD_TARGETS + 3)
#define JUDGE_BLIND      (WORLD_TARGETS + 4)
#define JUDGE_FLAPPING   (WORLD_TARGETS + 5) /* of each target */
#define JUDGE_COMPONENTS (2 * WORLD_TARGETS + 5)
/* Published versions that a reader's state is compared with, at most. */
#define JUDGE_VIEWS 64

/* Of a component: no condition; nothing can be said (UNKNOWN, or just started); not watched; it is
 * judged apart. */
enum { LEVEL_NONE = -1, LEVEL_HOLD = -2, LEVEL_GONE = -3, LEVEL_ANY = -4 };

/* What an entry, or an operator, said last about the emergency stop. */
typedef struct {
    entry_id_t id;
    says_t says;
} verdict_t;

/* An alert event as it was told; its number is its place + 1. */
typedef struct {
    int kind;
    int64_t at_us;
    int component;
    int level;
    uint64_t id_hash;
    uint64_t body_hash;  /* of the event as it lies in the log */
    uint64_t alert_hash; /* of the alert after it */
    bool is_durable;
    uint64_t correlation_hash; /* 0: the bus has it not */
} told_t;

/* The life of one alert. */
typedef struct {
    uint64_t id_hash; /* 0: the place is free */
    bool is_lost;     /* it was never durable, and the process crashed */
    bool is_ended;
    size_t raised, resolved, last; /* places in told; SIZE_MAX: not */
} life_t;

/* A component and level that was cleared. */
typedef struct {
    bool is_set;
    entry_id_t entry_id; /* emergency stop */
} mark_t;

/* What is expected of the entry of one target. */
typedef struct {
    bool is_known;
    int status, reason;
    int64_t latency_us;
    int64_t checked_at_us;
    int64_t last_mono_us;
    char sides[16]; /* results since it turned: '-' worse, '+' better, '=' the same */
    size_t n_sides;
    int results[FLAP_WINDOW_MAX + 1]; /* since the start, the newest last */
    size_t n_results;
    bool is_flapping;
    bool waits;             /* a failure of it waits for the connectivity check */
    probe_result_t waiting; /* its numbers; no text */
    int64_t waits_since_us;
} expected_t;

/* What the addresses of the connectivity check have said. */
typedef struct {
    bool has_failed[WORLD_ADDRESSES];
    int64_t started_us[WORLD_ADDRESSES]; /* of the last check of each */
    int64_t arrived_us[WORLD_ADDRESSES];
    int64_t seen_us;     /* start of the newest check that was answered */
    int64_t returned_us; /* when blindness last ended */
    int sight;           /* sight_t */
} network_t;

typedef struct {
    char invariant[32]; /* "": none was breached */
    char text[512];

    told_t *told;
    size_t n_told, told_capacity;
    size_t n_durable;   /* the first so many were told as durable */
    size_t n_delivered; /* ... are with the bus, or need not be */
    size_t n_delivered_before;
    int64_t waits_since_us; /* what is to be delivered, while nothing is in its way */
    life_t *lives;
    size_t n_lives, lives_capacity; /* a power of two */

    mark_t marks[JUDGE_COMPONENTS][SEVERITY_COUNT];
    /* Of each component: someone was told, or has cleared it; and since when it is bad, monotonic,
     * 0: it is not. */
    bool is_known[JUDGE_COMPONENTS];
    int64_t bad_since_us[JUDGE_COMPONENTS];
    bool is_settled;          /* every target had a result, or 30 s have passed */
    bool is_trouble;          /* the newest event is not durable, or a clear was refused */
    bool was_storage_cleared; /* since the start */
    uint64_t n_refusals_seen; /* of the disk, when everything was last known to be on it */
    uint64_t active_hash;     /* of the active alerts in memory before the end; 0: not known */

    bool is_suspect;      /* more may be on disk than was told as durable */
    bool is_stop_suspect; /* ... of the emergency stop */
    uint64_t n_stop_refusals_seen;

    uint64_t version; /* of the last snapshot; 0: none since the start */
    int status;       /* system_status_t, likewise */
    uint64_t view_hashes[JUDGE_VIEWS];
    expected_t expected[WORLD_CHECKED];
    network_t network;
    int shown_status[WORLD_CHECKED]; /* in the last snapshot */
    verdict_t stop;                  /* what the daemon must think of the emergency stop */
    verdict_t stop_stored;           /* ... and have on disk */
    verdict_t cleared;               /* the newest clear */
    verdict_t *heard;                /* all that the daemon was ever told of it */
    size_t n_heard, heard_capacity;

    uint64_t n_checks; /* times that something was looked at */
} judge_t;

void judge_begin(simulation_t *sim);
void judge_end(simulation_t *sim);

/* Notes a breach, unless there is one already. */
void judge_fail(simulation_t *sim, const char *invariant, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool judge_has_failed(const simulation_t *sim);

/* --- results and snapshots (judge_health.c) --- */

void judge_health_begin(simulation_t *sim);
void judge_result(simulation_t *sim, const probe_result_t *result);
void judge_expire(simulation_t *sim);
/* RESULT of target AT counts. */
void judge_count(simulation_t *sim, int at, const target_t *target, const probe_result_t *result);
const target_t *judge_settings(const simulation_t *sim, const char *name);

/* --- the daemon's own network (judge_network.c) --- */

/* Whether RESULT of target AT does not count now: it waits, or says nothing. */
bool judge_is_unseen(simulation_t *sim, int at, const target_t *target,
                     const probe_result_t *result);
/* RESULT is that of address NUMBER. */
void judge_address(simulation_t *sim, size_t number, const probe_result_t *result);
/* What has waited for too long counts. */
void judge_end_waits(simulation_t *sim);
/* Sight, and that no target that answers by itself turned DOWN while the network is lost. */
void judge_network(simulation_t *sim, const snapshot_t *whole);
/* CHANGES were published; WHOLE is the published state with them. */
void judge_snapshot(simulation_t *sim, const snapshot_t *changes, const snapshot_t *whole);
/* STATE is what a reader has. */
void judge_view(simulation_t *sim, const snapshot_t *state);

/* Whether the groups of WHOLE are what their members make of them (judge_groups.c). */
void judge_groups(simulation_t *sim, const snapshot_t *whole);

/* --- alerts (judge_alerts.c) --- */

/* The book took a step on STATE, with EFFECTS that told EVENTS. */
void judge_alert_step(simulation_t *sim, const snapshot_t *state, const alert_effects_t *effects,
                      const alert_event_t *events, size_t n_events);
/* The book is what was loaded; nothing has been bad yet. */
void judge_alert_restart(simulation_t *sim);
/* How long what holds has held, at LEVELS (severity_t, LEVEL_...) of every component. */
void judge_note_bad(simulation_t *sim, const snapshot_t *state, const int *levels);
/* Whether an alert about component AT need not wait any more. */
bool judge_is_due(const simulation_t *sim, int at, const int *levels);
/* Of which components someone has been told. */
void judge_note_known(simulation_t *sim);
/* Every step that one snapshot or finding asked for is done. */
void judge_alert_steps(simulation_t *sim);
/* A clear of ALERT that was done (EVENTS) or refused (none). */
void judge_clear(simulation_t *sim, const alert_t *alert, const alert_event_t *events,
                 size_t n_events);
/* Everything that was told is on disk now. */
void judge_all_written(simulation_t *sim);

/* --- disk (judge_disk.c) --- */

/* The daemon ends. IS_TORN: in the midst of a write. */
void judge_daemon_ends(simulation_t *sim, bool is_torn);
/* The event bus alone ends, in the midst of whatever it does. */
void judge_bus_ends(simulation_t *sim);
/* It is up again, with CONTENT loaded from its log. */
void judge_restart(simulation_t *sim, const alert_log_content_t *content);

/* --- for the judge's own files --- */

int judge_component(const simulation_t *sim, const char *name); /* -1: none of the world */
/* None of them is ever 0. */
uint64_t judge_hash_bytes(const void *bytes, size_t n);
uint64_t judge_hash_text(const char *text);
uint64_t judge_hash_alert(const alert_t *alert);
uint64_t judge_hash_event(const alert_event_t *event);
life_t *judge_life_at(simulation_t *sim, uint64_t id_hash); /* may be a free place */
/* Appends what was told and brings the lives up to it. */
void judge_tell(simulation_t *sim, const alert_event_t *event);
/* Puts EVENT at a place, which is then the last one. */
void judge_set_told(simulation_t *sim, size_t at, const alert_event_t *event);
/* Makes the lives anew from what was told. */
void judge_relive(simulation_t *sim);

/* --- bus and emergency stop (judge_bus.c) --- */

void judge_added(simulation_t *sim, const outbound_t *row);
void judge_heard(simulation_t *sim, entry_id_t id, says_t says);
/* The ledger was opened with TRIP. */
void judge_ledger_opened(simulation_t *sim, const trip_t *trip);
void judge_stop_stored(simulation_t *sim);
/* No message is under way. */
void judge_at_rest(simulation_t *sim);
/* All was well for a while: nothing is left to be done. */
void judge_at_the_end(simulation_t *sim);

#endif
