#include "actors/io/tls_session.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actors/io/fault.h"
#include "core/url.h"

/* Bytes that are moved at once. */
#define CHUNK_BYTES 16384

struct tls_session {
    SSL *tls;
    BIO *in; /* owned by TLS, as the next */
    BIO *out;
    bool is_ready;
    bool skips_verify;
    long verify_result;
    certificate_ends_t ends;
    reason_t fault;
    char text[TLS_TEXT_BYTES];
};

/* In OpenSSL's place, which would leave no trace of the certificates of a handshake that it ends.
 */
static int verify(X509_STORE_CTX *store, void *context)
{
    (void)context;
    SSL *tls = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    tls_session_t *self = SSL_get_app_data(tls);
    self->ends = certificate_ends_of(X509_STORE_CTX_get0_untrusted(store));
    if (self->skips_verify)
        return 1;
    int is_good = X509_verify_cert(store);
    self->verify_result = X509_STORE_CTX_get_error(store);
    return is_good == 1;
}

static bool is_address(const char *host)
{
    unsigned char address[sizeof(struct in6_addr)];
    return inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
}

/* Whom the certificate must be for; SNI has no addresses (RFC 6066, section 3). */
static int expect_host(SSL *tls, const char *host)
{
    if (is_address(host))
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), host) == 1 ? 0 : -1;
    char name[HOST_BYTES]; /* OpenSSL's macro for SNI wants one that may be changed */
    (void)snprintf(name, sizeof name, "%s", host);
    SSL_set_hostflags(tls, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(tls, host) == 1 && SSL_set_tlsext_host_name(tls, name) == 1 ? 0 : -1;
}

static int set_up(tls_session_t *self, SSL_CTX *context, const char *host)
{
    SSL_CTX_set_cert_verify_callback(context, verify, NULL);
    self->tls = SSL_new(context);
    self->in = BIO_new(BIO_s_mem());
    self->out = BIO_new(BIO_s_mem());
    if (!self->tls || !self->in || !self->out) {
        BIO_free(self->in);
        BIO_free(self->out);
        return -1;
    }
    BIO_set_mem_eof_return(self->in, -1); /* empty: more may come */
    SSL_set_bio(self->tls, self->in, self->out);
    SSL_set_app_data(self->tls, self);
    SSL_set_verify(self->tls, SSL_VERIFY_PEER, NULL);
    SSL_set_connect_state(self->tls);
    return expect_host(self->tls, host);
}

tls_session_t *tls_session_new(SSL_CTX *context, const char *host, const tls_settings_t *settings)
{
    tls_session_t *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    self->skips_verify = settings && settings->skip_verify;
    const char *name = settings && settings->server_name ? settings->server_name : host;
    if (set_up(self, context, name))
        tls_session_destroy(&self);
    return self;
}

void tls_session_destroy(tls_session_t **self)
{
    if (!*self)
        return;
    SSL_free((*self)->tls);
    free(*self);
    *self = NULL;
}

int tls_session_feed(tls_session_t *self, const char *bytes, size_t n)
{
    size_t n_written = 0;
    return n == 0 || (BIO_write_ex(self->in, bytes, n, &n_written) == 1 && n_written == n) ? 0 : -1;
}

static tls_session_outcome_t fail(tls_session_t *self, reason_t fault, const char *text)
{
    self->fault = fault;
    (void)snprintf(self->text, sizeof self->text, "%s", text);
    return TLS_SESSION_FAILED;
}

/* What a call that gave RC means. */
static tls_session_outcome_t outcome_of(tls_session_t *self, int rc)
{
    switch (SSL_get_error(self->tls, rc)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        return TLS_SESSION_WAITS;
    case SSL_ERROR_ZERO_RETURN:
        return TLS_SESSION_CLOSED;
    default:
        break;
    }
    if (!self->is_ready && self->verify_result != X509_V_OK)
        return fail(self, fault_of_certificate(self->verify_result),
                    X509_verify_cert_error_string(self->verify_result));
    const char *reason = ERR_reason_error_string(ERR_peek_error());
    return fail(self, REASON_TLS_FAILURE, reason ? reason : "TLS failed");
}

tls_session_outcome_t tls_session_handshake(tls_session_t *self)
{
    ERR_clear_error();
    int rc = SSL_do_handshake(self->tls);
    if (rc == 1)
        self->is_ready = true;
    tls_session_outcome_t outcome = rc == 1 ? TLS_SESSION_READY : outcome_of(self, rc);
    ERR_clear_error();
    if (outcome == TLS_SESSION_CLOSED)
        return fail(self, REASON_TLS_FAILURE, "Connection closed during the TLS handshake");
    return outcome;
}

tls_session_outcome_t tls_session_read(tls_session_t *self, text_t *ret, size_t most)
{
    char chunk[CHUNK_BYTES];
    ERR_clear_error();
    while (ret->size < most && !ret->is_failed) {
        size_t n = most - ret->size < sizeof chunk ? most - ret->size : sizeof chunk;
        size_t n_read = 0;
        int rc = SSL_read_ex(self->tls, chunk, n, &n_read);
        if (rc != 1) {
            tls_session_outcome_t outcome = outcome_of(self, rc);
            ERR_clear_error();
            return outcome;
        }
        text_append(ret, chunk, n_read);
    }
    return TLS_SESSION_READY;
}

int tls_session_write(tls_session_t *self, const char *bytes, size_t n)
{
    size_t n_written = 0;
    ERR_clear_error();
    int rc = n == 0 || SSL_write_ex(self->tls, bytes, n, &n_written) == 1 ? 0 : -1;
    ERR_clear_error();
    return rc;
}

void tls_session_close(tls_session_t *self)
{
    ERR_clear_error();
    if (self->is_ready && !self->fault)
        (void)SSL_shutdown(self->tls); /* its answer is not waited for */
    ERR_clear_error();
}

void tls_session_drain(tls_session_t *self, text_t *ret)
{
    char *bytes = NULL;
    long n = BIO_get_mem_data(self->out, &bytes);
    if (n > 0)
        text_append(ret, bytes, (size_t)n);
    (void)BIO_reset(self->out);
}

reason_t tls_session_fault(const tls_session_t *self, const char **ret_text)
{
    *ret_text = self->text;
    return self->fault;
}

const char *tls_session_version(const tls_session_t *self)
{
    return self->is_ready ? certificate_tls_version(self->tls) : "";
}

certificate_ends_t tls_session_ends(const tls_session_t *self)
{
    return self->ends;
}

X509 *tls_session_certificate(const tls_session_t *self)
{
    return self->is_ready ? SSL_get0_peer_certificate(self->tls) : NULL;
}
