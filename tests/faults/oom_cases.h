/* What oom_each_malloc tries: one entry for each core or decoder that allocates. */
#ifndef HEALTHD_TESTS_FAULTS_OOM_CASES_H
#define HEALTHD_TESTS_FAULTS_OOM_CASES_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    const char *name;
    /* Inputs to try, ended by NULL; NULL: one without input. */
    const void *const *(*inputs)(void);
    void *(*begin)(const void *input); /* what is there before, made with memory; may be NULL */
    /* Does the work while allocations fail. False where it told that memory ran out; aborts where
     * it told something false. */
    bool (*run)(void *world, const void *input);
    void (*end)(void *world); /* does it again with memory, and destroys; may be NULL */
    /* Some failures do no harm (asprintf cannot make its text smaller): then all is well. */
    bool may_do_without;
} oom_case_t;

extern const oom_case_t oom_cases[];
extern const size_t n_oom_cases;

#endif
