/* What an alert says to people and programs (contract, section 8). */
#ifndef HEALTHD_CORE_ALERT_TEXT_H
#define HEALTHD_CORE_ALERT_TEXT_H

#include <healthd/alert_event.h>
#include <healthd/snapshot.h>

/* Component of the alert about the whole system. */
#define ALERT_SYSTEM "system"
/* Names in the text or details of one alert, at most; further ones are counted. */
#define ALERT_NAMES_MAX 1000

/*
 * Component, title, message, details, reason and stream entry of the condition that TARGET is in,
 * or, where TARGET is NULL, the whole system. Gives *RET, without id, level and times; to be ended
 * with alert_clear. 0, or -1: out of memory.
 */
int alert_describe(const snapshot_t *snapshot, const target_state_t *target, alert_t *ret);

#endif
