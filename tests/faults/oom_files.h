/* The cases of oom_each_malloc about what a configuration file says; see oom_cases.h. */
#ifndef HEALTHD_TESTS_FAULTS_OOM_FILES_H
#define HEALTHD_TESTS_FAULTS_OOM_FILES_H

#include <stdbool.h>

/* Built from parsed files and traced; the parser is a library that is used at the start and at a
 * reload. */
const void *const *oom_configurations(void);
bool oom_run_configuration(void *world, const void *input);

/* A tree of nodes with anchors, aliases and merge keys, and faults in it. */
bool oom_run_nodes(void *world, const void *input);

/* Matchers of Alertmanager. */
bool oom_run_matchers(void *world, const void *input);

/* Turns at hosts. */
bool oom_run_turns(void *world, const void *input);

#endif
