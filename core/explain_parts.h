/* What the files of core/explain*.c share: writing nodes of the tree. */
#ifndef HEALTHD_CORE_EXPLAIN_PARTS_H
#define HEALTHD_CORE_EXPLAIN_PARTS_H

#include "core/explain.h"
#include "core/model_parts.h"
#include "core/text.h"

/*
 * Begins a node of RULE with SENTENCE, which it empties, as its text. Then follow its values
 * (explain_string and so on), explain_children, the nodes below it, and explain_end.
 */
void explain_begin(text_t *out, const char *rule, bool holds, text_t *sentence);
void explain_children(text_t *out);
void explain_end(text_t *out);

/* Members of an object; shortened to EXPLAIN_TEXT_BYTES. NULL, NAN and 0 as a time give null. */
void explain_string(text_t *out, const char *key, const char *value);
void explain_integer(text_t *out, const char *key, int64_t value);
void explain_number(text_t *out, const char *key, double value);
void explain_boolean(text_t *out, const char *key, bool value);
void explain_time(text_t *out, const char *key, int64_t at_us);
/* AGE_US in milliseconds; negative gives null. */
void explain_age(text_t *out, const char *key, int64_t age_us);

/* The member `sentence`, which it empties, and the begin of `derivation`. */
void explain_sentence(text_t *out, text_t *sentence);

/* Appends TEXT to a sentence, shortened; the instant AT_US; "4.2 s". */
void explain_say(text_t *sentence, const char *text);
void explain_say_time(text_t *sentence, int64_t at_us);
void explain_say_seconds(text_t *sentence, int64_t us);

/* Time since AT_US of the wall clock, which may have been set back: never negative. */
int64_t explain_age_us(int64_t at_us, now_t now);

/* A latency as it is shown; NAN where there is none. */
double explain_latency_ms(const target_state_t *shown);

/* " for status (HTTP 500)", or nothing where there is no reason. */
void explain_say_reason(text_t *sentence, const target_state_t *shown);

/* "risk_guard is DOWN for status: Status code: 500", without an end. */
void explain_say_state(text_t *sentence, const target_state_t *shown);

/* What rule ROW of the system says, and what it makes of the system; VERDICT_NO_ROW has neither. */
const char *explain_row_title(verdict_row_t row);
int explain_row_makes(verdict_row_t row);

/* What the explanation of one target looks at. */
typedef struct {
    const model_t *model;
    const target_t *target;
    const target_state_t *shown;
    const progress_t *progress;
    now_t now;
} explain_case_t;

/* Age of the last result; -1: there is none. */
int64_t explain_result_age_us(const explain_case_t *it);

/* Writes the node of the result that is shown, with what judged it; appends why the status is what
 * it is: " because [STATUS] == 200 is false with 503". */
void explain_result(const explain_case_t *it, text_t *out);
void explain_say_why(const explain_case_t *it, text_t *sentence);

/* Writes the node of a group's rule with its members below it. */
void explain_group(const explain_case_t *it, text_t *out);
/* Appends " because any_up: 1 of 2 members must be up, 0 are; DOWN: a, b". */
void explain_say_group(const explain_case_t *it, text_t *sentence);

/* Write the whole object. */
void explain_target(const model_t *model, size_t at, now_t now, text_t *out);
void explain_system(const model_t *model, now_t now, text_t *out);

#endif
