#include "actors/supervisor/config_user.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Bytes of the texts of one user's entry, at most. */
#define ENTRY_BYTES 16384

static bool has_capability(unsigned capability)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
    if (syscall(SYS_capget, &header, data))
        return false;
    return data[CAP_TO_INDEX(capability)].effective & CAP_TO_MASK(capability);
}

int config_user_find(const char *name, local_user_t *ret, const char **reterr)
{
    char texts[ENTRY_BYTES];
    struct passwd entry;
    struct passwd *found = NULL;
    int rc = getpwnam_r(name, &entry, texts, sizeof texts, &found);
    if (rc == ENOMEM || rc == EMFILE || rc == ENFILE) {
        *reterr = "out of memory or open files";
        return -1;
    }
    if (!found) {
        *reterr = "there is no such user on this machine";
        return -1;
    }
    if (entry.pw_uid != geteuid() && !(has_capability(CAP_SETUID) && has_capability(CAP_SETGID))) {
        *reterr = "healthd may not become another user (it is neither root nor has CAP_SETUID and "
                  "CAP_SETGID)";
        return -1;
    }
    int n_groups = LOCAL_USER_GROUPS_MAX;
    local_user_t user = {.user_id = entry.pw_uid, .group_id = entry.pw_gid};
    if (getgrouplist(name, entry.pw_gid, user.groups, &n_groups) < 0) {
        *reterr = "the user has more than 64 groups";
        return -1;
    }
    user.n_groups = (size_t)n_groups;
    *ret = user;
    return 0;
}
