/*
 * Groups: virtual targets whose status follows that of their members. A member is up where it is OK
 * or DEGRADED; the rule says how many must be. Pure.
 */
#ifndef HEALTHD_CORE_GROUP_H
#define HEALTHD_CORE_GROUP_H

#include <stdbool.h>
#include <stddef.h>

#include <healthd/snapshot.h>

/* Members of one group, at most. */
#define GROUP_MEMBERS_MAX 10000

typedef enum { GROUP_ALL_UP, GROUP_ANY_UP, GROUP_AT_LEAST, GROUP_RULE_COUNT } group_rule_t;

typedef struct {
    size_t at; /* position of the group among the targets */
    group_rule_t rule;
    size_t n_least;  /* of GROUP_AT_LEAST */
    size_t *members; /* positions of its members, in the order of the file; owned */
    size_t n_members;
} group_t;

/* The groups of a configuration. Zero it to begin. */
typedef struct {
    group_t *items; /* in the order of the targets; owned, as all that follow */
    size_t n;
    size_t *order;   /* positions in items: each group behind the groups that are its members */
    size_t *first;   /* for each target, and one more: where its groups begin in ... */
    size_t *parents; /* ... the positions in items of the groups that a target is a member of */
} group_set_t;

/*
 * Makes order, first and parents once items stand. N_TARGETS bounds the positions in them. Gives 0,
 * or -1: out of memory, or a cycle, whose groups are then in *RET_CYCLE for free(): *RET_N
 * positions in items, each with the next as its member and the last with the first. O(targets +
 * members).
 */
int group_set_link(group_set_t *self, size_t n_targets, size_t **ret_cycle, size_t *ret_n);

void group_set_clear(group_set_t *self);

/* How many members are how, and what that makes of the group. */
typedef struct {
    size_t n[STATUS_COUNT]; /* by status_t */
    size_t n_up;
    size_t n_needed;
    int status;          /* status_t */
    bool is_by_flapping; /* it would be another if members that flap were UNKNOWN: it may turn
                          * with each of their results, which tells little */
} group_count_t;

/*
 * The status of a group of which COUNTED members are in each status and N_NEEDED must be up. DOWN:
 * the rule does not hold, whatever the UNKNOWN members are. UNKNOWN: they decide whether it holds.
 * Where it holds DEGRADED with a member that is DOWN or DEGRADED, else OK.
 */
int group_status(const size_t counted[STATUS_COUNT], size_t n_needed);

/* How many members of GROUP must be up. */
size_t group_needed(const group_t *group);

/* Counts the members of GROUP among SHOWN, all targets by position. O(members). */
group_count_t group_count(const group_t *group, const target_state_t *shown);

/*
 * "1 of 3 members up, 2 needed; DOWN: a, b; UNKNOWN: c", with a name or two and "and 12 more" where
 * they are many: at most ERROR_MAX_BYTES. Gives it for free(), or NULL: out of memory. O(members).
 */
char *group_tell(const group_t *group, const group_count_t *count, const target_state_t *shown);

/* "all_up", "any_up", "at_least" */
const char *group_rule_name(group_rule_t rule);

/* Reads `all_up`, `any_up` or `at_least 2` with one blank; the number's range is the caller's, and
 * 0 where there is none. 0, or -1. */
int group_rule_parse(const char *text, group_rule_t *ret_rule, int64_t *ret_least);

#endif
