/* Instants as services write them, for age(). */
#include <string.h>

#include "core/condition_tree.h"

/* 10000-01-01T00:00:00Z */
#define END_S INT64_C(253402300800)

typedef struct {
    const char *at;
    const char *end;
} reader_t;

/* Takes exactly N digits; -1: they are not there. */
static int take_digits(reader_t *reader, int n)
{
    int number = 0;
    for (int i = 0; i < n; i++) {
        if (reader->at == reader->end || *reader->at < '0' || *reader->at > '9')
            return -1;
        number = number * 10 + (*reader->at++ - '0');
    }
    return number;
}

static bool take(reader_t *reader, const char *any_of)
{
    if (reader->at == reader->end || !*reader->at || !strchr(any_of, *reader->at))
        return false;
    reader->at++;
    return true;
}

/* Days from 1970-01-01 to a day of the Gregorian calendar, its year from 0 to 9999, -1 where the
 * month has no such day (H. Hinnant, chrono-compatible low-level date algorithms,
 * days_from_civil). */
static int64_t days_of(int year, int month, int day)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (year < 1970 || month < 1 || month > 12 || day < 1 ||
        day > lengths[month - 1] + (month == 2 && is_leap ? 1 : 0))
        return -1;
    int64_t y = month <= 2 ? year - 1 : year; /* the year begins in March */
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t era = y / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

/* "02:45:30" in seconds; a leap second is the next one. -1: it is none. */
static int64_t take_time(reader_t *reader)
{
    int hour = take_digits(reader, 2);
    bool is_good = take(reader, ":");
    int minute = take_digits(reader, 2);
    is_good = is_good && take(reader, ":");
    int second = take_digits(reader, 2);
    if (!is_good || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
        return -1;
    return hour * 3600 + minute * 60 + second;
}

/* ".2895" in microseconds: digits beyond are dropped. -1: a dot without digits. */
static int64_t take_fraction(reader_t *reader)
{
    if (!take(reader, "."))
        return 0;
    int64_t us = 0;
    int64_t scale = 100000;
    const char *begin = reader->at;
    int digit = 0;
    while ((digit = take_digits(reader, 1)) >= 0) {
        us += digit * scale;
        scale /= 10;
    }
    return reader->at > begin ? us : -1;
}

/* "+02:00", "Z" or nothing, in seconds. 0, or -1. */
static int take_offset(reader_t *reader, int64_t *ret_s)
{
    *ret_s = 0;
    if (reader->at == reader->end || take(reader, "Zz"))
        return 0;
    bool is_west = *reader->at == '-';
    if (!take(reader, "+-"))
        return -1;
    int hours = take_digits(reader, 2);
    bool is_good = take(reader, ":");
    int minutes = take_digits(reader, 2);
    if (!is_good || hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
        return -1;
    int offset_s = hours * 3600 + minutes * 60;
    *ret_s = is_west ? -offset_s : offset_s;
    return 0;
}

static int read_rfc3339(reader_t reader, int64_t *ret_us)
{
    int year = take_digits(&reader, 4);
    bool is_good = take(&reader, "-");
    int month = take_digits(&reader, 2);
    is_good = is_good && take(&reader, "-");
    int day = take_digits(&reader, 2);
    is_good = is_good && take(&reader, "Tt ");
    int64_t time_s = is_good ? take_time(&reader) : -1;
    int64_t fraction_us = time_s >= 0 ? take_fraction(&reader) : -1;
    int64_t offset_s = 0;
    int64_t days = days_of(year, month, day);
    if (fraction_us < 0 || days < 0 || take_offset(&reader, &offset_s) != 0 ||
        reader.at != reader.end)
        return -1;
    *ret_us = (days * 86400 + time_s - offset_s) * 1000000 + fraction_us;
    return 0;
}

/* The month that three letters name, 1 .. 12, or 0. */
static int take_month(reader_t *reader)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (int i = 0; i < 12 && reader->end - reader->at >= 3; i++) {
        if (memcmp(reader->at, months + (ptrdiff_t)3 * i, 3) == 0) {
            reader->at += 3;
            return i + 1;
        }
    }
    return 0;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" */
static int read_http_date(reader_t reader, int64_t *ret_us)
{
    static const char gmt[] = " GMT";
    if (reader.end - reader.at != 29 || memcmp(reader.at + 3, ", ", 2) != 0)
        return -1;
    reader.at += 5;
    int day = take_digits(&reader, 2);
    bool is_good = take(&reader, " ");
    int month = take_month(&reader);
    is_good = is_good && take(&reader, " ");
    int year = take_digits(&reader, 4);
    is_good = is_good && take(&reader, " ");
    int64_t time_s = is_good ? take_time(&reader) : -1;
    int64_t days = days_of(year, month, day);
    bool is_end = reader.end - reader.at == 4 && memcmp(reader.at, gmt, 4) == 0;
    if (time_s < 0 || days < 0 || !is_end)
        return -1;
    *ret_us = (days * 86400 + time_s) * 1000000;
    return 0;
}

int condition_instant_of_text(const char *text, size_t n, int64_t *ret_us)
{
    if (n == 0)
        return -1;
    reader_t reader = {.at = text, .end = text + n};
    bool is_digit = *text >= '0' && *text <= '9';
    return is_digit ? read_rfc3339(reader, ret_us) : read_http_date(reader, ret_us);
}

int condition_instant_of_number(double number, int64_t *ret_us)
{
    double us = number < 1e11 ? number * 1e6 : number < 1e14 ? number * 1e3 : number;
    if (!(us >= 0 && us < (double)END_S * 1e6))
        return -1;
    *ret_us = (int64_t)us;
    return 0;
}
