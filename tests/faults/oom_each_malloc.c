/*
 * Every allocation of a core or decoder fails in turn, alone and with all that follow: nothing may
 * crash, leak or answer falsely, and with memory again the same must go well. One line of figures.
 *   oom_each_malloc [--plant]   with --plant a case that leaks is added: the test must fail
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/faults/failing_malloc.h"
#include "tests/faults/oom_cases.h"

typedef struct {
    size_t n_runs, n_failures, n_faults;
} figures_t;

static bool run(const oom_case_t *one, const void *input, size_t fails_at, bool fails_on)
{
    failing_malloc_t *memory = failing_malloc();
    void *world = one->begin ? one->begin(input) : NULL;
    *memory = (failing_malloc_t){
        .n_live = memory->n_live, .fails_at = fails_at, .fails_on = fails_on, .is_armed = true};
    bool is_whole = one->run(world, input);
    memory->is_armed = false;
    if (one->end)
        one->end(world);
    return is_whole;
}

static void complain(figures_t *figures, const oom_case_t *one, size_t at, const char *what)
{
    figures->n_faults++;
    (void)printf("%s: allocation %zu fails: %s\n", one->name, at, what);
}

/* Lets allocation AT of the case fail, then has it done once more with memory. */
static void fail_at(figures_t *figures, const oom_case_t *one, const void *input, size_t at,
                    bool fails_on)
{
    failing_malloc_t *memory = failing_malloc();
    long n_live = memory->n_live;
    bool is_whole = run(one, input, at, fails_on);
    figures->n_runs++;
    figures->n_failures += memory->n_failed;
    if (memory->n_failed == 0)
        complain(figures, one, at, "it was not reached");
    if (is_whole && !one->may_do_without)
        complain(figures, one, at, "success is told all the same");
    if (memory->n_live != n_live)
        complain(figures, one, at, memory->n_live > n_live ? "it leaks" : "it frees too much");
}

static void try_case(figures_t *figures, const oom_case_t *one, const void *input)
{
    failing_malloc_t *memory = failing_malloc();
    if (!run(one, input, 0, false) || !run(one, input, 0, false)) { /* twice: lazy libraries */
        complain(figures, one, 0, "it fails with memory");
        return;
    }
    long n_live = memory->n_live;
    (void)run(one, input, 0, false);
    if (memory->n_live != n_live)
        complain(figures, one, 0, "it does not free what it allocates");
    size_t n = memory->n_armed;
    for (size_t at = 1; at <= n; at++) {
        fail_at(figures, one, input, at, false);
        fail_at(figures, one, input, at, true);
    }
}

static bool leak(void *world, const void *input)
{
    (void)world;
    (void)input;
    char *kept = malloc(10);
    char *other = kept ? malloc(10) : NULL;
    bool is_whole = kept && other;
    if (is_whole)
        free(kept);
    free(other);
    return is_whole;
}

int main(int argc, char **argv)
{
    static const oom_case_t planted = {.name = "planted leak", .run = leak};
    figures_t figures = {0};
    size_t n_inputs = 0;
    (void)setvbuf(stdout, NULL, _IONBF, 0);
    for (size_t i = 0; i < n_oom_cases; i++) {
        const oom_case_t *one = &oom_cases[i];
        const void *const *inputs = one->inputs ? one->inputs() : NULL;
        for (size_t j = 0; j == 0 || (inputs && inputs[j]); j++) {
            try_case(&figures, one, inputs ? inputs[j] : NULL);
            n_inputs++;
        }
    }
    if (argc == 2 && strcmp(argv[1], "--plant") == 0)
        try_case(&figures, &planted, NULL);
    (void)printf("oom-each-malloc: cases %zu, inputs %zu, runs %zu, failed allocations %zu, faults "
                 "%zu\n",
                 n_oom_cases, n_inputs, figures.n_runs, figures.n_failures, figures.n_faults);
    return figures.n_faults > 0 || figures.n_runs < 100;
}
