/* What the files of the health model share; for core/model*.c alone. */
#ifndef HEALTHD_CORE_MODEL_PARTS_H
#define HEALTHD_CORE_MODEL_PARTS_H

#include "core/confirm.h"
#include "core/flap.h"
#include "core/model.h"
/* Counting towards a threshold, and age, of one target; what is shown stands in model_t.shown. */
typedef struct {
    confirm_t confirm;
    flap_t flap;
    int64_t last_result_mono_us;
    bool has_result;
    bool is_cleared; /* emergency stop: an operator cleared the shown entry */
    bool is_changed; /* since the last snapshot */
} progress_t;

struct model {
    const config_t *config;
    target_state_t *shown; /* one for each target, in configuration order; owned */
    progress_t *progress;
    target_state_t *changes; /* room for the changed targets of one snapshot; borrow from shown */
    bool has_result;         /* of any probed target */
    bool is_due;             /* something differs that makes a snapshot due at once */
    bool may_be_due;         /* an evaluation may find that one is */
    bool is_new_list;        /* the targets are others than in the last snapshot */

    int status; /* system_status_t, of the last evaluation */
    double avg_service_latency_ms;
    double max_service_latency_ms;
    critical_failure_t *failures; /* owned */
    size_t n_failures;

    snapshot_t last; /* verdict of the last snapshot made; its lists are empty */
};

/* Frees N failures and their list. */
void model_free_failures(critical_failure_t *failures, size_t n);

#endif
