/*
 * Why a status is what it is: the rules that made it, with their values, as a tree and as one
 * sentence. Pure over the health model; what it tells is the model's state now, which the next
 * snapshot shows.
 */
#ifndef HEALTHD_CORE_EXPLAIN_H
#define HEALTHD_CORE_EXPLAIN_H

#include "core/model.h"

/* Targets that one rule of the system names, at most; how many there are is told. */
#define EXPLAIN_TARGETS_MAX 20
/* Bytes of one text from outside, at most: an error, a condition. */
#define EXPLAIN_TEXT_BYTES 520

typedef enum { EXPLAINED, EXPLAIN_NO_SUCH_TARGET, EXPLAIN_NO_MEMORY } explain_outcome_t;

/*
 * Explains target NAME, or the system where NAME is NULL. Where EXPLAINED gives *RET for free(): a
 * JSON object of less than 1 MiB with `sentence` and `derivation`, a list of nodes
 * {"rule","holds","text","values":{...},"children":[nodes]}. O(1) for a target but for its
 * conditions and members, O(number of targets) for the system. Groups are worked out before.
 */
explain_outcome_t explain(model_t *model, const char *name, now_t now, char **ret);

#endif
