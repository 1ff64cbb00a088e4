/* What a mistyped word was probably meant to be. Pure. */
#ifndef HEALTHD_APPS_HEALTHCTL_NEAREST_H
#define HEALTHD_APPS_HEALTHCTL_NEAREST_H

#include <stddef.h>

/* The one of N WORDS (borrows) that takes the fewest edits (Levenshtein: insert, delete, replace a
 * byte) to become TYPED, at most three; the first of equals. NULL where none is as near. */
const char *nearest_word(const char *typed, const char *const *words, size_t n);

#endif
