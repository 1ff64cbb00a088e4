/* healthctl probe, pause and resume. */
#include "apps/healthctl/orders.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/orders.h"

#include "apps/healthctl/client.h"
#include "apps/healthctl/healthctl.h"
#include "apps/healthctl/quick.h"
#include "apps/healthctl/table.h"
#include "apps/healthctl/view.h"

/* A probe is answered within this, whatever the time-out of its target. */
#define PROBE_TIMEOUT_S     ((long)(ORDER_WAIT_MAX_US / 1000000) + 5)
#define TEXT_MAX_CHARACTERS 200

/* --- what a probe gave --- */

/* "DOWN  risk_guard  status, 5.75 ms: Status code: 500" */
static void append_verdict(text_t *out, const json_t *result, bool is_coloured)
{
    table_append_word(out, view_text(result, "status", "UNKNOWN"), is_coloured);
    text_append_string(out, "  ");
    table_escape(out, view_text(result, "target", "-"), TEXT_MAX_CHARACTERS);
    const char *reason = view_text(result, "reason", "none");
    if (strcmp(reason, "none") != 0) {
        text_append_string(out, "  ");
        table_escape(out, reason, TEXT_MAX_CHARACTERS);
    }
    const json_t *latency = json_object_get(result, "latency_ms");
    if (json_is_number(latency))
        text_appendf(out, "  %.2f ms", json_number_value(latency));
    const char *error = view_text(result, "error", NULL);
    text_append_string(out, error ? "\n  " : "");
    if (error)
        table_escape(out, error, TEXT_MAX_CHARACTERS);
    text_append_string(out, "\n");
    if (json_is_true(json_object_get(result, "dry_run")))
        text_append_string(out, "  nothing is changed by it\n");
}

static int exit_code_of(const char *status)
{
    return strcmp(status, "DOWN") == 0 ? 2 : view_exit_code(status);
}

int orders_show_result(const options_t *options, const char *bytes, size_t n)
{
    json_t *result = json_loadb(bytes, n, JSON_ALLOW_NUL, NULL);
    int code = exit_code_of(view_text(result, "status", "UNKNOWN"));
    int rc;
    if (options->is_json) {
        rc = table_print_raw(bytes, n);
    } else {
        text_t out = {0};
        const json_t *measured = json_object_get(result, "measured");
        append_verdict(&out, result, options->is_coloured);
        view_append_measured(&out, measured, options->is_coloured);
        rc = table_print(&out);
    }
    json_decref(result);
    return rc ? EXIT_UNKNOWN : code;
}

/* --- requests --- */

/* Posts to WORD of the target, with QUERY. False where memory ran out. */
static bool ask(const options_t *options, const char *word, const char *query, answer_t *answer)
{
    char *name = curl_easy_escape(NULL, options->object, 0);
    text_t path = {0};
    text_appendf(&path, "/api/v1/targets/%s/%s%s", name ? name : "", word, query);
    bool is_asked = name && !path.is_failed;
    if (is_asked)
        client_ask(options, path.bytes, true, answer);
    curl_free(name);
    text_clear(&path);
    return is_asked;
}

int verb_probe(const options_t *options)
{
    if (strstr(options->object, "://")) /* a URL, whatever names there are */
        return quick_probe_url(options);
    options_t patient = *options;
    answer_t answer;
    if (!options->has_timeout)
        patient.timeout_s = PROBE_TIMEOUT_S;
    if (!ask(&patient, "probe", options->is_dry_run ? "?dry_run=true" : "", &answer))
        return EXIT_UNKNOWN;
    int rc = EXIT_UNKNOWN;
    if (answer.code == 200)
        rc = orders_show_result(options, answer.body.bytes ? answer.body.bytes : "",
                                answer.body.size);
    else if (answer.code == 202)
        fputs("healthctl: the probe goes on; healthctl targets will show its result\n", stderr);
    else
        client_complain(options, &answer);
    client_clear(&answer);
    return rc;
}

/* Posts to WORD and prints what healthd says, or for people the target, then SAID. */
static int order(const options_t *options, const char *word, const char *said)
{
    answer_t answer;
    if (!ask(options, word, "", &answer))
        return 1;
    int rc = 1;
    if (answer.code != 200) {
        client_complain(options, &answer);
    } else if (options->is_json) {
        rc = table_print_raw(answer.body.bytes ? answer.body.bytes : "", answer.body.size);
    } else {
        text_t out = {0};
        table_escape(&out, options->object, TABLE_CELL_MAX_CHARACTERS);
        text_appendf(&out, " %s\n", said);
        rc = table_print(&out);
    }
    client_clear(&answer);
    return rc;
}

int verb_pause(const options_t *options)
{
    json_t *body = json_object();
    bool is_made =
        body &&
        (!options->reason ||
         json_object_set_new(body, "reason", json_string(options->reason)) == 0) &&
        (!options->until || json_object_set_new(body, "until", json_string(options->until)) == 0);
    char *text = is_made ? json_dumps(body, 0) : NULL;
    json_decref(body);
    if (!text) {
        fputs("healthctl: --reason or --until is no UTF-8, or memory ran out\n", stderr);
        return 1;
    }
    options_t with_body = *options;
    with_body.body = text;
    int rc = order(&with_body, "pause", "is paused");
    free(text);
    return rc;
}

int verb_resume(const options_t *options)
{
    return order(options, "resume", "goes on");
}
