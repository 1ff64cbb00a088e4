/* Ids of stream entries: read strictly, ordered as numbers. */
#include "core/entry_id.h"
#include "tests/test.h"

static void an_id_is_two_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        entry_id_t id;
    } rows[] = {
        {"1795488354224-0", {1795488354224, 0}},
        {"0-0", {0, 0}},
        {"007-010", {7, 10}},
        {"18446744073709551615-18446744073709551615", {UINT64_MAX, UINT64_MAX}},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        entry_id_t id = {42, 42};
        assert_int_equal(entry_id_parse(rows[i].text, &id), 0);
        assert_true(id.time_ms == rows[i].id.time_ms && id.sequence == rows[i].id.sequence);
    }
}

static void anything_else_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "-",
        "1",
        "1-",
        "-1",
        "1-2-3",
        "1-2 ",
        " 1-2",
        "+1-2",
        "1--2",
        "a-1",
        "1-a",
        "0x1-2",
        "1.0-2",
        "18446744073709551616-0",
        "0-18446744073709551616",
        "99999999999999999999999999-0",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        entry_id_t id = {42, 43};
        if (entry_id_parse(texts[i], &id) != -1)
            fail_msg("%s is taken for an id", texts[i]);
        assert_true(id.time_ms == 42 && id.sequence == 43);
    }
}

static int sign_of(int value)
{
    return (value > 0) - (value < 0);
}

static void ids_are_ordered_by_time_then_sequence(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        int order;
    } rows[] = {
        {"5-0", "5-0", 0},
        {"5-0", "6-0", -1},
        {"5-9", "6-0", -1},
        {"5-9", "5-10", -1},
        {"9-0", "10-0", -1},
        {"05-0", "5-00", 0},
        {"0-0", "18446744073709551615-18446744073709551615", -1},
        {"0-9223372036854775808", "0-1", 1}, /* no difference of signed numbers */
        {NULL, "0-0", -1},
        {"no id", "0-0", -1},
        {NULL, NULL, 0},
        {NULL, "no id", 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(sign_of(entry_id_compare_texts(rows[i].a, rows[i].b)), rows[i].order);
        assert_int_equal(sign_of(entry_id_compare_texts(rows[i].b, rows[i].a)), -rows[i].order);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_id_is_two_numbers),
        cmocka_unit_test(anything_else_is_refused_and_changes_nothing),
        cmocka_unit_test(ids_are_ordered_by_time_then_sequence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
