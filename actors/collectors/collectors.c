#include "actors/collectors/collectors.h"

#include <assert.h>

zactor_fn *collector_actor_of(probe_type_t type)
{
#define ROW(NAME, name) [PROBE_##NAME] = name##_collector_actor,
    /* cppcheck-suppress constVariable ; its pointers are constant */
    static zactor_fn *const actors[PROBE_TYPE_COUNT] = {PROBE_TYPES(ROW, ROW)};
#undef ROW
    assert(type < PROBE_TYPE_COUNT && actors[type]);
    return actors[type];
}
