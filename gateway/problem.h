/*
 * Errors of everything below /api/v1 as RFC 9457 has them: application/problem+json with type,
 * title, status, detail, instance and, where a place is to blame, errors. The routes of the
 * contract, which stand beside /api/v1, keep their own form.
 */
#ifndef HEALTHD_GATEWAY_PROBLEM_H
#define HEALTHD_GATEWAY_PROBLEM_H

#include "gateway/path.h"
#include "gateway/reply.h"

/* Bytes of a request's path that `instance` shows. */
#define PROBLEM_INSTANCE_MAX_BYTES 512

/* Whether PATH, still encoded, is /api/v1 or below it. */
bool path_is_below_api(slice_t path);

/*
 * REPLY as the reader who asked for TARGET (as in the request line) gets it: an error below /api/v1
 * becomes a problem, all else is REPLY itself. Gives it with one user more; NULL where REPLY is
 * NULL or memory ran out.
 */
reply_t *problem_of(const char *target, reply_t *reply);

#endif
