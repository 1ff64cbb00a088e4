/* How a TCP check is made: docs/probes/tcp.md. */
#ifndef HEALTHD_CORE_PROBES_TCP_H
#define HEALTHD_CORE_PROBES_TCP_H

#include <stdbool.h>
#include <stddef.h>

#include "core/dialogue.h"

typedef struct {
    dialogue_t dialogue; /* without a step: the connection is all */
    bool is_secured;     /* TLS from the start */
    size_t read_limit_bytes;
} tcp_settings_t;

#endif
