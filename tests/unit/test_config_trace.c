/* Where the settings of a target are said to come from. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actors/supervisor/config_load.h"
#include "tests/support/support.h"
#include "tests/test.h"

static const char yaml[] = "version: 1\n"                                       /* 1 */
                           "defaults: {timeout: 2s}\n"                          /* 2 */
                           "templates:\n"                                       /* 3 */
                           "  - name: t\n"                                      /* 4 */
                           "    jitter: 0%\n"                                   /* 5 */
                           "    labels: {team: core, room: a}\n"                /* 6 */
                           "    http: {headers: {Authorization: Bearer-abc}}\n" /* 7 */
                           "infrastructure:\n"                                  /* 8 */
                           "  - name: db\n"                                     /* 9 */
                           "    url: 'redis://me:secret@{{host}}/'\n"           /* 10 */
                           "    template: t\n"                                  /* 11 */
                           "    for_each: {host: h}\n"                          /* 12 */
                           "    labels: {room: b}\n";                           /* 13 */

static const char *no_variable(const char *name, void *context)
{
    (void)name;
    (void)context;
    return NULL;
}

typedef struct {
    char folder[64];
    char path[96];
    config_trace_t trace;
    config_load_t load;
} traced_t;

/* Loads TEXT and traces; 0, or -1 where there are faults. */
static int load_traced(traced_t *self, const char *text)
{
    support_make_folder(self->folder);
    (void)snprintf(self->path, sizeof self->path, "%s/x.yaml", self->folder);
    FILE *file = fopen(self->path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    return config_load_traced(self->path, no_variable, NULL, &self->trace, &self->load);
}

static void trace_of(traced_t *self, const char *target)
{
    *self = (traced_t){.trace = {.target = target}};
    if (load_traced(self, yaml))
        fail_msg("%s", self->load.report);
}

static void end_trace(traced_t *self)
{
    config_trace_clear(&self->trace);
    config_load_clear(&self->load);
    support_remove_folder(self->folder);
}

static const config_trace_row_t *row_of(const traced_t *self, const char *key)
{
    for (size_t i = 0; i < self->trace.n_rows; i++) {
        if (strcmp(self->trace.rows[i].key, key) == 0)
            return &self->trace.rows[i];
    }
    fail_msg("no row %s", key);
    return NULL;
}

static void each_value_names_the_line_that_said_it(void **state)
{
    (void)state;
    static const struct {
        const char *key, *value;
        unsigned line; /* 0: built in */
    } rows[] = {
        {"name", "\"db\"", 9},
        {"kind", "\"infrastructure\"", 9},
        {"url", "\"redis://***@h/\"", 10},
        {"error_prefix", "\"Redis ping failed: \"", 0},
        {"timeout", "\"2s\"", 2},
        {"jitter", "\"0%\"", 5},
        {"critical", "true", 0},
        {"check_interval", "\"1m\"", 0},
        {"labels.team", "\"core\"", 6},
        {"labels.room", "\"b\"", 13},
        {"http.headers", "\"***\"", 7},
    };
    traced_t traced;
    trace_of(&traced, "db");
    assert_true(traced.trace.is_found);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const config_trace_row_t *row = row_of(&traced, rows[i].key);
        char from[128] = "";
        if (rows[i].line)
            (void)snprintf(from, sizeof from, "%s:%u", traced.path, rows[i].line);
        if (strcmp(row->value, rows[i].value) != 0 || row->is_built_in != (rows[i].line == 0) ||
            strcmp(row->from ? row->from : "", from) != 0)
            fail_msg("%s: %s from %s", rows[i].key, row->value, row->from ? row->from : "built-in");
    }
    end_trace(&traced);
}

/* That the URL is none is told of the file; there is nothing to trace. */
static void a_target_without_its_url_is_not_traced(void **state)
{
    (void)state;
    traced_t traced = {.trace = {.target = "db"}};
    static const char text[] = "infrastructure: [{name: db, url: [a]}]\n";
    assert_int_equal(load_traced(&traced, text), -1);
    assert_int_equal(traced.load.n_faults, 1);
    assert_false(traced.trace.is_found);
    end_trace(&traced);
}

static void another_name_finds_nothing(void **state)
{
    (void)state;
    traced_t traced;
    trace_of(&traced, "nobody");
    assert_false(traced.trace.is_found);
    assert_int_equal(traced.trace.n_rows, 0);
    end_trace(&traced);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_value_names_the_line_that_said_it),
        cmocka_unit_test(a_target_without_its_url_is_not_traced),
        cmocka_unit_test(another_name_finds_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
