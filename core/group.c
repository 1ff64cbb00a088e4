#include "core/group.h"

#include <stdlib.h>
#include <string.h>

#include "core/scalar.h"
#include "core/text.h"

/* Members of one status that a text names, at most, and the bytes of their names. */
#define NAMED_MAX       5
#define NAMED_MAX_BYTES 120

const char *group_rule_name(group_rule_t rule)
{
    static const char *const names[GROUP_RULE_COUNT] = {
        [GROUP_ALL_UP] = "all_up", [GROUP_ANY_UP] = "any_up", [GROUP_AT_LEAST] = "at_least"};
    return names[rule];
}

int group_rule_parse(const char *text, group_rule_t *ret_rule, int64_t *ret_least)
{
    scalar_error_t ignored; /* the whole text is told */
    for (group_rule_t rule = 0; rule < GROUP_AT_LEAST; rule++) {
        if (strcmp(text, group_rule_name(rule)) != 0)
            continue;
        *ret_rule = rule;
        *ret_least = 0;
        return 0;
    }
    size_t n = strlen(group_rule_name(GROUP_AT_LEAST));
    if (strncmp(text, group_rule_name(GROUP_AT_LEAST), n) != 0 || text[n] != ' ' ||
        scalar_count(text + n + 1, strlen(text + n + 1), ret_least, &ignored))
        return -1;
    *ret_rule = GROUP_AT_LEAST;
    return 0;
}

/* --- the rule --- */

size_t group_needed(const group_t *group)
{
    switch (group->rule) {
    case GROUP_ANY_UP:
        return 1;
    case GROUP_AT_LEAST:
        return group->n_least;
    case GROUP_ALL_UP:
    case GROUP_RULE_COUNT:
        break;
    }
    return group->n_members;
}

int group_status(const size_t counted[STATUS_COUNT], size_t n_needed)
{
    size_t n_up = counted[STATUS_OK] + counted[STATUS_DEGRADED];
    if (n_up + counted[STATUS_UNKNOWN] < n_needed)
        return STATUS_DOWN;
    if (n_up < n_needed)
        return STATUS_UNKNOWN;
    return counted[STATUS_DEGRADED] + counted[STATUS_DOWN] > 0 ? STATUS_DEGRADED : STATUS_OK;
}

group_count_t group_count(const group_t *group, const target_state_t *shown)
{
    group_count_t count = {.n_needed = group_needed(group)};
    size_t calm[STATUS_COUNT] = {0};
    for (size_t i = 0; i < group->n_members; i++) {
        const target_state_t *member = &shown[group->members[i]];
        count.n[member->status]++;
        calm[member->is_flapping ? STATUS_UNKNOWN : member->status]++;
    }
    count.n_up = count.n[STATUS_OK] + count.n[STATUS_DEGRADED];
    count.status = group_status(count.n, count.n_needed);
    count.is_by_flapping = count.status != group_status(calm, count.n_needed);
    return count;
}

/* --- what is told of it --- */

/* Appends NAME, cut where it is longer than all names together may be. */
static void append_name(text_t *text, const char *name)
{
    static const char more[] = "...";
    size_t n = strlen(name);
    if (n <= NAMED_MAX_BYTES) {
        text_append(text, name, n);
        return;
    }
    text_append(text, name, NAMED_MAX_BYTES - sizeof more + 1);
    text_append_string(text, more);
}

/* "; DOWN: a, b and 12 more": the members of STATUS, if there are any. */
static void tell_members(const group_t *group, const group_count_t *count,
                         const target_state_t *shown, int status, text_t *text)
{
    size_t n_named = 0;
    size_t n_bytes = 0;
    if (count->n[status] == 0)
        return;
    text_appendf(text, "; %s: ", status_name(status));
    for (size_t i = 0; i < group->n_members && n_named < NAMED_MAX; i++) {
        const target_state_t *member = &shown[group->members[i]];
        if (member->status != status)
            continue;
        n_bytes += strlen(member->name) + 2;
        if (n_named > 0 && n_bytes > NAMED_MAX_BYTES)
            break;
        text_append_string(text, n_named ? ", " : "");
        append_name(text, member->name);
        n_named++;
    }
    if (count->n[status] > n_named)
        text_appendf(text, " and %zu more", count->n[status] - n_named);
}

char *group_tell(const group_t *group, const group_count_t *count, const target_state_t *shown)
{
    static const int told[] = {STATUS_DOWN, STATUS_DEGRADED, STATUS_UNKNOWN};
    text_t text = {0};
    text_appendf(&text, "%zu of %zu members up, %zu needed", count->n_up, group->n_members,
                 count->n_needed);
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
        tell_members(group, count, shown, told[i], &text);
    return text_take(&text);
}

/* --- how they hang together --- */

void group_set_clear(group_set_t *self)
{
    for (size_t i = 0; i < self->n; i++)
        free(self->items[i].members);
    free(self->items);
    free(self->order);
    free(self->first);
    free(self->parents);
    *self = (group_set_t){.n = 0};
}

/* Fills first and parents: counts, sums up to where each target's list ends, then fills each list
 * from behind, which leaves where it begins. */
static void link_parents(group_set_t *self, size_t n_targets)
{
    for (size_t i = 0; i < self->n; i++)
        for (size_t j = 0; j < self->items[i].n_members; j++)
            self->first[self->items[i].members[j]]++;
    for (size_t at = 1; at <= n_targets; at++)
        self->first[at] += self->first[at - 1];
    for (size_t i = self->n; i-- > 0;)
        for (size_t j = self->items[i].n_members; j-- > 0;)
            self->parents[--self->first[self->items[i].members[j]]] = i;
}

/* Puts the groups in order by Kahn's method (Communications of the ACM 5, 1962, 558-562); N_OPEN
 * has, for each group, the members that are groups without a place. Gives how many got one. */
static size_t put_in_order(group_set_t *self, size_t *n_open)
{
    size_t n = 0;
    for (size_t i = 0; i < self->n; i++)
        for (size_t k = self->first[self->items[i].at]; k < self->first[self->items[i].at + 1]; k++)
            n_open[self->parents[k]]++;
    for (size_t i = 0; i < self->n; i++)
        if (n_open[i] == 0)
            self->order[n++] = i;
    for (size_t i = 0; i < n; i++) {
        size_t at = self->items[self->order[i]].at;
        for (size_t k = self->first[at]; k < self->first[at + 1]; k++)
            if (--n_open[self->parents[k]] == 0)
                self->order[n++] = self->parents[k];
    }
    return n;
}

/* A group in a cycle, or in front of one, that is a member of group I. N_OPEN tells which they are.
 */
static size_t open_member_of(const group_set_t *self, const size_t *of_target, const size_t *n_open,
                             size_t i)
{
    const group_t *group = &self->items[i];
    size_t j = 0;
    while (of_target[group->members[j]] == SIZE_MAX || n_open[of_target[group->members[j]]] == 0)
        j++;
    return of_target[group->members[j]];
}

/* Walks from an open group to an open member until one is met again. */
static size_t *find_cycle(const group_set_t *self, size_t n_targets, const size_t *n_open,
                          size_t *ret_n)
{
    size_t *of_target = malloc((n_targets + 1) * sizeof *of_target);
    size_t *path = calloc(self->n + 1, sizeof *path);
    size_t *met_at = calloc(self->n + 1, sizeof *met_at); /* place in path + 1 */
    size_t n = 0;
    size_t at = 0;
    for (size_t i = 0; of_target && i < n_targets; i++)
        of_target[i] = SIZE_MAX;
    for (size_t i = 0; of_target && i < self->n; i++)
        of_target[self->items[i].at] = i;
    while (n_open[at] == 0)
        at++;
    while (of_target && path && met_at && met_at[at] == 0) {
        path[n++] = at;
        met_at[at] = n;
        at = open_member_of(self, of_target, n_open, at);
    }
    if (n > 0) {
        size_t begin = met_at[at] - 1;
        *ret_n = n - begin;
        for (size_t i = 0; begin > 0 && i < *ret_n; i++)
            path[i] = path[begin + i];
    } else {
        free(path);
        path = NULL;
    }
    free(of_target);
    free(met_at);
    return path;
}

int group_set_link(group_set_t *self, size_t n_targets, size_t **ret_cycle, size_t *ret_n)
{
    size_t n_members = 0;
    *ret_cycle = NULL;
    *ret_n = 0;
    for (size_t i = 0; i < self->n; i++)
        n_members += self->items[i].n_members;
    self->order = calloc(self->n + 1, sizeof *self->order);
    self->first = calloc(n_targets + 1, sizeof *self->first);
    self->parents = calloc(n_members + 1, sizeof *self->parents);
    size_t *n_open = calloc(self->n + 1, sizeof *n_open);
    int rc = -1;
    if (self->order && self->first && self->parents && n_open) {
        link_parents(self, n_targets);
        rc = put_in_order(self, n_open) == self->n ? 0 : -1;
        if (rc)
            *ret_cycle = find_cycle(self, n_targets, n_open, ret_n);
    }
    free(n_open);
    return rc;
}
