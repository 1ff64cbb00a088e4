#include "tests/support/support_zone.h"

#include <stdlib.h>

#include "actors/supervisor/config_disk.h"
#include "tests/test.h"

zone_t *support_zone(const char *name)
{
    size_t n = 0;
    const char *reason = NULL;
    char *bytes = config_disk_zone(name, &n, &reason);
    zone_t *zone = bytes ? zone_of_tzif(bytes, n, &reason) : NULL;
    if (!zone)
        fail_msg("%s: %s", name, reason);
    free(bytes);
    return zone;
}
