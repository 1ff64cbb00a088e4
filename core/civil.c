#include "core/civil.h"

enum { DAYS_PER_ERA = 146097 };

/* Counted in eras of 400 years that begin on the first of March, so that the leap day is the last
 * day of a year. */
civil_date_t civil_date_of(int64_t days)
{
    int64_t since_era_0 = days + 719468;
    int64_t era = civil_floor_divide(since_era_0, DAYS_PER_ERA);
    int64_t day_of_era = since_era_0 - era * DAYS_PER_ERA;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    int month = (int)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
    return (civil_date_t){.year = year_of_era + era * 400 + (month <= 2),
                          .month = month,
                          .day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1)};
}

int64_t civil_days_of(int64_t year, int month, int day)
{
    int64_t march_year = year - (month <= 2);
    int64_t era = civil_floor_divide(march_year, 400);
    int64_t year_of_era = march_year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_ERA + day_of_era - 719468;
}

int civil_weekday_of(int64_t days)
{
    return (int)(days + 4 - 7 * civil_floor_divide(days + 4, 7));
}

int64_t civil_floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}
