/* The cases of oom_each_malloc that need a world, or inputs from files; see oom_cases.h. */
#ifndef HEALTHD_TESTS_FAULTS_OOM_WORLDS_H
#define HEALTHD_TESTS_FAULTS_OOM_WORLDS_H

#include <stdbool.h>

/* Every message of the fuzzer's corpus: decoded, encoded, copied. */
const void *const *oom_messages(void);
bool oom_run_message(void *world, const void *input);

/* Compiled and evaluated on one answer. */
const void *const *oom_conditions(void);
bool oom_run_condition(void *world, const void *input);

/* A round of results, a snapshot and its explanation. */
void *oom_begin_model(const void *input);
bool oom_run_model(void *world, const void *input);
void oom_end_model(void *world);

/* Alerts that are raised, updated, cleared and resolved. */
void *oom_begin_alerts(const void *input);
bool oom_run_alerts(void *world, const void *input);
void oom_end_alerts(void *world);

/* A reader's copy of the state, and what outsiders are shown of it. */
void *oom_begin_view(const void *input);
bool oom_run_view(void *world, const void *input);
bool oom_run_render(void *world, const void *input);
void oom_end_view(void *world);

#endif
