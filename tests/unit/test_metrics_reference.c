/*
 * docs/metrics.md ends with the table of metrics, written out. This test compares it; with
 * HEALTHD_WRITE_REFERENCE=1 in the environment it writes the table anew.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/metrics.h"
#include "tests/test.h"

static const char PAGE[] = HEALTHD_SOURCE_DIR "/docs/metrics.md";
static const char MARK[] = "<!-- written by unit_metrics_reference -->\n";

static char *read_page(void)
{
    FILE *file = fopen(PAGE, "r");
    assert_non_null(file);
    char *page = calloc(1, 1 << 20);
    assert_non_null(page);
    size_t n = fread(page, 1, (1 << 20) - 1, file);
    assert_true(n > 0);
    (void)fclose(file);
    return page;
}

static void page_says_what_the_table_says(void **state)
{
    (void)state;
    text_t table = {0};
    metrics_write_reference(&table);
    assert_false(table.is_failed);
    char *page = read_page();
    char *mark = strstr(page, MARK);
    assert_non_null(mark);
    const char *must_write = getenv("HEALTHD_WRITE_REFERENCE");
    if (must_write && *must_write) {
        FILE *file = fopen(PAGE, "w");
        assert_non_null(file);
        assert_true(fprintf(file, "%.*s%s%s", (int)(mark - page), page, MARK, table.bytes) > 0);
        assert_int_equal(fclose(file), 0);
        free(page);
        page = read_page();
        mark = strstr(page, MARK);
        assert_non_null(mark);
    }
    assert_string_equal(mark + strlen(MARK), table.bytes);
    free(page);
    text_clear(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(page_says_what_the_table_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
