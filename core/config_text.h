/* Whether a text is what one of the schema's types of texts wants. Pure. */
#ifndef HEALTHD_CORE_CONFIG_TEXT_H
#define HEALTHD_CORE_CONFIG_TEXT_H

#include <stdbool.h>

#include "core/schema.h"
#include "core/target.h"

/* Bytes of a publish endpoint, at most. */
#define CONFIG_ENDPOINT_MAX_BYTES 255

/* Whether VALUE is of TYPE, one of SCHEMA_NAME .. SCHEMA_MATCHER. "none" is a URL in any case. */
bool config_text_is(schema_type_t type, const char *value);

/* Whether NAME is that of a label or variable: what labels of Prometheus may be. */
bool config_text_is_label(const char *name);

/* Whether NAME is that of an HTTP header: a token of RFC 9110. */
bool config_text_is_header(const char *name);

/* Whether VALUE is the word that leaves a target or the bus out. */
bool config_text_is_none(const char *value);

#endif
