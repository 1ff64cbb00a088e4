#include "core/zone_rule.h"

#include "core/civil.h"

/* Text that is being read. */
typedef struct {
    const char *at;
    const char *end;
} reader_t;

static bool next_is(reader_t *reader, char c)
{
    if (reader->at == reader->end || *reader->at != c)
        return false;
    reader->at++;
    return true;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Steps over a name of three or more letters, or of what stands between < and >. */
static int skip_name(reader_t *reader)
{
    bool is_quoted = next_is(reader, '<');
    const char *begin = reader->at;
    while (reader->at < reader->end &&
           (is_letter(*reader->at) ||
            (is_quoted && (is_digit(*reader->at) || *reader->at == '+' || *reader->at == '-'))))
        reader->at++;
    if (reader->at - begin < 3)
        return -1;
    return is_quoted && !next_is(reader, '>') ? -1 : 0;
}

/* A number of one to three digits, up to MAX; -1: none stands there. */
static int read_number(reader_t *reader, int max)
{
    int number = 0;
    const char *begin = reader->at;
    while (reader->at < reader->end && is_digit(*reader->at) && reader->at - begin < 4)
        number = number * 10 + (*reader->at++ - '0');
    return reader->at == begin || number > max ? -1 : number;
}

/* [+-]hh[:mm[:ss]], up to MAX_H hours. */
static int read_time(reader_t *reader, int max_h, int64_t *ret_s)
{
    bool is_negative = next_is(reader, '-');
    if (!is_negative)
        (void)next_is(reader, '+');
    int hours = read_number(reader, max_h);
    int minutes = 0;
    int seconds = 0;
    if (hours >= 0 && next_is(reader, ':')) {
        minutes = read_number(reader, 59);
        if (minutes >= 0 && next_is(reader, ':'))
            seconds = read_number(reader, 59);
    }
    if (hours < 0 || minutes < 0 || seconds < 0)
        return -1;
    int64_t sum_s = (int64_t)hours * 3600 + (int64_t)minutes * 60 + seconds;
    *ret_s = is_negative ? -sum_s : sum_s;
    return 0;
}

static int read_weekday(reader_t *reader, zone_change_t *ret)
{
    ret->month = read_number(reader, 12);
    if (ret->month < 1 || !next_is(reader, '.'))
        return -1;
    ret->week = read_number(reader, 5);
    if (ret->week < 1 || !next_is(reader, '.'))
        return -1;
    ret->day = read_number(reader, 6);
    return ret->day < 0 ? -1 : 0;
}

/* ,date[/time] */
static int read_change(reader_t *reader, zone_change_t *ret)
{
    *ret = (zone_change_t){.kind = ZONE_DAY_ZERO, .at_s = (int64_t)2 * 3600};
    if (!next_is(reader, ','))
        return -1;
    if (next_is(reader, 'M')) {
        ret->kind = ZONE_DAY_WEEKDAY;
        if (read_weekday(reader, ret))
            return -1;
    } else {
        if (next_is(reader, 'J'))
            ret->kind = ZONE_DAY_JULIAN;
        ret->day = read_number(reader, 365);
        if (ret->day < (ret->kind == ZONE_DAY_JULIAN))
            return -1;
    }
    return next_is(reader, '/') ? read_time(reader, 167, &ret->at_s) : 0;
}

int zone_rule_parse(const char *text, size_t n, zone_rule_t *ret)
{
    reader_t reader = {.at = text, .end = text + n};
    zone_rule_t rule = {.has_summer = false};
    int64_t west_s = 0; /* the string counts westward */
    if (skip_name(&reader) || read_time(&reader, 24, &west_s))
        return -1;
    rule.standard_s = -west_s;
    if (reader.at < reader.end) {
        rule.has_summer = true;
        rule.summer_s = rule.standard_s + 3600;
        if (skip_name(&reader))
            return -1;
        if (reader.at < reader.end && *reader.at != ',') {
            if (read_time(&reader, 24, &west_s))
                return -1;
            rule.summer_s = -west_s;
        }
        if (read_change(&reader, &rule.to_summer) || read_change(&reader, &rule.to_standard))
            return -1;
    }
    if (reader.at != reader.end)
        return -1;
    *ret = rule;
    return 0;
}

/* --- the changes of a year --- */

static bool is_leap(int64_t year)
{
    return civil_days_of(year, 3, 1) - civil_days_of(year, 2, 1) == 29;
}

static int64_t day_of(const zone_change_t *change, int64_t year)
{
    int64_t new_year = civil_days_of(year, 1, 1);
    if (change->kind == ZONE_DAY_ZERO)
        return new_year + change->day;
    if (change->kind == ZONE_DAY_JULIAN)
        return new_year + change->day - 1 + (change->day >= 60 && is_leap(year));
    int64_t first = civil_days_of(year, change->month, 1);
    int64_t next_month = change->month < 12 ? civil_days_of(year, change->month + 1, 1)
                                            : civil_days_of(year + 1, 1, 1);
    int64_t day =
        first + (change->day - civil_weekday_of(first) + 7) % 7 + (int64_t)7 * (change->week - 1);
    return day < next_month ? day : day - 7;
}

/* Instant of CHANGE in YEAR, while local time is OFFSET_S ahead. */
static int64_t instant_of(const zone_change_t *change, int64_t year, int64_t offset_s)
{
    return day_of(change, year) * CIVIL_DAY_S + change->at_s - offset_s;
}

/* An instant from which on an offset holds. */
typedef struct {
    int64_t at_s;
    int64_t offset_s;
} turn_t;

/* Takes TURN into *RET, whose limits are those around AT_S as far as they are known. Of two turns
 * of one instant the later call decides. */
static void narrow(zone_span_t *ret, turn_t turn, int64_t at_s)
{
    if (turn.at_s <= at_s && turn.at_s >= ret->begins_s) {
        ret->begins_s = turn.at_s;
        ret->offset_s = turn.offset_s;
    } else if (turn.at_s > at_s && turn.at_s < ret->ends_s) {
        ret->ends_s = turn.at_s;
    }
}

zone_span_t zone_rule_span_at(const zone_rule_t *rule, int64_t at_s)
{
    zone_span_t span = {.offset_s = rule->standard_s, .begins_s = INT64_MIN, .ends_s = INT64_MAX};
    if (!rule->has_summer)
        return span;
    int64_t this_year = civil_date_of(civil_floor_divide(at_s, CIVIL_DAY_S)).year;
    for (int64_t year = this_year - 2; year <= this_year + 2; year++) {
        const turn_t to_summer = {instant_of(&rule->to_summer, year, rule->standard_s),
                                  rule->summer_s};
        const turn_t to_standard = {instant_of(&rule->to_standard, year, rule->summer_s),
                                    rule->standard_s};
        bool is_summer_first = to_summer.at_s < to_standard.at_s;
        narrow(&span, is_summer_first ? to_summer : to_standard, at_s);
        narrow(&span, is_summer_first ? to_standard : to_summer, at_s);
    }
    return span;
}
