/* What the certificates of a TLS server say. */
#ifndef HEALTHD_ACTORS_IO_CERTIFICATE_H
#define HEALTHD_ACTORS_IO_CERTIFICATE_H

#include <openssl/ssl.h>
#include <stdint.h>

#include "core/text.h"

/* When certificates end: Unix time in microseconds, 0: there is none. */
typedef struct {
    int64_t earliest_us; /* of all that were sent */
    int64_t leaf_us;     /* of the server's own */
} certificate_ends_t;

/* Of CHAIN (borrows), the server's own certificate first; NULL: there is none. */
certificate_ends_t certificate_ends_of(STACK_OF(X509) * chain);

/* The version of SESSION: "1.3"; "" where there is none. Gives a static text. */
const char *certificate_tls_version(const SSL *session);

/* Appends what CERTIFICATE (borrows) says of itself as a JSON object: subject, issuer, serial,
 * names (at most 32), not_before and not_after. */
void certificate_append_json(text_t *text, X509 *certificate);

#endif
