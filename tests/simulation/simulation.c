/*
 * Plays simulated lives of healthd and checks the invariants after every step.
 *   simulation [--seeds FROM..TO] [--seed N] [--days N] [--trace] [--quiet]
 * Exit code 0: every seed holds; 1: one does not; 64: wrong options.
 */
#include "tests/simulation/simulation.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/simulation/disk.h"

/* After the days all is well for so long, and everything must come to its end. */
#define CALM_US HOUR_US
/* With --trace the story is told so long before the breach. */
#define STORY_US (2 * HOUR_US)
/* Messages that wait are mostly taken before a timer that is this close. */
#define CLOSE_US 10000

typedef struct {
    uint64_t from, to;
    unsigned days;
    bool is_traced;
} options_t;

/* --- one seed --- */

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void run_timer(simulation_t *sim)
{
    int64_t world_us = world_due_us(sim);
    int64_t redis_us = redis_due_us(sim);
    int64_t daemon_us = daemon_due_us(sim);
    int64_t due_us = least(world_us, least(redis_us, daemon_us));
    if (due_us > clock_mono_us())
        moment_advance(due_us - clock_mono_us());
    if (world_us == due_us)
        world_step(sim);
    else if (redis_us == due_us)
        redis_step(sim);
    else
        daemon_run_timer(sim);
}

/* The event bus is started again alone only where the disk has all: what it alone had in memory
 * would come back a little later. */
static bool may_restart_bus(const simulation_t *sim)
{
    return sim->judge.n_durable == sim->judge.n_told && ledger_is_trip_stored(sim->daemon.ledger);
}

/* Crashes come between two steps, or in the midst of one: at one of its next writes. */
static void maybe_end(simulation_t *sim)
{
    world_t *world = &sim->world;
    if (disk_is_dead())
        world_end_daemon(sim, true);
    else if (sim->daemon.is_up && world->steps_to_crash > 0 && --world->steps_to_crash == 0) {
        if (may_restart_bus(sim) && random_is(&sim->random, 150)) {
            daemon_restart_bus(sim);
            world->steps_to_crash = 1 + random_below(&sim->random, 300);
        } else if (random_is(&sim->random, 300))
            disk_die_in((unsigned)random_between(&sim->random, 1, 20));
        else
            world_end_daemon(sim, random_is(&sim->random, 850));
    }
}

static void step(simulation_t *sim)
{
    sim->n_steps++;
    moment_advance(random_between(&sim->random, 1, 50));
    int64_t due_us = least(world_due_us(sim), least(redis_due_us(sim), daemon_due_us(sim)));
    bool is_close = due_us < clock_mono_us() + CLOSE_US;
    if ((is_close && random_is(&sim->random, 50)) || !daemon_take_message(sim)) {
        run_timer(sim);
    }
    maybe_end(sim);
    if (!daemon_has_message(sim))
        judge_at_rest(sim);
}

static void play(simulation_t *sim, unsigned days)
{
    int64_t end_us = (int64_t)days * DAY_US;
    while (clock_mono_us() < end_us && !judge_has_failed(sim))
        step(sim);
    world_calm(sim);
    redis_calm(sim);
    end_us = clock_mono_us() + CALM_US;
    while (clock_mono_us() < end_us && !judge_has_failed(sim))
        step(sim);
    if (!judge_has_failed(sim))
        judge_at_the_end(sim);
}

/* Plays SEED. Gives the result in SIM, whose parts are ended. True where it holds. */
static bool run_seed(simulation_t *sim, uint64_t seed, unsigned days)
{
    *sim = (simulation_t){.seed = seed, .random = {.state = seed}};
    moment_begin(seed);
    disk_begin(&sim->random);
    world_begin(sim);
    redis_begin(sim);
    judge_begin(sim);
    play(sim, days);
    bool has_held = !judge_has_failed(sim);
    int64_t ended_us = clock_mono_us();
    daemon_crash(sim, CRASH_OF_PROCESS);
    redis_end(sim);
    judge_end(sim);
    sim->ended_us = ended_us;
    return has_held;
}

/* --- all seeds --- */

static void report_breach(const simulation_t *sim, const options_t *options)
{
    (void)fprintf(stderr,
                  "seed %llu breaches \"%s\" at step %llu, %.6f s: %s\n"
                  "again, with the story: tests/simulation --seed %llu --days %u --trace\n",
                  (unsigned long long)sim->seed, sim->judge.invariant,
                  (unsigned long long)sim->n_steps, (double)sim->ended_us / 1e6, sim->judge.text,
                  (unsigned long long)sim->seed, options->days);
}

static int run(const options_t *options)
{
    static simulation_t sim;
    uint64_t n_steps = 0;
    uint64_t n_checks = 0;
    clock_t begun = clock();
    for (uint64_t seed = options->from; seed <= options->to; seed++) {
        moment_tell(false, 0);
        bool has_held = run_seed(&sim, seed, options->days);
        if (options->is_traced) {
            moment_tell(true, has_held ? 0 : sim.ended_us - STORY_US);
            (void)run_seed(&sim, seed, options->days);
        }
        n_steps += sim.n_steps;
        n_checks += sim.judge.n_checks;
        if (!has_held) {
            report_breach(&sim, options);
            return 1;
        }
    }
    printf("%llu seeds of %u days hold: %llu steps, %llu checks, %.1f s\n",
           (unsigned long long)(options->to - options->from + 1), options->days,
           (unsigned long long)n_steps, (unsigned long long)n_checks,
           (double)(clock() - begun) / CLOCKS_PER_SEC);
    return 0;
}

static bool read_number(const char **text, uint64_t *ret)
{
    char *end = NULL;
    *ret = strtoull(*text, &end, 10);
    bool is_number = end != *text;
    *text = end;
    return is_number;
}

static bool read_options(int argc, char **argv, options_t *options)
{
    static const struct option names[] = {
        {"seeds", required_argument, NULL, 's'},
        {"seed", required_argument, NULL, 'n'},
        {"days", required_argument, NULL, 'd'},
        {"trace", no_argument, NULL, 't'},
        {NULL, 0, NULL, 0},
    };
    int option = 0;
    bool is_right = true;
    while ((option = getopt_long(argc, argv, "", names, NULL)) != -1 && is_right) {
        const char *at = optarg;
        uint64_t days = 0;
        if (option == 's') {
            is_right = read_number(&at, &options->from) && strncmp(at, "..", 2) == 0;
            at += is_right ? 2 : 0;
            is_right = is_right && read_number(&at, &options->to) && !*at;
        } else if (option == 'n') {
            is_right = read_number(&at, &options->from) && !*at;
            options->to = options->from;
        } else if (option == 'd') {
            is_right = read_number(&at, &days) && !*at && days > 0 && days < 10000;
            options->days = (unsigned)days;
        } else {
            is_right = option == 't';
            options->is_traced = true;
        }
    }
    return is_right && optind == argc && options->from <= options->to;
}

int main(int argc, char **argv)
{
    options_t options = {.from = 1, .to = 100, .days = 1};
    if (!read_options(argc, argv, &options)) {
        (void)fprintf(stderr,
                      "usage: simulation [--seeds FROM..TO | --seed N] [--days N] [--trace]\n");
        return 64;
    }
    disk_register();
    return run(&options);
}
