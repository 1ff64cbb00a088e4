/* How targets are checked, from what defaults, templates and targets say together. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actors/supervisor/config_load.h"
#include "tests/support/support.h"
#include "tests/test.h"

static const char YAML[] =
    "defaults: {conditions: [status < 500], http: {headers: {X-Team: core, X-From: defaults}}}\n"
    "templates:\n"
    "  - name: web\n"
    "    conditions+: [latency < 3s]\n"
    "    degraded_conditions: [latency < 1s]\n"
    "    http: {method: POST, headers: {x-from: web}, body_limit: 1MiB}\n"
    "    tls: {min_version: 1.2}\n"
    "    cert_alert: {warning: 21d, critical: 3d}\n"
    "services:\n"
    "  - {name: plain, url: \"http://h/\"}\n"
    "  - name: whole\n"
    "    url: https://h/\n"
    "    template: web\n"
    "    conditions+: [body.ok == true]\n"
    "    expect_failure: true\n"
    "    connection: reuse\n"
    "    ip_protocol: ipv6\n"
    "    http: {basic: {username: u, password: p}, body_file: body, follow_redirects: false}\n"
    "  - {name: other, url: \"http://h/\", template: web, conditions: [status == 200]}\n"
    "  - {name: none, url: \"http://h/\", conditions: []}\n"
    "  - for_each: {n: [1, 2]}\n"
    "    name: \"same{{n}}\"\n"
    "    url: \"http://h/{{n}}\"\n"
    "  - for_each: {n: [1, 2]}\n"
    "    name: \"apart{{n}}\"\n"
    "    url: \"http://h/\"\n"
    "    conditions: [\"status == {{n}}00\"]\n"
    "    http: {headers: {X-N: \"{{n}}\"}}\n"
    "  - for_each: {n: [1, 2]}\n"
    "    name: \"auth{{n}}\"\n"
    "    url: \"https://h/\"\n"
    "    http: {oauth2: {token_url: \"http://h/t\", client_id: \"id{{n}}\", client_secret: s}}\n"
    "  - for_each: {n: [1, 2]}\n"
    "    name: \"sni{{n}}\"\n"
    "    url: \"https://h/\"\n"
    "    tls: {server_name: \"s{{n}}\", cert_file: body, key_file: body}\n"
    "infrastructure:\n"
    "  - {name: cache, url: \"redis://h\", conditions: [latency < 1s], tls: {ca_file: body}}\n";

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static const char *lookup(const char *name, void *context)
{
    (void)name, (void)context;
    return NULL;
}

static const target_t *at(const config_load_t *load, const char *name)
{
    long i = config_target_at(load->config, name);
    assert_true(i >= 0);
    return &load->config->targets[i];
}

static int setup(void **state)
{
    config_load_t *load = calloc(1, sizeof *load);
    assert_non_null(load);
    write_file("x.yaml", YAML);
    write_file("body", "{}\n");
    if (config_load("x.yaml", lookup, NULL, load))
        fail_msg("%s", load->report);
    *state = load;
    return 0;
}

static int teardown(void **state)
{
    config_load_clear(*state);
    free(*state);
    return 0;
}

static void assert_conditions(const target_t *target, const char *conditions, const char *degraded)
{
    char text[256] = "";
    assert_non_null(target->conditions);
    for (size_t i = 0; i < target->conditions->n_conditions; i++) {
        strcat(text, i ? "|" : "");
        strcat(text, condition_text(target->conditions->conditions[i]));
    }
    assert_string_equal(text, conditions);
    text[0] = '\0';
    for (size_t i = 0; i < target->conditions->n_degraded_conditions; i++) {
        strcat(text, i ? "|" : "");
        strcat(text, condition_text(target->conditions->degraded_conditions[i]));
    }
    assert_string_equal(text, degraded);
}

static void lists_replace_and_plus_adds(void **state)
{
    const config_load_t *load = *state;
    assert_conditions(at(load, "plain"), "status < 500", "");
    assert_conditions(at(load, "whole"), "status < 500|latency < 3s|body.ok == true",
                      "latency < 1s");
    assert_conditions(at(load, "other"), "status == 200", "latency < 1s");
    assert_null(at(load, "none")->conditions);
    assert_conditions(at(load, "cache"), "latency < 1s", "");
    assert_conditions(at(load, "apart1"), "status == 100", "");
    assert_conditions(at(load, "apart2"), "status == 200", "");
}

static const char *header_at(const http_settings_t *http, const char *name)
{
    const char *found = NULL;
    for (size_t i = 0; i < http->n_headers; i++) {
        if (strcasecmp(http->headers[i].name, name) == 0) {
            assert_null(found);
            found = http->headers[i].value;
        }
    }
    return found;
}

static void maps_merge(void **state)
{
    const config_load_t *load = *state;
    const http_settings_t *plain = at(load, "plain")->http;
    assert_string_equal(plain->method, "GET");
    assert_string_equal(header_at(plain, "X-From"), "defaults");
    const target_t *target = at(load, "whole");
    const http_settings_t *http = target->http;
    assert_string_equal(http->method, "POST");
    assert_int_equal(http->n_headers, 2);
    assert_string_equal(header_at(http, "x-team"), "core");
    assert_string_equal(header_at(http, "X-From"), "web");
    assert_int_equal(http->body_limit_bytes, 1 << 20);
    assert_int_equal(http->auth, HTTP_AUTH_BASIC);
    assert_string_equal(http->username, "u");
    assert_string_equal(http->password, "p");
    assert_string_equal(http->body, "{}\n");
    assert_int_equal(http->n_body, 3);
    assert_false(http->follows_redirects);
    assert_true(http->reuses_connection);
    assert_int_equal(http->ip_protocol, IP_V6);
    assert_int_equal(http->tls.min_version, TLS_MIN_1_2);
    assert_true(target->expects_failure);
    assert_true(target->cert_warning_us == INT64_C(21) * 86400 * 1000000);
    assert_true(target->cert_critical_us == INT64_C(3) * 86400 * 1000000);
    assert_int_equal(at(load, "plain")->cert_warning_us, 0);
    assert_null(at(load, "cache")->http); /* nothing of it is HTTP */
}

static void targets_of_one_list_share_what_is_the_same(void **state)
{
    const config_load_t *load = *state;
    assert_ptr_equal(at(load, "same1")->http, at(load, "same2")->http);
    assert_ptr_equal(at(load, "same1")->conditions, at(load, "same2")->conditions);
    assert_string_equal(header_at(at(load, "apart1")->http, "X-N"), "1");
    assert_string_equal(header_at(at(load, "apart2")->http, "X-N"), "2");
    assert_string_equal(at(load, "auth1")->http->client_id, "id1");
    assert_string_equal(at(load, "auth2")->http->client_id, "id2");
    assert_string_equal(at(load, "sni1")->http->tls.server_name, "s1");
    assert_string_equal(at(load, "sni2")->http->tls.server_name, "s2");
    assert_non_null(at(load, "sni2")->http->tls.cert_file);
    assert_non_null(at(load, "sni2")->http->tls.key_file);
}

int main(void)
{
    char folder[64];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lists_replace_and_plus_adds, setup, teardown),
        cmocka_unit_test_setup_teardown(maps_merge, setup, teardown),
        cmocka_unit_test_setup_teardown(targets_of_one_list_share_what_is_the_same, setup,
                                        teardown),
    };
    support_make_folder(folder);
    if (chdir(folder))
        return 1;
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    support_remove_folder(folder);
    return rc;
}
