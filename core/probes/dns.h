/* Options of a dns target: what is asked, and how. */
#ifndef HEALTHD_CORE_PROBES_DNS_H
#define HEALTHD_CORE_PROBES_DNS_H

#include "core/dns_message.h"

#define DNS_PORT 53

typedef enum { DNS_OVER_UDP, DNS_OVER_TCP } dns_transport_t;

typedef struct {
    dns_question_t question; /* its name is the configuration's */
    dns_transport_t transport;
} dns_settings_t;

#endif
