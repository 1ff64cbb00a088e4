#include "core/shares.h"

static size_t half_of_rest(uint64_t n_descriptors)
{
    if (n_descriptors == 0 || n_descriptors > SIZE_MAX)
        return SIZE_MAX;
    return n_descriptors > SHARES_RESERVED ? (size_t)(n_descriptors - SHARES_RESERVED) / 2 : 0;
}

static size_t clamp(size_t n, size_t n_most)
{
    if (n > n_most)
        n = n_most;
    return n > 0 ? n : 1;
}

size_t shares_probes(uint64_t n_descriptors, size_t n_targets, size_t n_all_targets, size_t n_most)
{
    size_t n = half_of_rest(n_descriptors) / SHARES_PER_PROBE;
    size_t wanted = clamp(n_targets, n_most);
    if (n >= n_all_targets || n_all_targets == 0)
        return wanted;
    return clamp(n * n_targets / n_all_targets, wanted); /* n is below n_all_targets: no overflow */
}

size_t shares_connections(uint64_t n_descriptors, size_t n_most)
{
    return clamp(half_of_rest(n_descriptors), n_most);
}
