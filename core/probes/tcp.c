/* A connection, TLS on it where it is asked for, and what is said and answered on it. */
#include "core/probes/tcp.h"

#include <string.h>

#include "core/condition_values.h"
#include "core/probe_options.h"
#include "core/schema_tables.h"
#include "core/url.h"

enum { TCP_PRESET, TCP_DIALOGUE, TCP_TLS, TCP_READ_LIMIT, TCP_KEYS };

static const char *const schemes[] = {"tcp", NULL};

/* Steps of a preset, at most, with the NULL. */
#define PRESET_STEPS_MAX 12

typedef enum {
    PRESET_NONE,
    PRESET_SMTP,
    PRESET_SMTP_STARTTLS,
    PRESET_IMAP,
    PRESET_IMAP_STARTTLS,
    PRESET_POP3,
    PRESET_POP3_STARTTLS,
    PRESET_FTP,
    PRESET_FTP_STARTTLS,
    PRESET_SSH,
    PRESET_MYSQL,
    PRESET_COUNT
} preset_t;

static const char *const preset_names[PRESET_COUNT + 1] = {
    "none",          "smtp", "smtp_starttls", "imap", "imap_starttls", "pop3",
    "pop3_starttls", "ftp",  "ftp_starttls",  "ssh",  "mysql",         NULL};

/* Each takes leave where the protocol has a word for it, so that no server logs a lost client. */
#define SMTP_GREETING "reject ^[45][0-9][0-9][ -].*\\r?\\n", "expect ^220 .*\\r?\\n"
static const char *const presets[PRESET_COUNT][PRESET_STEPS_MAX] = {
    [PRESET_SMTP] = {SMTP_GREETING, "send QUIT\\r\\n"},
    [PRESET_SMTP_STARTTLS] = {SMTP_GREETING, "send EHLO healthd\\r\\n", "expect ^250 .*\\r?\\n",
                              "send STARTTLS\\r\\n", "expect ^220 .*\\r?\\n", "starttls",
                              "send EHLO healthd\\r\\n", "expect ^250 .*\\r?\\n",
                              "send QUIT\\r\\n"},
    [PRESET_IMAP] = {"reject ^\\* BYE.*\\r?\\n", "expect ^\\* (OK|PREAUTH).*\\r?\\n",
                     "send a1 LOGOUT\\r\\n"},
    [PRESET_IMAP_STARTTLS] = {"reject ^(\\* BYE|a1 (NO|BAD)).*\\r?\\n", "expect ^\\* OK.*\\r?\\n",
                              "send a1 STARTTLS\\r\\n", "expect ^a1 OK.*\\r?\\n", "starttls",
                              "send a2 LOGOUT\\r\\n"},
    [PRESET_POP3] = {"reject ^-ERR.*\\r?\\n", "expect ^\\+OK.*\\r?\\n", "send QUIT\\r\\n"},
    [PRESET_POP3_STARTTLS] = {"reject ^-ERR.*\\r?\\n", "expect ^\\+OK.*\\r?\\n", "send STLS\\r\\n",
                              "expect ^\\+OK.*\\r?\\n", "starttls", "send QUIT\\r\\n"},
    [PRESET_FTP] = {SMTP_GREETING, "send QUIT\\r\\n"},
    [PRESET_FTP_STARTTLS] = {SMTP_GREETING, "send AUTH TLS\\r\\n", "expect ^234 .*\\r?\\n",
                             "starttls", "send QUIT\\r\\n"},
    [PRESET_SSH] = {"expect ^SSH-(?<ssh>2\\.0|1\\.99)-.*\\r?\\n"},
    /* The protocol's number, 10, and the version; a server that refuses us sends an error. */
    [PRESET_MYSQL] = {"expect \\n(?<version>[0-9][^\\x00]*)\\x00"},
};
#undef SMTP_GREETING

static const schema_key_t keys[TCP_KEYS] = {
    [TCP_PRESET] = {"preset", SCHEMA_CHOICE, .choices = preset_names, .fallback = "none",
                    .text = "the greeting of a known protocol; with _starttls its certificate too"},
    [TCP_DIALOGUE] = {"dialogue", SCHEMA_TEXT, .is_list = true, .most = DIALOGUE_STEPS_MAX,
                      .text = "steps, one after another: expect REGEX, reject REGEX, send TEXT "
                              "(with \\r \\n \\t \\0 \\\\ \\xNN and \\{captured}), starttls"},
    [TCP_TLS] = {"tls", SCHEMA_BOOLEAN, .fallback = "false",
                 .text = "TLS from the start, by the rules of the target's map tls"},
    [TCP_READ_LIMIT] = {"read_limit", SCHEMA_SIZE, .least = 64, .most = MIB, .fallback = "16KiB",
                        .text = "bytes that may come before the dialogue is through"},
};

static bool is_url(const char *url)
{
    endpoint_url_t parsed;
    return endpoint_url_parse(url, "tcp", 0, &parsed) == 0 && !parsed.user[0] &&
           !parsed.password[0] && !parsed.path[0];
}

static void read_preset(const probe_options_t *options, preset_t preset, dialogue_t *dialogue)
{
    char fault[DIALOGUE_FAULT_BYTES];
    for (size_t i = 0; i < PRESET_STEPS_MAX && presets[preset][i]; i++) {
        if (dialogue_add(dialogue, presets[preset][i], fault))
            probe_option_out_of_memory(options); /* nothing else is wrong with them: a unit test */
    }
}

static void read_dialogue(const probe_options_t *options, dialogue_t *dialogue)
{
    for (size_t i = 0; i < probe_option_n_texts(options, TCP_DIALOGUE); i++) {
        char fault[DIALOGUE_FAULT_BYTES];
        const char *text = probe_option_text_at(options, TCP_DIALOGUE, i);
        if (!text || dialogue_add(dialogue, text, fault) == 0)
            continue;
        if (fault[0])
            probe_option_fault_at(options, TCP_DIALOGUE, i, "%s", fault);
        else
            probe_option_out_of_memory(options);
    }
}

/* TLS begins once. */
static void check_starttls(const probe_options_t *options, const tcp_settings_t *settings)
{
    bool is_secured = settings->is_secured;
    size_t n_texts = probe_option_n_texts(options, TCP_DIALOGUE);
    if (n_texts > 0 && settings->dialogue.n_steps != n_texts)
        return; /* other faults are told: positions do not fit */
    for (size_t i = 0; i < settings->dialogue.n_steps; i++) {
        if (settings->dialogue.steps[i].verb != DIALOGUE_STARTTLS)
            continue;
        if (is_secured && n_texts > 0)
            probe_option_fault_at(options, TCP_DIALOGUE, i, "TLS has begun before this step");
        else if (is_secured)
            probe_option_fault(options, TCP_TLS, "the preset begins TLS itself");
        is_secured = true;
    }
}

static void read_settings(const probe_options_t *options, void *settings)
{
    tcp_settings_t *tcp = settings;
    preset_t preset = (preset_t)probe_option_number(options, TCP_PRESET);
    tcp->is_secured = probe_option_number(options, TCP_TLS) != 0;
    tcp->read_limit_bytes = (size_t)probe_option_number(options, TCP_READ_LIMIT);
    if (preset != PRESET_NONE && probe_option_n_texts(options, TCP_DIALOGUE) > 0)
        probe_option_fault(options, TCP_DIALOGUE, "the preset says what is said already");
    else if (preset != PRESET_NONE)
        read_preset(options, preset, &tcp->dialogue);
    else
        read_dialogue(options, &tcp->dialogue);
    check_starttls(options, tcp);
}

static void clear_settings(void *settings)
{
    tcp_settings_t *tcp = settings;
    dialogue_clear(&tcp->dialogue);
}

const probe_type_row_t probe_tcp = {
    .name = "tcp",
    .schemes = schemes,
    .url_form = "tcp://host:port",
    .takes_tls = true,
    .error_prefix = "TCP check failed: ",
    .is_url = is_url,
    .values = CONDITION_REACHED | CONDITION_SECURED | CONDITION_ANSWERED |
              CONDITION_BIT(CONDITION_OUTPUT),
    .keys = keys,
    .n_keys = TCP_KEYS,
    .settings_bytes = sizeof(tcp_settings_t),
    .read = read_settings,
    .clear = clear_settings,
};
