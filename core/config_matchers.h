/* Matchers in configuration files, and faults inside of a text. Pure. */
#ifndef HEALTHD_CORE_CONFIG_MATCHERS_H
#define HEALTHD_CORE_CONFIG_MATCHERS_H

#include "core/config_read.h"
#include "core/matcher.h"

/* Parses the texts of VALUE, of a key KEY of SCHEMA_MATCHER, and adds them to RET. False with a
 * fault told. */
bool config_matchers(const config_reader_t *reader, const char *key, const config_value_t *value,
                     matchers_t *ret);

/* Tells what is wrong inside of TEXT, which stands at NODE, of KEY: at its place where TEXT stands
 * there as it is. */
void config_fault_inside(const config_reader_t *reader, const char *key, const config_node_t *node,
                         const char *text, const condition_error_t *error);

#endif
