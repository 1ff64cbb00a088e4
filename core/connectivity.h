/* A connectivity check: addresses of which one at least answers while healthd's own network is
 * there. Immutable once the configuration stands. */
#ifndef HEALTHD_CORE_CONNECTIVITY_H
#define HEALTHD_CORE_CONNECTIVITY_H

#include <stdint.h>

#include <healthd/snapshot.h>

#include "core/matcher.h"

/* A target's connectivity checks, as bits. */
typedef uint32_t connectivity_mask_t;
_Static_assert(CONNECTIVITY_CHECKS_MAX <= 32, "a bit for each");

typedef struct {
    char *name;            /* owned */
    size_t first_url;      /* its addresses are internal targets from here on: config_t */
    size_t n_urls;         /* 1 .. CONNECTIVITY_URLS_MAX */
    uint32_t timeout_ms;   /* of each */
    matchers_t applies_to; /* owned; none: all targets */
} connectivity_check_t;

#endif
