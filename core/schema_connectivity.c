/* The keys of a connectivity check. */
#include "core/matcher.h"
#include "core/schema_tables.h"

const schema_key_t connectivity_keys[CONNECTIVITY_KEYS] = {
    [CONNECTIVITY_NAME] = {"name", SCHEMA_NAME, .is_required = true,
                           .text = "its name, unique among the checks"},
    [CONNECTIVITY_ANY_OF] = {"any_of", SCHEMA_TARGET_URL, .is_list = true, .least = 1,
                             .most = CONNECTIVITY_URLS_MAX, .is_required = true,
                             .text = "addresses outside; while none of them answers, healthd is "
                                     "blind"},
    [CONNECTIVITY_APPLIES_TO] = {"applies_to", SCHEMA_MATCHER, .is_list = true,
                                 .most = MATCHERS_MAX,
                                 .text = "targets that are UNKNOWN and not DOWN where their check "
                                         "fails meanwhile; all must match; without it all targets"},
    [CONNECTIVITY_CHECK_INTERVAL] = {"check_interval", SCHEMA_DURATION, .least = SECOND,
                                     .most = DAY, .fallback = "15s",
                                     .text = "time between two checks of the addresses, which are "
                                             "also checked when such a target fails"},
    [CONNECTIVITY_TIMEOUT] = {"timeout", SCHEMA_DURATION, .least = 10, .most = MINUTE,
                              .fallback = "3s",
                              .text = "time that an address has to answer; how long a failed "
                                      "target may wait for that, but for 2 s more"},
};
