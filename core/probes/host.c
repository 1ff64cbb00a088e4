/* This machine: disks, load, memory, processes and files. */
#include "core/probes/host.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "core/condition_values.h"
#include "core/probe_options.h"
#include "core/schema_tables.h"

enum {
    HOST_USED_DEGRADED,
    HOST_USED_DOWN,
    HOST_INODES_DEGRADED,
    HOST_INODES_DOWN,
    HOST_AVAILABLE_DEGRADED,
    HOST_AVAILABLE_DOWN,
    HOST_LOAD_DEGRADED,
    HOST_LOAD_DOWN,
    HOST_COUNT_LEAST,
    HOST_COUNT_MOST,
    HOST_AGE_DEGRADED,
    HOST_AGE_DOWN,
    HOST_SIZE_LEAST,
    HOST_KEYS
};

#define PART(fallback_, text_)                                                                     \
    SCHEMA_RATIO, .least = 0, .most = 1, .fallback = (fallback_), .text = (text_)

static const schema_key_t keys[HOST_KEYS] = {
    [HOST_USED_DEGRADED] = {"used_degraded", PART("90%", "host:disk: used part of the space from "
                                                         "which on it is DEGRADED")},
    [HOST_USED_DOWN] = {"used_down", PART("97%", "... DOWN")},
    [HOST_INODES_DEGRADED] = {"inodes_degraded", PART("90%", "host:disk: used part of the inodes "
                                                             "from which on it is DEGRADED")},
    [HOST_INODES_DOWN] = {"inodes_down", PART("97%", "... DOWN")},
    [HOST_AVAILABLE_DEGRADED] = {"available_degraded",
                                 PART("10%", "host:memory: part of the memory that programs can "
                                             "have, up to which it is DEGRADED")},
    [HOST_AVAILABLE_DOWN] = {"available_down", PART("3%", "... DOWN")},
    [HOST_LOAD_DEGRADED] = {"load_degraded", SCHEMA_FACTOR, .least = 0, .most = 1e6,
                            .fallback = "4x",
                            .text = "host:load: average over 5 minutes for each processor from "
                                    "which on it is DEGRADED"},
    [HOST_LOAD_DOWN] = {"load_down", SCHEMA_FACTOR, .least = 0, .most = 1e6,
                        .text = "... DOWN; never by default"},
    [HOST_COUNT_LEAST] = {"count_least", SCHEMA_COUNT, .least = 0, .most = 1e6, .fallback = "1",
                          .text = "host:process: fewer processes are DOWN"},
    [HOST_COUNT_MOST] = {"count_most", SCHEMA_COUNT, .least = 0, .most = 1e6,
                         .text = "host:process: more are DEGRADED; any number by default"},
    [HOST_AGE_DEGRADED] = {"age_degraded", SCHEMA_DURATION, .least = SECOND, .most = 3650 * DAY,
                           .text = "host:file: age from which on it is DEGRADED; never by default"},
    [HOST_AGE_DOWN] = {"age_down", SCHEMA_DURATION, .least = SECOND, .most = 3650 * DAY,
                       .text = "... DOWN; never by default"},
    [HOST_SIZE_LEAST] = {"size_least", SCHEMA_SIZE, .least = 0, .most = 1024 * GIB,
                         .text = "host:file: a smaller file is DOWN; any size by default"},
};

static const char *const schemes[] = {"host", NULL};

static const char *const value_names[] = {
    "used_ratio",      "free_bytes",      "total_bytes",     "inodes_used_ratio",
    "available_ratio", "available_bytes", "swap_used_ratio", "load1",
    "load5",           "load15",          "load_per_cpu",    "count",
    "age_s",           "size_bytes"};

static bool is_url(const char *url)
{
    host_form_t form;
    const char *subject;
    return host_url_parse(url, &form, &subject) == 0;
}

static const char *const *names(const void *settings, size_t *ret_n)
{
    (void)settings;
    *ret_n = sizeof value_names / sizeof value_names[0];
    return value_names;
}

static double factor(const probe_options_t *options, size_t key)
{
    double real = probe_option_real(options, key);
    return real > 0 ? real : (double)INFINITY; /* not given */
}

static int64_t age_us(const probe_options_t *options, size_t key)
{
    return probe_option_is_given(options, key) ? probe_option_number(options, key) * 1000
                                               : INT64_MAX;
}

static void read(const probe_options_t *options, void *settings_p)
{
    host_settings_t *settings = settings_p;
    *settings = (host_settings_t){
        .used_degraded = probe_option_real(options, HOST_USED_DEGRADED),
        .used_down = probe_option_real(options, HOST_USED_DOWN),
        .inodes_degraded = probe_option_real(options, HOST_INODES_DEGRADED),
        .inodes_down = probe_option_real(options, HOST_INODES_DOWN),
        .available_degraded = probe_option_real(options, HOST_AVAILABLE_DEGRADED),
        .available_down = probe_option_real(options, HOST_AVAILABLE_DOWN),
        .load_degraded = factor(options, HOST_LOAD_DEGRADED),
        .load_down = factor(options, HOST_LOAD_DOWN),
        .count_least = probe_option_number(options, HOST_COUNT_LEAST),
        .count_most = probe_option_is_given(options, HOST_COUNT_MOST)
                          ? probe_option_number(options, HOST_COUNT_MOST)
                          : INT64_MAX,
        .age_degraded_us = age_us(options, HOST_AGE_DEGRADED),
        .age_down_us = age_us(options, HOST_AGE_DOWN),
        .size_least_bytes = probe_option_number(options, HOST_SIZE_LEAST),
    };
}

/* --- the verdict --- */

static void worsen(host_verdict_t *verdict, bool is_degraded, bool is_down)
{
    if (is_down)
        verdict->verdict = STATUS_DOWN;
    else if (is_degraded && verdict->verdict == STATUS_OK)
        verdict->verdict = STATUS_DEGRADED;
    if (verdict->verdict != STATUS_OK)
        verdict->reason = REASON_THRESHOLD;
}

static void add(host_verdict_t *verdict, const char *name, double number)
{
    verdict->values[verdict->n_values++] = (check_value_t){.name = name, .number = number};
}

/* In hundredths of a percent: no disk is more exact. */
static double part(uint64_t some, uint64_t all)
{
    return all > 0 ? round((double)some / (double)all * 1e4) / 1e4 : 0;
}

/* Some file systems say that more is free than there is. */
static uint64_t rest(uint64_t all, uint64_t some)
{
    return all > some ? all - some : 0;
}

static double gib(uint64_t bytes)
{
    return (double)bytes / GIB;
}

/* As df has it: what root alone may use counts as neither free nor there. */
static void judge_disk(const host_settings_t *settings, const host_reading_t *reading,
                       const char *subject, host_verdict_t *ret)
{
    uint64_t used = rest(reading->total_bytes, reading->free_bytes);
    double ratio = part(used, used + reading->available_bytes);
    add(ret, "used_ratio", ratio);
    add(ret, "free_bytes", (double)reading->available_bytes);
    add(ret, "total_bytes", (double)reading->total_bytes);
    worsen(ret, ratio >= settings->used_degraded, ratio >= settings->used_down);
    double inodes = part(rest(reading->inodes, reading->free_inodes), reading->inodes);
    if (reading->inodes > 0) {
        add(ret, "inodes_used_ratio", inodes);
        worsen(ret, inodes >= settings->inodes_degraded, inodes >= settings->inodes_down);
    }
    (void)snprintf(ret->text, sizeof ret->text,
                   "disk %.100s: %.1f%% used, %.1f GiB free, %.1f%% of inodes used", subject,
                   ratio * 100, gib(reading->available_bytes), inodes * 100);
}

static void judge_memory(const host_settings_t *settings, const host_reading_t *reading,
                         host_verdict_t *ret)
{
    double ratio = part(reading->available_bytes, reading->total_bytes);
    add(ret, "available_ratio", ratio);
    add(ret, "available_bytes", (double)reading->available_bytes);
    add(ret, "total_bytes", (double)reading->total_bytes);
    if (reading->swap_bytes > 0)
        add(ret, "swap_used_ratio",
            part(reading->swap_bytes - reading->free_swap_bytes, reading->swap_bytes));
    worsen(ret, ratio <= settings->available_degraded, ratio <= settings->available_down);
    (void)snprintf(ret->text, sizeof ret->text, "memory: %.1f%% available, %.1f of %.1f GiB",
                   ratio * 100, gib(reading->available_bytes), gib(reading->total_bytes));
}

static void judge_load(const host_settings_t *settings, const host_reading_t *reading,
                       host_verdict_t *ret)
{
    double each = reading->load[1] / (double)(reading->n_cpus > 0 ? reading->n_cpus : 1);
    add(ret, "load_per_cpu", each);
    add(ret, "load1", reading->load[0]);
    add(ret, "load5", reading->load[1]);
    add(ret, "load15", reading->load[2]);
    worsen(ret, each >= settings->load_degraded, each >= settings->load_down);
    (void)snprintf(ret->text, sizeof ret->text,
                   "load: %.2f %.2f %.2f on %" PRId64 " processors, %.2f for each",
                   reading->load[0], reading->load[1], reading->load[2], reading->n_cpus, each);
}

static void judge_process(const host_settings_t *settings, const host_reading_t *reading,
                          const char *subject, host_verdict_t *ret)
{
    add(ret, "count", (double)reading->count);
    worsen(ret, reading->count > settings->count_most, reading->count < settings->count_least);
    (void)snprintf(ret->text, sizeof ret->text, "process %.100s: %" PRId64 " run", subject,
                   reading->count);
}

static void judge_file(const host_settings_t *settings, const host_reading_t *reading,
                       const char *subject, int64_t now_us, host_verdict_t *ret)
{
    int64_t age = now_us > reading->modified_at_us ? now_us - reading->modified_at_us : 0;
    add(ret, "age_s", (double)age / 1e6);
    add(ret, "size_bytes", (double)reading->size_bytes);
    worsen(ret, age >= settings->age_degraded_us, age >= settings->age_down_us);
    worsen(ret, false, reading->size_bytes < settings->size_least_bytes);
    (void)snprintf(ret->text, sizeof ret->text,
                   "file %.100s: changed %" PRId64 " s ago, %" PRId64 " bytes", subject,
                   age / 1000000, reading->size_bytes);
}

void host_judge(const host_settings_t *settings, const host_reading_t *reading, const char *subject,
                int64_t now_us, host_verdict_t *ret)
{
    *ret = (host_verdict_t){.verdict = STATUS_OK};
    switch (reading->form) {
    case HOST_DISK:
        judge_disk(settings, reading, subject, ret);
        break;
    case HOST_LOAD:
        judge_load(settings, reading, ret);
        break;
    case HOST_MEMORY:
        judge_memory(settings, reading, ret);
        break;
    case HOST_PROCESS:
        judge_process(settings, reading, subject, ret);
        break;
    case HOST_FILE:
        judge_file(settings, reading, subject, now_us, ret);
        break;
    case HOST_FORM_COUNT:
        break;
    }
}

const probe_type_row_t probe_host = {
    .name = "host",
    .schemes = schemes,
    .url_form = "host:load, host:memory, host:disk/PATH, host:process/NAME or host:file/PATH",
    .error_prefix = "Host check failed: ",
    .is_url = is_url,
    .values = CONDITION_BIT(CONDITION_LATENCY) | CONDITION_BIT(CONDITION_REASON) |
              CONDITION_BIT(CONDITION_OUTPUT) | CONDITION_BIT(CONDITION_VALUE),
    .names = names,
    .keys = keys,
    .n_keys = HOST_KEYS,
    .settings_bytes = sizeof(host_settings_t),
    .read = read,
};
