/* docs/adding-a-probe.md quotes the source: what it quotes must stand there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "tests/test.h"

#define PAGE    "docs/adding-a-probe.md"
#define OPENING "```c "
#define CLOSING "```\n"
/* Quotations there must be, so that a page that lost its marks does not pass. */
#define QUOTATIONS_MIN 5

static char *read_file(const char *path)
{
    char whole[512];
    char bytes[4096];
    text_t text = {0};
    (void)snprintf(whole, sizeof whole, "%s/%s", HEALTHD_SOURCE_DIR, path);
    FILE *file = fopen(whole, "r");
    if (!file)
        fail_msg("%s cannot be read", path);
    for (size_t n = fread(bytes, 1, sizeof bytes, file); n; n = fread(bytes, 1, sizeof bytes, file))
        text_append(&text, bytes, n);
    (void)fclose(file); /* was only read */
    char *taken = text_take(&text);
    assert_non_null(taken);
    return taken;
}

/* Compares the quotation at AT, "```c PATH\n...\n```"; gives what comes after it. */
static char *check_quotation(char *at)
{
    char *path = at + strlen(OPENING);
    char *quoted = strchr(path, '\n');
    assert_non_null(quoted);
    *quoted++ = '\0';
    char *end = strstr(quoted, CLOSING);
    assert_non_null(end);
    *end = '\0';
    char *source = read_file(path);
    assert_true(strlen(quoted) > 20);
    if (!strstr(source, quoted))
        fail_msg(PAGE " quotes what does not stand in %s:\n%s", path, quoted);
    free(source);
    return end + strlen(CLOSING);
}

static void what_is_quoted_stands_in_the_source(void **state)
{
    (void)state;
    char *page = read_file(PAGE);
    size_t n = 0;
    for (char *at = strstr(page, OPENING); at; at = strstr(at, OPENING)) {
        at = check_quotation(at);
        n++;
    }
    assert_true(n >= QUOTATIONS_MIN);
    free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_quoted_stands_in_the_source)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
