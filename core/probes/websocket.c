/* An upgrade to WebSocket, a message, and the one that answers it. */
#include "core/probes/websocket.h"

#include <string.h>
#include <strings.h>

#include "core/condition_values.h"
#include "core/dialogue.h"
#include "core/probe_options.h"
#include "core/schema_tables.h"
#include "core/url.h"

enum {
    WEBSOCKET_SEND,
    WEBSOCKET_EXPECT,
    WEBSOCKET_SUBPROTOCOL,
    WEBSOCKET_ORIGIN,
    WEBSOCKET_HEADERS,
    WEBSOCKET_READ_LIMIT,
    WEBSOCKET_KEYS
};

static const char *const schemes[] = {"ws", "wss", NULL};

static const schema_key_t keys[WEBSOCKET_KEYS] = {
    [WEBSOCKET_SEND] = {"send", SCHEMA_TEXT, .text = "text message that is sent"},
    [WEBSOCKET_EXPECT] = {"expect", SCHEMA_TEXT,
                          .text = "regular expression that a message must match; with send alone "
                                  "any message will do, without both none is waited for"},
    [WEBSOCKET_SUBPROTOCOL] = {"subprotocol", SCHEMA_WORD, .is_list = true, .least = 1, .most = 64,
                               .text = "subprotocols that are asked for, the best first"},
    [WEBSOCKET_ORIGIN] = {"origin", SCHEMA_FIELD, .text = "the header Origin"},
    [WEBSOCKET_HEADERS] = {"headers", SCHEMA_FIELD, .is_list = true, .most = SCHEMA_HEADERS_MAX,
                           .text = "other headers of the request, each \"Name: value\""},
    [WEBSOCKET_READ_LIMIT] = {"read_limit", SCHEMA_SIZE, .least = 64, .most = MIB,
                              .fallback = "64KiB", .text = "bytes that a message may have"},
};

static bool is_url(const char *url)
{
    endpoint_url_t parsed;
    return (endpoint_url_parse(url, "ws", 80, &parsed) == 0 ||
            endpoint_url_parse(url, "wss", 443, &parsed) == 0) &&
           !parsed.user[0] && !parsed.password[0];
}

/* Headers that are ours to send. */
static bool is_ours(const char *name, size_t n)
{
    static const char *const names[] = {"Host", "Upgrade", "Connection", "Origin"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strlen(names[i]) == n && strncasecmp(names[i], name, n) == 0)
            return true;
    return n >= 14 && strncasecmp(name, "Sec-WebSocket-", 14) == 0;
}

static void read_headers(const probe_options_t *options, websocket_settings_t *settings)
{
    static const char token[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ"; /* RFC 9110, section 5.6.2 */
    for (size_t i = 0; i < probe_option_n_texts(options, WEBSOCKET_HEADERS); i++) {
        const char *text = probe_option_text_at(options, WEBSOCKET_HEADERS, i);
        if (!text)
            continue;
        size_t n = strspn(text, token);
        if (n == 0 || text[n] != ':')
            probe_option_fault_at(options, WEBSOCKET_HEADERS, i, "it is no \"Name: value\"");
        else if (is_ours(text, n))
            probe_option_fault_at(options, WEBSOCKET_HEADERS, i,
                                  "this header is part of the protocol%s",
                                  strncasecmp(text, "Origin", n) == 0 ? ": see origin" : "");
        else
            text_appendf(&settings->headers, "%s\r\n", text);
    }
    const char *origin = probe_option_text(options, WEBSOCKET_ORIGIN);
    if (origin)
        text_appendf(&settings->headers, "Origin: %s\r\n", origin);
}

static void read_settings(const probe_options_t *options, void *settings)
{
    websocket_settings_t *websocket = settings;
    char fault[DIALOGUE_FAULT_BYTES];
    websocket->send = probe_option_text(options, WEBSOCKET_SEND);
    websocket->expect_text = probe_option_text(options, WEBSOCKET_EXPECT);
    websocket->read_limit_bytes = (size_t)probe_option_number(options, WEBSOCKET_READ_LIMIT);
    if (websocket->expect_text &&
        dialogue_regex(websocket->expect_text, &websocket->expect, fault)) {
        if (fault[0])
            probe_option_fault(options, WEBSOCKET_EXPECT, "%s", fault);
        else
            probe_option_out_of_memory(options);
    }
    for (size_t i = 0; i < probe_option_n_texts(options, WEBSOCKET_SUBPROTOCOL); i++) {
        const char *text = probe_option_text_at(options, WEBSOCKET_SUBPROTOCOL, i);
        if (text && strchr(text, ','))
            probe_option_fault_at(options, WEBSOCKET_SUBPROTOCOL, i, "a comma cannot stand in it");
        else if (text)
            text_appendf(&websocket->subprotocols, "%s%s", i > 0 ? ", " : "", text);
    }
    read_headers(options, websocket);
    if (websocket->subprotocols.is_failed || websocket->headers.is_failed)
        probe_option_out_of_memory(options);
}

static void clear_settings(void *settings)
{
    websocket_settings_t *websocket = settings;
    condition_regex_destroy(&websocket->expect);
    text_clear(&websocket->subprotocols);
    text_clear(&websocket->headers);
}

const probe_type_row_t probe_websocket = {
    .name = "websocket",
    .schemes = schemes,
    .url_form = "ws://host[:port][/path] or wss://host[:port][/path]",
    .takes_tls = true,
    .error_prefix = "WebSocket check failed: ",
    .is_url = is_url,
    .values = CONDITION_REACHED | CONDITION_SECURED | CONDITION_ANSWERED |
              CONDITION_BIT(CONDITION_STATUS) | CONDITION_BIT(CONDITION_HEADER) |
              CONDITION_BIT(CONDITION_OUTPUT),
    .keys = keys,
    .n_keys = WEBSOCKET_KEYS,
    .settings_bytes = sizeof(websocket_settings_t),
    .read = read_settings,
    .clear = clear_settings,
};
