/*
 * The condition language (docs/conditions.md): what must hold for a check to be OK. A text such as
 * `status == 200 and body.queue.depth < 1000` is compiled once, when the configuration is read, and
 * checked against the values that its type of probe has; it is evaluated on each result. Total:
 * every text compiles or is refused with its place, and every evaluation ends. Pure.
 *
 * What allocates: compiling; of evaluating, the first look into a body as JSON (once for a result),
 * and a regular expression that goes deeper than any before it in the same workspace.
 */
#ifndef HEALTHD_CORE_CONDITION_H
#define HEALTHD_CORE_CONDITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <healthd/measurement.h>
#include <healthd/status.h>

#include "core/condition_values.h"

/* Bytes of a condition, at most. */
#define CONDITION_MAX_BYTES CONDITION_TEXT_MAX_BYTES
/* `(` and `not` inside each other, at most. */
#define CONDITION_MAX_DEPTH 64
/* Items of a list after `in`, at most. */
#define CONDITION_MAX_LIST_ITEMS 64
/* Conditions of one list of a target, at most. */
#define CONDITIONS_MAX (MEASURED_CONDITIONS_MAX / 2)
/* Bytes of an actual value as text, with its NUL. */
#define CONDITION_ACTUAL_BYTES (CONDITION_ACTUAL_MAX_BYTES + 1)
/* Bytes of a captured text, at most: a longer one is captured as missing. */
#define CONDITION_CAPTURE_MAX_BYTES 4096

/* --- compiling --- */

/* What conditions of one target may name. */
typedef struct {
    const char *probe;           /* "http": for messages */
    uint64_t values;             /* condition_values_of(probe) */
    const char *const *captured; /* names that the configuration gave; borrowed while compiling */
    size_t n_captured;
} condition_vocabulary_t;

/* Why a text is refused; OFFSET and LENGTH are bytes of it (LENGTH may be 0 at its end). */
typedef struct {
    size_t offset;
    size_t length;
    bool is_memory;     /* the text is fine: memory ran out */
    char text[200];     /* what is wrong */
    char expected[400]; /* what may stand there, or "" */
    char nearest[64];   /* the word that may have been meant, or "" */
} condition_error_t;

/* Room for any condition_error_line. */
#define CONDITION_ERROR_LINE_BYTES 720

/* "TEXT; expected EXPECTED; did you mean NEAREST?" without what is empty. */
void condition_error_line(const condition_error_t *error, char line[CONDITION_ERROR_LINE_BYTES]);

/* A compiled condition, or a value to capture. Immutable: threads may share it. */
typedef struct condition condition_t;

/* Compiles N bytes of TEXT (borrows). Gives *RET. 0, or -1 with *RETERR. */
int condition_compile(const char *text, size_t n, const condition_vocabulary_t *vocabulary,
                      condition_t **ret, condition_error_t *reterr);

/* The same of a value alone, to be captured: `body.token`, `len(body.items)`. */
int condition_compile_value(const char *text, size_t n, const condition_vocabulary_t *vocabulary,
                            condition_t **ret, condition_error_t *reterr);

void condition_destroy(condition_t **condition);

const char *condition_text(const condition_t *condition); /* as it was written */
uint64_t condition_values(const condition_t *condition);  /* the values that it names */

/* Whether NAME may be given to a captured value: letters, digits, _ and -, a letter or _ first,
 * and not a word of the language. */
bool condition_is_free_name(const char *name);

/* --- what was observed --- */

/* Bytes from outside: any at all, not terminated. */
typedef struct {
    const char *bytes;
    size_t n;
} condition_text_t;

typedef struct {
    condition_text_t name;
    condition_text_t text;
} condition_field_t;

/* All of it is borrowed. A value whose bit is not in `present` is missing, whatever it holds;
 * headers and captured values are there where they are listed, and `reason` always is. */
typedef struct {
    uint64_t present;
    int64_t now_us; /* Unix time of the check, for age() */
    reason_t fault; /* why no answer came, and `reason`; REASON_NONE: one did */

    int64_t status;
    int64_t latency_us;
    bool is_connected;
    condition_text_t ip;
    condition_text_t body;
    const condition_field_t *headers; /* in the order of the answer; the first of a name counts */
    size_t n_headers;
    int64_t cert_expiry_us; /* time left; below 0: over */
    int64_t domain_expiry_us;
    condition_text_t tls_version; /* "1.3" or "TLSv1.3" */
    condition_text_t http_version;
    int64_t phase_us[CONDITION_PHASES]; /* by value - CONDITION_PHASE_RESOLVE */

    condition_text_t rcode; /* condition_rcode_name */
    const condition_text_t *answers;
    size_t n_answers;
    int64_t dns_ttl_us;
    int64_t ttl;
    double loss_ratio; /* 0.0 .. 1.0 */

    int64_t exit_code;
    condition_text_t output;
    condition_text_t value; /* a number as text, or any text */
    const condition_field_t *captured;
    size_t n_captured;

    bool is_body_cut; /* there was more: the body is not JSON then */
} condition_observed_t;

/* --- evaluating --- */

/* What one thread needs to evaluate conditions: memory kept from result to result, the body as
 * JSON, the work that regular expressions may still do. */
typedef struct condition_workspace condition_workspace_t;

/* NULL where memory ran out. */
condition_workspace_t *condition_workspace_new(void);
void condition_workspace_destroy(condition_workspace_t **workspace);

/* Takes up OBSERVED, borrowed until _end, which frees what was made of it. */
void condition_workspace_begin(condition_workspace_t *workspace,
                               const condition_observed_t *observed);
void condition_workspace_end(condition_workspace_t *workspace);

/* condition_outcome_t is that of the messages. What is neither TRUE nor FALSE stays so under `not`,
 * and decides `and` and `or` only where no other part does. */

/* One condition of one result. */
typedef struct {
    const char *text; /* condition_text, borrowed from the condition */
    bool is_degraded; /* of degraded_conditions */
    condition_outcome_t outcome;
    char actual[CONDITION_ACTUAL_BYTES]; /* the value that decided, UTF-8, cut: `503`, `"busy"`,
                                            `missing`; `status = 503` where it looks at several */
} condition_result_t;

/* Evaluates CONDITION on what the workspace took up. Gives RET. 0, or -1 where memory ran out. */
int condition_evaluate(const condition_t *condition, condition_workspace_t *workspace,
                       condition_result_t *ret);

/* A captured value: durations in seconds, ratios from 0 to 1. */
typedef struct {
    bool is_number; /* a number, or a text that is one */
    double number;
    char *text; /* UTF-8; the caller frees it; NULL: missing */
} condition_capture_t;

/* What VALUE (condition_compile_value) is. Lists and objects have no text and count as missing; so
 * does a text that is too long or not UTF-8 without NUL. 0, or -1 where memory ran out. */
int condition_capture(const condition_t *value, condition_workspace_t *workspace,
                      condition_capture_t *ret);

/* --- the conditions of a target --- */

/* Zero it to begin. */
typedef struct {
    condition_t *conditions[CONDITIONS_MAX]; /* one false: DOWN */
    size_t n_conditions;
    condition_t *degraded_conditions[CONDITIONS_MAX]; /* one false: DEGRADED */
    size_t n_degraded_conditions;
} conditions_t;

/* Compiles TEXT and adds it. 0, or -1 with *RETERR. */
int conditions_add(conditions_t *conditions, bool is_degraded, const char *text, size_t n,
                   const condition_vocabulary_t *vocabulary, condition_error_t *reterr);
void conditions_clear(conditions_t *conditions);

typedef struct {
    status_t status; /* OK, DEGRADED or DOWN */
    reason_t reason;
    const condition_result_t *deciding; /* one of `results`; NULL: OK, or a fault decided */
    size_t n_results;
    condition_result_t results[2 * CONDITIONS_MAX]; /* conditions, then degraded_conditions */
} conditions_verdict_t;

/*
 * What CONDITIONS make of what the workspace took up. Every one is evaluated; the first false one
 * of `conditions` makes it DOWN, else the first of `degraded_conditions` DEGRADED; the reason is
 * REASON_MISSING_VALUE where it was missing, else REASON_CONDITION.
 *
 * A fault makes it DOWN for its own reason, unless the conditions answer for it: one of
 * `conditions` names `reason`, or `connected` where no connection stood. Then a value that is
 * missing for the fault has the fault as its reason.
 *
 * 0, or -1 where memory ran out. About 10 KB of RET are written where there are that many.
 */
int conditions_judge(const conditions_t *conditions, condition_workspace_t *workspace,
                     conditions_verdict_t *ret);

#endif
