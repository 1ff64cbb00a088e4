/* GET of a URL, or any other request. */
#include "core/condition_values.h"
#include "core/probe_type.h"
#include "core/url.h"

static const char *const schemes[] = {"http", "https", NULL};

static bool is_url(const char *url)
{
    http_url_t parsed;
    return http_url_parse(url, &parsed) == 0;
}

const probe_type_row_t probe_http = {
    .name = "http",
    .schemes = schemes,
    .url_form = "an http:// or https:// URL with a host",
    .takes_tls = true,
    .error_prefix = "HTTP check failed: ",
    .is_url = is_url,
    .values = CONDITION_REACHED | CONDITION_SECURED | CONDITION_ANSWERED |
              CONDITION_BIT(CONDITION_STATUS) | CONDITION_BIT(CONDITION_BODY) |
              CONDITION_BIT(CONDITION_HEADER) | CONDITION_BIT(CONDITION_DOMAIN_EXPIRY) |
              CONDITION_BIT(CONDITION_HTTP_VERSION),
};
