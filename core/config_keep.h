/* What a running process cannot change. Pure. */
#ifndef HEALTHD_CORE_CONFIG_KEEP_H
#define HEALTHD_CORE_CONFIG_KEEP_H

#include "core/config.h"

/*
 * Gives NOW the values that BEFORE (borrows) has of the keys that take a restart
 * (schema_key_t.takes_restart), so that what runs and what is shown of it stay one. 0, or -1: out
 * of memory.
 */
int config_keep(const config_t *before, config_t *now);

#endif
