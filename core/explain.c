#include "core/explain.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/explain_parts.h"
#include "core/timestamp.h"
#include "core/utf8.h"

/* --- members --- */

/* A comma where something stands before what comes. */
static void separate(text_t *out)
{
    if (out->size > 0 && !strchr("{[", out->bytes[out->size - 1]))
        text_append_string(out, ",");
}

static void put_key(text_t *out, const char *key)
{
    separate(out);
    text_appendf(out, "\"%s\":", key);
}

/* Copies TEXT as UTF-8, at most EXPLAIN_TEXT_BYTES with an ellipsis where it was longer. */
static void shorten(const char *text, char ret[EXPLAIN_TEXT_BYTES])
{
    static const char more[] = "...";
    size_t n = strlen(text);
    size_t size = n < EXPLAIN_TEXT_BYTES ? EXPLAIN_TEXT_BYTES : EXPLAIN_TEXT_BYTES - sizeof more;
    size_t n_copied = utf8_repair(text, n, ret, size);
    if (n >= EXPLAIN_TEXT_BYTES)
        memcpy(ret + n_copied, more, sizeof more);
}

void explain_string(text_t *out, const char *key, const char *value)
{
    char shown[EXPLAIN_TEXT_BYTES];
    put_key(out, key);
    if (!value) {
        text_append_string(out, "null");
        return;
    }
    shorten(value, shown);
    text_append_json(out, shown);
}

void explain_integer(text_t *out, const char *key, int64_t value)
{
    put_key(out, key);
    text_appendf(out, "%" PRId64, value);
}

void explain_number(text_t *out, const char *key, double value)
{
    put_key(out, key);
    if (isfinite(value))
        text_appendf(out, "%.10g", value);
    else
        text_append_string(out, "null");
}

void explain_boolean(text_t *out, const char *key, bool value)
{
    put_key(out, key);
    text_append_string(out, value ? "true" : "false");
}

void explain_time(text_t *out, const char *key, int64_t at_us)
{
    char text[TIMESTAMP_BYTES];
    timestamp_iso(at_us, text);
    explain_string(out, key, at_us == 0 ? NULL : text);
}

void explain_age(text_t *out, const char *key, int64_t age_us)
{
    if (age_us < 0)
        explain_string(out, key, NULL);
    else
        explain_integer(out, key, age_us / 1000);
}

/* --- nodes --- */

/* Appends SENTENCE as a JSON text and empties it. */
static void put_sentence(text_t *out, text_t *sentence)
{
    char *text = text_take(sentence);
    if (text)
        text_append_json(out, text);
    else
        out->is_failed = true;
    free(text);
}

void explain_begin(text_t *out, const char *rule, bool holds, text_t *sentence)
{
    separate(out);
    text_appendf(out, "{\"rule\":\"%s\",\"holds\":%s,\"text\":", rule, holds ? "true" : "false");
    put_sentence(out, sentence);
    text_append_string(out, ",\"values\":{");
}

void explain_children(text_t *out)
{
    text_append_string(out, "},\"children\":[");
}

void explain_end(text_t *out)
{
    text_append_string(out, "]}");
}

void explain_sentence(text_t *out, text_t *sentence)
{
    put_key(out, "sentence");
    put_sentence(out, sentence);
    text_append_string(out, ",\"derivation\":[");
}

/* --- sentences --- */

void explain_say(text_t *sentence, const char *text)
{
    char shown[EXPLAIN_TEXT_BYTES];
    shorten(text, shown);
    text_append_string(sentence, shown);
}

void explain_say_time(text_t *sentence, int64_t at_us)
{
    char text[TIMESTAMP_BYTES];
    timestamp_iso(at_us, text);
    text_append_string(sentence, text);
}

void explain_say_seconds(text_t *sentence, int64_t us)
{
    text_appendf(sentence, "%.1f s", (double)us / 1e6);
}

int64_t explain_age_us(int64_t at_us, now_t now)
{
    return now.wall_us > at_us ? now.wall_us - at_us : 0;
}

double explain_latency_ms(const target_state_t *shown)
{
    return shown->latency_us == LATENCY_NONE ? (double)NAN : (double)shown->latency_us / 1000;
}

void explain_say_reason(text_t *sentence, const target_state_t *shown)
{
    if (shown->reason == REASON_NONE)
        return;
    text_appendf(sentence, " for %s", reason_name(shown->reason));
    if (shown->reason == REASON_STATUS && shown->measurement &&
        shown->measurement->http_code != MEASURED_NONE)
        text_appendf(sentence, " (HTTP %" PRId64 ")", shown->measurement->http_code);
}

void explain_say_state(text_t *sentence, const target_state_t *shown)
{
    explain_say(sentence, shown->name);
    text_appendf(sentence, " is %s", status_name(shown->status));
    explain_say_reason(sentence, shown);
    if (shown->error) {
        text_append_string(sentence, ": ");
        explain_say(sentence, shown->error);
    }
}

explain_outcome_t explain(model_t *model, const char *name, now_t now, char **ret)
{
    model_settle_groups(model);
    long at = name ? config_target_at(model->config, name) : -1;
    text_t out = {0};
    if (name && at < 0)
        return EXPLAIN_NO_SUCH_TARGET;
    if (name)
        explain_target(model, (size_t)at, now, &out);
    else
        explain_system(model, now, &out);
    *ret = text_take(&out);
    return *ret ? EXPLAINED : EXPLAIN_NO_MEMORY;
}
