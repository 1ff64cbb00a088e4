/*
 * The groups of configuration files: read as targets of their own, then linked to their members
 * once all targets stand. Pure.
 */
#ifndef HEALTHD_CORE_CONFIG_GROUPS_H
#define HEALTHD_CORE_CONFIG_GROUPS_H

#include "core/config_targets.h"

/* Unknown members for which the nearest name is looked for, at most: each looks at all targets. */
#define GROUP_NEAREST_MAX 20

/* A group as it is written, until its members are known. */
typedef struct {
    char *name;
    char **members;              /* names, as for_each makes them; owned */
    const config_node_t **nodes; /* where each stands; the array is owned */
    size_t n_members;
    const config_node_t *rule_node; /* NULL: the default */
    group_rule_t rule;
    size_t n_least;
} written_group_t;

/* Zero it to begin. */
typedef struct {
    written_group_t *items;
    size_t n;
    size_t capacity;
} config_groups_t;

/* Adds the groups of the list NODE (NULL: none) to the targets of WORK and to GROUPS. Out of memory
 * is told as a fault. */
void config_groups_add(const config_targets_work_t *work, const config_node_t *node,
                       config_groups_t *groups);

/*
 * Finds the members of all GROUPS among the targets of CONFIG, which is sealed, and gives it its
 * groups. Tells unknown members (unless another fault may have kept them out), doubled ones, rules
 * that cannot hold and cycles; nothing where a group's name is another target's too, which is a
 * fault already. 0, or -1: out of memory.
 */
int config_groups_link(const config_groups_t *groups, config_t *config, config_faults_t *faults);

void config_groups_clear(config_groups_t *groups);

#endif
