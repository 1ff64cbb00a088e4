/*
 * The query of a request as named values, read strictly: every name is one that the route knows,
 * and only those that may stand twice do. Pure.
 */
#ifndef HEALTHD_GATEWAY_PARAMETERS_H
#define HEALTHD_GATEWAY_PARAMETERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/path.h"
#include "gateway/reply.h"

/* Parameters of one request, at most. */
#define PARAMETERS_MAX 64

/* One that a route takes. */
typedef struct {
    const char *name;
    bool is_repeatable;
} parameter_rule_t;

/* One that the request has. */
typedef struct {
    const char *name; /* the rule's */
    char *value;      /* decoded; without NUL; owned */
} parameter_t;

/* Zero it to begin. */
typedef struct {
    parameter_t items[PARAMETERS_MAX];
    size_t n;
} parameters_t;

/*
 * Reads QUERY, still encoded ('+' is a space), by N_RULES RULES. 0, or -1 with *RET_REFUSAL: 400
 * for a name that is unknown or stands twice, a NUL or too many, NULL where memory ran out. SELF is
 * to be cleared in any case.
 */
int parameters_read(parameters_t *self, slice_t query, const parameter_rule_t *rules,
                    size_t n_rules, reply_t **ret_refusal);

void parameters_clear(parameters_t *self);

/* The value of NAME, or NULL. */
const char *parameters_text(const parameters_t *self, const char *name);

/*
 * The whole number NAME from MIN to MAX; *RET stays what it is where NAME is not there. 0, or -1
 * with *RET_REFUSAL: 422, or NULL where memory ran out.
 */
int parameters_integer(const parameters_t *self, const char *name, int64_t min, int64_t max,
                       int64_t *ret, reply_t **ret_refusal);

/* The same of true and false. */
int parameters_boolean(const parameters_t *self, const char *name, bool *ret,
                       reply_t **ret_refusal);

/* 422 that names parameter NAME and says what its value must be. */
reply_t *parameters_fault(const char *name, const char *message);

#endif
