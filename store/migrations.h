/* The tables of state.db, as the steps that made them; for the files of store/ and its tests. */
#ifndef HEALTHD_STORE_MIGRATIONS_H
#define HEALTHD_STORE_MIGRATIONS_H

/* Step I brings a database of PRAGMA user_version I to I + 1. A step that was released is never
 * changed: what comes later is a new one. */
extern const char *const store_migrations[];
extern const int store_migration_count;

#endif
