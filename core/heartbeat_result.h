/* The result that a heartbeat's state makes, as any check's. Pure. */
#ifndef HEALTHD_CORE_HEARTBEAT_RESULT_H
#define HEALTHD_CORE_HEARTBEAT_RESULT_H

#include <healthd/probe_result.h>

#include "core/check.h"
#include "core/heartbeat.h"

/*
 * What VERDICT says of TARGET, with the times of its pings and what the job said last. Conditions
 * look at the last run, and only where it ended and nothing is overdue. Gives RET in place (what it
 * held is not freed), to be ended with probe_result_clear. 0, or -1 where memory ran out.
 */
int heartbeat_result(const target_t *target, const heartbeat_t *heartbeat,
                     const heartbeat_verdict_t *verdict, condition_workspace_t *workspace,
                     now_t now, probe_result_t *ret);

#endif
