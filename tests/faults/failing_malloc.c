#include "tests/faults/failing_malloc.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

/* glibc's own, under the names that it keeps for who stands in for the usual ones. */
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *memory, size_t n);
void __libc_free(void *memory);

/* Seen by the libraries too. */
#define PUBLIC __attribute__((visibility("default")))

static failing_malloc_t state;

failing_malloc_t *failing_malloc(void)
{
    return &state;
}

/* Whether this allocation is to fail. */
static bool fails(void)
{
    if (!state.is_armed)
        return false;
    state.n_armed++;
    if (state.n_armed != state.fails_at && (!state.fails_on || state.n_armed < state.fails_at))
        return false;
    state.n_failed++;
    errno = ENOMEM;
    return true;
}

static void *counted(void *memory)
{
    state.n_live += memory != NULL;
    return memory;
}

PUBLIC void *malloc(size_t n)
{
    return fails() ? NULL : counted(__libc_malloc(n));
}

PUBLIC void *calloc(size_t n, size_t size)
{
    return fails() ? NULL : counted(__libc_calloc(n, size));
}

PUBLIC void *realloc(void *memory, size_t n)
{
    if (fails())
        return NULL;
    void *moved = __libc_realloc(memory, n);
    state.n_live += !memory && moved;
    state.n_live -= memory && !moved && n == 0;
    return moved;
}

PUBLIC void free(void *memory)
{
    state.n_live -= memory != NULL;
    __libc_free(memory);
}
