/* What every test includes in place of cmocka.h, which needs these four headers before it. */
#ifndef HEALTHD_TESTS_TEST_H
#define HEALTHD_TESTS_TEST_H

#include <stdbool.h>
#include <string.h>

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

/* Number of elements of an array (a pointer is not one). */
#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

/* Whether TEXT stands in N bytes, which need no NUL at their end. */
static inline bool holds_text(const void *bytes, size_t n, const char *text)
{
    return memmem(bytes, n, text, strlen(text)) != NULL;
}

#endif
