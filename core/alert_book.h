/*
 * What the alert rules remember, and how they find it; for alert_rules.c and alert_book.c alone.
 * Everything else uses core/alert_rules.h.
 */
#ifndef HEALTHD_CORE_ALERT_BOOK_H
#define HEALTHD_CORE_ALERT_BOOK_H

#include "core/alert_condition.h"

/* A remembered alert. */
typedef struct kept_alert {
    alert_t alert;
    bool is_seen;             /* its component was met in this step */
    struct kept_alert *older; /* of the same component and level; as slots: of this step */
} kept_alert_t;

typedef struct {
    quiet_t quiet;
    int kind;       /* alert_kind_t of the cleared alert */
    char *entry_id; /* emergency stop: the cleared trip; a newer one is raised. Else NULL */
    bool is_seen;
    bool is_ended; /* swept at the next step: its effect still points here */
} kept_quiet_t;

typedef struct {
    finding_t finding; /* owned */
    int64_t heard_us;  /* when it was last said, as since_start_us */
} kept_finding_t;

/* A component that is bad and of which nobody was told yet. */
typedef struct {
    char *component;
    int64_t begun_us; /* as since_start_us; negative: before the start */
    bool is_seen;
} kept_wait_t;

/* Growing array of pointers, each owned. */
typedef struct {
    void **items;
    size_t n;
    size_t capacity;
} book_list_t;

/* Component and level -> the newest alert and the quiet mark; remade for each step. */
typedef struct {
    const char *component; /* NULL: free */
    int level;
    kept_alert_t *newest; /* the active one, where there is one */
    kept_quiet_t *quiet;
    kept_wait_t *wait; /* in the slot of BOOK_NO_LEVEL */
} book_slot_t;

/* Level of the slot that is the component's own. */
#define BOOK_NO_LEVEL (-1)

struct alert_book {
    const config_t *config;
    bool is_settled;      /* every probed target has had a result, or the grace is over */
    book_list_t alerts;   /* kept_alert_t, oldest first */
    book_list_t quiets;   /* kept_quiet_t */
    book_list_t waits;    /* kept_wait_t */
    book_list_t findings; /* kept_finding_t, those of one component side by side */
    int64_t next_us;      /* when the step is to be repeated, as since_start_us */
    book_slot_t *slots;
    size_t n_slots; /* a power of two */
    alert_effect_t *effects;
    size_t n_effects;
    size_t effects_capacity;
    bool is_out_of_memory;  /* in this step */
    kept_alert_t *cleared;  /* of a clear that has begun */
    kept_quiet_t *quieted;  /* likewise */
    kept_alert_t *to_clear; /* the active alert that it is about; borrowed */
};

/* Takes ITEM where it returns 0; -1: out of memory. */
int book_list_add(book_list_t *list, void *item);

kept_alert_t *book_alert_at(const alert_book_t *book, size_t i);
kept_quiet_t *book_quiet_at(const alert_book_t *book, size_t i);

/* Whether KEPT (NULL: no) has not ended. */
static inline bool kept_is_active(const kept_alert_t *kept)
{
    return kept && kept->alert.resolution == RESOLUTION_NONE;
}

/* A quiet mark for ALERT, cleared at SINCE_US. NULL: out of memory. */
kept_quiet_t *kept_quiet_new(const alert_t *alert, int64_t since_us);

void kept_alert_destroy(kept_alert_t **kept);
void kept_quiet_destroy(kept_quiet_t **kept);
void kept_finding_destroy(kept_finding_t **kept);
void kept_wait_destroy(kept_wait_t **kept);

/* After the condition of a component was told: nothing waits any more where it IS_RAISED or over.
 */
void alert_wait_follow(alert_book_t *book, const alert_condition_t *condition, bool is_raised);

/* Adds an effect of this step; memory that runs out is noted in the book. */
void book_add_effect(alert_book_t *book, alert_effect_t effect);

/* Ends KEPT as RESOLUTION and says so. */
void book_resolve(alert_book_t *book, kept_alert_t *kept, resolution_t resolution, int64_t now_us);

/* Forgets ended quiet marks and the oldest ended alerts beyond ALERT_HISTORY_MAX; nothing is seen
 * any more. */
void book_sweep(alert_book_t *book);

/* Remakes the slots from what is remembered. 0, or -1: out of memory. */
int book_make_slots(alert_book_t *book);

/* What stands in slots. */
static inline size_t book_size(const alert_book_t *book)
{
    return book->alerts.n + book->quiets.n + book->waits.n;
}

/* Forgets the waits that nobody told of in this step. */
void alert_wait_sweep(alert_book_t *book);

/* The slot of COMPONENT and LEVEL; a free one where nothing is remembered of them. */
book_slot_t *book_slot_at(const alert_book_t *book, const char *component, int level);

#endif
