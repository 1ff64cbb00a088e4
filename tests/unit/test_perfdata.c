/* What plugins print, and what an exec check makes of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/perfdata.h"
#include "core/probes/exec.h"
#include "tests/test.h"

/* "name=0.5 other=1" of what was read. */
static void show(const perfdata_t *data, char *text, size_t size)
{
    size_t n = 0;
    text[0] = '\0';
    for (size_t i = 0; i < data->n; i++)
        n += (size_t)snprintf(text + n, size - n, "%s%s=%g", i ? " " : "", data->values[i].name,
                              data->values[i].number);
}

static void data_become_numbers_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *output, *values;
    } rows[] = {
        {"", ""},
        {"OK", ""},
        {"OK |", ""},
        {"OK | load1=0.5;1;2;0; load5=0.25", "load1=0.5 load5=0.25"},
        {"DISK OK - free space: / 3326 MB (56%);| /=2643MB;5948;5958;0;5968", "/=2643"},
        {"OK|'/var log'=33%;80;90;0;100\n", "/var log=33"},
        {"OK|'it''s'=1", "it's=1"},
        {"OK|a=1\nlong text\nmore | b=2\nc=3 d=4\n", "a=1 b=2 c=3 d=4"},
        {"OK\nlong\n| b=-2.5e3s", "b=-2500"},
        {"OK|a=1 a=2", "a=1"},
        {"OK|a=U b=1", "b=1"},
        {"OK|=1 b=1", "b=1"},
        {"OK|a b=1", "b=1"},
        {"OK|a= b=1", "b=1"},
        {"OK|a=.5s b=+3us c=5. d=-", "a=0.5 b=3 c=5"},
        {"OK|a=1e999 b=1e b2=1e5", "b=1 b2=100000"},
        {"OK|a=nan b=inf c=0x10", "c=0"},
        {"OK|a\x01=1 \xff=2 \xc3\xa9=3", "\xc3\xa9=3"},
        {"OK|'never ends=1 b=2", ""},
        {"OK|a=1;2;3'b=4", "a=1"},
        {"OK|a=1|b=2", "a=1"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        perfdata_t data;
        char text[512];
        perfdata_read(rows[i].output, strlen(rows[i].output), &data);
        show(&data, text, sizeof text);
        assert_string_equal(text, rows[i].values);
    }
}

static void data_are_bounded(void **state)
{
    (void)state;
    char output[4096] = "OK|";
    size_t n = 3;
    for (int i = 0; i < 100; i++)
        n += (size_t)snprintf(output + n, sizeof output - n, "v%d=%d ", i, i);
    perfdata_t data;
    perfdata_read(output, n, &data);
    assert_int_equal(data.n, MEASURED_VALUES_MAX);
    assert_string_equal(data.values[31].name, "v31");

    (void)snprintf(output, sizeof output, "OK|%063d=1 %064d=2", 0, 0);
    perfdata_read(output, strlen(output), &data);
    assert_int_equal(data.n, 1);
    assert_int_equal(strlen(data.values[0].name), VALUE_NAME_MAX_BYTES);

    perfdata_read("OK|a=1\0b=2", 10, &data);
    assert_int_equal(data.n, 1);
}

static void the_text_ends_at_line_or_bar(void **state)
{
    (void)state;
    static const struct {
        const char *output;
        size_t n;
    } rows[] = {{"", 0},       {"OK", 2},    {"OK \t| a=1", 2}, {"OK\r\nmore", 2},
                {"\nmore", 0}, {"| a=1", 0}, {"A B  \n|", 3}};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(perfdata_text_bytes(rows[i].output, strlen(rows[i].output)), rows[i].n);
}

static void an_exit_code_is_a_status(void **state)
{
    (void)state;
    static const struct {
        int code;
        status_t status;
        reason_t reason;
    } rows[] = {
        {0, STATUS_OK, REASON_NONE},
        {1, STATUS_DEGRADED, REASON_EXIT_CODE},
        {2, STATUS_DOWN, REASON_EXIT_CODE},
        {3, STATUS_DEGRADED, REASON_EXIT_UNKNOWN},
        {127, STATUS_DEGRADED, REASON_EXIT_UNKNOWN},
        {255, STATUS_DEGRADED, REASON_EXIT_UNKNOWN},
    };
    const exec_settings_t settings = {.unknown = STATUS_DEGRADED};
    const exec_settings_t strict = {.unknown = STATUS_DOWN};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        status_t status;
        reason_t reason;
        exec_judge(&settings, rows[i].code, &status, &reason);
        assert_int_equal(status, rows[i].status);
        assert_int_equal(reason, rows[i].reason);
        exec_judge(&strict, rows[i].code, &status, &reason);
        assert_int_equal(status, rows[i].code > 2 ? STATUS_DOWN : rows[i].status);
    }
}

static void a_url_names_a_program(void **state)
{
    (void)state;
    static const struct {
        const char *url, *program;
    } rows[] = {
        {"exec:/bin/true", "/bin/true"},
        {"EXEC:/a b", "/a b"},
        {"exec://bin/true", "//bin/true"},
        {"exec:bin/true", NULL},
        {"exec:/", NULL},
        {"exec:/bin/", NULL},
        {"exec:", NULL},
        {"exec:/bin/\ntrue", NULL},
        {"http:/bin/true", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *program = exec_url_program(rows[i].url);
        if (rows[i].program)
            assert_string_equal(program, rows[i].program);
        else
            assert_null(program);
    }
}

static void an_environment_has_each_name_once(void **state)
{
    (void)state;
    const char *environment[EXEC_ENVIRONMENT_MAX + 1];
    const exec_settings_t plain = {.n_env = 0};
    exec_environment(&plain, environment);
    assert_string_equal(environment[1], "LANG=C");
    assert_string_equal(environment[2], "HOME=/");
    assert_null(environment[3]);
    const exec_settings_t own = {.env = {"HOME=/root", "LANGUAGE=de", "PATH="}, .n_env = 3};
    exec_environment(&own, environment);
    assert_string_equal(environment[0], "LANG=C");
    assert_string_equal(environment[1], "HOME=/root");
    assert_string_equal(environment[3], "PATH=");
    assert_null(environment[4]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(data_become_numbers_by_name),
        cmocka_unit_test(data_are_bounded),
        cmocka_unit_test(the_text_ends_at_line_or_bar),
        cmocka_unit_test(an_exit_code_is_a_status),
        cmocka_unit_test(a_url_names_a_program),
        cmocka_unit_test(an_environment_has_each_name_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
