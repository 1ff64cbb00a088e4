/* The cases of oom_each_malloc about what is kept and what a check tells; see oom_cases.h. */
#ifndef HEALTHD_TESTS_FAULTS_OOM_BOOKS_H
#define HEALTHD_TESTS_FAULTS_OOM_BOOKS_H

#include <stdbool.h>

/* Checks that are decided by conditions, with all that was seen on their way. */
const void *const *oom_judged_bodies(void);
void *oom_begin_judged(const void *input);
bool oom_run_judged(void *world, const void *input);
void oom_end_judged(void *world);

/* What of such an answer is kept for later requests. */
bool oom_run_capture(void *world, const void *input);

/* Answers of Redis and of a server of tokens. */
bool oom_run_answers(void *world, const void *input);

/* Texts of which each is kept once, evidence, pauses and a backlog of alerts: they grow. */
bool oom_run_pool(void *world, const void *input);
bool oom_run_evidence(void *world, const void *input);
bool oom_run_pauses(void *world, const void *input);
bool oom_run_backlog(void *world, const void *input);

/* Alerts that wait before anybody is told. */
void *oom_begin_waits(const void *input);
bool oom_run_waits(void *world, const void *input);
/* A book as it was before a restart. */
bool oom_run_restore(void *world, const void *input);
void oom_end_waits(void *world);

#endif
