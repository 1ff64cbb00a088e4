#include "actors/collectors/target_list.h"

#include <stdlib.h>
#include <string.h>

int target_list_init(const config_t *config, probe_type_t type, target_list_t *ret)
{
    size_t n = config->n_targets + config->n_internal;
    *ret = (target_list_t){
        .targets = calloc(n + 1, sizeof(const target_t *)),
        .paces = calloc(n + 1, sizeof(pace_t)),
        .wishes = calloc(n + 1, sizeof(wish_t)),
    };
    if (!ret->targets || !ret->paces || !ret->wishes) {
        target_list_clear(ret);
        return -1;
    }
    for (size_t i = 0; i < n; i++) {
        if (config->targets[i].type == type)
            ret->targets[ret->n++] = &config->targets[i];
    }
    return 0;
}

void target_list_clear(target_list_t *self)
{
    free(self->targets);
    free(self->paces);
    free(self->wishes);
    *self = (target_list_t){.targets = NULL};
}

size_t target_list_n_wanted(const target_list_t *self)
{
    size_t n = 0;
    for (size_t i = 0; i < self->n; i++)
        n += self->wishes[i].is_wanted;
    return n;
}

/* Which old target each of NOW was; AT_OF gives its position by that in CONFIG. */
static void match(const target_list_t *before, const config_t *config, const size_t *at_of,
                  target_list_t *now, target_change_t *change)
{
    for (size_t i = 0; i < now->n; i++)
        change->old_of[i] = SCHEDULE_NONE;
    for (size_t old = 0; old < before->n; old++) {
        const target_t *was = before->targets[old];
        long position = config_probed_at(config, was->name);
        change->new_of[old] = SCHEDULE_NONE;
        if (position < 0 || config->targets[position].type != was->type)
            continue;
        size_t at = at_of[position];
        now->wishes[at].is_paused = before->wishes[old].is_paused;
        if (strcmp(config->targets[position].url, was->url) != 0)
            continue;
        change->old_of[at] = old;
        change->new_of[old] = at;
        now->paces[at] = before->paces[old];
        now->wishes[at] = before->wishes[old];
    }
}

int target_change_init(const target_list_t *before, const config_t *config, target_list_t *now,
                       target_change_t *ret)
{
    size_t *at_of = calloc(config->n_targets + config->n_internal + 1, sizeof *at_of);
    *ret = (target_change_t){
        .old_of = calloc(now->n + 1, sizeof *ret->old_of),
        .new_of = calloc(before->n + 1, sizeof *ret->new_of),
        .times = calloc(now->n + 1, sizeof *ret->times),
    };
    if (!at_of || !ret->old_of || !ret->new_of || !ret->times) {
        free(at_of);
        target_change_clear(ret);
        return -1;
    }
    for (size_t i = 0; i < now->n; i++)
        at_of[now->targets[i] - config->targets] = i;
    match(before, config, at_of, now, ret);
    free(at_of);
    size_t n_new = 0;
    for (size_t i = 0; i < now->n; i++)
        n_new += ret->old_of[i] == SCHEDULE_NONE;
    for (size_t i = 0; i < now->n; i++)
        ret->times[i] = pace_times(now->targets[i], n_new);
    return 0;
}

void target_change_clear(target_change_t *self)
{
    free(self->old_of);
    free(self->new_of);
    free(self->times);
    *self = (target_change_t){.old_of = NULL};
}
