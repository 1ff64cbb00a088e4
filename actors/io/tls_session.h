/*
 * TLS as a client, from bytes to bytes: OpenSSL over memory, so that whoever owns the socket reads
 * and writes it as ever. The server's certificate is verified, its name compared, and what it says
 * is noted also where it is refused.
 */
#ifndef HEALTHD_ACTORS_IO_TLS_SESSION_H
#define HEALTHD_ACTORS_IO_TLS_SESSION_H

#include <openssl/ssl.h>

#include <healthd/status.h>

#include "actors/io/certificate.h"
#include "actors/io/tls_contexts.h"
#include "core/text.h"

typedef struct tls_session tls_session_t;

typedef enum {
    TLS_SESSION_WAITS,  /* for bytes of the server */
    TLS_SESSION_READY,  /* the handshake is through */
    TLS_SESSION_CLOSED, /* the server said that no more will come */
    TLS_SESSION_FAILED  /* see tls_session_fault */
} tls_session_outcome_t;

/* With CONTEXT (which it keeps) to HOST, whose certificate must be for SERVER_NAME (NULL: for
 * HOST), but where SKIP_VERIFY says that any will do. NULL where memory ran out. */
tls_session_t *tls_session_new(SSL_CTX *context, const char *host, const tls_settings_t *settings);
void tls_session_destroy(tls_session_t **self);

/* N bytes that came from the server. 0, or -1 where memory ran out. */
int tls_session_feed(tls_session_t *self, const char *bytes, size_t n);

/* Goes on with the handshake; then with what came, appended to RET, at most MOST bytes in all. */
tls_session_outcome_t tls_session_handshake(tls_session_t *self);
tls_session_outcome_t tls_session_read(tls_session_t *self, text_t *ret, size_t most);

/* N bytes for the server, after the handshake. 0, or -1. */
int tls_session_write(tls_session_t *self, const char *bytes, size_t n);

/* Says goodbye, where the handshake is through. */
void tls_session_close(tls_session_t *self);

/* Moves what is to be sent to the server to the end of RET. */
void tls_session_drain(tls_session_t *self, text_t *ret);

/* Why it failed, and a text for people, borrowed. */
reason_t tls_session_fault(const tls_session_t *self, const char **ret_text);

/* "1.3", or "" before the handshake; when the certificates end, also of a refused server. */
const char *tls_session_version(const tls_session_t *self);
certificate_ends_t tls_session_ends(const tls_session_t *self);

/* The server's certificate, borrowed; NULL before the handshake is through. */
X509 *tls_session_certificate(const tls_session_t *self);

#endif
