#include "actors/supervisor/state_folder.h"

#include <unistd.h>

#include "core/cleanup.h"
#include "store/cursors.h"
#include "store/state_lock.h"

static int prepare(const config_t *config, store_error_t *reterr)
{
    CLEANUP(store_close) store_t *store = NULL;
    if (store_open(config->state_dir, &store, reterr) || store_check(store, reterr))
        return -1;
    if (config->redis_url)
        return 0;
    /* A disk that refuses may hold the start up no more than the run; the next start removes it. */
    return cursor_remove(store, CURSOR_EVENT_BUS, reterr) && reterr->kind != STORE_REFUSES ? -1 : 0;
}

int state_folder_take(const config_t *config, int *ret_lock, store_error_t *reterr)
{
    int lock = -1;
    if (state_lock_take(config->state_dir, &lock, reterr))
        return -1;
    if (prepare(config, reterr)) {
        store_advise(reterr);
        close(lock);
        return -1;
    }
    *ret_lock = lock;
    return 0;
}
