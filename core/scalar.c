#include "core/scalar.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPECTED_DURATION  "a duration such as 500ms, 1.5s or 1h30m (units ms s m h d w)"
#define EXPECTED_SIZE      "a size such as 16KiB (units B KiB MiB GiB)"
#define EXPECTED_THRESHOLD "a number of results such as 3, or 3 of 5"
#define EXPECTED_RATIO     "a ratio from 0% to 100%, such as 30%"
#define EXPECTED_FACTOR    "a factor above 0x, such as 3x"

/* Digits of a number below 2^63, at most: more are refused before they are added up. */
#define MAX_DIGITS 19

/* --- what all share --- */

static int refuse(scalar_error_t *error, size_t offset, size_t length, const char *expected)
{
    *error = (scalar_error_t){.offset = offset, .length = length, .expected = expected};
    return -1;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t digits(const char *text, size_t n)
{
    size_t count = 0;
    while (count < n && is_digit(text[count]))
        count++;
    return count;
}

/* Value of the digits that are all of TEXT, 1 or more; -1 where it is above INT64_MAX. */
static int64_t value_of(const char *text, size_t n)
{
    if (n > MAX_DIGITS)
        return -1;
    uint64_t value = 0;
    for (size_t i = 0; i < n; i++)
        value = value * 10 + (uint64_t)(text[i] - '0');
    return value > INT64_MAX ? -1 : (int64_t)value;
}

/* Bytes of a whole number at the start of TEXT, none before it but a 0 alone; 0: there is none. */
static size_t whole_bytes(const char *text, size_t n)
{
    size_t count = digits(text, n);
    return count > 1 && text[0] == '0' ? 0 : count;
}

/* The same with a fraction, which may lack. */
static size_t decimal_bytes(const char *text, size_t n)
{
    size_t count = whole_bytes(text, n);
    if (count == 0 || count == n || text[count] != '.')
        return count;
    size_t fraction = digits(text + count + 1, n - count - 1);
    return fraction ? count + 1 + fraction : 0;
}

/* The unsigned decimal TEXT, times 10 to the power that EXPONENT ("e-2", "") says, correctly
 * rounded. HUGE_VAL where it is too long. */
static double real_of(const char *text, size_t n, const char *exponent)
{
    char copy[SCALAR_NUMBER_MAX_BYTES + 8];
    if (n > SCALAR_NUMBER_MAX_BYTES)
        return HUGE_VAL;
    memcpy(copy, text, n);
    memcpy(copy + n, exponent, strlen(exponent) + 1);
    return strtod(copy, NULL);
}

static bool is_text(const char *text, size_t n, const char *word)
{
    return n == strlen(word) && memcmp(text, word, n) == 0;
}

/* --- durations --- */

typedef struct {
    const char *name;
    int64_t us;
} unit_t;

static const unit_t duration_units[] = {
    {"w", INT64_C(7) * 24 * 3600 * 1000000},
    {"d", INT64_C(24) * 3600 * 1000000},
    {"h", INT64_C(3600) * 1000000},
    {"m", INT64_C(60) * 1000000},
    {"s", INT64_C(1000000)},
    {"ms", INT64_C(1000)},
};

#define N_DURATION_UNITS (sizeof duration_units / sizeof duration_units[0])

/* Position of the unit that begins TEXT, or N_DURATION_UNITS. */
static size_t duration_unit(const char *text, size_t n, size_t *ret_bytes)
{
    size_t bytes = 0;
    while (bytes < n && text[bytes] >= 'a' && text[bytes] <= 'z')
        bytes++;
    *ret_bytes = bytes;
    for (size_t i = 0; i < N_DURATION_UNITS; i++)
        if (is_text(text, bytes, duration_units[i].name))
            return i;
    return N_DURATION_UNITS;
}

/* Microseconds of the decimal TEXT (N bytes) of UNIT_US; -1: too large, or finer than one. */
static int64_t part_us(const char *text, size_t n, int64_t unit_us)
{
    size_t n_whole = digits(text, n);
    int64_t whole = value_of(text, n_whole);
    if (whole < 0 || whole > SCALAR_DURATION_MAX_US / unit_us)
        return -1;
    int64_t us = whole * unit_us;
    int64_t scale = unit_us;
    for (size_t i = n_whole + 1; i < n; i++) {
        int64_t digit = text[i] - '0';
        if (digit * scale % 10 != 0 || (digit != 0 && scale == 0))
            return -1;
        us += digit * scale / 10;
        scale = scale % 10 == 0 ? scale / 10 : 0;
    }
    return us;
}

int scalar_duration(const char *text, size_t n, int64_t *ret_us, scalar_error_t *reterr)
{
    int64_t total = 0;
    size_t least_unit = 0; /* units from here on may follow */
    bool is_last = false;
    size_t at = 0;
    do {
        size_t n_number = is_last ? 0 : decimal_bytes(text + at, n - at);
        if (n_number == 0)
            return refuse(reterr, at, n - at, EXPECTED_DURATION);
        size_t n_unit = 0;
        size_t unit = duration_unit(text + at + n_number, n - at - n_number, &n_unit);
        if (unit == N_DURATION_UNITS)
            return refuse(reterr, at + n_number, n_unit, "one of the units ms s m h d w");
        if (unit < least_unit)
            return refuse(reterr, at, n_number + n_unit, "the larger unit first, each once");
        is_last = memchr(text + at, '.', n_number) != NULL;
        int64_t us = part_us(text + at, n_number, duration_units[unit].us);
        if (us < 0 || us > SCALAR_DURATION_MAX_US - total)
            return refuse(reterr, at, n_number + n_unit,
                          "whole microseconds, and at most 36500d in all");
        total += us;
        least_unit = unit + 1;
        at += n_number + n_unit;
    } while (at < n);
    *ret_us = total;
    return 0;
}

/* --- sizes, counts, ratios, factors, booleans --- */

int scalar_size(const char *text, size_t n, int64_t *ret_bytes, scalar_error_t *reterr)
{
    static const struct {
        const char *name;
        int shift;
    } units[] = {{"B", 0}, {"KiB", 10}, {"MiB", 20}, {"GiB", 30}};
    size_t n_number = whole_bytes(text, n);
    if (n_number == 0)
        return refuse(reterr, 0, n, EXPECTED_SIZE);
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (!is_text(text + n_number, n - n_number, units[i].name))
            continue;
        int64_t count = value_of(text, n_number);
        if (count < 0 || count > INT64_MAX >> units[i].shift)
            return refuse(reterr, 0, n, "a size below 8589934592GiB");
        *ret_bytes = count << units[i].shift;
        return 0;
    }
    return refuse(reterr, n_number, n - n_number, "one of the units B KiB MiB GiB");
}

int scalar_count(const char *text, size_t n, int64_t *ret, scalar_error_t *reterr)
{
    size_t n_number = whole_bytes(text, n);
    if (n_number == 0 || n_number != n)
        return refuse(reterr, n_number, n - n_number, "a whole number such as 20");
    int64_t count = value_of(text, n);
    if (count < 0)
        return refuse(reterr, 0, n, "a whole number up to 9223372036854775807");
    *ret = count;
    return 0;
}

int scalar_threshold(const char *text, size_t n, int64_t *ret, int64_t *ret_window,
                     scalar_error_t *reterr)
{
    static const char of[] = " of ";
    const size_t n_of = sizeof of - 1;
    size_t n_needed = whole_bytes(text, n);
    bool has_window = n_needed > 0 && n - n_needed > n_of && memcmp(text + n_needed, of, n_of) == 0;
    if (n_needed == 0 || (!has_window && n_needed != n))
        return refuse(reterr, n_needed, n - n_needed, EXPECTED_THRESHOLD);
    size_t at = has_window ? n_needed + n_of : n;
    if (whole_bytes(text + at, n - at) != n - at)
        return refuse(reterr, at, n - at, EXPECTED_THRESHOLD);
    int64_t needed = value_of(text, n_needed);
    int64_t window = has_window ? value_of(text + at, n - at) : 0;
    if (needed < 0 || window < 0 || (has_window && window == 0))
        return refuse(reterr, 0, n, EXPECTED_THRESHOLD);
    *ret = needed;
    *ret_window = window;
    return 0;
}

int scalar_ratio(const char *text, size_t n, double *ret, scalar_error_t *reterr)
{
    size_t n_number = decimal_bytes(text, n);
    if (n_number == 0 || n_number + 1 != n || text[n_number] != '%')
        return refuse(reterr, n_number, n - n_number, EXPECTED_RATIO);
    double ratio = real_of(text, n_number, "e-2");
    if (ratio > 1)
        return refuse(reterr, 0, n, EXPECTED_RATIO);
    *ret = ratio;
    return 0;
}

int scalar_factor(const char *text, size_t n, double *ret, scalar_error_t *reterr)
{
    size_t n_number = decimal_bytes(text, n);
    if (n_number == 0 || n_number + 1 != n || text[n_number] != 'x')
        return refuse(reterr, n_number, n - n_number, EXPECTED_FACTOR);
    double factor = real_of(text, n_number, "");
    if (factor <= 0 || factor > SCALAR_FACTOR_MAX)
        return refuse(reterr, 0, n, "a factor above 0x and up to 1000000x");
    *ret = factor;
    return 0;
}

int scalar_boolean(const char *text, size_t n, bool *ret, scalar_error_t *reterr)
{
    bool is_true = is_text(text, n, "true");
    if (!is_true && !is_text(text, n, "false"))
        return refuse(reterr, 0, n, "true or false");
    *ret = is_true;
    return 0;
}

/* --- numbers --- */

/* Bytes of the exponent at the start of TEXT, which may lack. */
static size_t exponent_bytes(const char *text, size_t n)
{
    if (n == 0 || (text[0] != 'e' && text[0] != 'E'))
        return 0;
    size_t sign = n > 1 && (text[1] == '+' || text[1] == '-') ? 1 : 0;
    size_t count = digits(text + 1 + sign, n - 1 - sign);
    return count ? 1 + sign + count : 0;
}

int scalar_number(const char *text, size_t n, scalar_number_t *ret, scalar_error_t *reterr)
{
    size_t sign = n > 0 && text[0] == '-' ? 1 : 0;
    size_t n_whole = whole_bytes(text + sign, n - sign);
    size_t n_decimal = decimal_bytes(text + sign, n - sign);
    size_t used = sign + n_decimal;
    if (n_decimal > 0)
        used += exponent_bytes(text + used, n - used);
    if (n_decimal == 0 || used != n)
        return refuse(reterr, 0, n, "a number such as 200, -1 or 2.5e3");
    if (n > SCALAR_NUMBER_MAX_BYTES)
        return refuse(reterr, 0, n, "a number of at most 64 characters");

    char copy[SCALAR_NUMBER_MAX_BYTES + 1];
    memcpy(copy, text, n);
    copy[n] = '\0';
    scalar_number_t number = {.is_integer = sign + n_whole == n};
    errno = 0;
    if (number.is_integer)
        number.integer = strtoll(copy, NULL, 10);
    else
        number.real = strtod(copy, NULL);
    bool is_too_large = number.is_integer ? errno == ERANGE : !isfinite(number.real);
    if (is_too_large)
        return refuse(reterr, 0, n, "an integer of 64 bits or a real of double precision");
    *ret = number;
    return 0;
}

static int compare_integer_to_real(int64_t integer, double real)
{
    if (real >= 0x1p63)
        return -1;
    if (real < -0x1p63)
        return 1;
    int64_t whole = (int64_t)real;
    if (integer != whole)
        return integer < whole ? -1 : 1;
    double rest = real - (double)whole; /* exact: both have the same magnitude */
    return (rest < 0) - (rest > 0);
}

void scalar_number_text(double number, char text[SCALAR_NUMBER_TEXT_BYTES])
{
    for (int precision = 15; precision <= 17; precision++) {
        (void)snprintf(text, SCALAR_NUMBER_TEXT_BYTES, "%.*g", precision, number);
        if (strtod(text, NULL) == number)
            return;
    }
}

int scalar_number_compare(const scalar_number_t *a, const scalar_number_t *b)
{
    if (a->is_integer && b->is_integer)
        return (a->integer > b->integer) - (a->integer < b->integer);
    if (a->is_integer)
        return compare_integer_to_real(a->integer, b->real);
    if (b->is_integer)
        return -compare_integer_to_real(b->integer, a->real);
    return (a->real > b->real) - (a->real < b->real);
}
