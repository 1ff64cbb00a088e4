#include "core/log_level.h"

#include <assert.h>
#include <strings.h>

static const char *const names[LOG_LEVEL_COUNT] = {
    [LOG_LEVEL_DEBUG] = "DEBUG", [LOG_LEVEL_INFO] = "INFO",         [LOG_LEVEL_WARNING] = "WARNING",
    [LOG_LEVEL_ERROR] = "ERROR", [LOG_LEVEL_CRITICAL] = "CRITICAL",
};

const char *log_level_name(log_level_t level)
{
    assert(level < LOG_LEVEL_COUNT);
    return names[level];
}

int log_level_of(const char *name, log_level_t *ret)
{
    for (int level = LOG_LEVEL_DEBUG; level < LOG_LEVEL_COUNT; level++) {
        if (strcasecmp(name, names[level]) == 0) {
            *ret = (log_level_t)level;
            return 0;
        }
    }
    return -1;
}
