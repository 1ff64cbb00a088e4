#include "actors/io/certificate.h"

#include <arpa/inet.h>
#include <openssl/bn.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/timestamp.h"
#include "core/utf8.h"

/* Names of a certificate that are listed, and bytes of each text, which is cut. */
#define NAMES_MAX  32
#define TEXT_BYTES 512

static int64_t instant_of(const ASN1_TIME *time)
{
    struct tm parts;
    if (!time || ASN1_TIME_to_tm(time, &parts) != 1)
        return 0;
    return (int64_t)timegm(&parts) * 1000000;
}

certificate_ends_t certificate_ends_of(STACK_OF(X509) * chain)
{
    certificate_ends_t ends = {0, 0};
    for (int i = 0; i < sk_X509_num(chain); i++) {
        int64_t ends_us = instant_of(X509_get0_notAfter(sk_X509_value(chain, i)));
        if (i == 0)
            ends.leaf_us = ends_us;
        if (i == 0 || ends_us < ends.earliest_us)
            ends.earliest_us = ends_us;
    }
    return ends;
}

const char *certificate_tls_version(const SSL *session)
{
    switch (SSL_version(session)) {
    case TLS1_VERSION:
        return "1.0";
    case TLS1_1_VERSION:
        return "1.1";
    case TLS1_2_VERSION:
        return "1.2";
    case TLS1_3_VERSION:
        return "1.3";
    default:
        return "";
    }
}

/* N bytes from outside as a JSON string. */
static void append_bytes(text_t *text, const char *bytes, size_t n)
{
    char repaired[TEXT_BYTES * UTF8_REPAIR_FACTOR + 1];
    (void)utf8_repair(bytes, n < TEXT_BYTES ? n : TEXT_BYTES, repaired, sizeof repaired);
    text_append_json(text, repaired);
}

/* "CN=example.org,O=Example", the most particular part first (RFC 2253). */
static void append_name(text_t *text, const X509_NAME *name)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *bytes = NULL;
    if (!bio) {
        text->is_failed = true;
        return;
    }
    (void)X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    long n = BIO_get_mem_data(bio, &bytes);
    append_bytes(text, bytes ? bytes : "", bytes && n > 0 ? (size_t)n : 0);
    BIO_free(bio);
}

static void append_alternative(text_t *text, const GENERAL_NAME *name)
{
    if (name->type == GEN_DNS) {
        append_bytes(text, (const char *)ASN1_STRING_get0_data(name->d.dNSName),
                     (size_t)ASN1_STRING_length(name->d.dNSName));
        return;
    }
    char address[INET6_ADDRSTRLEN] = "";
    int n = ASN1_STRING_length(name->d.iPAddress);
    if (n == 4 || n == 16)
        (void)inet_ntop(n == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(name->d.iPAddress),
                        address, sizeof address);
    text_append_json(text, address);
}

static void append_names(text_t *text, const X509 *certificate)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    size_t n_names = 0;
    text_append_string(text, ", \"names\": [");
    for (int i = 0; i < sk_GENERAL_NAME_num(names) && n_names < NAMES_MAX; i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type != GEN_DNS && name->type != GEN_IPADD)
            continue;
        text_append_string(text, n_names++ ? ", " : "");
        append_alternative(text, name);
    }
    text_append_string(text, "]");
    GENERAL_NAMES_free(names);
}

static void append_instant(text_t *text, const char *key, const ASN1_TIME *time)
{
    char iso[TIMESTAMP_BYTES];
    timestamp_iso(instant_of(time), iso);
    text_appendf(text, ", \"%s\": \"%s\"", key, iso);
}

static void append_serial(text_t *text, const X509 *certificate)
{
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
    char *digits = number ? BN_bn2hex(number) : NULL;
    text_append_string(text, ", \"serial\": ");
    append_bytes(text, digits ? digits : "", digits ? strlen(digits) : 0);
    OPENSSL_free(digits);
    BN_free(number);
}

void certificate_append_json(text_t *text, X509 *certificate)
{
    text_append_string(text, "{\"subject\": ");
    append_name(text, X509_get_subject_name(certificate));
    text_append_string(text, ", \"issuer\": ");
    append_name(text, X509_get_issuer_name(certificate));
    append_serial(text, certificate);
    append_names(text, certificate);
    append_instant(text, "not_before", X509_get0_notBefore(certificate));
    append_instant(text, "not_after", X509_get0_notAfter(certificate));
    text_append_string(text, "}");
}
