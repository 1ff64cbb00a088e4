/* The body of a request to pause a target. Pure. */
#ifndef HEALTHD_GATEWAY_PAUSE_BODY_H
#define HEALTHD_GATEWAY_PAUSE_BODY_H

#include <healthd/pause.h>

#include "gateway/path.h"
#include "gateway/reply.h"

/*
 * Reads {"reason": text, "until": instant}, both optional, by gateway/body.h. `until` is a text
 * that core/instant.h reads, or a number of seconds since 1970. Gives RET (reason and until_us
 * alone), to be ended with pause_clear. 0, or -1 with *RET_REFUSAL, which is NULL where memory ran
 * out.
 */
int pause_body_read(slice_t body, const char *content_type, int64_t now_us, pause_t *ret,
                    reply_t **ret_refusal);

#endif
