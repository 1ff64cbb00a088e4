/*
 * What a scalar of a configuration file says once ${...} in it is replaced. It happens after the
 * file was parsed, so that a value cannot bring structure in. Pure: the environment and files are
 * asked for through functions.
 */
#ifndef HEALTHD_CORE_CONFIG_SUBSTITUTE_H
#define HEALTHD_CORE_CONFIG_SUBSTITUTE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/config.h"
#include "core/local_user.h"

/* Bytes of a value with everything put in, at most. */
#define CONFIG_VALUE_MAX_BYTES ((size_t)64 << 10)

/* Text of the file at PATH, or NULL with a static text why not; the caller frees it. */
typedef char *config_read_file_fn(const char *path, void *context, const char **reterr);

/* Whole path of PATH, a file that can be read; NULL with a static text why not. The caller frees
 * it. */
typedef char *config_find_file_fn(const char *path, void *context, const char **reterr);

/* The TZif file of the time zone NAME (zone_is_name), *RET_N bytes; NULL with a static text why
 * not. The caller frees it. */
typedef char *config_read_zone_fn(const char *name, size_t *ret_n, const char **reterr);

/* Where values come from. */
typedef struct {
    config_lookup_fn *lookup;
    config_read_file_fn *read_file;
    config_find_file_fn *find_file;
    local_user_find_fn *find_user;
    config_read_zone_fn *read_zone; /* NULL: no zone but UTC can be read */
    void *context;                  /* of lookup */
    void *file_context;             /* of read_file and find_file */
} config_values_t;

/*
 * TEXT with ${NAME} (an unset or empty variable is an error), ${NAME:-default}, ${file:PATH} (one
 * newline at its end is dropped) and $$ (a dollar sign) replaced, once. Any other $ stands for
 * itself. Gives *RET (the caller frees it), *RET_IS_FILE where a file was put in: the value may be
 * a secret. 0, or -1 with a line in REASON.
 */
int config_substitute(const char *text, const config_values_t *values, char **ret,
                      bool *ret_is_file, char reason[256]);

#endif
