#include "core/alert_component.h"

#include <stddef.h>
#include <string.h>

bool alert_component_is_own(const char *name)
{
    static const char *const words[] = {"healthd:", "prediction:"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strncmp(name, words[i], strlen(words[i])) == 0)
            return true;
    return false;
}
