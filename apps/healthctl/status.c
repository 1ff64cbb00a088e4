/* healthctl status: the system in one word, what is wrong, and the word as exit code. */
#include <string.h>

#include "apps/healthctl/client.h"
#include "apps/healthctl/healthctl.h"
#include "apps/healthctl/view.h"

/* "CRITICAL  2 of 8 targets are not OK, slowest service 46.67 ms  (2026-11-24T02:45:30Z)" */
static void append_verdict(text_t *out, const json_t *system, size_t n_trouble, bool is_coloured)
{
    json_t *statuses = view_statuses(system);
    size_t n_targets = json_object_size(statuses);
    json_decref(statuses);
    table_append_word(out, view_text(system, "status", "UNKNOWN"), is_coloured);
    if (n_trouble == 0)
        text_appendf(out, "  all %zu targets are OK", n_targets);
    else
        text_appendf(out, "  %zu of %zu targets %s not OK", n_trouble, n_targets,
                     n_trouble == 1 ? "is" : "are");
    const json_t *slowest =
        json_object_get(json_object_get(system, "performance"), "max_service_latency_ms");
    if (json_is_number(slowest))
        text_appendf(out, ", slowest service %.2f ms", json_number_value(slowest));
    text_append_string(out, "  (");
    view_append_time(out, system, "timestamp");
    text_append_string(out, ")\n");
}

static void append_failures(text_t *out, const json_t *system)
{
    size_t i;
    json_t *failure;
    json_array_foreach(json_object_get(system, "critical_failures"), i, failure)
    {
        text_append_string(out, "  ");
        table_escape(out, json_is_string(failure) ? json_string_value(failure) : "-", 200);
        text_append_string(out, "\n");
    }
}

/* "  blind: connectivity check uplink fails since 2026-11-24T02:45:30Z"; nothing where healthd
 * sees, or does not say. */
static void append_sight(text_t *out, const options_t *options)
{
    answer_t answer;
    size_t i;
    json_t *check;
    client_ask(options, "/api/v1/status", false, &answer);
    json_t *status =
        answer.code == 200 ? json_loadb(answer.body.bytes, answer.body.size, 0, NULL) : NULL;
    json_array_foreach(json_object_get(status, "connectivity_checks"), i, check)
    {
        const char *sight = view_text(check, "sight", "");
        bool is_lost = strcmp(sight, "lost") == 0;
        if (!is_lost && strcmp(sight, "never") != 0)
            continue;
        text_append_string(out, is_lost ? "  blind: connectivity check " : "  connectivity check ");
        table_escape(out, view_text(check, "name", "-"), 200);
        text_append_string(out, is_lost ? " fails since " : " has never seen, since ");
        view_append_time(out, check, "since");
        text_append_string(out, "\n");
    }
    json_decref(status);
    client_clear(&answer);
}

static int ready(const options_t *options)
{
    answer_t answer;
    client_ask(options, "/readyz", false, &answer);
    bool is_ready = answer.code == 200;
    client_clear(&answer);
    return is_ready ? 0 : 1;
}

int verb_status(const options_t *options)
{
    if (options->is_self)
        return ready(options);
    int rc;
    json_t *system = client_read(options, "/health/system", &rc);
    if (!system)
        return EXIT_UNKNOWN;
    if (!options->is_json) {
        table_t trouble;
        text_t out = {0};
        view_targets(system, true, &trouble);
        append_verdict(&out, system, trouble.n_rows - 1, options->is_coloured);
        append_failures(&out, system);
        append_sight(&out, options);
        if (trouble.n_rows > 1) {
            text_append_string(&out, "\n");
            table_append(&out, &trouble, options->is_coloured);
        }
        table_clear(&trouble);
        rc = table_print(&out);
    }
    int code = view_exit_code(view_text(system, "status", "UNKNOWN"));
    json_decref(system);
    return rc ? EXIT_UNKNOWN : code;
}
