#include <assert.h>
#include <stddef.h>

#include <healthd/measurement.h>
#include <healthd/status.h>

static const char *const status_names[STATUS_COUNT] = {
    [STATUS_OK] = "OK",
    [STATUS_DEGRADED] = "DEGRADED",
    [STATUS_DOWN] = "DOWN",
    [STATUS_UNKNOWN] = "UNKNOWN",
};

static const char *const system_status_names[SYSTEM_STATUS_COUNT] = {
    [SYSTEM_OK] = "OK",
    [SYSTEM_DEGRADED] = "DEGRADED",
    [SYSTEM_CRITICAL] = "CRITICAL",
    [SYSTEM_UNKNOWN] = "UNKNOWN",
};

static const char *const severity_names[SEVERITY_COUNT] = {
    [SEVERITY_INFO] = "INFO",
    [SEVERITY_WARNING] = "WARNING",
    [SEVERITY_CRITICAL] = "CRITICAL",
};

static const char *const kind_names[KIND_COUNT] = {
    [KIND_SERVICE] = "service",
    [KIND_INFRASTRUCTURE] = "infrastructure",
    [KIND_NONE] = "none",
};

static const char *const resolution_names[RESOLUTION_COUNT] = {
    [RESOLUTION_NONE] = "none",       [RESOLUTION_RECOVERED] = "recovered",
    [RESOLUTION_CLEARED] = "cleared", [RESOLUTION_REPLACED] = "replaced",
    [RESOLUTION_RESET] = "reset",     [RESOLUTION_TARGET_REMOVED] = "target_removed",
};

static const char *const condition_outcome_names[CONDITION_OUTCOME_COUNT] = {
    [CONDITION_TRUE] = "true",       [CONDITION_FALSE] = "false",
    [CONDITION_MISSING] = "missing", [CONDITION_MISMATCH] = "mismatch",
    [CONDITION_GAVE_UP] = "gave_up",
};

static const char *const measured_kind_names[MEASURED_KIND_COUNT] = {
    [MEASURED_DNS_ANSWER_RRS] = "dns_answer_rrs",
    [MEASURED_DNS_AUTHORITY_RRS] = "dns_authority_rrs",
    [MEASURED_DNS_ADDITIONAL_RRS] = "dns_additional_rrs",
    [MEASURED_DNS_SERIAL] = "dns_serial",
};

static const char *const alert_kind_names[ALERT_KIND_COUNT] = {
    [ALERT_KIND_STATUS] = "status",
    [ALERT_KIND_STORAGE_TROUBLE] = "storage_trouble",
    [ALERT_KIND_CONFIGURATION_TROUBLE] = "configuration_trouble",
    [ALERT_KIND_RECEIVER_TROUBLE] = "receiver_trouble",
    [ALERT_KIND_PREDICTION] = "prediction",
    [ALERT_KIND_HEALING] = "healing",
    [ALERT_KIND_OVERDUE] = "overdue",
    [ALERT_KIND_FLAPPING] = "flapping",
    [ALERT_KIND_CERTIFICATE] = "certificate",
    [ALERT_KIND_BLIND] = "blind",
};

static const char *const reason_names[REASON_COUNT] = {
    [REASON_NONE] = "none",
    [REASON_STATUS] = "status",
    [REASON_TIMEOUT_RESOLVE] = "timeout_resolve",
    [REASON_TIMEOUT_CONNECT] = "timeout_connect",
    [REASON_TIMEOUT_TLS] = "timeout_tls",
    [REASON_TIMEOUT_RESPONSE] = "timeout_response",
    [REASON_DNS_NXDOMAIN] = "dns_nxdomain",
    [REASON_DNS_FAILURE] = "dns_failure",
    [REASON_REFUSED] = "refused",
    [REASON_UNREACHABLE] = "unreachable",
    [REASON_RESET] = "reset",
    [REASON_PROTOCOL] = "protocol",
    [REASON_TLS_EXPIRED] = "tls_expired",
    [REASON_TLS_UNTRUSTED] = "tls_untrusted",
    [REASON_TLS_NAME_MISMATCH] = "tls_name_mismatch",
    [REASON_TLS_FAILURE] = "tls_failure",
    [REASON_REDIRECT] = "redirect",
    [REASON_REDIS_LOADING] = "redis_loading",
    [REASON_REDIS_MASTERDOWN] = "redis_masterdown",
    [REASON_AUTHENTICATION] = "authentication",
    [REASON_REDIS_ERROR] = "redis_error",
    [REASON_EMERGENCY_STOP] = "emergency_stop",
    [REASON_STALE] = "stale",
    [REASON_RESOURCES] = "resources",
    [REASON_CONDITION] = "condition",
    [REASON_MISSING_VALUE] = "missing_value",
    [REASON_UNEXPECTED_SUCCESS] = "unexpected_success",
    [REASON_PAUSED] = "paused",
    [REASON_MEMBERS] = "members",
    [REASON_DATABASE_STARTING] = "database_starting",
    [REASON_DATABASE_ERROR] = "database_error",
    [REASON_EXIT_CODE] = "exit_code",
    [REASON_EXIT_UNKNOWN] = "exit_unknown",
    [REASON_KILLED] = "killed",
    [REASON_NOT_EXECUTABLE] = "not_executable",
    [REASON_OUTPUT_LIMIT] = "output_limit",
    [REASON_BLIND] = "blind",
    [REASON_THRESHOLD] = "threshold",
    [REASON_NOT_FOUND] = "not_found",
    [REASON_UNREADABLE] = "unreadable",
    [REASON_NO_PING] = "no_ping",
    [REASON_LATE] = "late",
    [REASON_MISSED] = "missed",
    [REASON_JOB_FAILED] = "job_failed",
    [REASON_OVERRUN] = "overrun",
};

static const char *const sight_names[] = {
    [SIGHT_UNKNOWN] = "unknown", [SIGHT_OK] = "ok", [SIGHT_NEVER] = "never", [SIGHT_LOST] = "lost"};

static const char *name_at(const char *const *names, int count, int value)
{
    assert(value >= 0 && value < count && names[value]);
    return names[value];
}

const char *status_name(int status)
{
    return name_at(status_names, STATUS_COUNT, status);
}

const char *system_status_name(int status)
{
    return name_at(system_status_names, SYSTEM_STATUS_COUNT, status);
}

const char *severity_name(int severity)
{
    return name_at(severity_names, SEVERITY_COUNT, severity);
}

const char *target_kind_name(int kind)
{
    return name_at(kind_names, KIND_COUNT, kind);
}

const char *resolution_name(int resolution)
{
    return name_at(resolution_names, RESOLUTION_COUNT, resolution);
}

const char *alert_kind_name(int kind)
{
    return name_at(alert_kind_names, ALERT_KIND_COUNT, kind);
}

const char *reason_name(int reason)
{
    return name_at(reason_names, REASON_COUNT, reason);
}

const char *condition_outcome_name(int outcome)
{
    return name_at(condition_outcome_names, CONDITION_OUTCOME_COUNT, outcome);
}

const char *sight_name(int sight)
{
    return name_at(sight_names, SIGHT_COUNT, sight);
}

const char *measured_kind_name(int kind)
{
    return name_at(measured_kind_names, MEASURED_KIND_COUNT, kind);
}
