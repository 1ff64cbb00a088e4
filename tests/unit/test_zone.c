/* Time zones: the files, the rules behind them, and local time. */
#include <stdlib.h>

#include "core/civil.h"
#include "core/zone_rule.h"
#include "tests/support/support_zone.h"
#include "tests/test.h"

static void a_name_is_safe_to_be_looked_for(void **state)
{
    (void)state;
    static const char *const good[] = {
        "UTC",        "Europe/Oslo", "America/Argentina/ComodRivadavia",
        "Etc/GMT+12", "EST5EDT",     "America/Port-au-Prince"};
    static const char *const bad[] = {
        "",
        "/etc/passwd",
        "..",
        "Europe/../../etc/passwd",
        "Europe/",
        "Europe//Oslo",
        "posix/.",
        "a b",
        "Europe/Oslo\n",
        "12345678901234567890123456789012345678901234567890123456789012345"};
    for (size_t i = 0; i < COUNT_OF(good); i++)
        if (!zone_is_name(good[i]))
            fail_msg("%s is refused", good[i]);
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (zone_is_name(bad[i]))
            fail_msg("%s is taken", bad[i]);
}

static void a_rule_is_read_whole_or_not_at_all(void **state)
{
    (void)state;
    static const char *const good[] = {"UTC0",
                                       "CET-1CEST,M3.5.0,M10.5.0/3",
                                       "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
                                       "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
                                       "EST5EDT,J60,364/167:59:59",
                                       "XXX3EDT4,0/0,J365/23",
                                       "IST-2IDT,M3.4.4/26,M10.5.0"};
    static const char *const bad[] = {"",
                                      "CE-1",
                                      "CET",
                                      "CET-25",
                                      "CET-1:60",
                                      "CET-1CEST",
                                      "CET-1CEST,M3.5.0",
                                      "CET-1CEST,M3.5.0,M10.5.0/168",
                                      "CET-1CEST,M13.5.0,M10.5.0",
                                      "CET-1CEST,M3.6.0,M10.5.0",
                                      "CET-1CEST,M3.5.7,M10.5.0",
                                      "CET-1CEST,J0,J1",
                                      "CET-1CEST,366,J1",
                                      "CET-1CEST,M3.5.0,M10.5.0,",
                                      "<+01-1",
                                      "C3T-1"};
    zone_rule_t rule;
    for (size_t i = 0; i < COUNT_OF(good); i++)
        if (zone_rule_parse(good[i], strlen(good[i]), &rule))
            fail_msg("%s is refused", good[i]);
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (zone_rule_parse(bad[i], strlen(bad[i]), &rule) == 0)
            fail_msg("%s is taken", bad[i]);
}

/* Behind the list of the file, and in its middle. */
static void summer_time_begins_and_ends_when_it_should(void **state)
{
    (void)state;
    static const struct {
        const char *zone;
        int64_t at_s, offset_s, begins_s, ends_s;
    } rows[] = {
        {"Europe/Oslo", 1774745999, 3600, 1761440400, 1774746000},
        {"Europe/Oslo", 1774746000, 7200, 1774746000, 1792890000},
        {"Europe/Oslo", 1792890000, 3600, 1792890000, 1806195600},
        {"Europe/Oslo", 4078591200, 7200, 4078429200, 4096573200}, /* 2099 */
        {"Asia/Tokyo", 1774746000, 32400, -577962000, INT64_MAX},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        zone_t *zone = support_zone(rows[i].zone);
        const zone_span_t span = zone_span_at(zone, rows[i].at_s);
        if (span.offset_s != rows[i].offset_s || span.begins_s != rows[i].begins_s ||
            span.ends_s != rows[i].ends_s)
            fail_msg("%s at %lld: %lld from %lld to %lld", rows[i].zone, (long long)rows[i].at_s,
                     (long long)span.offset_s, (long long)span.begins_s, (long long)span.ends_s);
        zone_destroy(&zone);
    }
    const zone_span_t utc = zone_span_at(NULL, 0);
    assert_int_equal(utc.offset_s, 0);
    assert_true(utc.begins_s == INT64_MIN && utc.ends_s == INT64_MAX);
}

static void a_local_time_has_no_instant_or_one_or_two(void **state)
{
    (void)state;
    zone_t *zone = support_zone("Europe/Oslo");
    int64_t gap_s = civil_days_of(2026, 3, 29) * CIVIL_DAY_S + 9000; /* 02:30 */
    int64_t twice_s = civil_days_of(2026, 10, 25) * CIVIL_DAY_S + 9000;
    int64_t once_s = civil_days_of(2026, 7, 1) * CIVIL_DAY_S;
    int64_t last_s = 0;
    bool is_shown;
    assert_int_equal(zone_first_of(zone, gap_s, &is_shown), 1774746000);
    assert_false(is_shown);
    assert_false(zone_last_of(zone, gap_s, &last_s));
    assert_int_equal(zone_first_of(zone, twice_s, &is_shown), 1792888200);
    assert_true(is_shown);
    assert_true(zone_last_of(zone, twice_s, &last_s));
    assert_int_equal(last_s, 1792888200 + 3600);
    assert_int_equal(zone_first_of(zone, once_s, &is_shown), once_s - 7200);
    assert_true(is_shown && zone_last_of(zone, once_s, &last_s));
    assert_int_equal(last_s, once_s - 7200);
    zone_destroy(&zone);
}

/* A file of version 2 with one type, N_TURNS turns and FOOTER. */
static size_t make_file(uint8_t *bytes, uint8_t version, uint8_t n_turns, uint8_t n_types,
                        const char *footer)
{
    size_t n = 0;
    for (int block = 0; block < (version ? 2 : 1); block++) {
        bool is_used = block == 1 || !version;
        memcpy(bytes + n, "TZif", 4);
        memset(bytes + n + 4, 0, 40);
        bytes[n + 4] = version;
        bytes[n + 35] = is_used ? n_turns : 0;
        bytes[n + 39] = is_used ? n_types : 0;
        n += 44;
        for (int i = 0; is_used && i < n_turns; i++, n += version ? 8 : 4) {
            memset(bytes + n, 0, 8);
            bytes[n + (version ? 7 : 3)] = (uint8_t)(i + 1);
        }
        for (int i = 0; is_used && i < n_turns; i++)
            bytes[n++] = 0;
        for (int i = 0; is_used && i < n_types; i++, n += 6) {
            memset(bytes + n, 0, 6);
            bytes[n + 3] = 60;
        }
    }
    memcpy(bytes + n, footer, strlen(footer));
    return n + strlen(footer);
}

static void a_damaged_file_is_refused(void **state)
{
    (void)state;
    uint8_t bytes[512];
    const char *reason = NULL;
    size_t n = make_file(bytes, '2', 3, 1, "\nABC0\n");
    zone_t *zone = zone_of_tzif(bytes, n, &reason);
    assert_non_null(zone);
    assert_int_equal(zone_span_at(zone, 2).offset_s, 60);
    assert_int_equal(zone_span_at(zone, 3).offset_s, 0);
    zone_destroy(&zone);
    for (size_t cut = 0; cut < n; cut++) {
        uint8_t *copy = malloc(cut + 1); /* AddressSanitizer sees a byte too many */
        assert_non_null(copy);
        memcpy(copy, bytes, cut);
        assert_null(zone_of_tzif(copy, cut, &reason));
        free(copy);
    }
    n = make_file(bytes, 0, 2, 1, "");
    zone = zone_of_tzif(bytes, n, &reason);
    assert_non_null(zone);
    assert_int_equal(zone_span_at(zone, 1000000).offset_s, 60);
    zone_destroy(&zone);
    static const struct {
        size_t at;
        uint8_t byte;
        const char *reason;
    } faults[] = {
        {0, 'X', "it is no TZif file"},        {44 + 31, 1, "it is no TZif file"},
        {44 + 32, 0xFF, "it is no TZif file"}, {44 + 44 + 7, 9, "it is damaged"}, /* the order */
        {44 + 44 + 24, 1, "it is damaged"},    {44 + 44 + 27, 0x7F, "it is damaged"},
    };
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        n = make_file(bytes, '2', 3, 1, "\nABC0\n");
        bytes[faults[i].at] = faults[i].byte;
        zone = zone_of_tzif(bytes, n, &reason);
        if (zone || strcmp(reason, faults[i].reason) != 0)
            fail_msg("fault %zu: %s", i, zone ? "is taken" : reason);
    }
    n = make_file(bytes, '2', 3, 1, "\nABC\n");
    assert_null(zone_of_tzif(bytes, n, &reason));
    n = make_file(bytes, '2', 3, 0, "\nABC0\n");
    assert_null(zone_of_tzif(bytes, n, &reason));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_safe_to_be_looked_for),
        cmocka_unit_test(a_rule_is_read_whole_or_not_at_all),
        cmocka_unit_test(summer_time_begins_and_ends_when_it_should),
        cmocka_unit_test(a_local_time_has_no_instant_or_one_or_two),
        cmocka_unit_test(a_damaged_file_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
