/*
 * malloc, calloc, realloc and free of the whole program, libraries included, of which one call, or
 * every one from there on, fails. Counts what was not freed. For one thread.
 */
#ifndef HEALTHD_TESTS_FAULTS_FAILING_MALLOC_H
#define HEALTHD_TESTS_FAULTS_FAILING_MALLOC_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    bool is_armed;   /* calls are counted, and fail where they are to */
    size_t fails_at; /* the call since arming, from 1; 0: none */
    bool fails_on;   /* all later ones fail too */
    size_t n_armed;  /* calls while armed */
    size_t n_failed;
    long n_live; /* allocated and not freed */
} failing_malloc_t;

failing_malloc_t *failing_malloc(void);

#endif
