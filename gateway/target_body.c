#include "gateway/target_body.h"

#include <stdlib.h>
#include <string.h>

#include "proto/render_measured.h"
#include "proto/render_pause.h"
#include "proto/writer.h"

/* Bytes of a URL that is shown. */
#define URL_SHOWN_BYTES 4096
/* Members that put_state writes. */
#define N_STATE 12

static const target_t *settings_of(const config_t *config, const char *name)
{
    long at = config_target_at(config, name);
    return at < 0 ? NULL : &config->targets[at];
}

/* What the list and the whole show alike; SETTINGS are NULL where another configuration, without
 * the target, has just come. */
static void put_state(writer_t *writer, const target_state_t *target, const target_t *settings)
{
    writer_put_text(writer, "name", target->name);
    writer_put_text(writer, "kind", target_kind_name(target->kind));
    writer_put_text_or_null(writer, "type", settings ? probe_type_name(settings->type) : NULL);
    writer_put_boolean(writer, "critical", target->is_critical);
    writer_put_text(writer, "status", status_name(target->status));
    writer_put_boolean(writer, "flapping", target->is_flapping);
    writer_put_text(writer, "reason", reason_name(target->reason));
    writer_put_text_or_null(writer, "error", target->error);
    writer_put_us_as_ms(writer, "latency_ms", target->latency_us);
    writer_put_timestamp_or_null(writer, "since", target->since_us);
    writer_put_timestamp_or_null(writer, "checked_at", target->checked_at_us);
    writer_put_json(writer, "labels", target->labels ? target->labels : "{}");
}

int target_body_list(const snapshot_t *state, const config_t *config, const target_query_t *query,
                     msgpack_sbuffer *out)
{
    target_page_t page;
    target_page_find(state, query, &page);
    char *cursor = page.has_more ? target_page_cursor(&page, query) : NULL;
    if (page.has_more && !cursor)
        return -1;
    writer_t writer;
    writer_init(&writer, RENDER_JSON, 0, out);
    writer.format->begin_map(&writer, 4);
    writer_begin_list_at(&writer, "items", page.n_items);
    for (size_t i = 0; i < page.n_items; i++) {
        writer.format->begin_map(&writer, N_STATE);
        put_state(&writer, page.items[i], settings_of(config, page.items[i]->name));
        writer.format->end_map(&writer);
    }
    writer.format->end_list(&writer);
    writer_put_text_or_null(&writer, "next_cursor", cursor);
    writer_put_integer(&writer, "total", (int64_t)page.total);
    writer_put_integer(&writer, "version", (int64_t)state->version);
    writer.format->end_map(&writer);
    free(cursor);
    return writer_finish(&writer) == WRITER_FINE ? 0 : -1;
}

/* --- one target --- */

/* {"results":3,"of":5}: `of` is null where they follow each other. */
static void put_threshold(writer_t *writer, const char *key, uint32_t results, uint32_t window)
{
    writer_begin_map_at(writer, key, 2);
    writer_put_integer(writer, "results", results);
    writer->format->key(writer, "of");
    if (window > 0)
        writer->format->integer(writer, window);
    else
        writer->format->nil(writer);
    writer->format->end_map(writer);
}

static void put_settings(writer_t *writer, const target_t *settings)
{
    if (settings->url) {
        char url[URL_SHOWN_BYTES];
        url_redact(settings->url, url, sizeof url);
        writer_put_text(writer, "url", url);
    } else {
        writer_put_text_or_null(writer, "url", NULL);
    }
    if (!target_is_probed(settings))
        return;
    writer_put_integer(writer, "check_interval_ms", settings->check_interval_ms);
    writer_put_integer(writer, "timeout_ms", settings->timeout_ms);
    writer_put_integer(writer, "retry_interval_ms", settings->retry_interval_ms);
    put_threshold(writer, "failure_threshold", settings->failure_threshold,
                  settings->failure_window);
    put_threshold(writer, "success_threshold", settings->success_threshold,
                  settings->success_window);
}

/* The member at position AT; its status is null where STATE is still of another configuration. */
static void put_member(writer_t *writer, const snapshot_t *state, const config_t *config, size_t at)
{
    const char *name = config->targets[at].name;
    bool is_there = at < state->n_targets && strcmp(state->targets[at].name, name) == 0;
    writer->format->begin_map(writer, 2);
    writer_put_text(writer, "name", name);
    writer_put_text_or_null(writer, "status",
                            is_there ? status_name(state->targets[at].status) : NULL);
    writer->format->end_map(writer);
}

static void put_group(writer_t *writer, const snapshot_t *state, const config_t *config,
                      const group_t *group)
{
    writer_begin_map_at(writer, "group", 3);
    writer_put_text(writer, "rule", group_rule_name(group->rule));
    writer_put_integer(writer, "needed", (int64_t)group_needed(group));
    writer_begin_list_at(writer, "members", group->n_members);
    for (size_t i = 0; i < group->n_members; i++)
        put_member(writer, state, config, group->members[i]);
    writer->format->end_list(writer);
    writer->format->end_map(writer);
}

/* "pause":{...}, or null where TARGET is not paused. */
static void put_pause(writer_t *writer, const target_state_t *target)
{
    if (!target->pause) {
        writer_put_text_or_null(writer, "pause", NULL);
        return;
    }
    writer_begin_map_at(writer, "pause", RENDER_PAUSE_PAIRS);
    render_pause_pairs(writer, target->pause);
    writer->format->end_map(writer);
}

static void put_heartbeat(writer_t *writer, const measured_heartbeat_t *heartbeat)
{
    writer_begin_map_at(writer, "heartbeat", 0);
    writer_put_timestamp_or_null(writer, "last_ping_at", heartbeat->last_ping_at_us);
    writer_put_timestamp_or_null(writer, "started_at", heartbeat->started_at_us);
    writer_put_timestamp_or_null(writer, "next_expected_at", heartbeat->expected_at_us);
    writer_put_timestamp_or_null(writer, "deadline_at", heartbeat->deadline_at_us);
    if (heartbeat->exit_code != MEASURED_NONE)
        writer_put_integer(writer, "exit_code", heartbeat->exit_code);
    writer->format->end_map(writer);
}

static void put_evidence(writer_t *writer, const evidence_t *evidence, size_t n_evidence)
{
    writer_begin_list_at(writer, "evidence", n_evidence);
    for (size_t i = 0; i < n_evidence; i++)
        writer->format->json(writer, evidence[i].json);
    writer->format->end_list(writer);
}

int target_body_one(const snapshot_t *state, const target_state_t *target, const config_t *config,
                    const evidence_t *evidence, size_t n_evidence, msgpack_sbuffer *out)
{
    const target_t *settings = settings_of(config, target->name);
    writer_t writer;
    writer_init(&writer, RENDER_JSON, 0, out);
    writer.format->begin_map(&writer, 0); /* JSON does not say how many */
    put_state(&writer, target, settings);
    if (settings)
        put_settings(&writer, settings);
    if (settings && settings->group)
        put_group(&writer, state, config, settings->group);
    writer_put_json(&writer, "details", target->details ? target->details : "null");
    if (target->measurement)
        render_measured(&writer, target->measurement);
    if (target->measurement && target->measurement->heartbeat)
        put_heartbeat(&writer, target->measurement->heartbeat);
    put_pause(&writer, target);
    put_evidence(&writer, evidence, n_evidence);
    writer.format->end_map(&writer);
    return writer_finish(&writer) == WRITER_FINE ? 0 : -1;
}
