/*
 * healthd, whole, with one fault planted: the variable STUCK_ACTOR=NAME:HOW makes the actor of that
 * name, half a second after its loop began, block for ever (HOW is "block") or return ("return").
 * Linked with apps/healthd.c and --wrap for the two functions below. What it plants it says on
 * stderr.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actors/actor.h"

#define AFTER_MS 500

actor_t *__real_actor_new(zsock_t *pipe, const char *name, const actor_args_t *args);
actor_t *__wrap_actor_new(zsock_t *pipe, const char *name, const actor_args_t *args);
int __real_zloop_start(zloop_t *loop);
int __wrap_zloop_start(zloop_t *loop);

/* Name of the actor of this thread; NULL: the supervisor's. */
static _Thread_local const char *actor_name;

actor_t *__wrap_actor_new(zsock_t *pipe, const char *name, const actor_args_t *args)
{
    actor_name = name;
    return __real_actor_new(pipe, name, args);
}

/* What is to happen to the actor of this thread; "": nothing. */
static const char *plan(void)
{
    const char *text = getenv("STUCK_ACTOR"); /* NOLINT(concurrency-mt-unsafe): nobody sets it */
    if (!text || !actor_name)
        return "";
    size_t n = strlen(actor_name);
    return strncmp(text, actor_name, n) == 0 && text[n] == ':' ? text + n + 1 : "";
}

static int on_time(zloop_t *loop, int id, void *context)
{
    (void)loop;
    (void)id;
    (void)context;
    bool is_block = strcmp(plan(), "block") == 0;
    char line[128];
    int n = snprintf(line, sizeof line, "planted: %s %s at %lld\n", actor_name, plan(),
                     (long long)clock_mono_us());
    if (write(STDERR_FILENO, line, (size_t)n) != n)
        abort();
    while (is_block)
        (void)pause();
    return -1;
}

int __wrap_zloop_start(zloop_t *loop)
{
    if (plan()[0])
        (void)zloop_timer(loop, AFTER_MS, 1, on_time, NULL);
    return __real_zloop_start(loop);
}
