/* Texts of the kernel, and what a reading of this machine means. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/probes/host.h"
#include "tests/test.h"

#define GIB    ((uint64_t)1 << 30)
#define DAY_US (INT64_C(86400) * 1000000)

static const host_settings_t defaults = {
    .used_degraded = 0.9,
    .used_down = 0.97,
    .inodes_degraded = 0.9,
    .inodes_down = 0.97,
    .available_degraded = 0.1,
    .available_down = 0.03,
    .load_degraded = 4,
    .load_down = (double)INFINITY,
    .count_least = 1,
    .count_most = INT64_MAX,
    .age_degraded_us = INT64_MAX,
    .age_down_us = INT64_MAX,
};

static void a_url_names_what_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        int form; /* -1: none */
        const char *subject;
    } rows[] = {
        {"host:load", HOST_LOAD, ""},
        {"HOST:memory", HOST_MEMORY, ""},
        {"host:disk/", HOST_DISK, "/"},
        {"host:disk/var/lib", HOST_DISK, "/var/lib"},
        {"host:process/nginx", HOST_PROCESS, "nginx"},
        {"host:file/var/backups/db dump", HOST_FILE, "/var/backups/db dump"},
        {"host:", -1, NULL},
        {"host:cpu", -1, NULL},
        {"host:load/", -1, NULL},
        {"host:memory/x", -1, NULL},
        {"host:disk", -1, NULL},
        {"host:process/", -1, NULL},
        {"host:process/a/b", -1, NULL},
        {"host:file/", -1, NULL},
        {"host:file/a/", -1, NULL},
        {"host:file/a\n", -1, NULL},
        {"http://load", -1, NULL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        host_form_t form = HOST_FORM_COUNT;
        const char *subject = NULL;
        int rc = host_url_parse(rows[i].url, &form, &subject);
        assert_int_equal(rc, rows[i].form < 0 ? -1 : 0);
        if (rc)
            continue;
        assert_int_equal(form, rows[i].form);
        assert_string_equal(subject, rows[i].subject);
    }
}

static void loadavg_is_understood_or_refused(void **state)
{
    (void)state;
    host_reading_t reading = {.form = HOST_LOAD};
    static const char good[] = "0.52 1.25 12.00 2/345 6789\n";
    assert_int_equal(host_read_loadavg(good, sizeof good - 1, &reading), 0);
    assert_true(reading.load[0] == 0.52 && reading.load[1] == 1.25 && reading.load[2] == 12);
    static const char *const bad[] = {"",        "\n",           "1 2",           "1 2 3",
                                      "a b c ",  "1 -2 3 4/5 6", "nan 1 1 1/1 1", "1 inf 1 1/1 1",
                                      "1,0 2 3 "};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_int_equal(host_read_loadavg(bad[i], strlen(bad[i]), &reading), -1);
    assert_true(reading.load[0] == 0.52);
}

static void meminfo_is_understood_or_refused(void **state)
{
    (void)state;
    host_reading_t reading = {.form = HOST_MEMORY};
    static const char good[] =
        "MemTotal:       16384 kB\nMemFree:  1 kB\nMemAvailable:    4096 kB\n"
        "SwapCached: 5 kB\nSwapTotal: 1000 kB\nSwapFree: 250 kB\n";
    assert_int_equal(host_read_meminfo(good, sizeof good - 1, &reading), 0);
    assert_int_equal(reading.total_bytes, 16384 * 1024);
    assert_int_equal(reading.available_bytes, 4096 * 1024);
    assert_int_equal(reading.swap_bytes, 1000 * 1024);
    assert_int_equal(reading.free_swap_bytes, 250 * 1024);
    static const char *const bad[] = {
        "",
        "MemTotal: 16384 kB\n",
        "MemAvailable: 1 kB\n",
        "MemTotal: 1 kB\nMemAvailable: 2 kB\n",
        "MemTotal: 16384 kB\nMemAvailable: -1 kB\n",
        "MemTotal: 16384\nMemAvailable: 1 kB\n",
        "MemTotal: 99999999999999999999999 kB\nMemAvailable: 1 kB\n",
        "MemTotal: 9 kB\nMemAvailable: 1 kB\nSwapTotal: 1 kB\nSwapFree: 2 kB\n",
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_int_equal(host_read_meminfo(bad[i], strlen(bad[i]), &reading), -1);
}

static void a_process_has_a_name_and_runs(void **state)
{
    (void)state;
    static const struct {
        const char *stat, *name;
        bool is_it;
    } rows[] = {
        {"12 (nginx) S 1 12", "nginx", true},
        {"12 (nginx) Z 1 12", "nginx", false},
        {"12 (nginx) X 1 12", "nginx", false},
        {"12 (nginx) S 1 12", "ngin", false},
        {"12 (nginx) S 1 12", "nginx2", false},
        {"12 (a) b (c) R 1", "a) b (c", true},
        {"12 (a) b) Z 1", "a) b", false},
        {"12 (a-name-of-fifte) R 1", "a-name-of-fifteen-and-more", true},
        {"12 (nginx", "nginx", false},
        {"12 nginx) S", "nginx", false},
        {"12 (nginx) ", "nginx", false},
        {"12 )nginx( S 1", "nginx", false},
        {"", "nginx", false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(host_stat_is(rows[i].stat, strlen(rows[i].stat), rows[i].name),
                         rows[i].is_it);
}

static double value_of(const host_verdict_t *verdict, const char *name)
{
    for (size_t i = 0; i < verdict->n_values; i++)
        if (strcmp(verdict->values[i].name, name) == 0)
            return verdict->values[i].number;
    fail_msg("no value %s", name);
    return (double)NAN;
}

typedef struct {
    host_reading_t reading;
    status_t verdict;
    const char *text;
} judged_t;

static void judge_rows(const host_settings_t *settings, const judged_t *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        host_verdict_t verdict;
        host_judge(settings, &rows[i].reading, "/it", 10 * DAY_US, &verdict);
        if (verdict.verdict != rows[i].verdict)
            fail_msg("row %zu: %s", i, verdict.text);
        assert_int_equal(verdict.reason, rows[i].verdict ? REASON_THRESHOLD : REASON_NONE);
        assert_true(verdict.n_values >= 1 && verdict.n_values <= HOST_VALUES_MAX);
        if (rows[i].text)
            assert_string_equal(verdict.text, rows[i].text);
    }
}

static void readings_meet_their_limits(void **state)
{
    (void)state;
    static const judged_t rows[] = {
        {{.form = HOST_DISK,
          .total_bytes = 100 * GIB,
          .free_bytes = 15 * GIB,
          .available_bytes = 10 * GIB,
          .inodes = 100,
          .free_inodes = 50},
         STATUS_OK,
         "disk /it: 89.5% used, 10.0 GiB free, 50.0% of inodes used"},
        {{.form = HOST_DISK,
          .total_bytes = 100 * GIB,
          .free_bytes = 10 * GIB,
          .available_bytes = 10 * GIB},
         STATUS_DEGRADED,
         NULL},
        {{.form = HOST_DISK,
          .total_bytes = 100 * GIB,
          .free_bytes = 3 * GIB,
          .available_bytes = 3 * GIB},
         STATUS_DOWN,
         NULL},
        {{.form = HOST_DISK,
          .total_bytes = 100,
          .free_bytes = 100,
          .available_bytes = 100,
          .inodes = 100,
          .free_inodes = 9},
         STATUS_DEGRADED,
         NULL},
        {{.form = HOST_DISK,
          .total_bytes = 1,
          .free_bytes = 2,
          .available_bytes = 1,
          .inodes = 1,
          .free_inodes = 2},
         STATUS_OK,
         NULL},
        {{.form = HOST_DISK}, STATUS_OK, NULL},
        {{.form = HOST_MEMORY, .total_bytes = 100 * GIB, .available_bytes = 11 * GIB},
         STATUS_OK,
         "memory: 11.0% available, 11.0 of 100.0 GiB"},
        {{.form = HOST_MEMORY, .total_bytes = 100, .available_bytes = 10}, STATUS_DEGRADED, NULL},
        {{.form = HOST_MEMORY, .total_bytes = 100, .available_bytes = 3}, STATUS_DOWN, NULL},
        {{.form = HOST_LOAD, .load = {9, 7.9, 3}, .n_cpus = 2},
         STATUS_OK,
         "load: 9.00 7.90 3.00 on 2 processors, 3.95 for each"},
        {{.form = HOST_LOAD, .load = {0, 8, 0}, .n_cpus = 2}, STATUS_DEGRADED, NULL},
        {{.form = HOST_LOAD, .load = {0, 1000, 0}, .n_cpus = -1}, STATUS_DEGRADED, NULL},
        {{.form = HOST_PROCESS, .count = 1}, STATUS_OK, "process /it: 1 run"},
        {{.form = HOST_PROCESS, .count = 0}, STATUS_DOWN, NULL},
        {{.form = HOST_FILE, .modified_at_us = DAY_US, .size_bytes = 5},
         STATUS_OK,
         "file /it: changed 777600 s ago, 5 bytes"},
        {{.form = HOST_FILE, .modified_at_us = 20 * DAY_US}, STATUS_OK, NULL},
    };
    judge_rows(&defaults, rows, COUNT_OF(rows));
}

static void limits_are_options(void **state)
{
    (void)state;
    host_settings_t settings = defaults;
    settings.load_down = 5;
    settings.count_least = 2;
    settings.count_most = 3;
    settings.age_degraded_us = 2 * DAY_US;
    settings.age_down_us = 3 * DAY_US;
    settings.size_least_bytes = 10;
    static const judged_t rows[] = {
        {{.form = HOST_LOAD, .load = {0, 10, 0}, .n_cpus = 2}, STATUS_DOWN, NULL},
        {{.form = HOST_PROCESS, .count = 1}, STATUS_DOWN, NULL},
        {{.form = HOST_PROCESS, .count = 3}, STATUS_OK, NULL},
        {{.form = HOST_PROCESS, .count = 4}, STATUS_DEGRADED, NULL},
        {{.form = HOST_FILE, .modified_at_us = 9 * DAY_US, .size_bytes = 10}, STATUS_OK, NULL},
        {{.form = HOST_FILE, .modified_at_us = 8 * DAY_US, .size_bytes = 10},
         STATUS_DEGRADED,
         NULL},
        {{.form = HOST_FILE, .modified_at_us = 7 * DAY_US, .size_bytes = 10}, STATUS_DOWN, NULL},
        {{.form = HOST_FILE, .modified_at_us = 9 * DAY_US, .size_bytes = 9}, STATUS_DOWN, NULL},
    };
    judge_rows(&settings, rows, COUNT_OF(rows));
}

static void values_have_their_names(void **state)
{
    (void)state;
    host_verdict_t verdict;
    host_reading_t reading = {.form = HOST_MEMORY,
                              .total_bytes = 3000,
                              .available_bytes = 1000,
                              .swap_bytes = 100,
                              .free_swap_bytes = 25};
    host_judge(&defaults, &reading, "", 0, &verdict);
    assert_string_equal(verdict.values[0].name, "available_ratio");
    assert_true(value_of(&verdict, "available_ratio") == 0.3333);
    assert_true(value_of(&verdict, "swap_used_ratio") == 0.75);
    reading = (host_reading_t){.form = HOST_FILE, .modified_at_us = 1500000, .size_bytes = 7};
    host_judge(&defaults, &reading, "", 4000000, &verdict);
    assert_true(value_of(&verdict, "age_s") == 2.5);
    assert_true(value_of(&verdict, "size_bytes") == 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_url_names_what_is_read),
        cmocka_unit_test(loadavg_is_understood_or_refused),
        cmocka_unit_test(meminfo_is_understood_or_refused),
        cmocka_unit_test(a_process_has_a_name_and_runs),
        cmocka_unit_test(readings_meet_their_limits),
        cmocka_unit_test(limits_are_options),
        cmocka_unit_test(values_have_their_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
