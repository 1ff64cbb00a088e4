#include "core/nearest.h"

#include <stdbool.h>
#include <string.h>

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static int lower(char c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static bool is_same(char a, char b)
{
    return lower(a) == lower(b);
}

static size_t distance(const char *a, size_t n_a, const char *b, size_t n_b)
{
    size_t rows[3][NEAREST_MAX_BYTES + 1]; /* of the table: this one and the two before */
    for (size_t j = 0; j <= n_b; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= n_a; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3];
        const size_t *above_that = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= n_b; j++) {
            size_t change = is_same(a[i - 1], b[j - 1]) ? 0 : 1;
            row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + change);
            if (i > 1 && j > 1 && is_same(a[i - 1], b[j - 2]) && is_same(a[i - 2], b[j - 1]))
                row[j] = least(row[j], above_that[j - 2] + 1);
        }
    }
    return rows[n_a % 3][n_b];
}

void nearest_offer(nearest_t *nearest, const char *candidate)
{
    size_t n = strlen(candidate);
    if (n > NEAREST_MAX_BYTES || nearest->n > NEAREST_MAX_BYTES || nearest->n == 0)
        return;
    size_t found = distance(nearest->word, nearest->n, candidate, n);
    if (found > (nearest->n + 2) / 3 || (nearest->nearest && found >= nearest->distance))
        return;
    nearest->nearest = candidate;
    nearest->distance = found;
}
