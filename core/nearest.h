/* The word that somebody meant who wrote another. Pure; no allocation. */
#ifndef HEALTHD_CORE_NEAREST_H
#define HEALTHD_CORE_NEAREST_H

#include <stddef.h>

/* Bytes of a word that is compared, at most; nothing is near to a longer one. */
#define NEAREST_MAX_BYTES 48

/* Begin with {.word = ..., .n = ...}, offer every candidate, then read .nearest. */
typedef struct {
    const char *word; /* what was written; borrowed */
    size_t n;
    const char *nearest; /* the best candidate so far, borrowed; NULL: none is near */
    size_t distance;     /* of it */
} nearest_t;

/*
 * Takes CANDIDATE (NUL-terminated) if it is nearer than those before: by the fewest characters
 * added, dropped, changed or swapped with their neighbour (optimal string alignment; Boytsov,
 * Indexing methods for approximate dictionary searching, ACM JEA 16, 2011, section 2.2), a change
 * of case counting nothing, and at most a third of the word's length, rounded up. O(n * m).
 */
void nearest_offer(nearest_t *nearest, const char *candidate);

#endif
