/* An event of healthd's ZeroMQ publication, from bytes that anybody may have sent. Pure. */
#ifndef HEALTHD_APPS_HEALTHCTL_EVENT_H
#define HEALTHD_APPS_HEALTHCTL_EVENT_H

#include <jansson.h>

#include "core/text.h"

/* The msgpack map of N bytes as a JSON object, which the caller releases; NULL where the bytes are
 * not exactly one map with text keys, hold text that is not UTF-8, or memory ran out. */
json_t *event_decode(const void *bytes, size_t n);

/*
 * Appends the line that tells event TOPIC with PAYLOAD (borrows) to a person. *STATUSES are the
 * targets' statuses of the last snapshot, NULL before the first, and follow each snapshot.
 */
void event_append(text_t *out, const char *topic, const json_t *payload, json_t **statuses,
                  bool is_coloured);

#endif
