/* Heartbeats: a job tells that it ran. */
#include "core/probes/heartbeat.h"

#include <string.h>
#include <strings.h>

#include "core/condition_values.h"
#include "core/probe_options.h"
#include "core/probe_type.h"
#include "core/schema_tables.h"

/* Bytes below which a token can be guessed. */
#define TOKEN_SHORT_BYTES 16
/* The tolerance that is not given: this part of the grace, and at most so much. */
#define TOLERANCE_PART    10
#define TOLERANCE_MOST_US ((int64_t)60 * 1000000)

enum { TOKEN, PERIOD, SCHEDULE, TIMEZONE, GRACE, TOLERANCE, MAX_RUNTIME, KEYS };

static const schema_key_t keys[KEYS] = {
    [TOKEN] = {"token", SCHEMA_TOKEN, .most = 1024,
               .text = "credential of its pings, which no other target has: the job calls "
                       "/ping/TOKEN; best as ${file:PATH}"},
    [PERIOD] = {"period", SCHEMA_DURATION, .least = SECOND, .most = 400 * DAY,
                .text = "time from one ping to the next; this or a schedule"},
    [SCHEDULE] = {"schedule", SCHEMA_TEXT,
                  .text = "when the job runs, as crontab(5) has it: five fields, or @daily and the "
                          "like"},
    [TIMEZONE] = {"timezone", SCHEMA_TEXT, .fallback = "UTC",
                  .text = "IANA time zone of the schedule: Europe/Oslo"},
    [GRACE] = {"grace", SCHEMA_DURATION, .least = 0, .most = 30 * DAY, .fallback = "5m",
               .text = "how long after the expected time a ping may still come; then it is DOWN"},
    [TOLERANCE] = {"tolerance", SCHEMA_DURATION, .least = 0, .most = DAY,
                   .text =
                       "how long after the expected time it is still OK, and DEGRADED from then "
                       "on; by default a tenth of grace, at most 1m"},
    [MAX_RUNTIME] = {"max_runtime", SCHEMA_DURATION, .least = SECOND, .most = 30 * DAY,
                     .text = "how long a run may take whose start was told; then it is DOWN"},
};

static const char *const schemes[] = {"heartbeat", NULL};

static bool is_url(const char *url)
{
    return strcasecmp(url, "heartbeat:") == 0;
}

/* --- reading --- */

static void read_token(const probe_options_t *options, heartbeat_settings_t *settings)
{
    settings->token = probe_option_text(options, TOKEN);
    if (!probe_option_is_given(options, TOKEN))
        probe_option_fault(options, TOKEN, "a heartbeat needs one");
    if (!settings->token)
        return;
    if (strpbrk(settings->token, "/?#%"))
        probe_option_fault(options, TOKEN, "none of / ? # %% may stand in it: it is part of a URL");
    else if (probe_option_is_plain(options, TOKEN))
        probe_option_warn(options, TOKEN,
                          "it stands in the file for all who can read it; ${file:PATH} keeps it "
                          "apart");
    else if (strlen(settings->token) < TOKEN_SHORT_BYTES)
        probe_option_warn(options, TOKEN, "fewer than %d characters can be guessed",
                          TOKEN_SHORT_BYTES);
}

/* The schedule comes at all, from some instant on. */
static bool ever_comes(const heartbeat_settings_t *settings)
{
    int64_t next_s;
    return cron_next(&settings->schedule, settings->zone, 0, &next_s);
}

static void read_schedule(const probe_options_t *options, heartbeat_settings_t *settings)
{
    cron_error_t error;
    const char *text = probe_option_text(options, SCHEDULE);
    settings->zone = probe_option_zone(options, TIMEZONE);
    if (!text)
        return; /* which was told */
    if (cron_parse(text, strlen(text), &settings->schedule, &error))
        probe_option_fault(options, SCHEDULE, "%s%s%.*s%s", error.reason,
                           error.length ? ", not \"" : "", (int)error.length, text + error.offset,
                           error.length ? "\"" : "");
    else if (!ever_comes(settings))
        probe_option_fault(options, SCHEDULE, "there is no such day in any year");
}

static void read_times(const probe_options_t *options, heartbeat_settings_t *settings)
{
    bool has_period = probe_option_is_given(options, PERIOD);
    bool has_schedule = probe_option_is_given(options, SCHEDULE);
    if (has_period && has_schedule)
        probe_option_fault(options, SCHEDULE, "there is a period already; one of them is wanted");
    if (!has_period && !has_schedule)
        probe_option_fault(options, PERIOD, "a heartbeat needs a period or a schedule");
    if (has_period)
        settings->period_us = probe_option_number(options, PERIOD) * 1000;
    else if (has_schedule)
        read_schedule(options, settings);
    if (!has_schedule && probe_option_is_given(options, TIMEZONE))
        probe_option_warn(options, TIMEZONE, "only a schedule has one");
}

static void read_options(const probe_options_t *options, void *context)
{
    heartbeat_settings_t *settings = context;
    read_token(options, settings);
    read_times(options, settings);
    settings->grace_us = probe_option_number(options, GRACE) * 1000;
    settings->tolerance_us = settings->grace_us / TOLERANCE_PART;
    if (settings->tolerance_us > TOLERANCE_MOST_US)
        settings->tolerance_us = TOLERANCE_MOST_US;
    if (probe_option_is_given(options, TOLERANCE))
        settings->tolerance_us = probe_option_number(options, TOLERANCE) * 1000;
    if (settings->tolerance_us > settings->grace_us) {
        probe_option_warn(options, TOLERANCE, "it is longer than grace, which decides alone");
        settings->tolerance_us = settings->grace_us;
    }
    settings->max_runtime_us = probe_option_number(options, MAX_RUNTIME) * 1000;
}

static void clear(void *context)
{
    heartbeat_settings_t *settings = context;
    zone_destroy(&settings->zone);
}

const probe_type_row_t probe_heartbeat = {
    .name = "heartbeat",
    .schemes = schemes,
    .url_form = "heartbeat: and nothing behind it",
    .is_pushed = true,
    .error_prefix = "Heartbeat check failed: ",
    .is_url = is_url,
    .values = CONDITION_BIT(CONDITION_LATENCY) | CONDITION_BIT(CONDITION_REASON) |
              CONDITION_BIT(CONDITION_EXIT_CODE) | CONDITION_BIT(CONDITION_OUTPUT),
    .keys = keys,
    .n_keys = KEYS,
    .settings_bytes = sizeof(heartbeat_settings_t),
    .read = read_options,
    .clear = clear,
};
