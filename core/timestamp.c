#include "core/timestamp.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/civil.h"

enum { SECONDS_PER_DAY = 86400 };

static void format(int64_t at_us, const char *offset, char text[TIMESTAMP_BYTES])
{
    int64_t seconds = at_us / 1000000;
    int64_t fraction_us = at_us % 1000000;
    if (fraction_us < 0) {
        fraction_us += 1000000;
        seconds--;
    }
    int64_t days = seconds / SECONDS_PER_DAY;
    int64_t second_of_day = seconds % SECONDS_PER_DAY;
    if (second_of_day < 0) {
        second_of_day += SECONDS_PER_DAY;
        days--;
    }
    const civil_date_t date = civil_date_of(days);
    /* The remainders only tell the compiler what the calendar guarantees: it all fits. */
    (void)snprintf(text, TIMESTAMP_BYTES, "%04u-%02u-%02uT%02u:%02u:%02u.%06u%s",
                   (unsigned)(date.year % 10000), (unsigned)date.month % 100,
                   (unsigned)date.day % 100, (unsigned)(second_of_day / 3600) % 100,
                   (unsigned)(second_of_day / 60 % 60), (unsigned)(second_of_day % 60),
                   (unsigned)fraction_us % 1000000, offset);
}

void timestamp_iso(int64_t at_us, char text[TIMESTAMP_BYTES])
{
    format(at_us, "+00:00", text);
}

void timestamp_naive(int64_t at_us, char text[TIMESTAMP_BYTES])
{
    format(at_us, "", text);
}

/* Reads N digits of *TEXT and steps over them; -1 where there are fewer. */
static int digits(const char **text, int n)
{
    int value = 0;
    for (int i = 0; i < n; i++, (*text)++) {
        if (**text < '0' || **text > '9')
            return -1;
        value = value * 10 + (**text - '0');
    }
    return value;
}

/* Reads SEPARATOR, then N digits up to MAX; -1 where they are not there. */
static int field(const char **text, char separator, int n, int max)
{
    if (separator && *(*text)++ != separator)
        return -1;
    int value = digits(text, n);
    return value > max ? -1 : value;
}

int timestamp_parse(const char *text, int64_t *ret_us)
{
    if (strnlen(text, TIMESTAMP_BYTES) < 26)
        return -1;
    int year = field(&text, 0, 4, 9999);
    int month = field(&text, '-', 2, 12);
    int day = field(&text, '-', 2, 31);
    int hour = field(&text, 'T', 2, 23);
    int minute = field(&text, ':', 2, 59);
    int second = field(&text, ':', 2, 59);
    int fraction_us = field(&text, '.', 6, 999999);
    bool is_whole = *text == '\0' || strcmp(text, "+00:00") == 0;
    if (year < 0 || month < 1 || day < 1 || hour < 0 || minute < 0 || second < 0 ||
        fraction_us < 0 || !is_whole)
        return -1;
    int64_t days = civil_days_of(year, month, day);
    if (civil_date_of(days).day != day) /* the month is shorter: the day fell into the next one */
        return -1;
    int64_t seconds = days * SECONDS_PER_DAY + (int64_t)hour * 3600 + (int64_t)minute * 60 + second;
    *ret_us = seconds * 1000000 + fraction_us;
    return 0;
}
