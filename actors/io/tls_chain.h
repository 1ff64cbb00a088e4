/* What a TLS connection shows of its peer. */
#ifndef HEALTHD_ACTORS_IO_TLS_CHAIN_H
#define HEALTHD_ACTORS_IO_TLS_CHAIN_H

#include <openssl/ssl.h>
#include <stdint.h>

/* Bytes of a version of TLS as text, with its NUL. */
#define TLS_VERSION_BYTES 8

/* When certificates end, Unix time in microseconds; 0: there are none. */
typedef struct {
    int64_t earliest_us; /* of the whole chain */
    int64_t leaf_us;     /* of the server's own, which stands first */
} tls_chain_t;

/* CHAIN may be NULL. */
tls_chain_t tls_chain_of(const STACK_OF(X509) * chain);

/* "1.0" to "1.3"; "" for others. */
void tls_version_text(const SSL *tls, char text[TLS_VERSION_BYTES]);

#endif
