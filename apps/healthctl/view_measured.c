/* What a check measured, as tables. */
#include <stdio.h>

#include "core/scalar.h"

#include "apps/healthctl/view.h"

static void append_phases(text_t *out, json_t *phases, bool is_coloured)
{
    static const char *const headings[] = {"PHASE", ">TIME"};
    table_t table;
    table_init(&table, headings, 2);
    const char *name;
    json_t *time;
    json_object_foreach(phases, name, time)
    {
        char text[340]; /* a double without its exponent is long */
        snprintf(text, sizeof text, "%.2f ms", json_number_value(time));
        table_add(&table, (const char *const[]){name, text});
    }
    if (table.n_rows > 1) {
        text_append_string(out, "\n");
        table_append(out, &table, is_coloured);
    }
    table_clear(&table);
}

static void append_conditions(text_t *out, const json_t *conditions, bool is_coloured)
{
    static const char *const headings[] = {"CONDITION", "OUTCOME", "ACTUAL", "ELSE"};
    table_t table;
    table_init(&table, headings, 4);
    size_t i;
    json_t *condition;
    json_array_foreach(conditions, i, condition)
    {
        bool is_degraded = json_is_true(json_object_get(condition, "degraded"));
        table_add(&table, (const char *const[]){view_text(condition, "condition", NULL),
                                                view_text(condition, "outcome", NULL),
                                                view_text(condition, "actual", NULL),
                                                is_degraded ? "DEGRADED" : "DOWN"});
    }
    if (table.n_rows > 1) {
        text_append_string(out, "\n");
        table_append(out, &table, is_coloured);
    }
    table_clear(&table);
}

static void append_values(text_t *out, json_t *values, bool is_coloured)
{
    static const char *const headings[] = {"VALUE", ">NUMBER"};
    table_t table;
    table_init(&table, headings, 2);
    const char *name;
    json_t *number;
    json_object_foreach(values, name, number)
    {
        char text[SCALAR_NUMBER_TEXT_BYTES];
        scalar_number_text(json_number_value(number), text);
        table_add(&table, (const char *const[]){name, text});
    }
    if (table.n_rows > 1) {
        text_append_string(out, "\n");
        table_append(out, &table, is_coloured);
    }
    table_clear(&table);
}

void view_append_measured(text_t *out, const json_t *measured, bool is_coloured)
{
    append_phases(out, json_object_get(measured, "phases_ms"), is_coloured);
    append_conditions(out, json_object_get(measured, "conditions"), is_coloured);
    append_values(out, json_object_get(measured, "values"), is_coloured);
}
