/* One probe of one target by its real collector, in this process and without a daemon. */
#ifndef HEALTHD_APPS_HEALTHCTL_ONCE_H
#define HEALTHD_APPS_HEALTHCTL_ONCE_H

#include <healthd/probe_result.h>

#include "core/config.h"

/*
 * Probes the first target of CONFIG (borrows), which is no passive one. Gives its result, to be
 * ended with probe_result_destroy; NULL where none came within its time-out and a second, or the
 * collector cannot start.
 */
probe_result_t *once_probe(const config_t *config);

#endif
