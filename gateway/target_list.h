/*
 * GET /api/v1/targets as pure functions: what the query asks for, which targets of a state that is,
 * and one page of them. A cursor names the last target shown and its place in the order, so that
 * pages stay in step with each other while targets come and go.
 */
#ifndef HEALTHD_GATEWAY_TARGET_LIST_H
#define HEALTHD_GATEWAY_TARGET_LIST_H

#include <healthd/snapshot.h>

#include "gateway/path.h"
#include "gateway/reply.h"

/* Targets of one page, without a limit and at most. */
#define TARGET_LIST_LIMIT_DEFAULT 100
#define TARGET_LIST_LIMIT_MAX     500
/* Labels that one query asks for, at most. */
#define TARGET_LIST_LABELS_MAX 16

typedef enum {
    SORT_NAME,
    SORT_SINCE,
    SORT_STATUS, /* OK, UNKNOWN, DEGRADED, DOWN */
    SORT_LATENCY
} target_sort_t;

/* What is asked for. Zero it to begin. */
typedef struct {
    unsigned statuses;                    /* bit 1 << status_t for each that is wanted; 0: all */
    unsigned kinds;                       /* bit 1 << target_kind_t; 0: all */
    char *labels[TARGET_LIST_LABELS_MAX]; /* as they stand in a target's labels; owned */
    size_t n_labels;
    char *part; /* of the name, in any case; NULL: any; owned */
    target_sort_t sort;
    bool is_descending;
    int64_t limit;
    char *after_name; /* where the page before ended; NULL: this is the first; owned */
    int64_t after_key;
} target_query_t;

/* Reads QUERY, still encoded. 0, or -1 with *RET_REFUSAL: 400 or 422, NULL where memory ran out.
 * SELF is to be cleared in any case. */
int target_query_read(target_query_t *self, slice_t query, reply_t **ret_refusal);

void target_query_clear(target_query_t *self);

/* One page; borrows from the state. */
typedef struct {
    const target_state_t *items[TARGET_LIST_LIMIT_MAX];
    size_t n_items;
    size_t total;  /* targets that fit, on all pages */
    bool has_more; /* ... after this one */
} target_page_t;

/* The page that QUERY asks for of STATE (whole). The emergency stop is on none. O(number of
 * targets), and O(log limit + limit) for each that may be on the page. */
void target_page_find(const snapshot_t *state, const target_query_t *query, target_page_t *ret);

/* What `cursor` must be for the page after PAGE, which has more; to be freed. NULL where memory ran
 * out. */
char *target_page_cursor(const target_page_t *page, const target_query_t *query);

#endif
