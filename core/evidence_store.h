/*
 * The evidence of the last failed checks of each target, in memory: EVIDENCE_PER_TARGET of a
 * target, and no more bytes in all than were allowed; beyond them the oldest goes first, whosever
 * it is. Pure.
 */
#ifndef HEALTHD_CORE_EVIDENCE_STORE_H
#define HEALTHD_CORE_EVIDENCE_STORE_H

#include <healthd/evidence.h>

/* Bytes of all evidence that the daemon keeps, at most. */
#define EVIDENCE_STORE_MAX_BYTES ((size_t)16 << 20)
/* What one evidence costs beside its text, at most: its place and its target's. */
#define EVIDENCE_COST_BYTES ((size_t)512)

typedef struct evidence_store evidence_store_t;

/* NULL: out of memory. MAX_BYTES is at least EVIDENCE_MAX_BYTES + EVIDENCE_COST_BYTES. */
evidence_store_t *evidence_store_new(size_t max_bytes);
void evidence_store_destroy(evidence_store_t **store);

/* Keeps *JSON (takes it, also where it fails) of a check of TARGET that ended AT_US. 0, or -1 with
 * nothing kept: out of memory. O(1). */
int evidence_store_add(evidence_store_t *store, const char *target, int64_t at_us, char **json);

/* The evidence of TARGET, newest first; RET borrows it until the next call. Gives how many. */
size_t evidence_store_of(const evidence_store_t *store, const char *target,
                         evidence_t ret[EVIDENCE_PER_TARGET]);

/* Bytes that are kept, their cost included. */
size_t evidence_store_bytes(const evidence_store_t *store);

#endif
