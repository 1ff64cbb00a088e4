/* Configurations and snapshots for tests of the rules and of the actors. */
#ifndef HEALTHD_TESTS_SUPPORT_SUPPORT_HEALTH_H
#define HEALTHD_TESTS_SUPPORT_SUPPORT_HEALTH_H

#include <healthd/probe_result.h>
#include <healthd/snapshot.h>

#include "core/config.h"

/* A constant as the text member of a message, which nobody may change or free. */
char *support_text(const char *constant);

/* Environment variables of a test; the row with a NULL name ends them. */
typedef struct {
    const char *name;
    const char *value;
} support_variable_t;

/* config_from_environment with VARIABLES (NULL: none) as the whole environment. */
int support_read_config(const support_variable_t *variables, config_t **ret,
                        config_error_t *reterr);

/* The same for variables that must be good. */
config_t *support_config(const support_variable_t *variables);

/* The target NAME of CONFIG, which must be there, to be changed. */
target_t *support_target(config_t *config, const char *name);

/* Adds N services named many-000, many-001, ... with thresholds of 1 to CONFIG. */
void support_add_services(config_t *config, size_t n);

/*
 * A whole snapshot from one line: "system=CRITICAL risk_guard=DOWN". Who is not named is OK; the
 * targets are the nine of environment-only mode. The emergency stop is named "stop" and carries its
 * entry: "stop=DOWN@5-0"; "gone=NAME" leaves a target out and "new=NAME" says that it has had no
 * result yet. A critical failure stands there for each critical target that is DOWN. To be ended
 * with snapshot_clear.
 */
snapshot_t support_snapshot(const char *line);

#endif
