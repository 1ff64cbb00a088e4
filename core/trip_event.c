/* What an entry of the emergency stop's streams says: the one reader of these producers' JSON. */
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <healthd/probe_result.h>

#include "core/cleanup.h"
#include "core/json_path.h"
#include "core/text.h"
#include "core/trip.h"
#include "core/utf8.h"

/* What a reason reads where the payload has none. */
#define REASON_MISSING "Unknown"
/* The data of an entry whose fields are longer as JSON than a result's details may be. */
#define DATA_TOO_LONG "{\"truncated\":true}"

static void json_destroy(json_t **json)
{
    json_decref(*json);
    *json = NULL;
}

__attribute__((format(printf, 2, 3))) static int refuse(trip_error_t *error, const char *format,
                                                        ...)
{
    error->is_memory = false;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(error->text, sizeof error->text, format, args); /* may cut */
    va_end(args);
    return -1;
}

static int refuse_for_memory(trip_error_t *error)
{
    (void)refuse(error, "out of memory");
    error->is_memory = true;
    return -1;
}

/* Copy of N BYTES as UTF-8; the caller frees it. NULL where memory ran out. */
static char *repaired(const char *bytes, size_t n, size_t *ret_size)
{
    size_t room = n * UTF8_REPAIR_FACTOR + 1;
    char *text = malloc(room);
    if (text)
        *ret_size = utf8_repair(bytes, n, text, room);
    return text;
}

/* --- form with a field `payload` --- */

/* Past the end of the JSON string that begins at TEXT[AT] with its quote. */
static size_t skip_string(const char *text, size_t n, size_t at)
{
    for (at++; at < n && text[at] != '"'; at++)
        if (text[at] == '\\')
            at++;
    return at < n ? at + 1 : n;
}

/* The parser recurses: what is nested too deeply must not reach it. */
static bool is_too_deep(const char *text, size_t n)
{
    int depth = 0;
    for (size_t at = 0; at < n;) {
        char c = text[at];
        if (c == '"') {
            at = skip_string(text, n, at);
            continue;
        }
        if ((c == '{' || c == '[') && ++depth > TRIP_PAYLOAD_MAX_DEPTH)
            return true;
        if (c == '}' || c == ']')
            depth--;
        at++;
    }
    return false;
}

/* Length of the token that Python's json writes for a number that is none; 0: no such token. */
static size_t not_a_number_bytes(const char *text)
{
    static const char *const tokens[] = {"NaN", "Infinity", "-Infinity"};
    for (size_t i = 0; i < sizeof tokens / sizeof tokens[0]; i++)
        if (strncmp(text, tokens[i], strlen(tokens[i])) == 0)
            return strlen(tokens[i]);
    return 0;
}

/*
 * Copy of TEXT with NaN and Infinity as strings: no JSON, but the producers' library writes them,
 * and a trip must not be missed for it. NULL where memory ran out.
 */
static char *with_numbers_quoted(const char *text, size_t n)
{
    text_t copy = {0};
    for (size_t at = 0; at < n;) {
        size_t token = not_a_number_bytes(text + at);
        size_t end = token ? at + token : at + 1;
        if (text[at] == '"')
            end = skip_string(text, n, at);
        text_append(&copy, "\"", token ? 1 : 0);
        text_append(&copy, text + at, end - at);
        text_append(&copy, "\"", token ? 1 : 0);
        at = end;
    }
    return text_take(&copy);
}

/* Takes the white space between the tokens of valid JSON away, in place: numbers keep every digit.
 */
static void minify(char *text)
{
    size_t n = strlen(text);
    size_t to = 0;
    for (size_t at = 0; at < n;) {
        size_t end = text[at] == '"' ? skip_string(text, n, at) : at + 1;
        if (!strchr(" \t\r\n", text[at])) {
            memmove(text + to, text + at, end - at);
            to += end - at;
        }
        at = end;
    }
    text[to] = '\0';
}

/* The object that TEXT is; NULL with *RETERR. As reals, integers of any length are fine: the texts
 * alone are looked at. */
static json_t *parse_object(const char *text, trip_error_t *reterr)
{
    json_error_t error;
    json_t *json =
        json_loads(text, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL | JSON_DECODE_ANY, &error);
    if (json_is_object(json))
        return json;
    if (json)
        refuse(reterr, "payload is no JSON object");
    else if (json_path_is_memory_fault(&error))
        (void)refuse_for_memory(reterr); /* the entry comes again: a trip must not be lost */
    else
        refuse(reterr, "payload is no JSON: %.120s", error.text);
    json_decref(json);
    return NULL;
}

static int read_payload(const trip_field_t *field, json_t **ret_json, char **ret_data,
                        trip_error_t *reterr)
{
    size_t n = 0;
    char *text = repaired(field->value, field->value_bytes, &n);
    if (!text)
        return refuse_for_memory(reterr);
    bool is_deep = is_too_deep(text, n);
    char *data = is_deep ? NULL : with_numbers_quoted(text, n);
    free(text);
    if (!data)
        return is_deep ? refuse(reterr, "payload is nested deeper than %d", TRIP_PAYLOAD_MAX_DEPTH)
                       : refuse_for_memory(reterr);
    json_t *json = parse_object(data, reterr);
    if (!json) {
        free(data);
        return -1;
    }
    minify(data);
    *ret_json = json;
    *ret_data = data;
    return 0;
}

/* JSON as text; NULL where memory ran out. json_dumps would then leave parts of it out. */
static char *text_of(const json_t *json)
{
    const size_t flags = JSON_COMPACT | JSON_ENCODE_ANY;
    size_t n = json_dumpb(json, NULL, 0, flags);
    char *text = n > 0 ? malloc(n + 1) : NULL;
    if (!text || json_dumpb(json, text, n, flags) != n) {
        free(text);
        return NULL;
    }
    text[n] = '\0';
    return text;
}

/* --- form of raw fields --- */

static int add_field(json_t *json, const trip_field_t *field)
{
    size_t n_name = 0;
    size_t n_value = 0;
    char *name = repaired(field->name, field->name_bytes, &n_name);
    char *value = repaired(field->value, field->value_bytes, &n_value);
    /* A name ends at a NUL: jansson knows no key with one. */
    int rc = name && value ? json_object_set_new(json, name, json_stringn(value, n_value)) : -1;
    free(name);
    free(value);
    return rc;
}

static int read_fields(const trip_field_t *fields, size_t n_fields, json_t **ret_json,
                       char **ret_data, trip_error_t *reterr)
{
    if (n_fields == 0)
        return refuse(reterr, "the entry has no fields");
    CLEANUP(json_destroy) json_t *json = json_object();
    for (size_t i = 0; i < n_fields; i++)
        if (!json || add_field(json, &fields[i]))
            return refuse_for_memory(reterr);
    char *data = text_of(json);
    if (data && strlen(data) > DETAILS_MAX_BYTES) { /* control characters: six bytes each */
        free(data);
        data = strdup(DATA_TOO_LONG);
    }
    if (!data)
        return refuse_for_memory(reterr);
    *ret_data = data;
    *ret_json = json_incref(json);
    return 0;
}

/* --- meaning --- */

/* Copy of TEXT within the bound; NULL where memory ran out. */
static char *reason_text(const char *text)
{
    char reason[TRIP_REASON_MAX_BYTES + 1];
    (void)utf8_repair(text, strlen(text), reason, sizeof reason); /* cuts at a whole character */
    return strdup(reason);
}

/* The reason of a payload; FALLBACK where it has none. NULL where memory ran out. */
static char *reason_of(const json_t *json, const char *fallback)
{
    const json_t *reason = json_object_get(json, "reason");
    if (!reason || json_is_null(reason))
        return reason_text(fallback);
    if (json_is_string(reason))
        return reason_text(*json_string_value(reason) ? json_string_value(reason) : fallback);
    char *other = text_of(reason);
    char *text = other ? reason_text(other) : NULL;
    free(other);
    return text;
}

/* Sets effect and reason of a change of state. */
static int read_state_change(const json_t *json, trip_event_t *event, trip_error_t *reterr)
{
    const char *state = json_string_value(json_object_get(json, "new_state"));
    if (!state)
        return refuse(reterr, "new_state is missing");
    if (strcmp(state, "CRITICAL") == 0 || strcmp(state, "TRIPPED") == 0) {
        char fallback[32];
        (void)snprintf(fallback, sizeof fallback, "State %s", state);
        event->effect = TRIP_TRIPS;
        event->reason = reason_of(json, fallback);
        return event->reason ? 0 : refuse_for_memory(reterr);
    }
    bool resets = strcmp(state, "NORMAL") == 0 || strcmp(state, "ARMED") == 0 ||
                  strcmp(state, "DISABLED") == 0;
    event->effect = resets ? TRIP_RESETS : TRIP_CHANGES_NOTHING;
    return 0;
}

static int read_meaning(const json_t *json, trip_event_t *event, trip_error_t *reterr)
{
    switch (event->type) {
    case TRIP_EVENT_TRIPPED:
        event->effect = TRIP_TRIPS;
        event->reason = reason_of(json, REASON_MISSING);
        return event->reason ? 0 : refuse_for_memory(reterr);
    case TRIP_EVENT_MANUAL_RESET:
    case TRIP_EVENT_REARMED:
        event->effect = TRIP_RESETS;
        return 0;
    case TRIP_EVENT_STATE_CHANGED:
        return read_state_change(json, event, reterr);
    case TRIP_EVENT_TYPE_COUNT:
        break;
    }
    return refuse(reterr, "unknown event type");
}

static const trip_field_t *payload_of(const trip_field_t *fields, size_t n_fields)
{
    static const char name[] = "payload";
    for (size_t i = 0; i < n_fields; i++)
        if (fields[i].name_bytes == sizeof name - 1 &&
            memcmp(fields[i].name, name, sizeof name - 1) == 0)
            return &fields[i];
    return NULL;
}

static bool is_too_large(const trip_field_t *fields, size_t n_fields)
{
    size_t bytes = 0;
    for (size_t i = 0; i < n_fields && bytes <= TRIP_PAYLOAD_MAX_BYTES; i++)
        bytes += fields[i].name_bytes + fields[i].value_bytes;
    return bytes > TRIP_PAYLOAD_MAX_BYTES;
}

int trip_event_parse(trip_event_type_t type, const trip_field_t *fields, size_t n_fields,
                     trip_event_t *ret, trip_error_t *reterr)
{
    if (n_fields > TRIP_FIELDS_MAX)
        return refuse(reterr, "more than %d fields", TRIP_FIELDS_MAX);
    const trip_field_t *payload = payload_of(fields, n_fields);
    if (payload ? payload->value_bytes > TRIP_PAYLOAD_MAX_BYTES : is_too_large(fields, n_fields))
        return refuse(reterr, "more than %zu bytes", TRIP_PAYLOAD_MAX_BYTES);
    CLEANUP(json_destroy) json_t *json = NULL;
    trip_event_t event = {.type = type};
    if (payload ? read_payload(payload, &json, &event.data, reterr)
                : read_fields(fields, n_fields, &json, &event.data, reterr))
        return -1;
    if (read_meaning(json, &event, reterr)) {
        trip_event_clear(&event);
        return -1;
    }
    *ret = event;
    return 0;
}
