/* Instants as the wire shows them. */
#ifndef HEALTHD_CORE_TIMESTAMP_H
#define HEALTHD_CORE_TIMESTAMP_H

#include <stdint.h>

/* Bytes of a timestamp with its NUL: years beyond 9999 do not occur. */
#define TIMESTAMP_BYTES 40

/* "2026-11-24T02:45:30.289500+00:00" of Unix time AT_US, always 6 digits. Gives TEXT. */
void timestamp_iso(int64_t at_us, char text[TIMESTAMP_BYTES]);

/* The same without offset: "2026-11-24T02:45:30.289500". */
void timestamp_naive(int64_t at_us, char text[TIMESTAMP_BYTES]);

/* Unix time in microseconds of an ISO or NAIVE text; 0, or -1 where it is neither. */
int timestamp_parse(const char *text, int64_t *ret_us);

#endif
