#include "apps/healthctl/view.h"

#include <stdio.h>
#include <string.h>

#define REASON_MAX_CHARACTERS 100

const char *view_text(const json_t *object, const char *key, const char *otherwise)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : otherwise;
}

void view_append_time(text_t *out, const json_t *object, const char *key)
{
    static const char shape[] = "dddd-dd-ddTdd:dd:dd";
    const char *time = view_text(object, key, "-");
    size_t n = 0;
    while (shape[n] && (shape[n] == 'd' ? time[n] >= '0' && time[n] <= '9' : time[n] == shape[n]))
        n++;
    if (shape[n])
        table_escape(out, time, 40);
    else
        text_appendf(out, "%.*sZ", (int)n, time); /* healthd's instants are all UTC */
}

int view_exit_code(const char *status)
{
    static const char *const names[] = {"OK", "DEGRADED", "CRITICAL"};
    for (int code = 0; code < 3; code++)
        if (strcmp(status, names[code]) == 0)
            return code;
    return 3;
}

/* --- targets --- */

static const char *const sections[] = {"services", "infrastructure"};
static const char *const entry_sections[] = {"services", "infra"};

static void set_statuses(json_t *statuses, const json_t *lists, const char *list,
                         const char *status)
{
    size_t i;
    json_t *name;
    json_array_foreach(json_object_get(lists, list), i, name)
    {
        if (json_is_string(name))
            json_object_set_new(statuses, json_string_value(name), json_string(status));
    }
}

json_t *view_statuses(const json_t *system)
{
    json_t *statuses = json_object();
    if (!statuses)
        return NULL;
    for (size_t i = 0; i < 2; i++) {
        const json_t *lists = json_object_get(system, sections[i]);
        set_statuses(statuses, lists, "ok", "OK");
        set_statuses(statuses, lists, "degraded", "DEGRADED");
        set_statuses(statuses, lists, "down", "DOWN");
        /* Those without a result are in no list. */
        json_t *entries = json_object_get(json_object_get(system, "snapshot"), entry_sections[i]);
        const char *name;
        json_t *entry;
        json_object_foreach(entries, name, entry)
        {
            if (!json_object_get(statuses, name))
                json_object_set_new(statuses, name,
                                    json_string(view_text(entry, "status", "UNKNOWN")));
        }
    }
    return statuses;
}

/* Why the target is as it is: its error, or the code that it answered; nothing where it is OK. */
static void append_reason(text_t *out, const json_t *entry, const char *status)
{
    const json_t *code = json_object_get(json_object_get(entry, "details"), "status_code");
    const char *error = view_text(entry, "error", NULL);
    if (error)
        table_escape(out, error, REASON_MAX_CHARACTERS);
    else if (strcmp(status, "OK") != 0 && json_is_integer(code))
        text_appendf(out, "Status code: %" JSON_INTEGER_FORMAT, json_integer_value(code));
    else if (strcmp(status, "UNKNOWN") == 0)
        text_append_string(out, "no result");
}

static void add_target(table_t *table, const char *name, const json_t *entry, bool is_service)
{
    const char *status = view_text(entry, "status", "UNKNOWN");
    const json_t *critical = json_object_get(entry, "critical");
    bool is_critical = is_service ? json_is_true(critical) : !json_is_false(critical);
    const json_t *latency = json_object_get(entry, "latency_ms");
    char latency_text[340]; /* a double without its exponent is long */
    snprintf(latency_text, sizeof latency_text, "%.2f ms", json_number_value(latency));
    text_t reason = {0};
    append_reason(&reason, entry, status);
    table->is_failed = table->is_failed || reason.is_failed;
    const char *cells[] = {name,
                           is_service ? "service" : "infra",
                           status,
                           json_is_number(latency) ? latency_text : NULL,
                           is_critical ? "yes" : "no",
                           reason.bytes};
    table_add(table, cells);
    text_clear(&reason);
}

void view_targets(const json_t *system, bool only_trouble, table_t *table)
{
    static const char *const headings[] = {"TARGET",   "KIND",     "STATUS",
                                           ">LATENCY", "CRITICAL", "REASON"};
    table_init(table, headings, 6);
    for (size_t i = 0; i < 2; i++) {
        json_t *entries = json_object_get(json_object_get(system, "snapshot"), entry_sections[i]);
        const char *name;
        json_t *entry;
        json_object_foreach(entries, name, entry)
        {
            if (!only_trouble || strcmp(view_text(entry, "status", "UNKNOWN"), "OK") != 0)
                add_target(table, name, entry, i == 0);
        }
    }
}

/* --- alerts --- */

static void add_alert(table_t *table, const json_t *alert, bool has_end)
{
    text_t since = {0}, until = {0};
    view_append_time(&since, alert, "timestamp");
    view_append_time(&until, alert, "resolved_at");
    table->is_failed = table->is_failed || since.is_failed || until.is_failed;
    const char *level = view_text(alert, "level", NULL), *title = view_text(alert, "title", NULL);
    const char *id = view_text(alert, "alert_id", NULL);
    const char *active[] = {level, since.bytes, title, id};
    const char *past[] = {level, since.bytes, until.bytes, view_text(alert, "resolution", "active"),
                          title, id};
    table_add(table, has_end ? past : active);
    text_clear(&since);
    text_clear(&until);
}

void view_alerts(const json_t *answer, bool has_end, table_t *table)
{
    static const char *const active[] = {"LEVEL", "SINCE", "ALERT", "ID"};
    static const char *const past[] = {"LEVEL", "SINCE", "UNTIL", "END", "ALERT", "ID"};
    table_init(table, has_end ? past : active, has_end ? 6 : 4);
    size_t i;
    json_t *alert;
    json_array_foreach(json_object_get(answer, "alerts"), i, alert)
    {
        add_alert(table, alert, has_end);
    }
}
