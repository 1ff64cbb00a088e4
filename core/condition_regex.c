#include "core/condition_regex.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* Work of a callout and of the steps of the matcher before it. */
#define WORK_OF_A_STEP 40
/* Characters of a class outside of ASCII that are compared for one unit of work. */
#define CLASS_ITEMS_PER_UNIT 4

struct condition_regex {
    pcre2_code *code;
    int64_t work_per_callout;
    int64_t work_per_byte;
};

struct condition_matcher {
    pcre2_match_context *context;
    pcre2_match_data *data;
    int64_t work_left;
    const condition_regex_t *regex; /* of the match that is under way */
    size_t position;                /* in the subject, at its last callout */
};

/* --- compiling --- */

static int refuse(condition_regex_error_t *error, size_t offset, const char *text)
{
    error->offset = offset;
    size_t n = strnlen(text, sizeof error->text - 1);
    memcpy(error->text, text, n);
    error->text[n] = '\0';
    return -1;
}

/* The largest number after a `{`: so many characters one item may read before it fails, without
 * a callout. */
static int64_t largest_repeat(const char *pattern, size_t n)
{
    int64_t largest = 1;
    for (size_t i = 0; i < n; i++) {
        int64_t count = 0;
        for (size_t at = i + 1; pattern[i] == '{' && at < n && count < 100000; at++) {
            if (pattern[at] < '0' || pattern[at] > '9')
                break;
            count = count * 10 + (pattern[at] - '0');
        }
        largest = count > largest ? count : largest;
    }
    return largest;
}

/* Work of reading one byte: a class outside of ASCII is a list that is walked for each. */
static int64_t work_per_byte(const char *pattern, size_t n)
{
    int64_t items = 0;
    for (size_t i = 0; i < n; i++)
        items += pattern[i] == '\\' || (unsigned char)pattern[i] >= 0xC0 ? 1 : 0;
    return 1 + items / CLASS_ITEMS_PER_UNIT;
}

static pcre2_code *compile(const char *pattern, size_t n, condition_regex_error_t *reterr)
{
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    if (!context) {
        (void)refuse(reterr, 0, "");
        return NULL;
    }
    (void)pcre2_set_parens_nest_limit(context, CONDITION_REGEX_MAX_NESTING); /* always 0 */
    int error = 0;
    PCRE2_SIZE offset = 0;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern, n,
                                     PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C |
                                         PCRE2_NO_AUTO_CAPTURE | PCRE2_AUTO_CALLOUT,
                                     &error, &offset, context);
    pcre2_compile_context_free(context);
    if (!code) {
        PCRE2_UCHAR text[sizeof reterr->text] = "";
        if (error != PCRE2_ERROR_HEAP_FAILED)
            (void)pcre2_get_error_message(error, text, sizeof text); /* may be cut */
        (void)refuse(reterr, offset < n ? offset : n, (const char *)text);
    }
    return code;
}

int condition_regex_compile(const char *pattern, size_t n, condition_regex_t **ret,
                            condition_regex_error_t *reterr)
{
    if (n > CONDITION_REGEX_MAX_BYTES)
        return refuse(reterr, CONDITION_REGEX_MAX_BYTES, "longer than 1024 bytes");
    condition_regex_t *regex = calloc(1, sizeof *regex);
    if (!regex)
        return refuse(reterr, 0, "");
    regex->code = compile(pattern, n, reterr);
    if (!regex->code) {
        condition_regex_destroy(&regex);
        return -1;
    }
    uint32_t back_references = 0;
    uint32_t groups = 0;
    (void)pcre2_pattern_info(regex->code, PCRE2_INFO_BACKREFMAX, &back_references);
    (void)pcre2_pattern_info(regex->code, PCRE2_INFO_CAPTURECOUNT, &groups);
    if (back_references > 0) {
        condition_regex_destroy(&regex);
        return refuse(reterr, 0, "back-references are not allowed");
    }
    regex->work_per_byte = work_per_byte(pattern, n);
    regex->work_per_callout =
        WORK_OF_A_STEP + groups + largest_repeat(pattern, n) * regex->work_per_byte;
    *ret = regex;
    return 0;
}

void condition_regex_destroy(condition_regex_t **regex)
{
    if (!*regex)
        return;
    pcre2_code_free((*regex)->code);
    free(*regex);
    *regex = NULL;
}

/* --- matching --- */

/* Pays for what was done since the last callout; ends the match where the budget is spent. */
static int on_callout(pcre2_callout_block *block, void *context)
{
    condition_matcher_t *matcher = context;
    size_t position = block->current_position;
    size_t moved =
        position > matcher->position ? position - matcher->position : matcher->position - position;
    matcher->position = position;
    matcher->work_left -=
        matcher->regex->work_per_callout + (int64_t)moved * matcher->regex->work_per_byte;
    return matcher->work_left < 0 ? PCRE2_ERROR_MATCHLIMIT : 0;
}

condition_matcher_t *condition_matcher_new(void)
{
    condition_matcher_t *matcher = calloc(1, sizeof *matcher);
    if (!matcher)
        return NULL;
    matcher->context = pcre2_match_context_create(NULL);
    matcher->data = pcre2_match_data_create(1 + REGEX_GROUPS_MAX, NULL);
    if (!matcher->context || !matcher->data) {
        condition_matcher_destroy(&matcher);
        return NULL;
    }
    /* The setters always give 0. */
    (void)pcre2_set_match_limit(matcher->context, CONDITION_REGEX_MATCH_LIMIT);
    (void)pcre2_set_depth_limit(matcher->context, CONDITION_REGEX_DEPTH_LIMIT);
    (void)pcre2_set_heap_limit(matcher->context, CONDITION_REGEX_HEAP_LIMIT_KIB);
    (void)pcre2_set_callout(matcher->context, on_callout, matcher);
    condition_matcher_begin(matcher);
    return matcher;
}

void condition_matcher_destroy(condition_matcher_t **matcher)
{
    if (!*matcher)
        return;
    pcre2_match_data_free((*matcher)->data);
    pcre2_match_context_free((*matcher)->context);
    free(*matcher);
    *matcher = NULL;
}

void condition_matcher_begin(condition_matcher_t *matcher)
{
    matcher->work_left = CONDITION_REGEX_WORK;
}

void condition_matcher_lend(condition_matcher_t *matcher, int64_t work)
{
    matcher->work_left = work;
}

int64_t condition_matcher_left(const condition_matcher_t *matcher)
{
    return matcher->work_left;
}

static regex_outcome_t match(const condition_regex_t *regex, condition_matcher_t *matcher,
                             const char *subject, size_t n, size_t from, uint32_t options)
{
    if (matcher->work_left < 0)
        return REGEX_GAVE_UP;
    matcher->work_left -=
        (int64_t)(n - from); /* the search for a first character, which no callout sees */
    matcher->regex = regex;
    matcher->position = from;
    int code = pcre2_match(regex->code, (PCRE2_SPTR)(subject ? subject : ""), n, from, options,
                           matcher->data, matcher->context);
    if (code >= 0)
        return REGEX_MATCH;
    if (code == PCRE2_ERROR_NOMATCH)
        return REGEX_NO_MATCH;
    return code == PCRE2_ERROR_NOMEMORY ? REGEX_NO_MEMORY : REGEX_GAVE_UP;
}

regex_outcome_t condition_regex_match(const condition_regex_t *regex, condition_matcher_t *matcher,
                                      const char *subject, size_t n)
{
    return match(regex, matcher, subject, n, 0, 0);
}

regex_outcome_t condition_regex_match_whole(const condition_regex_t *regex,
                                            condition_matcher_t *matcher, const char *subject,
                                            size_t n)
{
    return match(regex, matcher, subject, n, 0, PCRE2_ANCHORED | PCRE2_ENDANCHORED);
}

/* The named groups of REGEX that took part in the last match of MATCHER. */
static void note_groups(const condition_regex_t *regex, const condition_matcher_t *matcher,
                        regex_found_t *found)
{
    uint32_t n_names = 0;
    uint32_t entry_bytes = 0;
    PCRE2_SPTR table = NULL;
    (void)pcre2_pattern_info(regex->code, PCRE2_INFO_NAMECOUNT, &n_names);
    (void)pcre2_pattern_info(regex->code, PCRE2_INFO_NAMEENTRYSIZE, &entry_bytes);
    (void)pcre2_pattern_info(regex->code, PCRE2_INFO_NAMETABLE, (void *)&table);
    const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(matcher->data);
    uint32_t n_pairs = pcre2_get_ovector_count(matcher->data);
    for (uint32_t i = 0; i < n_names && found->n_groups < REGEX_GROUPS_MAX; i++) {
        PCRE2_SPTR entry = table + (size_t)i * entry_bytes; /* two bytes of number, the name, NUL */
        size_t number = ((size_t)entry[0] << 8) | entry[1];
        if (number >= n_pairs || ends[2 * number] == PCRE2_UNSET)
            continue;
        size_t at = found->n_groups++;
        size_t n = strnlen((const char *)entry + 2, REGEX_NAME_BYTES - 1);
        memcpy(found->groups[at].name, entry + 2, n);
        found->groups[at].name[n] = '\0';
        found->groups[at].from = ends[2 * number];
        found->groups[at].n = ends[2 * number + 1] - ends[2 * number];
    }
}

regex_outcome_t condition_regex_find(const condition_regex_t *regex, condition_matcher_t *matcher,
                                     const char *subject, size_t n, size_t from, regex_found_t *ret)
{
    regex_outcome_t outcome = match(regex, matcher, subject, n, from, 0);
    if (outcome != REGEX_MATCH)
        return outcome;
    *ret = (regex_found_t){.end = pcre2_get_ovector_pointer(matcher->data)[1]};
    note_groups(regex, matcher, ret);
    return REGEX_MATCH;
}
