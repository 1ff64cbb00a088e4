/* What every test includes in place of cmocka.h, which needs these four headers before it. */
#ifndef HEALTHD_TESTS_TEST_H
#define HEALTHD_TESTS_TEST_H

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

/* Number of elements of an array (a pointer is not one). */
#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

#endif
