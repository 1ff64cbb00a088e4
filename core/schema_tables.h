/* What the files of the schema share; for core/schema*.c alone. */
#ifndef HEALTHD_CORE_SCHEMA_TABLES_H
#define HEALTHD_CORE_SCHEMA_TABLES_H

#include <healthd/snapshot.h>

#include "core/schema.h"

#define SECOND 1e3
#define MINUTE (60 * SECOND)
#define DAY    (24 * 60 * MINUTE)
#define KIB    1024.0
#define MIB    (KIB * KIB)
#define GIB    (MIB * KIB)

#define MAP(of)    .type = SCHEMA_MAP, .section = (of)
#define MAPS(of)   MAP(of), .is_list = true, .most = TARGETS_MAX
#define NESTED(of) MAP(of), .is_nested = true

extern const schema_key_t http_keys[HTTP_KEYS];
extern const schema_key_t basic_keys[BASIC_KEYS];
extern const schema_key_t oauth2_keys[OAUTH2_KEYS];
extern const schema_key_t tls_keys[TLS_KEYS];
extern const schema_key_t cert_alert_keys[CERT_ALERT_KEYS];
extern const schema_key_t connectivity_keys[CONNECTIVITY_KEYS];

#endif
