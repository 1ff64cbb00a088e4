#include "actors/io/fault.h"

#include <errno.h>
#include <openssl/x509_vfy.h>

reason_t fault_of_errno(int error)
{
    switch (error) {
    case ECONNREFUSED:
        return REASON_REFUSED;
    case ECONNRESET:
    case EPIPE:
        return REASON_RESET;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
        return REASON_RESOURCES;
    default:
        return REASON_UNREACHABLE;
    }
}

reason_t fault_of_certificate(long verify_result)
{
    switch (verify_result) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return REASON_TLS_EXPIRED;
    case X509_V_OK:
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return REASON_TLS_NAME_MISMATCH;
    default:
        return REASON_TLS_UNTRUSTED;
    }
}
