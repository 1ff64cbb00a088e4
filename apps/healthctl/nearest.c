#include "apps/healthctl/nearest.h"

#include <string.h>

#define WORD_MAX_BYTES 32
#define EDITS_MAX      3

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Edits from A to B, both at most WORD_MAX_BYTES long: the usual table, a row at a time. */
static size_t edits(const char *a, const char *b)
{
    size_t row[WORD_MAX_BYTES + 1], n = strlen(b);
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = least(replaced, 1 + least(row[j], row[j - 1]));
        }
    }
    return row[n];
}

const char *nearest_word(const char *typed, const char *const *words, size_t n)
{
    const char *found = NULL;
    size_t fewest = EDITS_MAX + 1;
    if (strlen(typed) > WORD_MAX_BYTES)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        size_t count = strlen(words[i]) > WORD_MAX_BYTES ? fewest : edits(typed, words[i]);
        if (count < fewest && count < strlen(words[i])) {
            fewest = count;
            found = words[i];
        }
    }
    return found;
}
