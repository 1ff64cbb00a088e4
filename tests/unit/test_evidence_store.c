#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/evidence_store.h"
#include "tests/test.h"

/* Keeps a text of N_BYTES for TARGET. */
static void add(evidence_store_t *store, const char *target, int64_t at_us, size_t n_bytes)
{
    char *json = malloc(n_bytes + 1);
    assert_non_null(json);
    memset(json, ' ', n_bytes);
    json[n_bytes] = '\0';
    assert_int_equal(evidence_store_add(store, target, at_us, &json), 0);
    assert_null(json);
}

static void last_three_of_a_target_are_kept_newest_first(void **state)
{
    (void)state;
    evidence_store_t *store = evidence_store_new(EVIDENCE_STORE_MAX_BYTES);
    assert_non_null(store);
    evidence_t kept[EVIDENCE_PER_TARGET];
    assert_int_equal(evidence_store_of(store, "a", kept), 0);
    for (int64_t at_us = 1; at_us <= 5; at_us++) {
        add(store, "a", at_us, 10);
        add(store, "b", at_us * 100, 20);
        size_t n = evidence_store_of(store, "a", kept);
        assert_int_equal(n, at_us < EVIDENCE_PER_TARGET ? at_us : EVIDENCE_PER_TARGET);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(kept[i].at_us, at_us - (int64_t)i);
    }
    assert_int_equal(evidence_store_of(store, "b", kept), EVIDENCE_PER_TARGET);
    assert_int_equal(kept[0].at_us, 500);
    assert_int_equal(strlen(kept[0].json), 20);
    assert_int_equal(evidence_store_bytes(store), 3 * (10 + 20) + 6 * EVIDENCE_COST_BYTES);
    evidence_store_destroy(&store);
    assert_null(store);
}

static void oldest_of_all_goes_when_the_bytes_are_used(void **state)
{
    (void)state;
    enum { N_TARGETS = 50, N_ROOM = 8 };
    size_t each = EVIDENCE_MAX_BYTES + EVIDENCE_COST_BYTES;
    evidence_store_t *store = evidence_store_new(N_ROOM * each);
    assert_non_null(store);
    evidence_t kept[EVIDENCE_PER_TARGET];
    char name[16];
    for (int round = 0; round < 4; round++)
        for (int i = 0; i < N_TARGETS; i++) {
            (void)snprintf(name, sizeof name, "t%d", i);
            add(store, name, round * N_TARGETS + i, EVIDENCE_MAX_BYTES);
            assert_true(evidence_store_bytes(store) <= N_ROOM * each);
        }
    assert_int_equal(evidence_store_bytes(store), N_ROOM * each);
    size_t n_kept = 0;
    for (int i = 0; i < N_TARGETS; i++) {
        (void)snprintf(name, sizeof name, "t%d", i);
        size_t n = evidence_store_of(store, name, kept);
        assert_int_equal(n, i >= N_TARGETS - N_ROOM ? 1 : 0);
        n_kept += n;
    }
    assert_int_equal(n_kept, N_ROOM);
    evidence_store_destroy(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(last_three_of_a_target_are_kept_newest_first),
        cmocka_unit_test(oldest_of_all_goes_when_the_bytes_are_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
