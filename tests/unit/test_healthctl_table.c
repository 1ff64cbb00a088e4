/* Text of others on a terminal: what is escaped, how columns stand, which word was meant. */
#include "tests/test.h"

#include "apps/healthctl/nearest.h"
#include "apps/healthctl/table.h"

static void what_could_steer_a_terminal_is_shown_not_obeyed(void **state)
{
    (void)state;
    static const struct {
        const char *text, *shown;
        size_t max;
    } rows[] = {
        {"plain text", "plain text", 20},
        {"", "", 20},
        {"Grüße, 世界", "Grüße, 世界", 20},
        {"\033[31mred", "\\u{1b}[31mred", 20},
        {"a\r\nb\tc", "a\\u{d}\\u{a}b\\u{9}c", 20},
        {"\xc2\x9b\x33m", "\\u{9b}3m", 20},              /* CSI as one C1 control */
        {"\xff\xfe", "\\xff\\xfe", 20},                  /* not UTF-8 */
        {"\xc0\xaf", "\\xc0\\xaf", 20},                  /* overlong */
        {"\xe2\x80\xaegnp.exe", "\\u{202e}gnp.exe", 20}, /* turned around */
        {"\xe2\x80\x8bx", "\\u{200b}x", 20},             /* no width */
        {"\x7f", "\\u{7f}", 20},
        {"abcdef", "abc...", 3},
        {"üüüü", "üü...", 2},
        {"abc", "abc", 3},
        {"\\u{1b}", "\\u{1b}", 20}, /* escaped already */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        text_t out = {0};
        table_escape(&out, rows[i].text, rows[i].max);
        assert_string_equal(out.bytes, rows[i].shown);
        text_clear(&out);
    }
}

static void columns_stand_under_their_headings(void **state)
{
    (void)state;
    static const char *const headings[] = {"NAME", ">MS", "STATUS"};
    static const char *const rows[][3] = {{"a", "4.75", "OK"}, {"größer", NULL, "DOWN\n"}};
    table_t table;
    text_t out = {0};
    table_init(&table, headings, 3);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        table_add(&table, rows[i]);
    table_append(&out, &table, false);
    assert_string_equal(out.bytes, "NAME      MS  STATUS\n"
                                   "a       4.75  OK\n"
                                   "größer     -  DOWN\\u{a}\n");
    table_clear(&table);
    text_clear(&out);
}

static void colour_is_given_to_whole_words_and_never_alone(void **state)
{
    (void)state;
    static const struct {
        const char *word, *plain, *coloured;
    } rows[] = {
        {"OK", "OK", "\033[32mOK\033[0m"},
        {"CRITICAL", "CRITICAL", "\033[1;31mCRITICAL\033[0m"},
        {"DOWN2", "DOWN2", "DOWN2"},
        {"\033[31m", "\\u{1b}[31m", "\\u{1b}[31m"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        text_t plain = {0}, coloured = {0};
        table_append_word(&plain, rows[i].word, false);
        table_append_word(&coloured, rows[i].word, true);
        assert_string_equal(plain.bytes, rows[i].plain);
        assert_string_equal(coloured.bytes, rows[i].coloured);
        text_clear(&plain);
        text_clear(&coloured);
    }
}

static void a_mistyped_word_finds_its_nearest(void **state)
{
    (void)state;
    static const char *const words[] = {"status", "targets", "alerts", "history", "clear", "watch"};
    static const struct {
        const char *typed, *meant;
    } rows[] = {
        {"stauts", "status"}, {"statu", "status"},    {"target", "targets"}, {"alarts", "alerts"},
        {"wacth", "watch"},   {"hystori", "history"}, {"cleaar", "clear"},   {"status", "status"},
        {"", NULL},           {"frobnicate", NULL},   {"xxxxxx", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *meant = nearest_word(rows[i].typed, words, COUNT_OF(words));
        if (rows[i].meant)
            assert_string_equal(meant, rows[i].meant);
        else
            assert_null(meant);
    }
    assert_null(nearest_word("a word far longer than any of the words that there are", words, 6));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_could_steer_a_terminal_is_shown_not_obeyed),
        cmocka_unit_test(columns_stand_under_their_headings),
        cmocka_unit_test(colour_is_given_to_whole_words_and_never_alone),
        cmocka_unit_test(a_mistyped_word_finds_its_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
