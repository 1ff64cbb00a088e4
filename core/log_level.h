/* Levels of log records. */
#ifndef HEALTHD_CORE_LOG_LEVEL_H
#define HEALTHD_CORE_LOG_LEVEL_H

typedef enum {
    LOG_LEVEL_DEBUG,
    LOG_LEVEL_INFO,
    LOG_LEVEL_WARNING,
    LOG_LEVEL_ERROR,
    LOG_LEVEL_CRITICAL,
    LOG_LEVEL_COUNT
} log_level_t;

const char *log_level_name(log_level_t level); /* "DEBUG" ... "CRITICAL" */

/* Level of a name in any case; 0, or -1. */
int log_level_of(const char *name, log_level_t *ret);

#endif
