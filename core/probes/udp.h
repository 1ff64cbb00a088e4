/* How a UDP check is made: docs/probes/udp.md. */
#ifndef HEALTHD_CORE_PROBES_UDP_H
#define HEALTHD_CORE_PROBES_UDP_H

#include "core/condition_regex.h"
#include "core/text.h"

/* Bytes of a datagram that is sent. */
#define UDP_SEND_MAX_BYTES 1400

typedef struct {
    text_t send;               /* the datagram, which may be empty */
    condition_regex_t *expect; /* NULL: any answer will do */
    const char *expect_text;   /* as it was written; NULL likewise */
} udp_settings_t;

#endif
