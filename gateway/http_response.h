/* The answer of libmicrohttpd that a reply becomes: body, common headers, the reply's own. */
#ifndef HEALTHD_GATEWAY_HTTP_RESPONSE_H
#define HEALTHD_GATEWAY_HTTP_RESPONSE_H

#include <microhttpd.h>

#include "gateway/reply.h"
#include "gateway/representation.h"

/*
 * REPLY in FORM (borrows both; the response keeps REPLY alive). REQUEST_ID is that of the request,
 * which is echoed where it is sane, or NULL. Gives a response for MHD_destroy_response; NULL where
 * memory ran out.
 */
struct MHD_Response *http_response_new(reply_t *reply, const representation_t *form,
                                       const char *request_id);

#endif
