#include "core/condition_values.h"

#include <assert.h>
#include <string.h>

#include <healthd/status.h>

#include "core/probe_type.h"

/* --- values --- */

static const struct {
    const char *name;
    condition_type_t type;
} rows[CONDITION_VALUE_COUNT] = {
    [CONDITION_STATUS] = {"status", CONDITION_NUMBER},
    [CONDITION_LATENCY] = {"latency", CONDITION_DURATION},
    [CONDITION_CONNECTED] = {"connected", CONDITION_BOOLEAN},
    [CONDITION_IP] = {"ip", CONDITION_TEXT},
    [CONDITION_REASON] = {"reason", CONDITION_REASON_WORD},
    [CONDITION_BODY] = {"body", CONDITION_TEXT}, /* with a path: ANY */
    [CONDITION_HEADER] = {"header", CONDITION_ANY},
    [CONDITION_CERT_EXPIRY] = {"cert_expiry", CONDITION_DURATION},
    [CONDITION_DOMAIN_EXPIRY] = {"domain_expiry", CONDITION_DURATION},
    [CONDITION_TLS_VERSION] = {"tls_version", CONDITION_VERSION},
    [CONDITION_HTTP_VERSION] = {"http_version", CONDITION_VERSION},
    [CONDITION_PHASE_RESOLVE] = {"phase.resolve", CONDITION_DURATION},
    [CONDITION_PHASE_CONNECT] = {"phase.connect", CONDITION_DURATION},
    [CONDITION_PHASE_TLS] = {"phase.tls", CONDITION_DURATION},
    [CONDITION_PHASE_FIRST_BYTE] = {"phase.first_byte", CONDITION_DURATION},
    [CONDITION_PHASE_TRANSFER] = {"phase.transfer", CONDITION_DURATION},
    [CONDITION_RCODE] = {"rcode", CONDITION_RCODE_WORD},
    [CONDITION_ANSWERS] = {"answers", CONDITION_ANSWER_LIST},
    [CONDITION_DNS_TTL] = {"ttl", CONDITION_DURATION},
    [CONDITION_TTL] = {"ttl", CONDITION_NUMBER},
    [CONDITION_LOSS] = {"loss", CONDITION_RATIO},
    [CONDITION_EXIT_CODE] = {"exit_code", CONDITION_NUMBER},
    [CONDITION_OUTPUT] = {"output", CONDITION_TEXT},
    [CONDITION_VALUE] = {"value", CONDITION_ANY},
    [CONDITION_CAPTURED] = {"", CONDITION_ANY},
};

const char *condition_value_name(condition_value_t value)
{
    assert(value < CONDITION_VALUE_COUNT);
    return rows[value].name;
}

condition_type_t condition_value_type(condition_value_t value)
{
    assert(value < CONDITION_VALUE_COUNT);
    return rows[value].type;
}

static bool is_text(const char *text, size_t n, const char *word)
{
    return n == strlen(word) && memcmp(text, word, n) == 0;
}

condition_value_t condition_value_at(const char *name, size_t n, uint64_t values)
{
    condition_value_t found = CONDITION_VALUE_COUNT;
    for (int i = 0; i < CONDITION_CAPTURED; i++) {
        condition_value_t value = (condition_value_t)i;
        if (!is_text(name, n, rows[value].name))
            continue;
        if (values & CONDITION_BIT(value))
            return value;
        found = value;
    }
    return found;
}

/* --- probes --- */

#define HAS(name) CONDITION_BIT(CONDITION_##name)
#define CONTAINED (HAS(LATENCY) | HAS(REASON) | HAS(OUTPUT))

/* Those whose row in core/probes/ has yet to come. */
static const struct {
    const char *probe;
    uint64_t values;
} probes[] = {
    {"icmp", HAS(LATENCY) | HAS(CONNECTED) | HAS(IP) | HAS(REASON) | HAS(PHASE_RESOLVE) | HAS(TTL) |
                 HAS(LOSS)},
    {"grpc",
     CONDITION_REACHED | CONDITION_SECURED | CONDITION_ANSWERED | HAS(STATUS) | HAS(OUTPUT)},
    {"docker", CONTAINED},
    {"systemd", CONTAINED},
};

uint64_t condition_values_of(const char *probe)
{
    for (int type = 0; type < PROBE_TYPE_COUNT; type++) {
        const probe_type_row_t *row = probe_type_row((probe_type_t)type);
        for (size_t i = 0; row->schemes && row->schemes[i]; i++)
            if (strcmp(row->schemes[i], probe) == 0)
                return row->values;
    }
    for (size_t i = 0; i < sizeof probes / sizeof probes[0]; i++)
        if (strcmp(probes[i].probe, probe) == 0)
            return probes[i].values;
    return 0;
}

/* --- words and versions --- */

static const char *const rcodes[CONDITION_RCODES + 1] = {
    "NOERROR",  "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP",  "REFUSED",
    "YXDOMAIN", "YXRRSET", "NXRRSET",  "NOTAUTH",  "NOTZONE", NULL};

const char *condition_rcode_name(unsigned code)
{
    return code < CONDITION_RCODES ? rcodes[code] : NULL;
}

const char *condition_word(condition_type_t type, size_t i)
{
    if (type == CONDITION_RCODE_WORD)
        return i < CONDITION_RCODES ? rcodes[i] : NULL;
    return type == CONDITION_REASON_WORD && i < REASON_COUNT ? reason_name((int)i) : NULL;
}

const char *condition_word_at(condition_type_t type, const char *text, size_t n)
{
    const char *word = NULL;
    for (size_t i = 0; (word = condition_word(type, i)) != NULL; i++)
        if (is_text(text, n, word))
            return word;
    return NULL;
}

/* The one to three digits at the start of TEXT; -1: there are none, or more. */
static int64_t short_number(const char *text, size_t n, size_t *ret_used)
{
    int64_t number = 0;
    size_t used = 0;
    while (used < n && used < 4 && text[used] >= '0' && text[used] <= '9')
        number = number * 10 + (text[used++] - '0');
    *ret_used = used;
    return used >= 1 && used <= 3 ? number : -1;
}

int64_t condition_version_of(const char *text, size_t n)
{
    static const char *const prefixes[] = {"TLSv", "HTTP/"};
    size_t at = 0;
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (n > strlen(prefixes[i]) && memcmp(text, prefixes[i], strlen(prefixes[i])) == 0)
            at = strlen(prefixes[i]);
    size_t used = 0;
    int64_t major = short_number(text + at, n - at, &used);
    at += used;
    if (major < 0 || at == n)
        return major < 0 ? -1 : major << 16;
    int64_t minor = text[at] == '.' ? short_number(text + at + 1, n - at - 1, &used) : -1;
    return minor >= 0 && at + 1 + used == n ? (major << 16) + minor : -1;
}
