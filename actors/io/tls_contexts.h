/*
 * What OpenSSL needs for each kind of TLS settings, made once: to read a bundle of authorities
 * takes 20 ms. A file that changes is read anew by the next connection. Blocks while files are
 * read.
 */
#ifndef HEALTHD_ACTORS_IO_TLS_CONTEXTS_H
#define HEALTHD_ACTORS_IO_TLS_CONTEXTS_H

#include <openssl/ssl.h>

#include "core/http_settings.h"

/* Kinds of settings that are kept; where there are more, the one longest unused goes. */
#define TLS_CONTEXTS_MAX 32
/* Bytes of what is said of a failure. */
#define TLS_TEXT_BYTES 192

typedef struct tls_contexts tls_contexts_t;

/* NULL where memory ran out. */
tls_contexts_t *tls_contexts_new(void);
void tls_contexts_destroy(tls_contexts_t **self);

/*
 * The context of SETTINGS (borrows; NULL: the system's authorities and nothing else), borrowed
 * until the next call: who keeps it takes a reference (SSL_new does). NULL with RETERR where a file
 * cannot be used or memory ran out.
 */
SSL_CTX *tls_contexts_of(tls_contexts_t *self, const tls_settings_t *settings,
                         char reterr[TLS_TEXT_BYTES]);

#endif
