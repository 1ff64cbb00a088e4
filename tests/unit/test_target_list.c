#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/target_body.h"
#include "gateway/target_list.h"
#include "tests/test.h"

#define N_MANY 1000

static char names[N_MANY][16];
static target_state_t many[N_MANY];
static snapshot_t state = {.version = 7, .is_whole = true, .targets = many, .n_targets = N_MANY};

static slice_t slice(const char *text)
{
    return (slice_t){.text = text, .n = strlen(text)};
}

/* A state of N targets in a disorder that is always the same. */
static void make_state(size_t n)
{
    static char team[] = "{\"team\":\"core\",\"say\":\"\\\"team\\\":\\\"ml\\\"\"}";
    for (size_t i = 0; i < n; i++) {
        size_t number = i * 617 % N_MANY;
        snprintf(names[i], sizeof names[i], "t%04zu", number);
        many[i] = (target_state_t){.name = names[i],
                                   .kind = number % 10 == 0 ? KIND_INFRASTRUCTURE : KIND_SERVICE,
                                   .status = (int)(number % 4),
                                   .since_us = (int64_t)(number % 7 + 1),
                                   .latency_us = number % 5 ? (int64_t)(number % 90) : -1,
                                   .labels = number % 3 ? NULL : team};
    }
    state.n_targets = n;
}

/* What the query is, which must be a good one. */
static target_query_t query_of(const char *text)
{
    target_query_t query = {.n_labels = 0};
    reply_t *refusal = NULL;
    assert_int_equal(target_query_read(&query, slice(text), &refusal), 0);
    return query;
}

static size_t total_of(const char *text)
{
    target_query_t query = query_of(text);
    static target_page_t page;
    target_page_find(&state, &query, &page);
    target_query_clear(&query);
    return page.total;
}

static void filters_choose(void **unused)
{
    (void)unused;
    make_state(N_MANY);
    static const struct {
        const char *query;
        size_t total;
    } rows[] = {
        {"", 1000},
        {"status=DOWN", 250},
        {"status=down&status=OK", 500},
        {"kind=infrastructure", 100},
        {"kind=infrastructure&kind=service", 1000},
        {"q=T000", 10},
        {"q=t0001", 1},
        {"q=nothing", 0},
        {"label=team:core", 334},
        {"label=team:ml", 0}, /* it stands in a value, escaped */
        {"label=team:cor", 0},
        {"label=say:%22team%22:%22ml%22", 334},
        {"label=team:core&label=other:x", 0},
        {"status=DOWN&kind=infrastructure&label=team:core", 17},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(total_of(rows[i].query), rows[i].total);
}

static void the_emergency_stop_is_on_no_page(void **unused)
{
    (void)unused;
    make_state(10);
    many[3].kind = KIND_NONE;
    assert_int_equal(total_of(""), 9);
}

static int64_t rank_of(const target_state_t *target)
{
    static const int64_t ranks[] = {0, 2, 3, 1};
    return ranks[target->status];
}

/* Below 0 where A comes before B by SORT. */
static int order_of(const target_state_t *a, const target_state_t *b, const char *sort)
{
    bool is_descending = *sort == '-';
    if (is_descending)
        sort++;
    int64_t difference = strcmp(sort, "since") == 0     ? a->since_us - b->since_us
                         : strcmp(sort, "latency") == 0 ? a->latency_us - b->latency_us
                         : strcmp(sort, "status") == 0  ? rank_of(a) - rank_of(b)
                                                        : 0;
    int order = difference ? (difference < 0 ? -1 : 1) : strcmp(a->name, b->name);
    return is_descending ? -order : order;
}

static void pages_follow_each_other_without_gap_or_repeat(void **unused)
{
    (void)unused;
    static const char *const sorts[] = {"name",   "-name",   "since",   "-since",
                                        "status", "-status", "latency", "-latency"};
    static const unsigned limits[] = {1, 7, 100, 333, 500};
    make_state(N_MANY);
    for (size_t i = 0; i < COUNT_OF(sorts) * COUNT_OF(limits); i++) {
        const char *sort = sorts[i % COUNT_OF(sorts)];
        unsigned limit = limits[i / COUNT_OF(sorts)];
        char *cursor = NULL;
        const target_state_t *last = NULL;
        size_t n = 0;
        do {
            static target_page_t page;
            char text[2048];
            snprintf(text, sizeof text, "sort=%s&limit=%u%s%s", sort, limit,
                     cursor ? "&cursor=" : "", cursor ? cursor : "");
            free(cursor);
            target_query_t query = query_of(text);
            target_page_find(&state, &query, &page);
            assert_int_equal(page.total, N_MANY);
            for (size_t j = 0; j < page.n_items; j++) {
                if (last)
                    assert_true(order_of(last, page.items[j], sort) < 0);
                last = page.items[j];
            }
            n += page.n_items;
            assert_true(page.n_items == limit || !page.has_more);
            cursor = page.has_more ? target_page_cursor(&page, &query) : NULL;
            target_query_clear(&query);
        } while (cursor);
        assert_int_equal(n, N_MANY);
    }
}

static void a_cursor_outlives_its_target(void **unused)
{
    (void)unused;
    static target_page_t page;
    make_state(100);
    target_query_t query = query_of("limit=10");
    target_page_find(&state, &query, &page);
    char *cursor = target_page_cursor(&page, &query);
    target_query_clear(&query);
    char expected[16];
    snprintf(expected, sizeof expected, "%s", page.items[9]->name);
    snprintf(names[page.items[9] - many], sizeof names[0], "zzz"); /* it is gone */
    char text[256];
    snprintf(text, sizeof text, "limit=10&cursor=%s", cursor);
    free(cursor);
    query = query_of(text);
    target_page_find(&state, &query, &page);
    assert_true(strcmp(page.items[0]->name, expected) > 0);
    assert_int_equal(page.n_items, 10);
    target_query_clear(&query);
}

static void what_cannot_be_asked_is_refused(void **unused)
{
    (void)unused;
    static const struct {
        const char *query;
        unsigned code;
        const char *pointer;
    } rows[] = {
        {"status=BAD", 422, "?status"},
        {"status=", 422, "?status"},
        {"kind=none", 422, "?kind"},
        {"label=team", 422, "?label"},
        {"label=:x", 422, "?label"},
        {"sort=size", 422, "?sort"},
        {"sort=--name", 422, "?sort"},
        {"limit=501", 422, "?limit"},
        {"limit=0", 422, "?limit"},
        {"cursor=", 422, "?cursor"},
        {"cursor=xyz", 422, "?cursor"},
        {"cursor=302b30", 422, "?cursor"},                  /* no name */
        {"cursor=302b30207430&sort=-name", 422, "?cursor"}, /* of another order */
        {"cursor=302b30207430&sort=latency", 422, "?cursor"},
        {"sort=name&sort=since", 400, "?sort"},
        {"page=2", 400, "?page"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        target_query_t query = {.n_labels = 0};
        reply_t *refusal = NULL;
        assert_int_equal(target_query_read(&query, slice(rows[i].query), &refusal), -1);
        assert_non_null(refusal);
        assert_int_equal(refusal->code, rows[i].code);
        char expected[64];
        snprintf(expected, sizeof expected, "\"pointer\":\"%s\"", rows[i].pointer);
        assert_true(holds_text(refusal->body, refusal->n_body, expected));
        reply_release(&refusal);
        target_query_clear(&query);
    }
    target_query_t query = query_of("cursor=302b30207430&sort=name"); /* "0+0 t0" */
    assert_string_equal(query.after_name, "t0");
    target_query_clear(&query);
}

static void a_target_is_shown_with_what_was_measured(void **unused)
{
    (void)unused;
    char name[] = "shop";
    char url[] = "https://user:secret@shop.example/";
    char ip[] = "192.0.2.1";
    char text[] = "status == 200";
    char actual[] = "503";
    target_t target = {.name = name,
                       .url = url,
                       .type = PROBE_HTTP,
                       .check_interval_ms = 60000,
                       .timeout_ms = 5000,
                       .retry_interval_ms = 10000,
                       .failure_threshold = 3,
                       .failure_window = 5,
                       .success_threshold = 2};
    config_t config = {.targets = &target, .n_targets = 1};
    assert_int_equal(config_seal(&config), 0);
    measured_condition_t condition = {
        .text = text, .actual = actual, .outcome = CONDITION_FALSE, .is_degraded = true};
    measurement_t measurement = {.ip = ip,
                                 .http_code = 503,
                                 .resolve_us = MEASURED_NONE,
                                 .connect_us = 1204,
                                 .tls_us = MEASURED_NONE,
                                 .first_byte_us = 20000,
                                 .transfer_us = 5,
                                 .cert_expires_at_us = 1795488330289500,
                                 .content_length_bytes = MEASURED_NONE,
                                 .conditions = &condition,
                                 .n_conditions = 1};
    target_state_t shown = {.name = name,
                            .kind = KIND_SERVICE,
                            .status = STATUS_DEGRADED,
                            .reason = REASON_CONDITION,
                            .latency_us = 21209,
                            .since_us = 1795488330289500,
                            .measurement = &measurement};
    const snapshot_t state_of_it = {.targets = &shown, .n_targets = 1};
    msgpack_sbuffer body;
    msgpack_sbuffer_init(&body);
    assert_int_equal(target_body_one(&state_of_it, &shown, &config, NULL, 0, &body), 0);
    static const char expected[] =
        "{\"name\":\"shop\",\"kind\":\"service\",\"type\":\"http\",\"critical\":false,"
        "\"status\":\"DEGRADED\",\"flapping\":false,\"reason\":\"condition\",\"error\":null,"
        "\"latency_ms\":21.21,"
        "\"since\":\"2026-11-24T02:45:30.289500+00:00\",\"checked_at\":null,\"labels\":{},"
        "\"url\":\"https://user:***@shop.example/\",\"check_interval_ms\":60000,"
        "\"timeout_ms\":5000,\"retry_interval_ms\":10000,"
        "\"failure_threshold\":{\"results\":3,\"of\":5},"
        "\"success_threshold\":{\"results\":2,\"of\":null},\"details\":null,"
        "\"measured\":{\"ip\":\"192.0.2.1\",\"http_code\":503,\"redirects\":0,"
        "\"reused_connection\":false,"
        "\"phases_ms\":{\"connect\":1.2,\"first_byte\":20.0,\"transfer\":0.01},"
        "\"certificate\":{\"expires_at\":\"2026-11-24T02:45:30.289500+00:00\","
        "\"leaf_expires_at\":null},"
        "\"conditions\":[{\"condition\":\"status == 200\",\"outcome\":\"false\","
        "\"actual\":\"503\",\"degraded\":true}]},\"pause\":null,\"evidence\":[]}";
    assert_int_equal(body.size, sizeof expected - 1);
    assert_memory_equal(body.data, expected, body.size);
    msgpack_sbuffer_destroy(&body);
    config_unseal(&config);
}

static void a_group_is_shown_with_its_members(void **unused)
{
    (void)unused;
    char texts[3][8] = {"one", "two", "pair"};
    size_t members[] = {0, 1};
    const group_t group = {
        .at = 2, .rule = GROUP_AT_LEAST, .n_least = 1, .members = members, .n_members = 2};
    target_t targets[] = {{.name = texts[0], .type = PROBE_HTTP},
                          {.name = texts[1], .type = PROBE_HTTP},
                          {.name = texts[2], .type = PROBE_GROUP, .group = &group}};
    target_state_t shown[] = {{.name = texts[0], .status = STATUS_DOWN},
                              {.name = texts[1], .status = STATUS_OK},
                              {.name = texts[2], .status = STATUS_DEGRADED}};
    config_t config = {.targets = targets, .n_targets = 3};
    snapshot_t whole = {.targets = shown, .n_targets = 3};
    assert_int_equal(config_seal(&config), 0);
    static const char expected[] =
        "\"labels\":{},\"url\":null,\"group\":{\"rule\":\"at_least\",\"needed\":1,\"members\":["
        "{\"name\":\"one\",\"status\":\"DOWN\"},{\"name\":\"two\",\"status\":\"OK\"}]},"
        "\"details\":null,";
    static const char of_before[] = "{\"name\":\"one\",\"status\":\"DOWN\"},"
                                    "{\"name\":\"two\",\"status\":null}]";
    msgpack_sbuffer body;
    msgpack_sbuffer_init(&body);
    assert_int_equal(target_body_one(&whole, &shown[2], &config, NULL, 0, &body), 0);
    assert_true(holds_text(body.data, body.size, expected));
    msgpack_sbuffer_clear(&body);
    shown[1].name = texts[2]; /* the state is of another configuration */
    assert_int_equal(target_body_one(&whole, &shown[2], &config, NULL, 0, &body), 0);
    assert_true(holds_text(body.data, body.size, of_before));
    msgpack_sbuffer_destroy(&body);
    config_unseal(&config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filters_choose),
        cmocka_unit_test(the_emergency_stop_is_on_no_page),
        cmocka_unit_test(pages_follow_each_other_without_gap_or_repeat),
        cmocka_unit_test(a_cursor_outlives_its_target),
        cmocka_unit_test(what_cannot_be_asked_is_refused),
        cmocka_unit_test(a_target_is_shown_with_what_was_measured),
        cmocka_unit_test(a_group_is_shown_with_its_members),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
