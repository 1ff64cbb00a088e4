#include "tests/simulation/world.h"

#include <math.h>
#include <string.h>

#include "tests/simulation/disk.h"
#include "tests/simulation/simulation.h"

/* Steps between two crashes, on average. */
#define CRASH_STEPS      500
#define CHECK_TIMEOUT_MS 5000

static const char *const names[WORLD_CHECKED] = {
    "main_backend", "scheduler", "risk_guard", "ai_system", "monitor", "orders",
    "quotes",       "reports",   "redis",      "postgres",  "binance", "storage",
};

static int64_t around(random_t *random, int64_t mean_us)
{
    return random_between(random, mean_us / 8, mean_us * 2);
}

/* --- configuration --- */

static uint32_t threshold(simulation_t *sim)
{
    return sim->world.is_contract ? 1 : (uint32_t)random_between(&sim->random, 1, 4);
}

/* Of how many results; 0: one after another. */
static uint32_t window(simulation_t *sim, uint32_t needed)
{
    if (sim->world.is_contract || random_is(&sim->random, 500))
        return 0;
    return needed + (uint32_t)random_between(&sim->random, 0, 4);
}

/* None as in the contract, or some that are over before the next check and some that are not. */
static uint32_t notify_after(simulation_t *sim)
{
    bool has_none = sim->world.is_contract || random_is(&sim->random, 300);
    return has_none ? 0 : (uint32_t)random_between(&sim->random, 1000, 600000);
}

static void settle_place(simulation_t *sim, int at)
{
    place_t *place = &sim->world.places[at];
    bool is_service = at < WORLD_SERVICES;
    random_t *random = &sim->random;
    place->is_watched = random_is(random, 600);
    place->settings.is_critical =
        is_service ? random_is(random, 500) : (sim->world.is_contract || random_is(random, 700));
    place->settings.failure_threshold = threshold(sim);
    place->settings.failure_window = window(sim, place->settings.failure_threshold);
    place->settings.success_threshold = threshold(sim);
    place->settings.success_window = window(sim, place->settings.success_threshold);
    place->settings.notify_after_ms = notify_after(sim);
}

/* Three targets at least are watched. */
static void watch_enough(simulation_t *sim)
{
    for (int at = 0, n = 0; at < WORLD_CHECKED; at++) {
        n += sim->world.places[at].is_watched;
        if (WORLD_CHECKED - at - 1 + n < 3 && !sim->world.places[at].is_watched) {
            sim->world.places[at].is_watched = true;
            n++;
        }
    }
}

void world_change_configuration(simulation_t *sim)
{
    story("the configuration changes");
    for (int n = 0; n < 2; n++)
        settle_place(sim, (int)random_below(&sim->random, WORLD_CHECKED));
    watch_enough(sim);
    world_settle_groups(sim);
}

void world_configure(const simulation_t *sim, config_t *config, target_t *targets)
{
    const world_t *world = &sim->world;
    static char here[] = ".";
    *config = (config_t){
        .check_interval_ms = world->interval_ms,
        .latency_degraded_ms = world->latency_degraded_ms,
        .latency_critical_ms = world->latency_critical_ms,
        .staleness = 3,
        .flap = world->flap,
        .alert_degraded_targets = world->alert_degraded_targets,
        .alert_overdue = world->alert_overdue,
        .notify_after_ms = world->notify_after_ms,
        .state_dir = here,
        .targets = targets,
    };
    for (int kind = KIND_SERVICE; kind <= KIND_INFRASTRUCTURE; kind++)
        for (int at = 0; at < WORLD_TARGETS; at++)
            if (world->places[at].is_watched && (int)world->places[at].settings.kind == kind)
                targets[config->n_targets++] = world->places[at].settings;
    targets[config->n_targets++] = world->stop_settings;
    world_configure_groups(sim, config);
    world_configure_network(sim, config);
}

/* --- begin --- */

static void make_place(simulation_t *sim, int at)
{
    static char texts[WORLD_CHECKED][24];
    static char prefix[] = "Check failed: ";
    static char url[] = "http://target/";
    place_t *place = &sim->world.places[at];
    memcpy(texts[at], names[at], strlen(names[at]) + 1);
    *place = (place_t){
        .next_mood_us = around(&sim->random, HOUR_US),
        .settings = {.name = texts[at],
                     .kind = at < WORLD_SERVICES ? KIND_SERVICE : KIND_INFRASTRUCTURE,
                     .type = at == WORLD_SERVICES ? PROBE_REDIS : PROBE_HTTP,
                     .url = url,
                     .error_prefix = prefix,
                     .check_interval_ms = sim->world.interval_ms,
                     .timeout_ms = CHECK_TIMEOUT_MS},
    };
    settle_place(sim, at);
}

/* From a stream of its own: the rest of each life stays as it was. */
static void settle_flapping(simulation_t *sim)
{
    random_t random = {.state = ~sim->seed};
    flap_settings_t *flap = &sim->world.flap;
    flap->window = (uint32_t)random_between(&random, FLAP_WINDOW_MIN, 24);
    if (sim->world.is_contract)
        flap->window = 0;
    /* Thresholds that no sum of weights meets: the last digit is nobody's matter. */
    flap->high = (double)random_between(&random, 25, 60) / 100 + 0.0012345;
    flap->low = flap->high - (double)random_between(&random, 0, 20) / 100;
}

void world_begin(simulation_t *sim)
{
    static const uint32_t intervals_s[] = {120, 300, 300, 600, 900};
    static char stop[] = EMERGENCY_STOP;
    random_t *random = &sim->random;
    world_t *world = &sim->world;
    bool has_latency_rules = random_is(random, 700);
    /* One statement for each: an initializer may ask for its random numbers in any order. */
    world->interval_ms = 1000 * intervals_s[random_below(random, 5)];
    world->latency_degraded_ms = has_latency_rules ? 1000 : (double)NAN;
    world->latency_critical_ms = has_latency_rules ? 5000 : (double)NAN;
    world->alert_degraded_targets = random_is(random, 500);
    world->is_contract = random_is(random, 400);
    world->alert_overdue = !world->is_contract && random_is(random, 700);
    world->notify_after_ms = notify_after(sim);
    settle_flapping(sim);
    world->operator_us = around(random, HOUR_US / 2);
    world->trouble_us = around(random, 2 * HOUR_US);
    world->wall_jump_us = around(random, 4 * HOUR_US);
    sim->world.steps_to_crash = 1 + random_below(random, 2 * (uint64_t)CRASH_STEPS);
    sim->world.stop_settings = (target_t){.name = stop,
                                          .kind = KIND_NONE,
                                          .type = PROBE_PASSIVE,
                                          .is_critical = true,
                                          .failure_threshold = 1,
                                          .success_threshold = 1};
    for (int at = 0; at < WORLD_CHECKED; at++)
        make_place(sim, at);
    world_begin_network(sim);
    watch_enough(sim);
    world_make_groups(sim);
}

/* --- checks --- */

static int64_t latency_of(random_t *random, mood_t mood)
{
    static const int64_t borders_us[] = {999990,  999995,  1000000, 1000004, 1000005, 1000010,
                                         4999990, 4999995, 5000000, 5000004, 5000005, 5000010};
    if (mood != MOOD_SLOW)
        return random_between(random, 500, 50000);
    if (random_is(random, 500))
        return borders_us[random_below(random, sizeof borders_us / sizeof borders_us[0])];
    return random_between(random, 800000, 5200000);
}

static fate_t answer(random_t *random, mood_t mood)
{
    static const long codes[] = {404, 500, 503, 204, 451};
    static const char *const bodies[] = {"{\"status\":\"ok\"}", "fine", "", "[1,2]"};
    fate_t fate = {.duration_us = latency_of(random, mood)};
    const char *body = bodies[random_below(random, 4)];
    fate.outcome = (check_outcome_t){
        .latency_us = fate.duration_us,
        .http_code = mood == MOOD_CODE ? codes[random_below(random, 5)] : 200,
        .body = body,
        .n_body = strlen(body),
    };
    return fate;
}

fate_t world_no_answer(random_t *random, mood_t mood)
{
    if (mood == MOOD_HANGS) {
        int64_t us = (int64_t)CHECK_TIMEOUT_MS * 1000 + random_between(random, 0, 3000);
        return (fate_t){.outcome = {.fault = REASON_TIMEOUT_RESPONSE, .latency_us = us},
                        .duration_us = us};
    }
    int64_t us = random_between(random, 200, 20000);
    return (fate_t){
        .outcome = {.fault = REASON_REFUSED, .fault_text = "no one listens", .latency_us = us},
        .duration_us = us};
}

fate_t world_fate(simulation_t *sim, const char *name)
{
    random_t *random = &sim->random;
    size_t number = 0;
    if (world_is_address(name, &number))
        return world_fate_of_address(sim);
    int at = 0;
    while (strcmp(names[at], name) != 0)
        at++;
    mood_t mood = sim->world.places[at].mood;
    bool is_lost = mood == MOOD_SILENT;
    if (mood == MOOD_FLAPS)
        mood = (mood_t)random_below(random, MOOD_FLAPS);
    fate_t fate = mood == MOOD_REFUSES || mood == MOOD_HANGS ? world_no_answer(random, mood)
                                                             : answer(random, mood);
    fate.is_lost = is_lost;
    if (at == WORLD_SERVICES && mood == MOOD_CODE)
        fate.outcome.fault = REASON_REDIS_LOADING;
    return world_fate_by_network(sim, &sim->world.places[at].settings, fate);
}

/* --- events --- */

static void change_mood(simulation_t *sim, int at)
{
    static const char *const moods[MOOD_COUNT] = {
        "is up", "is slow", "answers other codes", "refuses", "hangs", "flaps", "is silent"};
    place_t *place = &sim->world.places[at];
    int64_t interval_us = (int64_t)sim->world.interval_ms * 1000;
    bool was_up = place->mood == MOOD_UP;
    if (!was_up && random_is(&sim->random, 800))
        place->mood = MOOD_UP;
    else if (!was_up && random_is(&sim->random, 500)) /* with what was last seen of it */
        place->mood = MOOD_SILENT;
    else
        place->mood = (mood_t)random_below(&sim->random, MOOD_COUNT);
    place->mood_since_us = clock_mono_us();
    place->next_mood_us =
        clock_mono_us() +
        around(&sim->random, place->mood == MOOD_UP ? 24 * interval_us : 5 * interval_us);
    story("%s %s", names[at], moods[place->mood]);
}

static void trouble_disk(disk_trouble_t trouble, int64_t span_us)
{
    story("the disk is %s for %.1f s", disk_trouble_name((int)trouble), (double)span_us / 1e6);
    disk_set_trouble(trouble, clock_mono_us() + span_us);
}

static void begin_trouble(simulation_t *sim)
{
    int64_t mean_us = random_is(&sim->random, 500) ? 2 * SECOND_US : 10 * MINUTE_US;
    int64_t span_us = around(&sim->random, mean_us);
    trouble_disk((disk_trouble_t)random_between(&sim->random, DISK_BUSY, DISK_BROKEN), span_us);
    if (random_is(&sim->random, 300)) /* a bad hour for Redis too */
        sim->redis.next_state_us =
            clock_mono_us() + random_between(&sim->random, 1, 10 * SECOND_US);
    sim->world.trouble_us = clock_mono_us() + around(&sim->random, 2 * HOUR_US);
}

static void jump_wall(simulation_t *sim)
{
    static const int64_t spans_us[] = {10, SECOND_US, HOUR_US, DAY_US};
    int64_t span_us = spans_us[random_below(&sim->random, 4)];
    int64_t us = random_between(&sim->random, -span_us, span_us);
    story("the wall clock jumps by %.6f s", (double)us / 1e6);
    moment_jump_wall(us);
    sim->world.wall_jump_us = clock_mono_us() + around(&sim->random, 4 * HOUR_US);
}

static void operate(simulation_t *sim)
{
    daemon_operate(sim);
    if (random_is(&sim->random, 150)) { /* what was just promised is to be kept */
        sim->world.steps_to_crash = 1 + random_below(&sim->random, 3);
        sim->world.starts_in_trouble = random_is(&sim->random, 500);
    }
    /* Clears come in pairs now and then: the second one finds less. */
    sim->world.operator_us =
        clock_mono_us() + (random_is(&sim->random, 300) ? random_between(&sim->random, 1, 200000)
                                                        : around(&sim->random, HOUR_US / 2));
}

void world_end_daemon(simulation_t *sim, bool crashes)
{
    random_t *random = &sim->random;
    if (crashes)
        daemon_crash(sim, (crash_t)random_below(random, CRASH_COUNT));
    else
        daemon_stop(sim);
    if (random_is(random, 150))
        world_change_configuration(sim);
    sim->world.start_us =
        clock_mono_us() + (random_is(random, 900) ? random_between(random, 100000, MINUTE_US)
                                                  : around(random, HOUR_US));
    sim->world.steps_to_crash = 1 + random_below(random, 2 * (uint64_t)CRASH_STEPS);
}

static void start_daemon(simulation_t *sim)
{
    bool is_in_trouble = sim->world.starts_in_trouble || random_is(&sim->random, 100);
    int64_t span_us = around(&sim->random, 2 * SECOND_US);
    sim->world.starts_in_trouble = false;
    if (!sim->world.is_calm && is_in_trouble && random_is(&sim->random, 500))
        trouble_disk(DISK_BROKEN, span_us);
    else if (!sim->world.is_calm && is_in_trouble)
        disk_be_busy_in((unsigned)random_between(&sim->random, 1, 4), span_us);
    if (!sim->world.is_calm && random_is(&sim->random, 30))
        disk_die_in((unsigned)random_between(&sim->random, 1, 10));
    if (daemon_start(sim))
        sim->world.start_us = clock_mono_us() + around(&sim->random, 5 * SECOND_US);
}

static int64_t next_mood(const simulation_t *sim, int *ret_at)
{
    int64_t due_us = NEVER_US;
    for (int at = 0; at < WORLD_CHECKED; at++) {
        if (sim->world.places[at].next_mood_us >= due_us)
            continue;
        due_us = sim->world.places[at].next_mood_us;
        *ret_at = at;
    }
    return due_us;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t world_due_us(const simulation_t *sim)
{
    int at = 0;
    const world_t *world = &sim->world;
    int64_t due_us = least(next_mood(sim, &at), least(world->operator_us, world->trouble_us));
    due_us = least(due_us, least(world->wall_jump_us, world->network_us));
    return sim->daemon.is_up ? due_us : least(due_us, world->start_us);
}

void world_step(simulation_t *sim)
{
    world_t *world = &sim->world;
    int at = 0;
    int64_t now_us = clock_mono_us();
    if (!sim->daemon.is_up && world->start_us <= now_us) {
        start_daemon(sim);
    } else if (world->operator_us <= now_us) {
        operate(sim);
    } else if (world->trouble_us <= now_us) {
        begin_trouble(sim);
    } else if (world->wall_jump_us <= now_us) {
        jump_wall(sim);
    } else if (world->network_us <= now_us) {
        world_turn_network(sim);
    } else if (next_mood(sim, &at) <= now_us) {
        change_mood(sim, at);
    }
}

void world_calm(simulation_t *sim)
{
    world_t *world = &sim->world;
    story("from now on all is well");
    world->is_calm = true;
    world->operator_us = world->trouble_us = world->wall_jump_us = world->network_us = NEVER_US;
    world->is_network_lost = false;
    world->steps_to_crash = UINT64_MAX;
    world->start_us = clock_mono_us(); /* where it is down */
    disk_set_trouble(DISK_WELL, 0);
    disk_die_in(0);
    disk_be_busy_in(0, 0);
    for (int at = 0; at < WORLD_CHECKED; at++) {
        world->places[at].mood = MOOD_UP;
        world->places[at].next_mood_us = NEVER_US;
    }
}
