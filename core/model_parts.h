/* What the files of the health model share; for core/model*.c and core/explain*.c alone. */
#ifndef HEALTHD_CORE_MODEL_PARTS_H
#define HEALTHD_CORE_MODEL_PARTS_H

#include "core/blindness.h"
#include "core/confirm.h"
#include "core/flap.h"
#include "core/model.h"
/* Counting towards a threshold, and age, of one target; what is shown stands in model_t.shown. */
typedef struct {
    confirm_t confirm;
    flap_t flap;
    int64_t last_result_mono_us;
    bool has_result;
    bool is_cleared;      /* emergency stop: an operator cleared the shown entry */
    bool is_changed;      /* since the last snapshot */
    bool is_wanted;       /* it is to be probed at once */
    probe_result_t *held; /* a failure that waits for the connectivity checks; owned, NULL: none */
    int64_t held_at_us;   /* monotonic: when it came */
    size_t bulk_bytes;    /* that its shown details and conditions count with; 0: left out */
} progress_t;

struct model {
    const config_t *config;
    target_state_t *shown; /* one for each target, in configuration order; owned */
    progress_t *progress;
    target_state_t *changes; /* room for the changed targets of one snapshot; borrow from shown */
    bool has_result;         /* of any probed target */
    bool is_due;             /* something differs that makes a snapshot due at once */
    bool may_be_due;         /* an evaluation may find that one is */
    bool *is_group_marked;   /* by position in the configuration's groups: a member turned */
    bool has_marked_group;
    now_t groups_now;  /* when the last of those turned */
    bool is_new_list;  /* the next snapshot is whole: others are its targets, or one was lost */
    size_t bulk_bytes; /* of all targets */

    int status; /* system_status_t, of the last evaluation */
    double avg_service_latency_ms;
    double max_service_latency_ms;
    critical_failure_t *failures; /* owned */
    size_t n_failures;

    blindness_t blindness;
    size_t next_wanted;                                   /* no target before it is_wanted */
    size_t n_held;                                        /* targets with a failure that waits */
    connectivity_t connectivity[CONNECTIVITY_CHECKS_MAX]; /* as it is shown; names are borrowed */

    snapshot_t last; /* verdict of the last snapshot made; its lists are empty */
};

/* Rows of the rules of the system's status, in their order (docs/status.md): the first that holds
 * decides. */
typedef enum {
    VERDICT_SERVICE_DOWN,
    VERDICT_INFRASTRUCTURE_DOWN,
    VERDICT_EMERGENCY_STOP,
    VERDICT_LATENCY_CRITICAL,
    VERDICT_SERVICE_DEGRADED,
    VERDICT_INFRASTRUCTURE_DEGRADED,
    VERDICT_LATENCY_DEGRADED,
    VERDICT_TARGET_UNKNOWN,
    VERDICT_ALL_PAUSED,
    VERDICT_NO_ROW
} verdict_row_t;

/* Whether no rule looks at SHOWN: it is paused, a heartbeat of which no run has ended, which is no
 * finding about the system, or a group that its members leave UNKNOWN, which
 * they make the system for themselves unless they are paused. */
bool verdict_leaves_out(const target_state_t *shown);

/* The row that SHOWN makes hold by its status, whatever its latency. */
verdict_row_t verdict_row_of(const target_state_t *shown);

/* Whether the latency of SHOWN is that of a service, and not how long a job ran. */
bool verdict_counts_latency(const target_state_t *shown);

/* Whether SHOWN is a service whose latency is above LIMIT_MS; never where that is NAN. */
bool verdict_is_slow(const target_state_t *shown, double limit_ms);

/* Shows RESULT as the state of target I; its texts are moved. */
void model_show(model_t *model, size_t i, probe_result_t *result, now_t now);

/* Target I turned, or flaps otherwise: its groups are to be worked out. O(groups that it is in). */
void model_mark_groups(model_t *model, size_t i, now_t now);
/* ... every group. */
void model_mark_all_groups(model_t *model, now_t now);
/* Works the marked groups out, members before the groups that they are in. O(1) where none is, else
 * O(groups + members of the marked ones). */
void model_settle_groups(model_t *model);

/* RESULT of probed target I counts, and is shown where it turns or confirms the status. */
model_outcome_t model_count_result(model_t *model, size_t i, probe_result_t *result, now_t now);

/* --- core/model_blind.c --- */

/* Result of an internal target. */
void model_take_sight(model_t *model, size_t address, const probe_result_t *result, now_t now);

/* Whether RESULT of probed target I is not simply counted: it is taken over where it waits, or was
 * made blind, which *RET tells. */
bool model_is_unseen(model_t *model, size_t i, probe_result_t *result, now_t now,
                     model_outcome_t *ret);

/* Failures that have waited long enough count. */
void model_release_overdue(model_t *model, now_t now);

/* The failure of target I that waits is forgotten. */
void model_forget_held(model_t *model, size_t i);

/* Frees the failures of N targets that wait. */
void model_free_held(progress_t *progress, size_t n);

/* Fills in what a snapshot shows of the connectivity checks. */
void model_put_connectivity(model_t *model, snapshot_t *ret);

/* Frees N failures and their list. */
void model_free_failures(critical_failure_t *failures, size_t n);

/* Target I shows another result: what it carries counts. */
void model_count_bulk(model_t *model, size_t i);

/* Sums up anew what the targets count with. */
void model_sum_bulk(model_t *model);

/* Leaves out the largest until all is within SNAPSHOT_BULK_MAX_BYTES. O(1) where it is, else
 * O(number of targets). */
void model_fit_bulk(model_t *model);

#endif
