/* A question to a name server. */
#include "core/probes/dns.h"

#include "core/condition_values.h"
#include "core/probe_options.h"
#include "core/url.h"

static const char *const schemes[] = {"dns", NULL};

static bool is_url(const char *url)
{
    endpoint_url_t parsed;
    return endpoint_url_parse(url, "dns", DNS_PORT, &parsed) == 0 && !parsed.user[0] &&
           !parsed.password[0] && (!parsed.path[0] || (parsed.path[0] == '/' && !parsed.path[1]));
}

enum {
    QUERY_NAME,
    QUERY_TYPE,
    QUERY_CLASS,
    TRANSPORT,
    RECURSION_DESIRED,
    KEYS,
};

static const char *const types[] = {"A",   "AAAA",  "ANY",   "CAA",  "CNAME", "DNAME", "DNSKEY",
                                    "DS",  "HINFO", "HTTPS", "MX",   "NAPTR", "NS",    "PTR",
                                    "SOA", "SRV",   "SSHFP", "SVCB", "TLSA",  "TXT",   NULL};
static const unsigned type_codes[] = {1, 28, DNS_TYPE_ANY, 257, 5,  39, 48, 43, 13, 65, 15, 35,
                                      2, 12, DNS_TYPE_SOA, 33,  44, 64, 52, 16};
_Static_assert(sizeof types / sizeof types[0] == sizeof type_codes / sizeof type_codes[0] + 1,
               "a code for each type");

static const char *const classes[] = {"IN", "CH", "HS", NULL};
static const unsigned class_codes[] = {DNS_CLASS_IN, 3, 4};

static const char *const transports[] = {"udp", "tcp", NULL};

static const schema_key_t keys[KEYS] = {
    [QUERY_NAME] = {"query_name", SCHEMA_TEXT,
                    .text = "name that is asked for; must be given, here or in a layer below"},
    [QUERY_TYPE] = {"query_type", SCHEMA_CHOICE, .choices = types, .fallback = "A",
                    .text = "type of the records that are asked for"},
    [QUERY_CLASS] = {"query_class", SCHEMA_CHOICE, .choices = classes, .fallback = "IN",
                     .text = "class of the records: IN, or CH for what a server says of itself"},
    [TRANSPORT] = {"transport", SCHEMA_CHOICE, .choices = transports, .fallback = "udp",
                   .text = "udp, where an answer that is cut off is asked for again over TCP, or "
                           "tcp"},
    [RECURSION_DESIRED] = {"recursion_desired", SCHEMA_BOOLEAN, .fallback = "true",
                           .text = "ask for an answer that the server must fetch elsewhere"},
};

static void read(const probe_options_t *options, void *ret)
{
    dns_settings_t *settings = ret;
    *settings = (dns_settings_t){
        .question = {.name = probe_option_text(options, QUERY_NAME),
                     .type = type_codes[probe_option_number(options, QUERY_TYPE)],
                     .class_code = class_codes[probe_option_number(options, QUERY_CLASS)],
                     .wants_recursion = probe_option_number(options, RECURSION_DESIRED) != 0},
        .transport = (dns_transport_t)probe_option_number(options, TRANSPORT),
    };
    uint8_t wire[DNS_NAME_MAX_BYTES];
    size_t n;
    if (!probe_option_is_given(options, QUERY_NAME))
        probe_option_fault(options, QUERY_NAME,
                           "must be given: the name that the server is asked for");
    else if (settings->question.name && dns_name_encode(settings->question.name, wire, &n))
        probe_option_fault(
            options, QUERY_NAME,
            "\"%.100s\" is no name of DNS: labels of 1 to 63 characters of ASCII with "
            "dots between them, 253 in all",
            settings->question.name);
}

const probe_type_row_t probe_dns = {
    .name = "dns",
    .schemes = schemes,
    .url_form = "dns://host[:port]",
    .error_prefix = "DNS check failed: ",
    .is_url = is_url,
    .values = CONDITION_REACHED | CONDITION_BIT(CONDITION_RCODE) |
              CONDITION_BIT(CONDITION_ANSWERS) | CONDITION_BIT(CONDITION_DNS_TTL) |
              CONDITION_BIT(CONDITION_OUTPUT) | CONDITION_BIT(CONDITION_VALUE),
    .keys = keys,
    .n_keys = KEYS,
    .settings_bytes = sizeof(dns_settings_t),
    .read = read,
};
