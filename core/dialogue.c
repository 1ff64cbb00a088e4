#include "core/dialogue.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* Lines end with \n or \r\n, and ^ and $ are at each of them. */
#define REGEX_PREFIX "(*ANYCRLF)(?m)"
/* Bytes of what came that a fault shows. */
#define SHOWN_BYTES 100

/* --- reading a step --- */

static const struct {
    const char *word;
    bool has_argument;
} verbs[] = {
    [DIALOGUE_EXPECT] = {"expect", true},
    [DIALOGUE_REJECT] = {"reject", true},
    [DIALOGUE_SEND] = {"send", true},
    [DIALOGUE_STARTTLS] = {"starttls", false},
};

/* The verb that TEXT begins with, or -1. */
static int verb_of(const char *text, const char **ret_argument)
{
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        size_t n = strlen(verbs[i].word);
        if (strncmp(text, verbs[i].word, n) != 0)
            continue;
        if (verbs[i].has_argument ? text[n] != ' ' || !text[n + 1] : text[n] != '\0')
            continue;
        *ret_argument = verbs[i].has_argument ? text + n + 1 : text + n;
        return (int)i;
    }
    return -1;
}

int dialogue_regex(const char *pattern, condition_regex_t **ret, char reterr[DIALOGUE_FAULT_BYTES])
{
    char whole[sizeof REGEX_PREFIX + CONDITION_REGEX_MAX_BYTES];
    condition_regex_error_t error;
    reterr[0] = '\0';
    int n = snprintf(whole, sizeof whole, REGEX_PREFIX "%s", pattern);
    if (n >= (int)sizeof whole || n > CONDITION_REGEX_MAX_BYTES) {
        (void)snprintf(reterr, DIALOGUE_FAULT_BYTES,
                       "the regular expression is longer than %zu bytes",
                       CONDITION_REGEX_MAX_BYTES - strlen(REGEX_PREFIX));
        return -1;
    }
    if (condition_regex_compile(whole, (size_t)n, ret, &error) == 0)
        return 0;
    size_t n_prefix = strlen(REGEX_PREFIX);
    if (error.text[0])
        (void)snprintf(reterr, DIALOGUE_FAULT_BYTES, "the regular expression, at byte %zu: %s",
                       error.offset >= n_prefix ? error.offset - n_prefix + 1 : 1, error.text);
    return -1;
}

static int hex_of(char digit)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    const char *found = digit ? strchr(digits, digit) : NULL;
    if (!found)
        return -1;
    int at = (int)(found - digits);
    return at < 16 ? at : at - 6;
}

/* The byte that the escape at TEXT (after its backslash) is, and its length; -1: it is none. */
static int escaped_byte(const char *text, size_t *ret_n)
{
    static const char names[] = "rnt0\\";
    static const char bytes[] = "\r\n\t\0\\";
    const char *found = text[0] ? strchr(names, text[0]) : NULL;
    *ret_n = 1;
    if (found)
        return (unsigned char)bytes[found - names];
    if (text[0] != 'x' || hex_of(text[1]) < 0 || hex_of(text[2]) < 0)
        return -1;
    *ret_n = 3;
    return hex_of(text[1]) * 16 + hex_of(text[2]);
}

/* Length of the name in "{name}" at TEXT; 0: there is none. */
static size_t captured_name(const char *text)
{
    const char *end = text[0] == '{' ? strchr(text, '}') : NULL;
    size_t n = end ? (size_t)(end - text) - 1 : 0;
    return n < REGEX_NAME_BYTES ? n : 0;
}

static void append_captured(const dialogue_run_t *run, const char *name, size_t n, text_t *ret)
{
    for (size_t i = 0; i < run->n_captures; i++) {
        if (strncmp(run->captures[i].name, name, n) == 0 && run->captures[i].name[n] == '\0')
            text_append(ret, run->captures[i].value, run->captures[i].n);
    }
}

/* Appends TEXT without its escapes; captured values are those of RUN, and none where it is NULL. */
static int unescape(const char *text, const dialogue_run_t *run, bool may_capture, text_t *ret,
                    char reterr[DIALOGUE_FAULT_BYTES])
{
    for (const char *at = text; *at; at++) {
        if (*at != '\\') {
            text_append(ret, at, 1);
            continue;
        }
        size_t n = 0;
        size_t n_name = may_capture ? captured_name(at + 1) : 0;
        int byte = escaped_byte(at + 1, &n);
        if (n_name > 0 && run) {
            append_captured(run, at + 2, n_name, ret);
        } else if (n_name == 0 && byte < 0) {
            (void)snprintf(reterr, DIALOGUE_FAULT_BYTES,
                           "\"%.4s\" is no escape: there are \\r \\n \\t \\0 \\\\ \\xNN%s", at,
                           may_capture ? " and \\{name}" : "");
            return -1;
        } else if (n_name == 0) {
            char c = (char)byte;
            text_append(ret, &c, 1);
        }
        at += n_name > 0 ? n_name + 2 : n;
    }
    return 0;
}

int dialogue_unescape(const char *text, text_t *ret, char reterr[DIALOGUE_FAULT_BYTES])
{
    return unescape(text, NULL, false, ret, reterr);
}

/* Whether an `expect` before has a group NAME of N bytes. */
static bool is_captured(const dialogue_t *dialogue, const char *name, size_t n)
{
    char group[REGEX_NAME_BYTES + 8];
    for (size_t i = 0; i < dialogue->n_steps; i++) {
        const dialogue_step_t *step = &dialogue->steps[i];
        (void)snprintf(group, sizeof group, "<%.*s>", (int)n, name);
        if (step->verb == DIALOGUE_EXPECT && strstr(step->argument, group))
            return true;
    }
    return false;
}

static int check_send(const dialogue_t *dialogue, const char *text,
                      char reterr[DIALOGUE_FAULT_BYTES])
{
    text_t scratch = {0};
    int rc = unescape(text, NULL, true, &scratch, reterr);
    text_clear(&scratch);
    for (const char *at = strchr(text, '\\'); rc == 0 && at; at = strchr(at + 2, '\\')) {
        size_t n = captured_name(at + 1);
        if (n == 0 || is_captured(dialogue, at + 2, n))
            continue;
        (void)snprintf(reterr, DIALOGUE_FAULT_BYTES,
                       "\\{%.*s}: no expect before it has the group (?<%.*s>...)", (int)n, at + 2,
                       (int)n, at + 2);
        return -1;
    }
    return rc;
}

int dialogue_add(dialogue_t *dialogue, const char *text, char reterr[DIALOGUE_FAULT_BYTES])
{
    dialogue_step_t step = {.text = text};
    int verb = verb_of(text, &step.argument);
    reterr[0] = '\0';
    if (verb < 0 || dialogue->n_steps == DIALOGUE_STEPS_MAX) {
        (void)snprintf(reterr, DIALOGUE_FAULT_BYTES,
                       verb < 0 ? "a step is \"expect REGEX\", \"reject REGEX\", \"send TEXT\" or "
                                  "\"starttls\""
                                : "there are too many steps");
        return -1;
    }
    step.verb = (dialogue_verb_t)verb;
    if ((step.verb == DIALOGUE_EXPECT || step.verb == DIALOGUE_REJECT) &&
        dialogue_regex(step.argument, &step.regex, reterr))
        return -1;
    if (step.verb == DIALOGUE_SEND && check_send(dialogue, step.argument, reterr))
        return -1;
    dialogue->steps[dialogue->n_steps++] = step;
    return 0;
}

void dialogue_clear(dialogue_t *dialogue)
{
    for (size_t i = 0; i < dialogue->n_steps; i++)
        condition_regex_destroy(&dialogue->steps[i].regex);
    dialogue->n_steps = 0;
}

/* --- a run --- */

void dialogue_begin(dialogue_run_t *run, const dialogue_t *dialogue)
{
    *run = (dialogue_run_t){.dialogue = dialogue, .work_left = CONDITION_REGEX_WORK};
}

const char *dialogue_awaited(const dialogue_run_t *run)
{
    const dialogue_t *dialogue = run->dialogue;
    return run->step < dialogue->n_steps ? dialogue->steps[run->step].text : "";
}

static void keep_captures(dialogue_run_t *run, const char *bytes, const regex_found_t *found)
{
    for (size_t i = 0; i < found->n_groups; i++) {
        size_t at = 0;
        while (at < run->n_captures && strcmp(run->captures[at].name, found->groups[i].name) != 0)
            at++;
        if (at == DIALOGUE_CAPTURES_MAX)
            continue;
        size_t n = found->groups[i].n;
        run->captures[at].n = n < DIALOGUE_CAPTURE_BYTES ? n : DIALOGUE_CAPTURE_BYTES;
        memcpy(run->captures[at].value, bytes + found->groups[i].from, run->captures[at].n);
        memcpy(run->captures[at].name, found->groups[i].name, REGEX_NAME_BYTES);
        if (at == run->n_captures)
            run->n_captures++;
    }
}

/* What is shown of the N bytes that did not please: their first line. */
static void show(char fault[DIALOGUE_FAULT_BYTES], const char *what, const char *step,
                 const char *bytes, size_t n)
{
    size_t n_shown = 0;
    while (n_shown < n && n_shown < SHOWN_BYTES && bytes[n_shown] &&
           !strchr("\r\n", bytes[n_shown]))
        n_shown++;
    (void)snprintf(fault, DIALOGUE_FAULT_BYTES, "`%.120s` %s%s%.*s", step, what,
                   n_shown ? ": " : "", (int)n_shown, bytes);
}

/* One match within the run's own budget. */
static regex_outcome_t find(dialogue_run_t *run, condition_matcher_t *matcher,
                            const condition_regex_t *regex, const dialogue_came_t *came,
                            regex_found_t *found)
{
    condition_matcher_lend(matcher, run->work_left);
    regex_outcome_t outcome =
        condition_regex_find(regex, matcher, came->bytes, came->n, run->from, found);
    run->work_left = condition_matcher_left(matcher);
    return outcome;
}

static dialogue_outcome_t expect(dialogue_run_t *run, condition_matcher_t *matcher,
                                 const dialogue_came_t *came, char fault[DIALOGUE_FAULT_BYTES])
{
    const dialogue_step_t *step = &run->dialogue->steps[run->step];
    regex_found_t found;
    regex_outcome_t outcome = find(run, matcher, step->regex, came, &found);
    if (outcome == REGEX_MATCH) {
        keep_captures(run, came->bytes, &found);
        run->from = found.end;
        return DIALOGUE_DONE;
    }
    if (outcome == REGEX_NO_MATCH && run->reject) {
        outcome = find(run, matcher, run->reject, came, &found);
        if (outcome == REGEX_MATCH) {
            show(fault, "was answered by what is rejected", step->text, came->bytes + run->from,
                 came->n - run->from);
            return DIALOGUE_FAILED;
        }
    }
    if (outcome == REGEX_NO_MEMORY)
        return DIALOGUE_NO_MEMORY;
    if (outcome == REGEX_NO_MATCH && !came->has_ended)
        return DIALOGUE_WAITS;
    show(fault, outcome == REGEX_GAVE_UP ? "took too much work" : "did not match what came",
         step->text, came->bytes + run->from, came->n - run->from);
    return DIALOGUE_FAILED;
}

/* What came in clear after the line that TLS begins with would be taken for what came by TLS. */
static dialogue_outcome_t start_tls(const dialogue_run_t *run, const dialogue_came_t *came,
                                    char fault[DIALOGUE_FAULT_BYTES])
{
    size_t n_rest = came->n - run->from;
    bool is_at_line = run->from > 0 && came->bytes[run->from - 1] == '\n';
    const char *end = n_rest ? memchr(came->bytes + run->from, '\n', n_rest) : NULL;
    if (n_rest == 0 || (!is_at_line && end == came->bytes + came->n - 1))
        return DIALOGUE_STARTS_TLS;
    if (!is_at_line && !end && !came->has_ended)
        return DIALOGUE_WAITS;
    show(fault, "was preceded by more than a line in clear", "starttls", came->bytes + run->from,
         n_rest);
    return DIALOGUE_FAILED;
}

static dialogue_outcome_t send_text(const dialogue_run_t *run, text_t *send,
                                    char fault[DIALOGUE_FAULT_BYTES])
{
    const dialogue_step_t *step = &run->dialogue->steps[run->step];
    int rc = unescape(step->argument, run, true, send, fault);
    assert(rc == 0); /* it was checked when it was read */
    return send->is_failed ? DIALOGUE_NO_MEMORY : DIALOGUE_DONE;
}

dialogue_outcome_t dialogue_turn(dialogue_run_t *run, condition_matcher_t *matcher,
                                 const dialogue_came_t *came, text_t *send,
                                 char fault[DIALOGUE_FAULT_BYTES])
{
    assert(run->from <= came->n);
    while (run->step < run->dialogue->n_steps) {
        dialogue_outcome_t outcome = DIALOGUE_DONE;
        switch (run->dialogue->steps[run->step].verb) {
        case DIALOGUE_EXPECT:
            outcome = expect(run, matcher, came, fault);
            break;
        case DIALOGUE_REJECT:
            run->reject = run->dialogue->steps[run->step].regex;
            break;
        case DIALOGUE_SEND:
            outcome = send_text(run, send, fault);
            break;
        case DIALOGUE_STARTTLS:
            outcome = start_tls(run, came, fault);
            break;
        }
        if (outcome == DIALOGUE_STARTS_TLS)
            run->from = came->n;
        if (outcome == DIALOGUE_DONE || outcome == DIALOGUE_STARTS_TLS)
            run->step++;
        if (outcome != DIALOGUE_DONE)
            return outcome;
    }
    return DIALOGUE_DONE;
}
