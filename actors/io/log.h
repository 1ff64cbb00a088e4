/*
 * Log records on stderr, one line each, as text or as one JSON object. Every value is escaped, cut
 * to 4 KiB, and rid of passwords in URLs. A record is one write(2): lines of threads never mix.
 * What nobody reads is dropped and, when somebody reads again, counted in a record of its own. The
 * settings are shared by all actors; a component borrows them and never writes them. Only the
 * supervisor changes the level while others read it.
 */
#ifndef HEALTHD_ACTORS_IO_LOG_H
#define HEALTHD_ACTORS_IO_LOG_H

#include <stdbool.h>

#include "actors/io/log_sink.h"
#include "core/log_level.h"

typedef struct {
    int level; /* log_level_t; log_set_level once there are threads */
    bool is_json;
    log_sink_t *sink; /* borrowed; NULL: stderr, whose reader may then make every thread wait */
} log_t;

/* Records below LEVEL are left out from now on, in every thread. */
void log_set_level(log_t *log, log_level_t level);

/*
 * Writes a record where LEVEL is at or above the settings'. EVENT is a short constant in
 * snake_case ("probe_failed"), FORMAT and what follows the text for people.
 */
void log_write(const log_t *log, log_level_t level, const char *event, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
