#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "actors/io/curl_transfer.h"

/* Unix time in microseconds; 0 where TIME is none. */
static int64_t instant_of(const ASN1_TIME *time)
{
    struct tm parts;
    if (!time || ASN1_TIME_to_tm(time, &parts) != 1)
        return 0;
    return (int64_t)timegm(&parts) * 1000000;
}

/* The server's own certificate stands first in CHAIN, which may be NULL. */
static void note_chain(curl_io_answer_t *answer, STACK_OF(X509) * chain)
{
    answer->cert_expires_at_us = 0;
    answer->cert_leaf_expires_at_us = 0;
    for (int i = 0; i < sk_X509_num(chain); i++) {
        int64_t ends_us = instant_of(X509_get0_notAfter(sk_X509_value(chain, i)));
        if (i == 0)
            answer->cert_leaf_expires_at_us = ends_us;
        if (i == 0 || ends_us < answer->cert_expires_at_us)
            answer->cert_expires_at_us = ends_us;
    }
}

/* In OpenSSL's place: the certificates of a handshake that it ends are seen nowhere else, and
 * libcurl's own result says of a wrong name that nothing was verified. */
static int verify(X509_STORE_CTX *store, void *context)
{
    curl_io_answer_t *answer = context;
    note_chain(answer, X509_STORE_CTX_get0_untrusted(store));
    int is_good = X509_verify_cert(store);
    answer->verify_result = X509_STORE_CTX_get_error(store);
    return is_good;
}

void curl_tls_watch(SSL_CTX *context, curl_io_answer_t *answer)
{
    SSL_CTX_set_cert_verify_callback(context, verify, answer);
}

void curl_tls_note(transfer_t *transfer)
{
    struct curl_tlssessioninfo *session = NULL;
    curl_easy_getinfo(transfer->easy, CURLINFO_TLS_SSL_PTR, &session);
    if (!session || session->backend != CURLSSLBACKEND_OPENSSL || !session->internals)
        return;
    SSL *tls = session->internals;
    const char *version = SSL_get_version(tls); /* "TLSv1", "TLSv1.3" */
    if (strncmp(version, "TLSv", 4) == 0)
        (void)snprintf(transfer->tls_version, sizeof transfer->tls_version, "%s%s", version + 4,
                       strchr(version, '.') ? "" : ".0");
    note_chain(&transfer->answer, SSL_get_peer_cert_chain(tls));
}
