/*
 * Starts every actor, watches them, starts the replaceable ones again, stops them all. Runs in the
 * main thread.
 */
#ifndef HEALTHD_ACTORS_SUPERVISOR_SUPERVISOR_H
#define HEALTHD_ACTORS_SUPERVISOR_SUPERVISOR_H

#include <signal.h>
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

/* The signals that supervisor_run reads: SIGTERM and SIGINT stop, SIGHUP reads the configuration
 * anew, SIGUSR1 and SIGUSR2 change the log level. The caller blocks them before any thread is made.
 */
void supervisor_signals(sigset_t *ret);

/*
 * Runs healthd until SIGTERM or SIGINT. Takes CONFIG where the start got so far that it was used;
 * borrows LOG. Returns the exit code: 0 after a
 * signal; EXIT_RUNTIME where an actor was lost or stuck (logged); where the start failed, *RETERR's
 * with its text. Ends the process itself where actors hang at the stop.
 */
int supervisor_run(config_t **config, log_t *log, start_error_t *reterr);

#endif
