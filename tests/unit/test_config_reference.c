/*
 * docs/configuration-reference.md and deploy/healthd.schema.json are the schema's table, written
 * out. This test compares them with it; with HEALTHD_WRITE_REFERENCE=1 it writes them anew.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/group.h"
#include "core/scalar.h"
#include "core/schema.h"
#include "core/text.h"
#include "tests/test.h"

static const char PAGE[] = HEALTHD_SOURCE_DIR "/docs/configuration-reference.md";
static const char JSON_SCHEMA[] = HEALTHD_SOURCE_DIR "/deploy/healthd.schema.json";

static const char INTRODUCTION[] =
    "# Configuration reference\n"
    "\n"
    "Every key of a configuration file, from the one table that also reads the file\n"
    "(`core/schema.c`; `HEALTHD_WRITE_REFERENCE=1 script/test unit_config_reference` writes this "
    "page\n"
    "and `deploy/healthd.schema.json` anew). How files work is told in "
    "[configuration](configuration.md).\n"
    "\n"
    "A duration is written `500ms`, `1.5s` or `1h30m` (units `ms s m h d w`), a size `16KiB` (`B "
    "KiB "
    "MiB\n"
    "GiB`), a ratio `30%`, a factor `3x`. A list of one may be written without its brackets. A key "
    "that\n"
    "is not here is refused.\n";

/* Titles of the sections' tables; the root's maps name them. */
static const char *const titles[SECTION_COUNT] = {
    [SECTION_ROOT] = "The file",
    [SECTION_INSTANCE] = "instance",
    [SECTION_DEFAULTS] = "defaults",
    [SECTION_TEMPLATE] = "templates",
    [SECTION_TARGET] = "services, infrastructure, targets",
    [SECTION_GROUP] = "groups",
    [SECTION_HTTP] = "http, of a target",
    [SECTION_BASIC] = "basic, of http",
    [SECTION_OAUTH2] = "oauth2, of http",
    [SECTION_TLS] = "tls, of a target",
    [SECTION_CERT_ALERT] = "cert_alert, of a target",
    [SECTION_PROBING] = "probing",
    [SECTION_SYSTEM] = "system",
    [SECTION_FLAP_DETECTION] = "system.flap_detection",
    [SECTION_CONNECTIVITY] = "system.connectivity_checks",
    [SECTION_ALERTING] = "alerting",
    [SECTION_BUS] = "bus",
    [SECTION_PUBLISH] = "publish",
    [SECTION_GATEWAY] = "gateway",
    [SECTION_LOGGING] = "logging",
#define TITLE(NAME, name) [SECTION_##NAME] = #name ", of a target",
    PROBE_TYPES(SCHEMA_NO_OPTIONS, TITLE)
#undef TITLE
};

static bool has_range(const schema_key_t *row)
{
    return row->type < SCHEMA_BOOLEAN && row->most > 0;
}

/* --- the page --- */

static void append_type(text_t *page, const schema_key_t *row)
{
    char least[32];
    char most[32];
    text_appendf(page, "%s%s", row->is_list ? "list of " : "", schema_type_name(row->type));
    if (row->type == SCHEMA_CHOICE) {
        for (size_t i = 0; row->choices[i]; i++)
            text_appendf(page, "%s`%s`", i ? ", " : ": ", row->choices[i]);
    } else if (has_range(row)) {
        schema_number_text(row->type, row->least, least, sizeof least);
        schema_number_text(row->type, row->most, most, sizeof most);
        text_appendf(page, ", %s to %s", least, most);
    }
}

static char *make_page(void)
{
    text_t page = {0};
    text_append_string(&page, INTRODUCTION);
    for (size_t section = 0; section < SECTION_COUNT; section++) {
        size_t n;
        const schema_key_t *rows = schema_keys((schema_section_t)section, &n);
        text_appendf(&page, "\n## %s\n| key | type | default | meaning |\n|---|---|---|---|\n",
                     titles[section]);
        for (size_t i = 0; i < n; i++) {
            text_appendf(&page, "| %s | ", rows[i].key);
            append_type(&page, &rows[i]);
            if (rows[i].fallback)
                text_appendf(&page, " | `%s` | ", rows[i].fallback);
            else
                text_appendf(&page, " | %s | ", rows[i].is_required ? "required" : "");
            text_appendf(&page, "%s%s |\n", rows[i].text,
                         rows[i].takes_restart ? "; takes a restart" : "");
        }
    }
    return text_take(&page);
}

/* --- JSON Schema --- */

static const char *pattern_of(schema_type_t type)
{
    static const char *const patterns[SCHEMA_TYPE_COUNT] = {
        [SCHEMA_DURATION] = "^([0-9]+(\\\\.[0-9]+)?(ms|s|m|h|d|w))+$|\\\\$\\\\{",
        [SCHEMA_SIZE] = "^[0-9]+(B|KiB|MiB|GiB)$|\\\\$\\\\{",
        [SCHEMA_RATIO] = "^[0-9]+(\\\\.[0-9]+)?%$|\\\\$\\\\{",
        [SCHEMA_THRESHOLD] = "^[0-9]+( of [0-9]+)?$|\\\\$\\\\{",
        [SCHEMA_RULE] = "^(all_up|any_up|at_least [0-9]+)$|\\\\$\\\\{",
        [SCHEMA_FACTOR] = "^[0-9]+(\\\\.[0-9]+)?x$|\\\\$\\\\{",
    };
    return patterns[type];
}

static void append_item(text_t *json, const schema_key_t *row)
{
    if (row->type == SCHEMA_MAP) {
        text_appendf(json, "{\"$ref\": \"#/$defs/section%d\"}", (int)row->section);
    } else if (row->type == SCHEMA_COUNT) {
        text_appendf(json,
                     "{\"type\": [\"integer\", \"string\"], \"minimum\": %.0f, \"maximum\": "
                     "%.0f}",
                     row->least, row->most);
    } else if (row->type == SCHEMA_BOOLEAN) {
        text_append_string(json, "{\"type\": [\"boolean\", \"string\"]}");
    } else if (row->type == SCHEMA_CHOICE) {
        text_append_string(json, "{\"enum\": [");
        for (size_t i = 0; row->choices[i]; i++)
            text_appendf(json, "%s\"%s\"", i ? ", " : "", row->choices[i]);
        text_append_string(json, "]}, {\"type\": \"string\", \"pattern\": \"\\\\$\\\\{\"}");
    } else if (row->type == SCHEMA_LABELS || row->type == SCHEMA_HEADERS) {
        text_append_string(json, "{\"type\": \"object\"}");
    } else if (row->type == SCHEMA_VARIABLES) {
        text_append_string(json, "{\"type\": \"object\", \"additionalProperties\": {\"type\": "
                                 "\"array\"}}");
    } else if (row->type == SCHEMA_THRESHOLD) {
        text_appendf(json, "{\"type\": [\"integer\", \"string\"], \"pattern\": \"%s\"}",
                     pattern_of(row->type));
    } else if (pattern_of(row->type)) {
        text_appendf(json, "{\"type\": \"string\", \"pattern\": \"%s\"}", pattern_of(row->type));
    } else {
        text_append_string(json, "{\"type\": \"string\"}");
    }
}

static void append_property(text_t *json, const schema_key_t *row)
{
    text_append_string(json, "        ");
    text_append_json(json, row->key);
    text_append_string(json, ": {\"description\": ");
    text_append_json(json, row->text);
    if (row->fallback) {
        text_append_string(json, ", \"default\": ");
        text_append_json(json, row->fallback);
    }
    text_append_string(json, ", \"anyOf\": [");
    if (row->is_list) {
        text_append_string(json, "{\"type\": \"array\", \"items\": ");
        append_item(json, row);
        text_append_string(json, "}");
    }
    if (row->is_list && row->type != SCHEMA_MAP)
        text_append_string(json, ", ");
    if (!row->is_list || row->type != SCHEMA_MAP)
        append_item(json, row);
    if (row->type == SCHEMA_MAP) /* a map or list may be left empty */
        text_append_string(json, ", {\"type\": \"null\"}");
    text_append_string(json, "]}");
}

static void append_section(text_t *json, schema_section_t section)
{
    size_t n;
    const schema_key_t *rows = schema_keys(section, &n);
    text_appendf(json,
                 "    \"section%d\": {\n      \"title\": \"%s\",\n      \"type\": \"object\",\n"
                 "      \"additionalProperties\": false,\n      \"properties\": {\n",
                 (int)section, titles[section]);
    for (size_t i = 0; i < n; i++) {
        append_property(json, &rows[i]);
        text_append_string(json, i + 1 < n ? ",\n" : "\n");
    }
    text_append_string(json, "      }");
    bool has_required = false;
    for (size_t i = 0; i < n; i++) {
        if (!rows[i].is_required)
            continue;
        text_appendf(json, "%s\"%s\"", has_required ? ", " : ",\n      \"required\": [",
                     rows[i].key);
        has_required = true;
    }
    text_append_string(json, has_required ? "]\n    }" : "\n    }");
}

static char *make_json_schema(void)
{
    text_t json = {0};
    text_append_string(&json,
                       "{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
                       "  \"title\": \"healthd configuration\",\n"
                       "  \"$ref\": \"#/$defs/section0\",\n  \"$defs\": {\n");
    for (size_t section = 0; section < SECTION_COUNT; section++) {
        append_section(&json, (schema_section_t)section);
        text_append_string(&json, section + 1 < SECTION_COUNT ? ",\n" : "\n");
    }
    text_append_string(&json, "  }\n}\n");
    return text_take(&json);
}

/* --- tests --- */

static void compare(const char *path, char *expected)
{
    assert_non_null(expected);
    const char *must_write = getenv("HEALTHD_WRITE_REFERENCE");
    FILE *file = fopen(path, must_write && *must_write ? "w+" : "r");
    assert_non_null(file);
    if (must_write && *must_write)
        assert_int_equal(fwrite(expected, 1, strlen(expected), file), strlen(expected));
    rewind(file);
    char *page = calloc(1, strlen(expected) + 2);
    assert_non_null(page);
    size_t n = fread(page, 1, strlen(expected) + 1, file);
    page[n] = '\0';
    assert_string_equal(page, expected);
    (void)fclose(file);
    free(page);
    free(expected);
}

static void page_says_what_the_table_says(void **state)
{
    (void)state;
    compare(PAGE, make_page());
}

static void json_schema_says_what_the_table_says(void **state)
{
    (void)state;
    compare(JSON_SCHEMA, make_json_schema());
}

/* The value of a default, in the unit of its row; NAN where it is none. */
static double number_of(const schema_key_t *row)
{
    const char *text = row->fallback;
    scalar_error_t error;
    int64_t integer = 0;
    int64_t window = 0;
    double real = 0;
    bool flag = false;
    group_rule_t rule = GROUP_ALL_UP;
    int rc = -1;
    if (row->type == SCHEMA_DURATION)
        rc = scalar_duration(text, strlen(text), &integer, &error);
    else if (row->type == SCHEMA_SIZE)
        rc = scalar_size(text, strlen(text), &integer, &error);
    else if (row->type == SCHEMA_COUNT)
        rc = scalar_count(text, strlen(text), &integer, &error);
    else if (row->type == SCHEMA_THRESHOLD)
        rc = scalar_threshold(text, strlen(text), &integer, &window, &error);
    else if (row->type == SCHEMA_RULE)
        rc = group_rule_parse(text, &rule, &integer);
    else if (row->type == SCHEMA_RATIO)
        rc = scalar_ratio(text, strlen(text), &real, &error);
    else if (row->type == SCHEMA_FACTOR)
        rc = scalar_factor(text, strlen(text), &real, &error);
    else
        rc = scalar_boolean(text, strlen(text), &flag, &error);
    assert_int_equal(rc, 0);
    if (row->type == SCHEMA_RATIO || row->type == SCHEMA_FACTOR)
        return real;
    if (row->type == SCHEMA_RULE && rule != GROUP_AT_LEAST)
        return row->least;
    return row->type == SCHEMA_DURATION ? (double)integer / 1000 : (double)integer;
}

/* A row is whole: its default is what the row allows, its names are not doubled. */
static void check_row(const schema_key_t *rows, size_t i)
{
    const schema_key_t *row = &rows[i];
    assert_non_null(row->key);
    assert_non_null(row->text);
    assert_true((row->type == SCHEMA_CHOICE) == (row->choices != NULL));
    for (size_t j = 0; j < i; j++)
        assert_string_not_equal(rows[j].key, row->key);
    if (!row->fallback)
        return;
    if (row->type == SCHEMA_CHOICE) {
        size_t at = 0;
        while (row->choices[at] && strcmp(row->choices[at], row->fallback) != 0)
            at++;
        assert_non_null(row->choices[at]);
    } else if (row->type < SCHEMA_CHOICE) {
        double value = number_of(row);
        assert_true(row->type == SCHEMA_BOOLEAN || (value >= row->least && value <= row->most));
    }
}

static void each_row_is_whole_and_its_default_allowed(void **state)
{
    (void)state;
    for (size_t section = 0; section < SECTION_COUNT; section++) {
        size_t n;
        const schema_key_t *rows = schema_keys((schema_section_t)section, &n);
        assert_true(n > 0 && n <= SCHEMA_KEYS_MAX);
        for (size_t i = 0; i < n; i++)
            check_row(rows, i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_is_whole_and_its_default_allowed),
        cmocka_unit_test(page_says_what_the_table_says),
        cmocka_unit_test(json_schema_says_what_the_table_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
