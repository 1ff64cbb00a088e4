/* Locks of a file, and the shared memory of a WAL: all connections are of this process. */
#include <assert.h>
#include <stdlib.h>

#include "tests/simulation/disk_file.h"

#define SHM_REGION_BYTES 32768
/* Place of the write lock in the shared memory of a WAL (SQLite, "WAL-mode file format", 2.3). */
#define WAL_WRITE_LOCK 0

/* --- locks of a file --- */

int disk_unlock(sqlite3_file *base, int level)
{
    handle_t *self = (handle_t *)base;
    file_t *file = self->file;
    if (file->exclusive == self)
        file->exclusive = NULL;
    if (file->reserved == self)
        file->reserved = NULL;
    if (level == SQLITE_LOCK_NONE && self->lock > SQLITE_LOCK_NONE)
        file->n_shared--;
    self->lock = level;
    return SQLITE_OK;
}

int disk_lock(sqlite3_file *base, int level)
{
    handle_t *self = (handle_t *)base;
    file_t *file = self->file;
    if (self->lock >= level)
        return SQLITE_OK;
    if (file->exclusive && file->exclusive != self)
        return SQLITE_BUSY;
    if (level >= SQLITE_LOCK_RESERVED && file->reserved && file->reserved != self)
        return SQLITE_BUSY;
    if (level == SQLITE_LOCK_EXCLUSIVE && file->n_shared > 1)
        return SQLITE_BUSY;
    if (self->lock == SQLITE_LOCK_NONE)
        file->n_shared++;
    if (level >= SQLITE_LOCK_RESERVED)
        file->reserved = self;
    if (level == SQLITE_LOCK_EXCLUSIVE)
        file->exclusive = self;
    self->lock = level;
    return SQLITE_OK;
}

int disk_check_reserved(sqlite3_file *base, int *ret)
{
    *ret = ((handle_t *)base)->file->reserved != NULL;
    return SQLITE_OK;
}

/* --- the shared memory of a WAL --- */

int disk_shm_map(sqlite3_file *base, int at, int n, int is_extended, void volatile **ret)
{
    handle_t *self = (handle_t *)base;
    file_t *file = self->file;
    assert(at < SHM_REGIONS_MAX && n == SHM_REGION_BYTES);
    if (!self->uses_shm)
        file->n_shm_users++;
    self->uses_shm = true;
    if (!file->shm[at] && is_extended)
        file->shm[at] = calloc(1, SHM_REGION_BYTES);
    *ret = file->shm[at];
    return SQLITE_OK;
}

static void shm_release(handle_t *self, int at)
{
    file_t *file = self->file;
    if (file->shm_exclusive[at] == self)
        file->shm_exclusive[at] = NULL;
    if (self->is_shm_shared[at])
        file->shm_shared[at]--;
    self->is_shm_shared[at] = false;
}

static bool shm_is_taken(const handle_t *self, int at, bool is_exclusive)
{
    const file_t *file = self->file;
    int n_others = file->shm_shared[at] - self->is_shm_shared[at];
    return (file->shm_exclusive[at] && file->shm_exclusive[at] != self) ||
           (is_exclusive && n_others > 0);
}

int disk_shm_lock(sqlite3_file *base, int offset, int n, int flags)
{
    handle_t *self = (handle_t *)base;
    bool is_exclusive = flags & SQLITE_SHM_EXCLUSIVE;
    if (flags & SQLITE_SHM_UNLOCK) {
        for (int at = offset; at < offset + n; at++)
            shm_release(self, at);
        return SQLITE_OK;
    }
    if (is_exclusive && offset == WAL_WRITE_LOCK && disk_refuses_lock())
        return SQLITE_BUSY;
    for (int at = offset; at < offset + n; at++)
        if (shm_is_taken(self, at, is_exclusive))
            return SQLITE_BUSY;
    for (int at = offset; at < offset + n; at++) {
        if (is_exclusive)
            self->file->shm_exclusive[at] = self;
        else if (!self->is_shm_shared[at])
            self->file->shm_shared[at]++;
        self->is_shm_shared[at] = self->is_shm_shared[at] || !is_exclusive;
    }
    return SQLITE_OK;
}

void disk_shm_barrier(sqlite3_file *base)
{
    (void)base;
}

int disk_shm_unmap(sqlite3_file *base, int is_deleted)
{
    (void)is_deleted; /* it goes with its last user anyway */
    handle_t *self = (handle_t *)base;
    file_t *file = self->file;
    if (!self->uses_shm)
        return SQLITE_OK;
    for (int at = 0; at < SQLITE_SHM_NLOCK; at++)
        shm_release(self, at);
    self->uses_shm = false;
    if (--file->n_shm_users > 0)
        return SQLITE_OK;
    for (int at = 0; at < SHM_REGIONS_MAX; at++) {
        free(file->shm[at]);
        file->shm[at] = NULL;
    }
    return SQLITE_OK;
}
