#include "apps/healthctl/event.h"

#include <string.h>

#include <healthd/wire.h>

#include "apps/healthctl/view.h"

#define CHANGES_SHOWN_MAX 10

/* --- msgpack to JSON; the depth was bounded by wire_well_formed --- */

static json_t *value_of(const msgpack_object *object);

/* msgpack gives NULL for an empty text. */
static const char *text_of(const msgpack_object_str *text)
{
    return text->size > 0 ? text->ptr : "";
}

static json_t *list_of(const msgpack_object_array *items)
{
    json_t *list = json_array();
    for (uint32_t i = 0; list && i < items->size; i++) {
        if (json_array_append_new(list, value_of(&items->ptr[i]))) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *map_of(const msgpack_object_map *pairs)
{
    json_t *map = json_object();
    for (uint32_t i = 0; map && i < pairs->size; i++) {
        const msgpack_object *key = &pairs->ptr[i].key;
        bool is_set = false;
        if (key->type == MSGPACK_OBJECT_STR) {
            const char *text = text_of(&key->via.str);
            char *name =
                memchr(text, 0, key->via.str.size) ? NULL : strndup(text, key->via.str.size);
            is_set = name && !json_object_set_new(map, name, value_of(&pairs->ptr[i].val));
            free(name);
        }
        if (!is_set) {
            json_decref(map);
            return NULL;
        }
    }
    return map;
}

static json_t *value_of(const msgpack_object *object)
{
    switch (object->type) {
    case MSGPACK_OBJECT_BOOLEAN:
        return json_boolean(object->via.boolean);
    case MSGPACK_OBJECT_POSITIVE_INTEGER:
        return object->via.u64 > INT64_MAX ? json_real((double)object->via.u64)
                                           : json_integer((json_int_t)object->via.u64);
    case MSGPACK_OBJECT_NEGATIVE_INTEGER:
        return json_integer(object->via.i64);
    case MSGPACK_OBJECT_FLOAT32:
    case MSGPACK_OBJECT_FLOAT64:
        return json_real(object->via.f64); /* NULL for what JSON has no word for */
    case MSGPACK_OBJECT_STR:
        return json_stringn(text_of(&object->via.str), object->via.str.size);
    case MSGPACK_OBJECT_ARRAY:
        return list_of(&object->via.array);
    case MSGPACK_OBJECT_MAP:
        return map_of(&object->via.map);
    case MSGPACK_OBJECT_NIL:
        return json_null();
    case MSGPACK_OBJECT_BIN:
    case MSGPACK_OBJECT_EXT:
        break;
    }
    return NULL; /* healthd sends neither */
}

json_t *event_decode(const void *bytes, size_t n)
{
    /* msgpack allocates what a header declares; so the headers are walked first. */
    if (!wire_well_formed(bytes, n))
        return NULL;
    msgpack_zone zone;
    if (!msgpack_zone_init(&zone, 8192))
        return NULL;
    msgpack_object object;
    size_t offset = 0;
    json_t *event = NULL;
    if (msgpack_unpack(bytes, n, &offset, &zone, &object) == MSGPACK_UNPACK_SUCCESS &&
        object.type == MSGPACK_OBJECT_MAP)
        event = map_of(&object.via.map);
    msgpack_zone_destroy(&zone);
    return event;
}

/* --- events as lines --- */

/* Appends "risk_guard OK -> DOWN" where the status of NAME differs. 1 if it does, else 0. */
static size_t append_change(text_t *out, size_t n_before, const char *name, const char *before,
                            const char *after, bool is_coloured)
{
    if (before && strcmp(before, after) == 0)
        return 0;
    if (n_before >= CHANGES_SHOWN_MAX)
        return 1;
    text_append_string(out, n_before ? ", " : "  ");
    table_escape(out, name, 80);
    text_append_string(out, " ");
    if (before) {
        table_append_word(out, before, is_coloured);
        text_append_string(out, " -> ");
    }
    table_append_word(out, after, is_coloured);
    return 1;
}

/* What changed since the statuses BEFORE; where there are none, every target that is not OK. */
static void append_changes(text_t *out, json_t *before, json_t *now, bool is_coloured)
{
    size_t n = 0;
    const char *name;
    json_t *value;
    json_object_foreach(now, name, value) n +=
        append_change(out, n, name, view_text(before, name, before ? NULL : "OK"),
                      json_string_value(value), is_coloured);
    json_object_foreach(before, name, value)
    {
        if (!json_object_get(now, name))
            n += append_change(out, n, name, json_string_value(value), "gone", is_coloured);
    }
    if (n > CHANGES_SHOWN_MAX)
        text_appendf(out, " and %zu more", n - CHANGES_SHOWN_MAX);
    else if (n == 0)
        text_appendf(out, "  %s", before ? "no change" : "every target is OK");
}

void event_append(text_t *out, const char *topic, const json_t *payload, json_t **statuses,
                  bool is_coloured)
{
    if (strcmp(topic, "health.snapshot_updated") == 0) {
        json_t *now = view_statuses(payload);
        view_append_time(out, payload, "timestamp");
        text_append_string(out, "  snapshot  ");
        table_append_word(out, view_text(payload, "status", "UNKNOWN"), is_coloured);
        append_changes(out, *statuses, now, is_coloured);
        json_decref(*statuses);
        *statuses = now;
    } else {
        bool is_raised = strcmp(topic, "health.alert_raised") == 0;
        bool is_resolved = strcmp(topic, "health.alert_resolved") == 0;
        view_append_time(out, payload, is_resolved ? "resolved_at" : "timestamp");
        text_append_string(out, "  ");
        table_escape(out, is_raised ? "raised" : is_resolved ? "resolved" : topic, 80);
        text_append_string(out, is_raised ? "    " : "  ");
        table_append_word(out, view_text(payload, "level", "-"), is_coloured);
        text_append_string(out, "  ");
        table_escape(out, view_text(payload, "title", "-"), 200);
        if (is_resolved) {
            text_append_string(out, "  (");
            table_escape(out, view_text(payload, "resolution", "-"), 40);
            text_append_string(out, ")");
        }
    }
    text_append_string(out, "\n");
}
