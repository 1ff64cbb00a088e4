/* docs/conditions.md against the language: its examples compile, its table of probes is whole. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/condition_world.h"

#define LINE_BYTES 1024

static FILE *open_page(void)
{
    FILE *page = fopen(HEALTHD_SOURCE_DIR "/docs/conditions.md", "r");
    assert_non_null(page);
    return page;
}

/* The next line without its end; false after the last. */
static bool next_line(FILE *page, char line[LINE_BYTES])
{
    if (!fgets(line, LINE_BYTES, page))
        return false;
    line[strcspn(line, "\n")] = '\0';
    return true;
}

static void its_examples_compile(void **state)
{
    (void)state;
    FILE *page = open_page();
    char line[LINE_BYTES];
    bool is_example = false;
    int n = 0;
    while (next_line(page, line)) {
        if (strncmp(line, "```", 3) == 0) {
            is_example = strcmp(line, "```conditions") == 0;
            continue;
        }
        if (!is_example)
            continue;
        char *text = strstr(line, ": ");
        assert_non_null(text);
        *text = '\0';
        condition_t *condition = world_compile(line, text + 2);
        condition_destroy(&condition);
        n++;
    }
    (void)fclose(page); /* was only read */
    assert_true(n >= 10);
}

/* The names of SET as the page lists them. */
static void list_names(uint64_t set, char *names, size_t size)
{
    size_t n = 0;
    for (int i = 0; i < CONDITION_CAPTURED; i++)
        if (set & CONDITION_BIT(i))
            n += (size_t)snprintf(names + n, size - n, "%s%s", n ? " " : "",
                                  condition_value_name((condition_value_t)i));
}

/* "| http, https | status latency ... |" */
static int check_probes(char *row)
{
    char *values = strstr(row + 2, " | ");
    assert_non_null(values);
    *values = '\0';
    values += 3;
    values[strcspn(values, "|") - 1] = '\0';
    int n = 0;
    char *rest = NULL;
    for (char *probe = strtok_r(row + 2, ", ", &rest); probe; probe = strtok_r(NULL, ", ", &rest)) {
        char names[LINE_BYTES];
        assert_true(condition_values_of(probe) != 0);
        list_names(condition_values_of(probe), names, sizeof names);
        assert_string_equal(values, names);
        n++;
    }
    return n;
}

static void its_table_of_probes_is_whole(void **state)
{
    (void)state;
    FILE *page = open_page();
    char line[LINE_BYTES];
    bool is_table = false;
    int n = 0;
    while (next_line(page, line)) {
        if (strncmp(line, "| probe |", 9) == 0)
            is_table = true;
        else if (line[0] != '|')
            is_table = false;
        else if (is_table && line[1] == ' ')
            n += check_probes(line);
    }
    (void)fclose(page); /* was only read */
    assert_int_equal(n, 18);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_examples_compile),
        cmocka_unit_test(its_table_of_probes_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
