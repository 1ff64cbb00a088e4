/* Which hosts are reached without the proxy. */
#include "core/no_proxy.h"
#include "tests/test.h"

static void entries_match_by_their_form(void **state)
{
    (void)state;
    static const struct {
        const char *list, *host;
        bool is_matched;
    } rows[] = {
        {NULL, "a.example", false},
        {"", "a.example", false},
        {" , ,", "a.example", false},
        {"*", "a.example", true},
        {"b, *", "10.0.0.1", true},
        {"example", "example", true},
        {"example", "EXAMPLE.", true},
        {"Example", "a.example", true},
        {".example", "a.example", true},
        {".example", "example", true},
        {"example", "badexample", false},
        {"a.example", "example", false},
        {".", "example", false},
        {"one two,three", "two", true},
        {"10.0.0.1", "10.0.0.1", true},
        {"10.0.0.1", "10.0.0.10", false},
        {"0.0.1", "10.0.0.1", false},
        {"10.0.0.0/8", "10.200.3.4", true},
        {"10.0.0.0/8", "11.0.0.1", false},
        {"10.128.0.0/9", "10.127.255.255", false},
        {"10.128.0.0/9", "10.128.0.0", true},
        {"0.0.0.0/0", "192.0.2.1", true},
        {"10.0.0.1/32", "10.0.0.1", true},
        {"10.0.0.0/33", "10.0.0.0", false},
        {"10.0.0.0/", "10.0.0.0", false},
        {"10.0.0.0/-8", "10.0.0.0", false},
        {"10.0.0.0/0008", "10.0.0.0", false},
        {"[10.0.0.1", "10.0.0.1", false},
        {"x", "10.0.0.1", false},
        {"example", "", false},
        {"10.0.0.0/8x", "10.0.0.0", false},
        {"10.0.0.0/8", "ten.example", false},
        {"::1", "::1", true},
        {"[::1]", "0:0:0:0:0:0:0:1", true},
        {"fd00::/8", "fd12::1", true},
        {"fd00::/8", "fe80::1", false},
        {"0.0.0.0/0", "::1", false},
        {"a-name-much-longer-than-any-address-that-could-stand-here/8", "10.0.0.1", false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (no_proxy_matches(rows[i].list, rows[i].host) != rows[i].is_matched)
            fail_msg("row %zu: \"%s\" and \"%s\"", i, rows[i].list, rows[i].host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(entries_match_by_their_form)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
