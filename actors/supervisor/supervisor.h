/*
 * Starts every actor, watches them, starts the replaceable ones again, stops them all. Runs in the
 * main thread.
 */
#ifndef HEALTHD_ACTORS_SUPERVISOR_SUPERVISOR_H
#define HEALTHD_ACTORS_SUPERVISOR_SUPERVISOR_H

#include <stddef.h>

#include "actors/io/log.h"
#include "core/config.h"

/* Exit codes of the process. */
enum { EXIT_RUNTIME = 1, EXIT_USAGE = 64, EXIT_CONFIGURATION = 78 };

/* Why the start failed: one line for people. */
typedef struct {
    int exit_code;
    char text[768];
} start_error_t;

/*
 * Runs healthd until SIGTERM or SIGINT, both of which must be blocked in the caller before any
 * thread is made. Borrows CONFIG and LOG. Returns the exit code: 0 after a signal; EXIT_RUNTIME
 * where an actor was lost or stuck (logged); where the start failed, *RETERR's with its text.
 * Ends the process itself where actors hang at the stop.
 */
int supervisor_run(const config_t *config, log_t *log, start_error_t *reterr);

#endif
