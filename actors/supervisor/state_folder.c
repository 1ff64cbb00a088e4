#include "actors/supervisor/state_folder.h"

#include <string.h>
#include <unistd.h>

#include "core/cleanup.h"
#include "store/cursors.h"
#include "store/state_lock.h"

/* Says what a person can do about a damaged file: healthd never moves it aside by itself. */
static void advise(store_error_t *error)
{
    static const char advice[] =
        "; it is left as it is: put a good copy in its place, or move it away to begin anew";
    size_t n = strlen(error->text);
    if (error->kind == STORE_DAMAGED && n + sizeof advice <= sizeof error->text)
        memcpy(error->text + n, advice, sizeof advice);
}

static int prepare(const config_t *config, store_error_t *reterr)
{
    CLEANUP(store_close) store_t *store = NULL;
    if (store_open(config->state_dir, &store, reterr) || store_check(store, reterr))
        return -1;
    return config->redis_url ? 0 : cursor_remove(store, CURSOR_EVENT_BUS, reterr);
}

int state_folder_take(const config_t *config, int *ret_lock, store_error_t *reterr)
{
    int lock = -1;
    if (state_lock_take(config->state_dir, &lock, reterr))
        return -1;
    if (prepare(config, reterr)) {
        advise(reterr);
        close(lock);
        return -1;
    }
    *ret_lock = lock;
    return 0;
}
