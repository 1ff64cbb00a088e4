/* What a probe gave, for people or as it is. */
#ifndef HEALTHD_APPS_HEALTHCTL_ORDERS_H
#define HEALTHD_APPS_HEALTHCTL_ORDERS_H

#include <stddef.h>

#include "apps/healthctl/healthctl.h"

/* Prints the N bytes of a probe's result and gives the exit code that it means: OK 0, DEGRADED 1,
 * DOWN 2, else 3. */
int orders_show_result(const options_t *options, const char *bytes, size_t n);

#endif
