/* Users of this machine that a configuration names. */
#ifndef HEALTHD_ACTORS_SUPERVISOR_CONFIG_USER_H
#define HEALTHD_ACTORS_SUPERVISOR_CONFIG_USER_H

#include "core/local_user.h"

/* A local_user_find_fn: the user must be known, and this process must be it or have the
 * capabilities (CAP_SETUID and CAP_SETGID, as root has them) to become it. */
int config_user_find(const char *name, local_user_t *ret, const char **reterr);

#endif
