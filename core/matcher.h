/*
 * Matchers as Prometheus' Alertmanager has them: `name="value"`, `!=`, `=~`, `!~`. What they look
 * at is asked for by name, so that targets, alerts and whatever else has names and texts can be
 * matched. A name that is missing has the text "". Pure.
 *
 *     text    = matcher *( "," matcher ) [ "," ]     also inside of { }
 *     matcher = name operator value                  blanks around each
 *     name    = 1 to 64 letters, digits and _, or the same in quotes
 *     value   = a text in double quotes, or a word without blanks and { } ! = ~ , \ " ' `
 *
 * Inside of quotes \" \\ and \n stand for a quote, a backslash and a line feed; any other backslash
 * stands for itself, so that "web\d+" is what it looks like (Alertmanager, pkg/labels,
 * ParseMatcher, whose reading wins there by default). A regular expression matches the whole text.
 */
#ifndef HEALTHD_CORE_MATCHER_H
#define HEALTHD_CORE_MATCHER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/condition.h"
#include "core/condition_regex.h"
#include "core/text.h"

/* Matchers of one list, at most; bytes of a text that is parsed; of a name. */
#define MATCHERS_MAX           32
#define MATCHER_TEXT_MAX_BYTES 3072
#define MATCHER_NAME_MAX_BYTES 64

typedef enum {
    MATCHER_EQUAL,
    MATCHER_NOT_EQUAL,
    MATCHER_REGEX,
    MATCHER_NOT_REGEX,
    MATCHER_OPERATOR_COUNT
} matcher_operator_t;

typedef struct {
    char *name;
    char *value; /* without quotes and escapes; UTF-8 */
    matcher_operator_t operator;
    condition_regex_t *regex; /* of MATCHER_REGEX and MATCHER_NOT_REGEX */
} matcher_t;

/* All of them must match; none matches everything. Zero it to begin; threads may share it once it
 * stands. */
typedef struct {
    matcher_t *items; /* owned */
    size_t n;
} matchers_t;

/* The text of NAME, or NULL where it is missing; valid until the next call. */
typedef const char *matcher_lookup_fn(const char *name, void *context);

/* Adds what N bytes of TEXT (borrows) say: one matcher or several. 0; or -1 with *RETERR and
 * MATCHERS as it was. The place in *RETERR is in bytes of TEXT. */
int matchers_add(matchers_t *matchers, const char *text, size_t n, condition_error_t *reterr);

void matchers_clear(matchers_t *matchers);

/* Whether one of them asks for NAME. */
bool matchers_ask_for(const matchers_t *matchers, const char *name);

/*
 * Whether all of MATCHERS match what LOOKUP gives. REGEXES is the memory and budget that regular
 * expressions share (condition_matcher_begin); one that gives up or lacks memory matches nothing,
 * be it negated or not. It may be NULL where no matcher has a regular expression.
 */
bool matchers_match(const matchers_t *matchers, condition_matcher_t *regexes,
                    matcher_lookup_fn *lookup, void *context);

/* Appends MATCHER as it would be written: name="value". */
void matcher_append(text_t *text, const matcher_t *matcher);

#endif
