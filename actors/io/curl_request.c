#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <healthd/version.h>

#include "actors/io/curl_transfer.h"

/* Seconds that libcurl may keep the address it was handed: until the request began. */
#define ADDRESS_AGE_S 60L
/* Seconds that the certificates of the authorities are kept before they are read again. */
#define AUTHORITIES_AGE_S 3600L
/* Bytes of "host:port:host:port". */
#define CONNECT_TO_BYTES (2 * (HOST_BYTES + 2 + 7))

/* Headers of the settings that tell no secret, and go to any origin. */
static bool is_plain_header(const char *name)
{
    static const char *const names[] = {"Accept",        "Accept-Encoding", "Accept-Language",
                                        "Cache-Control", "Content-Type",    "Pragma"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcasecmp(name, names[i]) == 0)
            return true;
    return false;
}

static bool is_of_body(const char *name)
{
    return strncasecmp(name, "Content-", 8) == 0;
}

/* --- the headers --- */

static int add_line(struct curl_slist **list, const char *line)
{
    struct curl_slist *longer = curl_slist_append(*list, line);
    if (!longer)
        return -1;
    *list = longer;
    return 0;
}

/* "Name: value"; libcurl wants "Name;" for an empty value. */
static int add_header(struct curl_slist **list, const char *name, const char *value)
{
    char *line = NULL;
    int n = value[0] ? asprintf(&line, "%s: %s", name, value) : asprintf(&line, "%s;", name);
    int rc = n >= 0 ? add_line(list, line) : -1;
    if (n >= 0)
        free(line);
    return rc;
}

/* "host[:port]" as a request names it. */
static int add_host(struct curl_slist **list, const http_url_t *place)
{
    char host[HOST_BYTES + 16];
    bool is_ipv6 = strchr(place->host, ':');
    int n = snprintf(host, sizeof host, is_ipv6 ? "[%s]" : "%s", place->host);
    if (place->port != (place->is_https ? 443 : 80))
        (void)snprintf(host + n, sizeof host - (size_t)n, ":%u", (unsigned)place->port);
    return add_header(list, "Host", host);
}

static bool has_header(const http_settings_t *settings, const char *name)
{
    for (size_t i = 0; i < settings->n_headers; i++)
        if (strcasecmp(settings->headers[i].name, name) == 0)
            return true;
    return false;
}

/* Whether header NAME of the settings goes with the current hop. */
static bool goes_along(const transfer_t *transfer, const char *name)
{
    if (!transfer_is_at_origin(transfer) && !is_plain_header(name))
        return false;
    if (transfer->is_turned_get && is_of_body(name))
        return false;
    return !transfer->bearer || strcasecmp(name, "Authorization") != 0;
}

static int add_bearer(struct curl_slist **list, const transfer_t *transfer)
{
    const http_settings_t *settings = transfer->settings;
    const char *token = transfer->bearer;
    if (!token && settings->auth == HTTP_AUTH_BEARER && !has_header(settings, "Authorization"))
        token = settings->token;
    if (!token || !transfer_is_at_origin(transfer))
        return 0;
    char *value = NULL;
    if (asprintf(&value, "Bearer %s", token) < 0)
        return -1;
    int rc = add_header(list, "Authorization", value);
    free(value);
    return rc;
}

/* Gives *RET also where it fails, at -1. */
static int make_headers(const transfer_t *transfer, bool is_renamed, struct curl_slist **ret)
{
    const http_settings_t *settings = transfer->settings;
    for (size_t i = 0; i < settings->n_headers; i++) {
        const http_header_t *header = &settings->headers[i];
        if (goes_along(transfer, header->name) && add_header(ret, header->name, header->value))
            return -1;
    }
    if (is_renamed && !has_header(settings, "Host") && add_host(ret, &transfer->place))
        return -1;
    /* What libcurl would say of its own accord about a body that it knows nothing of. */
    if (settings->body && !transfer->is_turned_get) {
        if (!has_header(settings, "Content-Type") && add_line(ret, "Content-Type:"))
            return -1;
        if (!has_header(settings, "Expect") && add_line(ret, "Expect:"))
            return -1;
    }
    return add_bearer(ret, transfer);
}

/* --- the parts of a request --- */

static void apply_method(const transfer_t *transfer)
{
    const http_settings_t *settings = transfer->settings;
    const char *method = settings->method ? settings->method : "GET";
    bool has_body = settings->body && !transfer->is_turned_get;
    if (transfer->is_turned_get)
        method = "GET";
    CURL *easy = transfer->easy;
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, NULL);
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L); /* takes back NOBODY and POST */
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, NULL);
    if (strcmp(method, "HEAD") == 0) {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
        return;
    }
    if (has_body || strcmp(method, "POST") == 0) {
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                         (curl_off_t)(has_body ? settings->n_body : 0));
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, has_body ? settings->body : "");
    }
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
}

static void apply_credentials(const transfer_t *transfer)
{
    const http_settings_t *settings = transfer->settings;
    bool is_basic = settings->auth == HTTP_AUTH_BASIC && !transfer->bearer &&
                    transfer_is_at_origin(transfer) && !has_header(settings, "Authorization");
    curl_easy_setopt(transfer->easy, CURLOPT_USERNAME, is_basic ? settings->username : NULL);
    curl_easy_setopt(transfer->easy, CURLOPT_PASSWORD, is_basic ? settings->password : NULL);
}

static void apply_tls(transfer_t *transfer)
{
    static const long versions[] = {
        [TLS_MIN_DEFAULT] = CURL_SSLVERSION_DEFAULT, [TLS_MIN_1_0] = CURL_SSLVERSION_TLSv1_0,
        [TLS_MIN_1_1] = CURL_SSLVERSION_TLSv1_1,     [TLS_MIN_1_2] = CURL_SSLVERSION_TLSv1_2,
        [TLS_MIN_1_3] = CURL_SSLVERSION_TLSv1_3,
    };
    const tls_settings_t *tls = &transfer->settings->tls;
    bool is_old = tls->min_version == TLS_MIN_1_0 || tls->min_version == TLS_MIN_1_1;
    bool is_known = transfer_is_at_origin(transfer);
    CURL *easy = transfer->easy;
    curl_tls_trust(transfer);
    curl_easy_setopt(easy, CURLOPT_SSLCERT, is_known ? tls->cert_file : NULL);
    curl_easy_setopt(easy, CURLOPT_SSLKEY, is_known ? tls->key_file : NULL);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, versions[tls->min_version]);
    /* OpenSSL 3 speaks versions before 1.2 at security level 0 alone. */
    curl_easy_setopt(easy, CURLOPT_SSL_CIPHER_LIST, is_old ? "DEFAULT@SECLEVEL=0" : NULL);
}

static void apply_connection(const transfer_t *transfer)
{
    static const long versions[] = {
        [HTTP_VERSION_ANY] = CURL_HTTP_VERSION_2TLS,
        [HTTP_VERSION_1_1] = CURL_HTTP_VERSION_1_1,
        [HTTP_VERSION_2] = CURL_HTTP_VERSION_2TLS,
    };
    const http_settings_t *settings = transfer->settings;
    /* libcurl knows its connections by name, not by family. */
    bool is_kept = settings->reuses_connection && settings->ip_protocol == IP_ANY;
    CURL *easy = transfer->easy;
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, versions[settings->version]);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, is_kept ? 0L : 1L);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, is_kept ? 0L : 1L);
    curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, settings->unix_socket);
    curl_easy_setopt(easy, CURLOPT_PROXY, transfer->route.proxy ? transfer->route.proxy : "");
}

/* A name in place of an address would be looked up by libcurl, which blocks. */
static int apply_source(const transfer_t *transfer)
{
    const char *source = transfer->settings->source_address;
    struct in6_addr address;
    char *text = NULL;
    if (source) {
        bool is_address =
            inet_pton(AF_INET, source, &address) == 1 || inet_pton(AF_INET6, source, &address) == 1;
        if (asprintf(&text, "%s!%s", is_address ? "host" : "if", source) < 0)
            return -1;
    }
    CURLcode code = curl_easy_setopt(transfer->easy, CURLOPT_INTERFACE, text);
    free(text);
    return code ? -1 : 0;
}

static void apply_rest(const transfer_t *transfer)
{
    const http_settings_t *settings = transfer->settings;
    CURL *easy = transfer->easy;
    curl_easy_setopt(easy, CURLOPT_USERAGENT,
                     settings->user_agent ? settings->user_agent : "healthd/" HEALTHD_VERSION);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING,
                     settings->decompresses ? "gzip, deflate" : NULL);
    if (!settings->keeps_cookies)
        curl_easy_setopt(easy, CURLOPT_COOKIEFILE, NULL); /* ends them */
    else if (transfer->answer.n_redirects == 0)
        curl_easy_setopt(easy, CURLOPT_COOKIEFILE, "");
}

/* --- where it goes --- */

/* TLS knows the server by another name than its URL's: the URL takes that name, and what libcurl
 * connects to stays. Gives the URL in *RET, for curl_free. */
static int rename_server(transfer_t *transfer, const char *name, char **ret)
{
    const http_url_t *place = &transfer->place;
    char line[CONNECT_TO_BYTES];
    bool is_ipv6 = strchr(place->host, ':');
    int n = snprintf(line, sizeof line, strchr(name, ':') ? "[%s]:%u:" : "%s:%u:", name,
                     (unsigned)place->port);
    if (n < 0 || (size_t)n >= sizeof line)
        return -1;
    n = snprintf(line + n, sizeof line - (size_t)n, is_ipv6 ? "[%s]:%u" : "%s:%u", place->host,
                 (unsigned)place->port);
    CURLU *url = curl_url();
    int rc = n >= 0 && url && !curl_url_set(url, CURLUPART_URL, transfer->url, 0) &&
                     !curl_url_set(url, CURLUPART_HOST, name, 0) &&
                     !curl_url_get(url, CURLUPART_URL, ret, 0)
                 ? 0
                 : -1;
    curl_url_cleanup(url);
    return rc ? -1 : add_line(&transfer->connect_to, line);
}

static int apply_place(transfer_t *transfer, bool is_renamed)
{
    char *url = NULL;
    curl_slist_free_all(transfer->connect_to);
    transfer->connect_to = NULL;
    if (is_renamed && rename_server(transfer, transfer->settings->tls.server_name, &url)) {
        curl_free(url);
        return -1;
    }
    CURL *easy = transfer->easy;
    CURLcode code = curl_easy_setopt(easy, CURLOPT_URL, url ? url : transfer->url);
    curl_free(url);
    curl_easy_setopt(easy, CURLOPT_CONNECT_TO, transfer->connect_to);
    curl_easy_setopt(easy, CURLOPT_RESOLVE, transfer->addresses);
    return code ? -1 : 0;
}

int curl_request_apply(transfer_t *transfer)
{
    bool is_renamed = transfer->settings->tls.server_name && transfer->place.is_https &&
                      transfer_is_at_origin(transfer);
    apply_method(transfer);
    apply_credentials(transfer);
    curl_tls_clear(transfer);
    if (curl_tls_is_used(transfer))
        apply_tls(transfer);
    apply_connection(transfer);
    apply_rest(transfer);
    if (apply_source(transfer) || apply_place(transfer, is_renamed))
        return -1;
    struct curl_slist *headers = NULL;
    int rc = make_headers(transfer, is_renamed, &headers);
    curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, headers);
    curl_slist_free_all(transfer->headers);
    transfer->headers = headers;
    return rc;
}

void curl_request_prepare(CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, ADDRESS_AGE_S);
    curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, CURL_IO_KEPT_AGE_S);
    curl_easy_setopt(easy, CURLOPT_NOPROXY, ""); /* curl_route.c decides */
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(easy, CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE);
    curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
    curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, AUTHORITIES_AGE_S);
    /* Each check verifies the certificate, and its time is that of a whole handshake. */
    curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
    curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
}
