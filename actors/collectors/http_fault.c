#include "actors/collectors/http_fault.h"

#include "actors/io/fault.h"

static reason_t timeout_of(curl_io_phase_t phase)
{
    switch (phase) {
    case CURL_IO_RESOLVING:
        return REASON_TIMEOUT_RESOLVE;
    case CURL_IO_CONNECTING:
        return REASON_TIMEOUT_CONNECT;
    case CURL_IO_TLS:
        return REASON_TIMEOUT_TLS;
    case CURL_IO_ANSWERING:
    default:
        return REASON_TIMEOUT_RESPONSE;
    }
}

static reason_t fault_of_code(const curl_io_answer_t *answer)
{
    static const struct {
        CURLcode code;
        reason_t reason;
    } rows[] = {
        {CURLE_OK, REASON_NONE},
        {CURLE_COULDNT_RESOLVE_HOST, REASON_DNS_FAILURE},
        {CURLE_GOT_NOTHING, REASON_RESET},
        {CURLE_SEND_ERROR, REASON_RESET},
        {CURLE_RECV_ERROR, REASON_RESET},
        {CURLE_PARTIAL_FILE, REASON_RESET},
        {CURLE_SSL_CONNECT_ERROR, REASON_TLS_FAILURE},
        {CURLE_SSL_CERTPROBLEM, REASON_TLS_FAILURE},
        {CURLE_SSL_CIPHER, REASON_TLS_FAILURE},
        {CURLE_SSL_CACERT_BADFILE, REASON_TLS_FAILURE},
        {CURLE_SSL_SHUTDOWN_FAILED, REASON_TLS_FAILURE},
        {CURLE_SSL_INVALIDCERTSTATUS, REASON_TLS_FAILURE},
        {CURLE_INTERFACE_FAILED, REASON_UNREACHABLE},
        {CURLE_OUT_OF_MEMORY, REASON_RESOURCES},
    };
    if (answer->code == CURLE_OPERATION_TIMEDOUT)
        return timeout_of(answer->phase);
    if (answer->code == CURLE_COULDNT_CONNECT)
        return fault_of_errno(answer->os_errno);
    if (answer->code == CURLE_PEER_FAILED_VERIFICATION)
        return fault_of_certificate(answer->verify_result);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].code == answer->code)
            return rows[i].reason;
    return REASON_PROTOCOL;
}

reason_t http_fault_of(const curl_io_answer_t *answer)
{
    switch (answer->end) {
    case CURL_IO_END_LOOKUP:
        return answer->lookup_failure;
    case CURL_IO_END_TOO_MANY_REDIRECTS:
    case CURL_IO_END_BAD_REDIRECT:
        return REASON_REDIRECT;
    case CURL_IO_END_HEADERS:
    case CURL_IO_END_VERSION:
        return REASON_PROTOCOL;
    case CURL_IO_END_PROXY:
        return REASON_UNREACHABLE;
    case CURL_IO_END_PROXY_CREDENTIALS:
        return REASON_AUTHENTICATION;
    case CURL_IO_END_RESOURCES:
        return REASON_RESOURCES;
    case CURL_IO_END_CURL:
    default:
        return fault_of_code(answer);
    }
}
