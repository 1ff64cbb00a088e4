/*
 * The certificates of authorities that files of PEM hold, read once for all connections that trust
 * the file: to read the bundle of a system takes some 20 ms. A file that is another than before
 * (replaced, or written anew) is read again with the next connection. For one thread.
 */
#ifndef HEALTHD_ACTORS_IO_TLS_AUTHORITIES_H
#define HEALTHD_ACTORS_IO_TLS_AUTHORITIES_H

#include <openssl/types.h>

/* Files that are kept; one more takes the place of the one that came first. */
#define TLS_AUTHORITIES_MAX 64

typedef struct tls_authorities tls_authorities_t;

/* NULL where memory ran out. */
tls_authorities_t *tls_authorities_new(void);
void tls_authorities_destroy(tls_authorities_t **self);

/* What the file PATH holds. Gives a reference, for X509_STORE_free, or NULL where the file cannot
 * be read or holds no certificate. */
X509_STORE *tls_authorities_of(tls_authorities_t *self, const char *path);

#endif
