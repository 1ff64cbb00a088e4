/* The file that healthctl quick writes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actors/supervisor/config_load.h"
#include "tests/support/support.h"
#include "tests/test.h"

#include "apps/healthctl/quick.h"

static const char *no_variable(const char *name, void *context)
{
    (void)name;
    (void)context;
    return NULL;
}

static void it_has_six_lines(void **state)
{
    (void)state;
    text_t text = {0};
    quick_append_file(&text, "https://shop.example.org:8443/a?b=\"c\"#d");
    assert_string_equal(text.bytes, "version: 1\n"
                                    "services:\n"
                                    "  - name: \"shop.example.org\"\n"
                                    "    url: \"https://shop.example.org:8443/a?b=\\\"c\\\"#d\"\n"
                                    "    check_interval: 30s\n"
                                    "    critical: true\n");
    text_clear(&text);
}

static void healthd_takes_it_without_a_word(void **state)
{
    (void)state;
    static const struct {
        const char *url, *name;
        probe_type_t type;
    } rows[] = {
        {"http://127.0.0.1:8080/health", "127.0.0.1", PROBE_HTTP},
        {"https://shop.example.org/a?b=c&d=e:%20f#g", "shop.example.org", PROBE_HTTP},
        {"http://[::1]:9/", "::1", PROBE_HTTP},
        {"redis://user:pass@cache/3", "cache", PROBE_REDIS},
        {"tcp://[::1]:22", "::1", PROBE_TCP},
        {"postgresql://u:p@db.example.org/app", "db.example.org", PROBE_POSTGRES},
        {"wss://chat.example.org/", "chat.example.org", PROBE_WEBSOCKET},
        {"host:load", "target", PROBE_HOST},
    };
    char folder[64];
    support_make_folder(folder);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char path[96];
        (void)snprintf(path, sizeof path, "%s/quick.yaml", folder);
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        text_t text = {0};
        quick_append_file(&text, rows[i].url);
        assert_int_equal(fwrite(text.bytes, 1, text.size, file), text.size);
        assert_int_equal(fclose(file), 0);
        text_clear(&text);
        config_load_t load;
        if (config_load(path, no_variable, NULL, &load))
            fail_msg("%s", load.report);
        assert_string_equal(load.report, "");
        assert_int_equal(load.config->n_targets, 2);
        assert_string_equal(load.config->targets[0].name, rows[i].name);
        assert_string_equal(load.config->targets[0].url, rows[i].url);
        assert_int_equal(load.config->targets[0].type, rows[i].type);
        assert_true(load.config->targets[0].is_critical);
        config_load_clear(&load);
    }
    support_remove_folder(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_has_six_lines),
        cmocka_unit_test(healthd_takes_it_without_a_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
