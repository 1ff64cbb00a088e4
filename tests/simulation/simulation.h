/*
 * One simulated life of healthd: a world that fails, the daemon in it, and the judge who knows what
 * must hold. Everything follows from the seed.
 */
#ifndef HEALTHD_TESTS_SIMULATION_SIMULATION_H
#define HEALTHD_TESTS_SIMULATION_SIMULATION_H

#include "tests/simulation/daemon.h"
#include "tests/simulation/judge.h"
#include "tests/simulation/moment.h"
#include "tests/simulation/random.h"
#include "tests/simulation/redis.h"
#include "tests/simulation/world.h"

struct simulation {
    uint64_t seed;
    random_t random;
    world_t world;
    redis_t redis;
    daemon_t daemon;
    judge_t judge;
    uint64_t n_steps;
    int64_t ended_us; /* monotonic */
};

#endif
