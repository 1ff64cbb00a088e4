/* Ids of Redis Stream entries: "1795488354224-0". */
#ifndef HEALTHD_CORE_ENTRY_ID_H
#define HEALTHD_CORE_ENTRY_ID_H

#include <stdint.h>

typedef struct {
    uint64_t time_ms;
    uint64_t sequence;
} entry_id_t;

/* 0, or -1 where TEXT is no "digits-digits". */
int entry_id_parse(const char *text, entry_id_t *ret);

/* Below, at or above 0 as A is older than, the same as or newer than B. */
int entry_id_compare(entry_id_t a, entry_id_t b);

/* The same of two texts; NULL and what is no id are older than every id. */
int entry_id_compare_texts(const char *a, const char *b);

#endif
