/* The bodies of healthd's answers and events as rows and lines. Pure. */
#ifndef HEALTHD_APPS_HEALTHCTL_VIEW_H
#define HEALTHD_APPS_HEALTHCTL_VIEW_H

#include <jansson.h>

#include "apps/healthctl/table.h"

/* Text at KEY of OBJECT (borrows); OTHERWISE where it is none. */
const char *view_text(const json_t *object, const char *key, const char *otherwise);

/* Appends the instant at KEY to the second, 2026-11-24T02:45:30Z, or what else stands there. */
void view_append_time(text_t *out, const json_t *object, const char *key);

/* Exit code of the system's status: OK 0, DEGRADED 1, CRITICAL 2, anything else 3. */
int view_exit_code(const char *status);

/*
 * Target name -> status text of a system body (borrows), also of one that leaves out entries. Gives
 * a new JSON object; NULL where memory ran out.
 */
json_t *view_statuses(const json_t *system);

/* Fills TABLE, to be cleared, with a row for each target; with ONLY_TROUBLE for those not OK. */
void view_targets(const json_t *system, bool only_trouble, table_t *table);

/* Appends the phases and conditions of MEASURED (borrows; NULL: nothing) as tables after a line. */
void view_append_measured(text_t *out, const json_t *measured, bool is_coloured);

/* Appends all that people want of TARGET, the body of one (borrows). */
void view_append_target(text_t *out, const json_t *target, bool is_coloured);

/* Fills TABLE, to be cleared, with the alerts of an answer; with HAS_END when and how they ended.
 */
void view_alerts(const json_t *answer, bool has_end, table_t *table);

#endif
