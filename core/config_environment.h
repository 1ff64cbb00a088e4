/*
 * The variables of the contract (section 1): their checks, and what they override in a
 * configuration file. Pure.
 */
#ifndef HEALTHD_CORE_CONFIG_ENVIRONMENT_H
#define HEALTHD_CORE_CONFIG_ENVIRONMENT_H

#include "core/config.h"

/* The environment, and what is made of it for files that name its variables. */
typedef struct {
    config_lookup_fn *lookup;
    void *context;
    char base_url[URL_MAX_BYTES + 1]; /* BASE_SERVICE_URL without slashes at its end */
} config_environment_t;

/* Value of VARIABLE, or NULL where it is unset or empty. */
const char *config_environment_at(const config_environment_t *environment, const char *variable);

/*
 * The value that a file gets for ${VARIABLE}: as it is, but BASE_SERVICE_URL without the slashes at
 * its end and HEALTH_CHECK_INTERVAL without zeros at its start. A config_lookup_fn over a
 * config_environment_t.
 */
const char *config_environment_lookup(const char *variable, void *context);

/*
 * Checks the variables: all, or (HAS_FILE) those that override a file. 0, or -1 with *RETERR, the
 * line about the first bad one.
 */
int config_environment_check(const config_environment_t *environment, bool has_file,
                             config_error_t *reterr);

/*
 * Puts what is set into CONFIG, in place of what its file says, and notes in `overridden` what the
 * file had said (GIVEN: of each key whether it stands in the file). Values are checked already. 0,
 * or -1: out of memory.
 */
typedef struct {
    bool bus_url, listen, endpoints, state_dir, token, level, format;
} config_given_t;
int config_environment_override(const config_environment_t *environment,
                                const config_given_t *given, config_t *config);

/* The keys that variables decide, whatever a file says, as a JSON list. NULL: out of memory. */
char *config_environment_keys(const config_environment_t *environment);

#endif
