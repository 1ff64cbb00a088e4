/* The alert manager's own finding: its log refuses writes, or takes them again. */
#ifndef HEALTHD_ACTORS_ALERT_MANAGER_STORAGE_FINDING_H
#define HEALTHD_ACTORS_ALERT_MANAGER_STORAGE_FINDING_H

#include "actors/alert_manager/alert_writer.h"

/* Tells BOOK what WRITER met. NOW_US is wall time, SINCE_START_US that of alert_book_step. Gives
 * what the book makes of it. */
finding_outcome_t storage_finding_note(alert_book_t *book, const alert_writer_t *writer,
                                       int64_t now_us, int64_t since_start_us);

#endif
