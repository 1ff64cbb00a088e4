/* The parts of a check's result, each in a file of its own; core/check.c puts them together. */
#ifndef HEALTHD_CORE_CHECK_PARTS_H
#define HEALTHD_CORE_CHECK_PARTS_H

#include "core/check.h"

/* --- core/check.c --- */

/* Whether FAULT means that no connection ever stood. */
bool check_is_unconnected(reason_t fault);

/* PREFIX and TEXT for people: what comes from outside is repaired, without passwords and control
 * characters, and cut. NULL: out of memory. */
char *check_error_text(const char *prefix, const char *text);

/* What stands before every error text of TARGET. */
const char *check_prefix(const target_t *target);

/* Fills RET with what the answer itself says, unless it is STATUS_OK or not worse than RET. 0, or
 * -1: out of memory; so do the functions below. */
int check_own_verdict(const target_t *target, const check_outcome_t *outcome, probe_result_t *ret);

/* Gives RET the details of a service: the body, or the output. */
int check_details(const target_t *target, const check_outcome_t *outcome, probe_result_t *ret);

/* Fills RET for the fault of OUTCOME. */
int check_no_answer(const target_t *target, const check_outcome_t *outcome, probe_result_t *ret);

/* --- core/check_conditions.c --- */

/* Fills RET by the conditions of TARGET, and adds them to its measurement. */
int check_by_conditions(const target_t *target, const check_outcome_t *outcome,
                        probe_result_t *ret);

/* --- core/check_measure.c --- */

/* The measurement of RET, one without anything where there was none; NULL: out of memory. */
measurement_t *check_measurement(probe_result_t *ret);

/* Gives RET a measurement of what OUTCOME saw; none where it saw nothing. */
int check_measure(const check_outcome_t *outcome, probe_result_t *ret);

/* --- core/check_evidence.c --- */

/* Gives RET, which has its verdict, the evidence. */
int check_keep_evidence(const target_t *target, const check_outcome_t *outcome,
                        probe_result_t *ret);

#endif
