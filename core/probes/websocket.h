/* How a WebSocket check is made: docs/probes/websocket.md. */
#ifndef HEALTHD_CORE_PROBES_WEBSOCKET_H
#define HEALTHD_CORE_PROBES_WEBSOCKET_H

#include "core/condition_regex.h"
#include "core/text.h"

typedef struct {
    const char *send;          /* a text message; NULL: none */
    condition_regex_t *expect; /* of a message; NULL: none */
    const char *expect_text;   /* as it was written; NULL likewise */
    text_t subprotocols;       /* "a, b"; empty: none */
    text_t headers;            /* lines for the request, Origin too */
    size_t read_limit_bytes;   /* of a message */
} websocket_settings_t;

#endif
