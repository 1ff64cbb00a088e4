#include "core/target.h"

bool target_is_probed(const target_t *target)
{
    return probe_type_is_probed(target->type);
}
