/* The rules of groups, and how groups hang together. */
#include <stdlib.h>

#include <healthd/probe_result.h>

#include "core/group.h"
#include "tests/test.h"

/* --- the rule, against every way in which it could turn out --- */

#define MEMBERS_MAX 5

/* Whether fate number WAY (digits of base 3: OK, DEGRADED, DOWN) of members that are UNKNOWN in
 * STATUSES leaves N_NEEDED up. */
static bool is_held(const int *statuses, size_t n, size_t way, size_t n_needed)
{
    size_t n_up = 0;
    for (size_t i = 0; i < n; i++) {
        int status = statuses[i];
        if (status == STATUS_UNKNOWN) {
            status = (int)(way % 3);
            way /= 3;
        }
        n_up += status != STATUS_DOWN;
    }
    return n_up >= n_needed;
}

/* What a group of these members must be, by trying what UNKNOWN ones could be. */
static int expected_status(const int *statuses, size_t n, size_t n_needed)
{
    size_t n_ways = 1;
    size_t n_held = 0;
    bool has_failing = false;
    for (size_t i = 0; i < n; i++) {
        n_ways *= statuses[i] == STATUS_UNKNOWN ? 3 : 1;
        has_failing = has_failing || statuses[i] == STATUS_DOWN || statuses[i] == STATUS_DEGRADED;
    }
    for (size_t way = 0; way < n_ways; way++)
        n_held += is_held(statuses, n, way, n_needed);
    if (n_held == 0)
        return STATUS_DOWN;
    if (n_held < n_ways)
        return STATUS_UNKNOWN;
    return has_failing ? STATUS_DEGRADED : STATUS_OK;
}

static void the_rule_is_what_every_turn_of_unknown_members_says(void **state)
{
    (void)state;
    size_t n_met[STATUS_COUNT] = {0};
    for (size_t n = 1; n <= MEMBERS_MAX; n++) {
        size_t n_cases = (size_t)1 << (2 * n); /* four statuses of each */
        for (size_t at = 0; at < n_cases; at++) {
            int statuses[MEMBERS_MAX];
            size_t counted[STATUS_COUNT] = {0};
            for (size_t i = 0; i < n; i++) {
                statuses[i] = (int)(at >> (2 * i) & 3);
                counted[statuses[i]]++;
            }
            for (size_t n_needed = 1; n_needed <= n; n_needed++) {
                int status = group_status(counted, n_needed);
                assert_int_equal(status, expected_status(statuses, n, n_needed));
                n_met[status]++;
            }
        }
    }
    for (int status = 0; status < STATUS_COUNT; status++)
        assert_true(n_met[status] > 100);
}

static void rules_ask_for_all_one_or_some(void **state)
{
    (void)state;
    const group_t all = {.rule = GROUP_ALL_UP, .n_members = 7};
    const group_t any = {.rule = GROUP_ANY_UP, .n_members = 7};
    const group_t some = {.rule = GROUP_AT_LEAST, .n_least = 3, .n_members = 7};
    assert_int_equal(group_needed(&all), 7);
    assert_int_equal(group_needed(&any), 1);
    assert_int_equal(group_needed(&some), 3);
}

static void rules_are_read_to_the_letter(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        group_rule_t rule;
        int64_t least; /* -1: refused */
    } rows[] = {
        {"all_up", GROUP_ALL_UP, 0},
        {"any_up", GROUP_ANY_UP, 0},
        {"at_least 2", GROUP_AT_LEAST, 2},
        {"at_least 0", GROUP_AT_LEAST, 0},
        {"at_least", GROUP_ALL_UP, -1},
        {"at_least ", GROUP_ALL_UP, -1},
        {"at_least  2", GROUP_ALL_UP, -1},
        {"at_least 02", GROUP_ALL_UP, -1},
        {"at_least 2 ", GROUP_ALL_UP, -1},
        {"at_least two", GROUP_ALL_UP, -1},
        {"at_least -1", GROUP_ALL_UP, -1},
        {"at_least2", GROUP_ALL_UP, -1},
        {"all_up 2", GROUP_ALL_UP, -1},
        {"ALL_UP", GROUP_ALL_UP, -1},
        {"", GROUP_ALL_UP, -1},
        {"2", GROUP_ALL_UP, -1},
        {"at_least 9223372036854775808", GROUP_ALL_UP, -1},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        group_rule_t rule = GROUP_RULE_COUNT;
        int64_t least = -1;
        int rc = group_rule_parse(rows[i].text, &rule, &least);
        if ((rc == 0) != (rows[i].least >= 0))
            fail_msg("\"%s\": %d", rows[i].text, rc);
        assert_true(rc || (rule == rows[i].rule && least == rows[i].least));
    }
}

/* --- what is told --- */

static void assert_told(const group_t *group, const target_state_t *shown, const char *expected)
{
    group_count_t count = group_count(group, shown);
    char *text = group_tell(group, &count, shown);
    assert_non_null(text);
    assert_string_equal(text, expected);
    free(text);
}

static void members_that_are_not_ok_are_named(void **state)
{
    (void)state;
    char names[5][2] = {"a", "b", "c", "d", "e"};
    target_state_t shown[5];
    size_t members[] = {4, 0, 1, 2, 3};
    const group_t group = {
        .rule = GROUP_AT_LEAST, .n_least = 3, .members = members, .n_members = 5};
    static const struct {
        int statuses[5];
        int status;
        const char *text;
    } rows[] = {
        {{0, 0, 0, 0, 0}, STATUS_OK, "5 of 5 members up, 3 needed"},
        {{2, 0, 0, 1, 2}, STATUS_DEGRADED, "3 of 5 members up, 3 needed; DOWN: e, a; DEGRADED: d"},
        {{2, 2, 2, 0, 3}, STATUS_DOWN, "1 of 5 members up, 3 needed; DOWN: a, b, c; UNKNOWN: e"},
        {{2, 3, 3, 0, 0}, STATUS_UNKNOWN, "2 of 5 members up, 3 needed; DOWN: a; UNKNOWN: b, c"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        for (size_t j = 0; j < 5; j++)
            shown[j] = (target_state_t){.name = names[j], .status = rows[i].statuses[j]};
        assert_int_equal(group_count(&group, shown).status, rows[i].status);
        assert_told(&group, shown, rows[i].text);
    }
}

static void a_text_is_bounded_whatever_the_names_are(void **state)
{
    (void)state;
    enum { N = GROUP_MEMBERS_MAX };
    char name[TARGET_NAME_MAX_BYTES + 1];
    target_state_t *shown = calloc(N, sizeof *shown);
    size_t *members = calloc(N, sizeof *members);
    assert_true(shown && members);
    const group_t group = {.rule = GROUP_ALL_UP, .members = members, .n_members = N};
    for (size_t n_name = 1; n_name < sizeof name; n_name += 2) {
        memset(name, 'n', n_name);
        name[n_name] = '\0';
        for (size_t i = 0; i < N; i++) {
            members[i] = i;
            shown[i] = (target_state_t){.name = name, .status = 1 + (int)(i % 3)};
        }
        group_count_t count = group_count(&group, shown);
        char *text = group_tell(&group, &count, shown);
        assert_non_null(text);
        assert_true(strlen(text) <= ERROR_MAX_BYTES);
        assert_non_null(strstr(text, " more; UNKNOWN: "));
        free(text);
    }
    const group_t few = {.rule = GROUP_ALL_UP, .members = members, .n_members = 21};
    char letter[] = "x";
    for (size_t i = 0; i < 21; i++)
        shown[i] = (target_state_t){.name = letter, .status = STATUS_DOWN};
    assert_told(&few, shown, "0 of 21 members up, 21 needed; DOWN: x, x, x, x, x and 16 more");
    free(shown);
    free(members);
}

/* --- how they hang together --- */

/* A set of N groups among N_TARGETS targets; group I is target I. MEMBERS: a row of positions for
 * each, -1 at its end. */
static group_set_t set_of(size_t n, const int (*members)[8])
{
    group_set_t set = {.items = calloc(n + 1, sizeof *set.items), .n = n};
    assert_non_null(set.items);
    for (size_t i = 0; i < n; i++) {
        group_t *group = &set.items[i];
        group->at = i;
        group->members = calloc(8, sizeof *group->members);
        assert_non_null(group->members);
        for (; members[i][group->n_members] >= 0; group->n_members++)
            group->members[group->n_members] = (size_t)members[i][group->n_members];
    }
    return set;
}

static size_t place_in_order(const group_set_t *set, size_t group)
{
    size_t i = 0;
    while (set->order[i] != group)
        i++;
    return i;
}

static void members_come_before_their_groups(void **state)
{
    (void)state;
    static const int members[4][8] = {{1, 2, 5, -1}, {3, 4, -1}, {1, 5, -1}, {4, 5, -1}};
    group_set_t set = set_of(4, members);
    size_t *cycle = NULL;
    size_t n = 0;
    assert_int_equal(group_set_link(&set, 7, &cycle, &n), 0);
    assert_null(cycle);
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < set.items[i].n_members; j++)
            if (set.items[i].members[j] < 4)
                assert_true(place_in_order(&set, set.items[i].members[j]) <
                            place_in_order(&set, i));
    static const int parents[7][4] = {{-1},       {0, 2, -1},    {0, -1}, {1, -1},
                                      {1, 3, -1}, {0, 2, 3, -1}, {-1}};
    for (size_t at = 0; at < 7; at++) {
        size_t j = 0;
        for (size_t k = set.first[at]; k < set.first[at + 1]; k++, j++)
            assert_int_equal(set.parents[k], parents[at][j]);
        assert_int_equal(parents[at][j], -1); /* and no more */
    }
    group_set_clear(&set);
    assert_null(set.items);
}

static void cycles_are_found_with_their_path(void **state)
{
    (void)state;
    static const struct {
        int members[4][8];
        size_t n;
        size_t cycle[4]; /* from its smallest group on */
    } rows[] = {
        {{{0, -1}, {5, -1}, {5, -1}, {5, -1}}, 1, {0}},
        {{{1, -1}, {0, 5, -1}, {5, -1}, {5, -1}}, 2, {0, 1}},
        {{{5, 1, -1}, {5, 3, -1}, {1, -1}, {2, -1}}, 3, {1, 3, 2}}, /* 0 stands in front of it */
        {{{5, -1}, {0, 2, -1}, {0, 1, -1}, {2, -1}}, 2, {1, 2}},    /* 3 too, 0 behind it */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        group_set_t set = set_of(4, rows[i].members);
        size_t *cycle = NULL;
        size_t n = 0;
        assert_int_equal(group_set_link(&set, 6, &cycle, &n), -1);
        assert_non_null(cycle);
        assert_int_equal(n, rows[i].n);
        size_t turn = 0;
        while (turn < n && cycle[turn] != rows[i].cycle[0])
            turn++;
        for (size_t j = 0; j < n; j++)
            assert_int_equal(cycle[(turn + j) % n], rows[i].cycle[j]);
        free(cycle);
        group_set_clear(&set);
    }
}

/* A chain as long as there can be targets is no matter of depth. */
static void a_long_chain_is_put_in_order(void **state)
{
    (void)state;
    enum { N = TARGETS_MAX - 2 };
    group_set_t set = {.items = calloc(N, sizeof *set.items), .n = N};
    assert_non_null(set.items);
    for (size_t i = 0; i < N; i++) {
        size_t *members = calloc(1, sizeof *members);
        assert_non_null(members);
        members[0] = i + 1;
        set.items[i] = (group_t){.at = i, .members = members, .n_members = 1};
    }
    size_t *cycle = NULL;
    size_t n = 0;
    assert_int_equal(group_set_link(&set, N + 1, &cycle, &n), 0);
    for (size_t i = 0; i < N; i++)
        assert_int_equal(set.order[i], N - 1 - i);
    group_set_clear(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rule_is_what_every_turn_of_unknown_members_says),
        cmocka_unit_test(rules_ask_for_all_one_or_some),
        cmocka_unit_test(rules_are_read_to_the_letter),
        cmocka_unit_test(members_that_are_not_ok_are_named),
        cmocka_unit_test(a_text_is_bounded_whatever_the_names_are),
        cmocka_unit_test(members_come_before_their_groups),
        cmocka_unit_test(cycles_are_found_with_their_path),
        cmocka_unit_test(a_long_chain_is_put_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
