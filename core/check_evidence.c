/* What is kept of a check that was not OK, for people who look for the cause. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/check_parts.h"
#include "core/text.h"
#include "core/timestamp.h"
#include "core/utf8.h"

/* Bytes of a header's name or value, or of the status line, that are kept. */
#define VALUE_BYTES 1024
/* What stands for a secret. */
#define MASK "***"
/* A secret of fewer bytes is not looked for in a body: it would hide half of it. */
#define SECRET_MIN_BYTES 6

/* Headers of answers and requests whose values are nobody's business. */
static bool is_secret_header(const char *name, size_t n)
{
    static const char *const names[] = {"authorization", "proxy-authorization", "set-cookie",
                                        "cookie", "x-api-key"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strlen(names[i]) == n && strncasecmp(names[i], name, n) == 0)
            return true;
    return false;
}

/* N bytes of TEXT as UTF-8 without control characters but line ends and tabs, at most
 * CHECK_EVIDENCE_BODY_BYTES of them. NULL: out of memory. */
static char *legible(const char *text, size_t n)
{
    if (n > CHECK_EVIDENCE_BODY_BYTES)
        n = CHECK_EVIDENCE_BODY_BYTES;
    char *copy = malloc(n * UTF8_REPAIR_FACTOR + 1);
    if (!copy)
        return NULL;
    size_t n_copy = utf8_repair(text, n, copy, n * UTF8_REPAIR_FACTOR + 1);
    for (size_t i = 0; i < n_copy; i++) {
        unsigned char byte = (unsigned char)copy[i];
        if ((byte < 0x20 && byte != '\n' && byte != '\r' && byte != '\t') || byte == 0x7F)
            copy[i] = ' ';
    }
    return copy;
}

/* Stars for SECRET wherever TEXT repeats it. */
static void hide(char *text, const char *secret)
{
    size_t n = secret ? strlen(secret) : 0;
    if (n < SECRET_MIN_BYTES)
        return;
    for (char *at = strstr(text, secret); at; at = strstr(at + n, secret))
        memset(at, '*', n);
}

/* Services that tell what they were asked with must not carry our credentials here. */
static void hide_credentials(const target_t *target, char *text)
{
    const http_settings_t *settings = target->http;
    if (!settings)
        return;
    hide(text, settings->password);
    hide(text, settings->token);
    hide(text, settings->client_secret);
    for (size_t i = 0; i < settings->n_headers; i++) {
        const http_header_t *header = &settings->headers[i];
        if (is_secret_header(header->name, strlen(header->name)))
            hide(text, header->value);
    }
}

static void append_text(text_t *json, const target_t *target, const char *text, size_t n)
{
    char *copy = legible(text, n);
    if (!copy) {
        json->is_failed = true;
        return;
    }
    hide_credentials(target, copy);
    text_append_json(json, copy);
    free(copy);
}

static void append_member(text_t *json, const target_t *target, const char *key, const char *text)
{
    if (!text || !text[0])
        return;
    size_t n = strlen(text);
    text_appendf(json, ", \"%s\": ", key);
    append_text(json, target, text, n < VALUE_BYTES ? n : VALUE_BYTES);
}

static void append_phases(text_t *json, const check_seen_t *seen)
{
    static const char *const names[CONDITION_PHASES] = {"resolve", "connect", "tls", "first_byte",
                                                        "transfer"};
    const char *separator = "";
    text_append_string(json, ", \"phases_ms\": {");
    for (size_t i = 0; i < CONDITION_PHASES; i++) {
        if (seen->phase_us[i] < 0)
            continue;
        text_appendf(json, "%s\"%s\": %.2f", separator, names[i], (double)seen->phase_us[i] / 1000);
        separator = ", ";
    }
    text_append_string(json, "}");
}

/* Lists, as a name may come twice. */
static void append_headers(text_t *json, const target_t *target, const check_seen_t *seen)
{
    size_t most = json->size + CHECK_EVIDENCE_HEADERS_BYTES;
    size_t n_kept = 0;
    text_append_string(json, ", \"headers\": [");
    for (size_t i = 0; i < seen->n_headers && !json->is_failed; i++) {
        const condition_field_t *header = &seen->headers[i];
        bool is_secret = is_secret_header(header->name.bytes, header->name.n);
        size_t n = header->text.n < VALUE_BYTES ? header->text.n : VALUE_BYTES;
        size_t before = json->size;
        text_append_string(json, n_kept ? ", [" : "[");
        append_text(json, target, header->name.bytes,
                    header->name.n < VALUE_BYTES ? header->name.n : VALUE_BYTES);
        text_append_string(json, ", ");
        if (is_secret)
            text_append_json(json, MASK);
        else
            append_text(json, target, header->text.bytes, n);
        text_append_string(json, "]");
        n_kept++;
        if (json->size > most && !json->is_failed) {
            json->size = before; /* it does not fit: shorter ones may */
            json->bytes[before] = '\0';
            n_kept--;
        }
    }
    text_appendf(json, "], \"n_headers_left_out\": %zu", seen->n_headers - n_kept);
}

int check_keep_evidence(const target_t *target, const check_outcome_t *outcome, probe_result_t *ret)
{
    static const check_seen_t nothing = {.phase_us = {-1, -1, -1, -1, -1}};
    const check_seen_t *seen = outcome->seen ? outcome->seen : &nothing;
    char at[TIMESTAMP_BYTES];
    timestamp_iso(ret->finished_at_us, at);
    text_t json = {0};
    text_appendf(&json, "{\"at\": \"%s\", \"status\": \"%s\", \"reason\": \"%s\"", at,
                 status_name(ret->status), reason_name(ret->reason));
    append_member(&json, target, "error", ret->error);
    append_member(&json, target, "ip", seen->ip);
    append_member(&json, target, "http_version", seen->http_version);
    append_member(&json, target, "tls_version", seen->tls_version);
    append_member(&json, target, "status_line", seen->status_line);
    append_phases(&json, seen);
    append_headers(&json, target, seen);
    if (!outcome->fault && outcome->body) {
        bool is_cut = outcome->is_body_cut || outcome->n_body > CHECK_EVIDENCE_BODY_BYTES;
        text_append_string(&json, ", \"body\": ");
        append_text(&json, target, outcome->body, outcome->n_body);
        text_appendf(&json, ", \"is_body_cut\": %s", is_cut ? "true" : "false");
    }
    const check_answer_t *answer = outcome->fault ? NULL : outcome->answer;
    if (answer && answer->output) {
        text_append_string(&json, ", \"output\": ");
        append_text(&json, target, answer->output, answer->n_output);
    }
    text_append_string(&json, "}");
    ret->evidence = text_take(&json);
    return ret->evidence ? 0 : -1;
}
