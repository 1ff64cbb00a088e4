/* Time zones as Debian's tzdata has them. */
#ifndef HEALTHD_TESTS_SUPPORT_ZONE_H
#define HEALTHD_TESTS_SUPPORT_ZONE_H

#include "core/zone.h"

/* The zone NAME, for zone_destroy; the test fails where it cannot be read. */
zone_t *support_zone(const char *name);

#endif
