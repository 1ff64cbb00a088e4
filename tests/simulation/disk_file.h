/* Files of the simulated disk and their locks; for disk.c and disk_locks.c alone. */
#ifndef HEALTHD_TESTS_SIMULATION_DISK_FILE_H
#define HEALTHD_TESTS_SIMULATION_DISK_FILE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NAME_BYTES      64
#define SHM_REGIONS_MAX 8

typedef struct {
    uint8_t *bytes;
    size_t n;
    size_t capacity;
} image_t;

typedef struct handle handle_t;

typedef struct {
    char name[NAME_BYTES]; /* "": the place is free */
    image_t now;
    image_t synced;
    size_t dirty_from, dirty_to; /* bytes that were written since the last sync */
    int n_handles;
    int n_shared; /* locks of the file */
    handle_t *reserved, *exclusive;
    void *shm[SHM_REGIONS_MAX];
    int n_shm_users;
    int shm_shared[SQLITE_SHM_NLOCK];
    handle_t *shm_exclusive[SQLITE_SHM_NLOCK];
} file_t;

struct handle {
    sqlite3_file base;
    file_t *file;
    int lock;
    bool uses_shm;
    bool is_shm_shared[SQLITE_SHM_NLOCK];
    bool ends_file; /* a temporary one goes with its handle */
};

/* Whether the write lock is refused now, because another process has it. */
bool disk_refuses_lock(void);

/* Methods of sqlite3_io_methods. */
int disk_lock(sqlite3_file *base, int level);
int disk_unlock(sqlite3_file *base, int level);
int disk_check_reserved(sqlite3_file *base, int *ret);
int disk_shm_map(sqlite3_file *base, int at, int n, int is_extended, void volatile **ret);
int disk_shm_lock(sqlite3_file *base, int offset, int n, int flags);
void disk_shm_barrier(sqlite3_file *base);
int disk_shm_unmap(sqlite3_file *base, int is_deleted);

#endif
