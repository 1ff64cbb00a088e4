/*
 * What the daemon lives in: targets and their moods, the operator, the machine with its disk and
 * clock. Redis has a file of its own.
 */
#ifndef HEALTHD_TESTS_SIMULATION_WORLD_H
#define HEALTHD_TESTS_SIMULATION_WORLD_H

#include "core/check.h"
#include "core/config.h"
#include "tests/simulation/random.h"

/* Services, then infrastructure, then a group of each kind; a configuration watches some of them.
 */
#define WORLD_SERVICES 8
#define WORLD_INFRA    4
#define WORLD_CHECKED  (WORLD_SERVICES + WORLD_INFRA)
#define WORLD_GROUPS   2
#define WORLD_TARGETS  (WORLD_CHECKED + WORLD_GROUPS)

/* Addresses of the connectivity check. */
#define WORLD_ADDRESSES 2
/* Whatever is checked: targets, then addresses. */
#define WORLD_PROBED (WORLD_CHECKED + WORLD_ADDRESSES)

typedef struct simulation simulation_t;

typedef enum {
    MOOD_UP,
    MOOD_SLOW, /* around the borders of 1 s and 5 s */
    MOOD_CODE, /* answers, but with another code */
    MOOD_REFUSES,
    MOOD_HANGS,
    MOOD_FLAPS,  /* each check as it comes */
    MOOD_SILENT, /* its results are lost on the way */
    MOOD_COUNT
} mood_t;

/* A target as it is, whoever watches it. */
typedef struct {
    mood_t mood;
    int64_t next_mood_us;
    int64_t mood_since_us;
    bool is_watched;
    target_t settings;
} place_t;

/* Whom a group follows. */
typedef struct {
    bool has[WORLD_TARGETS];
    size_t n;
    group_rule_t rule;
    size_t n_least;
} world_group_t;

typedef struct {
    place_t places[WORLD_TARGETS];
    world_group_t groups[WORLD_GROUPS];
    random_t group_random;
    target_t stop_settings;
    uint32_t interval_ms;
    double latency_degraded_ms, latency_critical_ms;
    bool alert_degraded_targets;
    bool alert_overdue;
    uint32_t notify_after_ms; /* of the system */
    bool is_contract;         /* thresholds of 1 */
    bool is_calm;             /* no more trouble: the end of a run */
    int64_t operator_us;      /* when each next comes */
    flap_settings_t flap;
    int64_t trouble_us;
    int64_t wall_jump_us;
    int64_t start_us;      /* the daemon's, while it is down */
    bool has_connectivity; /* some targets lie behind the daemon's own network */
    bool is_network_lost;
    int64_t network_us;      /* when it next goes or returns */
    random_t network_random; /* of its own: the rest of each life stays as it was */
    uint64_t steps_to_crash;
    bool starts_in_trouble; /* of the disk */
} world_t;

/* How a check ends, as its collector sees it. */
typedef struct {
    check_outcome_t outcome;
    int64_t duration_us;
    bool is_lost; /* no result comes */
} fate_t;

void world_begin(simulation_t *sim);

/* Fills CONFIG (and TARGETS, room for WORLD_TARGETS + 1 +
 * WORLD_ADDRESSES) with what is watched; texts are static,
 * the groups are to be ended with group_set_clear. */
void world_configure(const simulation_t *sim, config_t *config, target_t *targets);

/* Other targets, other thresholds. */
void world_change_configuration(simulation_t *sim);

/* --- world_groups.c --- */

void world_make_groups(simulation_t *sim);
/* Other members, of those that are watched. */
void world_settle_groups(simulation_t *sim);
/* Gives CONFIG, which has its targets, its groups. */
void world_configure_groups(const simulation_t *sim, config_t *config);

/* --- the daemon's own network: world_network.c --- */

void world_begin_network(simulation_t *sim);
/* Adds the connectivity check to CONFIG, whose targets stand. */
void world_configure_network(const simulation_t *sim, config_t *config);
/* Whether NAME is an address of the connectivity check; its number. */
bool world_is_address(const char *name, size_t *ret_number);
/* FATE as it is where the network is lost. */
fate_t world_fate_by_network(simulation_t *sim, const target_t *target, fate_t fate);
fate_t world_fate_of_address(simulation_t *sim);
void world_turn_network(simulation_t *sim);

/* No answer, for MOOD_REFUSES or MOOD_HANGS. */
fate_t world_no_answer(random_t *random, mood_t mood);

/* The fate of a check of the target NAME that begins now. */
fate_t world_fate(simulation_t *sim, const char *name);

/* When the world's next event is due, and that event. */
int64_t world_due_us(const simulation_t *sim);
void world_step(simulation_t *sim);

/* The daemon ends: CRASHES, or is stopped; the world decides when it starts again. */
void world_end_daemon(simulation_t *sim, bool crashes);

/* From now on nothing fails any more. */
void world_calm(simulation_t *sim);

#endif
