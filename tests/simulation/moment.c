#include "tests/simulation/moment.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "actors/io/log.h"
#include "core/config.h"
#include "tests/simulation/random.h"

/* 2026-11-24T00:00:00Z in microseconds. */
#define WALL_BEGIN_US ((int64_t)1795478400 * SECOND_US)

static struct {
    int64_t mono_us;
    int64_t wall_offset_us;
    random_t random;
    bool is_told;
    int64_t told_from_us;
} moment;

int64_t clock_mono_us(void)
{
    return moment.mono_us;
}

int64_t clock_wall_us(void)
{
    return moment.mono_us + moment.wall_offset_us;
}

void moment_begin(uint64_t seed)
{
    moment.mono_us = 0;
    moment.wall_offset_us = WALL_BEGIN_US;
    moment.random = (random_t){.state = ~seed};
}

void moment_advance(int64_t us)
{
    moment.mono_us += us;
}

void moment_jump_wall(int64_t us)
{
    moment.wall_offset_us += us;
}

/* --- the story --- */

void moment_tell(bool is_told, int64_t from_us)
{
    moment.is_told = is_told;
    moment.told_from_us = from_us;
}

static void tell(const char *format, va_list args) __attribute__((format(printf, 1, 0)));

static void tell(const char *format, va_list args)
{
    int64_t us = moment.mono_us;
    (void)fprintf(stderr, "%" PRId64 "d%02d:%02d:%02d.%06d  ", us / DAY_US,
                  (int)(us / HOUR_US % 24), (int)(us / MINUTE_US % 60), (int)(us / SECOND_US % 60),
                  (int)(us % SECOND_US));
    (void)vfprintf(stderr, format, args);
    (void)fputc('\n', stderr);
}

void story(const char *format, ...)
{
    if (!moment.is_told || moment.mono_us < moment.told_from_us)
        return;
    va_list args;
    va_start(args, format);
    tell(format, args);
    va_end(args);
}

/* --- what the daemon's code calls --- */

/* What the daemon would log is part of the story. */
void log_write(const log_t *log, log_level_t level, const char *event, const char *format, ...)
{
    (void)log;
    (void)level;
    if (!moment.is_told || moment.mono_us < moment.told_from_us)
        return;
    char text[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    story("  log %s: %s", event, text);
}

ssize_t getrandom(void *bytes, size_t n, unsigned flags)
{
    (void)flags;
    for (size_t i = 0; i < n; i++)
        ((uint8_t *)bytes)[i] = (uint8_t)random_next(&moment.random);
    return (ssize_t)n;
}

/* The configuration is made by hand here, without the index of core/config. */
long config_probed_at(const config_t *config, const char *name)
{
    for (size_t i = 0; i < config->n_targets + config->n_internal; i++)
        if (strcmp(config->targets[i].name, name) == 0)
            return (long)i;
    return -1;
}

long config_target_at(const config_t *config, const char *name)
{
    long at = config_probed_at(config, name);
    return at < (long)config->n_targets ? at : -1;
}
