#include "core/config_draft.h"

void draft_begin_check(draft_t *draft)
{
    const config_reader_t *reader = draft->work->reader;
    config_read_section(reader, SECTION_HTTP, NULL, &draft->http_defaults);
    config_read_section(reader, SECTION_TLS, NULL, &draft->tls_defaults);
    for (size_t i = 0; i < HTTP_KEYS; i++)
        draft->http[i] = draft->http_defaults.values[i];
    for (size_t i = 0; i < TLS_KEYS; i++)
        draft->tls[i] = draft->tls_defaults.values[i];
}

void draft_clear_check(draft_t *draft)
{
    config_section_clear(&draft->http_defaults);
    config_section_clear(&draft->tls_defaults);
}

/* Puts the N values of FROM (NULL: not given) that are given over those of TO. */
static void put_over(config_value_t *to, const config_section_t *from, size_t n)
{
    for (size_t i = 0; from && i < n; i++) {
        if (from->values[i].node)
            to[i] = from->values[i];
    }
}

/* LIST says it anew, MORE adds to what there is. */
static void put_list_over(draft_stack_t *stack, const config_value_t *list,
                          const config_value_t *more)
{
    if (list->node) {
        stack->n = 0;
        draft_push(stack, list);
    }
    if (more->node)
        draft_push(stack, more);
}

void draft_put_check_over(draft_t *draft, const config_section_t *section)
{
    const config_value_t *values = section->values;
    const config_section_t *http = values[TARGET_HTTP].section;
    put_over(draft->http, http, HTTP_KEYS);
    put_over(draft->tls, values[TARGET_TLS].section, TLS_KEYS);
    put_over(draft->cert_alert, values[TARGET_CERT_ALERT].section, CERT_ALERT_KEYS);
    if (http && http->values[HTTP_HEADERS].node)
        draft_push(&draft->headers, &http->values[HTTP_HEADERS]);
    put_list_over(&draft->conditions, &values[TARGET_CONDITIONS], &values[TARGET_CONDITIONS_MORE]);
    put_list_over(&draft->degraded_conditions, &values[TARGET_DEGRADED_CONDITIONS],
                  &values[TARGET_DEGRADED_CONDITIONS_MORE]);
    if (values[TARGET_HTTP].node || values[TARGET_TLS].node || values[TARGET_CONNECTION].node ||
        values[TARGET_IP_PROTOCOL].node)
        draft->is_http_given = true;
}

void draft_fill_check(draft_t *draft, target_t *target)
{
    target->expects_failure = draft->values[TARGET_EXPECT_FAILURE].integer != 0;
    target->ip_protocol = (ip_protocol_t)draft->values[TARGET_IP_PROTOCOL].integer;
    target->cert_warning_us = draft->cert_alert[CERT_ALERT_WARNING].integer * 1000;
    target->cert_critical_us = draft->cert_alert[CERT_ALERT_CRITICAL].integer * 1000;
    if (!target->url)
        return; /* which was told */
    if (draft->is_http_given && target->type == PROBE_HTTP)
        target->http = draft_http(draft);
    const probe_type_row_t *row = probe_type_row(target->type);
    if (row->takes_tls && target->type != PROBE_HTTP)
        target->tls = draft_tls(draft);
    target->options = draft_options(draft, target);
    target->conditions = draft_conditions(draft, target);
}
