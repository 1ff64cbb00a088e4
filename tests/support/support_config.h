/* Configurations of files, for tests. */
#ifndef HEALTHD_TESTS_SUPPORT_SUPPORT_CONFIG_H
#define HEALTHD_TESTS_SUPPORT_SUPPORT_CONFIG_H

#include "core/config.h"

/* The configuration of a file that holds YAML, which must be fine; no variable is set. */
config_t *support_config_of_text(const char *yaml);

#endif
