#include "core/schema.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>

#include "core/flap.h"
#include "core/group.h"
#include "core/probe_type.h"
#include "core/schema_tables.h"

static const char *const status_rules[] = {"platform", "success", NULL};
static const char *const connections[] = {"new", "reuse", NULL};
static const char *const ip_protocols[] = {"any", "ipv4", "ipv6", "each", NULL};
static const char *const kinds[] = {"service", "infrastructure", NULL};
static const char *const roles[] = {"none", "viewer", "operator", NULL};
static const char *const levels[] = {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL", NULL};
static const char *const formats[] = {"text", "json", NULL};

static const schema_key_t root_keys[ROOT_KEYS] = {
    [ROOT_VERSION] = {"version", SCHEMA_COUNT, .least = 1, .most = 1, .fallback = "1",
                      .text = "version of this format"},
    [ROOT_INSTANCE] = {"instance", MAP(SECTION_INSTANCE), .is_main_only = true,
                       .text = "who this daemon is"},
    [ROOT_DEFAULTS] = {"defaults", MAP(SECTION_DEFAULTS),
                       .text = "settings of every target of this file that does not say otherwise"},
    [ROOT_TEMPLATES] = {"templates", MAPS(SECTION_TEMPLATE),
                        .text = "named settings that targets of every file can take over"},
    [ROOT_SERVICES] = {"services", MAPS(SECTION_TARGET), .text = "targets shown as services"},
    [ROOT_INFRASTRUCTURE] = {"infrastructure", MAPS(SECTION_TARGET),
                             .text = "targets shown as infrastructure"},
    [ROOT_TARGETS] = {"targets", MAPS(SECTION_TARGET),
                      .text = "targets that say themselves what they are"},
    [ROOT_GROUPS] = {"groups", MAPS(SECTION_GROUP),
                     .text = "targets that are not checked but follow others"},
    [ROOT_INCLUDE] = {"include", SCHEMA_PATH, .is_list = true, .most = 16, .is_main_only = true,
                      .text = "folders whose files *.yaml are read too, by name"},
    [ROOT_PROBING] = {"probing", MAP(SECTION_PROBING), .is_main_only = true,
                      .text = "how many probes may be under way"},
    [ROOT_SYSTEM] = {"system", MAP(SECTION_SYSTEM), .is_main_only = true,
                     .text = "rules of the system's status"},
    [ROOT_ALERTING] = {"alerting", MAP(SECTION_ALERTING), .is_main_only = true,
                       .text = "rules of alerts"},
    [ROOT_BUS] = {"bus", MAP(SECTION_BUS), .is_main_only = true,
                  .text = "event bus on Redis Streams"},
    [ROOT_PUBLISH] = {"publish", MAP(SECTION_PUBLISH), .is_main_only = true,
                      .text = "snapshots and alerts over ZeroMQ"},
    [ROOT_GATEWAY] = {"gateway", MAP(SECTION_GATEWAY), .is_main_only = true, .text = "REST"},
    [ROOT_LOGGING] = {"logging", MAP(SECTION_LOGGING), .is_main_only = true,
                      .text = "records on stderr"},
};

static const schema_key_t instance_keys[INSTANCE_KEYS] = {
    [INSTANCE_NAME] = {"name", SCHEMA_NAME,
                       .text = "name of this daemon in its start log and towards systemd"},
    [INSTANCE_STATE_DIR] = {"state_dir", SCHEMA_PATH, .fallback = "/var/lib/healthd",
                            .takes_restart = true, .text = "folder of what must survive a restart"},
};

static const schema_key_t target_keys[TARGET_KEYS] = {
    [TARGET_CHECK_INTERVAL] = {"check_interval", SCHEMA_DURATION, .least = SECOND, .most = DAY,
                               .fallback = "60s", .text = "time between two checks"},
    [TARGET_TIMEOUT] = {"timeout", SCHEMA_DURATION, .least = 10, .most = 10 * MINUTE,
                        .fallback = "5s", .text = "time that a check may take in all"},
    [TARGET_RETRY_INTERVAL] = {"retry_interval", SCHEMA_DURATION, .least = SECOND, .most = DAY,
                               .fallback = "10s",
                               .text = "time to the next check while a status is unconfirmed, "
                                       "where shorter than check_interval"},
    [TARGET_FAILURE_THRESHOLD] = {"failure_threshold", SCHEMA_THRESHOLD, .least = 1, .most = 1000,
                                  .fallback = "3",
                                  .text = "worse results before the status turns: 3 one after "
                                          "another, or 3 of 5, of the last 64 at most"},
    [TARGET_SUCCESS_THRESHOLD] = {"success_threshold", SCHEMA_THRESHOLD, .least = 1, .most = 1000,
                                  .fallback = "2",
                                  .text = "better results before it turns back, likewise"},
    [TARGET_CRITICAL] = {"critical", SCHEMA_BOOLEAN, .fallback = "false",
                         .text = "its DOWN makes the system CRITICAL; infrastructure is critical "
                                 "unless it or its template says false, whatever defaults say"},
    [TARGET_SPREAD] = {"spread", SCHEMA_BOOLEAN, .fallback = "true",
                       .text = "checks of targets are spread over the interval by their names; "
                               "false: all at once"},
    [TARGET_JITTER] = {"jitter", SCHEMA_RATIO, .least = 0, .most = 0.5, .fallback = "10%",
                       .text = "part of the interval by which a check may start later"},
    [TARGET_STATUS_RULE] = {"status_rule", SCHEMA_CHOICE, .choices = status_rules,
                            .fallback = "success",
                            .text = "success: 200 to 299 is OK, any other code DOWN; platform: 200 "
                                    "is OK, 5xx of a service DOWN, any other code DEGRADED"},
    [TARGET_CONDITIONS] = {"conditions", SCHEMA_CONDITION, .is_list = true, .most = 32,
                           .text = "what must hold for the target not to be DOWN; they alone "
                                   "decide then, not status_rule"},
    [TARGET_CONDITIONS_MORE] = {"conditions+", SCHEMA_CONDITION, .is_list = true, .most = 32,
                                .text = "the same, added to what templates and defaults say"},
    [TARGET_DEGRADED_CONDITIONS] = {"degraded_conditions", SCHEMA_CONDITION, .is_list = true,
                                    .most = 32,
                                    .text = "what must hold beside them for it not to be DEGRADED"},
    [TARGET_DEGRADED_CONDITIONS_MORE] = {"degraded_conditions+", SCHEMA_CONDITION, .is_list = true,
                                         .most = 32,
                                         .text = "the same, added to what templates and defaults "
                                                 "say"},
    [TARGET_EXPECT_FAILURE] = {"expect_failure", SCHEMA_BOOLEAN, .fallback = "false",
                               .text = "a check that fails is OK, any other DOWN"},
    [TARGET_CONNECTION] = {"connection", SCHEMA_CHOICE, .choices = connections, .fallback = "new",
                           .text = "a new connection for each check, which also tests that the "
                                   "target accepts one, or a kept one"},
    [TARGET_IP_PROTOCOL] = {"ip_protocol", SCHEMA_CHOICE, .choices = ip_protocols,
                            .fallback = "any",
                            .text = "addresses that are tried; each: all of them, and the worst "
                                    "answer counts"},
    [TARGET_HTTP] = {"http", NESTED(SECTION_HTTP), .text = "how an HTTP check is made"},
    [TARGET_TLS] = {"tls", NESTED(SECTION_TLS), .text = "how https is spoken"},
    [TARGET_CERT_ALERT] = {"cert_alert", NESTED(SECTION_CERT_ALERT),
                           .text = "alerts of their own before a certificate ends"},
    [TARGET_NOTIFY_AFTER] = {"notify_after", SCHEMA_DURATION, .least = 0, .most = DAY,
                             .fallback = "30s",
                             .text =
                                 "how long a target must be DOWN or DEGRADED before an alert is "
                                 "raised; of defaults: the system too. Status, page and "
                                 "metrics turn at once"},
#define OPTIONS_ROW(NAME, name)                                                                    \
    [TARGET_##NAME] = {#name, NESTED(SECTION_##NAME),                                              \
                       .text = "how a check of the type " #name " is made"},
    PROBE_TYPES(SCHEMA_NO_OPTIONS, OPTIONS_ROW)
#undef OPTIONS_ROW
        [TARGET_NAME] = {"name", SCHEMA_NAME, .is_required = true,
                         .text = "its name, unique among targets, or among templates"},
    [TARGET_URL] = {"url", SCHEMA_TARGET_URL,
                    .text =
                        "what is checked; its scheme says how, which is the target's type; none "
                        "leaves the target out"},
    [TARGET_ERROR_PREFIX] = {"error_prefix", SCHEMA_TEXT,
                             .text = "text before the errors of an infrastructure target; by "
                                     "default that of its type, as \"HTTP check failed: \""},
    [TARGET_LABELS] = {"labels", SCHEMA_LABELS, .most = SCHEMA_LABELS_MAX,
                       .text = "names and texts that go with the target"},
    [TARGET_TEMPLATE] = {"template", SCHEMA_NAME, .is_list = true, .least = 1, .most = 8,
                         .text = "templates that it takes over, later ones over earlier ones"},
    [TARGET_FOR_EACH] = {"for_each", SCHEMA_VARIABLES, .least = 1, .most = SCHEMA_VARIABLES_MAX,
                         .text = "variables and their values: one target for each combination, "
                                 "{{variable}} in its name, url, error_prefix and labels"},
    [TARGET_KIND] = {"kind", SCHEMA_CHOICE, .choices = kinds, .fallback = "service",
                     .text = "below targets: what it is shown as"},
};

static const schema_key_t group_keys[GROUP_KEYS] = {
    [GROUP_NAME] = {"name", SCHEMA_NAME, .is_required = true,
                    .text = "its name, unique among targets and groups"},
    [GROUP_MEMBERS] = {"members", SCHEMA_NAME, .is_list = true, .is_required = true, .least = 1,
                       .most = GROUP_MEMBERS_MAX, .text = "names of targets, or of other groups"},
    [GROUP_RULE] = {"rule", SCHEMA_RULE, .least = 1, .most = GROUP_MEMBERS_MAX,
                    .fallback = "all_up",
                    .text = "how many members must be OK or DEGRADED for the group not to be DOWN; "
                            "it is DEGRADED where enough are and one fails"},
    [GROUP_KIND] = {"kind", SCHEMA_CHOICE, .choices = kinds, .fallback = "service",
                    .text = "what it is shown as"},
    [GROUP_CRITICAL] = {"critical", SCHEMA_BOOLEAN, .fallback = "false",
                        .text = "its DOWN makes the system CRITICAL; as with targets, those of "
                                "kind infrastructure are critical unless they say false"},
    [GROUP_NOTIFY_AFTER] = {"notify_after", SCHEMA_DURATION, .least = 0, .most = DAY,
                            .fallback = "30s",
                            .text = "how long it must be DOWN or DEGRADED before an alert is "
                                    "raised; that of defaults unless it is said here"},
    [GROUP_LABELS] = {"labels", SCHEMA_LABELS, .most = SCHEMA_LABELS_MAX,
                      .text = "names and texts that go with the group"},
    [GROUP_FOR_EACH] = {"for_each", SCHEMA_VARIABLES, .least = 1, .most = SCHEMA_VARIABLES_MAX,
                        .text = "variables and their values: one group for each combination, "
                                "{{variable}} in its name, members and labels"},
};

static const schema_key_t probing_keys[PROBING_KEYS] = {
    [PROBING_MAX_IN_FLIGHT] = {"max_in_flight", SCHEMA_COUNT, .least = 1, .most = 2048,
                               .fallback = "2048",
                               .text = "probes of each kind under way at once, at most; those that "
                                       "are due beyond wait"},
    [PROBING_MAX_IN_FLIGHT_PER_HOST] = {"max_in_flight_per_host", SCHEMA_COUNT, .least = 1,
                                        .most = 2048, .fallback = "2048",
                                        .text = "... of one host, whatever the port; those beyond "
                                                "wait for their turn and hold up no other host"},
};

static const schema_key_t system_keys[SYSTEM_KEYS] = {
    [SYSTEM_LATENCY_DEGRADED] = {"latency_degraded", SCHEMA_DURATION, .least = 1,
                                 .most = 10 * MINUTE,
                                 .text = "a service slower than this makes the system DEGRADED"},
    [SYSTEM_LATENCY_CRITICAL] = {"latency_critical", SCHEMA_DURATION, .least = 1,
                                 .most = 10 * MINUTE,
                                 .text = "a service slower than this makes the system CRITICAL"},
    [SYSTEM_STALENESS] = {"staleness", SCHEMA_FACTOR, .least = 2, .most = 1000, .fallback = "3x",
                          .text = "a result older than this many intervals (at least interval + "
                                  "timeout + 2 s) is UNKNOWN"},
    [SYSTEM_FLAP_DETECTION] = {"flap_detection", MAP(SECTION_FLAP_DETECTION),
                               .text = "when a target's results change too often to tell of each"},
    [SYSTEM_CONNECTIVITY_CHECKS] = {"connectivity_checks", MAP(SECTION_CONNECTIVITY),
                                    .is_list = true, .most = CONNECTIVITY_CHECKS_MAX,
                                    .text = "how healthd knows that its own network is lost"},
};

static const schema_key_t flap_keys[FLAP_KEYS] = {
    [FLAP_ENABLED] = {"enabled", SCHEMA_BOOLEAN, .fallback = "true",
                      .text = "whether targets can flap"},
    [FLAP_WINDOW] = {"window", SCHEMA_COUNT, .least = FLAP_WINDOW_MIN, .most = FLAP_WINDOW_MAX,
                     .fallback = "20", .text = "results that are looked back on"},
    [FLAP_HIGH] = {"high", SCHEMA_RATIO, .least = 0.01, .most = 1, .fallback = "30%",
                   .text = "flapping begins where more of them than this differ from the one "
                           "before, newer ones weighing more"},
    [FLAP_LOW] = {"low", SCHEMA_RATIO, .least = 0.01, .most = 1, .fallback = "25%",
                  .text = "flapping ends where less of them do; not above high"},
};

static const schema_key_t alerting_keys[ALERTING_KEYS] = {
    [ALERTING_DEGRADED] = {"degraded", SCHEMA_BOOLEAN, .fallback = "true",
                           .text = "a DEGRADED target has an alert of its own"},
    [ALERTING_OVERDUE] = {"overdue", SCHEMA_BOOLEAN, .fallback = "true",
                          .text = "one alert lists the targets whose checks are not made in time"},
};

static const schema_key_t bus_keys[BUS_KEYS] = {
    [BUS_URL] = {"url", SCHEMA_REDIS_URL, .fallback = "none",
                 .text = "redis://[user[:password]@]host[:port][/db]; none: no bus"},
    [BUS_STREAM_PREFIX] = {"stream_prefix", SCHEMA_WORD, .most = 31, .fallback = "quantum:stream:",
                           .text = "what keys of streams begin with"},
    [BUS_GROUP_PREFIX] = {"group_prefix", SCHEMA_WORD, .most = 31, .fallback = "quantum:group:",
                          .text = "what names of consumer groups begin with"},
    [BUS_SERVICE_NAME] = {"service_name", SCHEMA_WORD, .least = 1, .most = 63,
                          .fallback = "monitoring_health_service",
                          .text = "who we are: source of what is written, reader of what is read"},
    [BUS_MAX_LENGTH] = {"max_length", SCHEMA_COUNT, .least = 1, .most = 1e9, .fallback = "10000",
                        .text = "entries that a stream keeps, about"},
    [BUS_SPOOL_MAX_SIZE] = {"spool_max_size", SCHEMA_SIZE, .least = MIB, .most = 16 * GIB,
                            .fallback = "64MiB",
                            .text = "bytes on disk that wait for Redis, at most"},
};

static const schema_key_t publish_keys[PUBLISH_KEYS] = {
    [PUBLISH_ENDPOINTS] = {"endpoints", SCHEMA_ENDPOINT, .is_list = true, .least = 1, .most = 16,
                           .fallback = "tcp://127.0.0.1:5556",
                           .text = "where subscribers connect: tcp://address:port or ipc://path"},
    [PUBLISH_HIGH_WATER_MARK] = {"high_water_mark", SCHEMA_COUNT, .least = 1, .most = 1000000,
                                 .fallback = "1000",
                                 .text = "messages that wait for one slow subscriber, at most"},
};

static const schema_key_t gateway_keys[GATEWAY_KEYS] = {
    [GATEWAY_LISTEN] = {"listen", SCHEMA_ADDRESS, .is_list = true, .least = 1, .most = 1,
                        .fallback = "127.0.0.1:8080", .takes_restart = true,
                        .text = "address:port of REST"},
    [GATEWAY_TOKEN] = {"token", SCHEMA_TOKEN, .most = 1024,
                       .text = "credential that every write must carry; best as ${file:PATH}"},
    [GATEWAY_ANONYMOUS_ROLE] = {"anonymous_role", SCHEMA_CHOICE, .choices = roles,
                                .fallback = "viewer",
                                .text = "what a request without the token may do: none (only "
                                        "/health, /livez and /readyz), viewer (read) or operator "
                                        "(write, where no token is set)"},
    [GATEWAY_MAX_CONNECTIONS] = {"max_connections", SCHEMA_COUNT, .least = 16, .most = 512,
                                 .fallback = "512", .takes_restart = true,
                                 .text = "connections at once, at most"},
    [GATEWAY_METRIC_LABELS] = {"metric_labels", SCHEMA_NAME, .is_list = true, .least = 1,
                               .most = 16,
                               .text = "labels of targets that the metric healthd_target_info "
                                       "shows; letters, digits and _"},
};

static const schema_key_t logging_keys[LOGGING_KEYS] = {
    [LOGGING_LEVEL] = {"level", SCHEMA_CHOICE, .choices = levels, .fallback = "INFO",
                       .text = "the least level of records that are written"},
    [LOGGING_FORMAT] = {"format", SCHEMA_CHOICE, .choices = formats, .fallback = "text",
                        .takes_restart = true,
                        .text = "one line for people, or one JSON object for programs"},
};

const schema_key_t *schema_keys(schema_section_t section, size_t *ret_n)
{
    static const struct {
        const schema_key_t *keys;
        size_t n;
    } rows[SECTION_COUNT] = {
        [SECTION_ROOT] = {root_keys, ROOT_KEYS},
        [SECTION_INSTANCE] = {instance_keys, INSTANCE_KEYS},
        [SECTION_DEFAULTS] = {target_keys, DEFAULTS_KEYS},
        [SECTION_TEMPLATE] = {target_keys, TEMPLATE_KEYS},
        [SECTION_TARGET] = {target_keys, TARGET_KEYS},
        [SECTION_GROUP] = {group_keys, GROUP_KEYS},
        [SECTION_HTTP] = {http_keys, HTTP_KEYS},
        [SECTION_BASIC] = {basic_keys, BASIC_KEYS},
        [SECTION_OAUTH2] = {oauth2_keys, OAUTH2_KEYS},
        [SECTION_TLS] = {tls_keys, TLS_KEYS},
        [SECTION_CERT_ALERT] = {cert_alert_keys, CERT_ALERT_KEYS},
        [SECTION_PROBING] = {probing_keys, PROBING_KEYS},
        [SECTION_SYSTEM] = {system_keys, SYSTEM_KEYS},
        [SECTION_FLAP_DETECTION] = {flap_keys, FLAP_KEYS},
        [SECTION_CONNECTIVITY] = {connectivity_keys, CONNECTIVITY_KEYS},
        [SECTION_ALERTING] = {alerting_keys, ALERTING_KEYS},
        [SECTION_BUS] = {bus_keys, BUS_KEYS},
        [SECTION_PUBLISH] = {publish_keys, PUBLISH_KEYS},
        [SECTION_GATEWAY] = {gateway_keys, GATEWAY_KEYS},
        [SECTION_LOGGING] = {logging_keys, LOGGING_KEYS},
    };
#define OPTIONS_OF(NAME, name) [SECTION_##NAME] = &probe_##name,
    static const probe_type_row_t *const types[SECTION_COUNT + 1] = {
        PROBE_TYPES(SCHEMA_NO_OPTIONS, OPTIONS_OF) NULL};
#undef OPTIONS_OF
    assert(section < SECTION_COUNT);
    if (types[section]) {
        *ret_n = types[section]->n_keys;
        return types[section]->keys;
    }
    *ret_n = rows[section].n;
    return rows[section].keys;
}

const char *schema_type_name(schema_type_t type)
{
    static const char *const names[SCHEMA_TYPE_COUNT] = {
        [SCHEMA_DURATION] = "duration",
        [SCHEMA_SIZE] = "size",
        [SCHEMA_COUNT] = "count",
        [SCHEMA_RATIO] = "ratio",
        [SCHEMA_THRESHOLD] = "threshold",
        [SCHEMA_RULE] = "rule",
        [SCHEMA_FACTOR] = "factor",
        [SCHEMA_BOOLEAN] = "boolean",
        [SCHEMA_CHOICE] = "choice",
        [SCHEMA_NAME] = "name",
        [SCHEMA_WORD] = "word",
        [SCHEMA_TEXT] = "text",
        [SCHEMA_PATH] = "path",
        [SCHEMA_TARGET_URL] = "url",
        [SCHEMA_REDIS_URL] = "redis url",
        [SCHEMA_ENDPOINT] = "endpoint",
        [SCHEMA_ADDRESS] = "address:port",
        [SCHEMA_TOKEN] = "token",
        [SCHEMA_SECRET] = "secret text",
        [SCHEMA_HTTP_URL] = "http url",
        [SCHEMA_PROXY] = "proxy url",
        [SCHEMA_FIELD] = "header text",
        [SCHEMA_CONDITION] = "condition",
        [SCHEMA_MATCHER] = "matcher",
        [SCHEMA_HEADERS] = "map of headers",
        [SCHEMA_LABELS] = "map of texts",
        [SCHEMA_VARIABLES] = "map of lists",
        [SCHEMA_MAP] = "map",
    };
    return names[type];
}

const char *schema_type_expected(schema_type_t type)
{
    static const char *const texts[SCHEMA_TYPE_COUNT] = {
        [SCHEMA_DURATION] = "a duration such as 500ms, 1.5s or 1h30m (units ms s m h d w)",
        [SCHEMA_SIZE] = "a size such as 16KiB (units B KiB MiB GiB)",
        [SCHEMA_COUNT] = "a whole number such as 20",
        [SCHEMA_RATIO] = "a ratio such as 30%",
        [SCHEMA_THRESHOLD] = "a number of results such as 3, or 3 of 5",
        [SCHEMA_RULE] = "all_up, any_up or at_least N",
        [SCHEMA_FACTOR] = "a factor such as 3x",
        [SCHEMA_BOOLEAN] = "true or false",
        [SCHEMA_CHOICE] = "one of its words",
        [SCHEMA_NAME] = "a name of 1 to 255 letters, digits and ._:/@+- without blanks",
        [SCHEMA_WORD] = "a word without blanks",
        [SCHEMA_TEXT] = "a text",
        [SCHEMA_PATH] = "a path of 1 to 3072 bytes",
        [SCHEMA_TARGET_URL] = "a URL that can be probed, or none",
        [SCHEMA_REDIS_URL] = "redis://[user[:password]@]host[:port][/db], or none",
        [SCHEMA_ENDPOINT] = "tcp://address:port or ipc://path",
        [SCHEMA_ADDRESS] = "address:port (IPv6 as [::]:8080)",
        [SCHEMA_TOKEN] = "1 to 1024 printable characters without spaces",
        [SCHEMA_SECRET] = "a text of at most 64 KiB",
        [SCHEMA_HTTP_URL] = "an http:// or https:// URL",
        [SCHEMA_PROXY] = "an http://, https://, socks5:// or socks5h:// URL",
        [SCHEMA_FIELD] = "a text of one line, at most 3072 bytes",
        [SCHEMA_CONDITION] = "a condition such as status == 200",
        [SCHEMA_MATCHER] = "a matcher such as team=\"ml\"",
        [SCHEMA_HEADERS] = "a map of header names and texts",
        [SCHEMA_LABELS] = "a map of names and texts",
        [SCHEMA_VARIABLES] = "a map of names and lists of texts",
        [SCHEMA_MAP] = "a map",
    };
    return texts[type];
}

/* --- numbers as text --- */

typedef struct {
    const char *name;
    double worth;
} unit_t;

/* VALUE in the largest of N UNITS (largest first) that leaves a whole number. */
static void in_units(double value, const unit_t *units, size_t n, char *text, size_t size)
{
    size_t i = 0;
    while (i + 1 < n && (value < units[i].worth || fmod(value, units[i].worth) != 0))
        i++;
    (void)snprintf(text, size, "%.0f%s", value / units[i].worth, units[i].name);
}

void schema_number_text(schema_type_t type, double value, char *text, size_t size)
{
    static const unit_t durations[] = {
        {"d", DAY}, {"h", 60 * MINUTE}, {"m", MINUTE}, {"s", SECOND}, {"ms", 1}};
    static const unit_t sizes[] = {{"GiB", GIB}, {"MiB", MIB}, {"KiB", KIB}, {"B", 1}};
    if (type == SCHEMA_DURATION)
        in_units(value, durations, sizeof durations / sizeof durations[0], text, size);
    else if (type == SCHEMA_SIZE)
        in_units(value, sizes, sizeof sizes / sizeof sizes[0], text, size);
    else if (type == SCHEMA_RATIO)
        (void)snprintf(text, size, "%g%%", value * 100);
    else if (type == SCHEMA_FACTOR)
        (void)snprintf(text, size, "%gx", value);
    else if (type == SCHEMA_RULE)
        (void)snprintf(text, size, "at_least %.0f", value);
    else
        (void)snprintf(text, size, "%.0f", value);
}
