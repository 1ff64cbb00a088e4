/* Dialogues of connections, step by step. */
#include <stdlib.h>
#include <string.h>

#include "core/dialogue.h"
#include "tests/test.h"

#define STEPS_MAX 8
#define TURNS_MAX 4

/* A dialogue, what comes in each turn (all of it so far), and what is made of it. */
typedef struct {
    const char *steps[STEPS_MAX];
    struct {
        const char *came;
        const char *sent;
        dialogue_outcome_t outcome;
        const char *fault; /* NULL: none */
        bool has_ended;
    } turns[TURNS_MAX];
} row_t;

static const row_t rows[] = {
    {{NULL}, {{"", "", DIALOGUE_DONE, NULL, false}}},
    {{"send a\\r\\n\\x41\\\\"}, {{"", "a\r\nA\\", DIALOGUE_DONE, NULL, false}}},
    {{"expect ^220 .*\\n"},
     {{"22", "", DIALOGUE_WAITS, NULL, false},
      {"220 me", "", DIALOGUE_WAITS, NULL, false},
      {"220 me\n", "", DIALOGUE_DONE, NULL, false}}},
    {{"expect ^220 .*\\n"},
     {{"hello\r\n", "", DIALOGUE_WAITS, NULL, false},
      {"hello\r\n", "", DIALOGUE_FAILED, "`expect ^220 .*\\n` did not match what came: hello",
       true}}},
    /* lines end in both ways, and each expect goes on where the one before ended */
    {{"expect ^a$", "expect ^a$", "expect ^b$"},
     {{"a\r\n", "", DIALOGUE_WAITS, NULL, false},
      {"a\r\na\n", "", DIALOGUE_WAITS, NULL, false},
      {"a\r\na\nb", "", DIALOGUE_DONE, NULL, false}}},
    {{"expect a", "expect ^b"}, {{"ab", "", DIALOGUE_WAITS, NULL, false}}},
    {{"send EHLO\\r\\n", "reject ^5.*\\n", "expect ^250 "},
     {{"", "EHLO\r\n", DIALOGUE_WAITS, NULL, false},
      {"250-one\r\n", "", DIALOGUE_WAITS, NULL, false},
      {"250-one\r\n500 no\n", "", DIALOGUE_FAILED,
       "`expect ^250 ` was answered by what is rejected: 250-one", false}}},
    {{"reject x", "expect y"}, {{"xy", "", DIALOGUE_DONE, NULL, false}}},
    {{"expect (?<a>\\w+) (?<b>\\w+)\\n", "send \\{b}-\\{a}", "expect (?<a>z)", "send \\{a}"},
     {{"one two\n", "two-one", DIALOGUE_WAITS, NULL, false},
      {"one two\nz", "z", DIALOGUE_DONE, NULL, false}}},
    /* a group that took no part is empty */
    {{"expect (?<a>q)?r", "send [\\{a}]"}, {{"r", "[]", DIALOGUE_DONE, NULL, false}}},
    {{"expect ^go.*\\r?\\n", "starttls", "send x"},
     {{"go\r\n", "", DIALOGUE_STARTS_TLS, NULL, false},
      {"go\r\n", "x", DIALOGUE_DONE, NULL, false}}},
    {{"expect ^go", "starttls"},
     {{"go ", "", DIALOGUE_WAITS, NULL, false}, {"go on\n", "", DIALOGUE_STARTS_TLS, NULL, false}}},
    {{"expect ^S", "starttls"}, {{"S", "", DIALOGUE_STARTS_TLS, NULL, false}}},
    {{"expect ^go.*\\n", "starttls"},
     {{"go\nmore\n", "", DIALOGUE_FAILED,
       "`starttls` was preceded by more than a line in clear: more", false}}},
    {{"expect ^go.*\\n", "starttls"},
     {{"go\nm", "", DIALOGUE_FAILED, "`starttls` was preceded by more than a line in clear: m",
       false}}},
    {{"expect go", "starttls"},
     {{"go\nmore\n", "", DIALOGUE_FAILED, "`starttls` was preceded by more than a line in clear",
       false}}},
    {{"expect \\x{e9}"}, {{"\xe9 \xc3\xa9", "", DIALOGUE_DONE, NULL, false}}},
    {{"expect ^(a+)+[xy]"},
     {{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac", "", DIALOGUE_FAILED,
       "`expect ^(a+)+[xy]` took too much work: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac",
       false}}},
};

static void play(const row_t *row, condition_matcher_t *matcher)
{
    char fault[DIALOGUE_FAULT_BYTES];
    dialogue_t dialogue = {.n_steps = 0};
    for (size_t i = 0; i < STEPS_MAX && row->steps[i]; i++)
        assert_int_equal(dialogue_add(&dialogue, row->steps[i], fault), 0);
    dialogue_run_t run;
    dialogue_begin(&run, &dialogue);
    for (size_t i = 0; i < TURNS_MAX && row->turns[i].came; i++) {
        text_t sent = {0};
        fault[0] = '\0';
        const dialogue_came_t came = {.bytes = row->turns[i].came,
                                      .n = strlen(row->turns[i].came),
                                      .has_ended = row->turns[i].has_ended};
        dialogue_outcome_t outcome = dialogue_turn(&run, matcher, &came, &sent, fault);
        assert_int_equal(outcome, row->turns[i].outcome);
        assert_string_equal(sent.bytes ? sent.bytes : "", row->turns[i].sent);
        assert_string_equal(fault, row->turns[i].fault ? row->turns[i].fault : "");
        text_clear(&sent);
    }
    dialogue_clear(&dialogue);
}

static void steps_follow_one_another(void **state)
{
    (void)state;
    condition_matcher_t *matcher = condition_matcher_new();
    assert_non_null(matcher);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        play(&rows[i], matcher);
    condition_matcher_destroy(&matcher);
}

/* A peer that sends byte after byte does not get the whole budget for each. */
static void all_turns_share_one_budget(void **state)
{
    (void)state;
    char fault[DIALOGUE_FAULT_BYTES];
    char came[4096];
    condition_matcher_t *matcher = condition_matcher_new();
    dialogue_t dialogue = {.n_steps = 0};
    assert_int_equal(dialogue_add(&dialogue, "expect (a*)*[xy]", fault), 0);
    dialogue_run_t run;
    dialogue_begin(&run, &dialogue);
    memset(came, 'a', sizeof came);
    dialogue_outcome_t outcome = DIALOGUE_WAITS;
    size_t n = 0;
    while (outcome == DIALOGUE_WAITS && n < sizeof came) {
        text_t sent = {0};
        outcome =
            dialogue_turn(&run, matcher, &(dialogue_came_t){.bytes = came, .n = ++n}, &sent, fault);
        text_clear(&sent);
    }
    assert_int_equal(outcome, DIALOGUE_FAILED);
    assert_in_range(n, 2, sizeof came);
    dialogue_clear(&dialogue);
    condition_matcher_destroy(&matcher);
}

static void captured_values_are_cut(void **state)
{
    (void)state;
    char fault[DIALOGUE_FAULT_BYTES];
    char came[1000];
    condition_matcher_t *matcher = condition_matcher_new();
    dialogue_t dialogue = {.n_steps = 0};
    assert_int_equal(dialogue_add(&dialogue, "expect (?<a>x+)$", fault), 0);
    assert_int_equal(dialogue_add(&dialogue, "send \\{a}", fault), 0);
    dialogue_run_t run;
    dialogue_begin(&run, &dialogue);
    memset(came, 'x', sizeof came);
    text_t sent = {0};
    assert_int_equal(dialogue_turn(&run, matcher,
                                   &(dialogue_came_t){.bytes = came, .n = sizeof came}, &sent,
                                   fault),
                     DIALOGUE_DONE);
    assert_int_equal(sent.size, DIALOGUE_CAPTURE_BYTES);
    text_clear(&sent);
    dialogue_clear(&dialogue);
    condition_matcher_destroy(&matcher);
}

static void steps_that_are_none_are_refused(void **state)
{
    (void)state;
    static const char *const steps[] = {
        "",         "expect",     "expect ",     "expects x", "send",      "starttls x",
        "send \\",  "send \\xZ0", "send \\{a}",  "expect (",  "send \\{}", "expect (a)\\1",
        "STARTTLS", "reject",     "expect (?<a", "send \\x1",
    };
    char fault[DIALOGUE_FAULT_BYTES];
    dialogue_t dialogue = {.n_steps = 0};
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        assert_int_equal(dialogue_add(&dialogue, steps[i], fault), -1);
        assert_true(strlen(fault) > 0);
    }
    assert_int_equal(dialogue.n_steps, 0);
    for (size_t i = 0; i < DIALOGUE_STEPS_MAX; i++)
        assert_int_equal(dialogue_add(&dialogue, "starttls", fault), 0);
    assert_int_equal(dialogue_add(&dialogue, "starttls", fault), -1);
    dialogue_clear(&dialogue);
}

static void texts_hold_any_byte(void **state)
{
    (void)state;
    char fault[DIALOGUE_FAULT_BYTES];
    text_t text = {0};
    assert_int_equal(dialogue_unescape("\\0\\x00\\xff\\t", &text, fault), 0);
    assert_int_equal(text.size, 4);
    assert_memory_equal(text.bytes, "\0\0\xff\t", 4);
    assert_int_equal(dialogue_unescape("\\{a}", &text, fault), -1);
    text_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_follow_one_another),
        cmocka_unit_test(all_turns_share_one_budget),
        cmocka_unit_test(captured_values_are_cut),
        cmocka_unit_test(steps_that_are_none_are_refused),
        cmocka_unit_test(texts_hold_any_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
