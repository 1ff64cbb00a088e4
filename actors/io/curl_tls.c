#include <openssl/ssl.h>
#include <stdio.h>
#include <strings.h>

#include "actors/io/certificate.h"
#include "actors/io/curl_transfer.h"

/* A folder without certificates: with one, libcurl lets the authorities of a file of one's own not
 * take the place of the system's, which it keeps (to read them takes 22 ms). */
#define NO_CERTIFICATES "/dev/null"

/* The server's own certificate stands first in CHAIN, which may be NULL. */
static void note_chain(curl_io_answer_t *answer, STACK_OF(X509) * chain)
{
    certificate_ends_t ends = certificate_ends_of(chain);
    answer->cert_expires_at_us = ends.earliest_us;
    answer->cert_leaf_expires_at_us = ends.leaf_us;
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

void curl_tls_watch(SSL_CTX *context, transfer_t *transfer)
{
    if (transfer->trusted)
        SSL_CTX_set1_cert_store(context, transfer->trusted);
    SSL_CTX_set_cert_verify_callback(context, verify, &transfer->answer);
}

/* The store of FILE, whose name libcurl still gets, as that of a folder: it tells kept connections
 * that trust one file from those that trust another. To look into it finds nothing. */
static void trust_store(transfer_t *transfer, const char *file)
{
    curl_easy_setopt(transfer->easy, CURLOPT_CAINFO, NULL);
    curl_easy_setopt(transfer->easy, CURLOPT_CAPATH, file);
}

/* As libcurl does it: where it is also to verify a proxy, which trusts the system's authorities,
 * and where FILE cannot be read, for it says why. */
static void trust_file(const transfer_t *transfer, const char *file, bool is_own)
{
    curl_easy_setopt(transfer->easy, CURLOPT_CAINFO, file);
    curl_easy_setopt(transfer->easy, CURLOPT_CAPATH, is_own ? NO_CERTIFICATES : NULL);
}

static bool is_proxy_verified(const transfer_t *transfer)
{
    return transfer->route.proxy && strncasecmp(transfer->route.proxy, "https:", 6) == 0;
}

bool curl_tls_is_used(const transfer_t *transfer)
{
    return transfer->place.is_https || is_proxy_verified(transfer);
}

void curl_tls_clear(transfer_t *transfer)
{
    X509_STORE_free(transfer->trusted);
    transfer->trusted = NULL;
}

void curl_tls_trust(transfer_t *transfer)
{
    const tls_settings_t *tls = &transfer->settings->tls;
    const char *file = tls->ca_file ? tls->ca_file : transfer->usual_authorities;
    if (file && !tls->skip_verify && transfer->place.is_https && !is_proxy_verified(transfer))
        transfer->trusted = tls_authorities_of(transfer->authorities, file);
    if (transfer->trusted)
        trust_store(transfer, file);
    else
        trust_file(transfer, tls->skip_verify ? NULL : file, tls->ca_file && !tls->skip_verify);
    curl_easy_setopt(transfer->easy, CURLOPT_SSL_VERIFYPEER, tls->skip_verify ? 0L : 1L);
    curl_easy_setopt(transfer->easy, CURLOPT_SSL_VERIFYHOST, tls->skip_verify ? 0L : 2L);
}

void curl_tls_note(transfer_t *transfer)
{
    struct curl_tlssessioninfo *session = NULL;
    curl_easy_getinfo(transfer->easy, CURLINFO_TLS_SSL_PTR, &session);
    if (!session || session->backend != CURLSSLBACKEND_OPENSSL || !session->internals)
        return;
    SSL *tls = session->internals;
    (void)snprintf(transfer->tls_version, sizeof transfer->tls_version, "%s",
                   certificate_tls_version(tls));
    note_chain(&transfer->answer, SSL_get_peer_cert_chain(tls));
}
