/* PING of a Redis server. */
#include "core/condition_values.h"
#include "core/probe_type.h"
#include "core/url.h"

static const char *const schemes[] = {"redis", NULL};

static bool is_url(const char *url)
{
    redis_url_t parsed;
    return redis_url_parse(url, &parsed) == 0;
}

const probe_type_row_t probe_redis = {
    .name = "redis",
    .schemes = schemes,
    .url_form = "redis://[user[:password]@]host[:port][/db]",
    .error_prefix = "Redis ping failed: ",
    .is_url = is_url,
    .values = CONDITION_REACHED | CONDITION_SECURED | CONDITION_BIT(CONDITION_OUTPUT) |
              CONDITION_BIT(CONDITION_VALUE) | CONDITION_BIT(CONDITION_BODY),
};
