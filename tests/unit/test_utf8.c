/* Which bytes are UTF-8, and what stands in for those that are not. */
#include <string.h>

#include "core/utf8.h"
#include "tests/test.h"

static void characters_are_told_from_other_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t used;
        bool is_valid;
    } rows[] = {
        {"a", 1, true},
        {"\x7f", 1, true},
        {"\x80", 1, false},
        {"\xc1\x81", 1, false}, /* overlong */
        {"\xc2\x80", 2, true},
        {"\xdf\xbf", 2, true},
        {"\xe0\x9f\xbf", 1, false}, /* overlong */
        {"\xe0\xa0\x80", 3, true},
        {"\xe1\x80\x80", 3, true},
        {"\xed\x9f\xbf", 3, true},
        {"\xed\xa0\x80", 1, false}, /* a surrogate */
        {"\xee\x80\x80", 3, true},
        {"\xef\xbf\xbf", 3, true},
        {"\xe2\x82", 2, false}, /* cut */
        {"\xf0\x8f\xbf\xbf", 1, false},
        {"\xf0\x90\x80\x80", 4, true},
        {"\xf1\x80\x80\x80", 4, true},
        {"\xf3\xbf\xbf\xbf", 4, true},
        {"\xf4\x8f\xbf\xbf", 4, true},
        {"\xf4\x90\x80\x80", 1, false}, /* beyond U+10FFFF */
        {"\xf5\x80\x80\x80", 1, false},
        {"\xf0\x9f\x98x", 3, false},
        {"\xff", 1, false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        bool is_valid = !rows[i].is_valid;
        size_t n = strlen(rows[i].bytes);
        assert_int_equal(utf8_next(rows[i].bytes, n, &is_valid), rows[i].used);
        assert_int_equal(is_valid, rows[i].is_valid);
        assert_int_equal(utf8_is_text(rows[i].bytes, n), rows[i].is_valid && rows[i].used == n);
    }
    assert_true(utf8_is_text("", 0));
    assert_false(utf8_is_text("a\0b", 3));
}

static void a_repaired_text_is_cut_at_a_character(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t size;
        const char *repaired;
    } rows[] = {
        {"a\xff"
         "b",
         16,
         "a\xef\xbf\xbd"
         "b"},
        {"a\xff"
         "b",
         4, "a"},
        {"\xc3\xa4\xc3\xb6", 5, "\xc3\xa4\xc3\xb6"},
        {"\xc3\xa4\xc3\xb6", 4, "\xc3\xa4"},
        {"\xc3\xa4", 2, ""},
        {"abc", 1, ""},
        {"\xe2\x82", 16, "\xef\xbf\xbd"}, /* one for the whole subpart */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char repaired[16];
        size_t n = utf8_repair(rows[i].text, strlen(rows[i].text), repaired, rows[i].size);
        assert_string_equal(repaired, rows[i].repaired);
        assert_int_equal(n, strlen(rows[i].repaired));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characters_are_told_from_other_bytes),
        cmocka_unit_test(a_repaired_text_is_cut_at_a_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
