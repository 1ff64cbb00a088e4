#include "tests/simulation/disk.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/simulation/disk_file.h"
#include "tests/simulation/moment.h"

#define FILES_MAX    8
#define SECTOR_BYTES 512

static struct {
    file_t files[FILES_MAX];
    random_t *random;
    disk_trouble_t trouble;
    int64_t trouble_until_us;
    unsigned read_failures; /* of a thousand, while it is DISK_BROKEN */
    uint64_t n_refusals;
    bool is_judged;
    unsigned busy_in; /* 0: not */
    int64_t busy_for_us;
    unsigned dies_in; /* 0: not */
    bool is_dead;
} disk;

/* --- trouble --- */

const char *disk_trouble_name(int trouble)
{
    static const char *const names[DISK_TROUBLE_COUNT] = {"well", "busy", "full", "broken"};
    return names[trouble];
}

const char *crash_name(int crash)
{
    static const char *const names[CRASH_COUNT] = {"kill -9", "power loss", "torn power loss"};
    return names[crash];
}

void disk_set_trouble(disk_trouble_t trouble, int64_t until_us)
{
    disk.trouble = trouble;
    disk.trouble_until_us = until_us;
    disk.read_failures =
        (unsigned)(random_below(disk.random, 4) * random_below(disk.random, 4) * 40);
}

void disk_be_busy_in(unsigned n, int64_t for_us)
{
    disk.busy_in = n;
    disk.busy_for_us = for_us;
}

void disk_set_judged(bool is_judged)
{
    disk.is_judged = is_judged;
}

uint64_t disk_n_refusals(void)
{
    return disk.n_refusals;
}

void disk_die_in(unsigned n)
{
    disk.dies_in = n;
}

bool disk_is_dead(void)
{
    return disk.is_dead;
}

void disk_freeze(void)
{
    disk.is_dead = true;
}

static disk_trouble_t trouble_now(void)
{
    return clock_mono_us() < disk.trouble_until_us && !disk.is_judged ? disk.trouble : DISK_WELL;
}

bool disk_is_in_trouble(void)
{
    return trouble_now() != DISK_WELL;
}

static int refuse(int code)
{
    disk.n_refusals++;
    return code;
}

bool disk_refuses_lock(void)
{
    if (disk.busy_in > 0 && --disk.busy_in == 0)
        disk_set_trouble(DISK_BUSY, clock_mono_us() + disk.busy_for_us);
    if (disk.is_dead || trouble_now() != DISK_BUSY)
        return false;
    (void)refuse(SQLITE_BUSY);
    return true;
}

/* Whether a change of a file is refused. CODE: what SQLite calls the failure. */
static int try_change(int code, bool grows)
{
    if (disk.dies_in > 0 && --disk.dies_in == 0)
        disk.is_dead = true;
    if (disk.is_dead)
        return code;
    if (trouble_now() == DISK_BROKEN && random_below(disk.random, 3) == 0)
        return refuse(code);
    if (trouble_now() == DISK_FULL && grows)
        return refuse(SQLITE_FULL);
    return SQLITE_OK;
}

/* --- images --- */

static void resize(image_t *image, size_t n)
{
    if (n > image->capacity) {
        size_t capacity = image->capacity ? image->capacity : 4096;
        while (capacity < n)
            capacity *= 2;
        image->bytes = realloc(image->bytes, capacity);
        assert(image->bytes);
        image->capacity = capacity;
    }
    if (n > image->n)
        memset(image->bytes + image->n, 0, n - image->n);
    image->n = n;
}

static void copy_range(image_t *dst, const image_t *src, size_t from, size_t to)
{
    if (to > src->n)
        to = src->n;
    if (from < to)
        memcpy(dst->bytes + from, src->bytes + from, to - from);
}

static bool is_dirty(const file_t *file)
{
    return file->dirty_from < file->dirty_to || file->now.n != file->synced.n;
}

static void set_clean(file_t *file)
{
    file->dirty_from = SIZE_MAX;
    file->dirty_to = 0;
}

static void sync_file(file_t *file)
{
    if (is_dirty(file)) {
        resize(&file->synced, file->now.n);
        copy_range(&file->synced, &file->now, file->dirty_from, file->dirty_to);
    }
    set_clean(file);
}

static void empty_file(file_t *file)
{
    file->name[0] = '\0';
    file->now.n = 0;
    file->synced.n = 0;
    set_clean(file);
}

/* What lies on the platter is all there is. */
static void forget_unsynced(file_t *file)
{
    resize(&file->now, file->synced.n);
    copy_range(&file->now, &file->synced, 0, file->synced.n);
    set_clean(file);
}

/* Of each sector that was not synced, and of the length, either the old or the new one stays. */
static void tear_unsynced(file_t *file)
{
    if (file->now.n > file->synced.n || random_is(disk.random, 500))
        resize(&file->synced, file->now.n);
    size_t from = file->dirty_from / SECTOR_BYTES * SECTOR_BYTES;
    for (size_t at = from; at < file->dirty_to && at < file->synced.n; at += SECTOR_BYTES)
        if (random_is(disk.random, 500))
            copy_range(&file->synced, &file->now, at,
                       at + SECTOR_BYTES < file->synced.n ? at + SECTOR_BYTES : file->synced.n);
    forget_unsynced(file);
}

void disk_crash(crash_t crash)
{
    for (file_t *file = disk.files; file < disk.files + FILES_MAX; file++) {
        assert(file->n_handles == 0 && file->n_shm_users == 0);
        if (!is_dirty(file))
            continue;
        if (crash == CRASH_OF_POWER)
            forget_unsynced(file);
        else if (crash == CRASH_TEARS)
            tear_unsynced(file);
    }
    disk.is_dead = false;
    disk.dies_in = 0;
}

void disk_begin(random_t *random)
{
    disk.random = random;
    disk.trouble_until_us = 0;
    disk.n_refusals = 0;
    disk.is_dead = false;
    disk.dies_in = 0;
    disk.busy_in = 0;
    for (file_t *file = disk.files; file < disk.files + FILES_MAX; file++) {
        assert(file->n_handles == 0);
        empty_file(file);
    }
    sqlite3_randomness(0, NULL); /* seeded anew from ours at its next use */
}

/* --- files --- */

static file_t *file_at(const char *name)
{
    for (file_t *file = disk.files; file < disk.files + FILES_MAX; file++)
        if (strcmp(file->name, name) == 0)
            return file;
    return NULL;
}

static int on_read(sqlite3_file *base, void *bytes, int n, sqlite3_int64 at)
{
    const file_t *file = ((handle_t *)base)->file;
    if (disk.is_dead)
        return SQLITE_IOERR_READ;
    if (trouble_now() == DISK_BROKEN && random_is(disk.random, disk.read_failures))
        return refuse(SQLITE_IOERR_READ);
    size_t from = (size_t)at;
    size_t wanted = (size_t)n;
    size_t there = from < file->now.n ? file->now.n - from : 0;
    if (there > wanted)
        there = wanted;
    if (there > 0)
        memcpy(bytes, file->now.bytes + from, there);
    memset((char *)bytes + there, 0, wanted - there);
    return there == wanted ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int on_write(sqlite3_file *base, const void *bytes, int n, sqlite3_int64 at)
{
    file_t *file = ((handle_t *)base)->file;
    size_t from = (size_t)at;
    size_t to = from + (size_t)n;
    int code = try_change(SQLITE_IOERR_WRITE, to > file->now.n);
    if (code != SQLITE_OK)
        return code;
    if (to > file->now.n)
        resize(&file->now, to);
    memcpy(file->now.bytes + from, bytes, (size_t)n);
    file->dirty_from = from < file->dirty_from ? from : file->dirty_from;
    file->dirty_to = to > file->dirty_to ? to : file->dirty_to;
    return SQLITE_OK;
}

static int on_truncate(sqlite3_file *base, sqlite3_int64 n)
{
    file_t *file = ((handle_t *)base)->file;
    int code = try_change(SQLITE_IOERR_TRUNCATE, false);
    if (code != SQLITE_OK)
        return code;
    size_t at = (size_t)n;
    file->dirty_from = at < file->dirty_from ? at : file->dirty_from;
    file->dirty_to = file->now.n > file->dirty_to ? file->now.n : file->dirty_to;
    resize(&file->now, at);
    return SQLITE_OK;
}

static int on_sync(sqlite3_file *base, int flags)
{
    (void)flags;
    int code = try_change(SQLITE_IOERR_FSYNC, false);
    if (code == SQLITE_OK)
        sync_file(((handle_t *)base)->file);
    return code;
}

static int on_file_size(sqlite3_file *base, sqlite3_int64 *ret)
{
    *ret = (sqlite3_int64)((handle_t *)base)->file->now.n;
    return SQLITE_OK;
}

static int on_file_control(sqlite3_file *base, int verb, void *argument)
{
    (void)base;
    (void)verb;
    (void)argument;
    return SQLITE_NOTFOUND;
}

static int sector_size(sqlite3_file *base)
{
    (void)base;
    return SECTOR_BYTES;
}

static int device_characteristics(sqlite3_file *base)
{
    (void)base;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE; /* as SQLite assumes of every Unix file */
}

/* --- the file system --- */

static int on_close(sqlite3_file *base)
{
    handle_t *self = (handle_t *)base;
    (void)disk_shm_unmap(base, 0);
    (void)disk_unlock(base, SQLITE_LOCK_NONE);
    self->file->n_handles--;
    if (self->ends_file)
        empty_file(self->file);
    return SQLITE_OK;
}

static int on_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *ret)
{
    static const sqlite3_io_methods methods = {
        .iVersion = 2,
        .xClose = on_close,
        .xRead = on_read,
        .xWrite = on_write,
        .xTruncate = on_truncate,
        .xSync = on_sync,
        .xFileSize = on_file_size,
        .xLock = disk_lock,
        .xUnlock = disk_unlock,
        .xCheckReservedLock = disk_check_reserved,
        .xFileControl = on_file_control,
        .xSectorSize = sector_size,
        .xDeviceCharacteristics = device_characteristics,
        .xShmMap = disk_shm_map,
        .xShmLock = disk_shm_lock,
        .xShmBarrier = disk_shm_barrier,
        .xShmUnmap = disk_shm_unmap,
    };
    (void)vfs;
    handle_t *self = (handle_t *)base;
    *self = (handle_t){.base.pMethods = NULL, .ends_file = name == NULL};
    const char *known = name ? name : "temporary";
    file_t *file = name ? file_at(name) : NULL;
    if (disk.is_dead || (!file && !(flags & SQLITE_OPEN_CREATE)))
        return SQLITE_CANTOPEN;
    if (!file) {
        file = file_at("");
        assert(file);
        (void)snprintf(file->name, sizeof file->name, "%s", known);
    }
    file->n_handles++;
    self->file = file;
    self->base.pMethods = &methods;
    if (ret)
        *ret = flags;
    return SQLITE_OK;
}

static int on_delete(sqlite3_vfs *vfs, const char *name, int is_synced)
{
    (void)vfs;
    (void)is_synced;
    file_t *file = file_at(name);
    if (!file)
        return SQLITE_IOERR_DELETE_NOENT;
    int code = try_change(SQLITE_IOERR_DELETE, false);
    if (code == SQLITE_OK)
        empty_file(file);
    return code;
}

static int on_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret)
{
    (void)vfs;
    (void)flags;
    const file_t *file = file_at(name);
    *ret = file && (flags != SQLITE_ACCESS_EXISTS || file->now.n > 0); /* as on Unix */
    return SQLITE_OK;
}

static int on_full_name(sqlite3_vfs *vfs, const char *name, int n, char *ret)
{
    (void)vfs;
    return snprintf(ret, (size_t)n, "%s", name) < n ? SQLITE_OK : SQLITE_CANTOPEN;
}

static int on_randomness(sqlite3_vfs *vfs, int n, char *ret)
{
    (void)vfs;
    for (int i = 0; i < n; i++)
        ret[i] = (char)random_next(disk.random);
    return n;
}

/* Whoever waits for a lock lets time pass. */
static int on_sleep(sqlite3_vfs *vfs, int us)
{
    (void)vfs;
    moment_advance(us);
    return us;
}

static int on_time(sqlite3_vfs *vfs, sqlite3_int64 *ret)
{
    (void)vfs;
    *ret = clock_wall_us() / 1000 + 210866760000000; /* Julian day of 1970 in milliseconds */
    return SQLITE_OK;
}

static int last_error(sqlite3_vfs *vfs, int n, char *ret)
{
    (void)vfs;
    (void)n;
    (void)ret;
    return 0;
}

void disk_register(void)
{
    static sqlite3_vfs vfs = {
        .iVersion = 2,
        .szOsFile = sizeof(handle_t),
        .mxPathname = NAME_BYTES,
        .zName = "simulation",
        .xOpen = on_open,
        .xDelete = on_delete,
        .xAccess = on_access,
        .xFullPathname = on_full_name,
        .xRandomness = on_randomness,
        .xSleep = on_sleep,
        .xGetLastError = last_error,
        .xCurrentTimeInt64 = on_time,
    };
    int code = sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    assert(code == SQLITE_OK);
    code = sqlite3_vfs_register(&vfs, 1);
    assert(code == SQLITE_OK);
}
