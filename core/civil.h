/* Dates of the proleptic Gregorian calendar, and days since 1970-01-01. Pure. */
#ifndef HEALTHD_CORE_CIVIL_H
#define HEALTHD_CORE_CIVIL_H

#include <stdint.h>

#define CIVIL_DAY_S ((int64_t)86400)

typedef struct {
    int64_t year;
    int month; /* 1 .. 12 */
    int day;   /* 1 .. 31 */
} civil_date_t;

/* The date DAYS after 1970-01-01 (before it where DAYS is negative). */
civil_date_t civil_date_of(int64_t days);

/* Days from 1970-01-01 to that date. A day that the month does not have falls into the next one. */
int64_t civil_days_of(int64_t year, int month, int day);

/* 0: Sunday .. 6: Saturday, DAYS after 1970-01-01, a Thursday. */
int civil_weekday_of(int64_t days);

/* A / B (above 0), rounded down. */
int64_t civil_floor_divide(int64_t a, int64_t b);

#endif
