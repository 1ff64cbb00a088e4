/* What the end of an HTTP request means as a reason. */
#ifndef HEALTHD_ACTORS_COLLECTORS_HTTP_FAULT_H
#define HEALTHD_ACTORS_COLLECTORS_HTTP_FAULT_H

#include "actors/io/curl_io.h"

/* REASON_NONE where an answer came, whatever its code. */
reason_t http_fault_of(const curl_io_answer_t *answer);

#endif
