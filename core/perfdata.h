/*
 * What a plugin prints (Nagios Plugin Development Guidelines, "Plugin Output" and "Performance
 * data"): TEXT | 'label'=value[UOM];[warn];[crit];[min];[max] ... , then lines of long text, after
 * a second bar more data. Pure.
 */
#ifndef HEALTHD_CORE_PERFDATA_H
#define HEALTHD_CORE_PERFDATA_H

#include <stddef.h>

#include "core/check.h"

typedef struct {
    check_value_t values[MEASURED_VALUES_MAX]; /* their names stand in `names` */
    size_t n;
    char names[MEASURED_VALUES_MAX][VALUE_NAME_MAX_BYTES + 1];
} perfdata_t;

/*
 * Reads the data in N bytes of OUTPUT (borrows; any bytes). Gives RET: values in their order as
 * they stand there, without their units, the first of each label. Left out, without a word: what
 * has no number (`U`), a label that is empty, longer than VALUE_NAME_MAX_BYTES or no clean UTF-8,
 * what goes beyond MEASURED_VALUES_MAX. RET must not move: its values point into it.
 */
void perfdata_read(const char *output, size_t n, perfdata_t *ret);

/* Bytes of the text for people at the start of OUTPUT: its first line up to the bar, without the
 * blanks at its end. */
size_t perfdata_text_bytes(const char *output, size_t n);

#endif
