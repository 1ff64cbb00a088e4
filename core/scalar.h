/*
 * Scalars as people write them, in the configuration and in conditions: each type has one strict
 * parser that takes the whole text or nothing. `3s` is no count, `maybe` no boolean, `60` no
 * duration. Pure; no allocation.
 */
#ifndef HEALTHD_CORE_SCALAR_H
#define HEALTHD_CORE_SCALAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest duration: a hundred years of 365 days. */
#define SCALAR_DURATION_MAX_US (INT64_C(36500) * 24 * 3600 * 1000000)
/* The largest factor. */
#define SCALAR_FACTOR_MAX 1e6
/* Bytes of a number, at most. */
#define SCALAR_NUMBER_MAX_BYTES 64

/* What is wrong with a text: the bytes in question (LENGTH may be 0 at its end), and what should
 * stand there (a static text). */
typedef struct {
    size_t offset;
    size_t length;
    const char *expected;
} scalar_error_t;

/* A number that loses no digit of a 64-bit integer. */
typedef struct {
    bool is_integer;
    int64_t integer; /* where is_integer */
    double real;     /* else; finite */
} scalar_number_t;

/*
 * Each reads N bytes of TEXT (borrows). 0, or -1 with *RETERR and *RET as it was.
 */

/* `250ms`, `1.5s`, `1h30m`: units ms s m h d w, the larger first, a fraction in the last part alone
 * and not finer than a microsecond; 0 .. SCALAR_DURATION_MAX_US. */
int scalar_duration(const char *text, size_t n, int64_t *ret_us, scalar_error_t *reterr);

/* `16KiB`: a whole number of B, KiB, MiB or GiB, below 2^63 bytes. */
int scalar_size(const char *text, size_t n, int64_t *ret_bytes, scalar_error_t *reterr);

/* `20`: a whole number, 0 .. 2^63 - 1, without leading zeros. */
int scalar_count(const char *text, size_t n, int64_t *ret, scalar_error_t *reterr);

/* `3`, or `3 of 5` with one blank on each side: gives the window too, 0 where it is not said. The
 * ranges are the caller's. */
int scalar_threshold(const char *text, size_t n, int64_t *ret, int64_t *ret_window,
                     scalar_error_t *reterr);

/* `30%`, `99.95%`: gives 0.0 .. 1.0. */
int scalar_ratio(const char *text, size_t n, double *ret, scalar_error_t *reterr);

/* `true` or `false`. */
int scalar_boolean(const char *text, size_t n, bool *ret, scalar_error_t *reterr);

/* `3x`, `1.5x`: above 0, at most SCALAR_FACTOR_MAX. */
int scalar_factor(const char *text, size_t n, double *ret, scalar_error_t *reterr);

/* A number as JSON writes it (RFC 8259, section 6): an integer of 64 bits with sign, or a finite
 * real; at most SCALAR_NUMBER_MAX_BYTES. */
int scalar_number(const char *text, size_t n, scalar_number_t *ret, scalar_error_t *reterr);

/* Room for the text of any number. */
#define SCALAR_NUMBER_TEXT_BYTES 32

/* NUMBER, which is finite, in the fewest digits that say it exactly: "0.1", "200", "1e+300". */
void scalar_number_text(double number, char text[SCALAR_NUMBER_TEXT_BYTES]);

/* Below 0, 0 or above 0 as A is less than, equal to or greater than B; exact, also where one is an
 * integer that no double holds. */
int scalar_number_compare(const scalar_number_t *a, const scalar_number_t *b);

/*
 * The quoted text at the start of TEXT, which is UTF-8: "..." with the escapes \" \\ \/ \n \r \t
 * \uXXXX (pairs too, no NUL); other control characters are refused. Gives the bytes up to and with
 * the closing quote, and what the text says in DST, which has room for as many bytes. 0, or -1 with
 * *RETERR.
 */
int scalar_quoted(const char *text, size_t n, char *dst, size_t *ret_n, size_t *ret_used,
                  scalar_error_t *reterr);

#endif
