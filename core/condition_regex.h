/*
 * Regular expressions over what a service answered: PCRE2, bounded whatever the pattern and the
 * subject. Pure; not a public header of the condition language but a part of it.
 *
 * PCRE2's own match limit holds for each place where a match may begin, not for all of them, and
 * a step that it counts may read the whole subject. So every item of a pattern is followed by a
 * callout, and what happened between two of them is paid for from one budget of work, which all
 * expressions of one result share. Back-references and \C, whose work no callout sees, are refused.
 */
#ifndef HEALTHD_CORE_CONDITION_REGEX_H
#define HEALTHD_CORE_CONDITION_REGEX_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of a pattern, at most. */
#define CONDITION_REGEX_MAX_BYTES 1024
/* Groups inside each other in a pattern, at most. */
#define CONDITION_REGEX_MAX_NESTING 32
/* Work of all expressions of one result: a unit is about a nanosecond or two. */
#define CONDITION_REGEX_WORK INT64_C(50000000)
/* PCRE2's own limits, for each match: backtracking points, their depth, KiB on the heap. */
#define CONDITION_REGEX_MATCH_LIMIT    2000000
#define CONDITION_REGEX_DEPTH_LIMIT    20000
#define CONDITION_REGEX_HEAP_LIMIT_KIB 4096

/* Bytes of the name of a group, with its NUL, and groups whose text is found. */
#define REGEX_NAME_BYTES 33
#define REGEX_GROUPS_MAX 8

/* Immutable once compiled: threads may share it. */
typedef struct condition_regex condition_regex_t;

typedef struct {
    size_t offset; /* in the pattern */
    char text[160];
} condition_regex_error_t;

/*
 * Compiles N bytes of PATTERN (UTF-8, borrows): letters are Unicode's, \d \s \w and the like
 * ASCII's; plain groups do not capture. Gives *RET. 0; or -1 with *RETERR, whose text is empty
 * where memory ran out.
 */
int condition_regex_compile(const char *pattern, size_t n, condition_regex_t **ret,
                            condition_regex_error_t *reterr);

void condition_regex_destroy(condition_regex_t **regex);

/* What one thread needs to match: memory that is kept from match to match, and the budget. */
typedef struct condition_matcher condition_matcher_t;

/* NULL where memory ran out. */
condition_matcher_t *condition_matcher_new(void);
void condition_matcher_destroy(condition_matcher_t **matcher);

/* Begins a result: its budget is whole again. */
void condition_matcher_begin(condition_matcher_t *matcher);

/* Begins, or goes on with, what has its own budget of WORK; then what is left of it. */
void condition_matcher_lend(condition_matcher_t *matcher, int64_t work);
int64_t condition_matcher_left(const condition_matcher_t *matcher);

typedef enum {
    REGEX_NO_MATCH,
    REGEX_MATCH,
    REGEX_GAVE_UP, /* a limit was reached: nothing is known */
    REGEX_NO_MEMORY
} regex_outcome_t;

/* Whether REGEX matches somewhere in N bytes of SUBJECT (any bytes; what is not UTF-8 matches
 * nothing). Allocates only where a match goes deeper than all before, and keeps that memory. */
regex_outcome_t condition_regex_match(const condition_regex_t *regex, condition_matcher_t *matcher,
                                      const char *subject, size_t n);

/* Where a match ended, and what its named groups hold. */
typedef struct {
    size_t end; /* in the subject */
    size_t n_groups;
    struct {
        char name[REGEX_NAME_BYTES];
        size_t from, n;
    } groups[REGEX_GROUPS_MAX];
} regex_found_t;

/* As condition_regex_match, of what comes after the first FROM bytes of SUBJECT, at which ^ and
 * look-behind still look. Gives *RET where it matches. */
regex_outcome_t condition_regex_find(const condition_regex_t *regex, condition_matcher_t *matcher,
                                     const char *subject, size_t n, size_t from,
                                     regex_found_t *ret);

/* As condition_regex_match, of the whole of SUBJECT, from its first byte to its last. */
regex_outcome_t condition_regex_match_whole(const condition_regex_t *regex,
                                            condition_matcher_t *matcher, const char *subject,
                                            size_t n);

#endif
