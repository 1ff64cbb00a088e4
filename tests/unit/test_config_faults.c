/*
 * Every fault of a configuration file to the letter: tests/golden/config/faults.txt holds files and
 * what is said about each. With HEALTHD_WRITE_REFERENCE=1 the answers are written anew.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actors/supervisor/config_load.h"
#include "core/text.h"
#include "tests/support/support.h"
#include "tests/test.h"

static const char CASES[] = HEALTHD_SOURCE_DIR "/tests/golden/config/faults.txt";

/* Cases there must be, so that a file that lost its marks does not pass. */
#define CASES_MIN 100

static const char *lookup(const char *name, void *context)
{
    (void)context;
    static const char *const rows[][2] = {
        {"SECONDS_SET", "5"},
        {"STRUCTURE", "a\n    critical: true"},
        {"SECRET_URL", "http://user:hunter2@h:x/"},
        {"TOKEN_SET", "s3cr3t"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (strcmp(rows[i][0], name) == 0)
            return rows[i][1];
    }
    return NULL;
}

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    text_t text = {0};
    char bytes[4096];
    for (size_t n = fread(bytes, 1, sizeof bytes, file); n; n = fread(bytes, 1, sizeof bytes, file))
        text_append(&text, bytes, n);
    (void)fclose(file);
    char *whole = text_take(&text);
    assert_non_null(whole);
    return whole;
}

static void write_file(const char *path, const char *bytes, size_t n)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

/* What is said about N bytes of YAML. */
static char *answer_to(const char *yaml, size_t n)
{
    write_file("x.yaml", yaml, n);
    config_load_t load;
    int rc = config_load("x.yaml", lookup, NULL, &load);
    assert_true((rc == 0) == (load.config != NULL));
    assert_true((rc == 0) == (load.n_faults == 0));
    assert_non_null(load.report);
    assert_null(strstr(load.report, "hunter2"));
    assert_null(strstr(load.report, "s3cr3t\""));
    char *answer = strdup(load.report);
    assert_non_null(answer);
    config_load_clear(&load);
    return answer;
}

static void each_file_is_answered_to_the_letter(void **state)
{
    (void)state;
    const char *must_write = getenv("HEALTHD_WRITE_REFERENCE");
    char *cases = read_file(CASES);
    text_t written = {0};
    size_t n_cases = 0;
    size_t n_wrong = 0;
    const char *at = strstr(cases, "\n=== ");
    assert_non_null(at);
    text_append(&written, cases, (size_t)(at + 1 - cases));
    for (at++; at; n_cases++) {
        const char *yaml = strchr(at, '\n') + 1;
        const char *end = strstr(yaml - 1, "\n>>>\n");
        assert_non_null(end);
        end++;
        const char *expected = end + 4;
        const char *next = strstr(expected - 1, "\n=== ");
        size_t n_expected = next ? (size_t)(next + 1 - expected) : strlen(expected);
        char *answer = answer_to(yaml, (size_t)(end - yaml));
        text_append(&written, at, (size_t)(expected - at));
        text_append_string(&written, answer);
        if (strlen(answer) != n_expected || memcmp(answer, expected, n_expected) != 0) {
            n_wrong++;
            print_message("%.*s:\n%s\ninstead of\n%.*s\n", (int)(yaml - at - 1), at, answer,
                          (int)n_expected, expected);
        }
        free(answer);
        at = next ? next + 1 : NULL;
    }
    assert_true(n_cases >= CASES_MIN);
    if (must_write && *must_write)
        write_file(CASES, written.bytes, written.size);
    else
        assert_int_equal(n_wrong, 0);
    text_clear(&written);
    free(cases);
}

int main(void)
{
    char folder[64];
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_file_is_answered_to_the_letter)};
    support_make_folder(folder);
    if (chdir(folder))
        return 1;
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    support_remove_folder(folder);
    return rc;
}
