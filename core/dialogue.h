/*
 * What is said on a connection and what must come back, step by step (docs/probes/tcp.md):
 *
 *     expect REGEX     waits until what came since the last match matches
 *     reject REGEX     from here on ends the check where REGEX matches before `expect` does
 *     send TEXT        \r \n \t \0 \\ \xNN, and \{name} for what (?<name>...) captured before
 *     starttls         TLS from here on
 *
 * Pure: time, bytes and sockets are the caller's.
 */
#ifndef HEALTHD_CORE_DIALOGUE_H
#define HEALTHD_CORE_DIALOGUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/condition_regex.h"
#include "core/text.h"

/* Steps of a dialogue, values that it may capture, and bytes of each, which is cut. */
#define DIALOGUE_STEPS_MAX     40
#define DIALOGUE_CAPTURES_MAX  8
#define DIALOGUE_CAPTURE_BYTES 256
/* Bytes of what is said of a fault, with its NUL. */
#define DIALOGUE_FAULT_BYTES 320

typedef enum { DIALOGUE_EXPECT, DIALOGUE_REJECT, DIALOGUE_SEND, DIALOGUE_STARTTLS } dialogue_verb_t;

typedef struct {
    dialogue_verb_t verb;
    const char *text;         /* the step as it was written; borrowed */
    const char *argument;     /* in TEXT, after the verb */
    condition_regex_t *regex; /* owned */
} dialogue_step_t;

/* Immutable once it is read: threads may share it. Zero it to begin. */
typedef struct {
    dialogue_step_t steps[DIALOGUE_STEPS_MAX];
    size_t n_steps;
} dialogue_t;

/* Adds the step TEXT (borrowed for life). 0; or -1 with what is wrong, which is empty where memory
 * ran out. */
int dialogue_add(dialogue_t *dialogue, const char *text, char reterr[DIALOGUE_FAULT_BYTES]);

/* Frees what the steps own. */
void dialogue_clear(dialogue_t *dialogue);

/* Compiles PATTERN as `expect` has it: ^ and $ are at lines, which end with \n or \r\n. 0; or -1
 * with what is wrong, empty where memory ran out. */
int dialogue_regex(const char *pattern, condition_regex_t **ret, char reterr[DIALOGUE_FAULT_BYTES]);

/* Appends TEXT with its escapes replaced, but those of captured values; those are refused. 0; or -1
 * with what is wrong. */
int dialogue_unescape(const char *text, text_t *ret, char reterr[DIALOGUE_FAULT_BYTES]);

/* One run of a dialogue. */
typedef struct {
    size_t step;
    size_t from; /* in what came: where the last match ended */
    const dialogue_t *dialogue;
    const condition_regex_t *reject; /* NULL: none yet */
    int64_t work_left;               /* of its expressions */
    size_t n_captures;
    struct {
        char name[REGEX_NAME_BYTES];
        char value[DIALOGUE_CAPTURE_BYTES];
        size_t n;
    } captures[DIALOGUE_CAPTURES_MAX];
} dialogue_run_t;

void dialogue_begin(dialogue_run_t *run, const dialogue_t *dialogue);

typedef enum {
    DIALOGUE_WAITS,      /* for more bytes */
    DIALOGUE_STARTS_TLS, /* what is to be sent first, then TLS; the next turn is when it stands */
    DIALOGUE_DONE,
    DIALOGUE_FAILED, /* see FAULT */
    DIALOGUE_NO_MEMORY
} dialogue_outcome_t;

/* All that came on the connection so far; what came by an earlier turn stands unchanged. */
typedef struct {
    const char *bytes; /* not NULL */
    size_t n;
    bool has_ended; /* no more will come */
} dialogue_came_t;

/*
 * Goes on with what came. Appends to SEND what is to be sent, and says in FAULT what is wrong with
 * what came, where it fails. O(n) but for the expressions, whose work is bounded for the whole run.
 */
dialogue_outcome_t dialogue_turn(dialogue_run_t *run, condition_matcher_t *matcher,
                                 const dialogue_came_t *came, text_t *send,
                                 char fault[DIALOGUE_FAULT_BYTES]);

/* What the run waits for, as it was written: "expect ^220". */
const char *dialogue_awaited(const dialogue_run_t *run);

#endif
