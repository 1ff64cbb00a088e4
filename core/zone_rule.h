/* The rule that a zone goes by once its list of transitions is over: a TZ string of POSIX. Pure. */
#ifndef HEALTHD_CORE_ZONE_RULE_H
#define HEALTHD_CORE_ZONE_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/zone.h"

/* How a day of the year is named. */
typedef enum {
    ZONE_DAY_JULIAN, /* Jn: 1 .. 365, the leap day is never counted */
    ZONE_DAY_ZERO,   /* n: 0 .. 365, it is */
    ZONE_DAY_WEEKDAY /* Mm.w.d: weekday d of week w (5: the last) of month m */
} zone_day_kind_t;

typedef struct {
    zone_day_kind_t kind;
    int day; /* of the year, or the weekday */
    int month;
    int week;
    int64_t at_s; /* local time of that day at which it happens, in seconds; may be negative */
} zone_change_t;

typedef struct {
    int64_t standard_s; /* ahead of UTC */
    bool has_summer;
    int64_t summer_s;
    zone_change_t to_summer;   /* told in standard time */
    zone_change_t to_standard; /* told in summer time */
} zone_rule_t;

/* Reads N bytes of TEXT, "CET-1CEST,M3.5.0,M10.5.0/3". 0, or -1. */
int zone_rule_parse(const char *text, size_t n, zone_rule_t *ret);

/* The span that AT_S is in. */
zone_span_t zone_rule_span_at(const zone_rule_t *rule, int64_t at_s);

#endif
