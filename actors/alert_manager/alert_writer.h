/*
 * Gives alert events their numbers and writes them to the log, in order, whatever the disk does:
 * what it refuses is kept in memory under its number (core/alert_backlog.h says how much) and
 * written as soon as the disk takes it.
 */
#ifndef HEALTHD_ACTORS_ALERT_MANAGER_ALERT_WRITER_H
#define HEALTHD_ACTORS_ALERT_MANAGER_ALERT_WRITER_H

#include "actors/io/log.h"
#include "core/alert_rules.h"
#include "store/alert_log.h"

typedef struct alert_writer alert_writer_t;

/* Borrows STORE and LOG. LAST_SEQ is the newest number in the log. NULL: out of memory. */
alert_writer_t *alert_writer_new(store_t *store, const log_t *log, uint64_t last_seq);
void alert_writer_destroy(alert_writer_t **self);

/*
 * Turns EFFECTS into events and writes them. Gives the events, which borrow from the effects and
 * from SELF until its next call; is_durable says of each whether it is on disk. 0, or -1: out of
 * memory, nothing was done.
 */
int alert_writer_write(alert_writer_t *self, const alert_effects_t *effects,
                       const alert_event_t **ret_events, size_t *ret_n);

/*
 * The same, but all or nothing: -1, with no number used, where the disk refuses or events of before
 * still wait for it.
 */
int alert_writer_write_or_refuse(alert_writer_t *self, const alert_effects_t *effects,
                                 const alert_event_t **ret_events, size_t *ret_n);

/* Tries again to write what waits, or just to write while the disk refuses. True where nothing
 * waits any more and the disk takes writes. */
bool alert_writer_retry(alert_writer_t *self);

/* Number of the newest event, whether on disk or not. */
uint64_t alert_writer_last_seq(const alert_writer_t *self);

/* Why the disk refuses, as far as the newest try told; NULL: it does not. Borrowed until the next
 * call. */
const char *alert_writer_trouble(const alert_writer_t *self);

#endif
