/*
 * A disk in memory, as SQLite's default VFS: it forgets what was not synced when the power goes,
 * and refuses for a while. One for the process, since SQLite knows its file systems by name.
 */
#ifndef HEALTHD_TESTS_SIMULATION_DISK_H
#define HEALTHD_TESTS_SIMULATION_DISK_H

#include "tests/simulation/random.h"

typedef enum {
    DISK_WELL,
    DISK_BUSY,   /* another process holds the write lock */
    DISK_FULL,   /* no file can grow */
    DISK_BROKEN, /* every third write or sync fails, of the reads none, some or many */
    DISK_TROUBLE_COUNT
} disk_trouble_t;

typedef enum {
    CRASH_OF_PROCESS, /* kill -9: the kernel has every write */
    CRASH_OF_POWER,   /* what was not synced is gone */
    CRASH_TEARS,      /* of what was not synced some sectors are there, others not */
    CRASH_COUNT
} crash_t;

const char *disk_trouble_name(int trouble);
const char *crash_name(int crash);

/* Once in the process, before any database is opened. */
void disk_register(void);

/* A new, empty disk. Borrows RANDOM. No file may be open. */
void disk_begin(random_t *random);

/* TROUBLE lasts until UNTIL_US (monotonic). */
void disk_set_trouble(disk_trouble_t trouble, int64_t until_us);

/* Another process takes the write lock before it is taken the N-th time from now, N >= 1, and keeps
 * it for FOR_US. */
void disk_be_busy_in(unsigned n, int64_t for_us);

/* While the judge looks, nothing is refused. */
void disk_set_judged(bool is_judged);

bool disk_is_in_trouble(void);

/* Operations that were refused so far because of trouble. */
uint64_t disk_n_refusals(void);

/* The process dies in the midst of its N-th change from now, N >= 1: from then on nothing that it
 * does reaches the disk. */
void disk_die_in(unsigned n);
bool disk_is_dead(void);

/* The process is dead: its files may be closed, without effect. */
void disk_freeze(void);

/* What the crash leaves is what the next start finds. No file may be open. */
void disk_crash(crash_t crash);

#endif
