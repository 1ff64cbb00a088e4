/* What a job says beside its ping, as it is kept. Pure. */
#ifndef HEALTHD_CORE_PING_LOG_H
#define HEALTHD_CORE_PING_LOG_H

#include <stddef.h>

/*
 * The end of BODY (N bytes, from outside), where a job says why it failed: at most
 * PING_LOG_MAX_BYTES of UTF-8 without NUL, cut at a whole character. Gives *RET for free(), NULL
 * where BODY is empty. 0, or -1 where memory ran out.
 */
int ping_log_of_body(const char *body, size_t n, char **ret);

#endif
