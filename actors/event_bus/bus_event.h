/*
 * What happened, as a row of the spool: type, payload and correlation id. That of a snapshot is
 * random; that of an alert event follows from the event, so that a row which is made again, after
 * the disk refused it or the process ended, is known as the same.
 */
#ifndef HEALTHD_ACTORS_EVENT_BUS_BUS_EVENT_H
#define HEALTHD_ACTORS_EVENT_BUS_BUS_EVENT_H

#include <healthd/alert_event.h>
#include <healthd/snapshot.h>

#include "store/outbound.h"

/* The row of a whole snapshot. Gives *RET, to be ended with outbound_clear. 0, or -1: memory. */
int bus_event_of_snapshot(const snapshot_t *whole, outbound_t *ret);

/* The row of an alert event that is not ALERT_UPDATED; as above. */
int bus_event_of_alert(const alert_event_t *event, outbound_t *ret);

#endif
