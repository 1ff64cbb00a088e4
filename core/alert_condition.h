/*
 * What an alert can be about. A maker looks at one kind of condition and tells the book of each
 * component that it answers for, at every step: holding at a level, over, or unknown. It has a file
 * of its own (alert_of_*.c) and a place in the list of alert_rules.c; the life of the alerts that
 * follows is the same for all.
 */
#ifndef HEALTHD_CORE_ALERT_CONDITION_H
#define HEALTHD_CORE_ALERT_CONDITION_H

#include "core/alert_rules.h"
#include "core/text.h"

/* Component of the alert about the whole system. */
#define ALERT_SYSTEM "system"
/* Names in the text or details of one alert, at most; further ones are counted. */
#define ALERT_NAMES_MAX 1000

/* Level of a component that has no condition now, and of one about which nothing can be said: its
 * alert stays as it is. */
enum { ALERT_LEVEL_NONE = -1, ALERT_LEVEL_HOLD = -2 };

/* What the makers look at. */
typedef struct {
    const config_t *config;
    const snapshot_t *snapshot; /* whole */
    bool
        is_settled; /* every probed target has had a result, or the grace after the start is over */
    int64_t now_us; /* wall time */
    int64_t since_start_us; /* monotonic */
} alert_view_t;

/* Title, message and details (JSON text of an object) while they are written. */
typedef struct {
    text_t title, message, details;
} alert_texts_t;

typedef struct alert_condition alert_condition_t;
struct alert_condition {
    const char *component; /* nobody else tells of it; borrowed for the step */
    int kind;              /* alert_kind_t */
    int level;             /* severity_t, ALERT_LEVEL_NONE or ALERT_LEVEL_HOLD */
    int reason;            /* reason_t */
    bool is_trip;          /* of the emergency stop: it ends as `reset`, and a clear of it keeps
                              quiet only the trips up to its entry */
    const char *entry_id;  /* of that trip, or NULL */
    int64_t since_us;      /* Unix time when it began to hold; 0: when it is first told */
    int64_t wait_us;       /* how long its component must be bad before an alert is raised */
    const void *subject;   /* for describe */
    /* Writes the texts; called only where an alert is raised or may have changed. */
    void (*describe)(const alert_view_t *view, const alert_condition_t *self, alert_texts_t *texts);
};

/* Everything about one component at this step: alerts of other levels end, the one of its level
 * is raised or follows it. */
void alert_book_tell(alert_book_t *book, const alert_view_t *view,
                     const alert_condition_t *condition);

/*
 * Whether an alert of CONDITION, which holds, need not wait: its component has been bad for wait_us
 * at whatever level, or has an alert, or one that was cleared. What an alert manager before it knew
 * is known by the condition's since_us alone.
 */
bool alert_book_is_due(alert_book_t *book, const alert_view_t *view,
                       const alert_condition_t *condition);

/* The step is to be repeated at SINCE_START_US, whether a snapshot comes or not. */
void alert_book_wake_at(alert_book_t *book, int64_t since_start_us);

/* Component, kind, reason, entry and texts of CONDITION. Gives *RET, without id, level and times;
 * to be ended with alert_clear. 0, or -1: out of memory. */
int alert_describe(const alert_view_t *view, const alert_condition_t *condition, alert_t *ret);

/* --- makers, in the order in which alerts are told --- */

typedef void alert_maker_fn(alert_book_t *book, const alert_view_t *view);

alert_maker_fn alert_make_system;
alert_maker_fn alert_make_targets;
alert_maker_fn alert_make_flapping;
alert_maker_fn alert_make_certificates;
alert_maker_fn alert_make_overdue;
alert_maker_fn alert_make_blindness;
alert_maker_fn alert_make_findings;

/* The conditions of which these two tell, for tests of their texts. */
alert_condition_t alert_of_system(const alert_view_t *view);
alert_condition_t alert_of_target(const alert_view_t *view, const target_state_t *target);

#endif
