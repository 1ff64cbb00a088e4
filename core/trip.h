/*
 * The emergency stop: what the four streams say about it, and the one state that follows. The
 * streams have no common order, so the entry id decides: the newest wins whatever the reading
 * order. Where two entries of different streams carry the same id, the one that trips wins, and of
 * two that trip the one of ess.tripped, whose payload says more; of an operator's clear and the
 * entry that it clears, the clear.
 */
#ifndef HEALTHD_CORE_TRIP_H
#define HEALTHD_CORE_TRIP_H

#include <stdbool.h>
#include <stddef.h>

#include "core/entry_id.h"

/* Bytes of an entry id as text with its NUL: two numbers of 20 digits. */
#define TRIP_ENTRY_ID_BYTES 48
/* Bytes of a payload, or of all fields of the raw form, at most. */
#define TRIP_PAYLOAD_MAX_BYTES ((size_t)256 << 10)
/* Nesting of a payload, at most. */
#define TRIP_PAYLOAD_MAX_DEPTH 24
/* Bytes of a reason, at most; longer ones are cut at a whole character. */
#define TRIP_REASON_MAX_BYTES 500
/* Fields of an entry, at most. */
#define TRIP_FIELDS_MAX 1024

typedef enum {
    TRIP_EVENT_TRIPPED,
    TRIP_EVENT_MANUAL_RESET,
    TRIP_EVENT_REARMED,
    TRIP_EVENT_STATE_CHANGED,
    TRIP_EVENT_TYPE_COUNT
} trip_event_type_t;

const char *trip_event_type_name(int type); /* "ess.tripped", ... */

/* Who had the last word; a larger value wins between equal entry ids. */
typedef enum {
    TRIP_BY_NOBODY,
    TRIP_BY_RESET,         /* an entry of any stream that resets */
    TRIP_BY_STATE_CHANGED, /* trips */
    TRIP_BY_TRIPPED,       /* trips */
    TRIP_BY_CLEAR,         /* an operator */
    TRIP_BY_COUNT
} trip_by_t;

/* The state. All zero is the initial one: not tripped, no entry. */
typedef struct {
    entry_id_t entry_id; /* of the entry that decided, or that was cleared */
    trip_by_t by;
    bool is_tripped;
    char *reason; /* text, where is_tripped; else NULL */
    char *data;   /* JSON object of the deciding entry, minified; NULL where none */
} trip_t;

/* Id of the entry that decided, as the stream shows it: "1795488354224-0"; "0-0": none. */
void trip_entry_id_text(const trip_t *self, char text[TRIP_ENTRY_ID_BYTES]);

/* Frees what SELF owns and makes it the initial state. */
void trip_clear(trip_t *self);

/* Deep copy of SRC (borrows) into DST, which is overwritten. 0, or -1 where memory ran out. */
int trip_copy(const trip_t *src, trip_t *dst);

/* One field of a stream entry; neither text ends in NUL or is known to be UTF-8. */
typedef struct {
    const char *name;
    size_t name_bytes;
    const char *value;
    size_t value_bytes;
} trip_field_t;

typedef enum { TRIP_CHANGES_NOTHING, TRIP_TRIPS, TRIP_RESETS } trip_effect_t;

/* What an entry says. */
typedef struct {
    trip_event_type_t type;
    trip_effect_t effect;
    char *reason; /* where it trips */
    char *data;   /* JSON object, minified, valid UTF-8 */
} trip_event_t;

/* Why an entry cannot be understood: one line. */
typedef struct {
    bool is_memory; /* it can be understood, but memory ran out */
    char text[192];
} trip_error_t;

/*
 * Reads an entry of stream TYPE from its N FIELDS (borrows), in either form: a field `payload` with
 * a JSON object, or the fields themselves. Bytes that are not UTF-8 become U+FFFD. Gives *RET, to
 * be ended with trip_event_clear. 0, or -1 with *RETERR.
 */
int trip_event_parse(trip_event_type_t type, const trip_field_t *fields, size_t n_fields,
                     trip_event_t *ret, trip_error_t *reterr);

void trip_event_clear(trip_event_t *self);

/*
 * Applies the entry ENTRY_ID that says EVENT; takes its texts. True where the state changed: false
 * where something newer had decided, or the same entry comes again.
 */
bool trip_apply_event(trip_t *self, entry_id_t entry_id, trip_event_t *event);

/*
 * An operator cleared the trip of ENTRY_ID: resets, unless a newer entry has decided since. True
 * where the state changed.
 */
bool trip_apply_clear(trip_t *self, entry_id_t entry_id);

#endif
