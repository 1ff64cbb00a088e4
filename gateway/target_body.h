/* The bodies of /api/v1/targets: a page of targets, and one of them whole. Pure. */
#ifndef HEALTHD_GATEWAY_TARGET_BODY_H
#define HEALTHD_GATEWAY_TARGET_BODY_H

#include <healthd/evidence.h>

#include "core/config.h"
#include "gateway/target_list.h"

/*
 * {"items":[...],"next_cursor":TEXT or null,"total":N,"version":N} for the page of QUERY of STATE
 * (whole); CONFIG says how its targets are probed. Appended to OUT. 0, or -1 where memory ran out.
 */
int target_body_list(const snapshot_t *state, const config_t *config, const target_query_t *query,
                     msgpack_sbuffer *out);

/*
 * All of TARGET of STATE (whole) but secrets: what an item of the list has, its settings, of a
 * group its rule and members, its last result, its pause or null, and the N_EVIDENCE EVIDENCE of
 * its last failed checks (borrows). As above.
 */
int target_body_one(const snapshot_t *state, const target_state_t *target, const config_t *config,
                    const evidence_t *evidence, size_t n_evidence, msgpack_sbuffer *out);

#endif
