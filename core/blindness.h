/*
 * Whether healthd sees at all: what its connectivity checks say, and what a failed check of a
 * target is worth because of it (docs/status.md). Pure; all times are monotonic, microseconds.
 *
 * Positions of addresses are those of the configuration's internal targets.
 */
#ifndef HEALTHD_CORE_BLINDNESS_H
#define HEALTHD_CORE_BLINDNESS_H

#include "core/config.h"

/* Addresses of one check are asked at once; failures that lie further apart are asked for anew. */
#define BLINDNESS_TOGETHER_US ((int64_t)1000000)
/* A failure waits for an answer for the time-out of a connectivity check and so much more. */
#define BLINDNESS_WAIT_MARGIN_US ((int64_t)2000000)

/* An address, by its last result. */
typedef struct {
    bool has_result;
    bool is_ok;
    bool is_wanted; /* to be asked at once */
    bool is_asked;  /* ... and it was, and has not answered since */
    int64_t started_us;
    int64_t arrived_us;
} address_sight_t;

typedef struct {
    sight_t sight;
    int64_t since_wall_us; /* when it began, Unix time */
    int64_t seen_us;       /* start of the newest answer; 0: none */
    int64_t returned_us;   /* when the last blindness ended; 0: there was none */
} check_sight_t;

/* Zero it to begin. */
typedef struct {
    check_sight_t checks[CONNECTIVITY_CHECKS_MAX];
    address_sight_t addresses[CONNECTIVITY_CHECKS_MAX * CONNECTIVITY_URLS_MAX];
} blindness_t;

/* Goes over from configuration BEFORE (NULL: none) to NOW: a check of the same name and addresses
 * goes on, any other one begins anew. WALL_US is Unix time. */
void blindness_reconfigure(blindness_t *self, const config_t *before, const config_t *now,
                           int64_t wall_us);

/* What a result of an address says. */
typedef struct {
    bool is_ok;
    int64_t started_us;
    int64_t arrived_us;
    int64_t wall_us; /* Unix time of now */
} address_result_t;

/* ADDRESS has RESULT. Whether the sight of its check is another one now. */
bool blindness_take(blindness_t *self, const config_t *config, size_t address,
                    const address_result_t *result);

typedef enum {
    FAILURE_IS_SEEN,  /* the network was there after it: the target failed */
    FAILURE_IS_BLIND, /* the network is lost, or was while the target's check ran */
    FAILURE_WAITS     /* nobody knows yet */
} failure_t;

/*
 * What a failure is worth of a target with CHECKS, whose check began at STARTED_US and came at
 * ARRIVED_US: seen where each of them has had an answer to a question that was asked after that.
 * Checks that never had an answer say nothing. FAILURE_IS_BLIND gives *RET_CHECK.
 */
failure_t blindness_judge(const blindness_t *self, const config_t *config,
                          connectivity_mask_t checks, int64_t started_us, int64_t arrived_us,
                          size_t *ret_check);

/* Wants an answer of those of CHECKS that have none asked for after ARRIVED_US. */
void blindness_want(blindness_t *self, const config_t *config, connectivity_mask_t checks,
                    int64_t arrived_us);

/* While one of CHECKS fails, wants an answer of it, at most one a BLINDNESS_TOGETHER_US: a target
 * has had a result at NOW_US, so that this may be over. */
void blindness_want_sight(blindness_t *self, const config_t *config, connectivity_mask_t checks,
                          int64_t now_us);

/* Which check ADDRESS belongs to. */
size_t blindness_check_of(const config_t *config, size_t address);

/* How long a failure of a target with CHECKS waits, at most. */
int64_t blindness_wait_us(const config_t *config, connectivity_mask_t checks);

/* Gives the next address that is wanted, which is then asked; false where there is none. */
bool blindness_ask(blindness_t *self, const config_t *config, size_t *ret_address);

#endif
