/* One run of a program for a check: its output as it comes, and its end, by force where it must. */
#ifndef HEALTHD_ACTORS_COLLECTORS_EXEC_RUN_H
#define HEALTHD_ACTORS_COLLECTORS_EXEC_RUN_H

#include "actors/actor.h"
#include "actors/io/process.h"

/* From SIGTERM to SIGKILL. */
#define EXEC_GRACE_US ((int64_t)1000 * 1000)
/* From SIGKILL to the report, where the kernel keeps the program all the same. */
#define EXEC_KILL_US ((int64_t)500 * 1000)
/* Bytes beyond output_limit that a program may write. */
#define EXEC_OUTPUT_SPARE_BYTES ((size_t)1 << 20)
/* Bytes of its standard error that are kept. */
#define EXEC_ERRORS_BYTES ((size_t)4 << 10)

typedef struct exec_run exec_run_t;

/* Why a run was ended by force. */
typedef enum { EXEC_ENDED, EXEC_TIMED_OUT, EXEC_WROTE_TOO_MUCH } exec_force_t;

/* What came of a run; texts are borrowed until the handler returns. */
typedef struct {
    exec_force_t force;
    bool has_end; /* else the kernel has not ended it yet: it is buried when it does */
    process_end_t end;
    const char *output; /* n_output bytes; its standard error where it wrote nothing else */
    size_t n_output;
    int64_t latency_us; /* from the start to its end, or to the deadline */
} exec_result_t;

/* Called once for each run that started. The run is gone afterwards. */
typedef void exec_done_fn(void *context, size_t at, const exec_result_t *result);

/* The runs of one actor. */
typedef struct exec_runs exec_runs_t;

exec_runs_t *exec_runs_new(actor_t *actor, exec_done_fn *done, void *context);

/* Kills what runs, and waits a moment for its end; nobody is told. */
void exec_runs_destroy(exec_runs_t **runs);

/* Starts PLAN for place AT; it may take TIMEOUT_US, and OUTPUT_BYTES are read. 0, or -1 as
 * process_start. */
int exec_run_start(exec_runs_t *runs, size_t at, const process_plan_t *plan, int64_t timeout_us,
                   size_t output_bytes, process_error_t *reterr);

/* Programs that were killed and have not ended. */
size_t exec_runs_n_stuck(const exec_runs_t *runs);

#endif
