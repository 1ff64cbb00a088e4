/*
 * Reads the configuration: a file with what it includes, or, without one, the compiled-in file of
 * environment-only mode (deploy/examples/platform.yaml).
 */
#ifndef HEALTHD_ACTORS_SUPERVISOR_CONFIG_LOAD_H
#define HEALTHD_ACTORS_SUPERVISOR_CONFIG_LOAD_H

#include "core/config.h"
#include "core/config_trace.h"

/* Included files, at most, and bytes of all files together. */
#define CONFIG_INCLUDED_MAX    1000
#define CONFIG_FILES_MAX_BYTES ((size_t)16 << 20)

/* How it went. */
typedef struct {
    config_t *config; /* NULL: there are faults */
    char *report;     /* faults and warnings, one or several lines each; "" where there are none */
    size_t n_faults;
    size_t n_warnings;
} config_load_t;

/* Reads the file PATH, whose ${...} come from LOOKUP. Gives *RET, to be ended with
 * config_load_clear. 0, or -1 where there are faults. */
int config_load(const char *path, config_lookup_fn *lookup, void *context, config_load_t *ret);
/* The same, and TRACE (borrows) is told of its target. */
int config_load_traced(const char *path, config_lookup_fn *lookup, void *context,
                       config_trace_t *trace, config_load_t *ret);

/* One line on what was loaded from PATH: faults, or targets and warnings; with its line feed. */
void config_load_summary(const char *path, const config_load_t *load, text_t *line);

void config_load_clear(config_load_t *load);

/*
 * The configuration of environment-only mode (contract, sections 1 and 2). Gives *RET, to be ended
 * with config_destroy. Returns 0, or -1 with *RETERR.
 */
int config_from_environment(config_lookup_fn *lookup, void *context, config_t **ret,
                            config_error_t *reterr);

/* The compiled-in file; NUL-terminated. */
const char *config_builtin_file(void);

#endif
