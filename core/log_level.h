/* Levels of log records. */
#ifndef HEALTHD_CORE_LOG_LEVEL_H
#define HEALTHD_CORE_LOG_LEVEL_H

typedef enum { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR, LOG_CRITICAL, LOG_LEVEL_COUNT } log_level_t;

const char *log_level_name(log_level_t level); /* "DEBUG" ... "CRITICAL" */

/* Level of a name in any case; 0, or -1. */
int log_level_of(const char *name, log_level_t *ret);

#endif
