/* A datagram, and the one that answers it. */
#include "core/probes/udp.h"

#include "core/condition_values.h"
#include "core/dialogue.h"
#include "core/probe_options.h"
#include "core/url.h"

enum { UDP_SEND, UDP_EXPECT, UDP_KEYS };

static const char *const schemes[] = {"udp", NULL};

static const schema_key_t keys[UDP_KEYS] = {
    [UDP_SEND] = {"send", SCHEMA_TEXT,
                  .text = "the datagram (empty by default), with \\r \\n \\t \\0 \\\\ \\xNN; at "
                          "most 1400 bytes"},
    [UDP_EXPECT] = {"expect", SCHEMA_TEXT,
                    .text = "regular expression that an answer must match; any answer without it"},
};

static bool is_url(const char *url)
{
    endpoint_url_t parsed;
    return endpoint_url_parse(url, "udp", 0, &parsed) == 0 && !parsed.user[0] &&
           !parsed.password[0] && !parsed.path[0];
}

static void read_send(const probe_options_t *options, udp_settings_t *udp)
{
    char fault[DIALOGUE_FAULT_BYTES];
    const char *text = probe_option_text(options, UDP_SEND);
    if (!text)
        return;
    if (dialogue_unescape(text, &udp->send, fault))
        probe_option_fault(options, UDP_SEND, "%s", fault);
    else if (udp->send.is_failed)
        probe_option_out_of_memory(options);
    else if (udp->send.size > UDP_SEND_MAX_BYTES)
        probe_option_fault(options, UDP_SEND, "longer than %d bytes", UDP_SEND_MAX_BYTES);
}

static void read_settings(const probe_options_t *options, void *settings)
{
    udp_settings_t *udp = settings;
    char fault[DIALOGUE_FAULT_BYTES];
    read_send(options, udp);
    udp->expect_text = probe_option_text(options, UDP_EXPECT);
    if (!udp->expect_text || dialogue_regex(udp->expect_text, &udp->expect, fault) == 0)
        return;
    if (fault[0])
        probe_option_fault(options, UDP_EXPECT, "%s", fault);
    else
        probe_option_out_of_memory(options);
}

static void clear_settings(void *settings)
{
    udp_settings_t *udp = settings;
    text_clear(&udp->send);
    condition_regex_destroy(&udp->expect);
}

const probe_type_row_t probe_udp = {
    .name = "udp",
    .schemes = schemes,
    .url_form = "udp://host:port",
    .error_prefix = "UDP check failed: ",
    .is_url = is_url,
    .values = CONDITION_REACHED | CONDITION_ANSWERED | CONDITION_BIT(CONDITION_OUTPUT),
    .keys = keys,
    .n_keys = UDP_KEYS,
    .settings_bytes = sizeof(udp_settings_t),
    .read = read_settings,
    .clear = clear_settings,
};
