/*
 * Schedules as crontab(5) has them: minute, hour, day of the month, month and weekday, or @daily
 * and the like; and when they come next in a time zone. Pure; no allocation.
 */
#ifndef HEALTHD_CORE_CRON_H
#define HEALTHD_CORE_CRON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/zone.h"

/* Bytes of a schedule, at most. */
#define CRON_MAX_BYTES 256

/* Sets of numbers, a bit each. */
typedef struct {
    uint64_t minutes;
    uint32_t hours;
    uint32_t days;       /* of the month, from bit 1 on */
    uint16_t months;     /* from bit 1 on */
    uint8_t weekdays;    /* bit 0 is Sunday */
    bool is_any_day;     /* the field of the day begins with * ... */
    bool is_any_weekday; /* ... or that of the weekday: both must fit then, else either */
    bool is_steady; /* minute or hour begins with *: it comes by the time that passes, see below */
} cron_t;

/* Why a text is no schedule: the bytes in question and a static text. */
typedef struct {
    size_t offset;
    size_t length;
    const char *reason;
} cron_error_t;

/*
 * Reads N bytes of TEXT (borrows): five fields with blanks between them, each a list of `*`, `N`,
 * `N-M`, the first and last also with `/STEP`; months and weekdays also by their names (jan, mon),
 * weekday 7 is Sunday too; or @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually. 0,
 * or -1 with *RETERR.
 */
int cron_parse(const char *text, size_t n, cron_t *ret, cron_error_t *reterr);

/*
 * The first instant behind AFTER_S (Unix time in seconds, of the years 1900 to 9999) at which CRON
 * comes in ZONE (NULL: UTC). As Debian's cron has it: a time of day that the clock jumps over comes
 * when it has jumped, one that it shows twice comes the first time alone; where CRON is steady,
 * what is jumped over does not come, and what is shown twice comes twice. False where it does not
 * come within 41 years, as a 30th of February.
 */
bool cron_next(const cron_t *cron, const zone_t *zone, int64_t after_s, int64_t *ret_s);

#endif
