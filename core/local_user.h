/* A user of this machine, as the configuration looks one up. */
#ifndef HEALTHD_CORE_LOCAL_USER_H
#define HEALTHD_CORE_LOCAL_USER_H

#include <stddef.h>
#include <stdint.h>

/* Groups of a user that are kept; one with more is refused. */
#define LOCAL_USER_GROUPS_MAX 64

typedef struct {
    uint32_t user_id;
    uint32_t group_id;
    uint32_t groups[LOCAL_USER_GROUPS_MAX]; /* group_id among them */
    size_t n_groups;
} local_user_t;

/* Gives the user NAME, which this process is able to become. 0, or -1 with a static text why not.
 */
typedef int local_user_find_fn(const char *name, local_user_t *ret, const char **reterr);

#endif
