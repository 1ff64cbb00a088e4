/* Two configurations as healthd shows them (GET /api/v1/config), compared. */
#ifndef HEALTHD_APPS_HEALTHCTL_CONFIG_DIFF_H
#define HEALTHD_APPS_HEALTHCTL_CONFIG_DIFF_H

#include <jansson.h>

#include "core/text.h"

/* Appends a line for each target that came (+), went (-) or changed (~), and for each other key,
 * then the counts. 0, or -1: out of memory, which was told. */
int config_diff_print(const json_t *before, const json_t *now, text_t *out);

/* Prints lines from healthd on stderr, escaped. 0, or -1: out of memory. */
int config_print_lines(const char *text);

#endif
