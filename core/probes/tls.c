/* A TLS handshake, and the certificates that come with it. */
#include "core/condition_values.h"
#include "core/probe_type.h"
#include "core/url.h"

static const char *const schemes[] = {"tls", NULL};

static bool is_url(const char *url)
{
    endpoint_url_t parsed;
    return endpoint_url_parse(url, "tls", 443, &parsed) == 0 && !parsed.user[0] &&
           !parsed.password[0] && !parsed.path[0];
}

const probe_type_row_t probe_tls = {
    .name = "tls",
    .schemes = schemes,
    .url_form = "tls://host[:port]",
    .takes_tls = true,
    .error_prefix = "TLS check failed: ",
    .is_url = is_url,
    .values = CONDITION_REACHED | CONDITION_SECURED | CONDITION_BIT(CONDITION_DOMAIN_EXPIRY) |
              CONDITION_BIT(CONDITION_OUTPUT),
};
