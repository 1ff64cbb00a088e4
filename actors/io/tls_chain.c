#include "actors/io/tls_chain.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* Unix time in microseconds; 0 where TIME is none. */
static int64_t instant_of(const ASN1_TIME *time)
{
    struct tm parts;
    if (!time || ASN1_TIME_to_tm(time, &parts) != 1)
        return 0;
    return (int64_t)timegm(&parts) * 1000000;
}

tls_chain_t tls_chain_of(const STACK_OF(X509) * chain)
{
    tls_chain_t ends = {.earliest_us = 0};
    for (int i = 0; i < sk_X509_num(chain); i++) {
        int64_t ends_us = instant_of(X509_get0_notAfter(sk_X509_value(chain, i)));
        if (i == 0)
            ends.leaf_us = ends_us;
        if (i == 0 || ends_us < ends.earliest_us)
            ends.earliest_us = ends_us;
    }
    return ends;
}

void tls_version_text(const SSL *tls, char text[TLS_VERSION_BYTES])
{
    const char *version = SSL_get_version(tls); /* "TLSv1", "TLSv1.3" */
    text[0] = '\0';
    if (strncmp(version, "TLSv", 4) == 0)
        (void)snprintf(text, TLS_VERSION_BYTES, "%.4s%s", version + 4,
                       strchr(version, '.') ? "" : ".0");
}
