/* What an exec check runs, and how. */
#ifndef HEALTHD_CORE_PROBES_EXEC_H
#define HEALTHD_CORE_PROBES_EXEC_H

#include <stdbool.h>
#include <stddef.h>

#include <healthd/status.h>

#include "core/local_user.h"

/* Of one target, at most. */
#define EXEC_ARGS_MAX   64
#define EXEC_ENV_MAX    32
#define EXEC_VALUES_MAX 32

typedef struct {
    const char *args[EXEC_ARGS_MAX]; /* beside the program itself */
    size_t n_args;
    const char *env[EXEC_ENV_MAX]; /* NAME=value, over what every program gets */
    size_t n_env;
    const char *working_directory;
    bool has_user; /* else it runs as healthd does */
    local_user_t user;
    bool keeps_privileges_low; /* a set-user-ID bit gives it nothing */
    size_t output_limit_bytes;
    status_t unknown;                    /* of exit codes from 3 on, and of no exit code at all */
    const char *values[EXEC_VALUES_MAX]; /* names that conditions may use */
    size_t n_values;
} exec_settings_t;

/* The program of URL, an absolute path, or NULL where the URL is none of exec. */
const char *exec_url_program(const char *url);

/* Variables of a program, with those that all have. */
#define EXEC_ENVIRONMENT_MAX (EXEC_ENV_MAX + 3)

/* Gives the environment of a program, with a NULL at its end; its texts are borrowed. */
void exec_environment(const exec_settings_t *settings,
                      const char *environment[EXEC_ENVIRONMENT_MAX + 1]);

/* What an exit code means: status and reason. */
void exec_judge(const exec_settings_t *settings, int exit_code, status_t *ret_status,
                reason_t *ret_reason);

#endif
