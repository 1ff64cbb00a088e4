/* One target whole, as text. */
#include <stdio.h>
#include <string.h>

#include "apps/healthctl/view.h"

#define TEXT_MAX_CHARACTERS 200

/* The text at KEY of OBJECT after BEFORE; nothing where there is none. */
static void append_if(text_t *out, const char *before, const json_t *object, const char *key)
{
    const char *text = view_text(object, key, NULL);
    if (!text)
        return;
    text_append_string(out, before);
    table_escape(out, text, TEXT_MAX_CHARACTERS);
}

/* "DOWN  risk_guard  service, http, critical  status  5.75 ms" */
static void append_verdict(text_t *out, const json_t *target, bool is_coloured)
{
    table_append_word(out, view_text(target, "status", "UNKNOWN"), is_coloured);
    append_if(out, "  ", target, "name");
    append_if(out, "  ", target, "kind");
    append_if(out, ", ", target, "type");
    if (json_is_true(json_object_get(target, "critical")))
        text_append_string(out, ", critical");
    if (strcmp(view_text(target, "reason", "none"), "none") != 0)
        append_if(out, "  ", target, "reason");
    const json_t *latency = json_object_get(target, "latency_ms");
    if (json_is_number(latency))
        text_appendf(out, "  %.2f ms", json_number_value(latency));
    text_append_string(out, "\n");
}

static void append_times(text_t *out, const json_t *target)
{
    text_append_string(out, "  since ");
    view_append_time(out, target, "since");
    text_append_string(out, ", checked ");
    view_append_time(out, target, "checked_at");
    text_append_string(out, "\n");
    if (json_is_true(json_object_get(target, "flapping")))
        text_append_string(out, "  flapping: its results change often\n");
}

/* "  paused by token until 2026-11-24T04:00:00Z: new disks" */
static void append_pause(text_t *out, const json_t *pause)
{
    if (!json_is_object(pause))
        return;
    append_if(out, "  paused by ", pause, "by");
    text_append_string(out, " until ");
    if (view_text(pause, "until", NULL))
        view_append_time(out, pause, "until");
    else
        text_append_string(out, "somebody resumes it");
    if (*view_text(pause, "reason", ""))
        append_if(out, ": ", pause, "reason");
    text_append_string(out, "\n");
}

/* Members of a group that are shown, at most. */
#define MEMBERS_MAX 40

/* "  at_least: 2 of 3 members must be OK or DEGRADED", then each member and its status. */
static void append_group(text_t *out, const json_t *group, bool is_coloured)
{
    const json_t *members = json_object_get(group, "members");
    size_t i;
    json_t *member;
    if (!json_is_object(group))
        return;
    append_if(out, "  ", group, "rule");
    text_appendf(out, ": %lld of %zu members must be OK or DEGRADED\n",
                 (long long)json_integer_value(json_object_get(group, "needed")),
                 json_array_size(members));
    json_array_foreach(members, i, member)
    {
        if (i == MEMBERS_MAX) {
            text_appendf(out, "    and %zu more\n", json_array_size(members) - i);
            break;
        }
        text_append_string(out, "    ");
        table_append_word(out, view_text(member, "status", "UNKNOWN"), is_coloured);
        append_if(out, "  ", member, "name");
        text_append_string(out, "\n");
    }
}

/* The last checks that were not OK, newest first. */
static void append_evidence(text_t *out, const json_t *evidence, bool is_coloured)
{
    static const char *const headings[] = {"FAILED AT", "STATUS", "REASON", "ANSWER", "ERROR"};
    table_t table;
    table_init(&table, headings, 5);
    size_t i;
    json_t *check;
    json_array_foreach(evidence, i, check)
    {
        text_t at = {0};
        view_append_time(&at, check, "at");
        table.is_failed = table.is_failed || at.is_failed;
        table_add(&table, (const char *const[]){at.bytes, view_text(check, "status", NULL),
                                                view_text(check, "reason", NULL),
                                                view_text(check, "status_line", NULL),
                                                view_text(check, "error", NULL)});
        text_clear(&at);
    }
    if (table.n_rows > 1) {
        text_append_string(out, "\n");
        table_append(out, &table, is_coloured);
    }
    table_clear(&table);
}

void view_append_target(text_t *out, const json_t *target, bool is_coloured)
{
    append_verdict(out, target, is_coloured);
    if (view_text(target, "error", NULL)) {
        append_if(out, "  ", target, "error");
        text_append_string(out, "\n");
    }
    append_times(out, target);
    append_pause(out, json_object_get(target, "pause"));
    append_group(out, json_object_get(target, "group"), is_coloured);
    if (view_text(target, "url", NULL)) {
        append_if(out, "  ", target, "url");
        text_append_string(out, "\n");
    }
    view_append_measured(out, json_object_get(target, "measured"), is_coloured);
    append_evidence(out, json_object_get(target, "evidence"), is_coloured);
}
