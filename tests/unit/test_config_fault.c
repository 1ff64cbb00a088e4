/* How faults of configuration files are gathered and told. */
#include <stdlib.h>
#include <string.h>

#include "core/config_fault.h"
#include "tests/test.h"

static char first_name[] = "a.yaml", second_name[] = "b.yaml";

/* What is told of FAULTS in a file of TEXT and one without text; to be freed. */
static char *told(config_faults_t *faults, char *text)
{
    const config_source_t sources[] = {
        {.name = first_name, .text = text, .n_text = text ? strlen(text) : 0},
        {.name = second_name},
    };
    text_t out = {0};
    config_faults_print(faults, sources, &out);
    config_faults_clear(faults);
    char *whole = text_take(&out);
    assert_non_null(whole);
    return whole;
}

static void faults_stand_in_the_order_of_the_files(void **state)
{
    (void)state;
    static const config_place_t places[] = {
        {.file = 1, .line = 1, .column = 1},
        {.line = 2, .column = 9},
        {.line = 2, .column = 3},
        {.line = 1, .column = 5},
        {.line = 2, .column = 3},
        {.line = 0},
        {.file = 1, .line = 1, .column = 1},
    };
    static const char *const texts[] = {"f", "e", "d", "b", "c", "a", "f"};
    config_faults_t faults = {.n_faults = 0};
    for (size_t i = 0; i < COUNT_OF(places); i++)
        config_fault(&faults, places[i], "%s", texts[i]);
    assert_int_equal(faults.n_faults, 6); /* the same of the same place is told once */
    char *text = told(&faults, NULL);
    assert_string_equal(text, "a.yaml: a\na.yaml:1:5: b\na.yaml:2:3: c\na.yaml:2:3: d\n"
                              "a.yaml:2:9: e\nb.yaml:1:1: f\n");
    free(text);
}

static void the_line_is_shown_with_its_mark(void **state)
{
    (void)state;
    static const struct {
        const char *source;
        config_place_t place;
        const char *shown; /* below the fault */
    } rows[] = {
        {"a: 1\r\nb: x\r\n", {.line = 2, .column = 4, .length = 1}, "  b: x\n     ^\n"},
        {"a:\tx", {.line = 1, .column = 4, .length = 1}, "  a:\tx\n    \t^\n"},
        {"a: \x7f\x01", {.line = 1, .column = 4, .length = 2}, "  a: ??\n     ^~\n"},
        {"a: 1\n", {.line = 3, .column = 1, .length = 1}, ""},
        {"a: 1\n\nb: 2\n", {.line = 2, .column = 1, .length = 1}, ""},
        {"u://a\xc3\xa9:b@h", {.line = 1, .column = 1, .length = 3}, "  u://****@h\n  ^~~\n"},
        {"u://a b@h", {.line = 1, .column = 7, .length = 9}, "  u://a b@h\n        ^~~\n"},
        {"ab", {.line = 1, .column = 3, .length = 5}, "  ab\n    ^\n"}, /* at the end */
        {"ab", {.line = 1, .column = 4, .length = 5}, "  ab\n"},        /* beyond it */
        {"ab", {.line = 1, .column = 1, .length = 0}, ""},              /* not to be shown */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        config_faults_t faults = {.n_faults = 0};
        config_warn(&faults, rows[i].place, "odd");
        assert_int_equal(faults.n_warnings, 1);
        char source[64];
        (void)strncpy(source, rows[i].source, sizeof source - 1);
        source[sizeof source - 1] = '\0';
        char *text = told(&faults, source);
        const char *below = strchr(text, '\n') + 1;
        assert_string_equal(below, rows[i].shown);
        free(text);
    }
}

static void a_long_line_is_cut(void **state)
{
    (void)state;
    char source[CONFIG_SHOWN_MAX + 40];
    memset(source, 'x', sizeof source - 1);
    source[sizeof source - 1] = '\0';
    config_faults_t faults = {.n_faults = 0};
    config_fault(&faults, (config_place_t){.line = 1, .column = 150, .length = 40}, "odd");
    char *text = told(&faults, source);
    const char *line = strchr(text, '\n') + 1;
    assert_int_equal(strcspn(line, "\n"), 2 + CONFIG_SHOWN_MAX);
    const char *marks = strchr(line, '\n') + 1;
    assert_int_equal(strcspn(marks, "^"), 2 + 149);
    assert_string_equal(marks + 2 + 149, "^~~~~~~~~~~\n"); /* up to what is shown */
    free(text);
}

static void what_is_too_much_is_counted(void **state)
{
    (void)state;
    config_faults_t faults = {.n_faults = 0};
    for (uint32_t i = 1; i <= CONFIG_FAULTS_MAX + 3; i++)
        config_fault(&faults, (config_place_t){.line = i, .column = 1}, "odd");
    assert_int_equal(faults.n_faults, CONFIG_FAULTS_MAX + 3);
    faults.is_out_of_memory = true;
    char *text = told(&faults, NULL);
    assert_non_null(strstr(text, "a.yaml:100:1: odd\nand 3 more\n"
                                 "out of memory: some faults are not shown\n"));
    free(text);
}

static void values_are_shown_without_passwords(void **state)
{
    (void)state;
    static const struct {
        const char *value, *shown;
    } rows[] = {
        {"plain", "plain"},
        {"a\tb\xc3\xa9", "a?b??"},
        {"redis://u:p@h/0", "redis://***@h/0"},
        {"u:p@h", "***@h"},
        {"u:p@h://x", "***@h://x"}, /* the scheme stands behind */
        {"a-long-scheme-of-17://u:p@h", "***@h"},
        {"p@q@h", "***@h"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char shown[32];
        config_show_value(rows[i].value, shown, sizeof shown);
        assert_string_equal(shown, rows[i].shown);
    }
    char cut[9];
    config_show_value("abcdefghijkl", cut, sizeof cut);
    assert_string_equal(cut, "abcdefgh");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_stand_in_the_order_of_the_files),
        cmocka_unit_test(the_line_is_shown_with_its_mark),
        cmocka_unit_test(a_long_line_is_cut),
        cmocka_unit_test(what_is_too_much_is_counted),
        cmocka_unit_test(values_are_shown_without_passwords),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
