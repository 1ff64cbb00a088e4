/* What may stand in a configuration file as often, or as long, as it may, and no more. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actors/supervisor/config_load.h"
#include "core/config_build.h"
#include "core/schema.h"
#include "tests/support/support.h"
#include "tests/test.h"

static char long_value[70000];

static const char *lookup(const char *name, void *context)
{
    (void)context;
    return strcmp(name, "LONG") == 0 ? long_value : NULL;
}

/* What is said about START, then N times EACH (with its number), then END; to be freed. */
static char *said(const char *start, const char *each, size_t n, const char *end)
{
    text_t text = {0};
    text_append_string(&text, start);
    for (size_t i = 0; i < n; i++) {
        const char *mark = strchr(each, '#'); /* stands for the number */
        text_append(&text, each, mark ? (size_t)(mark - each) : strlen(each));
        if (mark)
            text_appendf(&text, "%zu%s", i, mark + 1);
    }
    text_append_string(&text, end);
    assert_false(text.is_failed);
    FILE *file = fopen("x.yaml", "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text.bytes, 1, text.size, file), text.size);
    assert_int_equal(fclose(file), 0);
    text_clear(&text);
    config_load_t load;
    (void)config_load("x.yaml", lookup, NULL, &load);
    assert_int_equal(load.config != NULL, load.n_faults == 0);
    char *report = strdup(load.n_faults ? load.report : "");
    assert_non_null(report);
    config_load_clear(&load);
    return report;
}

typedef struct {
    const char *start, *each, *end;
    size_t most;       /* that is taken */
    const char *fault; /* of one more, up to its end of line */
} bound_t;

#define TARGET_START "services: [{name: a, url: 'http://h'"
#define TARGET_END   "}]\n"

static const bound_t bounds[] = {
    {TARGET_START ", labels: {", "k#: v,", "}" TARGET_END, SCHEMA_LABELS_MAX,
     "x.yaml:1:47: labels: 33 names; allowed are 0 to 32"},
    {TARGET_START ", labels: {k: ", "v", "}" TARGET_END, SCHEMA_LABEL_MAX_BYTES,
     "x.yaml:1:51: labels: a text of more than 255 bytes"},
    {TARGET_START ", http: {headers: {", "H#: v,", "}}" TARGET_END, 32,
     "x.yaml:1:55: headers: 33 names; allowed are 0 to 32"},
    {"services: [{for_each: {", "v#: x,",
     "}, name: '{{v0}}{{v1}}{{v2}}{{v3}}{{v4}}{{v5}}{{v6}}{{v7}}', url: 'http://h'}]\n",
     SCHEMA_VARIABLES_MAX, "x.yaml:1:23: for_each: 9 names; allowed are 1 to 8"},
    {"services: [{for_each: {", "v", ": [a]}, name: 'a', url: 'http://h'}]\n", 64,
     "x.yaml:1:24: for_each: \"vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv\" "
     "is "
     "not a name of 1 to 64 letters, digits and _"},
    {"templates: [", "{name: t#},", "]\n" TARGET_START TARGET_END, CONFIG_TEMPLATES_MAX,
     "x.yaml:1:12: templates: more than 1000 in all"},
    {TARGET_START ", conditions: [", "connected,", "]" TARGET_END, CONDITIONS_MAX,
     "x.yaml:1:51: conditions: 33 items; allowed are 0 to 32"},
    {TARGET_START ", error_prefix: '", "$$", "'" TARGET_END, SCHEMA_TEXT_MAX_BYTES,
     "x.yaml:1:54: error_prefix: \"$$"},
    {TARGET_START ", error_prefix: '${", "V", ":-x}'" TARGET_END, 1021,
     "x.yaml:1:54: error_prefix: \"${\""},
};

static void each_bound_holds(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bounds); i++) {
        const bound_t *bound = &bounds[i];
        char *report = said(bound->start, bound->each, bound->most, bound->end);
        assert_string_equal(report, "");
        free(report);
        report = said(bound->start, bound->each, bound->most + 1, bound->end);
        if (strncmp(report, bound->fault, strlen(bound->fault)) != 0)
            fail_msg("%zu: %.200s", i, report);
        free(report);
    }
}

/* Variables and files bring in no more than a value may have. */
static void a_substituted_value_has_a_longest_length(void **state)
{
    (void)state;
    char *report = said(TARGET_START ", error_prefix: 'a${LONG}'" TARGET_END, "", 0, "");
    assert_non_null(strstr(report, "error_prefix: the value is longer than 64 KiB\n"));
    free(report);
}

int main(void)
{
    char folder[64];
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_bound_holds),
                                       cmocka_unit_test(a_substituted_value_has_a_longest_length)};
    support_make_folder(folder);
    if (chdir(folder))
        return 1;
    memset(long_value, 'x', sizeof long_value - 1);
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    support_remove_folder(folder);
    return rc;
}
