/* How descriptors are shared between probes and readers of REST. */
#include "core/shares.h"
#include "tests/test.h"

static void probes_and_readers_never_need_more_than_is_allowed(void **state)
{
    (void)state;
    static const struct {
        uint64_t n_descriptors;
        size_t n_targets, n_all;
        size_t n_probes, n_connections;
    } rows[] = {
        {0, 8, 8, 8, 512}, /* not known: no bound but the largest */
        {0, 5000, 5000, 2048, 512},
        {UINT64_MAX, 0, 0, 1, 512},
        {UINT64_MAX, 3000, 200000, 2048, 512},
        {65536, 1100, 1100, 1100, 512},
        {1024, 300, 300, 208, 416},
        {1024, 150, 300, 104, 416},
        {SHARES_LEAST, 8, 8, 8, 32},
        {SHARES_LEAST, 1000, 1001, 15, 32},
        {SHARES_LEAST, 1, 1001, 1, 32},
        {SHARES_RESERVED, 8, 8, 1, 1},
        {1, 8, 8, 1, 1},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(
            shares_probes(rows[i].n_descriptors, rows[i].n_targets, rows[i].n_all, 2048),
            rows[i].n_probes);
        assert_int_equal(shares_connections(rows[i].n_descriptors, 512), rows[i].n_connections);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probes_and_readers_never_need_more_than_is_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
